/** Steps that compute lane by lane: arithmetic, comparisons, masks, conversions. */
import { dtypes, isFloat, isInteger, type DType } from "../../src/base/dtype.js";
import { toNumbers } from "../../src/base/float-formats.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import type { Value } from "../../src/ir/graph.js";
import { float, int, text, type Attrs, type Growing } from "./growing.js";
import type { Step } from "./step.js";
import { tensorOf } from "./values.js";

export const storable: readonly DType[] = ["f32", "f16", "bf16", "i64", "i32", "u32", "i16", "u16", "i8", "u8", "bool"];

const floatUnary =
  "Abs Neg Sign Floor Ceil Round Sqrt Reciprocal Exp Log Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh Erf " +
  "Relu Sigmoid HardSigmoid HardSwish Softplus Softsign Mish Elu Selu Celu LeakyRelu Gelu ThresholdedRelu Shrink Swish IsNaN IsInf";

const unaryFloat: Step = (g, x) => {
  const { rng } = g;
  const op = rng.pick(floatUnary.split(" "));
  if (op === "Celu" && g.dtype(x) !== "f32") return undefined;
  const alpha = rng.pick([0.1, 0.5, 1, 1.5]);
  const attrs: Attrs =
    ["LeakyRelu", "Elu", "Celu", "ThresholdedRelu", "Swish"].includes(op) && rng.chance(0.7) ? { alpha: float(alpha) } : {};
  if (op === "Gelu") return g.node(op, [x], { approximate: text(rng.pick(["none", "tanh"])) });
  if (op === "Sqrt" || op === "Log") {
    const positive = g.node("Abs", [x]);
    return positive && g.node(op, [positive]);
  }
  return g.node(op, [x], attrs);
};

const unaryInteger: Step = (g, x) => {
  const op = g.rng.pick(dtypes[g.dtype(x)].kind === "uint" ? ["Abs", "Sign", "BitwiseNot"] : ["Abs", "Sign", "Neg", "BitwiseNot", "Relu"]);
  return g.node(op, [x]);
};

const unary: Step = (g, x) => {
  const dtype = g.dtype(x);
  if (dtype === "bool") return g.node("Not", [x]);
  return isFloat(dtype) ? unaryFloat(g, x) : unaryInteger(g, x);
};

/** A shape that broadcasts to that of x: extents become 1, leading ones fall away. */
function narrower(g: Growing, x: Value): { shape: number[]; dims: Parameters<Growing["other"]>[3] } {
  const shape = [...g.shape(x)];
  const dims = [...g.dims(x)];
  const how = g.rng.int(0, 4);
  const keep = how === 0 ? shape.length : how === 1 ? 0 : g.rng.int(0, shape.length);
  const ones = how === 3 ? shape.map(() => g.rng.chance(0.5)) : shape.map(() => false);
  const from = shape.length - keep;
  const cut = <T>(list: readonly T[], one: T): T[] => list.map((d, i) => (ones[i] ? one : d)).slice(from);
  return { shape: cut(shape, 1), dims: cut(dims, 1) };
}

/** x's partner: x itself, an earlier value of the same shape, or a new operand that broadcasts. */
export function partner(g: Growing, x: Value, dtype: DType = g.dtype(x), values?: (count: number) => number[]): Value {
  const like = values ? [] : g.scope();
  const same = like.filter((v) => g.dtype(v) === dtype && g.sameDims(v, x));
  if (same.length > 0 && g.rng.chance(0.4)) return g.rng.pick(same);
  const { shape, dims } = narrower(g, x);
  const given = values && tensorOf(dtype, shape, values(elementCount(shape)));
  return g.other(dtype, shape, given, dims);
}

/** Divisors; -1 is none of them, since the least integer divided by it has no quotient. */
const nonZero =
  (g: Growing, unsigned: boolean) =>
  (count: number): number[] =>
    Array.from({ length: count }, () => {
      const size = g.rng.int(1, 7);
      return unsigned || g.rng.chance(0.6) ? size : -Math.max(size, 2);
    });

const arithmetic: Step = (g, x) => {
  const dtype = g.dtype(x);
  if (dtype === "bool") return g.node(g.rng.pick(["And", "Or", "Xor", "Equal"]), g.rng.shuffled([x, partner(g, x)]));
  const ops = isFloat(dtype) ? ["Add", "Sub", "Mul", "Div", "Min", "Max", "PRelu", "Mod", "Pow"] : ["Add", "Sub", "Mul", "Min", "Max"];
  const op = g.rng.pick(ops);
  if (op === "PRelu") return g.node(op, [x, partner(g, x)]);
  if (op === "Mod") return g.node(op, [x, partner(g, x, dtype, nonZero(g, false))], { fmod: int(1) });
  if (op === "Div" && g.rng.chance(0.6)) return g.node(op, [x, partner(g, x, dtype, nonZero(g, false))]);
  if (op === "Pow") return g.node(op, [x, g.numbers(dtype, [g.rng.pick([2, 3, 0.5, -1, 0, 1, 2.5])], [])]);
  return g.node(op, g.rng.shuffled([x, partner(g, x)]));
};

