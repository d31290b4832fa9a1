/**
 * Which measurements would narrow an estimate most, and which answers hang on them. What knowing one unknown does to an interval
 * hangs on how the interval came about: independent errors add up as squares (`asksOfErrors`), bounds that must hold add up whole
 * (`src/assess/asks.ts`). All else is the same of both.
 */
import { widthOf, type Interval } from "./interval.js";
import type { Estimate } from "./spread.js";

/** A figure that is told by nobody, and what knowing it would do. */
export interface Ask<K extends string> {
  readonly unknown: K;
  /** By what factor the interval becomes narrower if this one unknown is known, in the middle of what it may be. */
  readonly gain: number;
  /** The estimate's middle at either bound of the unknown. */
  readonly ends: Interval;
}

export const askOf = <K extends string>(unknown: K, whole: Interval, narrowed: Interval, ends: Interval): Ask<K> => ({
  ...{ unknown, gain: widthOf(whole) / widthOf(narrowed), ends },
});

/** What brings less than a hundredth is no measurement worth a day. */
const least = 1.01;
const most = 3;

/** Those that narrow most, the first first. */
export const mostTelling = <K extends string>(asks: readonly Ask<K>[]): Ask<K>[] =>
  asks
    .filter((a) => a.gain > least)
    .sort((a, b) => b.gain - a.gain)
    .slice(0, most);

/** Of an estimate whose unknowns are independent errors. */
export function asksOfErrors<K extends string>(e: Estimate<K>): Ask<K>[] {
  const without = e.parts.map((p): Ask<K> => {
    const rest = e.parts.filter((o) => o !== p);
    const [up, down] = [Math.hypot(...rest.map((o) => o.up)), Math.hypot(...rest.map((o) => o.down))];
    const narrowed = { lo: e.at * Math.exp(-down), hi: e.at * Math.exp(up) };
    return askOf(p.name, e, narrowed, { lo: e.at * Math.exp(p.down), hi: e.at * Math.exp(p.up) });
  });
  return mostTelling(without);
}

/** Whether an answer that holds up to a limit is another at one end than at the other. */
export function flips({ ends }: Ask<string>, limit: number): boolean {
  return ends.lo <= limit !== ends.hi <= limit;
}

/** Of others with such a figure, those that would change places with it. */
export function changesPlaces<T>(a: Ask<string>, others: readonly T[], figure: (other: T) => number): T[] {
  return others.filter((o) => flips(a, figure(o)));
}
