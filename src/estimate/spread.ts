/** What is not known exactly, and how far a figure that hangs on it may be off. */
import type { Interval } from "./interval.js";

/** A quantity above zero: what it is taken to be, between bounds. */
export interface Unknown extends Interval {
  readonly at: number;
}

/** Known, with no bounds to be between. */
export const known = (at: number): Unknown => ({ lo: at, at, hi: at });

/** Within a factor on either side. */
export const within = (at: number, factor: number): Unknown => ({ lo: at / factor, at, hi: at * factor });

/** Between bounds, in the middle of their logarithms. */
export const between = (lo: number, hi: number): Unknown => ({ lo, at: Math.sqrt(lo * hi), hi });

/** The middle kept, bounds moved apart by a factor. */
export const wider = ({ lo, at, hi }: Unknown, factor: number): Unknown => ({ lo: lo / factor, at, hi: hi * factor });

/** A share: no larger than one. */
export const share = ({ lo, at, hi }: Unknown): Unknown => ({ lo: Math.min(lo, 1), at: Math.min(at, 1), hi: Math.min(hi, 1) });

/** The part of a figure's width that one unknown brings, as logarithms up and down. */
export interface Part<K extends string> {
  readonly name: K;
  readonly up: number;
  readonly down: number;
}

export interface Estimate<K extends string = string> extends Interval {
  readonly at: number;
  /** The largest first. */
  readonly parts: readonly Part<K>[];
}

/**
 * A figure above zero and its bounds: each unknown is moved alone, and what they do adds up as independent errors do, in
 * logarithms.
 */
export function spread<K extends string>(
  unknowns: Readonly<Record<K, Unknown>>,
  figure: (at: Readonly<Record<K, number>>) => number,
): Estimate<K> {
  const names = Object.keys(unknowns) as K[];
  const middle = Object.fromEntries(names.map((n) => [n, unknowns[n].at])) as Record<K, number>;
  const at = figure(middle);
  const parts = names.map((name): Part<K> => {
    const moved = [unknowns[name].lo, unknowns[name].hi].map((v) => Math.log(figure({ ...middle, [name]: v }) / at));
    return { name, up: Math.max(0, ...moved), down: Math.min(0, ...moved) };
  });
  const [up, down] = [Math.hypot(...parts.map((p) => p.up)), Math.hypot(...parts.map((p) => p.down))];
  parts.sort((a, b) => b.up - b.down - (a.up - a.down));
  return { lo: at * Math.exp(-down), at, hi: at * Math.exp(up), parts };
}
