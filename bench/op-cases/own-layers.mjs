/** Own cases of layers: products, convolutions, pools, normalisations, quantisation, recurrence, attention, einsum, signals. */
import { combos, each, fl, named, one } from "./spell.mjs";

const bytes = (n, lo, hi) => Array.from({ length: n }, (_, i) => lo + ((i * 37 + 11) % (hi - lo + 1)));

const products = [
  one("MatMul", "broadcast", "a: f32[2,1,3,4], b: f32[5,4,2]"),
  one("MatMul", "vectors", "a: f32[4], b: f32[4]"),
  ...combos({ transA: [undefined, 1], transB: [undefined, 1], alpha: [undefined, fl(0.5)], beta: [undefined, fl(2), fl(0)] }).map((a) =>
    one("Gemm", named(a), `a: f32[${a.transA ? "4,3" : "3,4"}], b: f32[${a.transB ? "2,4" : "4,2"}], c: f32[2]`, a),
  ),
  one("Gemm", "no-c", "a: f32[3,4], b: f32[4,2]", { alpha: fl(2) }),
  one(
    "MatMulInteger",
    "zeros",
    "a: u8[2,3], b: i8[3,2], p: u8[]{7}, q: i8[]{-3}",
    {},
    { inputs: { a: bytes(6, 0, 255), b: bytes(6, -128, 127) } },
  ),
  one(
    "MatMulInteger",
    "rows",
    "a: u8[2,3], b: u8[3,2], p: u8[2]{7, 100}, q: u8[2]{3, 50}",
    {},
    { inputs: { a: bytes(6, 0, 255), b: bytes(6, 0, 255) }, self: true },
  ),
  one("MatMulInteger", "none", "a: u8[2,3], b: u8[3,2]", {}, { inputs: { a: bytes(6, 0, 255), b: bytes(6, 0, 255) } }),
];

/** Levels of 8, 4 and 2 bits in blocks, the last block of a row filled up; zero points packed, as floats, and none. */
const packedProducts = [
  [8, 1],
  [4, 2],
  [2, 4],
].flatMap(([bits, each]) => {
  const attrs = { K: 40, N: 3, bits, block_size: 16 };
  const b = bytes(3 * 3 * (16 / each), 0, 255);
  const operands = `a: f32[2,40], b: u8[3,3,${16 / each}], s: f32[3,3]`;
  const zeros = Math.ceil((3 * bits) / 8);
  return [
    one("com.microsoft::MatMulNBits", `${bits}-none`, operands, attrs, { inputs: { b } }),
    one("com.microsoft::MatMulNBits", `${bits}-zeros`, `${operands}, z: u8[3,${zeros}]`, attrs, {
      inputs: { b, z: bytes(3 * zeros, 0, 255) },
    }),
  ];
});

const window = { auto_pad: [undefined, "SAME_UPPER", "SAME_LOWER", "VALID"], strides: [undefined, [2, 1]], dilations: [undefined, [1, 2]] };
const convolutions = [
  ...combos(window).map((a) =>
    one("Conv", named(a), "x: f32[1,2,5,6], w: f32[2,2,3,2]", a, {
      self: a.dilations !== undefined && a.auto_pad !== undefined && a.auto_pad !== "VALID",
    }),
  ),
  ...combos({ strides: [undefined, [2, 3]], dilations: [undefined, [2, 1]] }).map((a) =>
    one("Conv", `pads-${named(a)}`, "x: f32[1,4,5,6], w: f32[2,2,3,2], b: f32[2]", { ...a, group: 2, pads: [1, 0, 2, 1] }),
  ),
  one("Conv", "line", "x: f32[2,2,7], w: f32[3,2,3], b: f32[3]", { pads: [2, 1], strides: [2] }),
  one("Conv", "volume", "x: f32[1,1,3,4,3], w: f32[1,1,2,2,2]", { auto_pad: "SAME_LOWER", strides: [1, 2, 1] }),
  one(
    "ConvInteger",
    "zeros",
    "x: u8[1,2,3,4], w: i8[2,1,2,2], p: u8[]{9}, q: i8[]{2}",
    { group: 2, pads: [1, 0, 0, 1], strides: [1, 2], dilations: [2, 1] },
    { inputs: { x: bytes(24, 0, 255), w: bytes(8, -128, 127) }, self: true },
  ),
  one("ConvInteger", "none", "x: u8[1,1,3,4], w: u8[1,1,2,2]", {}, { inputs: { x: bytes(12, 0, 255), w: bytes(4, 0, 255) } }),
  ...combos({
    strides: [undefined, [2, 3]],
    dilations: [undefined, [2, 1]],
    pads: [undefined, [1, 0, 0, 1]],
    output_padding: [undefined, [1, 0]],
  })
    .filter((a) => !a.output_padding || a.strides)
    .map((a) => one("ConvTranspose", named(a), "x: f32[1,2,3,2], w: f32[2,2,3,2], b: f32[2]", a)),
  ...["SAME_UPPER", "SAME_LOWER"].flatMap((auto_pad) => [
    one("ConvTranspose", `${auto_pad}`, "x: f32[1,1,3,2], w: f32[1,2,3,4]", { auto_pad, strides: [2, 1] }),
    one("ConvTranspose", `${auto_pad}-shape`, "x: f32[1,1,3,2], w: f32[1,1,3,4]", { auto_pad, strides: [2, 3], output_shape: [6, 6] }),
  ]),
  one("ConvTranspose", "shape", "x: f32[1,2,3,3], w: f32[2,2,3,3]", { strides: [3, 2], output_shape: [8, 6], group: 2 }),
  one("ConvTranspose", "group", "x: f32[1,4,3], w: f32[4,2,2]", { group: 2, strides: [2] }),
  one("CausalConvWithState", "none", "x: f32[1,2,4], w: f32[2,1,3], b: f32[2], p: f32[1,2,2]", {}, { outs: "y, s", self: true }),
];

