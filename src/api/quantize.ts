/** quantize(): a model of floats in, one whose products and convolutions compute in integers out, as ONNX. */
import { basename, resolve } from "node:path";
import { DiagnosticError, fail, problem, type Diagnostic } from "../base/diagnostic.js";
import { writeWhole } from "../host/files.js";
import { Scratch } from "../host/scratch.js";
import { Spool } from "../host/spool.js";
import { finishInTurns } from "../host/turns.js";
import type { Graph } from "../ir/graph.js";
import type { Speech } from "../onnx/export/export.js";
import { loadModel, type LoadedModel, type ModelOptions, type ModelSource } from "../driver/load.js";
import { placing } from "../driver/place.js";
import { onnxFiles, requireOther, speechOf } from "../driver/save.js";
import { Memory } from "../quant/calibrate/memory.js";
import type { Preprocessing } from "../quant/calibrate/images.js";
import { givenSamples, madeUp, samplesIn, seededSamples, type Samples, type SeededCalibration } from "../quant/calibrate/samples.js";
import { parseBudget } from "../quant/budget.js";
import type { Scores } from "../quant/judge.js";
import { metricOf, type MetricFunction } from "../quant/calibrate/metric.js";
import type { Figures } from "../quant/distances.js";
import { learning } from "../quant/learnt.js";
import { inMemory, type Shelf } from "../quant/shelf.js";
import type { Choice } from "../quant/search.js";
import type { Layer } from "../quant/layers.js";
import type { RangeRule } from "../quant/observe/range.js";
import { quantiseModel } from "../quant/quantise.js";
import { quantiseReport } from "../quant/report.js";
import { schemeOptions, schemes, usualScheme, type Scheme, type SchemeOption } from "../quant/scheme.js";
import type { Feed } from "../verify/inputs.js";
import { fileOf, requireLoadable } from "../verify/optimized.js";
import { asResult } from "./compile.js";
import { quantizeChecks, requireModel, requireOptions } from "./options.js";

export { seedIn, type SeededCalibration } from "../quant/calibrate/samples.js";

export interface QuantizeOptions extends ModelOptions {
  /**
   * Arrays by input name, one map a sample; a file or folder of them; or a seed. Without, activations have no fixed levels (w8a8 needs them), and
   * no figures are measured.
   */
  readonly calibration?: readonly Feed[] | string | SeededCalibration;
  /** What becomes of pictures: with it the files of `calibration` are .png and .jpg, one a sample, for a model of one input. */
  readonly images?: Preprocessing;
  /**
   * w8a8: int8 weights with one scale an output channel, int8 activations with one scale and zero point. w8a8-dynamic: int8
   * activations with one scale a row (an image of a convolution), found when the model runs. w8a16: the weights alone. w4a16:
   * weights of matrix products alone, int4 in groups, as com.microsoft MatMulNBits, levels chosen by the samples where there
   * are any. auto unless told: w8a8-dynamic where most multiplications are of matrices or there are no samples, else w8a8.
   */
  readonly scheme?: Scheme | "auto";
  /** Of w4a16: neighbours along what is summed that share a scale, a power of two from 16; 128 unless told. */
  readonly group?: number;
  /** Of w8a8: how the range of an activation is chosen from what the samples hold; "mse" unless told. */
  readonly ranges?: RangeRule;
  /** Names of products and convolutions that stay in float; * stands for any text. */
  readonly skip?: readonly string[];
  /**
   * `sqnr>=30dB` or `cosine>=0.99` of every output against the float model's, on the samples, or `drop<=0.5%` of the float model's score
   * by `metric`: as few layers as it takes stay in float. A budget that is missed even so is `budget-missed`, and the result is not ok.
   */
  readonly budget?: string;
  /**
   * What a budget of a drop is of: a function of each sample's outputs, the higher the better, whose mean over the samples of calibration
   * is a model's score; a file whose default export is one (.mjs, .js; .ts from Node.js 22.18 on); or a command that is run as
   * `COMMAND OUTPUTS FLOAT` with folders of the model's and of the float model's outputs, SAMPLE/NAME.npy, and prints the score as its
   * last line. What throws, ends with another code than 0, or gives no finite number is `bad-metric`.
   */
  readonly metric?: string | MetricFunction;
  /** The opset of ai.onnx to write; absent keeps the model's own, or takes the next newer one that has words for the result. */
  readonly opset?: number;
  /** File to write; absent keeps the model in memory. */
  readonly output?: string;
  /** HTML file to write about it: one page that asks for nothing else. */
  readonly report?: string;
  /** Weights go to `<output>.data` beside the model. Also done when they take more than 1 GiB. */
  readonly externalData?: boolean;
  /** Threads that pack the weights of w4a16, where there is enough for several; one a core unless told. 1 starts none. */
  readonly threads?: number;
}

