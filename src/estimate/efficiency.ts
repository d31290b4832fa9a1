/** How much of a chip's claimed peaks programs reach, and what a call costs, with what that rests on. */
import type { ChipRow } from "../chips/row.js";
import { familyOf, servingBounds, type ServingBounds } from "./bounds.js";
import { moduleOf } from "./figures.js";
import type { Interval } from "./interval.js";
import { halves } from "./measured/documents.js";
import { measuredFamily, uncovered } from "./predict.js";
import { share, wider, within, type Unknown } from "./spread.js";

export interface Efficiency {
  /** Share of the claimed bandwidth, 0 to 1. */
  readonly bandwidth: Interval;
  /** Share of the claimed peak of the type that is multiplied, 0 to 1. */
  readonly compute: Interval;
  /** Of one kernel or library call, beside what it computes. */
  readonly launchSeconds: Interval;
  /** "relatives": other chips of the maker were measured. "none": nothing was, and bounds are wide. */
  readonly basis: "measured" | "relatives" | "none";
  /** Measurements of this chip, or of its relatives, that the fit saw. */
  readonly measurements: number;
  /** Documents that they stand in. */
  readonly sources: readonly string[];
}

/** Nothing is known: assumed to lie between the worst and the best that any accelerator is told to reach. */
const unmeasured: ServingBounds = {
  bandwidth: within(Math.sqrt(0.15 * 0.9), Math.sqrt(6)),
  compute: within(Math.sqrt(0.1 * 0.8), Math.sqrt(8)),
  call: within(2e-5, 5),
  request: within(1.5e-4, 4),
  exchange: within(2e-5, 5),
  accepted: within(0.55, 1.5),
  busy: { lo: 1, at: 1.3, hi: 2.5 },
};

/** What is told of relatives may be off by half as much again. */
const kinFactor = 1.5;

const kin = (u: Unknown): Unknown => wider(u, kinFactor);

function ofKin(b: ServingBounds): ServingBounds {
  return { ...b, bandwidth: share(kin(b.bandwidth)), compute: share(kin(b.compute)), call: kin(b.call), request: kin(b.request) };
}

/** Names under which documents speak of a chip; a die is spoken of as its module. */
function namesOf(row: ChipRow): readonly string[] {
  const module = moduleOf(row);
  return module ? [row.name, module.name] : [row.name];
}

interface Told {
  readonly count: number;
  readonly sources: readonly string[];
}

/** The measurements that the fit saw, of chips by name. */
function toldOf(wanted: (chip: string) => boolean): Told {
  const found = halves().fitted.map((d) => ({
    source: d.source,
    count: d.rows.filter((r) => wanted(r.chip) && uncovered(r) === undefined).length,
  }));
  const some = found.filter((f) => f.count > 0);
  return { count: some.reduce((n, f) => n + f.count, 0), sources: some.map((f) => f.source) };
}

/** What the fit saw of a chip; of its maker's others, where it saw none of its own; nothing, where it saw neither. */
export function measurementsOf(row: ChipRow): Told & Pick<Efficiency, "basis"> {
  const own = toldOf((chip) => namesOf(row).includes(chip));
  if (own.count > 0) return { ...own, basis: "measured" };
  const family = familyOf(row);
  if (family === undefined) return { count: 0, sources: [], basis: "none" };
  const others = toldOf((chip) => measuredFamily(chip) === family);
  return { ...others, basis: "relatives" };
}

/** Bounds on a chip and an engine: those of the fit, wider for relatives, and assumptions where nothing was measured. */
export function boundsOn(row: ChipRow, engine?: Parameters<typeof servingBounds>[1]): ServingBounds {
  const family = familyOf(row);
  if (family === undefined) return unmeasured;
  const bounds = servingBounds(family, engine);
  return measurementsOf(row).basis === "measured" ? bounds : ofKin(bounds);
}

const interval = ({ lo, hi }: Unknown): Interval => ({ lo, hi });

/** How much of its peaks a chip gives to programs. */
export function efficiencyOf(chip: ChipRow): Efficiency {
  const { bandwidth, compute, call } = boundsOn(chip);
  const { basis, count, sources } = measurementsOf(chip);
  return {
    ...{ bandwidth: interval(bandwidth), compute: interval(compute), launchSeconds: interval(call) },
    ...{ basis, measurements: count, sources },
  };
}