const pooled = { kernel_shape: [[3, 2]], strides: [undefined, [2, 2]], pads: [undefined, [1, 1, 1, 0]], ceil_mode: [undefined, 1] };
const pools = [
  ...combos(pooled).flatMap((a) => [
    one("MaxPool", named(a), "x: f32[1,2,6,5]", a, { outs: "y, i" }),
    ...[undefined, 1].map((c) =>
      one("AveragePool", named({ ...a, ...(c && { count_include_pad: 1 }) }), "x: f32[1,2,6,5]", {
        ...a,
        ...(c && { count_include_pad: 1 }),
      }),
    ),
    ...[undefined, 1, 3].map((p) => one("LpPool", named({ ...a, ...(p && { p }) }), "x: f32[1,1,6,5]", { ...a, ...(p && { p }) })),
  ]),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].flatMap((auto_pad) =>
    ["MaxPool", "AveragePool"].map((op) =>
      one(op, auto_pad, "x: f32[1,1,5,6]", {
        auto_pad,
        kernel_shape: [3, 3],
        strides: [2, 2],
        ...(auto_pad === "VALID" ? {} : { ceil_mode: 1 }),
      }),
    ),
  ),
  ...["MaxPool", "AveragePool"].map((op) => one(op, "dilated", "x: f32[1,1,7,6]", { kernel_shape: [2, 3], dilations: [3, 2] })),
  one(
    "MaxPool",
    "columns",
    "x: f32[1,2,5,6]",
    { kernel_shape: [2, 3], strides: [2, 1], pads: [0, 1, 0, 1], dilations: [2, 1], storage_order: 1 },
    { outs: "y, i" },
  ),
  one(
    "MaxPool",
    "dilated-places",
    "x: f32[2,1,6,6]",
    { kernel_shape: [2, 2], strides: [2, 1], pads: [0, 1, 0, 1], dilations: [2, 3] },
    { outs: "y, i" },
  ),
  one("MaxPool", "line", "x: f32[1,3,8]", { kernel_shape: [3], strides: [2], pads: [1, 1] }, { outs: "y, i" }),
  one(
    "MaxPool",
    "nan",
    "x: f32[1,1,6]",
    { kernel_shape: [2] },
    { inputs: { x: [1, NaN, 2, 3, -1, -2] }, expect: [{ dtype: "f32", shape: [1, 1, 5], data: [NaN, NaN, 3, 3, -1] }] },
  ),
  ...[
    ["u8", 0, 255],
    ["i8", -128, 127],
  ].map(([type, lo, hi]) =>
    one("MaxPool", `${type}`, `x: ${type}[1,1,3,3]`, { kernel_shape: [2, 2], pads: [1, 1, 1, 1] }, { inputs: { x: bytes(9, lo, hi) } }),
  ),
  ...[
    ["i16", [-32768, -32767, -32768, -32768]],
    ["i32", [-(2 ** 31), -(2 ** 31) + 1, -(2 ** 31), -(2 ** 31)]],
    ["u16", [0, 1, 0, 0]],
    ["u32", [0, 1, 0, 0]],
  ].map(([type, x]) =>
    one(
      "MaxPool",
      `${type}`,
      `x: ${type}[1,1,4]`,
      { kernel_shape: [2], pads: [1, 0] },
      { inputs: { x }, expect: [{ dtype: type, shape: [1, 1, 4], data: [x[0], x[1], x[1], x[3]] }] },
    ),
  ),
  ...["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"].map((op) => one(op, "plane", "x: f32[2,2,3,2]")),
  one("GlobalLpPool", "one", "x: f32[1,2,5]", { p: 1 }),
  one("GlobalLpPool", "three", "x: f32[1,2,5]", { p: 3 }),
];

