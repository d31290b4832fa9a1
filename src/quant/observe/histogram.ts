/**
 * What is remembered of a tensor over many samples: its least and greatest value and how often values fall where.
 *
 * The bins cover [-reach, reach) with a power of two as reach. When a value lies beyond, reach doubles and pairs of bins
 * become one, so that the same values give the same counts in any order and from any number of parts. Zeros, of which a
 * Relu leaves many and which every grid holds exactly, are counted apart.
 */

/** Bins on each side of zero. */
const side = 4096;
/** The smallest reach; values of no more than that count as zeros. */
const smallest = 2 ** -60;
/** The greatest reach, so that it is a number; the last bin holds what is beyond. */
const largest = 2 ** 1023;

/** A histogram as it is kept in a file. */
export interface HistogramState {
  readonly reach: number;
  /** Null, as JSON spells an infinity, where nothing was seen. */
  readonly lo: number | null;
  readonly hi: number | null;
  readonly seen: number;
  readonly broken: number;
  readonly zeros: number;
  /** Bins that hold something: the place and the count of each, one after the other. */
  readonly counts: readonly number[];
}

/** Values by where they fall. */
export interface Bins {
  readonly middle: Float64Array;
  readonly count: Float64Array;
  readonly zeros: number;
}

export class Histogram {
  #reach = smallest;
  #counts = new Float64Array(2 * side);
  #lo = Infinity;
  #hi = -Infinity;
  #seen = 0;
  #broken = 0;
  #zeros = 0;

  static from(state: HistogramState): Histogram {
    const out = new Histogram();
    out.#reach = state.reach;
    for (let i = 0; i < state.counts.length; i += 2) out.#counts[state.counts[i]] = state.counts[i + 1];
    [out.#lo, out.#hi] = [state.lo ?? Infinity, state.hi ?? -Infinity];
    [out.#seen, out.#broken, out.#zeros] = [state.seen, state.broken, state.zeros];
    return out;
  }

  /** Infinite where nothing was seen. */
  get lo(): number {
    return this.#lo;
  }

  get hi(): number {
    return this.#hi;
  }

  /** Finite values seen. */
  get seen(): number {
    return this.#seen;
  }

  /** NaN and infinities seen, which stand in no bin. */
  get broken(): number {
    return this.#broken;
  }

  add(values: ArrayLike<number>): void {
    this.#widen(values);
    const [counts, perBin] = [this.#counts, side / this.#reach];
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      if (Math.abs(x) < smallest) this.#zeros++;
      else if (Number.isFinite(x)) counts[Math.max(0, Math.min(2 * side - 1, Math.floor(x * perBin) + side))]++;
    }
  }

  /** What is not zero, from below: the middle of each bin that holds something, and how many values it holds. */
  bins(): Bins {
    const width = this.#reach / side;
    const held = Array.from(this.#counts.keys()).filter((i) => this.#counts[i] > 0);
    // A value never lies outside what was seen, though the middle of its bin may.
    const middle = Float64Array.from(held, (i) => Math.min(this.#hi, Math.max(this.#lo, (i - side + 0.5) * width)));
    return { middle, count: Float64Array.from(held, (i) => this.#counts[i]), zeros: this.#zeros };
  }

  state(): HistogramState {
    return {
      ...{ reach: this.#reach, lo: this.#lo, hi: this.#hi, seen: this.#seen, broken: this.#broken, zeros: this.#zeros },
      counts: Array.from(this.#counts.keys()).flatMap((i) => (this.#counts[i] > 0 ? [i, this.#counts[i]] : [])),
    };
  }

  #widen(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) {
      // No zero is negative here.
      const x = values[i] + 0;
      if (!Number.isFinite(x)) this.#broken++;
      else {
        this.#seen++;
        if (x < this.#lo) this.#lo = x;
        if (x > this.#hi) this.#hi = x;
      }
    }
    let doublings = 0;
    while ((-this.#lo > this.#reach || this.#hi >= this.#reach) && this.#reach < largest)
      [this.#reach, doublings] = [2 * this.#reach, doublings + 1];
    if (doublings > 0) this.#merge(2 ** doublings);
  }

  /** `by` bins become one. */
  #merge(by: number): void {
    const [from, to] = [this.#counts, new Float64Array(2 * side)];
    for (let i = 0; i < from.length; i++) if (from[i] > 0) to[Math.floor((i - side) / by) + side] += from[i];
    this.#counts = to;
  }
}
