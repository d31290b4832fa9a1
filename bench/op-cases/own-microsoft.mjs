/** Own cases of com.microsoft's operators on quantised tensors. */
import { fl, one } from "./spell.mjs";

const bytes = (n, lo = 0, hi = 255) => Array.from({ length: n }, (_, i) => lo + ((i * 37 + 11) % (hi - lo + 1)));
const signed = (n) => bytes(n, -128, 127);
const own = (op, name, operands, attrs, more) => one(`com.microsoft::${op}`, name, operands, attrs, more);

/** Levels of two tensors of both types, with and without zero points, one stretched to the other. */
const binary = ["QLinearAdd", "QLinearMul"].flatMap((op) => [
  own(
    op,
    "u8",
    "a: u8[2,6], p: f32[]{0.1}, q: u8[]{100}, b: u8[6], r: f32[]{0.07}, s: u8[]{31}, t: f32[]{0.2}, u: u8[]{90}",
    {},
    { inputs: { a: bytes(12), b: bytes(6, 3) } },
  ),
  own(
    op,
    "i8",
    "a: i8[2,1,3], p: f32[]{0.5}, q: i8[]{-3}, b: i8[4,1], r: f32[]{0.25}, s: i8[]{7}, t: f32[]{1.0}, u: i8[]{1}",
    {},
    { inputs: { a: signed(6), b: signed(4) } },
  ),
  // onnxruntime's inference wants zero points that its schema lets be absent.
  own(
    op,
    "bare",
    "a: u8[4], p: f32[]{0.1}, _, b: u8[4], r: f32[]{0.07}, _, t: f32[]{0.2}",
    {},
    {
      inputs: { a: [11, 48, 85, 122], b: [14, 51, 88, 125] },
      expect: [{ dtype: "u8", shape: [4], data: op === "QLinearAdd" ? [10, 42, 73, 105] : [5, 86, 255, 255] }],
    },
  ),
]);

const unary = (op, attrs = {}, dims = [2, 6], scale = "0.1") => {
  const n = dims.reduce((a, b) => a * b, 1);
  return [
    own(op, "u8", `x: u8[${dims}], p: f32[]{${scale}}, q: u8[]{100}, r: f32[]{0.00390625}, s: u8[]{0}`, attrs, { inputs: { x: bytes(n) } }),
    own(op, "i8", `x: i8[${dims}], p: f32[]{${scale}}, q: i8[]{-3}, r: f32[]{0.00390625}, s: i8[]{-128}`, attrs, {
      inputs: { x: signed(n) },
    }),
  ];
};
const activations = [
  ...unary("QLinearSigmoid"),
  // onnxruntime's process ends where zero points are absent here.
  own(
    "QLinearSigmoid",
    "bare",
    "x: u8[6], p: f32[]{0.02}, _, r: f32[]{0.01}",
    {},
    { inputs: { x: [11, 48, 85, 122, 159, 196] }, expect: [{ dtype: "u8", shape: [6], data: [55, 72, 85, 92, 96, 98] }] },
  ),
  ...unary("QLinearLeakyRelu", { alpha: 0.2 }, [12], "0.001"),
  own(
    "QLinearLeakyRelu",
    "default",
    "x: i8[6], p: f32[]{0.02}, _, r: f32[]{0.01}",
    {},
    { inputs: { x: [-117, -80, -43, -6, 31, 68] }, expect: [{ dtype: "i8", shape: [6], data: [-2, -2, -1, 0, 62, 127] }] },
  ),
  ...unary("QLinearSoftmax", { opset: 13 }),
  ...unary("QLinearSoftmax", { opset: 13, axis: 0 }, [3, 4], "0.02").map((c) => ({ ...c, name: `${c.name}-0` })),
  ...unary("QLinearSoftmax", { opset: 12, axis: 1 }, [2, 2, 3], "0.02").map((c) => ({ ...c, name: `${c.name}-flat` })),
];

