/** Own cases of activations, arithmetic, comparisons, casts and losses: the whole line, and every default. */
import { each, fl, one } from "./spell.mjs";

const line = [
  -90, -30, -10, -5, -3.1, -3, -2.5, -1.2, -1, -0.55, -0.5, -0.1, -1e-3, -1e-6, 0, 1e-6, 1e-3, 0.1, 0.45, 0.5, 0.55, 1, 1.01, 1.2, 2.5, 2.9,
  3, 3.1, 5, 10, 30, 90,
];
const n = line.length;
const inputs = { x: line };
const whole = { x: [-(2 ** 31), -7, -3, -1, 0, 1, 2, 5, 7, 2 ** 31 - 1], y: [3, 2, -2, -1, 5, -3, 7, 4, -7, 2] };
const f = (op, attrs = {}, more = {}) =>
  one(op, Object.values(attrs).length ? "given" : "default", `x: f32[${n}]`, attrs, { inputs, ...more });
const f64of = (fn) => ({ expect: [{ dtype: "f32", shape: [n], data: line.map(Math.fround).map(fn) }] });
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

export const activations = [
  ...[
    "Relu",
    "LeakyRelu",
    "ThresholdedRelu",
    "Sigmoid",
    "HardSigmoid",
    "HardSwish",
    "Softplus",
    "Softsign",
    "Elu",
    "Celu",
    "Selu",
    "Gelu",
    "Shrink",
    "Erf",
    "Tanh",
  ].map((op) => f(op)),
  f(
    "Mish",
    {},
    f64of((x) => x * Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))))),
  ),
  f(
    "Swish",
    {},
    f64of((x) => x * sigmoid(x)),
  ),
  f(
    "Swish",
    { alpha: fl(1.7) },
    f64of((x) => x * sigmoid(Math.fround(1.7) * x)),
  ),
  one(
    "SwiGLU",
    "default",
    `x: f32[${n}], b: f32[${n}]`,
    {},
    {
      inputs: { x: line, b: line.map((_, i) => (i % 5) - 1.5) },
      expect: [{ dtype: "f32", shape: [n], data: line.map((x, i) => x * sigmoid(x) * ((i % 5) - 1.5)) }],
    },
  ),
  one(
    "SwiGLU",
    "given",
    `x: f32[${n}], b: f32[${n}]`,
    { alpha: fl(0.6) },
    {
      inputs: { x: line, b: line.map((_, i) => (i % 5) - 1.5) },
      expect: [{ dtype: "f32", shape: [n], data: line.map((x, i) => x * sigmoid(0.6 * x) * ((i % 5) - 1.5)) }],
    },
  ),
  f("LeakyRelu", { alpha: fl(-0.4) }),
  f("ThresholdedRelu", { alpha: fl(2.5) }),
  f("HardSigmoid", { alpha: fl(0.4), beta: fl(-0.3) }),
  f("Elu", { alpha: fl(-2.5) }),
  f("ThresholdedRelu", { alpha: fl(0) }),
  one("PRelu", "zeros", "x: f32[4], s: f32[4]", {}, { inputs: { x: [0, -0, 2, -2], s: [-1, -1, -1, -1] } }),
  f("Celu", { alpha: fl(0.7) }),
  f("Selu", { alpha: fl(-0.3), gamma: fl(2.5) }),
  f("Gelu", { approximate: "tanh" }),
  f("Shrink", { lambd: fl(1), bias: fl(0.25) }),
  one("Shrink", "whole", "x: i32[10]", { lambd: fl(2), bias: fl(1) }, { inputs: { x: whole.x.map((v) => v % 100) } }),
  one("Relu", "whole", "x: i32[10]", {}, { inputs: whole }),
  one(
    "Mish",
    "nan",
    "x: f32[4]",
    {},
    {
      inputs: { x: [NaN, Infinity, 2, -3] },
      expect: [{ dtype: "f32", shape: [4], data: [NaN, Infinity, 1.9439589595339946, -0.14564745] }],
    },
  ),
  one("PRelu", "rows", "x: f32[3,4], s: f32[3,1]", {}, {}),
  one("PRelu", "whole", "x: i32[10], s: i32[1]", {}, { inputs: { x: whole.x.map((v) => v % 1000), s: [3] } }),
];

const plainUnary =
  "Abs Neg Sign Floor Ceil Round Sqrt Reciprocal Exp Log Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh Erf".split(" ");

