/** What one refusal hides is asked all the same: the rest of a model without its unknown operators. */
import { expect, test } from "vitest";
import { assessModel } from "../../src/api/assess.js";
import type { ChipReport } from "../../src/assess/report.js";
import { info, modelBytes, node } from "../onnx/build-model.js";
import { operator } from "./models.js";

async function chipOf(bytes: Uint8Array): Promise<ChipReport> {
  const { report } = await assessModel(bytes, { chips: ["Ascend910B2"] });
  if (!report) throw new Error("no report");
  return report.chips[0];
}

const hows = ({ ways, nodes = [] }: ChipReport): string[] => nodes.map((at) => ways[at].how);

test("nodes in front of an unknown operator and behind it are carried out", async () => {
  const chip = await chipOf(operator("Strange", { domain: "com.nobody" }));
  expect(hows(chip)).toEqual(["kernel", "refused", "kernel"]);
  expect(chip.coverage).toMatchObject({ nodes: 2 / 3, operators: 1 / 2, flops: null });
  expect(chip.verdict).toBe("kernels");
  // A time without the operator in the middle would be none of this model's.
  expect([chip.steps, chip.memory, chip.performance]).toEqual([[], null, null]);
});

test("what stands behind a result of unknown rank is undecided", async () => {
  const graph = {
    input: [info("x", [4])],
    output: [info("y")],
    node: [node("Relu", ["x"], ["a"]), { ...node("Strange", ["a"], ["b"]), domain: "com.nobody" }, node("Relu", ["b"], ["y"])],
  };
  const opsetImport = [
    { domain: "", version: 17 },
    { domain: "com.nobody", version: 1 },
  ];
  expect(hows(await chipOf(modelBytes({ graph, more: { opsetImport } })))).toEqual(["kernel", "refused", "undecided"]);
});

test("a type that no kernel computes is refused where it is met, and nowhere else", async () => {
  const cast = (from: string, to: string, code: number) => node("Cast", [from], [to], [{ name: "to", type: 2, i: code }]);
  const graph = {
    input: [info("x", [4])],
    output: [info("y", [4])],
    node: [node("Relu", ["x"], ["a"]), cast("a", "b", 11), node("Sin", ["b"], ["c"]), cast("c", "d", 1), node("Relu", ["d"], ["y"])],
  };
  const chip = await chipOf(modelBytes({ graph }));
  expect(hows(chip)).toEqual(["kernel", "refused", "refused", "refused", "kernel"]);
  expect(chip.verdict).toBe("rewrites");
});

test("a model that is too large for a card is blocked, and its nodes are told all the same", async () => {
  const graph = {
    input: [info("x", [1 << 20, 1 << 16])],
    output: [info("y", [1 << 20, 1 << 16])],
    node: [node("Relu", ["x"], ["y"])],
  };
  const chip = await chipOf(modelBytes({ graph }));
  expect(chip.diagnostics.map((d) => d.code)).toEqual(["device-memory-exceeded"]);
  expect([chip.verdict, ...hows(chip)]).toEqual(["blocked", "kernel"]);
  expect(chip.memory?.devices).toBeGreaterThan(1);
});

/** An output whose extents its values decide, and an operator that nobody knows. */
function twoGaps(): Uint8Array {
  const graph = {
    input: [info("x", [4])],
    output: [info("y", [4]), info("z", [1, "k"], 7)],
    node: [{ ...node("Strange", ["x"], ["y"]), domain: "com.nobody" }, node("NonZero", ["x"], ["z"])],
  };
  const opsetImport = [
    { domain: "", version: 17 },
    { domain: "com.nobody", version: 1 },
  ];
  return modelBytes({ graph, more: { opsetImport } });
}

test("what is to be done about a refused node is its own need, whatever the verdict", async () => {
  const { report } = await assessModel(twoGaps(), { chips: ["Ascend910B2"] });
  const must = (report?.work ?? []).filter((w) => w.mandatory);
  expect(report?.chips[0].verdict).toBe("kernels");
  expect(must.map((w) => [w.kind, w.what.with?.["op"]])).toEqual([
    ["kernel", "com.nobody::Strange"],
    ["rewrite", "NonZero"],
  ]);
});
