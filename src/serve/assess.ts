/** A checkpoint against chips: what it holds, who serves it where, on how many cards, how fast, and how sure that is. */
import type { Said } from "../base/said.js";
import { goesBy, isPortedTo } from "../chips/facts.js";
import type { ChipRow } from "../chips/row.js";
import { parametersOf, type Mixer, type Parameters } from "../estimate/architecture.js";
import { asksOfErrors, changesPlaces, flips } from "../estimate/ask.js";
import { bytesOfToken, cacheOf, statesOf } from "../estimate/cache.js";
import { figuresOf } from "../estimate/figures.js";
import { exactly, over, type Interval } from "../estimate/interval.js";
import { costOf } from "../estimate/price.js";
import { servedOn, type Hanging, type Served } from "../estimate/serving.js";
import type { Deployment } from "../estimate/step.js";
import { said, type WordKey } from "../words/words.js";
import { engines, type Engine, type EngineKey } from "./engines.js";
import type { FoundCheckpoint } from "./folder.js";
import { cacheBytesOf, peakOfForm, weightBytesOf, wideFloats, type Form } from "./form.js";
import { launchOf, type Launch } from "./launch/launch.js";
import { memoryOn, usableOf, type Resident } from "./memory.js";
import type { ModelConfig } from "./read-config.js";
import { plansFor, type Machine, type Plan, type Plans } from "./plans.js";
import { engineOf, verdictsOn, type EngineVerdict } from "./verdict.js";
import { warningsOf } from "./warnings.js";
import { converted, totalOf, type WeightClasses } from "./weights.js";

export interface AssessOptions {
  /** Requests at once. */
  readonly batch: number;
  /** Tokens of a request, prompt and answer. */
  readonly length: number;
  /** Another form than the checkpoint's. */
  readonly form?: Form;
  /** The one engine that is asked about. */
  readonly engine?: EngineKey;
  /** Seconds between tokens that are wanted. */
  readonly wantedTokenTime: number;
}

/** The middle of an estimate and its bounds. */
export interface Figure extends Interval {
  readonly at: number;
}

export interface SpeedPoint {
  readonly batch: number;
  readonly input: number;
  readonly output: number;
  /** Seconds. */
  readonly firstToken: Figure;
  readonly tokenTime: Figure;
  /** Tokens a second, all requests together. */
  readonly rate: Figure;
  /** The time of a token where the model's own layer guesses one more. */
  readonly guessed?: Figure;
}

/** Requests of a length that a device has room for beside the weights, on all devices: by the upper bounds, and by the lower. */
interface Capacity {
  readonly length: number;
  readonly requests: Interval;
}

interface SpeedAsk {
  readonly what: Said;
  /** By what factor the interval of the time of a token becomes narrower. */
  readonly gain: number;
  readonly flips: readonly Said[];
}

export interface ChipAssessment {
  readonly chip: string;
  readonly vendor: string;
  /** No code is generated for chips of its maker: it stands beside them, and no port goes there. */
  readonly comparison?: true;
  readonly status: ChipRow["status"];
  readonly devicesPerCard: number;
  /** Bytes of a device; absent where no source tells. */
  readonly memory?: number;
  readonly verdicts: readonly EngineVerdict[];
  /** The engine that the rest speaks of; absent where none serves it. */
  readonly engine?: EngineKey;
  /** Bytes of the weights in the form that is served. */
  readonly weightBytes?: number;
  /** What the engine may fill of a device, in bytes. */
  readonly usable?: Interval;
  readonly plans: Plans;
  readonly capacity: readonly Capacity[];
  readonly basis: Said;
  readonly speed: readonly SpeedPoint[];
  readonly asks: readonly SpeedAsk[];
  readonly launch?: Launch;
  readonly conversion?: Said;
  readonly warnings: readonly Said[];
  /** A million tokens, of cards alone. */
  readonly cost?: { readonly interval: Interval; readonly currency: string; readonly said: Said };
  /** Why something is missing. */
  readonly notes: readonly Said[];
}

export interface CheckpointAssessment {
  readonly schemaVersion: 1;
  readonly folder: string;
  readonly family: string;
  readonly className?: string;
  readonly parameters: Parameters;
  readonly quantisation: { readonly form: Form; readonly said: Said };
  readonly weights: WeightClasses & { readonly total: number; readonly measured: boolean; readonly tensors: number };
  readonly cache: { readonly bytesPerToken: number; readonly stateBytes: number };
  readonly layers: readonly { readonly count: number; readonly mixer: Mixer["kind"]; readonly experts?: number }[];
  readonly positions?: number;
  readonly options: { readonly batch: number; readonly length: number };
  readonly chips: readonly ChipAssessment[];
  readonly notes: readonly Said[];
  /** The day on which the newest of the engines' documents was looked at. */
  readonly asOf: string;
}

