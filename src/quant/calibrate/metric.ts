/** A user's own measure of a model's outputs, the higher the better: a function of each sample's, or a program that is given them all. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fail } from "../../base/diagnostic.js";
import type { Tensor } from "../../base/tensor.js";
import type { Running } from "../../driver/events.js";
import { reasonOf } from "../../host/files.js";
import { breathe } from "../../host/turns.js";
import type { Graph } from "../../ir/graph.js";
import type { Feed } from "../../verify/inputs.js";
import type { Samples } from "./samples.js";
import { openGraph } from "./watch.js";
import { commandScore } from "./metric-command.js";

/** Arrays by name: { dtype, shape, data }, `data` a typed array in row-major order. */
export type Arrays = Readonly<Record<string, Tensor>>;

export interface MetricSample {
  readonly inputs: Arrays;
  /** What the float model gives for them. */
  readonly float: Arrays;
}

/**
 * How good a model's outputs for one sample are, the higher the better; a model's score is the mean over the samples. It is asked about the
 * float model's outputs as about the quantised one's. `index` counts the samples from 0, in the order of calibration.
 */
export type MetricFunction = (outputs: Arrays, index: number, sample: MetricSample) => number | Promise<number>;

/** What a model gave for one sample. */
export interface Result {
  readonly outputs: Arrays;
  readonly index: number;
  readonly sample: MetricSample;
}

export interface Metric {
  /** Of a model, from its results on all samples, in order. Throws `bad-metric`; rejects with AbortError when cancelled. */
  readonly score: (results: AsyncIterable<Result>, running: Running) => Promise<number>;
}

/** Names of files that are modules; anything else is a command. */
const module = /^\S+\.[cm]?[jt]s$/;

/** From a function, a file whose default export is one, or a command. Throws `bad-metric`. */
export async function metricOf(what: string | MetricFunction): Promise<Metric> {
  if (typeof what === "function") return ofFunction(what, "the metric");
  if (!existsSync(what) && !module.test(what)) return { score: (results, running) => commandScore(what, results, running) };
  return ofFunction(await loaded(what), `the metric of "${what}"`);
}

async function loaded(path: string): Promise<MetricFunction> {
  const { default: own } = (await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => unreadable(path, error))) as {
    default?: unknown;
  };
  if (typeof own === "function") return own as MetricFunction;
  return fail("bad-metric", `"${path}" has no function as its default export`, {
    location: { path },
    fix: "Write export default (outputs, index, sample) => a number, the higher the better.",
  });
}

function unreadable(path: string, error: unknown): never {
  const isUnknown = (error as { code?: string }).code === "ERR_UNKNOWN_FILE_EXTENSION";
  return fail("bad-metric", `"${path}" cannot be loaded: ${reasonOf(error)}`, {
    location: { path },
    fix: isUnknown ? "Node.js loads TypeScript as it is from 22.18 on; before, give it compiled to JavaScript." : "Correct the module.",
  });
}

function ofFunction(metric: MetricFunction, name: string): Metric {
  const valueOf = async ({ outputs, index, sample }: Result): Promise<number> => {
    try {
      return await metric(outputs, index, sample);
    } catch (error) {
      return fail("bad-metric", `${name} threw on sample ${index}: ${reasonOf(error)}`, { fix: "Correct the function." });
    }
  };
  const score = async (results: AsyncIterable<Result>): Promise<number> => {
    let [sum, count] = [0, 0];
    for await (const result of results) {
      const value: unknown = await valueOf(result);
      if (typeof value !== "number" || !Number.isFinite(value))
        return fail("bad-metric", `${name} gave ${String(value)} on sample ${result.index}, and no number that compares`, {
          fix: "Give a finite number for every sample, the higher the better.",
        });
      [sum, count] = [sum + value, count + 1];
    }
    return sum / count;
  };
  return { score };
}

/** A model's results beside the float model's; `after` may be that itself. Throws and rejects as `watch` does. */
export async function* resultsOf(float: Graph, after: Graph, samples: Samples, { signal, onEvent }: Running): AsyncIterable<Result> {
  const reference = await openGraph(float, float.outputs);
  const other = after === float ? undefined : await openGraph(after, after.outputs);
  const named = (feed: Feed): Arrays => Object.fromEntries(feed);
  for (let index = 0; index < samples.count; index++) {
    await breathe(signal);
    const feed = samples.load(index);
    const own = named(await reference.run(feed));
    const got = other ? [...(await other.run(feed)).values()] : undefined;
    const outputs = got ? Object.fromEntries(float.outputs.map((v, i) => [v.name, got[i]])) : own;
    yield { outputs, index, sample: { inputs: named(feed), float: own } };
    onEvent?.({ kind: "progress", label: "metric", done: index + 1, total: samples.count });
  }
}
