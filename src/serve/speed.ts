/** How fast a plan serves: times and rates within bounds, at the load that was asked about and below it, and what that costs. */
import type { Said } from "../base/said.js";
import { exactly, over, type Interval } from "../estimate/interval.js";
import { costOf } from "../estimate/price.js";
import { servedOn, type Served } from "../estimate/serving.js";
import type { Deployment } from "../estimate/step.js";
import { said } from "../words/words.js";
import type { AssessOptions, ServedCase } from "./case.js";
import { cacheBytesOf, peakOfForm, weightBytesOf } from "./form.js";
import type { Plan } from "./plans.js";

/** The middle of an estimate and its bounds. */
interface Figure extends Interval {
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

export interface TokenCost {
  readonly interval: Interval;
  readonly currency: string;
  readonly said: Said;
}

function deploymentOf({ found, form, engine }: ServedCase, { split }: Plan): Deployment {
  return {
    ...{ architecture: found.model.architecture, weights: weightBytesOf(form), cache: cacheBytesOf(form, engine.cacheScales) },
    ...{ devices: split.devices, tp: split.tp, stages: split.pp },
  };
}

const figure = ({ lo, at, hi }: Figure): Figure => ({ lo, at, hi });

/** Loads that are told of: one request, the load that was asked for, and what lies between. */
function pointsOf({ batch, length }: AssessOptions): { readonly requests: number; readonly input: number; readonly output: number }[] {
  const output = Math.max(1, Math.min(512, Math.floor(length / 4)));
  const sizes = [...new Set([1, Math.max(1, Math.round(Math.sqrt(batch))), batch])];
  return sizes.map((requests) => ({ requests, input: length - output, output }));
}

export interface Timed {
  /** None where no source tells how fast the chip multiplies. */
  readonly points: readonly SpeedPoint[];
  readonly served?: Served;
}

export function timed(at: ServedCase, plan: Plan): Timed {
  const { found, row, form, engine } = at;
  const base = { chip: row, deployment: deploymentOf(at, plan), products: peakOfForm(form), attention: "f16" as const };
  const c = { ...base, ...(engine.measured && { engine: engine.measured }) };
  const drafting = found.model.architecture.drafting.length > 0;
  const all = pointsOf(at.asked).map((p) => ({
    p,
    served: servedOn(c, p),
    guesses: drafting ? servedOn(c, { ...p, drafts: 1 }) : undefined,
  }));
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

export const basisSaid = (s: Served | undefined): Said => said(`basis.${s?.basis ?? "none"}`, { n: s?.measurements ?? 0 });

/** Of a million tokens. */
export function costAt({ row }: ServedCase, plan: Plan, { rate }: SpeedPoint): TokenCost | undefined {
  const cost = costOf(row, plan.cards, over(exactly(1e6), rate));
  if (cost === undefined) return undefined;
  const { interval, currency, basis } = cost;
  const short = (x: number): string => Number(x.toPrecision(2)).toString();
  return { interval, currency, said: said("serve.cost", { currency, lo: short(interval.lo), hi: short(interval.hi), basis }) };
}
