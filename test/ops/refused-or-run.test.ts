/** Models that were refused though sound, and models that ended in an internal error though wrong, one a kind. */
import { expect, test } from "vitest";
import type { onnx } from "onnx-proto";
import { compile } from "../../src/api/compile.js";
import { importOnnx } from "../../src/api/import.js";
import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { dtypes, type DType } from "../../src/base/dtype.js";
import type { Tensor } from "../../src/base/tensor.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { importModelSpec, info, intAttr, intsAttr, modelBytes, node, textAttr, weights, type ModelSpec } from "../onnx/build-model.js";

function run(spec: ModelSpec, inputs: readonly Tensor[]): readonly number[] {
  const { graph } = importModelSpec(spec, { catalogue });
  const [out] = evaluateGraph(graph, catalogue, new Map(graph.inputs.map((v, i) => [v, inputs[i]]))).values();
  return [...toNumbers(out)];
}

const f32 = (shape: readonly number[], values: readonly number[]): Tensor => fromNumbers("f32", shape, [...values]);
const near = (got: readonly number[], want: readonly number[], atol = 1e-5): void => {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => expect(Math.abs(x - want[i]), `element ${i}`).toBeLessThanOrEqual(atol));
};

test.each([17, 20])("the inverse DFT of opset %i gives complex values back", (opset) => {
  const n = 6;
  const signal = Array.from({ length: 2 * n }, (_, i) => Math.sin(i * 1.7));
  const spectrum = Array.from({ length: n }, (_, k) =>
    Array.from({ length: n }, (_, j) => {
      const angle = (-2 * Math.PI * j * k) / n;
      const [re, im] = [signal[2 * j], signal[2 * j + 1]];
      return [re * Math.cos(angle) - im * Math.sin(angle), re * Math.sin(angle) + im * Math.cos(angle)];
    }).reduce((a, b) => [a[0] + b[0], a[1] + b[1]]),
  ).flat();
  const dft = node("DFT", ["x"], ["y"], [intAttr("inverse", 1)]);
  near(run({ opset, graph: { input: [info("x", [1, n, 2])], output: [info("y")], node: [dft] } }, [f32([1, n, 2], spectrum)]), signal);
});

test("STFT takes real samples of rank 2 as onnxruntime does", () => {
  const stft = (dims: number[]): ModelSpec => ({
    graph: {
      input: [info("x", dims)],
      output: [info("y")],
      initializer: [
        { name: "step", dims: [], dataType: 7, int64Data: [2] },
        { name: "length", dims: [], dataType: 7, int64Data: [4] },
      ],
      node: [node("STFT", ["x", "step", "", "length"], ["y"])],
    },
  });
  const samples = Array.from({ length: 10 }, (_, i) => Math.cos(i));
  near(run(stft([1, 10]), [f32([1, 10], samples)]), run(stft([1, 10, 1]), [f32([1, 10, 1], samples)]), 0);
});

test.each(["bool", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "f16", "f32"] as const)(
  "Trilu and CenterCropPad of %s",
  (dtype: DType) => {
    const code = dtypes[dtype].onnx;
    const ones = fromNumbers(dtype, [2, 2], [1, 1, 1, 1]);
    const graph = { input: [info("x", [2, 2], code)], output: [info("y", undefined, code)] };
    expect(run({ graph: { ...graph, node: [node("Trilu", ["x"], ["y"])] } }, [ones])).toEqual([1, 1, 0, 1]);
    const to = { name: "to", dims: [2], dataType: 7, int64Data: [2, 3] };
    const padded = { ...graph, initializer: [to], node: [node("CenterCropPad", ["x", "to"], ["y"])] };
    expect(run({ opset: 18, graph: padded }, [ones])).toEqual([1, 1, 0, 1, 1, 0]);
  },
);

const f = (name: string, dims: number[]) => info(name, dims);
const model = (inputs: onnx.IValueInfoProto[], nodes: onnx.INodeProto[], more: Partial<onnx.IGraphProto> = {}, opset = 19): ModelSpec => ({
  opset,
  graph: { input: inputs, output: [info("y")], node: nodes, ...more },
});