const positive = (n) => Array.from({ length: n }, (_, i) => ((i * 7) % 5) / 4 + 0.5);
const norms = [
  one("BatchNormalization", "one-axis", "x: f32[5], s: f32[1], b: f32[1], m: f32[1], v: f32[1]", {}, { inputs: { v: [0.5] } }),
  one("BatchNormalization", "default", "x: f32[2,3,2], s: f32[3], b: f32[3], m: f32[3], v: f32[3]", {}, { inputs: { v: [1e-4, 0.5, 2] } }),
  one(
    "BatchNormalization",
    "epsilon",
    "x: f32[2,3,2,2], s: f32[3], b: f32[3], m: f32[3], v: f32[3]",
    { epsilon: fl(0.1) },
    { inputs: { v: [0.01, 0.5, 2] } },
  ),
  one(
    "BatchNormalization",
    "training",
    "x: f32[2,3,2], s: f32[3], b: f32[3], m: f32[3], v: f32[3]",
    { training_mode: 1, momentum: fl(0.6) },
    { outs: "y, a, d", inputs: { v: positive(3) }, self: true },
  ),
  one(
    "BatchNormalization",
    "training-default",
    "x: f32[2,3,2], s: f32[3], b: f32[3], m: f32[3], v: f32[3]",
    { training_mode: 1, epsilon: fl(0.2) },
    { outs: "y, a, d", inputs: { v: positive(3) }, self: true },
  ),
  ...[undefined, fl(0.1)].map((epsilon) =>
    one("InstanceNormalization", `${epsilon?.text}`, "x: f32[2,2,3], s: f32[2], b: f32[2]", epsilon ? { epsilon } : {}, {
      inputs: { x: [1, 2, 3, 0.01, 0.02, 0.01, -1, 5, 2, 7, 7, 7.5] },
    }),
  ),
  ...combos({ axis: [undefined, 1, 0, -2], epsilon: [undefined, fl(0.1)] }).map((a) => {
    const dims = { undefined: "4", 1: "3,4", 0: "2,3,4", "-2": "3,4" }[a.axis];
    return one("LayerNormalization", named(a), `x: f32[2,3,4], s: f32[${dims}], b: f32[${dims}]`, a, { outs: "y, m, i" });
  }),
  one("LayerNormalization", "small", "x: f32[2,4], s: f32[4]", {}, { inputs: { x: [0.001, 0.002, 0.001, 0.003, 1, 2, 3, 4] } }),
  ...combos({ axis: [undefined, 1], epsilon: [undefined, fl(0.1)] }).map((a) =>
    one("RMSNormalization", named(a), `x: f32[2,3,4], s: f32[${a.axis ? "3,4" : "4"}]`, a),
  ),
  one("RMSNormalization", "small", "x: f32[2,3], s: f32[3]", {}, { inputs: { x: [0.001, 0.002, 0.001, 1, 2, 3] } }),
  ...[1, 2, 4].map((num_groups) => one("GroupNormalization", `g${num_groups}`, "x: f32[2,4,3], s: f32[4], b: f32[4]", { num_groups })),
  one("GroupNormalization", "epsilon", "x: f32[1,4,2,2], s: f32[4], b: f32[4]", { num_groups: 2, epsilon: fl(0.1) }),
  ...each("LpNormalization", "x: f32[2,3,4]", { axis: [undefined, 0, 1], p: [undefined, 1] }),
  one(
    "LpNormalization",
    "zeros",
    "x: f32[2,3]",
    {},
    { inputs: { x: [0, 0, 0, 3, 0, 4] }, expect: [{ dtype: "f32", shape: [2, 3], data: [0, 0, 0, 0.6, 0, 0.8] }] },
  ),
  one("LpNormalization", "p3", "x: f32[2,3]", { p: 3 }, { fails: "operator-rule" }),
  one("MeanVarianceNormalization", "default", "x: f32[2,2,2,3]"),
  one("MeanVarianceNormalization", "axes", "x: f32[2,3,4]", { axes: [0, 2] }),
  ...[1, 2, 3, 5].map((size) =>
    one("LRN", `size${size}`, "x: f32[1,5,2]", { size, alpha: fl(0.5), beta: fl(0.6), bias: fl(1.5) }, { self: true }),
  ),
  one("LRN", "default", "x: f32[1,4,1,2]", { size: 3 }, { inputs: { x: [100, 50, -70, 30, 20, 90, 110, 5] } }),
];

