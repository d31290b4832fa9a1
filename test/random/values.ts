/** Seeded tensors: numbers on which sums are exact, others on which they are not, extremes, zeros of both signs. */
import { dtypes, isFloat, type DType } from "../../src/base/dtype.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import { allocate, elementCount, type Tensor } from "../../src/base/tensor.js";
import type { Rng } from "./rng.js";

/** grid: multiples of 1/8, many of them equal; plain: any; wide: integers over their whole range. */
export type Filling = "grid" | "plain" | "wide";

export function tensorOf(dtype: DType, shape: readonly number[], values: readonly number[]): Tensor {
  return fromNumbers(dtype, shape, values);
}

export function randomTensor(rng: Rng, dtype: DType, shape: readonly number[], filling: Filling): Tensor {
  const count = elementCount(shape);
  if (dtype === "bool")
    return tensorOf(
      dtype,
      shape,
      Array.from({ length: count }, () => Number(rng.chance(0.5))),
    );
  if (isFloat(dtype))
    return tensorOf(
      dtype,
      shape,
      Array.from({ length: count }, () => someFloat(rng, filling)),
    );
  if (filling === "wide") return extremes(rng, dtype, shape);
  const low = dtypes[dtype].kind === "uint" ? 0 : -9;
  return tensorOf(
    dtype,
    shape,
    Array.from({ length: count }, () => rng.int(low, 19)),
  );
}

function someFloat(rng: Rng, filling: Filling): number {
  if (filling === "grid") return rng.int(-16, 16) / 8;
  if (rng.chance(0.02)) return rng.chance(0.5) ? 0 : -0;
  return (rng.next() + rng.next() + rng.next() - 1.5) * 2;
}

/** Any bits, with the ends of the type and what lies beside them. i64 keeps to values that survive as i32 in most programs. */
function extremes(rng: Rng, dtype: DType, shape: readonly number[]): Tensor {
  const { bits, kind } = dtypes[dtype];
  const data = allocate(dtype, elementCount(shape)) as { [i: number]: number | bigint; readonly length: number };
  const [low, high] = kind === "uint" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  for (let i = 0; i < data.length; i++) {
    if (bits === 64) {
      const most = (1n << 63n) - 1n;
      const any = (BigInt(rng.int(-(2 ** 31), 2 ** 31 - 1)) << 21n) + BigInt(rng.int(0, 2 ** 21 - 1));
      data[i] = rng.pick([any, any, BigInt(rng.int(-9, 9)), most, -most - 1n, 9007199254740993n, 4294967296n]);
    } else data[i] = rng.pick([rng.int(low, high), rng.int(low, high), low, high, high - 1, low + 1, 0, 1]);
  }
  return { dtype, shape, data: data as unknown as Tensor["data"] };
}
