/** Flat source positions of movements over row-major arrays; shared by evaluation and by symbolic extents. */
import { elementCount, rowMajor } from "../base/tensor.js";

/** The flat position, in the source, of every element of a strided view in row-major order. */
export function slicePositions(shape: readonly number[], strides: readonly number[], offset: number): number[] {
  let out = [offset];
  shape.forEach((extent, axis) => {
    const next: number[] = [];
    for (const p of out) for (let i = 0; i < extent; i++) next.push(p + i * strides[axis]);
    out = next;
  });
  return out;
}

export function transposePositions(shape: readonly number[], perm: readonly number[]): number[] {
  const strides = rowMajor(shape);
  return slicePositions(
    perm.map((p) => shape[p]),
    perm.map((p) => strides[p]),
    0,
  );
}

/** Positions of x.shape[:axis] + indices + x.shape[axis+1:]; undefined when an index is out of range. */
export function gatherPositions(shape: readonly number[], indices: readonly number[], axis: number): number[] | undefined {
  if (indices.some((i) => i < 0 || i >= shape[axis])) return undefined;
  const inner = elementCount(shape.slice(axis + 1));
  const outer = elementCount(shape.slice(0, axis));
  const out: number[] = [];
  for (let o = 0; o < outer; o++) for (const i of indices) for (let k = 0; k < inner; k++) out.push((o * shape[axis] + i) * inner + k);
  return out;
}
