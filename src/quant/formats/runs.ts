/**
 * What the search of a scale asks of elements that share one, two elements at a time in the processor's vectors: their reach, and
 * the squared error that a scale costs. Elements lie in a room that vectors read from.
 */
import { f32x4, f64, f64x2, i16x8, i32, i32x4, i8x16, repeat, v128, compiled, type Code, type WasmFunction } from "../../base/wasm.js";
import type { Grid } from "./grid.js";

/** Runs begin and end at multiples of this; what fills one up is zero and costs nothing. */
const runStep = 16;

/** What a run of so many elements takes. */
export const filled = (length: number): number => Math.ceil(length / runStep) * runStep;

export interface Room {
  readonly values: Float32Array;
  /** The largest magnitude of elements `at` to `end`; NaN counts for nothing. */
  reach(at: number, end: number): number;
  /** Sum of squared differences between elements and their nearest levels, in float64. */
  error(at: number, end: number, scale: number, grid: Grid): number;
  /** Of all elements, where `quantise` has put them. */
  readonly levels: Int8Array;
  /** As QuantizeLinear has it, zero in the middle, for signed levels of at most 8 bits. */
  quantise(at: number, end: number, scale: number, grid: Grid): void;
}

/** Adding and subtracting this rounds a double to an integer, ties to even; what is far out is clipped all the same. */
const shift = 1.5 * 2 ** 52;

/** Of elements at bytes `at` to `end`. */
const reach: WasmFunction = {
  parameters: ["i32", "i32"],
  result: "f64",
  body: ([at, end], local) => {
    const most = local("v128");
    const [low, high] = [f64x2.promote(most.get), f64x2.promote(v128.turned(most.get))];
    const larger = f64x2.pmax(low, high);
    return [
      repeat([most.set(f32x4.pmax(most.get, f32x4.abs(v128.load(at.get)))), at.set(i32.add(at.get, i32.const(16)))], i32.less(at.get, end.get)), // prettier-ignore
      f64.max(f64x2.lane(0)(larger), f64x2.lane(1)(larger)),
    ];
  },
};

/** Of elements at bytes `at` to `end`; two sums, of every other element, are added at the end. */
const error: WasmFunction = {
  parameters: ["i32", "i32", "f64", "f64", "f64", "f64"],
  result: "f64",
  body: ([at, end, scale, inverse, low, high], local) => {
    const [s, inv, least, most, whole] = [local("v128"), local("v128"), local("v128"), local("v128"), local("v128")];
    const [x, off, sum] = [local("v128"), local("v128"), local("v128")];
    const integer = f64x2.sub(f64x2.add(f64x2.mul(x.get, inv.get), whole.get), whole.get);
    const level = f64x2.pmin(f64x2.pmax(integer, least.get), most.get);
    const pair = (offset: number): readonly Code[] => [
      x.set(f64x2.promote(v128.loadHalf(at.get, offset))),
      off.set(f64x2.sub(f64x2.mul(level, s.get), x.get)),
      sum.set(f64x2.add(sum.get, f64x2.mul(off.get, off.get))),
    ];
    return [
      s.set(f64x2.splat(scale.get)),
      inv.set(f64x2.splat(inverse.get)),
      least.set(f64x2.splat(low.get)),
      most.set(f64x2.splat(high.get)),
      whole.set(f64x2.splat(f64.const(shift))),
      repeat([...pair(0), ...pair(8), at.set(i32.add(at.get, i32.const(16)))], i32.less(at.get, end.get)),
      f64.add(f64x2.lane(0)(sum.get), f64x2.lane(1)(sum.get)),
    ];
  },
};

/** Elements at bytes `at` to `end` become bytes from `to` on, sixteen at a time, in float32 as QuantizeLinear has it. */
const levels: WasmFunction = {
  parameters: ["i32", "i32", "i32", "f64", "f64", "f64"],
  body: ([at, end, to, scale, low, high], local) => {
    const [s, least, most] = [local("v128"), local("v128"), local("v128")];
    const four = (offset: number): Code =>
      i32x4.truncate(f32x4.pmin(f32x4.pmax(f32x4.nearest(f32x4.div(v128.load(at.get, offset), s.get)), least.get), most.get));
    return [
      s.set(f32x4.splat(f64.toFloat(scale.get))),
      least.set(f32x4.splat(f64.toFloat(low.get))),
      most.set(f32x4.splat(f64.toFloat(high.get))),
      repeat(
        [
          v128.store(to.get, i8x16.narrow(i16x8.narrow(four(0), four(16)), i16x8.narrow(four(32), four(48)))),
          to.set(i32.add(to.get, i32.const(16))),
          at.set(i32.add(at.get, i32.const(64))),
        ],
        i32.less(at.get, end.get),
      ),
    ];
  },
};

interface Functions {
  readonly reach: (at: number, end: number) => number;
  readonly error: (at: number, end: number, scale: number, inverse: number, low: number, high: number) => number;
  readonly levels: (at: number, end: number, to: number, scale: number, low: number, high: number) => void;
}

let inRoom: ReturnType<typeof compiled> | undefined;
let current: Room | undefined;

/** Of at least `count` elements; valid until the next call. */
export function roomFor(count: number): Room {
  if (current && current.values.length >= count) return current;
  inRoom ??= compiled({ reach, error, levels });
  const size = filled(count);
  const { memory, exports } = inRoom(5 * size);
  const own = exports as Functions;
  return (current = {
    values: new Float32Array(memory, 0, size),
    levels: new Int8Array(memory, 4 * size, size),
    reach: (at, end) => own.reach(4 * at, 4 * end),
    error: (at, end, scale, { low, high }) => own.error(4 * at, 4 * end, scale, 1 / scale, low, high),
    quantise: (at, end, scale, { low, high }) => own.levels(4 * at, 4 * end, 4 * size + at, scale, low, high),
  });
}

/** The elements of a run, filled up, in the room's beginning; and their end there. */
export function roomWith(x: Float32Array, at: number, length: number): readonly [Room, number] {
  const end = filled(Math.max(1, length));
  const room = roomFor(end);
  room.values.set(x.subarray(at, at + length));
  room.values.fill(0, length, end);
  return [room, end];
}
