/** Small models that differ, with five broken ones among them, written by onnx-proto, which shares no line with the reader. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;

const info = (name, dims) => ({ name, type: { tensorType: { elemType: 1, shape: { dim: dims.map((d) => ({ dimValue: d })) } } } });
const node = (opType, input, output, more = {}) => ({ opType, input, output, ...more });

function bytes(graph, opsets = [{ domain: "", version: 17 }]) {
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport: opsets, graph: { name: "g", ...graph } });
  return onnx.ModelProto.encode(model).finish();
}

const unary = ["Relu", "Exp", "Neg", "Sigmoid", "Tanh", "Abs", "Sqrt", "Floor"];

/** `MatMul`, a bias, then a few functions: shapes, weights and operators follow from the number. */
function sound(i) {
  const [rows, inner, columns] = [2 + (i % 5), 4 + (i % 7), 3 + (i % 11)];
  const weights = Float32Array.from({ length: inner * columns }, (_, k) => ((k * 37 + i) % 17) / 16 - 0.5);
  const length = 1 + (i % 4);
  const chain = Array.from({ length }, (_, k) =>
    node(unary[(i + k) % unary.length], [k === 0 ? "s" : `a${k}`], [k + 1 === length ? "y" : `a${k + 1}`]),
  );
  return bytes({
    input: [info("x", [rows, inner]), info("b", [rows, columns])],
    output: [info("y", [rows, columns])],
    initializer: [{ name: "w", dims: [inner, columns], dataType: 1, rawData: new Uint8Array(weights.buffer) }],
    node: [node("MatMul", ["x", "w"], ["h"]), node("Add", ["h", "b"], ["s"]), ...chain],
  });
}

const two = [info("x", [2])];
const broken = {
  "cut-off": () => sound(3).subarray(0, 90),
  "unknown-operator": () =>
    bytes({ input: two, output: [info("y", [2])], node: [node("Frobnicate", ["x"], ["y"], { domain: "com.example", name: "frob" })] }, [
      { domain: "", version: 17 },
      { domain: "com.example", version: 1 },
    ]),
  "shapes-contradict": () =>
    bytes({ input: [info("x", [2, 3]), info("z", [2, 3])], output: [info("y", [2, 3])], node: [node("MatMul", ["x", "z"], ["y"])] }),
  empty: () => new Uint8Array(),
  cyclic: () =>
    bytes({
      input: two,
      output: [info("y", [2])],
      node: [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Neg", ["b"], ["y"])],
    }),
};

export const brokenNames = Object.keys(broken).map((name) => `${name}.onnx`);

/** Writes `count` models in all below a folder, in folders of twenty. */
export function writeModels(folder, count) {
  const write = (path, content) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [name, content] of Object.entries(broken)) write(`${name}.onnx`, content());
  for (let i = 0; i < count - brokenNames.length; i++) write(join(`group-${Math.floor(i / 20)}`, `model-${i}.onnx`), sound(i));
}
