/** Nibbles that run across the output channels: 8 columns a word, in an order that repeats every 8 or 64 columns. */

/**
 * Of values [n, rows] with a sign the words [rows, n / 8] without: nibble p of each stretch of `order.length` columns
 * holds column order[p].
 */
export function packColumns(values: Int8Array, n: number, rows: number, order: Int32Array): Int32Array {
  const words = n / 8;
  const out = new Int32Array(rows * words);
  for (let p = 0; p < n; p++) {
    const shift = (p % 8) * 4;
    const from = columnOf(p, order) * rows;
    for (let r = 0, at = p >> 3; r < rows; r++, at += words) out[at] |= ((values[from + r] + 8) & 15) << shift;
  }
  return out;
}

export function unpackColumns(words: Int32Array, n: number, rows: number, order: Int32Array): Int8Array {
  const out = new Int8Array(n * rows);
  for (let p = 0; p < n; p++) {
    const shift = (p % 8) * 4;
    const to = columnOf(p, order) * rows;
    for (let r = 0, at = p >> 3; r < rows; r++, at += n / 8) out[to + r] = ((words[at] >>> shift) & 15) - 8;
  }
  return out;
}

function columnOf(p: number, order: Int32Array): number {
  const within = p % order.length;
  return p - within + order[within];
}
