/**
 * assessModel(): what a port of a model to chips comes to, read off what compile would make of it. No weight is read but the
 * few that passes fold.
 */
import { DiagnosticError, type Diagnostic } from "../base/diagnostic.js";
import { finishInTurns } from "../host/turns.js";
import { assessSteps } from "../assess/assess.js";
import { layersOf, type Seen } from "../assess/layers.js";
import type { AssessedOptions, ModelReport, VariantReport } from "../assess/report.js";
import type { AssessedChip } from "../assess/subject.js";
import { refusedVariant, variantOf } from "../assess/variants.js";
import { chipRows } from "../chips/chips.js";
import type { ChipRow } from "../chips/row.js";
import { modelName, type CompileOptions } from "../driver/compile.js";
import { loadModel, type LoadedModel, type ModelOptions, type ModelSource } from "../driver/load.js";
import { placed, placing } from "../driver/place.js";
import { chooseTarget, targetNames } from "../driver/targets.js";
import { sayAt } from "../onnx/export/say-at.js";
import type { Tensor } from "../base/tensor.js";
import { hashSource } from "../host/files.js";
import { version } from "../host/package.js";
import { chooseExtents } from "../verify/inputs.js";
import { chipNames, compareChips } from "./chips.js";
import { asResult } from "./compile.js";
import { assessChecks, requireModel, requireOptions } from "./options.js";

export { schemaVersion, type ChipReport, type How, type ModelReport, type PerformanceReport } from "../assess/report.js";
export { inLanguage, said, type WordKey } from "../words/words.js";
export { languages, type Language, type Said } from "../base/said.js";

/** Those that a report speaks of where nobody names others. */
const assessedChips = [
  ...["Ascend310P3", "Ascend910B2", "Ascend910B4", "Ascend910_9392", "Ascend950PR"],
  ...["MLU370-X8", "MLU590", "R200", "P800"],
];

/** Options changed for a comparison; what is absent stays as it is. */
export interface AssessVariant {
  /** How the report names it. */
  readonly what: string;
  readonly precision?: "fp32" | "fp16";
  /** Whether the model can be written at that opset at all; what chips carry out does not depend on it. */
  readonly opset?: number;
  readonly dims?: ReadonlyMap<string, number>;
  readonly freeze?: ReadonlyMap<string, Tensor>;
}

export interface AssessOptions extends ModelOptions, Pick<CompileOptions, "precision" | "prefer" | "allowHf32"> {
  /** Names as `targets --compare` or `compile` takes them; absent, `assessedChips`. */
  readonly chips?: readonly string[];
  /** A card to compare with: "A100". */
  readonly baseline?: string;
  readonly variants?: readonly AssessVariant[];
  /** Reads the weights of products and convolutions, for what fewer bits do to each layer. */
  readonly weights?: boolean;
  /** Samples as quantize takes them, or `seed:N`, run through onnxruntime for the ranges of layers' inputs; asks for the weights too. */
  readonly calibration?: string;
  /** How the caller spelt shapes, extents and frozen inputs, for the report to keep. */
  readonly spelt?: Pick<AssessedOptions, "shapes" | "dims" | "freeze">;
}

export interface AssessResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly report?: ModelReport;
}

