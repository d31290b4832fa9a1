/** Weights as levels. What is computed at once is the scales; levels are made when they are written. */
import { roundTo, toNumbers } from "../../src/base/float-formats.js";
import type { ConstData } from "../../src/ir/graph.js";
import { fittedParameters } from "../../src/quant/formats/fit.js";
import { gridOf } from "../../src/quant/formats/grid.js";
import { quantise, type Parameters } from "../../src/quant/formats/quantise.js";

interface HeldWeight extends Parameters {
  readonly levels: ConstData;
}

/** -128 is left out: XDNN does not know it. */
const grid = gridOf("i8", "narrow");

/** A model is held many times over while layers are fitted and a budget is looked for: scales are found once a constant. */
const known = new WeakMap<ConstData, Map<number, HeldWeight | undefined>>();

/** One scale an index of `axis`, zero in the middle. Undefined where a weight holds a NaN or an infinity. */
export function heldWeight(data: ConstData, axis: number): HeldWeight | undefined {
  const own = known.get(data) ?? new Map<number, HeldWeight | undefined>();
  known.set(data, own);
  if (!own.has(axis)) own.set(axis, fitted(data, axis));
  return own.get(axis);
}

function fitted(data: ConstData, axis: number): HeldWeight | undefined {
  const spread = { shape: data.shape, axis };
  const values = floatsOf(data);
  if (!values.every(Number.isFinite)) return undefined;
  const { scales } = fittedParameters(values, spread, grid);
  // As the file will hold them, so that levels are of what a reader gets.
  const found = { scales: scales.map((s) => roundTo(data.dtype, s) || 1) };
  const load = () => ({ dtype: "i8", shape: data.shape, data: quantise(floatsOf(data), spread, found, grid) }) as const;
  return { ...found, levels: { dtype: "i8", shape: data.shape, load } };
}

function floatsOf(data: ConstData): Float32Array {
  const t = data.load();
  return t.data instanceof Float32Array ? t.data : Float32Array.from(toNumbers(t));
}
