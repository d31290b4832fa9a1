/**
 * What every packed layout of a quantised weight means, in one form: w[n, k] = (level[n, k] - zero[n, g]) * scale[n, g]
 * with g the group of k. Levels and zeros are signed about the middle of their bits whatever a file stores, so two
 * checkpoints hold the same weight exactly when `sameWeight` says so.
 */
import { invariant } from "../../base/diagnostic.js";

export type ScaleType = "f32" | "f16" | "bf16";

export interface QuantisedWeight {
  /** Of a level: -2^(bits - 1) to 2^(bits - 1) - 1. */
  readonly bits: number;
  /** Output channels. */
  readonly n: number;
  /** Inputs, along which a product sums. */
  readonly k: number;
  /** [n, k]. */
  readonly levels: Int8Array;
  /** Neighbours along k that share a scale; k itself for one scale a channel. */
  readonly group: number;
  /** [n, groups]. */
  readonly scales: Float32Array;
  /** The type in which the scales were, or are to be, stored. */
  readonly scaleType: ScaleType;
  /** [n, groups], on the scale of the levels; absent where all are 0. */
  readonly zeros?: Int8Array;
  /** [k]: the group of each input where groups are no neighbours ("act order"). */
  readonly groupOf?: Int32Array;
}

export function groupsOf({ k, group }: { readonly k: number; readonly group: number }): number {
  return Math.ceil(k / group);
}

/** Drops zeros that are all 0 and a group index that says what the group size says. */
export function weight(w: QuantisedWeight): QuantisedWeight {
  const { zeros, groupOf, ...rest } = w;
  const groups = groupsOf(w);
  invariant(w.levels.length === w.n * w.k, `${w.n}x${w.k} levels, not ${w.levels.length}`);
  invariant(w.scales.length === w.n * groups, `${w.n}x${groups} scales, not ${w.scales.length}`);
  invariant(zeros === undefined || zeros.length === w.n * groups, `${w.n}x${groups} zeros`);
  return {
    ...rest,
    ...(zeros?.some((z) => z !== 0) ? { zeros } : {}),
    ...(groupOf?.some((g, k) => g !== Math.floor(k / w.group)) ? { groupOf } : {}),
  };
}

/** The group of each input. */
export function groupIndex(w: QuantisedWeight): Int32Array {
  return w.groupOf ?? Int32Array.from({ length: w.k }, (_, k) => Math.floor(k / w.group));
}

/** Whether two weights are the same: each level with its zero and its scale, however they are grouped. */
export function sameWeight(a: QuantisedWeight, b: QuantisedWeight): boolean {
  if (a.n !== b.n || a.k !== b.k || a.bits !== b.bits) return false;
  const [ga, gb] = [groupIndex(a), groupIndex(b)];
  for (let n = 0, at = 0; n < a.n; n++) {
    const [rowA, rowB] = [n * groupsOf(a), n * groupsOf(b)];
    for (let k = 0; k < a.k; k++, at++) {
      const [i, j] = [rowA + ga[k], rowB + gb[k]];
      if (a.levels[at] !== b.levels[at] || a.scales[i] !== b.scales[j] || (a.zeros?.[i] ?? 0) !== (b.zeros?.[j] ?? 0)) return false;
    }
  }
  return true;
}

/** The reals that the levels stand for, [n, k], in float32. */
export function weightValues(w: QuantisedWeight): Float32Array {
  const out = new Float32Array(w.n * w.k);
  const index = groupIndex(w);
  const zeros = w.zeros ?? new Int8Array(w.scales.length);
  for (let n = 0, at = 0; n < w.n; n++) {
    const row = n * groupsOf(w);
    for (let k = 0; k < w.k; k++, at++) out[at] = (w.levels[at] - zeros[row + index[k]]) * w.scales[row + index[k]];
  }
  return out;
}

/** The same weight in smaller groups, each with its own copy of the scale; undefined where they would straddle two. */
export function regroup(w: QuantisedWeight, group: number): QuantisedWeight | undefined {
  if (group === w.group) return w;
  if (w.groupOf !== undefined || (w.group < w.k && w.group % group !== 0)) return undefined;
  const [groups, old] = [groupsOf({ k: w.k, group }), groupsOf(w)];
  const from = Int32Array.from(
    { length: w.n * groups },
    (_, i) => Math.floor(i / groups) * old + Math.floor(((i % groups) * group) / w.group),
  );
  const scales = Float32Array.from(from, (i) => w.scales[i]);
  const { zeros } = w;
  return { ...w, group, scales, ...(zeros ? { zeros: Int8Array.from(from, (i) => zeros[i]) } : {}) };
}