/** What the form is, in words. */
function formSaid(f: Form, dtype: string): Said {
  const method = f.container;
  switch (method) {
    case "plain":
      return said("form.plain", { dtype });
    case "gguf":
      return said("form.gguf", { bits: f.bits });
    case "other":
      return said("form.other", { method: f.called ?? "" });
    default:
      return f.bits === f.expertBits
        ? said("form.integers", { method, bits: f.bits, activations: f.activationBits })
        : said("form.mixed", { method, bits: f.bits, experts: f.expertBits, activations: f.activationBits });
  }
}

/** Cards of a server where no source tells. */
const usualCards = 8;

function machineOf(row: ChipRow, memory: number): Machine {
  const { devicesPerCard, serverCards } = figuresOf(row);
  return { memory, devicesPerCard, devicesPerNode: (serverCards ?? usualCards) * devicesPerCard };
}

/** Weights in the form that lies in memory. */
function weightsAs(found: FoundCheckpoint, form: Form): WeightClasses {
  return form === found.form
    ? found.weights
    : converted(found.weights, found.model.architecture, weightBytesOf(found.form), weightBytesOf(form));
}

function residentOf(found: FoundCheckpoint, form: Form, row: ChipRow, key: EngineKey, length: number): Resident {
  const engine = engineOf(key);
  return {
    architecture: found.model.architecture,
    weights: weightsAs(found, form),
    cache: cacheBytesOf(form, engine.cacheScales),
    engine,
    ...(goesBy(row, engine.fullMask ?? []) && { maskTokens: length }),
  };
}

function deploymentOf(found: FoundCheckpoint, form: Form, { split }: Plan, { cacheScales }: Engine): Deployment {
  const { architecture } = found.model;
  return {
    architecture,
    weights: weightBytesOf(form),
    cache: cacheBytesOf(form, cacheScales),
    devices: split.devices,
    tp: split.tp,
    stages: split.pp,
  };
}

const figure = ({ lo, at, hi }: Figure): Figure => ({ lo, at, hi });

/** Loads that are told of: one request, the load that was asked for, and what lies between. */
function pointsOf({ batch, length }: AssessOptions): { readonly requests: number; readonly input: number; readonly output: number }[] {
  const output = Math.max(1, Math.min(512, Math.floor(length / 4)));
  const sizes = [...new Set([1, Math.max(1, Math.round(Math.sqrt(batch))), batch])];
  return sizes.map((requests) => ({ requests, input: length - output, output }));
}

interface Timed {
  readonly points: readonly SpeedPoint[];
  readonly served?: Served;
}

function timed(row: ChipRow, found: FoundCheckpoint, form: Form, plan: Plan, key: EngineKey, o: AssessOptions): Timed {
  const engine = engineOf(key);
  const { measured } = engine;
  const base = { chip: row, deployment: deploymentOf(found, form, plan, engine), products: peakOfForm(form), attention: "f16" as const };
  const c = { ...base, ...(measured && { engine: measured }) };
  const drafting = found.model.architecture.drafting.length > 0;
  const all = pointsOf(o).map((p) => ({ p, served: servedOn(c, p), guesses: drafting ? servedOn(c, { ...p, drafts: 1 }) : undefined }));
  const points = all.flatMap(({ p, served, guesses }) => (served === undefined ? [] : [pointOf(p, served, guesses)]));
  const { served } = all[all.length - 1];
  return { points, ...(served && { served }) };
}

function pointOf(p: ReturnType<typeof pointsOf>[number], served: Served, guesses: Served | undefined): SpeedPoint {
  return {
    ...{ batch: p.requests, input: p.input, output: p.output },
    ...{ firstToken: figure(served.firstToken), tokenTime: figure(served.tokenTime), rate: figure(served.rate) },
    ...(guesses && { guessed: figure(guesses.tokenTime) }),
  };
}

const basisSaid = (s: Served | undefined): Said => said(`basis.${s?.basis ?? "none"}`, { n: s?.measurements ?? 0 });

const lengths = [1024, 4096, 16384, 65536, 131072];

/** How many requests of each length a plan has room for. */
function capacityOf(resident: Resident, { split }: Plan, memory: number, positions = Infinity): Capacity[] {
  const usable = usableOf(memory, resident.engine);
  return lengths
    .filter((length) => length <= positions)
    .map((length) => {
      const one = memoryOn(resident, split, { batch: split.dp, length });
      const room = (all: number, need: number): number => (one.cache > 0 ? Math.floor(Math.max(0, all - need + one.cache) / one.cache) : 0);
      const requests = { lo: split.dp * room(usable.lo, one.total.hi), hi: split.dp * room(usable.hi, one.total.lo) };
      return { length, requests };
    });
}

