/** Which measurements would narrow an estimate most, and which answers hang on them: worked out from what each unknown brings to it. */
import { widthOf, type Interval } from "./interval.js";
import type { Estimate } from "./spread.js";

/** A figure that is told by nobody, and what knowing it would do. */
export interface Ask<K extends string> {
  readonly unknown: K;
  /** The estimate if this one unknown were known, in the middle of what it may be. */
  readonly narrowed: Interval;
  /** By what factor the interval becomes narrower. */
  readonly gain: number;
  /** The estimate's middle at either bound of the unknown. */
  readonly ends: Interval;
}

/** The unknowns that bring most, the first first; those that bring nothing are left out. */
export function asksOf<K extends string>(e: Estimate<K>, most = 3): Ask<K>[] {
  return e.parts
    .filter((p) => p.up - p.down > 0.01)
    .slice(0, most)
    .map((p) => {
      const rest = e.parts.filter((o) => o !== p);
      const [up, down] = [Math.hypot(...rest.map((o) => o.up)), Math.hypot(...rest.map((o) => o.down))];
      const narrowed = { lo: e.at * Math.exp(-down), hi: e.at * Math.exp(up) };
      return {
        unknown: p.name,
        narrowed,
        gain: widthOf(e) / widthOf(narrowed),
        ends: { lo: e.at * Math.exp(p.down), hi: e.at * Math.exp(p.up) },
      };
    });
}

/** Whether an answer that holds up to a limit is another at one end than at the other. */
export function flips({ ends }: Ask<string>, limit: number): boolean {
  return ends.lo <= limit !== ends.hi <= limit;
}

/** Of others with such a figure, those that would change places with it. */
export function changesPlaces<T>(a: Ask<string>, others: readonly T[], figure: (other: T) => number): T[] {
  return others.filter((o) => flips(a, figure(o)));
}
