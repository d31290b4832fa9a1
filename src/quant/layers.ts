/** What became of each product and convolution: held as integers or not, why, and how far its result is from the float model's. */
import { elementCount } from "../base/tensor.js";
import { byteLength } from "../base/dtype.js";
import type { Running } from "../driver/events.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { floatsOf } from "./calibrate/observe.js";
import type { Samples } from "./calibrate/samples.js";
import { isWatchable, watch } from "./calibrate/watch.js";

export interface Layer {
  /** The ONNX node. */
  readonly node: string;
  readonly op: string;
  /** Levels of weights and activations, or why it stays in float. */
  readonly held: "w8a8" | "w8" | "w4" | "float";
  readonly why?: string;
  /** Bytes of its constant operand, in the float model and in the quantised one. */
  readonly weightBytes: number;
  readonly heldBytes: number;
  /** Signal over error of its result, in dB, over the samples; absent where it was not measured. */
  readonly sqnrDb?: number;
  readonly cosine?: number;
}

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

  add(want: ArrayLike<number>, got: ArrayLike<number>): void {
    for (let i = 0; i < want.length; i++) {
      const [a, b] = [want[i], got[i]];
      this.#want += a * a;
      this.#got += b * b;
      this.#both += a * b;
      this.#error += (a - b) * (a - b);
    }
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
    sums[place].add(floatsOf(want), floatsOf(got));
  });
  return new Map(told.map(([a], i) => [a, sums[i].figures()]));
}

/** Bytes of the largest constant that a node reads, through a DequantizeLinear too. */
export function weightBytesIn(graph: Graph): (node: Node) => number {
  const made = new Map(graph.nodes.flatMap((n) => n.outputs.map((v) => [v, n] as const)));
  const behind = (v: Value | undefined): Value | undefined => {
    const maker = v && made.get(v);
    return maker?.op === "DequantizeLinear" ? maker.inputs[0] : v;
  };
  const bytesOf = (v: Value | undefined): number => {
    const data = v && graph.constants.get(v);
    return data ? byteLength(data.dtype, elementCount(data.shape)) : 0;
  };
  return (node) => Math.max(0, ...node.inputs.map((v) => bytesOf(behind(v))));
}
