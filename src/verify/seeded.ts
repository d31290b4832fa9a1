/** Inputs made from a seed: the same numbers on every machine. */
import { isFloat, type DType } from "../base/dtype.js";
import { fromNumbers } from "../base/float-formats.js";
import { elementCount, type Tensor } from "../base/tensor.js";

interface ArrayType {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** A small deterministic generator (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Normal floats, small non-negative integers, coin-flip bools. */
export function seededArrays(types: readonly ArrayType[], seed: number): Map<string, Tensor> {
  const random = randomSource(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(random() || 1e-12)) * Math.cos(2 * Math.PI * random());
  return new Map(
    types.map(({ name, dtype, shape }): [string, Tensor] => {
      const numbers = Array.from({ length: elementCount(shape) }, () =>
        isFloat(dtype) ? normal() : dtype === "bool" ? Number(random() < 0.5) : Math.floor(random() * 4),
      );
      return [name, fromNumbers(dtype, shape, numbers)];
    }),
  );
}
