/** Where the values of a model lie over all samples, as a whole and by channel. */
import type { Running } from "../../driver/events.js";
import { toNumbers } from "../../base/float-formats.js";
import type { Tensor } from "../../base/tensor.js";
import type { Graph, Value } from "../../ir/graph.js";
import { Channels, type ChannelFigures } from "../observe/channels.js";
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

/** An activation, and the axis of its channels. */
export interface Channelled {
  readonly value: Value;
  readonly axis: number;
  readonly count: number;
}

/** Figures by channel. Throws and rejects as `watch` does. */
export async function observeChannels(
  graph: Graph,
  wanted: readonly Channelled[],
  samples: Samples,
  running: Running,
): Promise<ReadonlyMap<Value, ChannelFigures>> {
  const seen = wanted.map((w) => new Channels(w.axis, w.count));
  await watch([{ graph, values: wanted.map((w) => w.value) }], samples, { ...running, label: "observe channels" }, (place, [t]) => {
    seen[place].add(floatsOf(t), t.shape);
  });
  return new Map(wanted.map((w, i) => [w.value, seen[i].figures()]));
}

export function floatsOf(t: Tensor): Float32Array | Float64Array {
  return t.data instanceof Float32Array ? t.data : toNumbers(t);
}
