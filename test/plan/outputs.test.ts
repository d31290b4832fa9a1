/** Outputs that are inputs, initializers or listed twice get bytes of their own and keep the names callers ask for. */
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.js";
import { info, modelBytes, node, weights } from "../onnx/build-model.js";
import { requireWritten } from "../../src/program/written.js";
import { compileText } from "./compile-text.js";

async function boundary(graph: Parameters<typeof modelBytes>[0]["graph"]): Promise<{ inputs: string[]; outputs: string[]; own: boolean }> {
  const { compiled } = await compile(modelBytes({ graph }), { target: "bang" });
  if (!compiled) throw new Error("does not compile");
  const { buffers, inputs, outputs } = compiled.plan.program;
  const name = (id: number): string => buffers[id].name;
  const own = new Set([...inputs, ...outputs]).size === inputs.length + outputs.length;
  return { inputs: inputs.map(name), outputs: outputs.map(name), own: own && outputs.every((id) => buffers[id].home === "output") };
}

test("an input given back as an output is called the same on both sides", async () => {
  const relu = node("Relu", ["x"], ["y"]);
  const graph = { input: [info("x", [2, 3])], output: [info("y", [2, 3]), info("x", [2, 3])], node: [relu] };
  expect(await boundary(graph)).toEqual({ inputs: ["x"], outputs: ["y", "x"], own: true });
});

test("an int64 input given back keeps its name and its element type", async () => {
  const { compiled } = await compile(modelBytes({ graph: { input: [info("x", [3], 7)], output: [info("x", [3], 7)], node: [] } }), {
    target: "kunlun",
  });
  const { buffers, outputs } = compiled?.plan.program ?? { buffers: [], outputs: [] };
  expect(outputs.map((id) => [buffers[id].name, buffers[id].dtype])).toEqual([["x", "i64"]]);
});

test("an initializer given back keeps its name", async () => {
  const graph = {
    input: [info("x", [3])],
    output: [info("w", [3]), info("y", [3])],
    initializer: [weights("w", [3], [1, 2, 3])],
    node: [node("Add", ["x", "w"], ["y"])],
  };
  expect(await boundary(graph)).toEqual({ inputs: ["x"], outputs: ["w", "y"], own: true });
});

test("a product over no elements is written, though nothing is computed for it", async () => {
  const { plan } = await compileText('y = Einsum(x: f32[0], z: f32[0], equation="i,i->")', { prefer: "kernels" });
  expect(() => requireWritten(plan.program)).not.toThrow();
  expect(() => requireWritten({ ...plan.program, steps: [] })).toThrow('the program gives out "y", which no step has written');
});