const plain = (t) => `p: f32[]{0.1}, q: ${t}[]{${t === "u8" ? 100 : -3}}, r: f32[]{0.13}, s: ${t}[]{${t === "u8" ? 90 : 5}}`;
const window = { kernel_shape: [2, 3], strides: [2, 1] };
const folds = [
  own("QLinearGlobalAveragePool", "u8", `x: u8[2,3,2,3], ${plain("u8")}`, {}, { inputs: { x: bytes(36) } }),
  own("QLinearGlobalAveragePool", "last", `x: i8[2,2,3,3], ${plain("i8")}`, { channels_last: 1 }, { inputs: { x: signed(36) } }),
  own("QLinearAveragePool", "u8", `x: u8[1,2,4,5], ${plain("u8")}`, window, { inputs: { x: bytes(40) } }),
  own("QLinearAveragePool", "pads", `x: i8[1,2,4,5], ${plain("i8")}`, { ...window, pads: [1, 0, 0, 1] }, { inputs: { x: signed(40) } }),
  own(
    "QLinearAveragePool",
    "counted",
    `x: u8[1,1,5,5], ${plain("u8")}`,
    { ...window, pads: [1, 0, 0, 1], count_include_pad: 1 },
    { inputs: { x: bytes(25) } },
  ),
  own(
    "QLinearAveragePool",
    "overhang",
    `x: u8[1,1,3,3], ${plain("u8")}`,
    { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1, count_include_pad: 1 },
    { inputs: { x: bytes(9) } },
  ),
  own(
    "QLinearAveragePool",
    "last",
    `x: u8[1,4,4,2], ${plain("u8")}`,
    { ...window, channels_last: 1, auto_pad: "SAME_LOWER" },
    { inputs: { x: bytes(32) } },
  ),
  // onnxruntime has a name for it and no kernel: (levels - 2) * 0.5, their means, over 0.25, plus 10.
  own(
    "QLinearReduceMean",
    "axes",
    "x: u8[2,3], p: f32[]{0.5}, q: u8[]{2}, r: f32[]{0.25}, s: u8[]{10}",
    { axes: [1], keepdims: 0 },
    { inputs: { x: [2, 4, 6, 10, 10, 13] }, expect: [{ dtype: "u8", shape: [2], data: [14, 28] }] },
  ),
  own(
    "QLinearReduceMean",
    "all",
    "x: i8[2,2], p: f32[]{0.5}, _, r: f32[]{0.25}",
    {},
    { inputs: { x: [-4, 2, 8, 6] }, expect: [{ dtype: "i8", shape: [1, 1], data: [6] }] },
  ),
  own(
    "QLinearConcat",
    "u8",
    "r: f32[]{0.1}, s: u8[]{7}, a: u8[2,2], p: f32[]{0.2}, q: u8[]{100}, b: u8[2,3], t: f32[]{0.1}, u: u8[]{7}",
    { axis: 1 },
    { inputs: { a: bytes(4), b: bytes(6) } },
  ),
  own(
    "QLinearConcat",
    "i8",
    "r: f32[]{0.1}, s: i8[]{-7}, a: i8[2,2], p: f32[]{0.2}, q: i8[]{10}, b: i8[1,2], t: f32[]{0.05}, u: i8[]{0}",
    { axis: -2 },
    { inputs: { a: signed(4), b: signed(2) } },
  ),
  own(
    "QLinearConcat",
    "odd",
    "r: f32[]{0.1}, s: u8[]{7}, a: u8[2], p: f32[]{0.2}",
    { axis: 0 },
    { inputs: { a: bytes(2) }, fails: "operator-rule" },
  ),
  own(
    "QLinearWhere",
    "u8",
    "c: bool[2,3], a: u8[3], p: f32[]{0.2}, q: u8[]{100}, b: u8[2,1], t: f32[]{0.1}, u: u8[]{7}, r: f32[]{0.3}, s: u8[]{50}",
    {},
    { inputs: { c: [1, 0, 0, 1, 1, 0], a: bytes(3), b: bytes(2) } },
  ),
];

