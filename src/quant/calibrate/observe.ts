/** Where the values of a model lie over all samples, as a whole and by channel; interrupted, it goes on where it stopped. */
import type { Running } from "../../driver/events.js";
import type { Graph, Value } from "../../ir/graph.js";
import { realsOf } from "../../ops/evaluate/contract.js";
import { Channels, type ChannelFigures, type ChannelState } from "../observe/channels.js";
import { Histogram, type HistogramState } from "../observe/histogram.js";
import type { Memory } from "./memory.js";
import type { Samples } from "./samples.js";
import { watch } from "./watch.js";

/** What a calibration runs with. */
export interface Calibrating extends Running {
  readonly memory?: Memory;
}

/** Histograms of values that are floats. Throws and rejects as `watch` does. */
export async function observe(
  graph: Graph,
  values: readonly Value[],
  samples: Samples,
  running: Calibrating,
): Promise<ReadonlyMap<Value, Histogram>> {
  const seen = await gathered("calibrate", graph, values, samples, running, (_, state) =>
    state === undefined ? new Histogram() : Histogram.from(state as HistogramState),
  );
  return new Map(values.map((v, i) => [v, seen[i]]));
}

/** An activation, and the axis of its channels. */
export interface Channelled {
  readonly value: Value;
  readonly axis: number;
  readonly count: number;
}

/** Figures by channel; `label` tells one calibration's times from each other. Throws and rejects as `watch` does. */
export async function observeChannels(
  label: string,
  graph: Graph,
  wanted: readonly Channelled[],
  samples: Samples,
  running: Calibrating,
): Promise<ReadonlyMap<Value, ChannelFigures>> {
  const values = wanted.map((w) => w.value);
  const seen = await gathered(label, graph, values, samples, running, (i, state) => {
    const { axis, count } = wanted[i];
    return new Channels(axis, count, state as ChannelState | undefined);
  });
  return new Map(values.map((v, i) => [v, seen[i].figures()]));
}

/** What remembers a value. */
interface Gatherer {
  add(values: ArrayLike<number>, shape: readonly number[]): void;
  state(): unknown;
}

/** What a process that is killed may lose. */
const keptEveryMs = 5000;

/** One gatherer a value, over all samples; what it has seen is kept when the calibration ends, however it does. */
async function gathered<G extends Gatherer>(
  label: string,
  graph: Graph,
  values: readonly Value[],
  samples: Samples,
  { memory, ...running }: Calibrating,
  make: (place: number, state: unknown) => G,
): Promise<readonly G[]> {
  const key = phaseKey(graph, values, samples);
  const kept = memory?.read(label, key);
  const seen = values.map((_, i) => make(i, kept?.seen[i]));
  let done = kept?.done ?? 0;
  const keep = (): void => memory?.write(label, key, done, seen.map((s) => s.state())); // prettier-ignore
  let next = performance.now() + keptEveryMs;
  const after = (n: number): void => {
    done = n;
    if (performance.now() < next) return;
    keep();
    next = performance.now() + keptEveryMs;
  };
  try {
    await watch([{ graph, values }], samples, { ...running, label, from: done, after }, (place, [t]) => {
      seen[place].add(realsOf(t), t.shape);
    });
  } finally {
    if (done > 0) keep();
  }
  return seen;
}

/** The same for the same values of the same graph on the same samples. */
export function phaseKey(graph: Graph, values: readonly Value[], samples: Samples): string {
  // Names of constants tell which of them were changed before.
  const reads = graph.nodes.map((n) => n.inputs.map((v) => v?.name));
  return JSON.stringify([samples.key, samples.count, graph.inputs.map((v) => v.type), values.map((v) => v.name), reads]);
}
