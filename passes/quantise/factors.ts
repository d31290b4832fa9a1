/**
 * One factor a channel that an activation is divided by and its readers' weights are multiplied with, chosen by the noise that
 * 8-bit levels of both would leave in the results. Rounding to levels of width d leaves d * d / 12 on average.
 */
import { toNumbers } from "../../src/base/float-formats.js";
import { elementCount } from "../../src/base/tensor.js";
import type { ConstData, Node } from "../../src/ir/graph.js";
import type { ChannelFigures } from "../../src/quant/observe/channels.js";

/** The constant weight of a product. */
export interface Weight {
  readonly node: Node;
  readonly operand: number;
  readonly data: ConstData;
  /** Along which it counts the channels of the activation. */
  readonly axis: number;
  /** Along which it counts those of the result. */
  readonly results: number;
}

/** Shares of the activation's range that its factors take over; 1 would make all channels alike. */
const exponents = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** Part of the noise that must go for the factors to be worth while: what is foreseen here is an estimate. */
const worth = 1 / 3;
/** Channels that hardly reach from zero are taken to reach that part of the furthest: samples may not have shown all. */
const least = 1 / 64;

/** The factors of least noise, their geometric mean 1; undefined where none is worth while. */
export function bestFactors(seen: ChannelFigures, weights: readonly Weight[]): Float64Array | undefined {
  const channels = seen.lo.length;
  const tables = weights.map(tableOf);
  if (!tables.every((w) => w.power.length === channels)) return undefined;
  const tried = exponents.map((a) => factorsAt(seen, tables, a));
  const noises = tried.map((s) => noiseOf(seen, tables, s));
  const least = Math.min(...noises);
  const plain = noiseOf(seen, tables, new Float64Array(channels).fill(1));
  return least < (1 - worth) * plain ? tried[noises.indexOf(least)] : undefined;
}

/** The factors that make all channels reach equally far, their geometric mean 1, and 1 for those that hold nothing; undefined where they do nearly. */
export function alikeFactors({ lo, hi, power }: ChannelFigures): Float64Array | undefined {
  const reach = lo.map((l, c) => Math.max(0, hi[c]) - Math.min(0, l));
  const largest = reach.reduce((m, r) => Math.max(m, r), 0);
  if (!(largest > 0) || !Number.isFinite(largest)) return undefined;
  // What rounding adds to a channel's results, over their power, without factors and with them.
  const noise = (width: (c: number) => number): number => power.reduce((sum, p, c) => (p > 0 ? sum + width(c) ** 2 / p : sum), 0);
  if (noise((c) => reach[c]) >= (1 - worth) * noise(() => largest)) return undefined;
  const live = reach.filter((r) => r > 0).map((r) => Math.log(Math.max(r, largest * least)));
  const mean = live.reduce((sum, l) => sum + l, 0) / live.length;
  return reach.map((r) => (r > 0 ? Math.exp(Math.log(Math.max(r, largest * least)) - mean) : 1));
}

/** What a weight holds, as a matrix of channels by results. */
interface Table {
  /** Sum of squares of a channel and a result. */
  readonly power: readonly Float64Array[];
  /** Largest magnitude of them. */
  readonly most: readonly Float64Array[];
  /** Elements of a channel and a result: the places of a window. */
  readonly places: number;
}

function tableOf({ data, axis, results }: Weight): Table {
  const values = toNumbers(data.load());
  const [channels, outputs] = [data.shape[axis], data.shape[results]];
  const [inner, innerResults] = [axis, results].map((a) => elementCount(data.shape.slice(a + 1)));
  const matrix = (): Float64Array[] => Array.from({ length: channels }, () => new Float64Array(outputs));
  const [power, most] = [matrix(), matrix()];
  for (let i = 0; i < values.length; i++) {
    const [c, o] = [Math.floor(i / inner) % channels, Math.floor(i / innerResults) % outputs];
    const size = Math.abs(values[i]);
    power[c][o] += size * size;
    most[c][o] = Math.max(most[c][o], size);
  }
  return { power, most, places: values.length / (channels * outputs) };
}

function factorsAt({ lo, hi }: ChannelFigures, tables: readonly Table[], a: number): Float64Array {
  const logs = lo.map((_, c) => {
    const [x, w] = [Math.max(-lo[c], hi[c]), Math.max(...tables.map((t) => t.most[c].reduce((m, v) => Math.max(m, v), 0)))];
    return x > 0 && w > 0 && Number.isFinite(x) ? a * Math.log(x) - (1 - a) * Math.log(w) : 0;
  });
  const mean = logs.reduce((sum, l) => sum + l, 0) / logs.length;
  return logs.map((l) => Math.exp(l - mean));
}

/** Steps of an 8-bit grid with zero anywhere, and of the half of one with zero in the middle. */
const [steps, half] = [255, 127];

/**
 * Power that rounding both operands to levels adds to each result, over the power of that result, summed; channels are taken
 * to be independent.
 */
function noiseOf({ lo, hi, power }: ChannelFigures, tables: readonly Table[], s: Float64Array): number {
  const low = s.reduce((m, f, c) => Math.min(m, lo[c] / f), 0);
  const high = s.reduce((m, f, c) => Math.max(m, hi[c] / f), 0);
  const width = ((high - low) / steps) ** 2;
  const inputs = s.reduce((sum, f, c) => sum + power[c] / (f * f), 0);
  return tables.reduce((noise, w) => {
    const over = (of: (c: number, o: number) => number, o: number): number => s.reduce((sum, _, c) => sum + of(c, o), 0);
    const results = w.most[0].map((_, o) => {
      const signal = over((c, r) => power[c] * w.power[c][r], o);
      const ofWeights = inputs * w.places * (s.reduce((m, f, c) => Math.max(m, f * w.most[c][o]), 0) / half) ** 2;
      const ofActivation = width * over((c, r) => s[c] * s[c] * w.power[c][r], o);
      return signal > 0 ? (ofActivation + ofWeights) / signal : 0;
    });
    return noise + results.reduce((sum, x) => sum + x, 0);
  }, 0);
}
