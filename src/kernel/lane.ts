/**
 * The functions of src/ops on lanes: the arithmetic behind constant folding and behind the interpreters of expressions and
 * of lowered programs. f32 results are rounded once from double precision, i32 wraps, masks are 0 or 1.
 */
import { numberFn, unaryNumber } from "../ops/evaluate/scalar.js";
import type { BinaryFn, UnaryFn } from "../ops/primitive.js";
import type { LaneFn, LaneType } from "./tile.js";

/** A lane's value: f32 and integers as numbers (i32 and u32 in range), masks as 0 or 1. 64-bit integers are not lanes of vectors. */
export type LaneValue = number;

const word = new DataView(new ArrayBuffer(4));

export function f32Bits(x: number): number {
  word.setFloat32(0, x);
  return word.getInt32(0);
}

export function f32FromBits(bits: number): number {
  word.setInt32(0, bits);
  return word.getFloat32(0);
}

type Compute = (a: number, b: number, c: number) => number;

/** What chips compute beside the primitives' functions, on floats. */
const ofChips: Readonly<Partial<Record<LaneFn, Compute>>> = { fma: (a, b, c) => a * b + c, exp2: (a) => 2 ** a, log2: Math.log2 };

const names = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const logic = names("and or xor not");
const whole = names("truncdiv floordiv bitand bitor bitxor bitnot shl shr");
const shared = names("neg abs sign add sub mul mod fmod min max pow");

/** A function before its result is stored; undefined where it has no meaning for the type. */
function meaning(fn: LaneFn, type: LaneType): Compute | undefined {
  const isFloat = type === "f32";
  if (fn in ofChips) return isFloat ? ofChips[fn] : fn === "fma" && type !== "mask" ? (a, b, c) => Math.imul(a, b) + c : undefined;
  const has = type === "mask" ? logic.has(fn) : isFloat ? !logic.has(fn) && !whole.has(fn) : whole.has(fn) || shared.has(fn);
  if (!has) return undefined;
  return fn in unaryNumber ? unaryNumber[fn as UnaryFn] : numberFn(fn as BinaryFn, isFloat ? "f32" : type === "u32" ? "u32" : "i32");
}

/** The value as its lane type stores it. */
export function wrapLane(type: LaneType, x: number): LaneValue {
  if (type === "f32") return Math.fround(x);
  if (type === "i32") return x | 0;
  if (type === "u32") return x >>> 0;
  if (type === "mask") return x === 0 ? 0 : 1;
  return x;
}

/** fn on operands of one type, its result stored as a lane; undefined where the function has no meaning for the type. */
export function laneCompute(fn: LaneFn, type: LaneType): Compute | undefined {
  if (fn === "isnan" || fn === "isinf") return unaryNumber[fn];
  const compute = meaning(fn, type);
  return compute && ((a, b, c) => wrapLane(type, compute(a, b, c)));
}

export function laneFn(fn: LaneFn, type: LaneType, [a, b = 0, c = 0]: readonly LaneValue[]): LaneValue | undefined {
  return laneCompute(fn, type)?.(a, b, c);
}

/** The bits of a 32-bit lane read as another 32-bit type. */
export function bitcastLane(from: LaneType, to: LaneType, x: LaneValue): LaneValue {
  const bits = from === "f32" ? f32Bits(x) : x | 0;
  return to === "f32" ? f32FromBits(bits) : wrapLane(to, bits);
}
