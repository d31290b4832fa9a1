/**
 * A weight in levels of groups along what is summed, packed as MatMulNBits has them. Scale, levels and bytes of a group are found
 * while its elements are at hand, so that a weight is read once, in bands, in any order and on any thread.
 */
import type { DType } from "../../base/dtype.js";
import { roundTo } from "../../base/float-formats.js";
import { packLine } from "./bits.js";
import { fittedScale } from "./fit.js";
import type { Grid } from "./grid.js";
import { filled, roomFor, roomWith, type Room } from "./runs.js";

/** Rows of the stored matrix that follow each other: whole groups where a row holds one weight of every result. */
export interface Band {
  /** Whether a row holds the weights of one result. */
  readonly byResult: boolean;
  readonly first: number;
  readonly count: number;
  /** [count, columns]. */
  readonly values: Float32Array;
}

/** What is filled, band by band. */
export interface Packing {
  /** Results, and what each sums over. */
  readonly n: number;
  readonly k: number;
  /** Neighbours along k that share a scale; whole bytes of levels. */
  readonly group: number;
  /** Of the levels, which are signed, zero in the middle, and `bits` wide. */
  readonly grid: Grid;
  readonly bits: number;
  /** In which the file holds the scales. */
  readonly dtype: DType;
  /** [n, groups, group * bits / 8], zeros before; levels are raised to be without sign, the first in a byte's lowest bits. */
  readonly levels: Uint8Array;
  /** [n, groups], each as `dtype` holds it. */
  readonly scales: Float32Array;
}

/** Room for all bands of a weight. */
export function packingOf(shape: Omit<Packing, "levels" | "scales">, room: (bytes: number) => ArrayBufferLike): Packing {
  const count = shape.n * Math.ceil(shape.k / shape.group);
  const levels = new Uint8Array(room((count * shape.group * shape.bits) / 8));
  return { ...shape, levels, scales: new Float32Array(room(4 * count)) };
}

/** Nearest levels, with scales of the least squared error. False where an element is a NaN or an infinity, or a scale has no such type. */
export function packBand(band: Band, into: Packing): boolean {
  return band.byResult ? packRows(band, into) : packColumns(band, into);
}

function packRows({ first, count, values }: Band, into: Packing): boolean {
  const { k, group } = into;
  for (let r = 0; r < count; r++)
    for (let from = 0; from < k; from += group) {
      const length = Math.min(group, k - from);
      const [room] = roomWith(values, r * k + from, length);
      if (!packGroup(room, 0, length, into, first + r, from / group)) return false;
    }
  return true;
}

/** Columns that are turned together: a line of the processor's memory. */
const strip = 16;

function packColumns({ first, count, values }: Band, into: Packing): boolean {
  const { n, group } = into;
  for (let top = 0; top < count; top += group) {
    const tall = Math.min(group, count - top);
    const apart = filled(tall);
    const room = roomFor(strip * apart);
    room.values.fill(0, 0, strip * apart);
    for (let left = 0; left < n; left += strip) {
      const wide = Math.min(strip, n - left);
      turn(values, top * n + left, n, tall, wide, room.values, apart);
      for (let c = 0; c < wide; c++) if (!packGroup(room, c * apart, tall, into, left + c, (first + top) / group)) return false;
    }
  }
  return true;
}

/** [wide, tall] of rows `step` apart, in rows that are `apart`. */
function turn(x: Float32Array, at: number, step: number, tall: number, wide: number, out: Float32Array, apart: number): void {
  for (let r = 0; r < tall; r++) {
    const row = at + r * step;
    for (let c = 0; c < wide; c++) out[c * apart + r] = x[row + c];
  }
}

function packGroup(room: Room, at: number, length: number, into: Packing, row: number, g: number): boolean {
  const { k, group, grid, bits, dtype } = into;
  const end = at + filled(length);
  const fitted = fittedScale(room, at, end, grid);
  const scale = dtype === "f32" ? fitted : roundTo(dtype, fitted) || 1;
  if (!Number.isFinite(fitted) || !Number.isFinite(scale)) return false;
  const place = row * Math.ceil(k / group) + g;
  into.scales[place] = scale;
  room.quantise(at, end, scale, grid);
  packLine(room.levels, { at, step: 1 }, length, bits, -grid.low, into.levels, { at: (place * group * bits) / 8, step: 1 });
  return true;
}
