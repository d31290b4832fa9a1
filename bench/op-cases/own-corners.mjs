/** Own cases where sizes come from the graph itself, and at corners: one axis, three and more of them, NaN, ends and refusals. */
import { combos, fl, named, one } from "./spell.mjs";

const i64 = (name, values) => `${name}: i64[${values.length}]{${values.join(", ")}}`;
const far = "9223372036854775807";

/** x[from:to:by] along the first axis, where `from` and `to` are whole numbers or counted from n, its extent. */
function cutBySize(tag, from, to, by) {
  const spelled = (name, at) =>
    typeof at === "string" ? [`${name} = Add(n, o${name}: i64[1]{${at.slice(1) || "0"}})`, name] : ["", i64(name, [at])];
  const [[before, start], [then, end]] = [spelled("b", from), spelled("e", to)];
  const text = [
    "n = Shape(x: f32[6,2], start=0, end=1)",
    before,
    then,
    `y = Slice(x, ${start}, ${end}, ${i64("a", [0])}, ${i64("s", [by])})`,
  ];
  return { op: "Slice", name: `slice-size-${tag}`, text: text.filter((l) => l !== "").join("\n") };
}

const cutsBySize = [
  ["n-1", 0],
  ["n-1", `-${far}`],
  ["n-2", 0],
  ["n", 0],
].flatMap(([from, to], i) => [-1, -2].map((by) => cutBySize(`back${i}${by}`, from, to, by)));
const cutsForward = [
  ["n-1", "n"],
  ["n-3", "n-1"],
  ["n-9", "n-1"],
  [1, "n-1"],
  [-3, "n"],
  [-3, "n-1"],
  ["n", "n"],
  [0, "n-20"],
].flatMap(([from, to], i) => [1, 2].map((by) => cutBySize(`on${i}${by}`, from, to, by)));

/** Ends of 32 bits are positions or "as far as it goes", which shows in what the extents come to. */
const ends = [
  [0, 2147483647],
  [0, 2147483646],
  [-2147483647, 3],
  [-2147483646, 3],
  [2147483647, 9],
  [-2, 2147483647],
  [-2, 2147483646],
  [0, 0],
].flatMap(([from, to], i) => [1, 2].map((by) => cutBySize(`end${i}${by}`, from, to, by)));

const ranges = [
  ["Range", "o: f32[]{0.0}, f, d: f32[]{1.0}"],
  ["Range", "o: f32[]{2.0}, f, d: f32[]{2.0}"],
  ["Range", "f, o: f32[]{-3.0}, d: f32[]{-2.0}"],
].map(([op, operands], i) => ({
  op,
  name: `range-size${i}`,
  text: `n = Shape(x: f32[7,2], start=0, end=1)\nm = Squeeze(n)\nf = Cast(m, to=1)\ny = Range(${operands})`,
}));

const moved = [
  ...[
    [5, 1],
    [7, 3],
    [9, 4],
  ].map(([from, to]) =>
    one("Slice", `back-${from}`, `x: f32[8], ${i64("b", [from])}, ${i64("e", [to])}, ${i64("a", [0])}, ${i64("s", [-1])}`),
  ),
  one("Range", "step-0", "a: i64[]{1}, b: i64[]{5}, s: i64[]{0}", {}, { fails: "operator-rule" }),
  one("Reshape", "empty", `x: f32[0,3], ${i64("s", [0, -1])}`, {}, { self: true }),
  ...["ArgMax", "ArgMin"].map((op) => one(op, "of-nothing", "x: f32[0,3]", { axis: 0 }, { fails: "operator-rule" })),
  one("Reshape", "nothing-left", `x: f32[2,0], ${i64("s", [-1, 0, 0])}`, {}, { fails: "operator-rule" }),
  one("Split", "fewer", "x: f32[7,2]", { num_outputs: 1 }, { outs: "a, b", fails: "operator-rule" }),
  one("ReverseSequence", "rank4", "x: f32[3,2,2,2], l: i64[2]", {}, { inputs: { l: [2, 3] } }),
  one("Compress", "rank3", "x: f32[2,3,2], c: bool[3]{1, 0, 1}", { axis: 1 }),
  one("GatherND", "deep", "x: f32[2,3,4], i: i64[2,1,2]", {}, { inputs: { i: [0, 1, -1, 2] } }),
  one("GatherND", "flat", "x: f32[2,3,4], i: i64[2]", {}, { inputs: { i: [1, -1] } }),
  one("GatherND", "fewer-than-none", "x: f32[2,2,2], i: i64[2,1]", { batch_dims: -1 }, { fails: "operator-rule" }),
  one("GatherND", "from-the-end", "x: f32[2,3,4], i: i64[2,2]{0, -1, -2, 0}"),
  one("ScatterND", "rank3", "x: f32[3,2], i: i64[1,2,2], u: f32[1,2]", {}, { inputs: { i: [0, -1, 2, 0] } }),
  one("NonZero", "rank4", "x: i32[2,3,2,2]", {}, { inputs: { x: Array.from({ length: 24 }, (_, i) => (i % 5 === 1 ? 0 : i % 3)) } }),
  one("Pad", "reflect-one", `x: f32[1,3], ${i64("p", [0, 1, 0, 2])}`, { mode: "reflect" }),
];