const levels = { x: [-200, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 100, 300, 7] };
const quantised = [
  ...[
    ["u8", "128"],
    ["i8", "-5"],
    ["i16", "3"],
    ["u16", "1000"],
  ].map(([t, z]) => one("QuantizeLinear", t, `x: f32[12], s: f32[]{0.5}, z: ${t}[]{${z}}`, {}, { inputs: levels })),
  one("QuantizeLinear", "plain", "x: f32[12], s: f32[]{0.7}", {}, { inputs: levels }),
  one("QuantizeLinear", "channels", "x: f32[2,3,2], s: f32[3]{0.5, 1.0, 2.0}, z: u8[3]{1, 2, 3}", {}, { inputs: levels }),
  one("QuantizeLinear", "last", "x: f32[2,3,2], s: f32[2]{0.5, 1.0}, z: i8[2]{1, -2}", { axis: -1 }, { inputs: levels }),
  one(
    "QuantizeLinear",
    "blocks",
    "x: f32[3,4], s: f32[3,2]{0.5, 1.0, 2.0, 0.25, 3.0, 0.1}, z: u8[3,2]{1, 2, 3, 4, 5, 6}",
    { block_size: 2 },
    { inputs: levels },
  ),
  one(
    "QuantizeLinear",
    "blocks0",
    "x: f32[4,3], s: f32[2,3]{0.5, 1.0, 2.0, 0.25, 3.0, 0.1}, z: u8[2,3]{1, 2, 3, 4, 5, 6}",
    { block_size: 2, axis: 0 },
    { inputs: levels },
  ),
  one(
    "QuantizeLinear",
    "last-block",
    "x: f32[4,3], s: f32[4,2]{0.5, 1.0, 2.0, 0.25, 3.0, 0.1, 1.5, 0.7}",
    { block_size: 2, axis: 1, output_dtype: 3 },
    { inputs: levels, self: true },
  ),
  one("QuantizeLinear", "out-type", "x: f32[12], s: f32[]{0.5}", { output_dtype: 3 }, { inputs: levels }),
  ...[
    ["u8", 0, 255, "128"],
    ["i8", -128, 127, "-5"],
  ].map(([t, lo, hi, z]) =>
    one("DequantizeLinear", t, `x: ${t}[12], s: f32[]{0.5}, z: ${t}[]{${z}}`, {}, { inputs: { x: bytes(12, lo, hi) } }),
  ),
  one("DequantizeLinear", "i32", "x: i32[12], s: f32[]{0.5}", {}, { inputs: { x: bytes(12, -1000, 1000) } }),
  one(
    "DequantizeLinear",
    "channels",
    "x: u8[2,3,2], s: f32[3]{0.5, 1.0, 2.0}, z: u8[3]{1, 2, 3}",
    {},
    { inputs: { x: bytes(12, 0, 255) } },
  ),
  one(
    "DequantizeLinear",
    "blocks",
    "x: i8[3,4], s: f32[3,2]{0.5, 1.0, 2.0, 0.25, 3.0, 0.1}, z: i8[3,2]{1, 2, 3, 4, 5, 6}",
    { block_size: 2 },
    { inputs: { x: bytes(12, -128, 127) } },
  ),
  ...[
    [-1, 0.5, 3, 2.25],
    [1, 2, 3, 4],
    [-4, -2, -1, -3],
    [0, 0, 0, 0],
    [-1.5, 0.1, 0.2, 1.3],
  ].map((x, i) => one("DynamicQuantizeLinear", `r${i}`, "x: f32[4]", {}, { inputs: { x }, outs: "y, s, z" })),
  one(
    "QLinearMatMul",
    "plain",
    "a: u8[2,3], p: f32[]{0.1}, q: u8[]{100}, b: u8[3,2], r: f32[]{0.2}, s: u8[]{30}, t: f32[]{0.5}, u: u8[]{20}",
    {},
    { inputs: { a: bytes(6, 0, 255), b: bytes(6, 0, 255) } },
  ),
  one(
    "QLinearMatMul",
    "columns",
    "a: u8[2,3], p: f32[]{0.1}, q: u8[]{100}, b: i8[3,2], r: f32[2]{0.2, 0.05}, s: i8[2]{3, -7}, t: f32[]{0.5}, u: u8[]{120}",
    {},
    { inputs: { a: bytes(6, 0, 255), b: bytes(6, -128, 127) } },
  ),
  one(
    "QLinearMatMul",
    "rows",
    "a: u8[2,3], p: f32[2]{0.1, 0.3}, q: u8[2]{100, 9}, b: u8[3,2], r: f32[2]{0.2, 0.1}, s: u8[2]{30, 5}, t: f32[2]{0.5, 4.0}, u: u8[2]{20, 7}",
    {},
    { inputs: { a: bytes(6, 0, 255), b: bytes(6, 0, 255) }, self: true },
  ),
  one(
    "QLinearConv",
    "plain",
    "x: u8[1,2,3,3], p: f32[]{0.1}, q: u8[]{100}, w: u8[2,2,2,2], r: f32[]{0.2}, s: u8[]{30}, t: f32[]{3.5}, u: u8[]{120}, b: i32[2]{1000, -500}",
    { pads: [1, 0, 0, 1], strides: [2, 1] },
    { inputs: { x: bytes(18, 0, 255), w: bytes(16, 0, 255) } },
  ),
  one(
    "QLinearConv",
    "channels",
    "x: u8[1,2,3,4], p: f32[]{0.1}, q: u8[]{100}, w: i8[2,1,2,2], r: f32[2]{0.2, 0.07}, s: i8[2]{0, 0}, t: f32[]{2.5}, u: u8[]{120}",
    { group: 2, dilations: [1, 2] },
    { inputs: { x: bytes(24, 0, 255), w: bytes(8, -128, 127) } },
  ),
];

