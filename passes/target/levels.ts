/** Constants of 8-bit levels, as what multiplies signed levels wants them. */
import type { DType } from "../../src/base/dtype.js";
import { allocate, tensor } from "../../src/base/tensor.js";
import type { ConstData } from "../../src/ir/graph.js";

export function isLevels(dtype: DType | undefined): boolean {
  return dtype === "i8" || dtype === "u8";
}

type Levels = Int8Array | Uint8Array;

const known = new WeakMap<ConstData, Map<string, ConstData | undefined>>();

/**
 * Levels less what `zeroOf` says of each, where 8 bits with a sign hold them all; the constant itself where nothing is taken away.
 * Moved levels are made when they are loaded, and are one constant however often they are asked for under a `key`.
 */
export function movedLevels(data: ConstData, key: string, zeroOf: (i: number) => number): ConstData | undefined {
  const found = known.get(data) ?? new Map<string, ConstData | undefined>();
  known.set(data, found);
  if (!found.has(key)) found.set(key, moved(data, zeroOf));
  return found.get(key);
}

function moved(data: ConstData, zeroOf: (i: number) => number): ConstData | undefined {
  const values = data.load().data as Levels;
  let isSame = data.dtype === "i8";
  for (let i = 0; i < values.length; i++) {
    const zero = zeroOf(i);
    const x = values[i] - zero;
    if (x < -128 || x > 127) return undefined;
    isSame &&= zero === 0;
  }
  if (isSame) return data;
  const load = () => {
    const out = allocate("i8", values.length) as Int8Array;
    const levels = data.load().data as Levels;
    for (let i = 0; i < out.length; i++) out[i] = levels[i] - zeroOf(i);
    return tensor("i8", data.shape as number[], out);
  };
  return { dtype: "i8", shape: data.shape, load };
}
