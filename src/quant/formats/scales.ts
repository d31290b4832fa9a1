/** Scales of a weight between the float32 that we compute with and the type and order in which a file holds them. */
import { fail } from "../../base/diagnostic.js";
import { decodeFloats, encodeFloats, roundTo } from "../../base/float-formats.js";
import type { Tensor } from "../../base/tensor.js";
import type { QuantisedWeight, ScaleType } from "./weight.js";

function isScaleType(dtype: string): dtype is ScaleType {
  return dtype === "f32" || dtype === "f16" || dtype === "bf16";
}

/** A square that the fastest cache holds. */
const tile = 64;

/** Rows become columns, a square at a time. */
export function transpose<T extends Float32Array | Int32Array | Int8Array>(x: T, rows: number, columns: number): T {
  const out = x.slice() as T;
  for (let top = 0; top < rows; top += tile)
    for (let left = 0; left < columns; left += tile) {
      const [bottom, right] = [Math.min(top + tile, rows), Math.min(left + tile, columns)];
      for (let r = top; r < bottom; r++) for (let c = left; c < right; c++) out[c * rows + r] = x[r * columns + c];
    }
  return out;
}

/** Widened to float32, which is exact. */
export function readScales({ dtype, data }: Tensor): { readonly scales: Float32Array; readonly scaleType: ScaleType } {
  if (!isScaleType(dtype))
    return fail("layout-tensors", `scales are ${dtype}, not f32, f16 or bf16`, {
      fix: "Check the format in the checkpoint's configuration.",
    });
  return { scaleType: dtype, scales: dtype === "f32" ? (data as Float32Array) : decodeFloats(dtype, data as Uint16Array) };
}

/** Stored as `dtype` exactly, or refused. */
export function writeScales(scales: Float32Array, dtype: ScaleType, shape: readonly number[]): Tensor {
  if (dtype === "f32") return { dtype, shape, data: scales };
  const data = encodeFloats(dtype, scales);
  const back = decodeFloats(dtype, data);
  const at = back.findIndex((s, i) => s !== scales[i]);
  if (at < 0) return { dtype, shape, data };
  return fail("scale-not-exact", `scale ${scales[at]} is ${back[at]} in ${dtype}`, {
    why: "A weight is repacked without a change, or not at all.",
    fix: "Store the scales as f32 where the layout takes it, or quantise again with scales of that type.",
  });
}

/** The same weight with its scales in one of a call's types: their own where the call takes it, else the first that holds them all. */
export function scalesIn(w: QuantisedWeight, types: readonly ScaleType[]): QuantisedWeight {
  if (types.includes(w.scaleType)) return w;
  const holds = (type: ScaleType): boolean => w.scales.every((s) => roundTo(type, s) === s);
  return { ...w, scaleType: types.find(holds) ?? types[0] };
}