export const arithmetic = [
  ...plainUnary.map((op) => one(op, "line", `x: f32[${n}]`, {}, { inputs })),
  one("Abs", "whole", "x: i32[10]", {}, { inputs: whole }),
  one("Neg", "whole", "x: i32[10]", {}, { inputs: whole }),
  one("Sign", "whole", "x: i32[10]", {}, { inputs: whole }),
  one(
    "Erf",
    "whole",
    "x: i32[10]",
    {},
    { inputs: { x: [-3, -2, -1, 0, 1, 2, 3, 4, 5, -6] }, expect: [{ dtype: "i32", shape: [10], data: [0, 0, 0, 0, 0, 0, 0, 1, 1, -1] }] },
  ),
  ...[0, 1].flatMap((p) =>
    [0, 1].map((m) =>
      one(
        "IsInf",
        `p${p}n${m}`,
        "x: f32[6]",
        { detect_positive: p, detect_negative: m },
        { inputs: { x: [Infinity, -Infinity, NaN, 0, 1, -2] } },
      ),
    ),
  ),
  one("IsInf", "default", "x: f32[6]", {}, { inputs: { x: [Infinity, -Infinity, NaN, 0, 1, -2] } }),
  one("IsNaN", "each", "x: f32[6]", {}, { inputs: { x: [Infinity, -Infinity, NaN, 0, 1, -2] } }),
  ...["Add", "Sub", "Mul", "Div", "Mod", "Max", "Min", "BitwiseAnd", "BitwiseOr", "BitwiseXor"].map((op) =>
    one(
      op,
      "i32",
      "x: i32[10], y: i32[10]",
      {},
      {
        inputs: { ...whole, x: op === "Div" || op === "Mod" ? whole.x.map((v) => (v === -(2 ** 31) ? -(2 ** 31) + 1 : v)) : whole.x },
        outs: "z",
      },
    ),
  ),
  ...["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean"].map((op) => one(op, "rows", "x: f32[2,3], y: f32[3]", {}, { outs: "z" })),
  ...["Sum", "Mean", "Max", "Min"].map((op) => one(op, "three", "x: f32[2,3], y: f32[3], z: f32[2,1]", {}, { outs: "w" })),
  one(
    "Mod",
    "fmod-i32",
    "x: i32[10], y: i32[10]",
    { fmod: 1 },
    { inputs: { ...whole, x: whole.x.map((v) => v + (v < -1e9 ? 1 : 0)) }, outs: "z" },
  ),
  one(
    "Mod",
    "fmod-f32",
    "x: f32[8], y: f32[8]",
    { fmod: 1 },
    { inputs: { x: [5.5, -5.5, 5.5, -5.5, 1, 0.3, 7, -8], y: [2, 2, -2, -2, 3, 0.1, 7, 3] }, outs: "z" },
  ),
  one("Mod", "float", "x: f32[2], y: f32[2]", {}, { fails: "operator-rule", outs: "z" }),
  ...[1, 2, 3, 4, 0.5, -1, -2, 0, 2.5].map((e) =>
    one("Pow", `f32-${e}`, `x: f32[6], e: f32[]{${fl(e).text}}`, {}, { inputs: { x: [0.25, 1, 2, 3.5, 0.1, 7] } }),
  ),
  ...[1, 2, 3, 4, 0].map((e) => one("Pow", `i32-${e}`, `x: i32[6], e: i32[]{${e}}`, {}, { inputs: { x: [-3, 1, 2, 0, 5, 7] } })),
  ...[2, 3].map((e) => one("Pow", `wraps-${e}`, `x: i32[2], e: i32[]{${e}}`, {}, { inputs: { x: [3000001, -70001] }, self: true })),
  one("Pow", "lane", "x: f32[6], y: f32[6]", {}, { inputs: { x: [-2, 2, 0, -1.5, 4, 9], y: [3, -2, 0, 2, 0.5, 1.5] }, outs: "z" }),
  one("Pow", "f32-i32", "x: f32[6], y: i32[6]", {}, { inputs: { x: [-2, 2, 0.5, -1.5, 4, 9], y: [3, -2, 0, 2, 1, 4] }, outs: "z" }),
  one("Pow", "i32-f32", "x: i32[6], y: f32[6]", {}, { inputs: { x: [2, 3, 4, 9, 16, 5], y: [3, 2, 0.5, 1.5, 0.25, 1] }, outs: "z" }),
  one("Pow", "i32-i64", "x: i32[6], y: i64[6]", {}, { inputs: { x: [2, 3, -4, 9, 1, 5], y: [3, 2, 3, 1, 60, 0] }, outs: "z" }),
  one("Pow", "wider", "x: f32[3], e: f32[1,1]{2.0}", {}, {}),
  one("Pow", "i32-half", "x: i32[4], e: i32[1]{2}", {}, { inputs: { x: [-3, 0, 4, 5] } }),
  ...["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"].flatMap((op) => [
    one(op, "f32", "x: f32[6], y: f32[6]", {}, { inputs: { x: [1, 2, 3, NaN, -1, 0], y: [1, 3, 2, NaN, -2, 0] }, outs: "z" }),
    one(op, "i32", "x: i32[6], y: i32[6]", {}, { inputs: { x: [1, 2, 3, -5, -1, 0], y: [1, 3, 2, 5, -2, 0] }, outs: "z" }),
  ]),
  ...["And", "Or", "Xor"].map((op) =>
    one(op, "each", "x: bool[4], y: bool[4]", {}, { inputs: { x: [0, 0, 1, 1], y: [0, 1, 0, 1] }, outs: "z" }),
  ),
  one("Not", "each", "x: bool[2]", {}, { inputs: { x: [0, 1] } }),
  one("BitwiseNot", "i32", "x: i32[10]", {}, { inputs: whole }),
  ...["LEFT", "RIGHT"].map((direction) =>
    one(
      "BitShift",
      direction,
      "x: u32[6], y: u32[6]",
      { direction },
      { inputs: { x: [1, 7, 255, 2 ** 31, 2 ** 32 - 1, 12], y: [0, 1, 4, 31, 8, 2] }, outs: "z" },
    ),
  ),
  one("Where", "rows", "c: bool[2,1], x: f32[2,3], z: f32[3]", {}, { inputs: { c: [1, 0] } }),
  one("Where", "i32", "c: bool[10], x: i32[10], y: i32[10]", {}, { inputs: { ...whole, c: [1, 0, 1, 0, 1, 0, 1, 0, 1, 0] }, outs: "z" }),
  one("Clip", "both", `x: f32[${n}], lo: f32[]{-1.5}, hi: f32[]{2.25}`, {}, { inputs }),
  one("Clip", "low", `x: f32[${n}], lo: f32[]{-1.5}`, {}, { inputs }),
  one("Clip", "high", `x: f32[${n}], _, hi: f32[]{2.25}`, {}, { inputs }),
  one("Clip", "crossed", `x: f32[${n}], lo: f32[]{3.0}, hi: f32[]{1.0}`, {}, { inputs }),
  one("Clip", "none", `x: f32[${n}]`, {}, { inputs }),
];

