/** How far values of one model are from their likes in another, over samples run through both in onnxruntime. */
import type { Running } from "../driver/events.js";
import type { Graph, Value } from "../ir/graph.js";
import { realsOf } from "../ops/evaluate/contract.js";
import type { Samples } from "./calibrate/samples.js";
import { isWatchable, watch } from "./calibrate/watch.js";

/** Sums over elements from which both figures follow. */
export interface Figures {
  readonly sqnrDb: number;
  readonly cosine: number;
}

class Sums {
  #want = 0;
  #got = 0;
  #both = 0;
  #error = 0;

  /** Numbers of its own while it goes over the elements: a field that changes is a new object each time. */
  add(want: ArrayLike<number>, got: ArrayLike<number>): void {
    let [ofWant, ofGot, both, error] = [this.#want, this.#got, this.#both, this.#error];
    for (let i = 0; i < want.length; i++) {
      const a = want[i];
      const b = got[i];
      ofWant += a * a;
      ofGot += b * b;
      both += a * b;
      error += (a - b) * (a - b);
    }
    [this.#want, this.#got, this.#both, this.#error] = [ofWant, ofGot, both, error];
  }

  figures(): Figures {
    const none = this.#want === 0 && this.#got === 0;
    return {
      sqnrDb: this.#error === 0 ? Infinity : 10 * Math.log10(this.#want / this.#error),
      cosine: none ? 1 : this.#both / Math.sqrt(this.#want * this.#got),
    };
  }
}

/** How far values of `after` are from their likes of `before`, over all samples. Values that are no floats are left out. */
export async function distances(
  before: Graph,
  after: Graph,
  pairs: readonly (readonly [Value, Value])[],
  samples: Samples,
  running: Running,
): Promise<ReadonlyMap<Value, Figures>> {
  const told = pairs.filter(([a]) => isWatchable(a));
  const sums = told.map(() => new Sums());
  const models = [
    { graph: before, values: told.map(([a]) => a) },
    { graph: after, values: told.map(([, b]) => b) },
  ];
  await watch(models, samples, { ...running, label: "measure" }, (place, [want, got]) => {
    sums[place].add(realsOf(want), realsOf(got));
  });
  return new Map(told.map(([a], i) => [a, sums[i].figures()]));
}
