/** Regions of a buffer as loops around what one copy takes. */
import { add, mul, product, symbol, type Dim } from "../../src/base/dim.js";
import type { Region } from "../../src/kernel/tile.js";
import type { Page } from "./page.js";

/** A dimension of a region: elements between its positions, in the buffer and in the tile. */
export interface Walked {
  readonly size: Dim;
  readonly stride: Dim;
  readonly pitch: Dim;
}

/** All but the last dimension, outermost first. */
export function walkedDims({ dims }: Region, pitch: Dim): readonly Walked[] {
  const outer = dims.slice(0, -1);
  return outer.map(({ size, stride }, i) => ({ size, stride, pitch: mul(pitch, product(outer.slice(i + 1).map((d) => d.size))) }));
}

/** Loops over dimensions, with where the rest begins in the buffer and in the tile; `stem` names their indexes. */
export function inLoops(
  page: Page<string>,
  dims: readonly Walked[],
  offset: Dim,
  stem: string,
  body: (buffer: Dim, tile: Dim) => void,
): void {
  const indexes = dims.map(() => page.fresh(stem));
  const heads = dims.map(({ size }, i) => page.loopHead(indexes[i], page.dim(size)));
  const walked = (start: Dim, step: (d: Walked) => Dim) =>
    dims.reduce<Dim>((sum, d, i) => add(sum, mul(step(d), symbol(indexes[i]))), start);
  page.out.loops(heads, () =>
    body(
      walked(offset, (d) => d.stride),
      walked(0, (d) => d.pitch),
    ),
  );
}
