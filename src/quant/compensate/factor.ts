/** A symmetric matrix as the product of a triangular one and its transpose. */

/** What is added to the diagonal, of its mean: channels that samples hardly tell apart would else pass errors on without end. */
const damping = 0.01;

export interface Factor {
  readonly count: number;
  /** [count]: the channel of each row; the strongest last. */
  readonly channels: Int32Array;
  /** [count, count], zero above the diagonal: `lower` times its transpose are the damped sums, in the order of `channels`. */
  readonly lower: Float64Array;
}

/** Cholesky's. Undefined where nothing but zeros was seen, and where rounding left no such matrix. `sums` is [count, count], symmetric, without a negative eigenvalue. */
export function factorOf(sums: Float64Array, count: number): Factor | undefined {
  let trace = 0;
  for (let i = 0; i < count; i++) trace += sums[i * count + i];
  if (trace <= 0) return undefined;
  const channels = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => sums[a * count + a] - sums[b * count + b] || a - b);
  const lower = new Float64Array(count * count);
  const damp = (damping * trace) / count;
  for (let i = 0; i < count; i++) {
    const [row, from] = [i * count, channels[i] * count];
    for (let j = 0; j <= i; j++) {
      const other = j * count;
      let sum = sums[from + channels[j]];
      for (let m = 0; m < j; m++) sum -= lower[row + m] * lower[other + m];
      lower[row + j] = i === j ? Math.sqrt(sum + damp) : sum / lower[other + j];
    }
    // Sums of float32 may be off by more than was added.
    if (!(lower[row + i] > 0)) return undefined;
  }
  return { count, channels, lower };
}
