/**
 * The range of values that a grid is laid over, chosen from a histogram. What lies outside is clipped; a narrower range
 * has finer steps.
 *
 * The error of a level is counted with what its values really become. Sources of the rules: the percentile and entropy
 * (Kullback-Leibler) calibrators as TensorRT's slides of 2017 (S. Migacz) describe them, least squares as in
 * https://arxiv.org/abs/1810.05723.
 */
import type { Bins, Histogram } from "./histogram.js";

export interface Range {
  readonly lo: number;
  readonly hi: number;
}

/** How a range is chosen. */
export type RangeRule = "minmax" | "percentile" | "entropy" | "mse";

export interface Levels {
  /** Steps between the least and the greatest level. */
  readonly steps: number;
  /** Zero lies in the middle: the range is as wide below as above. */
  readonly symmetric: boolean;
}

/** The range that `rule` finds, with zero in it. One of no width where nothing but zeros was seen. */
export function chooseRange(seen: Histogram, rule: RangeRule, levels: Levels): Range {
  const whole = withZero(seen.seen === 0 ? { lo: 0, hi: 0 } : { lo: seen.lo, hi: seen.hi }, levels);
  if (whole.lo === whole.hi || rule === "minmax") return whole;
  const bins = seen.bins();
  switch (rule) {
    case "percentile":
      return withZero(percentile(bins, kept), levels);
    case "entropy":
      return leastAmong(whole, (range) => divergence(bins, range, levels));
    case "mse":
      return refined(whole, (range) => squaredError(bins, range, levels), levels);
    default:
      throw rule satisfies never;
  }
}

/** The part of values that a percentile keeps. */
const kept = 0.9999;

function withZero({ lo, hi }: Range, { symmetric }: Levels): Range {
  if (!symmetric) return { lo: Math.min(lo, 0), hi: Math.max(hi, 0) };
  const most = Math.max(Math.abs(lo), Math.abs(hi));
  return { lo: -most, hi: most };
}

/** Cuts the same part of values off on both sides. */
function percentile({ middle, count, zeros }: Bins, keep: number): Range {
  const total = count.reduce((a, b) => a + b, zeros);
  const cut = ((1 - keep) / 2) * total;
  const edge = (order: readonly number[]): number => {
    let passed = 0;
    for (const i of order) {
      passed += count[i];
      if (passed > cut) return middle[i];
    }
    return 0;
  };
  const order = [...middle.keys()];
  return { lo: edge(order), hi: edge(order.reverse()) };
}

type Cost = (range: Range) => number;

/** Parts of the whole range that are tried, from all of it down to a fifth. */
const tried = Array.from({ length: 81 }, (_, i) => 1 - i / 100);

const scaled = ({ lo, hi }: Range, by: number, byHi = by): Range => ({ lo: lo * by, hi: hi * byHi });

function leastAmong(whole: Range, cost: Cost): Range {
  return least(
    tried.map((part) => scaled(whole, part)),
    cost,
  );
}

function least(ranges: readonly Range[], cost: Cost): Range {
  const costs = ranges.map(cost);
  return ranges[costs.indexOf(Math.min(...costs))];
}

/** The best of both sides together, then each side moved by itself in ever smaller steps. */
function refined(whole: Range, cost: Cost, { symmetric }: Levels): Range {
  let best = leastAmong(whole, cost);
  for (const step of [0.1, 0.05, 0.02, 0.01]) {
    const sides = symmetric ? [[step, step]] : [[step, 0], [0, step]]; // prettier-ignore
    const near = sides.flatMap(([lo, hi]) => [scaled(best, 1 - lo, 1 - hi), scaled(best, 1 + lo, 1 + hi)]);
    best = least([best, ...near.map((r) => within(r, whole))], cost);
  }
  return best;
}

function within(r: Range, whole: Range): Range {
  return { lo: Math.max(r.lo, whole.lo), hi: Math.min(r.hi, whole.hi) };
}

/** Sum of squared differences between the values and the levels they become. */
function squaredError({ middle, count }: Bins, { lo, hi }: Range, { steps }: Levels): number {
  const step = (hi - lo) / steps;
  const zero = Math.round(-lo / step);
  let sum = 0;
  for (let i = 0; i < middle.length; i++) {
    const level = Math.max(0, Math.min(steps, Math.round(middle[i] / step) + zero));
    const error = middle[i] - (level - zero) * step;
    sum += count[i] * error * error;
  }
  return sum;
}

/**
 * Kullback-Leibler divergence of the values as levels from the values: what lies outside counts at the range's ends, and a
 * level's values are spread evenly over the bins that held some.
 */
function divergence({ middle, count, zeros }: Bins, { lo, hi }: Range, { steps }: Levels): number {
  const step = (hi - lo) / steps;
  const first = middle.findIndex((x) => x >= lo);
  const end = middle.findLastIndex((x) => x <= hi) + 1;
  if (end <= first || first < 0) return Infinity;
  const own = count.slice(first, end);
  const inside = own.reduce((a, b) => a + b, zeros);
  const total = count.reduce((a, b) => a + b, zeros);
  const clipped = own.slice();
  for (let i = 0; i < first; i++) clipped[0] += count[i];
  for (let i = end; i < count.length; i++) clipped[clipped.length - 1] += count[i];
  const levelOf = (i: number): number => Math.round((middle[first + i] - lo) / step);
  let sum = 0;
  for (let i = 0; i < own.length;) {
    let [next, mass] = [i, 0];
    while (next < own.length && levelOf(next) === levelOf(i)) mass += own[next++];
    const even = mass / (next - i) / inside;
    for (; i < next; i++) sum += (clipped[i] / total) * Math.log(clipped[i] / total / even);
  }
  return sum + (zeros > 0 ? (zeros / total) * Math.log(inside / total) : 0);
}
