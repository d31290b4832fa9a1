/** Printed kernels against the interpreter: the same kernel, the same inputs, on every architecture. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateDim } from "../../../src/base/dim.js";
import { decodeFloat, encodeFloat } from "../../../src/base/float-formats.js";
import type { TensorData } from "../../../src/base/tensor.js";
import { interpret } from "../../../src/kernel/interpret/interpret.js";
import type { Kernel } from "../../../src/kernel/tile.js";
import { chips } from "../../../targets/cann/caps.js";
import { printKernel } from "../../../targets/cann/print.js";
import { addRelu, extremeOfRows, scalarRoot, softmax } from "./kernels.js";
import { build, chipFlag, hasCompiler, type Program } from "./twin.js";

interface Case {
  readonly kernel: Kernel;
  readonly symbols: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, TensorData>>;
  readonly outputs: Readonly<Record<string, TensorData>>;
}

let seed = 1;
function random(): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return (seed / 2147483648) * 8 - 4;
}
const floats = (n: number) => Float32Array.from({ length: n }, random);
const halves = (n: number) => Uint16Array.from({ length: n }, () => encodeFloat("f16", random()));

/** Numbers with a NaN every now and then, and infinities beside them. */
const oddFloats = (n: number) => floats(n).map((x, i) => [x, NaN, Infinity, -Infinity][[101, 47, 43].findIndex((k) => i % k === 1) + 1]);

const cases: readonly Case[] = [
  ...[1, 31, 2048, 10007].map((n) => ({
    kernel: addRelu(),
    symbols: { n },
    inputs: { a: floats(n), b: floats(n) },
    outputs: { y: new Float32Array(n) },
  })),
  { kernel: addRelu("f16"), symbols: { n: 5001 }, inputs: { a: halves(5001), b: halves(5001) }, outputs: { y: new Uint16Array(5001) } },
  { kernel: scalarRoot(), symbols: { n: 77 }, inputs: { a: floats(77), b: floats(77) }, outputs: { y: new Float32Array(77) } },
  {
    kernel: softmax(),
    symbols: { rows: 40, cols: 6625, pitch: 6632 },
    inputs: { x: floats(40 * 6625) },
    outputs: { y: new Float32Array(40 * 6625) },
  },
  ...(["max", "min"] as const).flatMap((of) =>
    [1, 3, 601].map((rows) => ({
      kernel: extremeOfRows(of),
      symbols: { rows, cols: 5 },
      inputs: { a: oddFloats(rows * 5), b: oddFloats(rows * 5) },
      outputs: { y: new Float32Array(rows) },
    })),
  ),
];

const kernels = [...new Map(cases.map((c) => [c.kernel.name, c.kernel])).values()];

/** One chip an architecture: the others of each are the same but for their cores, which facts.test.ts holds to the twin's. */
const architectures = [...new Map(Object.entries(chips).map(([name, { arch }]) => [arch, name])).values()];

describe.skipIf(!hasCompiler()).each(architectures)("printed kernels on %s", (chip) => {
  let program: Program;
  beforeAll(() => {
    program = build(
      kernels.map((k) => {
        const { text, ints } = printKernel(onOneCore(k, chip), chips[chip]);
        return { name: k.name, text, pointers: k.buffers.length, ints: ints.length };
      }),
      [chipFlag(chip)],
    );
  });
  afterAll(() => program?.dispose());

  test.each(cases.map((c) => [`${c.kernel.name} ${JSON.stringify(c.symbols)}`, c] as const))("%s", (_, c) => {
    const kernel = onOneCore(c.kernel, chip);
    const expected = Object.fromEntries(Object.entries(c.outputs).map(([name, data]) => [name, data.slice() as TensorData]));
    interpret(kernel, { ...c.inputs, ...expected }, c.symbols, chips[chip].caps);
    const buffers = c.kernel.buffers.map((b) => ({ data: c.inputs[b.name] ?? c.outputs[b.name], output: b.name in c.outputs }));
    const work = evaluateDim(kernel.parallelism, c.symbols);
    const blocks = Math.min(work, chips[chip].caps.cores);
    const taken = printKernel(kernel, chips[chip]).ints;
    const ints = c.kernel.ints.filter((i) => taken.includes(i.name)).map((i) => evaluateDim(i.value, c.symbols));
    const got = program.run(c.kernel.name, blocks, buffers, ints);
    expect(got.violation).toBeUndefined();
    expect(got.status).toBe(0);
    c.kernel.buffers.forEach((b, i) => {
      if (!(b.name in c.outputs)) return;
      compare(got.outputs[i], expected[b.name]);
    });
  });
});

/** These kernels' rows end inside a granule: where DMA writes whole granules, a schedule gives such work to one core. */
function onOneCore(kernel: Kernel, chip: string): Kernel {
  if (chips[chip].caps.dma.storeGranule === 1) return kernel;
  const alone = kernel.body.map((s) => (s.op === "pipeline" ? { ...s, over: "serial" as const } : s));
  return { ...kernel, body: alone, parallelism: 1 };
}

function compare(bytes: Uint8Array, want: TensorData): void {
  const half = want instanceof Uint16Array;
  const got = half ? new Uint16Array(bytes.slice().buffer) : new Float32Array(bytes.slice().buffer);
  expect(got.length).toBe(want.length);
  const value = (x: number) => (half ? decodeFloat("f16", x) : x);
  let worst = 0;
  got.forEach((x, i) => {
    const [a, b] = [value(x), value(want[i] as number)];
    if (!(Object.is(a, b) || a === b))
      worst = Math.max(worst, Math.abs(a - b) / Math.max(1e-3, Math.abs(b)), Number.isNaN(a) !== Number.isNaN(b) ? Infinity : 0);
  });
  expect(worst).toBeLessThan(half ? 2e-3 : 2e-5);
}