/** The chips of one assessment, resolved. */
interface Asked {
  readonly chips: readonly AssessedChip[];
  readonly baseline?: ChipRow;
  /** What the names were taken to mean. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Problems of the model or the options are diagnostics of a result that is not ok; what a chip refuses stands in the report. */
export async function assessModel(model: ModelSource, options: AssessOptions = {}): Promise<AssessResult> {
  return asResult(async () => {
    requireModel(model);
    requireOptions(options, assessChecks);
    const asked = await askedChips(options);
    const { report, loaded } = await reportOn(model, options, asked);
    const variants: VariantReport[] = [];
    for (const v of [...(options.variants ?? []), ...tried(report)]) variants.push(await variantReport(model, options, v, asked, loaded));
    const whole = variants.length > 0 ? { ...report, variants } : report;
    return { ok: true, diagnostics: [...asked.diagnostics, ...loaded.diagnostics, ...(await madeUpFor(options))], report: whole };
  });
}

/** Throws `unknown-chip`, and `bad-chip-file` of a set of the user's that is damaged. */
export async function requireChips(options: Pick<AssessOptions, "chips" | "baseline">): Promise<void> {
  await askedChips(options);
}

async function askedChips({ chips: names = assessedChips, baseline }: AssessOptions): Promise<Asked> {
  const found = await Promise.all(chipNames(names, assessedChips).map(assessedChip));
  const rows = found.map((c) => c.chip.row.name);
  const chips = found.filter((_, i) => rows.indexOf(rows[i]) === i);
  const base = baseline === undefined ? undefined : await rowFor(baseline);
  return {
    chips: chips.map((c) => c.chip),
    ...(base && { baseline: base.row }),
    diagnostics: [...found.flatMap((c) => c.diagnostics), ...(base?.diagnostics ?? [])],
  };
}

interface Reported {
  readonly report: ModelReport;
  readonly loaded: LoadedModel;
}

async function reportOn(model: ModelSource, options: AssessOptions, { chips, baseline }: Asked): Promise<Reported> {
  const loaded = await loadModel(model, options);
  const sizes = await sizesOf(loaded, options.signal);
  const steps = assessSteps({
    name: modelName(model),
    sha256: await finishInTurns(hashSource(loaded.source), options.signal),
    loaded,
    sizes,
    sizesAre: loaded.graph.symbols.length === 0 ? "given" : "chosen",
    chips,
    ...(baseline && { baseline }),
    options,
    said: saidOptions(options, chips, baseline),
    generator: `portolan ${version}`,
    facts: factsOf([...chips.map((c) => c.row), ...(baseline ? [baseline] : [])]),
    ...((options.weights || options.calibration !== undefined) && { weights: { seen: await seenBy(loaded, options) } }),
  });
  const report = await placing(model, loaded.graph, () => finishInTurns(steps, options.signal));
  const inFile = (d: Diagnostic): Diagnostic => placed(d, model, loaded.graph);
  return { report: { ...report, chips: report.chips.map((c) => ({ ...c, diagnostics: c.diagnostics.map(inFile) })) }, loaded };
}

/** Where a chip wants open extents fixed, the report says whether the sizes that it assumes would do. */
function tried({ chips, sizes }: ModelReport): readonly AssessVariant[] {
  const dims = new Map(Object.entries(sizes));
  if (dims.size === 0 || chips.every((c) => c.verdict !== "rewrites")) return [];
  return [{ what: [...dims].map(([name, n]) => `${name}=${n}`).join(","), dims }];
}

function saidOptions(options: AssessOptions, chips: readonly AssessedChip[], baseline: ChipRow | undefined): AssessedOptions {
  return {
    chips: chips.map((c) => c.row.name),
    ...(baseline && { baseline: baseline.name }),
    precision: options.precision ?? "fp32",
    ...(options.spelt ?? { shapes: [], dims: [], freeze: [] }),
    variants: (options.variants ?? []).map((v) => v.what),
    weights: options.weights ?? false,
    calibration: options.calibration ?? null,
  };
}

async function madeUpFor({ calibration }: AssessOptions): Promise<Diagnostic[]> {
  if (calibration === undefined) return [];
  const { madeUp, seedIn } = await import("../quant/calibrate/samples.js");
  const seeded = seedIn(calibration);
  return seeded ? [madeUp(seeded.seed)] : [];
}

/** Ranges of the inputs of layers over all samples. */
async function seenBy({ graph }: LoadedModel, { calibration, signal, onEvent }: AssessOptions): Promise<Seen> {
  if (calibration === undefined) return new Map();
  const { samplesIn, seedIn, seededSamples } = await import("../quant/calibrate/samples.js");
  const { observe } = await import("../quant/calibrate/observe.js");
  const inputs = [...new Set(layersOf(graph).flatMap(({ node }) => node.inputs[0] ?? []))].filter((v) => !graph.constants.has(v));
  const seeded = seedIn(calibration);
  const samples = seeded ? seededSamples(graph, seeded) : await samplesIn(calibration, graph);
  return observe(graph, inputs, samples, { signal, onEvent });
}

/** The model under changed options; a change that it does not take is told and stops nothing. */
async function variantReport(
  model: ModelSource,
  options: AssessOptions,
  { what, precision, opset, dims, freeze }: AssessVariant,
  asked: Asked,
  { graph }: LoadedModel,
): Promise<VariantReport> {
  try {
    if (opset !== undefined) sayAt(graph, opset);
    const changed: AssessOptions = {
      ...options,
      weights: false,
      calibration: undefined,
      ...(precision && { precision }),
      dims: new Map([...(options.dims ?? []), ...(dims ?? [])]),
      freeze: new Map([...(options.freeze ?? []), ...(freeze ?? [])]),
    };
    return variantOf(what, (await reportOn(model, changed, asked)).report);
  } catch (error) {
    if (error instanceof DiagnosticError) return refusedVariant(what, error.diagnostics);
    throw error;
  }
}

interface Resolved {
  readonly row: ChipRow;
  readonly diagnostics: readonly Diagnostic[];
}

/** A chip's row, with the user's own figures in front. */
async function rowFor(name: string): Promise<Resolved> {
  const { rows, diagnostics } = await compareChips([name]);
  return { row: rows[0], diagnostics };
}

async function assessedChip(name: string): Promise<{ readonly chip: AssessedChip; readonly diagnostics: readonly Diagnostic[] }> {
  const { row, diagnostics } = await rowFor(name);
  for (const targetName of targetNames) {
    const { target } = await chooseTarget(targetName);
    if (row.generator !== undefined && Object.hasOwn(target.chips, row.generator))
      return { chip: { row, chosen: { target, chip: target.chips[row.generator] } }, diagnostics };
    const documented = target.documentedChips?.[row.name];
    if (documented) return { chip: { row, documented: { target, chip: documented } }, diagnostics };
  }
  return { chip: { row }, diagnostics };
}

/** Values of open extents that the model allows; undefined where none were found. */
async function sizesOf(
  { graph, catalogue }: LoadedModel,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    return await finishInTurns(chooseExtents(graph, catalogue), signal);
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}

/** Days for which figures of chips are taken to hold. */
const holdsDays = 180;

/** What a user added lately makes nothing that is published newer. */
function factsOf(rows: readonly ChipRow[]): ModelReport["facts"] {
  const published = (of: readonly ChipRow[]): string[] =>
    of.flatMap((r) => Object.values(r.figures).flatMap((claims) => claims.filter((c) => c.confidence !== "yours").map((c) => c.date)));
  const own = published(rows);
  const newest = (own.length > 0 ? own : published(chipRows)).sort().at(-1) ?? "";
  const whole = `${newest}-01-01`.slice(0, 10);
  const expires = new Date(Date.parse(whole) + holdsDays * 86_400_000).toISOString().slice(0, 10);
  return { newest, expires };
}
