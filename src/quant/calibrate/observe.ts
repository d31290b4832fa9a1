/** Where the values of a model lie over all samples. */
import type { Running } from "../../driver/events.js";
import { toNumbers } from "../../base/float-formats.js";
import type { Tensor } from "../../base/tensor.js";
import type { Graph, Value } from "../../ir/graph.js";
import { Histogram } from "../observe/histogram.js";
import type { Samples } from "./samples.js";
import { watch } from "./watch.js";

/** Histograms of values that are floats. Throws and rejects as `watch` does. */
export async function observe(
  graph: Graph,
  values: readonly Value[],
  samples: Samples,
  running: Running,
): Promise<ReadonlyMap<Value, Histogram>> {
  const seen = values.map(() => new Histogram());
  await watch([{ graph, values }], samples, { ...running, label: "calibrate" }, (place, [t]) => {
    seen[place].add(floatsOf(t));
  });
  return new Map(values.map((v, i) => [v, seen[i]]));
}

export function floatsOf(t: Tensor): Float32Array | Float64Array {
  return t.data instanceof Float32Array ? t.data : toNumbers(t);
}