const types = { f16: 10, f32: 1, f64: 11, i8: 3, u8: 2, i16: 5, u16: 4, i32: 6, u32: 12, i64: 7, bool: 9 };
const castable = {
  f32: [0, 1.5, 2.5, -1.5, 100.7, -3, 60000.25],
  i32: [0, 1, 200, -3, 40000, 70000, -129],
  u8: [0, 1, 127, 128, 255, 7, 9],
  bool: [0, 1, 0, 1, 1, 0, 1],
  i64: [0, 5, -7, 2 ** 33 + 1, 255, 3, -200],
};
const fits = (from, to) => from !== "f32" || ["f16", "f64", "i32", "i64", "bool"].includes(to);

export const casts = [
  ...Object.entries(castable).flatMap(([from, x]) =>
    Object.entries(types)
      .filter(([to]) => to !== from && fits(from, to))
      .map(([to, code]) => one("Cast", `${from}-${to}`, `x: ${from}[7]`, { to: code }, { inputs: { x } })),
  ),
  one(
    "CastLike",
    "i32",
    "x: f32[4], t: i32[1]",
    {},
    { inputs: { x: [1.7, -1.7, 3, 0] }, expect: [{ dtype: "i32", shape: [4], data: [1, -1, 3, 0] }] },
  ),
];

const lossTargets = { t: [1, 0, 2, 1, 2, 0], k: [0.5, 1.5, 2] };
const losses = (op, outs) =>
  each(
    op,
    "x: f32[2,3,3], t: i64[2,3]",
    { reduction: ["mean", "sum", "none", undefined], ignore_index: [undefined, 2] },
    { inputs: lossTargets, outs },
  ).concat(
    each(
      op,
      "x: f32[2,3,3], t: i64[2,3], k: f32[3]",
      { reduction: ["mean", "sum", "none"], ignore_index: [undefined, 0] },
      { inputs: lossTargets, outs },
    ).map((c) => ({ ...c, name: `${c.name}-weights` })),
  );

export const lossCases = [...losses("NegativeLogLikelihoodLoss", "y"), ...losses("SoftmaxCrossEntropyLoss", "y, p")];

const rows = { x: [1, 2, 3, -50, 0, 50, 7, 7, 7, -1e-3, 0, 88] };
export const softmaxes = ["Softmax", "LogSoftmax", "Hardmax"].flatMap((op) =>
  each(op, "x: f32[2,2,3]", { axis: [undefined, 0, 1, 2, -2] }, { inputs: rows }),
);