const directions = ["forward", "reverse", "bidirectional"];
const recurrent = (op, gates, outs, extra = {}) => {
  const [B, I, H, T] = [2, 3, 2, 3];
  return directions.flatMap((direction) => {
    const d = direction === "bidirectional" ? 2 : 1;
    const core = `x: f32[${T},${B},${I}], w: f32[${d},${gates * H},${I}], r: f32[${d},${gates * H},${H}]`;
    const b = `b: f32[${d},${2 * gates * H}]`;
    const h = `h0: f32[${d},${B},${H}]`;
    const a = { direction, hidden_size: H };
    return [
      one(op, `${direction}-bare`, core, a, { outs }),
      one(op, `${direction}-bias`, `${core}, ${b}`, { ...a, ...extra }, { outs }),
      one(op, `${direction}-lens`, `${core}, ${b}, l: i32[${B}], ${h}`, a, { outs, inputs: { l: [T, 1] } }),
      one(op, `${direction}-clip`, `${core}, ${b}`, { ...a, clip: fl(0.4) }, { outs }),
    ];
  });
};
const acts = [
  "Affine",
  "LeakyRelu",
  "ThresholdedRelu",
  "ScaledTanh",
  "HardSigmoid",
  "Elu",
  "Softsign",
  "Softplus",
  "Relu",
  "Sigmoid",
  "Tanh",
];
const parameters = {
  Affine: [0.8, 0.1],
  LeakyRelu: [0.2],
  ThresholdedRelu: [0.3],
  ScaledTanh: [0.7, 1.3],
  HardSigmoid: [0.3, 0.4],
  Elu: [0.6],
};
const rnn = "x: f32[2,2,3], w: f32[1,2,3], r: f32[1,2,2]";
const cells = [
  ...recurrent("RNN", 1, "y, h"),
  ...recurrent("GRU", 3, "y, h", { linear_before_reset: 1 }),
  ...recurrent("LSTM", 4, "y, h, c"),
  ...acts.map((f) =>
    one(
      "RNN",
      f,
      rnn,
      {
        hidden_size: 2,
        activations: [f],
        ...(parameters[f] && { activation_alpha: [fl(parameters[f][0])] }),
        ...(parameters[f]?.[1] !== undefined && { activation_beta: [fl(parameters[f][1])] }),
      },
      { outs: "y, h" },
    ),
  ),
  ...["Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu"].map((f) =>
    one("RNN", `${f}-default`, rnn, { hidden_size: 2, activations: [f] }, { outs: "y, h", self: true }),
  ),
  one("RNN", "no-such", rnn, { hidden_size: 2, activations: ["Sideways"] }, { fails: "operator-rule" }),
  one(
    "RNN",
    "two-kinds",
    "x: f32[2,2,3], w: f32[2,2,3], r: f32[2,2,2]",
    {
      hidden_size: 2,
      direction: "bidirectional",
      activations: ["LeakyRelu", "Affine"],
      activation_alpha: [fl(0.3), fl(0.6)],
      activation_beta: [fl(0.2)],
    },
    { outs: "y, h" },
  ),
  one(
    "LSTM",
    "kinds",
    "x: f32[2,1,2], w: f32[2,8,2], r: f32[2,8,2]",
    {
      hidden_size: 2,
      direction: "bidirectional",
      activations: ["HardSigmoid", "Tanh", "Affine", "Sigmoid", "Elu", "ScaledTanh"],
      activation_alpha: [fl(0.3), fl(0), fl(0.5), fl(0), fl(0.7), fl(0.8)].filter((_, i) => i !== 1 && i !== 3),
      activation_beta: [fl(0.4), fl(0.2), fl(1.1)],
    },
    { outs: "y, h, c" },
  ),
  one(
    "LSTM",
    "all",
    "x: f32[3,2,3], w: f32[1,8,3], r: f32[1,8,2], b: f32[1,16], l: i32[2], h0: f32[1,2,2], c0: f32[1,2,2], p: f32[1,6]",
    { hidden_size: 2 },
    { outs: "y, h, c", inputs: { l: [2, 3] } },
  ),
  one(
    "LSTM",
    "input-forget",
    "x: f32[2,2,3], w: f32[1,8,3], r: f32[1,8,2]",
    { hidden_size: 2, input_forget: 1 },
    { outs: "y, h, c", self: true },
  ),
  ...["RNN", "GRU", "LSTM"].map((op, k) => {
    const g = [1, 3, 4][k];
    return one(
      op,
      "layout",
      `x: f32[3,3,2], w: f32[2,${2 * g},2], r: f32[2,${2 * g},2], b: f32[2,${4 * g}], _, h0: f32[3,2,2]`,
      { hidden_size: 2, layout: 1, direction: "bidirectional" },
      { outs: k === 2 ? "y, h, c" : "y, h", self: true },
    );
  }),
];

