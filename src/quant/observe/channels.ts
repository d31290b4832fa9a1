/** What is remembered of a tensor channel by channel over many samples: the least and greatest value, the mean and the power. */
import { elementCount } from "../../base/tensor.js";

/** Figures of the channels of a value. */
export interface ChannelFigures {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  readonly mean: Float64Array;
  /** Mean of squares. */
  readonly power: Float64Array;
}

/** Channels as they are kept in a file: null stands for an infinity. */
export interface ChannelState {
  readonly lo: readonly (number | null)[];
  readonly hi: readonly (number | null)[];
  readonly sums: readonly number[];
  readonly squares: readonly number[];
  readonly seen: number;
}

export class Channels {
  readonly #axis: number;
  readonly #lo: Float64Array;
  readonly #hi: Float64Array;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  #seen = 0;

  /** `axis` may count from the end. */
  constructor(axis: number, count: number, state?: ChannelState) {
    this.#axis = axis;
    this.#lo = Float64Array.from({ length: count }, (_, c) => state?.lo[c] ?? Infinity);
    this.#hi = Float64Array.from({ length: count }, (_, c) => state?.hi[c] ?? -Infinity);
    this.#sums = Float64Array.from({ length: count }, (_, c) => state?.sums[c] ?? 0);
    this.#squares = Float64Array.from({ length: count }, (_, c) => state?.squares[c] ?? 0);
    this.#seen = state?.seen ?? 0;
  }

  state(): ChannelState {
    return { lo: [...this.#lo], hi: [...this.#hi], sums: [...this.#sums], squares: [...this.#squares], seen: this.#seen };
  }

  /** NaN and infinities are left out, as they are of a histogram. */
  add(values: ArrayLike<number>, shape: readonly number[]): void {
    const axis = this.#axis < 0 ? this.#axis + shape.length : this.#axis;
    const inner = elementCount(shape.slice(axis + 1));
    const [count, lo, hi, sums, squares] = [this.#lo.length, this.#lo, this.#hi, this.#sums, this.#squares];
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const c = Math.floor(i / inner) % count;
      if (!Number.isFinite(x)) continue;
      if (x < lo[c]) lo[c] = x;
      if (x > hi[c]) hi[c] = x;
      sums[c] += x;
      squares[c] += x * x;
    }
    this.#seen += values.length / count;
  }

  figures(): ChannelFigures {
    const over = (sums: Float64Array): Float64Array => sums.map((s) => (this.#seen === 0 ? 0 : s / this.#seen));
    return { lo: this.#lo, hi: this.#hi, mean: over(this.#sums), power: over(this.#squares) };
  }
}
