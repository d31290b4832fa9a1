/** Equal kernels become one; what differs in offsets alone is told at the launch; every launch computes what it did. */
import { expect, test } from "vitest";
import { planUnits } from "../../src/kernel/group/group.js";
import { interpret } from "../../src/kernel/interpret/interpret.js";
import type { Kernel } from "../../src/kernel/tile.js";
import type { Value } from "../../src/ir/graph.js";
import { shareKernels } from "../../src/plan/share-kernels.js";
import { plannedChips, randomTensor, Sketch } from "../kernel/plan-helpers.js";
import { compileText } from "./compile-text.js";

const [caps] = plannedChips;
const width = 40;

/** tanh of each row, one kernel a row; the last also doubles it. */
function rowsApart(rows: number): { readonly kernels: readonly Kernel[]; readonly outputs: readonly Value[] } {
  const s = new Sketch();
  const x = s.input("f32", [rows, width]);
  const outputs = Array.from({ length: rows }, (_, r) => {
    const row = s.apply("slice", [x], { starts: [r, 0], sizes: [1, width], steps: [1, 1] });
    const y = s.apply("tanh", [row]);
    return r === rows - 1 ? s.apply("mul", [y, s.scalar(2, [1, width])]) : y;
  });
  const units = planUnits(s.graph(...outputs), { caps, isLibrary: () => false, ranges: () => undefined, prefix: "k_" });
  return { kernels: units.flatMap((u) => (u.kind === "kernels" ? u.kernels.map((k) => k.kernel) : [])), outputs };
}

test("kernels that read elsewhere are one with a parameter, another computation stays another", () => {
  const { kernels } = rowsApart(5);
  const shared = shareKernels(kernels, caps);
  const names = kernels.map((k) => shared.get(k)?.name);
  expect(new Set(names).size).toBe(2);
  expect(names.slice(0, 4)).toEqual(Array<string>(4).fill(kernels[0].name));
  const bodies = new Set(kernels.slice(0, 4).map((k) => JSON.stringify(shared.get(k)?.body)));
  expect(bodies.size).toBe(1);
});

test("each launch computes what its own kernel did", () => {
  const { kernels } = rowsApart(4);
  const shared = shareKernels(kernels, caps);
  const x = randomTensor("f32", [4, width]);
  for (const kernel of kernels) {
    const run = (k: Kernel): Float32Array => {
      const y = new Float32Array(width);
      interpret(k, Object.fromEntries(k.buffers.map((b) => [b.name, b.access === "read" ? x.data : y])), {}, caps);
      return y;
    };
    expect(run(shared.get(kernel) ?? kernel)).toEqual(run(kernel));
  }
});

test("a launch that would take too many arguments keeps its own kernel", () => {
  const { kernels } = rowsApart(4);
  const shared = shareKernels(kernels, { ...caps, maxArgs: kernels[0].buffers.length + kernels[0].ints.length });
  expect(new Set(kernels.map((k) => shared.get(k)?.name)).size).toBe(4);
});

test("an unrolled recurrent layer has few kernels, and its weights once", async () => {
  const layer = "h = LSTM(x: f32[24,1,12], w: f32[1,64,12]!, r: f32[1,64,16]!, b: f32[1,128]!, hidden_size=16)\n y = Relu(h)";
  const { plan } = await compileText(layer);
  expect(plan.program.kernels.length).toBeLessThan(16);
  const elements = [...plan.constants.values()].reduce((sum, c) => sum + c.shape.reduce((a, b) => a * b, 1), 0);
  expect(elements).toBeLessThanOrEqual(64 * 12 + 64 * 16 + 128 + 256);
});
