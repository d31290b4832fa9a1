/** Lane by lane: arithmetic, functions, logic on masks. Extents and plain numbers are computed at once. */
import { decide } from "../../base/cond.js";
import { ceilDiv as ceilDims, floorDiv as floorDims, max as maxDims, min as minDims, mod as modDims, type Dim } from "../../base/dim.js";
import type { BinaryFn, UnaryFn } from "../primitive.js";
import { applyWrapped, broadcastShape, commonDType, expandTo, handleOf, isTensor, pointwise } from "./core.js";
import { fromDim, isDimLike, toDim, type Num } from "./value.js";

/** A mask: the result of a comparison, or a bool tensor. */
export type Mask = boolean | Num;

const unary =
  (fn: UnaryFn, plain?: (a: number) => number) =>
  (x: Num): Num =>
    typeof x === "number" && plain ? plain(x) : applyWrapped(fn, [handleOf(x)]);

export const abs = unary("abs", Math.abs);
export const sign = unary("sign", Math.sign);
export const floor = unary("floor", Math.floor);
export const ceil = unary("ceil", Math.ceil);
/** Half to even. */
export const round = unary("round");
export const trunc = unary("trunc", Math.trunc);
export const sqrt = unary("sqrt", Math.sqrt);
export const rsqrt = unary("rsqrt");
export const reciprocal = unary("reciprocal");
export const exp = unary("exp", Math.exp);
/** e^x - 1, accurate where x is near 0. */
export const expm1 = unary("expm1", Math.expm1);
export const log = unary("log", Math.log);
/** log(1 + x), accurate where x is near 0. */
export const log1p = unary("log1p", Math.log1p);
export const sin = unary("sin", Math.sin);
export const cos = unary("cos", Math.cos);
export const tan = unary("tan");
export const asin = unary("asin");
export const acos = unary("acos");
export const atan = unary("atan");
export const sinh = unary("sinh");
export const cosh = unary("cosh");
export const tanh = unary("tanh", Math.tanh);
export const asinh = unary("asinh");
export const acosh = unary("acosh");
export const atanh = unary("atanh");
export const erf = unary("erf");
export const bitNot = unary("bitnot");
export const isNaN = unary("isnan");
export const isInf = unary("isinf");

/** Lane-wise logic on masks. */
export const not = (x: Mask): boolean => unary("not")(x as Num) as unknown as boolean;
const logic =
  (fn: BinaryFn) =>
  (a: Mask, b: Mask): boolean =>
    pointwise(fn, [a, b]) as unknown as boolean;
export const and = logic("and");
export const or = logic("or");
export const xor = logic("xor");

function binary(fn: BinaryFn, dims?: (a: Dim, b: Dim) => Dim, plain?: (a: number, b: number) => number) {
  return (a: Num, b: Num): Num => {
    if (isTensor(a) || isTensor(b)) return pointwise(fn, [a, b]);
    if (plain && typeof a === "number" && typeof b === "number") return plain(a, b);
    if (dims && isDimLike(a) && isDimLike(b)) return fromDim(dims(toDim(a), toDim(b)));
    return pointwise(fn, [a, b]);
  };
}

/** The simpler of two extents when their order follows from what is known. */
function ordered(pick: "min" | "max"): (a: Dim, b: Dim) => Dim {
  return (a, b) => {
    if (decide({ op: "le", a, b }) === true) return pick === "min" ? a : b;
    if (decide({ op: "le", a: b, b: a }) === true) return pick === "min" ? b : a;
    return pick === "min" ? minDims(a, b) : maxDims(a, b);
  };
}

/** NaN in either operand gives NaN. */
export const minimum = binary("min", ordered("min"), Math.min);
export const maximum = binary("max", ordered("max"), Math.max);
export const truncDiv = binary("truncdiv", floorDims, (a, b) => Math.trunc(a / b));
export const floorDiv = binary("floordiv", floorDims, (a, b) => Math.floor(a / b));
/** Remainder with the divisor's sign. */
export const mod = binary("mod", modDims, (a, b) => ((a % b) + b) % b);
/** Remainder with the dividend's sign. */
export const fmod = binary("fmod", undefined, (a, b) => a % b);
/** Any power; `**` is the same. */
export const power = binary("pow", undefined, Math.pow);
export const bitAnd = binary("bitand");
export const bitOr = binary("bitor");
export const bitXor = binary("bitxor");
export const shiftLeft = binary("shl");
export const shiftRight = binary("shr");

/** Of extents and numbers. */
export function ceilDiv(a: Num, b: Num): Num {
  return fromDim(ceilDims(toDim(a), toDim(b)));
}

/** Lane by lane: a where the mask holds, else b. */
export function where(mask: Mask, a: Num, b: Num): Num {
  const dtype = commonDType("where", [a, b]) ?? "f32";
  const parts = [handleOf(mask, "bool"), handleOf(a, dtype), handleOf(b, dtype)];
  const shape = broadcastShape(
    "where",
    parts.map((h) => h.shape),
  );
  return applyWrapped(
    "select",
    parts.map((h) => expandTo(h, shape)),
  );
}

/** Value limited to lo..hi; an absent bound limits nothing. */
export function clamp(x: Num, lo?: Num, hi?: Num): Num {
  const raised = lo === undefined ? x : maximum(x, lo);
  return hi === undefined ? raised : minimum(raised, hi);
}