const equations = [
  ["ij,jk->ik", "2,3", "3,4"],
  ["ij,jk", "2,3", "3,4"],
  ["bij,bjk->bik", "2,2,3", "2,3,4"],
  ["ij->ji", "2,3"],
  ["ij->", "2,3"],
  ["ij->i", "2,3"],
  ["ii->i", "3,3"],
  ["ii", "3,3"],
  ["iji->j", "3,2,3"],
  ["...ij,...jk->...ik", "4,2,3", "4,3,2"],
  ["...ij,...jk->...ik", "1,2,3", "4,3,2"],
  ["...i->...", "2,3,4"],
  ["i,j->ij", "3", "4"],
  ["i,i->", "4", "4"],
  ["ijk,kl->ijl", "2,3,4", "4,2"],
  ["ba,ca->cb", "2,3", "4,3"],
  ["ij,ik,jl->kl", "2,3", "2,4", "3,2"],
  ["ij,ij->ij", "2,3", "2,3"],
  ["ij,kj->ik", "2,3", "4,3"],
  ["ba", "2,3"],
  ["i j , j -> i", "2,3", "3"],
  ["a...,...b->ab...", "2,3", "3,4"],
];
const sums = [
  ...equations.map(([equation, ...dims], i) =>
    one("Einsum", `e${i}`, dims.map((d, k) => `${"xzw"[k]}: f32[${d}]`).join(", "), { equation }),
  ),
  one("Einsum", "terms", "x: f32[2,3], z: f32[3,2]", { equation: "ij->ij" }, { fails: "operator-rule" }),
];

