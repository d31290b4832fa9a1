/**
 * What a layout says when it cannot hold a weight, or when tensors are not what the layout wants. Nothing is changed
 * to make a weight fit: a caller who accepts a loss requantises, and then knows how much.
 */
import { fail } from "../../base/diagnostic.js";
import type { Tensor } from "../../base/tensor.js";
import { groupsOf, type QuantisedWeight } from "./weight.js";

/** Who refuses: a layout's name as its owners write it, and where its rule was read. */
export interface Layout {
  readonly name: string;
  readonly source: string;
}

export function refuseZeros(layout: Layout, w: QuantisedWeight, fix: string): void {
  const at = w.zeros?.findIndex((z) => z !== 0) ?? -1;
  if (at < 0) return;
  const groups = groupsOf(w);
  const where = `channel ${Math.floor(at / groups)}, group ${at % groups}`;
  fail("layout-zero-points", `${layout.name} holds no zero points: ${where} has ${w.zeros![at]}`, { why: layout.source, fix });
}

export function refuseIndex(layout: Layout, w: QuantisedWeight): void {
  const at = w.groupOf?.findIndex((g, k) => g !== Math.floor(k / w.group)) ?? -1;
  if (at < 0) return;
  fail("layout-group-index", `${layout.name} holds groups of neighbours only: input ${at} belongs to group ${w.groupOf![at]}`, {
    why: layout.source,
    fix: "Quantise without act order (desc_act = false), or permute the inputs and what produces them.",
  });
}

export function refuseGroup(layout: Layout, w: QuantisedWeight, allowed: boolean, sizes: string): void {
  if (allowed) return;
  const size = w.group === w.k ? "one scale a channel" : `groups of ${w.group}`;
  fail("layout-group-size", `${layout.name} takes ${sizes}: this weight has ${size} (${w.n}x${w.k})`, {
    why: layout.source,
    fix: "Quantise with a group size of that list, or split larger groups into smaller ones.",
  });
}

export function refuseBits(layout: Layout, w: QuantisedWeight, allowed: readonly number[]): void {
  if (allowed.includes(w.bits)) return;
  fail("layout-bits", `${layout.name} takes ${allowed.join(", ")} bits: this weight has ${w.bits}`, {
    why: layout.source,
    fix: "Quantise again in a width of that list.",
  });
}

/** Extents that must fill whole words or blocks. */
export function refuseExtent(layout: Layout, what: string, extent: number, multiple: number): void {
  if (extent % multiple === 0) return;
  fail("layout-extent", `${layout.name} takes ${what} in multiples of ${multiple}: here it is ${extent}`, {
    why: layout.source,
    fix: "Pad the weight with zeros to that multiple, or keep this layer in float.",
  });
}

/** Tensors that do not fit each other, or are no such layout. */
export function expectTensor(layout: Layout, what: string, t: Tensor, dtypes: readonly string[], shape: readonly number[]): void {
  const fits = dtypes.includes(t.dtype) && t.shape.length === shape.length && shape.every((d, i) => d === t.shape[i]);
  if (fits) return;
  fail("layout-tensors", `${layout.name}: ${what} is ${t.dtype}[${t.shape.join(",")}], not ${dtypes.join(" or ")}[${shape.join(",")}]`, {
    why: layout.source,
    fix: "Check bits, group size and format in the checkpoint's configuration.",
  });
}

/** A group index that names a group which is not there. */
export function expectGroups(layout: Layout, groupOf: Int32Array, groups: number): void {
  const at = groupOf.findIndex((g) => g < 0 || g >= groups);
  if (at < 0) return;
  fail("layout-tensors", `${layout.name}: input ${at} belongs to group ${groupOf[at]}, of ${groups} groups`, {
    why: layout.source,
    fix: "Check the group size in the checkpoint's configuration.",
  });
}