const reduced = [
  "ReduceSum",
  "ReduceMean",
  "ReduceMax",
  "ReduceMin",
  "ReduceProd",
  "ReduceL1",
  "ReduceL2",
  "ReduceSumSquare",
  "ReduceLogSum",
];
const oneAxis = [...reduced, "ReduceLogSumExp"].map((op) =>
  one(
    op,
    "one-axis",
    `x: f32[2,3,4], ${i64("a", [1])}`,
    { keepdims: 0 },
    { inputs: { x: Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) / 4 + 0.25) } },
  ),
);

const scalars = [
  one("Swish", "two", "x: f32[4]", { alpha: fl(2) }, { inputs: { x: [-2, -0.5, 0.5, 3] }, self: true }),
  one("Shrink", "nan", "x: f32[4]", {}, { inputs: { x: [NaN, 0.25, -Infinity, Infinity] } }),
  ...[0.5, 0.75, 1, 2, 3, 1.5].map((e) =>
    one("Pow", `by${e}`, `x: f32[5], e: f32[]{${fl(e).text}}`, {}, { inputs: { x: [0, 0.3, 1, 2.5, 9] } }),
  ),
  one("Pow", "one-each", "x: f32[1], e: f32[1]{2.0}"),
  one("Pow", "wider", "x: f32[2], e: f32[1,1]{2.0}"),
  one("Pow", "whole-root", "x: i32[4], e: f32[]{0.5}", {}, { inputs: { x: [0, 1, 4, 10] } }),
  ...[0.5, 0].map((rate) =>
    one(
      "Dropout",
      `trained${rate}`,
      `x: f32[2], r: f32[]{${fl(rate).text}}, t: bool[]{1}`,
      {},
      { outs: "y, m", ...(rate ? { fails: "operator-rule" } : {}) },
    ),
  ),
];

const wideValues = [1e6, -1e6, 448, 460, 500, Infinity, -Infinity, NaN, 0.3, -0.004, 57345, 240, 250];
const packed = ["f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz"].flatMap((_, k) =>
  [0, 1].map((saturate) =>
    one("Cast", `f8-${k}-${saturate}`, `x: f32[${wideValues.length}]`, { to: 17 + k, saturate }, { inputs: { x: wideValues }, self: true }),
  ),
);
const scales = combos({ round_mode: ["up", "down", "nearest"], saturate: [0, 1] }).map((a) =>
  one("Cast", `e8m0-${named(a)}`, "x: f32[7]", { to: 24, ...a }, { inputs: { x: [1, 1.4, 1.5, 1.6, 3, 1e-39, 3.2e38] }, self: true }),
);

