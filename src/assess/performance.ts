/**
 * How long steps take, within bounds: what they cost (`src/program/cost.ts`) over how fast the chip is said to be, times the
 * share of that which measurements have seen. Where nobody says how fast a chip is, the time is unknown.
 */
import { isFloat, type DType } from "../base/dtype.js";
import type { FieldKey } from "../chips/fields.js";
import { devicesPerCard, rateOf, speaking } from "../estimate/figures.js";
import type { ChipRow } from "../chips/row.js";
import type { Efficiency } from "../estimate/efficiency.js";
import { atLeast, exactly, middleOf, over, plus, scaled, times, type Interval } from "../estimate/interval.js";
import { costOf } from "../estimate/price.js";
import type { Enclosing, StepCost } from "../program/cost.js";
import { said } from "../words/words.js";
import type { Said } from "../base/said.js";
import type { Bound, How, PerformanceReport, StepReport } from "./report.js";

/** What a step computes on. */
export type Unit = { readonly unit: "matrix"; readonly type: DType } | { readonly unit: "vector" | "scalar" | "none" };

/** What a step comes to over one run of the program, in loops as often as they are known to go round. */
export interface Work extends StepCost {
  /** How often that is. */
  readonly rounds: number;
  readonly how: How;
  readonly origin: readonly string[];
  readonly on: Unit;
}

/** What a measurement on a card would tell: what the matrix unit and memory reach, what a start costs, what generated kernels reach. */
export const dials = ["compute", "bandwidth", "launch", "vector"] as const;
export type Dial = (typeof dials)[number];

/** Where in its bounds a dial stands; absent, anywhere. */
export type Dials = Readonly<Partial<Record<Dial, "lo" | "middle" | "hi">>>;

/** Calls, launches and copies: each is started by the host. */
export const startsOf = (w: Work): number => w.calls + w.launches + (w.how === "copy" ? w.rounds : 0);

export interface Machine {
  readonly row: ChipRow;
  readonly efficiency: Efficiency;
  readonly set?: Dials;
}

function turned(machine: Machine, dial: Dial, bounds: Interval): Interval {
  const at = machine.set?.[dial];
  return at === undefined ? bounds : exactly(at === "middle" ? middleOf(bounds) : bounds[at]);
}

/** Lanes of a vector unit that compute in a cycle, and cycles that a scalar unit takes for one lane: no vendor publishes either for all of its chips. */
const vectorLanes: Interval = { lo: 8, hi: 128 };
const scalarCycles: Interval = { lo: 1, hi: 32 };
/** Where no claim says it, in Hz. */
const anyClock: Interval = { lo: 0.8e9, hi: 2e9 };
const anyCores: Interval = { lo: 8, hi: 64 };
/** A matrix unit of which only its rate in halves is published takes this many times as long for float32, and as few. */
const halvesToFloats: Interval = { lo: 1, hi: 32 };

const rateKeys: Readonly<Partial<Record<DType, FieldKey>>> = {
  f32: "f32",
  f16: "f16",
  bf16: "bf16",
  i8: "i8",
  u8: "i8",
  i4: "i4",
  u4: "i4",
};

/** Operations a second of the matrix unit in a type. */
function matrixRate(row: ChipRow, type: DType): Interval | undefined {
  const key = rateKeys[type];
  const own = key === undefined ? undefined : rateOf(row, key);
  const halves = rateOf(row, "f16");
  if (own && (own.from === "claims" || !halves || halves.from !== "claims")) return scaled(own.value, 1e12);
  // What is known of halves bounds what is not known of other floats.
  return halves && isFloat(type) ? scaled(type === "bf16" ? halves.value : over(halves.value, halvesToFloats), 1e12) : undefined;
}

/** Seconds that a step computes; undefined where the rate is unknown. */
function computing({ flops, on }: Work, machine: Machine): Interval | undefined {
  const { row, efficiency } = machine;
  if (flops === 0 || on.unit === "none") return exactly(0);
  if (on.unit === "matrix") {
    const rate = matrixRate(row, on.type);
    return rate && over(exactly(flops), turned(machine, "compute", times(rate, efficiency.compute)));
  }
  const clock = rateOf(row, "clock")?.value;
  const hertz = times(clock ? scaled(clock, 1e6) : anyClock, rateOf(row, "cores")?.value ?? anyCores);
  const lanes = on.unit === "vector" ? times(hertz, vectorLanes) : over(hertz, scalarCycles);
  return over(exactly(flops), turned(machine, "vector", lanes));
}