const heads = "q: f32[1,2,3,4], k: f32[1,1,5,4], v: f32[1,1,5,2]";
const attention = (name, operands, attrs = {}, more = {}) => one("Attention", name, operands, attrs, { self: true, ...more });
const attentions = [
  attention("plain", heads),
  attention("causal", heads, { is_causal: 1 }),
  attention("scale", heads, { scale: fl(0.3), softcap: fl(1.5) }),
  ...[0, 1, 2, 3].map((qk_matmul_output_mode) =>
    attention(
      `mode${qk_matmul_output_mode}`,
      `${heads}, m: f32[3,5]`,
      { softcap: fl(2), qk_matmul_output_mode },
      { outs: "y, _, _, s", inputs: { m: [0, -1, 0, 1, -Infinity, 0.5, 0, 0, 0, 0, -2, -3, 1, 1, 1] } },
    ),
  ),
  attention("bool", `${heads}, m: bool[3,5]`, {}, { inputs: { m: [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1] } }),
  attention("short", `${heads}, m: bool[3,3]`, {}, { inputs: { m: [1, 0, 1, 1, 1, 0, 1, 1, 1] } }),
  attention("one-wide", `${heads}, m: f32[3,1]`, {}, { inputs: { m: [0.5, -1, 2] } }),
  attention(
    "past",
    `q: f32[1,2,2,4], k: f32[1,2,3,4], v: f32[1,2,3,4], _, pk: f32[1,2,2,4], pv: f32[1,2,2,4]`,
    { is_causal: 1 },
    { outs: "y, a, b" },
  ),
  attention(
    "lengths",
    `q: f32[2,1,2,3], k: f32[2,1,4,3], v: f32[2,1,4,3], _, _, _, n: i64[2]`,
    { is_causal: 1 },
    { inputs: { n: [2, 4] } },
  ),
  ...[
    [1, -1],
    [-1, 1],
    [0, 1],
    [2, 0],
  ].map(([left_window_size, right_window_size]) =>
    attention(`window${left_window_size}${right_window_size}`, "q: f32[1,1,5,2], k: f32[1,1,5,2], v: f32[1,1,5,2]", {
      left_window_size,
      right_window_size,
    }),
  ),
  attention("flat", "q: f32[2,3,8], k: f32[2,4,4], v: f32[2,4,6]", { q_num_heads: 4, kv_num_heads: 2 }),
  attention(
    "flat-past",
    "q: f32[1,3,4], k: f32[1,4,4], v: f32[1,4,4], _, pk: f32[1,2,2,2], pv: f32[1,2,2,2]",
    { q_num_heads: 2, kv_num_heads: 2 },
    { outs: "y, a, b" },
  ),
  attention("no-heads", "q: f32[2,3,8], k: f32[2,4,4], v: f32[2,4,6]", {}, { fails: "operator-rule", self: false }),
  attention("half-heads", "q: f32[2,3,8], k: f32[2,4,4], v: f32[2,4,6]", { q_num_heads: 4 }, { fails: "operator-rule", self: false }),
  ...combos({ interleaved: [undefined, 1], rotary_embedding_dim: [undefined, 4] }).map((a) =>
    one(
      "RotaryEmbedding",
      named(a),
      `x: f32[1,2,3,6], c: f32[1,3,${a.rotary_embedding_dim ? 2 : 3}], s: f32[1,3,${a.rotary_embedding_dim ? 2 : 3}]`,
      a,
      { self: true },
    ),
  ),
  one(
    "RotaryEmbedding",
    "flat",
    "x: f32[2,3,8], c: f32[5,2], s: f32[5,2], p: i64[2,3]",
    { num_heads: 2 },
    { inputs: { p: [0, 1, 2, 4, 3, 0] }, self: true },
  ),
  one("RotaryEmbedding", "no-heads", "x: f32[2,3,8], c: f32[5,2], s: f32[5,2], p: i64[2,3]", {}, { fails: "operator-rule" }),
  ...["gated_delta", "gated", "delta", "linear", undefined].map((update_rule) =>
    one(
      "LinearAttention",
      `${update_rule}`,
      "q: f32[1,3,4], k: f32[1,3,2], v: f32[1,3,3], p: f32[1,1,2,3], d: f32[1,3,2], b: f32[1,3,1]",
      { ...(update_rule && { update_rule }), q_num_heads: 2, kv_num_heads: 1 },
      { outs: "y, s", inputs: { d: [-0.1, -0.5, -0.2, -0.3, 0, -1] }, self: true },
    ),
  ),
  one(
    "LinearAttention",
    "scale",
    "q: f32[1,2,4], k: f32[1,2,4], v: f32[1,2,4]",
    { update_rule: "delta", q_num_heads: 2, kv_num_heads: 2, scale: fl(0.3) },
    { outs: "y, s", self: true },
  ),
  one(
    "LinearAttention",
    "one-rate",
    "q: f32[1,2,4], k: f32[1,2,4], v: f32[1,2,6], _, _, b: f32[1,2,2]",
    { update_rule: "delta", q_num_heads: 2, kv_num_heads: 2 },
    { outs: "y, s", self: true },
  ),
  one(
    "LinearAttention",
    "default-heads",
    "q: f32[1,2,2], k: f32[1,2,2], v: f32[1,2,3]",
    { update_rule: "linear" },
    { outs: "y, s", self: true },
  ),
  ...["none", "silu", "swish"].map((activation) =>
    one(
      "CausalConvWithState",
      activation,
      "x: f32[2,2,4], w: f32[2,1,3], b: f32[2], p: f32[2,2,2]",
      { activation },
      { outs: "y, s", self: true },
    ),
  ),
  one("CausalConvWithState", "bare", "x: f32[1,2,4], w: f32[2,1,2]", {}, { outs: "y, s", self: true }),
];

