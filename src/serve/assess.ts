/** A checkpoint against chips: what it holds, who serves it where, on how many cards, how fast, and how sure that is. */
import type { Said } from "../base/said.js";
import { isPortedTo } from "../chips/facts.js";
import type { ChipRow } from "../chips/row.js";
import { parametersOf, type Mixer, type Parameters } from "../estimate/architecture.js";
import { bytesOfToken, cacheOf, statesOf } from "../estimate/cache.js";
import { figuresOf } from "../estimate/figures.js";
import type { Interval } from "../estimate/interval.js";
import type { Served } from "../estimate/serving.js";
import { said } from "../words/words.js";
import { asksOn, type SpeedAsk } from "./asks.js";
import { residentOf, type AssessOptions, type ServedCase } from "./case.js";
import { engines, type EngineKey } from "./engines.js";
import type { FoundCheckpoint } from "./folder.js";
import type { Form } from "./form.js";
import { launchOf, type Launch } from "./launch/launch.js";
import { usableOf } from "./memory.js";
import { notesOn, statusNotes } from "./notes.js";
import { plansFor, type Plan, type Plans } from "./plans.js";
import { capacityOf, machineOf, type Capacity } from "./room.js";
import { basisSaid, costAt, timed, type SpeedPoint, type Timed, type TokenCost } from "./speed.js";
import { engineOf, verdictsOn, type EngineVerdict } from "./verdict.js";
import { warningsOf } from "./warnings.js";
import { totalOf, type WeightClasses } from "./weights.js";

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
  readonly cost?: TokenCost;
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

interface Drafted {
  readonly chip: ChipAssessment;
  readonly served?: Served;
}

type Common = Pick<ChipAssessment, "chip" | "vendor" | "comparison" | "status" | "devicesPerCard" | "verdicts">;

function draft(found: FoundCheckpoint, row: ChipRow, asked: AssessOptions): Drafted {
  const verdicts = verdictsFor(found, row, asked);
  const chosen = verdicts.find((v) => v.form !== undefined);
  const { memory, devicesPerCard } = figuresOf(row);
  const common: Common = {
    ...{ chip: row.name, vendor: row.vendor, status: row.status, devicesPerCard, verdicts },
    ...(!isPortedTo(row) && { comparison: true }),
  };
  if (chosen?.form !== undefined && memory !== undefined)
    return planned(common, chosen, { found, row, memory, engine: engineOf(chosen.engine), form: chosen.form, asked });
  const why = said(chosen?.form === undefined ? "serve.no-engine" : "serve.no-memory", { chip: row.name });
  const rest = { plans: {}, capacity: [], basis: basisSaid(undefined), speed: [], asks: [], warnings: [] };
  return { chip: { ...common, ...(memory !== undefined && { memory }), ...rest, notes: [why, ...statusNotes(row)] } };
}

function verdictsFor({ model, form }: FoundCheckpoint, chip: ChipRow, { form: wanted, engine }: AssessOptions): EngineVerdict[] {
  const { family, experts, dtype } = model;
  const all = verdictsOn({ form: wanted ?? form, family, chip, mixture: experts !== undefined, ...(dtype && { dtype }) });
  return all.filter((v) => engine === undefined || v.engine === engine);
}

function planned(common: Common, chosen: EngineVerdict, c: ServedCase): Drafted {
  const { found, row, memory, engine, asked } = c;
  const resident = residentOf(c);
  const plans = plansFor({ model: found.model, resident, machine: machineOf(row, memory), load: asked });
  const plan = plans.advised ?? plans.smallest;
  const speed: Timed = plan ? timed(c, plan) : { points: [] };
  const chip: ChipAssessment = {
    ...{ ...common, memory, engine: chosen.engine, weightBytes: totalOf(resident.weights), usable: usableOf(memory, engine), plans },
    capacity: plan ? capacityOf(resident, plan, memory, found.model.positions) : [],
    ...{ basis: basisSaid(speed.served), speed: speed.points, asks: [] },
    ...(plan && startOf(c, chosen, plan, speed)),
    ...(chosen.answer === "converted" && { conversion: chosen.reason }),
    warnings: warningsOf({ ...c, ...(plan && { plan }) }),
    notes: notesOn(c, plan, speed.points.length > 0),
  };
  return { chip, ...(speed.served && { served: speed.served }) };
}

/** How a plan is started, and what it costs. */
function startOf(c: ServedCase, chosen: EngineVerdict, plan: Plan, speed: Timed): Pick<ChipAssessment, "launch" | "cost"> {
  const { form, asked, row, found } = c;
  const launch = launchOf(chosen.engine, chosen.source, chosen.version, {
    ...{ plan, form, batch: asked.batch, length: asked.length, chip: row, family: found.model.family },
  });
  const last = speed.points.at(-1);
  const cost = last && costAt(c, plan, last);
  return { ...(launch && { launch }), ...(cost && { cost }) };
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