export interface QuantizedModel {
  /** The one that was asked for, or that `auto` chose. */
  readonly scheme: Scheme;
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  /** Each output against the float model's, over the samples of calibration. */
  readonly outputs: ReadonlyMap<string, Figures>;
  /** With a budget: the signal over noise foretold for each number of layers in float. */
  readonly choices?: readonly Choice[];
  /** With a metric: what it says of the float model and of this one. */
  readonly scores?: Scores;
  readonly samples: number;
  /** Files written, the model last. */
  readonly written: readonly string[];
  readonly speech: Speech;
}

export interface QuantizeResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly quantized?: QuantizedModel;
}

const wayOut = "use another: QuantizeLinear came with opset 10, and with scales of channels in 13";

/**
 * Quantises a model. Problems of the model and of the samples are diagnostics of a result that is not ok; rejects with
 * AbortError when the signal is aborted, and then nothing stays half-written.
 */
export async function quantize(model: ModelSource, options: QuantizeOptions): Promise<QuantizeResult> {
  return asResult(async () => {
    requireModel(model);
    requireOptions(options, quantizeChecks);
    requireConsistent(options);
    const loaded = await loadModel(model, options);
    const { onEvent, output, calibration } = options;
    const { scheme: asked = "auto" } = options;
    const scheme = asked === "auto" ? usualScheme(loaded.graph, calibration !== undefined) : asked;
    requireRead(scheme, options);
    onEvent?.({ kind: "phase", name: "calibrate" });
    const samples = calibration === undefined ? undefined : await samplesOf(calibration, loaded.graph, options.images);
    const memory = output === undefined || samples === undefined ? undefined : new Memory(`${output}.calibration`, loaded);
    const levels = `${output}.calibration.levels`;
    requireOther(model, loaded.beside, [{ path: levels }]);
    const spool = output === undefined ? undefined : new Spool(levels);
    try {
      return await quantizeLoaded({ model, loaded, scheme, samples, memory, shelf: spool ?? inMemory }, options);
    } finally {
      // What a next run goes on from stays, beside what tells of it.
      if (!memory?.keeps(learning)) spool?.remove();
    }
  });
}

interface Loaded {
  readonly model: ModelSource;
  readonly loaded: LoadedModel;
  readonly scheme: Scheme;
  readonly samples: Samples | undefined;
  readonly memory: Memory | undefined;
  readonly shelf: Shelf;
}

async function quantizeLoaded(
  { model, loaded, scheme, samples, memory, shelf }: Loaded,
  options: QuantizeOptions,
): Promise<QuantizeResult> {
  const { signal, onEvent, output, calibration, ranges = "mse", skip = [], group = 128, threads } = options;
  const budget = options.budget === undefined ? undefined : parseBudget(options.budget);
  const metric = options.metric === undefined ? undefined : await metricOf(options.metric);
  const work = (): ReturnType<typeof quantiseModel> =>
    rememberedBy(
      memory,
      quantiseModel(loaded, samples, {
        scheme,
        ranges,
        skip,
        group,
        budget,
        metric,
        shelf,
        scratch: () => new Scratch(output),
        threads,
        signal,
        onEvent,
        ...(memory && { memory }),
      }),
    );
  const { graph, layers, outputs, choices, scores, diagnostics } = await placing(model, loaded.graph, work);
  onEvent?.({ kind: "phase", name: "write" });
  const { speech, notes } = await placing(model, loaded.graph, () => speechOf(graph, loaded.speech ?? {}, options.opset, wayOut));
  const files = output === undefined ? [] : onnxFiles(graph, output, speech, options.externalData ?? false);
  const said = [...loaded.diagnostics, ...diagnostics, ...notes, ...ofSamples(calibration, samples, scheme), ...resumed(memory)];
  if (options.report !== undefined) {
    const name = typeof model === "string" ? basename(model) : graph.name;
    const text = quantiseReport({ name, scheme, layers, outputs, choices, samples: samples?.count ?? 0, diagnostics: said });
    files.unshift({ path: options.report, bytes: [Buffer.from(text)] });
  }
  requireOther(model, loaded.beside, files);
  if (files.length > 0) await finishInTurns(writeWhole(files), signal);
  memory?.forget();
  const written = files.map((f) => f.path);
  if (output !== undefined && samples) await requireLoadable(fileOf(model, loaded), output, written);
  for (const path of written) onEvent?.({ kind: "artifact", path });
  return {
    ok: diagnostics.every((d) => d.severity !== "error"),
    diagnostics: said,
    quantized: { scheme, graph, layers, outputs, choices, scores, samples: samples?.count ?? 0, written, speech },
  };
}

