/** Figures that are known within bounds. Arithmetic on them keeps what must hold: the true figure lies between `lo` and `hi` if those of the operands do. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

export const exactly = (x: number): Interval => ({ lo: x, hi: x });

export function plus(...parts: readonly Interval[]): Interval {
  return parts.reduce((a, b) => ({ lo: a.lo + b.lo, hi: a.hi + b.hi }), exactly(0));
}

/** Of figures that are not negative. */
export function over(a: Interval, b: Interval): Interval {
  return { lo: a.lo / b.hi, hi: a.hi / b.lo };
}

export const scaled = (a: Interval, by: number): Interval => ({ lo: a.lo * by, hi: a.hi * by });

/** Of figures that are not negative. */
export const times = (a: Interval, b: Interval): Interval => ({ lo: a.lo * b.lo, hi: a.hi * b.hi });

/** As far from one bound as from the other, in proportion; zero where a bound is. */
export const middleOf = ({ lo, hi }: Interval): number => Math.sqrt(lo * hi);

/** The larger of two figures. */
export const atLeast = (a: Interval, b: Interval): Interval => ({ lo: Math.max(a.lo, b.lo), hi: Math.max(a.hi, b.hi) });

/** How many times the lower bound the upper one is. */
export const widthOf = ({ lo, hi }: Interval): number => hi / lo;