/** What follows a rule that the model breaks must be that rule's diagnostic. */
test.each<[string, string, ModelSpec]>([
  ["a filter of too few axes", "operator-rule", model([f("x", [1, 2, 4]), f("w", [2])], [node("Conv", ["x", "w"], ["y"])])],
  [
    "strides for too few axes",
    "operator-rule",
    model([f("x", [1, 1, 4, 4]), f("w", [1, 1, 2, 2])], [node("Conv", ["x", "w"], ["y"], [intsAttr("strides", [1])])]),
  ],
  ["a window of rank 1", "operator-rule", model([f("x", [4])], [node("AveragePool", ["x"], ["y"], [intsAttr("kernel_shape", [2, 2])])])],
  [
    "pads that cut a pooled tensor",
    "operator-rule",
    model([f("x", [1, 1, 4])], [node("AveragePool", ["x"], ["y"], [intsAttr("kernel_shape", [2]), intsAttr("pads", [-1, 0])])]),
  ],
  ["a product of scalars", "operator-rule", model([f("x", []), f("w", [2])], [node("MatMul", ["x", "w"], ["y"])])],
  [
    "a group that does not divide",
    "type-mismatch",
    model([f("x", [1, 1, 3, 3]), f("w", [1, 2, 3, 3])], [node("ConvTranspose", ["x", "w"], ["y"], [intAttr("group", 3)])]),
  ],
  ["no operand where one is needed", "missing-input", model([], [node("Mean", [], ["y"])])],
  [
    "a negative scale",
    "operator-rule",
    model([f("x", [4])], [node("Resize", ["x", "", "s"], ["y"], [textAttr("mode", "linear")])], { initializer: [weights("s", [1], [-2])] }),
  ],
  [
    "a batch beyond the rank",
    "operator-rule",
    model([f("x", [2, 2]), info("i", [2, 1], 7)], [node("GatherND", ["x", "i"], ["y"], [intAttr("batch_dims", 9)])]),
  ],
  [
    "outputs that the attributes turn off",
    "invalid-node",
    model(
      ["x", "s", "b", "m", "v"].map((n) => f(n, n === "x" ? [1, 2, 3] : [2])),
      [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y", "mean"])],
    ),
  ],
  ["fewer parts than outputs", "operator-rule", model([f("x", [4])], [node("Split", ["x"], ["y", "z"], [intAttr("num_outputs", 1)])])],
  [
    "indices of another rank",
    "type-mismatch",
    model([f("x", [1, 5]), info("i", [], 7), f("u", [1, 2])], [node("ScatterElements", ["x", "i", "u"], ["y"], [intAttr("axis", 1)])]),
  ],
  ["axes to drop of a scalar", "operator-rule", model([f("x", [])], [node("Squeeze", ["x"], ["y"], [intsAttr("axes", [0])])], {}, 11)],
  [
    "an axis far out to broadcast from",
    "opset-upgrade",
    model([f("x", [2, 3]), f("b", [3])], [node("Add", ["x", "b"], ["y"], [intAttr("broadcast", 1), intAttr("axis", -(2 ** 40))])], {}, 6),
  ],
  [
    "pads that leave nothing to unpool to",
    "extent-mismatch",
    model(
      [f("x", [1, 1, 1, 1]), info("i", [1, 1, 1, 1], 7)],
      [node("MaxUnpool", ["x", "i"], ["y"], [intsAttr("kernel_shape", [2, 2]), intsAttr("pads", [2, 2, 2, 2])])],
    ),
  ],
  [
    "a known index outside",
    "extent-mismatch",
    model([f("x", [3])], [node("Gather", ["x", "i"], ["y"])], {
      initializer: [{ name: "i", dims: [2], dataType: 7, int64Data: [0, 4] }],
    }),
  ],
  ["a node without an output", "node-without-output", model([f("x", [2])], [node("Relu", ["x"], []), node("Relu", ["x"], ["y"])])],
])("%s: %s", async (_, code, spec) => {
  const { diagnostics } = await importOnnx(modelBytes(spec));
  expect(diagnostics.filter((d) => d.severity === "error").map((d) => d.code)).toEqual([code]);
});

test("a weight that is an output too stays f32 where storage is fp16", async () => {
  const spec = model([f("x", [2, 3])], [node("MatMul", ["x", "w"], ["y"])], {
    output: [info("y"), info("w")],
    initializer: [weights("w", [3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])],
  });
  const result = await compile(modelBytes(spec), { target: "bang", precision: "fp16" });
  expect(result.diagnostics).toEqual([]);
});

test.each(["cann", "bang", "kunlun"])("scales that are data are refused on %s, whatever the output is declared to be", async (target) => {
  const resize = node(
    "Resize",
    ["x", "", "s"],
    ["y"],
    [textAttr("mode", "nearest"), textAttr("nearest_mode", "floor"), textAttr("coordinate_transformation_mode", "asymmetric")],
  );
  const declared = { output: [info("y", [1, 1, 4, 8])] };
  const sized = { ...resize, input: ["x", "", "", "s"] };
  const specs = [
    [model([f("x", [1, 1, 2, 4]), f("s", [4])], [resize], declared), "shaping-operand-unknown"],
    [model([f("x", [1, 1, 2, 4]), info("s", [4], 7)], [sized], declared), "data-dependent-shape"],
    [model([info("x", ["N", 1, 2, 4]), info("s", [4], 7)], [sized], { output: [info("y", ["N", 1, 4, 8])] }), "data-dependent-shape"],
  ] as const;
  for (const [spec, code] of specs) {
    const { diagnostics } = await compile(modelBytes(spec), { target });
    expect(diagnostics.filter((d) => d.severity === "error").map((d) => d.code)).toEqual([code]);
  }
});

test("a transposed convolution that pads itself wants its filter's extents", async () => {
  const attrs = [textAttr("auto_pad", "SAME_UPPER"), intsAttr("strides", [1, 2])];
  const spec = model([f("x", [1, 1, 3, 3]), info("w", [1, 2, "m", 3])], [node("ConvTranspose", ["x", "w"], ["y"], attrs)]);
  const { diagnostics } = await compile(modelBytes(spec), { target: "bang" });
  expect(diagnostics.filter((d) => d.severity === "error").map((d) => d.code)).toEqual(["dynamic-extent"]);
});