/** What would be ignored is refused. */
function requireRead(scheme: Scheme, options: QuantizeOptions): void {
  for (const name of Object.keys(schemeOptions) as SchemeOption[]) {
    if (options[name] === undefined || schemes[scheme].reads.includes(name)) continue;
    const readers = Object.entries(schemes).flatMap(([other, { reads }]) => (reads.includes(name) ? [other] : []));
    fail("bad-option", `option "${name}" changes nothing in the scheme ${scheme}`, {
      why: `${schemeOptions[name][0].toUpperCase()}${schemeOptions[name].slice(1)}.`,
      fix: `Leave it out, or choose ${readers.join(" or ")}.`,
    });
  }
}

function requireConsistent({ report, output, images, calibration, budget, metric }: QuantizeOptions): void {
  const isDrop = budget !== undefined && parseBudget(budget).of === "drop";
  if (isDrop !== (metric !== undefined))
    fail(
      "bad-option",
      isDrop ? `the budget ${budget} is of a metric, and none is given` : "a metric is what a budget of a drop is of, and there is none",
      {
        fix: isDrop
          ? "Give the metric: a file whose default export is a function, or a command."
          : "Give the budget: drop<=0.5%; or leave the metric out.",
      },
    );
  if (images !== undefined && typeof calibration !== "string")
    fail("bad-option", "images says what becomes of pictures, and calibration names no files", {
      fix: "Give the folder of pictures, or leave images out.",
    });
  if (report !== undefined && output !== undefined && [output, `${output}.data`].some((path) => resolve(path) === resolve(report)))
    fail("bad-option", `"${report}" cannot be both the report and the model`, { fix: "Give each a file of its own." });
}

async function samplesOf(
  calibration: NonNullable<QuantizeOptions["calibration"]>,
  graph: Graph,
  images: Preprocessing | undefined,
): Promise<Samples> {
  if (typeof calibration === "string") return samplesIn(calibration, graph, images);
  if ("seed" in calibration) return seededSamples(graph, calibration);
  return givenSamples(graph, calibration);
}

/** What made-up samples say little of, how many there are adds nothing to. */
function ofSamples(calibration: QuantizeOptions["calibration"], samples: Samples | undefined, scheme: Scheme): Diagnostic[] {
  if (calibration === undefined || typeof calibration === "string" || !("seed" in calibration)) return alone(samples, scheme);
  return [madeUp(calibration.seed)];
}

/** What a calibration has seen is worth keeping when it was interrupted, and no more when it has failed. */
async function rememberedBy<T>(memory: Memory | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DiagnosticError) memory?.forget();
    throw error;
  }
}

function alone(samples: Samples | undefined, scheme: Scheme): Diagnostic[] {
  if (samples?.count !== 1 || scheme !== "w8a8" || [...samples.load(0).values()].some((t) => (t.shape[0] ?? 1) > 1)) return [];
  return [
    problem("calibration-one-sample", "the model was calibrated on one sample", {
      severity: "warning",
      why: "Ranges of activations follow from the samples: what one of them does not reach is clipped.",
      fix: "Give some dozens of what the model will meet; 100 are usual.",
    }),
  ];
}

function resumed(memory: Memory | undefined): Diagnostic[] {
  const runs = [...(memory?.resumed.values() ?? [])].reduce((a, b) => a + b, 0);
  if (runs === 0) return [];
  return [
    problem("calibration-resumed", `${runs} runs of the model were kept from a calibration that was interrupted`, {
      severity: "note",
      why: "They were of the same model and samples; going on gives the same numbers as never stopping.",
    }),
  ];
}