/** What only integers have: division that truncates, both kinds of remainder, bits, shifts. */
const integer: Step = (g, x) => {
  const dtype = g.dtype(x);
  if (!isInteger(dtype)) return undefined;
  const unsigned = dtypes[dtype].kind === "uint";
  const op = g.rng.pick(["Div", "Mod", "BitwiseAnd", "BitwiseOr", "BitwiseXor", ...(unsigned ? ["BitShift"] : [])]);
  if (op === "Div" || op === "Mod") {
    const attrs: Attrs = op === "Mod" ? { fmod: int(g.rng.int(0, 1)) } : {};
    return g.node(op, [x, partner(g, x, dtype, nonZero(g, unsigned))], attrs);
  }
  if (op !== "BitShift") return g.node(op, g.rng.shuffled([x, partner(g, x)]));
  const by = partner(g, x, dtype, (n) => Array.from({ length: n }, () => g.rng.int(0, dtypes[dtype].bits - 1)));
  return g.node(op, [x, by], { direction: text(g.rng.pick(["LEFT", "RIGHT"])) });
};

const compare: Step = (g, x) => {
  const ops = g.dtype(x) === "bool" ? ["Equal"] : ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"];
  return g.node(g.rng.pick(ops), [x, partner(g, x)]);
};

/** Where over a mask made of x, or given. */
const where: Step = (g, x) => {
  const mask = g.rng.chance(0.5) ? partner(g, x, "bool") : compare(g, x);
  if (!mask || Array.isArray(mask)) return undefined;
  return g.node("Where", [mask as Value, ...g.rng.shuffled([x, partner(g, x)])]);
};

const clip: Step = (g, x) => {
  const dtype = g.dtype(x);
  if (dtype === "bool") return undefined;
  const [a, b] = [g.rng.int(0, 3), g.rng.int(0, 6)];
  const low = g.rng.chance(0.8) ? g.numbers(dtype, [Math.min(a, b)], []) : undefined;
  const high = g.rng.chance(0.8) || !low ? g.numbers(dtype, [Math.max(a, b)], []) : undefined;
  return g.node("Clip", high ? [x, low, high] : [x, low]);
};

const variadic: Step = (g, x) => {
  const dtype = g.dtype(x);
  if (dtype === "bool") return undefined;
  const op = g.rng.pick(isFloat(dtype) ? ["Sum", "Mean", "Max", "Min"] : ["Max", "Min"]);
  return g.node(op, g.rng.shuffled([x, ...Array.from({ length: g.rng.int(1, 2) }, () => partner(g, x))]));
};

/** Whether every element can be converted without leaving the range of `to`. */
function fits(t: Tensor, to: DType): boolean {
  if (!isFloat(t.dtype) || !isInteger(to)) return true;
  const { bits, kind } = dtypes[to];
  const [low, high] = kind === "uint" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return toNumbers(t).every((x) => x > low - 1 && x < Math.min(high, 2 ** 31 - 256) + 1);
}

const cast: Step = (g, x) => {
  const to = g.rng.pick(storable);
  if (to === g.dtype(x) || !fits(g.tensor(x), to)) return undefined;
  return g.node("Cast", [x], { to: int(dtypes[to].onnx) });
};

const quantize: Step = (g, x) => {
  if (g.dtype(x) !== "f32") return undefined;
  const to = g.rng.pick<DType>(["i8", "u8"]);
  const scale = g.numbers("f32", [g.rng.pick([0.125, 0.0625, 0.03])], []);
  const zero = g.numbers(to, [to === "u8" ? g.rng.int(0, 200) : g.rng.int(-100, 100)], []);
  const q = g.node("QuantizeLinear", [x, scale, zero]);
  return q && g.node("DequantizeLinear", [q, scale, zero]);
};

export const pointwise: readonly (readonly [number, Step])[] = [
  [4, unary],
  [5, arithmetic],
  [2, integer],
  [2, compare],
  [3, where],
  [1.5, clip],
  [1, variadic],
  [2.5, cast],
  [0.5, quantize],
];
