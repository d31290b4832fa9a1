/**
 * Small integers in a row of words: the one way in which ONNX, GPTQ, AWQ, compressed-tensors and the targets store
 * them. The first value takes the lowest bits; a value that does not fit the rest of a word goes on in the next one.
 */

/** Words of 32 bits, or bytes. */
export type Words = Int32Array | Uint8Array | Int8Array;

/** Where a line begins in an array, and how far its elements are apart. */
export interface Line {
  readonly at: number;
  readonly step: number;
}

/** How many words `count` values take. */
export function wordsFor(count: number, bits: number, wordBits: 8 | 32): number {
  return Math.ceil((count * bits) / wordBits);
}

/** Writes `count` values, each raised by `bias` and cut to `bits`; what is left of the last word is zero. */
export function packLine(
  values: Int8Array | Uint8Array,
  from: Line,
  count: number,
  bits: number,
  bias: number,
  words: Words,
  to: Line,
): void {
  const wordBits = words.BYTES_PER_ELEMENT * 8;
  const mask = 2 ** bits - 1;
  const { step } = from;
  let word = 0;
  let filled = 0;
  let at = from.at;
  let out = to.at;
  for (let i = 0; i < count; i++, at += step) {
    const value = (values[at] + bias) & mask;
    word |= value << filled;
    filled += bits;
    if (filled < wordBits) continue;
    words[out] = word;
    out += to.step;
    filled -= wordBits;
    word = value >>> (bits - filled);
  }
  if (filled > 0) words[out] = word;
}

/** Reads what `packLine` wrote: each value between 0 and 2^bits - 1, lowered by `bias`. */
export function unpackLine(
  words: Words,
  from: Line,
  count: number,
  bits: number,
  bias: number,
  values: Int8Array | Uint8Array,
  to: Line,
): void {
  const wordBits = words.BYTES_PER_ELEMENT * 8;
  const wordMask = wordBits === 8 ? 255 : -1;
  const mask = 2 ** bits - 1;
  let [used, at, out] = [0, from.at, to.at];
  for (let i = 0; i < count; i++, out += to.step) {
    let value = (words[at] & wordMask) >>> used;
    used += bits;
    if (used >= wordBits) {
      at += from.step;
      used -= wordBits;
      if (used > 0) value |= words[at] << (bits - used);
    }
    values[out] = (value & mask) - bias;
  }
}