/** Of a million tokens. */
function costAt(row: ChipRow, plan: Plan, rate: Interval): ChipAssessment["cost"] {
  const cost = costOf(row, plan.cards, over(exactly(1e6), rate));
  if (cost === undefined) return undefined;
  const { interval, currency, basis } = cost;
  const short = (x: number): string => Number(x.toPrecision(2)).toString();
  return { interval, currency, said: said("serve.cost", { currency, lo: short(interval.lo), hi: short(interval.hi), basis }) };
}

/** Why experts are not spread though there are some. */
function expertsNote({ experts }: ModelConfig, { split: { tp, ep } }: Plan): Said[] {
  return experts === undefined || ep > 1 || tp === 1 ? [] : [said("serve.experts-cut", { experts, tp })];
}

/** What becomes of floats of four bytes, unless another form was asked for. */
function floatsNote({ model, form }: FoundCheckpoint, asked: AssessOptions, served: Form, { name, halves }: Engine): Said[] {
  if (form !== wideFloats || asked.form !== undefined) return [];
  if (served === wideFloats) return [said("serve.floats-kept", { engine: name })];
  const dtype = model.dtype === undefined || model.dtype === "f32" ? (halves ?? "f16") : model.dtype;
  return [said("serve.floats-halved", { engine: name, dtype })];
}

const cacheNote = ({ cacheBits }: Form, { name, cacheScales }: Engine): Said[] =>
  cacheBits === 8 && cacheScales === undefined ? [said("serve.cache-scales-unknown", { engine: name })] : [];

interface Drafted {
  readonly chip: ChipAssessment;
  readonly served?: Served;
}

const statusNotes = (row: ChipRow): Said[] =>
  row.status === "shipping" ? [] : [said(row.status === "announced" ? "serve.announced" : "serve.rumoured", { chip: row.name })];

function draft(found: FoundCheckpoint, row: ChipRow, o: AssessOptions): Drafted {
  const { model } = found;
  const asked = {
    form: o.form ?? found.form,
    family: model.family,
    chip: row,
    mixture: model.experts !== undefined,
    ...(model.dtype && { dtype: model.dtype }),
  };
  const verdicts = verdictsOn(asked).filter((v) => o.engine === undefined || v.engine === o.engine);
  const chosen = verdicts.find((v) => v.form !== undefined);
  const { memory, devicesPerCard } = figuresOf(row);
  const common = {
    ...{ chip: row.name, vendor: row.vendor, status: row.status, devicesPerCard, verdicts },
    ...(!isPortedTo(row) && { comparison: true as const }),
    ...(memory !== undefined && { memory }),
  };
  const missing = (why: Said): Drafted => {
    const rest = { plans: {}, capacity: [], basis: basisSaid(undefined), speed: [], asks: [], warnings: [] };
    return { chip: { ...common, ...rest, notes: [why, ...statusNotes(row)] } };
  };
  if (chosen?.form === undefined) return missing(said("serve.no-engine", { chip: row.name }));
  if (memory === undefined) return missing(said("serve.no-memory", { chip: row.name }));
  return planned(found, row, o, { ...common, memory }, chosen, chosen.form);
}

type Common = Pick<ChipAssessment, "chip" | "vendor" | "comparison" | "status" | "devicesPerCard" | "verdicts"> & {
  readonly memory: number;
};

