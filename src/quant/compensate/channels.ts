/**
 * What brings the results of quantised weights back to those of a float model, channel by channel: one factor and one number
 * that is added, of the least squared error over samples. Both are believed as far as samples agree on them: what a correction
 * differs by when a sample is left out is taken off it (as James and Stein shrink a mean), so that few samples do little harm.
 */

/** Sums over the places of each channel in one sample: of the wanted results, of those that there are, and of their products. */
interface ChannelSums {
  /** Places of a channel. */
  readonly count: number;
  readonly want: Float64Array;
  readonly got: Float64Array;
  readonly both: Float64Array;
  readonly square: Float64Array;
}

/** Results of one sample, whose channels lie along `axis`; `bias`, one a channel, is taken from both. */
export function channelSums(
  want: ArrayLike<number>,
  got: ArrayLike<number>,
  { channels, inner }: { readonly channels: number; readonly inner: number },
  bias: ArrayLike<number> | undefined,
): ChannelSums {
  const make = (): Float64Array => new Float64Array(channels);
  const sums = { count: want.length / channels, want: make(), got: make(), both: make(), square: make() };
  for (let at = 0, c = 0; at < want.length; at += inner, c = c + 1 === channels ? 0 : c + 1) {
    const b = bias ? bias[bias.length === 1 ? 0 : c] : 0;
    for (let i = at; i < at + inner; i++) {
      const [w, g] = [want[i] - b, got[i] - b];
      sums.want[c] += w;
      sums.got[c] += g;
      sums.both[c] += w * g;
      sums.square[c] += g * g;
    }
  }
  return sums;
}

export interface ChannelFit {
  readonly gains: Float64Array;
  /** Added once the gain is multiplied. */
  readonly shifts: Float64Array;
}

/** A gain beyond these is no correction: the results have little to do with each other. */
const [leastGain, mostGain] = [1 / 4, 4];

/**
 * Never worse on the samples than no correction. A gain that has a shift beside it leaves the mean as it is. Without shifts gains are of
 * what is wanted itself and not of its distance from the mean. A NaN or an infinity in a channel leaves it as it is.
 */
export function fitChannels(samples: readonly ChannelSums[], isShifted: boolean): ChannelFit {
  const channels = samples[0].want.length;
  const [gains, shifts] = [new Float64Array(channels).fill(1), new Float64Array(channels)];
  const counts = samples.map((s) => s.count);
  const places = total(counts) || 1;
  for (let c = 0; c < channels; c++) {
    const [want, got] = isShifted ? [total(samples.map((s) => s.want[c])) / places, total(samples.map((s) => s.got[c])) / places] : [0, 0];
    const square = samples.map((s) => s.square[c] - 2 * got * s.got[c] + s.count * got * got);
    const both = samples.map((s) => s.both[c] - want * s.got[c] - got * s.want[c] + s.count * want * got);
    const more = believed(both.map((b, i) => b - square[i]), square); // prettier-ignore
    const off = believed(samples.map((s) => s.want[c] - s.got[c]), counts); // prettier-ignore
    if (!Number.isFinite(more) || !Number.isFinite(off)) continue;
    gains[c] = Math.max(leastGain, Math.min(mostGain, 1 + more));
    if (isShifted) shifts[c] = off + (1 - gains[c]) * got;
  }
  return { gains, shifts };
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The ratio of two sums, less where samples disagree on it, by what it is with each of them left out; 0 from one sample alone. */
function believed(above: readonly number[], below: readonly number[]): number {
  const [a, b, n] = [total(above), total(below), above.length];
  if (n < 2 || !(b > 0)) return Number.isFinite(a) ? 0 : NaN;
  const without = above.map((x, i) => (b - below[i] > 0 ? (a - x) / (b - below[i]) : 0));
  const mean = total(without) / n;
  const variance = (total(without.map((x) => (x - mean) ** 2)) * (n - 1)) / n;
  const ratio = a / b;
  return ratio === 0 ? 0 : ratio * Math.max(0, 1 - variance / (ratio * ratio));
}