const windows = [
  one("ConvTranspose", "shape-dilated", "x: f32[1,1,3,3], w: f32[1,1,2,2]", { strides: [2, 2], dilations: [2, 3], output_shape: [6, 7] }),
  one("ConvTranspose", "shape-odd", "x: f32[1,1,4,4], w: f32[1,1,4,3]", { strides: [1, 2], output_shape: [4, 6] }),
  one("ConvTranspose", "shape-wider", "x: f32[1,1,2,2], w: f32[1,1,2,2]", { strides: [3, 3], output_shape: [6, 5] }),
  one(
    "ConvTranspose",
    "shape-too-large",
    "x: f32[1,1,2,3], w: f32[1,1,2,3]",
    { strides: [2, 1], output_shape: [9, 5] },
    { fails: "operator-rule" },
  ),
  ...["SAME_UPPER", "SAME_LOWER"].map((auto_pad) =>
    one(
      "ConvTranspose",
      `${auto_pad}-padding`,
      "x: f32[1,1,3,3], w: f32[1,1,3,3]",
      { auto_pad, strides: [2, 3], output_padding: [1, 1] },
      { self: true },
    ),
  ),
  one(
    "ConvTranspose",
    "same-dilated",
    "x: f32[1,1,3,3], w: f32[1,1,3,2]",
    { auto_pad: "SAME_UPPER", strides: [2, 2], dilations: [2, 3] },
    { self: true },
  ),
  ...[{ pads: [1] }, { strides: [1, 1] }, { dilations: [1, 1, 1] }].flatMap((list) => {
    const [name] = Object.keys(list);
    return [
      one("MaxPool", `${name}-of-another-rank`, "x: f32[1,1,5]", { kernel_shape: [3], ...list }, { fails: "operator-rule" }),
      one("Conv", `${name}-of-another-rank`, "x: f32[1,1,5], w: f32[1,1,2]", list, { fails: "operator-rule" }),
      one("ConvTranspose", `${name}-of-another-rank`, "x: f32[1,1,5], w: f32[1,1,2]", list, { fails: "operator-rule" }),
    ];
  }),
  one("Pad", "pads-of-another-rank", `x: f32[2,3], ${i64("p", [0, 1, 0])}`, {}, { fails: "operator-rule" }),
  one("Gemm", "of-a-vector", "a: f32[3], b: f32[3,2]", {}, { fails: "operator-rule" }),
  one("Conv", "cropping", "x: f32[1,1,5,5], w: f32[1,1,2,2]", { pads: [-1, 0, 0, 0] }, { fails: "operator-rule" }),
  one("Conv", "same-given", "x: f32[1,1,5,5], w: f32[1,1,2,2]", { pads: [-1, 0, 0, 0], auto_pad: "SAME_UPPER" }, { self: true }),
  ...[undefined, 1].flatMap((ceil_mode) => [
    one("MaxPool", `uneven${ceil_mode}`, "x: f32[1,1,9,8]", {
      kernel_shape: [3, 3],
      dilations: [2, 1],
      strides: [3, 3],
      pads: [0, 1, 2, 0],
      ...(ceil_mode && { ceil_mode }),
    }),
    one("AveragePool", `uneven${ceil_mode}`, "x: f32[1,1,9,8]", {
      kernel_shape: [3, 2],
      strides: [2, 3],
      pads: [2, 0, 0, 1],
      ...(ceil_mode && { ceil_mode }),
      count_include_pad: 1,
    }),
  ]),
  ...[0, 1].map((storage_order) =>
    one(
      "MaxPool",
      `volume${storage_order}`,
      "x: f32[2,2,3,4,3]",
      { kernel_shape: [2, 2, 2], strides: [1, 2, 1], pads: [0, 1, 0, 0, 0, 0], storage_order },
      { outs: "y, i", self: true },
    ),
  ),
  ...[
    ["i8", [-128, -100, -3, -77]],
    ["i16", [-32768, -30000, -3, -77]],
    ["i32", [-2147483648, -30000, -3, -77]],
  ].map(([type, x]) =>
    one(
      "MaxPool",
      `${type}-ends`,
      `x: ${type}[1,1,4]`,
      { kernel_shape: [2], pads: [1, 1], strides: [2] },
      { inputs: { x }, expect: [{ dtype: type, shape: [1, 1, 3], data: [x[0], x[2], x[3]] }] },
    ),
  ),
  one(
    "MaxUnpool",
    "uneven",
    "x: f32[1,1,2,2], i: i64[1,1,2,2]",
    { kernel_shape: [3, 2], strides: [3, 2], pads: [0, 1, 2, 0] },
    { inputs: { i: [0, 2, 5, 9] } },
  ),
];

