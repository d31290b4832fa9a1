/** A published measurement as the model would have told it beforehand. */
import { invariant } from "../base/diagnostic.js";
import { resolveChip } from "../chips/resolve.js";
import { parametersOf } from "./architecture.js";
import { bytesOfRequest } from "./cache.js";
import { familyOf, servingBounds, type Family, type Fitted, type ServingUnknown } from "./bounds.js";
import { figuresOf, type DeviceFigures } from "./figures.js";
import { denoising, measuredModels } from "./measured/models.js";
import type { MeasuredRow } from "./measured/row.js";
import { peakOf, precisions, type Precision } from "./precision.js";
import { between, known, spread, type Estimate, type Unknown } from "./spread.js";
import { decodeStep, prefill, replicasOf, type Deployment, type Overheads, type Rates } from "./step.js";

type Name = ServingUnknown | "link" | "bin" | "devices" | "requests" | "drafts";
type At = Readonly<Record<Name, number>>;
type Bounds = Readonly<Record<Name, Unknown>>;

/** Why a row has no prediction. */
export function uncovered(row: MeasuredRow): string | undefined {
  if (row.metric === "copy-rate") return "a copy, which is no step of a model";
  if (!(row.precision in precisions)) return "experts run on the host's processor";
  const rate = row.metric === "output-rate" || row.metric === "total-rate";
  if (rate && row.concurrency === undefined && row.prompts === undefined && !row.saturated)
    return "the source does not say how many requests ran at once";
  return undefined;
}

interface Measured {
  readonly family: Family;
  readonly figures: DeviceFigures;
  /** How fast the chip may be beside the one whose figures these are. */
  readonly bin: Unknown;
}

function lookUp(name: string): Measured {
  const { row, among } = resolveChip(name);
  const figures = figuresOf(row);
  const family = familyOf(row);
  invariant(family, `${name} is of a family that was measured`);
  if (among.length < 2) return { family, figures, bin: known(1) };
  const own = figures.peaks.f16 ?? 1;
  const all = among.map((r) => (figuresOf(r).peaks.f16 ?? own) / own);
  return { family, figures, bin: between(Math.min(...all), Math.max(...all)) };
}

const met = new Map<string, Measured>();

function chipOf(name: string): Measured {
  const chip = met.get(name) ?? lookUp(name);
  met.set(name, chip);
  return chip;
}

/** Of a few prompts that all start at once, fewer and fewer still run. */
function requestsOf({ concurrency, prompts }: MeasuredRow): Unknown {
  if (prompts !== undefined) return between(prompts / 4, prompts);
  return concurrency === undefined ? between(1, 64) : known(concurrency);
}

/** Bounds on all that a row leaves open. */
function boundsOf(row: MeasuredRow, { family, figures, bin }: Measured, f: Fitted): Bounds {
  const serving = servingBounds(family, row.engine, f);
  return {
    ...serving,
    bin,
    link: figures.link,
    devices: row.devices === undefined ? between(2, 4) : known(row.devices),
    requests: requestsOf(row),
    drafts: row.drafts === "unknown" ? between(1, 3) : known(row.drafts ?? 0),
    accepted: row.accepted === undefined || typeof row.drafts !== "number" ? serving.accepted : known(row.accepted / row.drafts),
  };
}

/** Throws an internal error where `uncovered` gives a reason. */
export function predict(row: MeasuredRow, f: Fitted): Estimate<Name> {
  const chip = chipOf(row.chip);
  return spread(boundsOf(row, chip, f), (at) => figureOf(row, chip.figures, precisions[row.precision], at));
}

/** The middle alone, for the fit. */
export function predictMiddle(row: MeasuredRow, f: Fitted): number {
  const chip = chipOf(row.chip);
  const at = Object.fromEntries(Object.entries(boundsOf(row, chip, f)).map(([k, v]) => [k, v.at])) as At;
  return figureOf(row, chip.figures, precisions[row.precision], at);
}