const signals = [
  ...["HannWindow", "HammingWindow", "BlackmanWindow"].flatMap((op) =>
    each(op, "n: i64[]{6}", { periodic: [undefined, 0], output_datatype: [undefined, 11] }),
  ),
  ...combos({ onesided: [undefined, 1] }).flatMap((a) => [
    one("DFT", `real-${named(a)}`, "x: f32[2,6,1], _, a: i64[]{1}", a),
    one("DFT", `odd-${named(a)}`, "x: f32[1,5,1], _, a: i64[]{1}", a),
  ]),
  one("DFT", "complex", "x: f32[1,4,2], _, a: i64[]{1}"),
  one("DFT", "longer", "x: f32[1,4,2], n: i64[]{6}, a: i64[]{1}"),
  one("DFT", "shorter", "x: f32[1,4,2], n: i64[]{3}, a: i64[]{1}"),
  one("DFT", "axis0", "x: f32[4,3,2], _, a: i64[]{0}"),
  one("DFT", "default", "x: f32[2,3,4,1]"),
  ...[6, 5].map((n) =>
    one(
      "DFT",
      `half-inverse-${n}`,
      `x: f32[1,4,2], n: i64[]{${n}}, a: i64[]{1}`,
      { inverse: 1, onesided: 1 },
      { inputs: { x: [3, 0, 1, -2, 0.5, 1, 2, n === 6 ? 0 : 0.5] }, self: true },
    ),
  ),
  one(
    "DFT",
    "half-inverse",
    "x: f32[1,4,2], _, a: i64[]{1}",
    { inverse: 1, onesided: 1 },
    { inputs: { x: [3, 0, 1, -2, 0.5, 1, 2, 0] }, self: true },
  ),
  ...[undefined, 0].map((onesided) =>
    one("STFT", `window-${onesided}`, "x: f32[1,9,1], s: i64[]{3}, w: f32[4]", onesided === undefined ? {} : { onesided }),
  ),
  one("STFT", "length", "x: f32[2,8,1], s: i64[]{2}, _, n: i64[]{5}", { onesided: 1 }),
  one("STFT", "complex", "x: f32[1,8,2], s: i64[]{2}, w: f32[4], n: i64[]{4}", { onesided: 0 }, { self: true }),
  one("STFT", "nothing", "x: f32[1,8,1], s: i64[]{2}", {}, { fails: "operator-rule" }),
  ...[
    [4, 16, 8000, 0, 4000],
    [6, 20, 16000, 200, 7600],
    [3, 8, 100, 0, 30],
  ].map(([m, n, r, lo, hi], i) =>
    one("MelWeightMatrix", `m${i}`, `m: i64[]{${m}}, n: i64[]{${n}}, r: i64[]{${r}}, a: f32[]{${fl(lo).text}}, b: f32[]{${fl(hi).text}}`),
  ),
];

const wide = { x: [1e30, 2e30], s: [1, 1] };
const rare = [
  one(
    "MeanVarianceNormalization",
    "constant",
    "x: f32[1,2,2,2]",
    {},
    {
      inputs: { x: [3, 3, 3, 3, 1, 2, 3, 4] },
      expect: [{ dtype: "f32", shape: [1, 2, 2, 2], data: [0, 0, 0, 0, -1.3416407, -0.4472136, 0.4472136, 1.3416407] }],
    },
  ),
  ...[0, 1].flatMap((stash_type) => [
    one("RMSNormalization", `stash${stash_type}`, "x: f64[1,2], s: f64[2]", { stash_type }, { inputs: wide, self: true }),
    one("LayerNormalization", `stash${stash_type}`, "x: f64[1,2], s: f64[2]", { stash_type }, { inputs: wide, self: true }),
    one(
      "GroupNormalization",
      `stash${stash_type}`,
      "x: f64[1,2,2], s: f64[2], b: f64[2]",
      { stash_type, num_groups: 1 },
      { inputs: { x: [1e30, 2e30, 3e30, 5e30], s: [1, 2], b: [0, 1] }, self: true },
    ),
  ]),
  one("QuantizeLinear", "f8", "x: f32[12], s: f32[]{0.5}, z: f8e4m3fn[]", {}, { inputs: { ...levels, z: [2] }, self: true }),
  one("DequantizeLinear", "f8", "x: f8e4m3fn[4], s: f32[]{0.5}, z: f8e4m3fn[]", {}, { inputs: { x: [1, -2, 0.5, 8], z: [2] }, self: true }),
  one(
    "QLinearMatMul",
    "three-rows",
    "a: u8[3,3], p: f32[3]{0.1, 0.3, 0.2}, q: u8[3]{100, 9, 50}, b: u8[3,2], r: f32[2]{0.2, 0.1}, s: u8[2]{30, 5}, t: f32[3]{0.5, 4.0, 2.0}, u: u8[3]{20, 7, 90}",
    {},
    { inputs: { a: bytes(9, 0, 255), b: bytes(6, 0, 255) }, self: true },
  ),
  one(
    "MatMulInteger",
    "three-rows",
    "a: u8[3,3], b: u8[3,2], p: u8[3]{7, 100, 30}, q: u8[2]{3, 50}",
    {},
    { inputs: { a: bytes(9, 0, 255), b: bytes(6, 0, 255) }, self: true },
  ),
  one(
    "LinearAttention",
    "batch",
    "q: f32[2,3,4], k: f32[2,3,2], v: f32[2,3,3], p: f32[2,1,2,3], d: f32[2,3,2], b: f32[2,3,1]",
    { q_num_heads: 2, kv_num_heads: 1 },
    { outs: "y, s", self: true },
  ),
];

export const layers = [
  ...rare,
  ...products,
  ...packedProducts,
  ...convolutions,
  ...pools,
  ...norms,
  ...quantised,
  ...cells,
  ...sums,
  ...attentions,
  ...signals,
];