const dft = (tag, operands, attrs = {}, more = {}) => one("DFT", tag, operands, attrs, more);
const signals = [
  dft("inverse", "x: f32[1,5,2], _, a: i64[]{1}", { inverse: 1 }),
  dft("inverse-even", "x: f32[2,4,2], _, a: i64[]{1}", { inverse: 1 }),
  dft("inverse-longer", "x: f32[1,4,2], n: i64[]{7}, a: i64[]{1}", { inverse: 1 }),
  dft("inverse-axis", "x: f32[2,3,4,2], _, a: i64[]{1}", { inverse: 1 }),
  dft("axis-2", "x: f32[2,5,3,2], _, a: i64[]{2}"),
  dft("axis-1", "x: f32[2,5,3,1], _, a: i64[]{-3}", { onesided: 1 }),
  dft("half-inverse-axis", "x: f32[2,3,2,2], n: i64[]{5}, a: i64[]{1}", { inverse: 1, onesided: 1 }, { self: true }),
  dft("last-but-one", "x: f32[2,3,2]"),
  one("STFT", "flat", "x: f32[2,9], s: i64[]{3}, w: f32[4]", {}, { self: true }),
  ...[
    [9, 120, 16000, 20, 8000],
    [11, 100, 22050, 300, 9000],
    [13, 90, 44100, 0, 22050],
  ].map(([m, n, r, lo, hi], i) =>
    one(
      "MelWeightMatrix",
      `fine${i}`,
      `m: i64[]{${m}}, n: i64[]{${n}}, r: i64[]{${r}}, a: f32[]{${fl(lo).text}}, b: f32[]{${fl(hi).text}}`,
    ),
  ),
];

const sums = [
  ["ijj->ij", "2,3,3"],
  ["jii->j", "2,3,3"],
  ["iij->ij", "3,3,2"],
  ["ij,jk,kl->il", "2,3", "3,4", "4,2"],
  ["ij,jk,ki->", "2,3", "3,4", "4,2"],
  ["a,b,ab->b", "2", "3", "2,3"],
  ["...a,...ab->...b", "2,4,3", "2,4,3,2"],
  ["...a,...a->...", "2,4,3", "4,3"],
  ["i...,...j->i...j", "3,2,4", "2,4,5"],
  ["ij,ij->i", "2,1", "2,3"],
].map(([equation, ...dims], i) => one("Einsum", `corner${i}`, dims.map((d, k) => `${"xzw"[k]}: f32[${d}]`).join(", "), { equation }));

const plane = "q: f32[1,2,3,4], k: f32[1,2,5,4], v: f32[1,2,5,2]";
const layers = [
  ...sums,
  one(
    "Attention",
    "nothing-seen",
    `${plane}, m: f32[3,5]`,
    {},
    { self: true, inputs: { m: [...Array(5).fill(-Infinity), 0, 1, 0, 0, 0, ...Array(4).fill(-Infinity), 2] } },
  ),
  one(
    "Attention",
    "low-scores",
    plane,
    {},
    { self: true, inputs: { q: Array.from({ length: 24 }, (_, i) => 40 + i), k: Array.from({ length: 40 }, (_, i) => -30 - (i % 7)) } },
  ),
  one(
    "Attention",
    "one-head-sees-nothing",
    `${plane}, m: f32[1,2,3,5]`,
    {},
    { self: true, inputs: { m: [...Array(5).fill(-Infinity), ...Array(25).fill(0)] } },
  ),
  one("Attention", "rank4-mask", `${plane}, m: bool[1,1,3,4]`, {}, { self: true, inputs: { m: [1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1] } }),
  one(
    "Attention",
    "counted",
    "q: f32[2,1,2,3], k: f32[2,1,4,3], v: f32[2,1,4,3], _, _, _, n: i64[2]",
    {},
    { self: true, inputs: { n: [2, 3] } },
  ),
  one(
    "SoftmaxCrossEntropyLoss",
    "large",
    "x: f32[2,3], t: i64[2]",
    {},
    { outs: "y, l", inputs: { x: [1000, 1001, 999, -1000, -1002, -1001], t: [0, 2] } },
  ),
  one("MeanVarianceNormalization", "tiny", "x: f32[1,1,2,2]", {}, { inputs: { x: [1e-9, -1e-9, 3e-9, 2e-9] }, self: true }),
  one(
    "QLinearMatMul",
    "deep-scale",
    "a: u8[2,3], p: f32[]{0.1}, q: u8[]{100}, b: u8[3,2], r: f32[]{0.2}, s: u8[]{30}, t: f32[1,1]{0.5}, u: u8[1,1]{20}",
    {},
    { fails: "operator-rule" },
  ),
  one(
    "QuantizeLinear",
    "rank3-blocks",
    "x: f32[2,4,2], s: f32[2,2,2], z: u8[2,2,2]",
    { block_size: 2, axis: 1 },
    { inputs: { s: [0.5, 1, 2, 0.25, 3, 0.1, 0.7, 0.9], z: [1, 2, 3, 4, 5, 6, 7, 8] } },
  ),
  one(
    "DequantizeLinear",
    "one-block",
    "x: u8[2,3], s: f32[2,3], z: u8[2,3]",
    { block_size: 1 },
    { self: true, inputs: { x: [0, 255, 3, 9, 100, 7], s: [0.5, 1, 2, 0.25, 3, 0.1], z: [1, 2, 3, 4, 5, 6] } },
  ),
  ...["LeakyRelu", "ThresholdedRelu", "Elu"].map((f) =>
    one(
      "RNN",
      `${f}-small`,
      "x: f32[1,4,1], w: f32[1,1,1], r: f32[1,1,1]",
      { hidden_size: 1, activations: [f] },
      { outs: "y, h", self: true, inputs: { x: [-0.5, 0.25, 0.75, 1.5], w: [1], r: [0] } },
    ),
  ),
];