/** A step's time and what bounds it; null where the chip's rates are unknown. */
function timeOf(work: Work, machine: Machine): { readonly seconds: Interval | null; readonly bound: Bound } {
  const compute = computing(work, machine);
  const rate = rateOf(machine.row, "bandwidth")?.value;
  const bytes = exactly(work.bytesRead + work.bytesWritten);
  const moving = rate && over(bytes, turned(machine, "bandwidth", times(scaled(rate, 1e9), machine.efficiency.bandwidth)));
  const starting = scaled(turned(machine, "launch", machine.efficiency.launchSeconds), startsOf(work));
  if (!compute || !moving) return { seconds: null, bound: "bandwidth" };
  const bound = middleOf(compute) > middleOf(moving) ? "compute" : "bandwidth";
  const working = atLeast(compute, moving);
  return { seconds: plus(working, starting), bound: middleOf(starting) > middleOf(working) ? "launch" : bound };
}

export function timedSteps(work: readonly Work[], machine: Machine): StepReport[] {
  return work.map((w) => ({
    id: w.id,
    origin: w.origin,
    how: w.how,
    flops: w.flops,
    bytes: w.bytesRead + w.bytesWritten,
    starts: startsOf(w),
    ...timeOf(w, machine),
  }));
}

/** `steps` are those of `work`, timed. */
export function performanceOf(
  work: readonly Work[],
  steps: readonly StepReport[],
  { row, efficiency }: Machine,
  programOf?: string,
): PerformanceReport {
  const { basis, measurements } = efficiency;
  const seconds = wholeOf(work, (_, i) => steps[i].seconds);
  // A run has one device of its card; the others have runs of their own.
  const cost = seconds && costOf(row, 1e6 / devicesPerCard(row), seconds);
  return {
    seconds,
    shares: seconds && sharesOf(steps),
    ...(cost && { cost: { perMillion: cost.interval, currency: cost.currency } }),
    basis,
    measurements,
    ...(programOf !== undefined && { programOf }),
    notes: [...notesOn(row, basis, seconds), ...(cost ? [cost.basis] : [])],
  };
}

/** Of one run; null where any step's time is unknown. */
export function secondsOf(work: readonly Work[], machine: Machine): Interval | null {
  return wholeOf(work, (w) => timeOf(w, machine).seconds);
}

/** All steps together, of a branch's two bodies the one or the other. */
function wholeOf(work: readonly Work[], secondsOf: (w: Work, at: number) => Interval | null): Interval | null {
  const parts = work.flatMap((w, at): Part[] => {
    const seconds = secondsOf(w, at);
    return seconds ? [{ arms: w.within.filter((e) => e.arm !== undefined), seconds }] : [];
  });
  return parts.length === work.length ? either(parts) : null;
}

interface Part {
  /** Branches around a step, outermost first. */
  readonly arms: readonly Enclosing[];
  readonly seconds: Interval;
}

function either(parts: readonly Part[]): Interval {
  const always = parts.filter((p) => p.arms.length === 0).map((p) => p.seconds);
  const branches = [...new Set(parts.flatMap((p) => (p.arms.length > 0 ? [p.arms[0].id] : [])))];
  const chosen = branches.map((id) => {
    const inside = parts.filter((p) => p.arms[0]?.id === id);
    const [a, b] = [0, 1].map((arm) => either(inside.flatMap((p) => (p.arms[0].arm === arm ? [{ ...p, arms: p.arms.slice(1) }] : []))));
    return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
  });
  return plus(...always, ...chosen);
}

function sharesOf(steps: readonly StepReport[]): Readonly<Record<Bound, number>> {
  const by = { compute: 0, bandwidth: 0, launch: 0 };
  for (const { seconds, bound } of steps) by[bound] += seconds ? middleOf(seconds) : 0;
  const all = by.compute + by.bandwidth + by.launch || 1;
  return { compute: by.compute / all, bandwidth: by.bandwidth / all, launch: by.launch / all };
}

function notesOn(row: ChipRow, basis: Efficiency["basis"], seconds: Interval | null): readonly Said[] {
  const chip = row.name;
  const contested = (["f16", "bandwidth"] as const).filter((key) => new Set(speaking(row, key).map((c) => c.value)).size > 1);
  const unclaimed = (["f16", "bandwidth"] as const).flatMap((key) => {
    const from = rateOf(row, key)?.from;
    return from === undefined || from === "claims" ? [] : [said(`performance.from-${from}`, { chip, figure: said(`field.${key}`) })];
  });
  return [
    ...(seconds === null ? [said("performance.unknown", { chip })] : []),
    ...unclaimed,
    ...(seconds !== null && basis === "none" ? [said("performance.no-measurement", { chip })] : []),
    ...(seconds !== null && basis === "relatives" ? [said("performance.relatives", { chip })] : []),
    ...contested.map((key) => said("performance.contested", { chip, figure: said(`field.${key}`) })),
  ];
}
