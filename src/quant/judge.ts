/** Whether a quantised model is as good as a budget wants. */
import type { Running } from "../driver/events.js";
import type { Graph, Value } from "../ir/graph.js";
import { isDropMet, isMet, noiseAt, type Budget } from "./budget.js";
import type { Samples } from "./calibrate/samples.js";
import { distances } from "./distances.js";
import { resultsOf, type Metric } from "./calibrate/metric.js";

/** Of a metric, on the samples. */
export interface Scores {
  readonly float: number;
  readonly quantised: number;
}

interface Verdict {
  readonly isMet: boolean;
  readonly scores?: Scores;
}

export interface Judge {
  /** Noise over signal at which a budget of figures is just met; a metric foretells none. */
  readonly noise?: number;
  readonly verdictOn: (after: Graph) => Promise<Verdict>;
}

/** A metric is asked about the float model at once, so that a bad one stops before anything is learnt. Throws `bad-metric`, and throws and rejects as `watch` does. */
export async function judgeOf(
  float: Graph,
  { budget, metric }: { readonly budget: Budget; readonly metric?: Metric | undefined },
  samples: Samples,
  running: Running,
): Promise<Judge> {
  if (budget.of === "drop") return ofMetric(float, { most: budget.most, metric: metric as Metric }, samples, running);
  const verdictOn = async (after: Graph): Promise<Verdict> => {
    const ends = float.outputs.map((v, i): readonly [Value, Value] => [v, after.outputs[i]]);
    return { isMet: isMet(budget, (await distances(float, after, ends, samples, running)).values()) };
  };
  return { noise: noiseAt(budget), verdictOn };
}

async function ofMetric(
  float: Graph,
  { most, metric }: { readonly most: number; readonly metric: Metric },
  samples: Samples,
  running: Running,
): Promise<Judge> {
  const scoreOf = (graph: Graph): Promise<number> => metric.score(resultsOf(float, graph, samples, running), running);
  const whole = await scoreOf(float);
  const verdictOn = async (after: Graph): Promise<Verdict> => {
    const scores = { float: whole, quantised: await scoreOf(after) };
    return { isMet: isDropMet(most, scores.float, scores.quantised), scores };
  };
  return { verdictOn };
}