function ratesOf(figures: DeviceFigures, p: Precision, at: At): Rates {
  const peak = (key: Precision["products"]): number => (peakOf(figures, key) ?? Infinity) * at.compute * at.bin;
  const [products, attention] = [peak(p.products), peak(p.attention)];
  return { bandwidth: figures.bandwidth.at * at.bandwidth, products, attention, link: at.link };
}

function figureOf(row: MeasuredRow, figures: DeviceFigures, p: Precision, at: At): number {
  const rates = ratesOf(figures, p, at);
  if (row.metric === "diffusion-time")
    return (denoising.steps * (denoising.products / rates.products + denoising.attention / rates.attention)) / at.devices;
  const architecture = measuredModels[row.model];
  const d: Deployment = {
    architecture,
    weights: p.weights,
    cache: p.cache,
    devices: at.devices,
    tp: row.tp ?? at.devices,
    ...(row.stages !== undefined && { stages: row.stages }),
  };
  return servedFigure(row, { d, rates, at, memory: figures.memory ?? 0 });
}

interface Run {
  readonly d: Deployment;
  readonly rates: Rates;
  readonly at: At;
  readonly memory: number;
}

const overheadsOf = (at: At): Overheads => ({ call: at.call, request: at.request, exchange: at.exchange });

/** Seconds of one step with so many requests, midway through their answers. */
function stepOf(row: MeasuredRow, { d, rates, at }: Run, requests: number): number {
  const { input = 1000, output = 0 } = row;
  return decodeStep(d, rates, overheadsOf(at), { requests, context: input + output / 2, drafts: at.drafts });
}

const perStep = (at: At): number => 1 + at.drafts * at.accepted;

function promptOf({ d, rates, at }: Run, input: number, requests = 1): number {
  return prefill(d, rates, overheadsOf(at), input, requests);
}

/** Seconds between tokens of a request: its steps, and the prompts of others where the same devices take them in. */
function tokenTime(row: MeasuredRow, run: Run): number {
  const { input, output, engine, prefillElsewhere } = row;
  const step = stepOf(row, run, run.at.requests) / perStep(run.at);
  if (input === undefined || output === undefined || prefillElsewhere || engine === "cann-recipes") return step;
  return step + (Math.max(0, run.at.requests / replicasOf(run.d) - 1) * promptOf(run, input)) / output;
}

function servedFigure(row: MeasuredRow, run: Run): number {
  const { at } = run;
  const { input = 512, output = 256 } = row;
  switch (row.metric) {
    case "step-time":
      return stepOf(row, run, at.requests);
    case "token-time":
      return tokenTime(row, run);
    case "first-token":
      return promptOf(run, input);
    case "prefill-rate":
      return (input * at.requests) / promptOf(run, input, at.requests);
    case "output-rate":
      return at.requests / tokenTime(row, run);
    default:
      return row.embedding ? (input * 16) / (promptOf(run, input, 16) * at.busy) : saturatedRate(row, run, input, output);
  }
}

/** Requests that engines let run at once unless told otherwise. */
const mostRequests = { mindie: 200, others: 256 };

/** Tokens a second, in and out, where requests always wait. */
function saturatedRate(row: MeasuredRow, run: Run, input: number, output: number): number {
  const { d, memory } = run;
  const { total } = parametersOf(d.architecture);
  const room = 0.85 * memory * d.devices - total * d.weights.experts;
  const each = bytesOfRequest(d.architecture, d.cache, input + output, 128);
  const most = Math.max(1, Math.min(row.engine === "mindie" ? mostRequests.mindie : mostRequests.others, Math.floor(room / each)));
  const together = Math.max(1, Math.round(8192 / input));
  const seconds = promptOf(run, input, together) / together + (output * stepOf(row, run, most)) / most;
  return (input + output) / (seconds * run.at.busy);
}

/** Of a chip as measurements name it. */
export const measuredFamily = (chip: string): Family => chipOf(chip).family;

export const isAscend = (row: MeasuredRow): boolean => measuredFamily(row.chip) === "ascend";