const image = "x: f32[2,3,4,5]";
const doubled = [
  ...combos({
    nearest_mode: ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"],
    coordinate_transformation_mode: ["half_pixel", "asymmetric"],
  }).map((a) => one("Resize", `batch-${named(a)}`, `${image}, _, s: f32[4]{1.0, 1.0, 2.0, 3.0}`, a)),
  one("Resize", "batch-to", `${image}, _, _, s: i64[4]{2, 3, 8, 10}`),
  one("Resize", "channels", `${image}, _, s: f32[4]{1.0, 2.0, 1.0, 1.0}`),
  ...["nearest", "linear"].flatMap((mode) => [
    one("Resize", `one-axis-${mode}`, `${image}, _, s: f32[1]{1.5}`, { axes: [2], mode }),
    one("Resize", `one-size-${mode}`, `${image}, _, _, s: i64[1]{7}`, { axes: [3], mode }),
    ...[1.6, 0.55, 0.333333343, 0.015625, 1.015625, 0.7142857].map((s) =>
      one("Resize", `scale${s}-${mode}`, `x: f32[1,1,1,70], _, s: f32[1]{${s}}`, { axes: [3], mode }),
    ),
    one("Resize", `odd-scale-${mode}`, "x: f32[1,1,1,10], _, s: f32[1]{1.6180339}", { axes: [3], mode }),
  ]),
  ...[
    ["zero", "_, s: f32[1]{0.0}"],
    ["endless", "_, s: f32[1]{inf}"],
    ["backwards", "_, _, s: i64[1]{-2}"],
    ["many", "_, s: f32[2]{1.0, 2.0}"],
    ["many-sizes", "_, _, s: i64[2]{1, 2}"],
  ].map(([tag, operands]) => one("Resize", tag, `x: f32[2,3], ${operands}`, { axes: [1] }, { fails: "operator-rule" })),
  one("Resize", "roi-unused", "x: f32[2,3], r: f32[4]{0.25, 0.25, 0.5, 0.5}, s: f32[2]{2.0, 2.0}", { mode: "linear" }),
  ...["nearest", "cubic"].map((mode) =>
    one(
      "Resize",
      `bytes-${mode}`,
      "x: u8[1,1,2,4], _, s: f32[4]{1.0, 1.0, 2.0, 2.5}",
      { mode },
      { inputs: { x: [0, 255, 255, 0, 255, 0, 0, 255] } },
    ),
  ),
  ...[1, 3].map((sampling_ratio) =>
    one(
      "RoiAlign",
      `ratio${sampling_ratio}`,
      "x: f32[1,2,5,6], r: f32[3,4], b: i64[3]",
      { sampling_ratio, output_height: 2, output_width: 3 },
      { inputs: { r: [0, 0, 5, 4, 1, 2, 7.5, 6.5, -3, -2, 4, 12], b: [0, 0, 0] } },
    ),
  ),
];

export const corners = [
  ...cutsBySize,
  ...cutsForward,
  ...ends,
  ...ranges,
  ...moved,
  ...oneAxis,
  ...scalars,
  ...packed,
  ...scales,
  ...windows,
  ...signals,
  ...layers,
  ...doubled,
];
