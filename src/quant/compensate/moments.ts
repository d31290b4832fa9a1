/** What samples say of neighbouring channels together: the sums of products of every two, over all rows seen. */

export class Moments {
  /** Channels. */
  readonly count: number;
  /** [count, count], symmetric. */
  readonly sums: Float64Array;
  #isFinite = true;

  constructor(count: number) {
    this.count = count;
    this.sums = new Float64Array(count * count);
  }

  /** Whether only numbers were seen: one NaN in a row is in every sum of its channel. */
  get isFinite(): boolean {
    return this.#isFinite;
  }

  /** [count, count] sums of the rows of one sample. */
  add(products: ArrayLike<number>): void {
    const { sums } = this;
    // What is no number stays none when it is multiplied by nothing.
    let finite = 0;
    for (let i = 0; i < sums.length; i++) {
      sums[i] += products[i];
      finite += products[i] * 0;
    }
    if (finite !== 0) this.#isFinite = false;
  }
}
