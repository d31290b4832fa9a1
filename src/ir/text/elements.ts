import { dtypes, type DType } from "../../base/dtype.js";
import { allocate, elementCount, tensor, type Tensor, type TensorData } from "../../base/tensor.js";

/** The inverse of `spellElements`; undefined when the count is wrong. */
export function parseElements(dtype: DType, shape: readonly number[], words: readonly string[]): Tensor | undefined {
  const data = allocate(dtype, elementCount(shape));
  if (words.length !== data.length) return undefined;
  const put = data as { [i: number]: number | bigint | string };
  words.forEach((word, i) => (put[i] = element(data, word)));
  return tensor(dtype, shape, data);
}

function element(data: TensorData, word: string): number | bigint | string {
  if (Array.isArray(data)) return word;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return BigInt(word);
  return Number(word.replace("inf", "Infinity").replace("nan", "NaN"));
}

/**
 * Reproducible values that depend only on the name: floats in [0.25, 1.25), so that scales, divisors
 * and variances work out; integers in 0..7; bools at random.
 */
export function seededTensor(name: string, dtype: DType, shape: readonly number[]): Tensor {
  const next = generator(name);
  const data = allocate(dtype, elementCount(shape));
  const { kind, bits } = dtypes[dtype];
  const put = data as { [i: number]: number | bigint | string };
  for (let i = 0; i < data.length; i++) {
    const u = next();
    if (Array.isArray(data)) put[i] = `s${Math.floor(u * 100)}`;
    else if (data instanceof BigInt64Array || data instanceof BigUint64Array) put[i] = BigInt(Math.floor(u * 8));
    else if (kind === "float" && bits < 32) put[i] = halfBits(dtype, u);
    else if (kind === "float" || kind === "complex") put[i] = 0.25 + u;
    else put[i] = Math.floor(u * (kind === "bool" || bits === 2 ? 2 : 8));
  }
  return tensor(dtype, shape, data);
}

/** Bits of a value in [0.5, 1) for the 16-bit floats; for 8-bit ones a small positive pattern. */
function halfBits(dtype: DType, u: number): number {
  if (dtype === "f16") return (14 << 10) | Math.floor(u * 1024);
  if (dtype === "bf16") return (126 << 7) | Math.floor(u * 128);
  return Math.floor(u * 4);
}

/** mulberry32, seeded with the FNV-1a hash of a text. */
export function generator(seed: string): () => number {
  let h = 0x811c9dc5;
  for (const c of seed) h = Math.imul(h ^ (c.codePointAt(0) as number), 0x01000193);
  return () => {
    h = (h + 0x6d2b79f5) | 0;
    let t = Math.imul(h ^ (h >>> 15), 1 | h);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