const products = [
  own(
    "MatMulIntegerToFloat",
    "bare",
    "a: u8[2,3], b: i8[3,2], p: f32[]{0.1}, r: f32[]{0.2}",
    {},
    { inputs: { a: bytes(6), b: signed(6) } },
  ),
  own(
    "MatMulIntegerToFloat",
    "columns",
    "a: u8[2,2,3], b: u8[3,2], p: f32[]{0.1}, r: f32[2]{0.2, 0.05}, q: u8[]{100}, s: u8[2]{3, 200}, c: f32[2]{0.5, -1.0}",
    {},
    { inputs: { a: bytes(12), b: bytes(6) } },
  ),
  own(
    "MatMulIntegerToFloat",
    "rows",
    "a: u8[2,3], b: i8[3,2], p: f32[3]{0.1, 0.2, 0.3}, r: f32[]{0.2}",
    {},
    { inputs: { a: bytes(6), b: signed(6) }, fails: "operator-rule" },
  ),
  own(
    "DynamicQuantizeMatMul",
    "i8",
    "a: f32[2,3], b: i8[3,2], r: f32[]{0.2}",
    {},
    { inputs: { a: [-1, 0.5, 3, 2.25, 0.1, 1.3], b: signed(6) } },
  ),
  own(
    "DynamicQuantizeMatMul",
    "columns",
    "a: f32[2,3], b: u8[3,2], r: f32[2]{0.2, 0.05}, s: u8[2]{3, 200}, c: f32[2]{0.5, -1.0}",
    {},
    { inputs: { a: [-1, 0.5, 3, 2.25, 0.1, 1.3], b: bytes(6) } },
  ),
  ...[0, 1].flatMap((turned) => [
    own(
      "QGemm",
      `levels${turned}`,
      `a: u8[${turned ? "3,2" : "2,3"}], p: f32[]{0.1}, q: u8[]{100}, b: i8[${turned ? "2,3" : "3,2"}], r: f32[2]{0.2, 0.05}, s: i8[2]{0, 0}, c: i32[2]{500, -900}, t: f32[]{4.0}, u: u8[]{120}`,
      { transA: turned, transB: turned },
      { inputs: { a: bytes(6), b: signed(6) } },
    ),
    own(
      "QGemm",
      `floats${turned}`,
      `a: u8[${turned ? "3,2" : "2,3"}], p: f32[]{0.1}, q: u8[]{100}, b: u8[${turned ? "2,3" : "3,2"}], r: f32[]{0.2}, s: u8[]{30}`,
      { transA: turned, transB: turned, alpha: fl(0.5) },
      { inputs: { a: bytes(6), b: bytes(6) } },
    ),
  ]),
  own("FusedMatMul", "plain", "a: f32[2,3,4], b: f32[4,2]", { alpha: fl(0.5) }),
  own("FusedMatMul", "turned", "a: f32[2,4,3], b: f32[2,2,4]", { transA: 1, transB: 1 }),
  own("FusedMatMul", "batch", "a: f32[3,2,4], b: f32[4,2,5]", { transBatchA: 1, transBatchB: 1 }),
  own("FusedMatMul", "both", "a: f32[4,2,3], b: f32[5,2,4]", { transA: 1, transB: 1, transBatchA: 1, transBatchB: 1 }),
];

const scales = "s: f32[3,2]{0.1, 0.2, 0.5, 1.0, 0.25, 2.0}";
const tables = [
  ...[8, 4, 2].flatMap((bits) => {
    const each = 8 / bits;
    const table = `d: u8[3,${24 / each}]{${bytes(72 / each).join(", ")}}, i: i64[2,2]{2, 0, -1, 1}, ${scales}`;
    const zeros = Math.ceil(2 / each);
    const attrs = { bits, block_size: 16, quantize_axis: -1 };
    return [
      own("GatherBlockQuantized", `${bits}-none`, table, attrs),
      own("GatherBlockQuantized", `${bits}-zeros`, `${table}, z: u8[3,${zeros}]{${bytes(3 * zeros).join(", ")}}`, attrs),
    ];
  }),
  own("GatherBlockQuantized", "i4", `d: i4[3,24]{${bytes(72, -8, 7).join(", ")}}, i: i32[]{2}, ${scales}`, { block_size: 16 }),
  own(
    "GatherBlockQuantized",
    "u4",
    `d: u4[24,3]{${bytes(72, 0, 15).join(", ")}}, i: i32[2]{2, 0}, s: f32[2,3]{0.1, 0.2, 0.5, 1.0, 0.25, 2.0}, z: u4[2,3]{1, 2, 3, 4, 5, 6}`,
    { block_size: 16, gather_axis: 1, quantize_axis: 0 },
  ),
  own(
    "GatherBlockQuantized",
    "same-axis",
    `d: u4[3,24]{${bytes(72, 0, 15).join(", ")}}, i: i32[]{2}, ${scales}`,
    { block_size: 16, gather_axis: 1 },
    { fails: "operator-rule" },
  ),
  own(
    "GatherBlockQuantized",
    "bits",
    `d: u8[3,8]{${bytes(24).join(", ")}}, i: i32[]{2}, ${scales}`,
    { block_size: 16, bits: 3 },
    { fails: "operator-rule" },
  ),
];

const fused = [
  own("SkipLayerNormalization", "bare", "a: f32[2,3,4], b: f32[2,3,4], g: f32[4]"),
  own(
    "SkipLayerNormalization",
    "bias",
    "a: f32[2,3,4], b: f32[2,3,4], g: f32[4], c: f32[4], d: f32[4]",
    { epsilon: 0.001 },
    { outs: "y, _, _, t" },
  ),
];

export const microsoft = [...fused, ...binary, ...activations, ...folds, ...products, ...tables];