function planned(found: FoundCheckpoint, row: ChipRow, o: AssessOptions, common: Common, chosen: EngineVerdict, form: Form): Drafted {
  const { model } = found;
  const resident = residentOf(found, form, row, chosen.engine, o.length);
  const load = { batch: o.batch, length: o.length };
  const plans = plansFor({ model, resident, machine: machineOf(row, common.memory), load });
  const plan = plans.advised ?? plans.smallest;
  const speed: Timed = plan ? timed(row, found, form, plan, chosen.engine, o) : { points: [] };
  const last = speed.points[speed.points.length - 1] as SpeedPoint | undefined;
  const cost = plan && last ? costAt(row, plan, last.rate) : undefined;
  const launchCase = {
    form,
    batch: o.batch,
    length: o.length,
    chip: row,
    family: model.family,
  };
  const launch = plan && launchOf(chosen.engine, chosen.source, chosen.version, { ...launchCase, plan });
  const notes = [
    ...(plan ? [] : [said("serve.too-large", { devices: 128, chip: row.name })]),
    ...(plan ? expertsNote(model, plan) : []),
    ...cacheNote(form, resident.engine),
    ...floatsNote(found, o, form, resident.engine),
    ...(plan && plan.nodes > 1 && figuresOf(row).serverCards === undefined
      ? [said("serve.server-assumed", { n: usualCards, chip: row.name })]
      : []),
    ...(plan && speed.points.length === 0 ? [said("serve.no-figures", { chip: row.name })] : []),
    ...statusNotes(row),
  ];
  const chip: ChipAssessment = {
    ...common,
    ...{ engine: chosen.engine, weightBytes: totalOf(resident.weights), usable: usableOf(common.memory, resident.engine), plans },
    ...{ capacity: plan ? capacityOf(resident, plan, common.memory, model.positions) : [], basis: basisSaid(speed.served) },
    ...{ speed: speed.points, asks: [], notes },
    ...(launch && { launch }),
    ...(chosen.answer === "converted" && { conversion: chosen.reason }),
    warnings: warningsOf({
      model,
      dtype: found.dtype,
      form,
      chip: row,
      engine: chosen.engine,
      batch: o.batch,
      length: o.length,
      ...(plan && { plan }),
    }),
    ...(cost && { cost }),
  };
  return { chip, ...(speed.served && { served: speed.served }) };
}

const askKeys: Readonly<Record<Hanging, WordKey>> = {
  bandwidth: "ask.bandwidth",
  "memory bandwidth": "ask.memory-bandwidth",
  "narrow peak": "ask.narrow-peak",
  compute: "ask.compute",
  call: "ask.call",
  request: "ask.request",
  exchange: "ask.exchange",
  link: "ask.link",
  accepted: "ask.accepted",
  busy: "ask.busy",
};

/** The measurements that would narrow the time of a token most, and what they would decide. */
function asksOn(d: Drafted, all: readonly Drafted[], wanted: number): SpeedAsk[] {
  if (d.served === undefined) return [];
  const others = all.filter((o) => o !== d && o.served !== undefined);
  return asksOfErrors(d.served.tokenTime).map((a) => {
    const places = changesPlaces(a, others, (o) => o.served?.tokenTime.at ?? 0).map((o) => o.chip.chip);
    const decided = [
      ...(flips(a, wanted) ? [said("ask.flips-latency", { ms: Math.round(wanted * 1e3) })] : []),
      ...(places.length > 0 ? [said("ask.flips-place", { chips: places.join(", ") })] : []),
    ];
    return { what: said(askKeys[a.unknown]), gain: Number(a.gain.toFixed(2)), flips: decided };
  });
}

/** Headers and configuration that do not speak of the same model. */
function countNote(found: FoundCheckpoint, p: Parameters): Said[] {
  if (!found.measured || found.form.container !== "plain") return [];
  const config = p.total + (8 * found.weights.towers) / found.form.bits;
  if (Math.abs(found.elements / config - 1) < 0.03 || Math.abs(found.elements / (config - p.drafting) - 1) < 0.03) return [];
  return [said("serve.count-differs", { headers: (found.elements / 1e9).toFixed(2), config: (config / 1e9).toFixed(2) })];
}

/** The whole assessment, as plain data. */
export function assessFound(found: FoundCheckpoint, rows: readonly ChipRow[], o: AssessOptions): CheckpointAssessment {
  const { model } = found;
  const parameters = parametersOf(model.architecture);
  const drafts = rows.map((row) => draft(found, row, o));
  const chips = drafts.map((d) => ({ ...d.chip, asks: asksOn(d, drafts, o.wantedTokenTime) }));
  const { architecture } = model;
  return {
    schemaVersion: 1,
    ...{ folder: found.folder, family: model.family, parameters },
    ...(model.className !== undefined && { className: model.className }),
    quantisation: { form: found.form, said: formSaid(found.form, found.dtype) },
    weights: { ...found.weights, total: totalOf(found.weights), measured: found.measured, tensors: found.tensors },
    cache: { bytesPerToken: bytesOfToken(architecture, cacheOf(2)), stateBytes: statesOf(architecture) },
    layers: architecture.layers.map((l) => ({
      ...{ count: l.count, mixer: l.mixer.kind },
      ...(l.feed.experts && { experts: l.feed.experts.count }),
    })),
    ...(model.positions !== undefined && { positions: model.positions }),
    options: { batch: o.batch, length: o.length },
    chips,
    notes: [...found.notes, ...countNote(found, parameters)],
    asOf: engines.reduce((newest, { date }) => (date > newest ? date : newest), ""),
  };
}
