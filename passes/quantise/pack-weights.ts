import { fromNumbers, roundTo } from "../../src/base/float-formats.js";
import type { DType } from "../../src/base/dtype.js";
import { constData } from "../../src/ir/build.js";
import { rankedType, type Attr, type ConstData } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { fittedParameters } from "../../src/quant/formats/fit.js";
import { gridOf } from "../../src/quant/formats/grid.js";
import { packNBits } from "../../src/quant/formats/layouts/onnx.js";
import { quantise } from "../../src/quant/formats/quantise.js";
import { transpose } from "../../src/quant/formats/scales.js";
import type { Spread } from "../../src/quant/formats/spread.js";
import { weight } from "../../src/quant/formats/weight.js";
import { matrixOf, type Matrix } from "./matrix.js";
import { groupedProduct, type GroupedProduct } from "./grouped.js";
import type { PackedWeight, QuantiseContext, QuantisePass } from "./scheme.js";

/**
 * MatMul(x, w)  =>  com.microsoft::MatMulNBits(x, w', scales)      Gemm(x, w, c)  =>  MatMulNBits(x, w', scales, bias=c)
 * with w' packed levels of 4 bits in groups of neighbours along what is summed, one scale a group, zero in the middle: those
 * learnt from samples, or the nearest to the weight.
 *
 * Skipped for what the caller keeps in float, for weights of other than two axes, for a Gemm with factors, a turned
 * first operand or a bias that is no row, for convolutions, and where a weight holds a NaN or an infinity.
 */
export const packWeights: QuantisePass = {
  name: "pack-weights",
  rounds: true,
  run: (graph, context) =>
    rewriteAny(graph, knowing(context.catalogue, context), (view, make) => {
      const product = groupedProduct(view.node, (v) => v && make.facts.constant(v));
      return product && !context.isSkipped(view.node) ? packed(view, product, make, context) : undefined;
    }),
};

function packed(view: AnyView, { x, w, data, axis }: GroupedProduct, make: Make, context: QuantiseContext): ValueView | undefined {
  const { group = 32 } = context.weights;
  const held = context.learnt(w, axis) ?? packedWeight(data, axis, group, rankedType(x)?.dtype ?? "f32");
  if (!held) return undefined;
  const levels = make.constant(held.levels, `${w.name}_quantized`);
  const scales = make.constant(held.scales, `${w.name}_scale`);
  const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });
  const attrs = { K: int(held.k), N: int(held.n), bits: int(bits), block_size: int(group) };
  return make.node("com.microsoft::MatMulNBits", [view.inputs[0], levels, scales, undefined, undefined, view.inputs[2]], attrs)[0];
}

const bits = 4;
/** Levels of 4 bits, zero in the middle. */
export const nibbles = gridOf("i4");

interface Nearest {
  readonly n: number;
  readonly k: number;
  /** [n, groups], as a type of the file holds them. */
  readonly scales: Float32Array;
  /** [n, k]. */
  levels(): Int8Array;
}

/** Levels nearest to the weight itself; `axis` counts the results. Undefined where the weight holds a NaN or an infinity. */
export function nearestLevels(data: ConstData, axis: number, group: number, dtype: DType): Nearest | undefined {
  const matrix = matrixOf(data, axis);
  const scales = scalesOf(matrix, group, dtype);
  if (!scales?.every(Number.isFinite)) return undefined;
  return { n: matrix.n, k: matrix.k, scales, levels: () => levelsOf(matrix, scales, group) };
}

/** Levels are made when they are written. */
export function packedLevels({ n, k, scales, levels }: Nearest, group: number, dtype: DType): PackedWeight {
  const groups = Math.ceil(k / group);
  const load = () => packNBits(weight({ bits, n, k, group, levels: levels(), scales, scaleType: "f32" })).b;
  return {
    ...{ n, k },
    levels: { dtype: "u8", shape: [n, groups, (group * bits) / 8], load },
    scales: constData(fromNumbers(dtype, [n, groups], scales)),
  };
}

function packedWeight(data: ConstData, axis: number, group: number, dtype: DType): PackedWeight | undefined {
  const nearest = nearestLevels(data, axis, group, dtype);
  return nearest && packedLevels(nearest, group, dtype);
}

/** Whether all elements are numbers. */
function isFinite(values: Float32Array): boolean {
  let sum = 0;
  // What is no number stays none when it is multiplied by nothing.
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  return sum === 0;
}

/** Part of a weight: rows of results, and the neighbouring columns of what they sum. */
interface Part {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
  /** [rows, columns]. */
  readonly values: Float32Array;
}

/** Whole groups at a time. */
function* partsOf({ n, k, byResult, bands }: Matrix, group: number): Iterable<Part> {
  for (const { first, count, values } of bands(byResult ? 1 : group))
    yield byResult
      ? { row: first, rows: count, column: 0, columns: k, values }
      : { row: 0, rows: n, column: first, columns: count, values: transpose(values, count, n) };
}

const spreadOf = ({ rows, columns }: Part, group: number): Spread => ({ shape: [rows, columns], axis: 1, group });

/** [n, groups], as `dtype` holds them; undefined where an element is none. */
function scalesOf(matrix: Matrix, group: number, dtype: DType): Float32Array | undefined {
  const groups = Math.ceil(matrix.k / group);
  const out = new Float32Array(matrix.n * groups);
  for (const part of partsOf(matrix, group)) {
    if (!isFinite(part.values)) return undefined;
    const { scales } = fittedParameters(part.values, spreadOf(part, group), nibbles);
    const own = Math.ceil(part.columns / group);
    for (let i = 0; i < scales.length; i++)
      out[(part.row + Math.floor(i / own)) * groups + part.column / group + (i % own)] = roundTo(dtype, scales[i]) || 1;
  }
  return out;
}

/** [n, k]. */
function levelsOf(matrix: Matrix, scales: Float32Array, group: number): Int8Array {
  const { n, k } = matrix;
  const groups = Math.ceil(k / group);
  const out = new Int8Array(n * k);
  for (const part of partsOf(matrix, group)) {
    const { row, rows, column, columns, values } = part;
    const own = Math.ceil(columns / group);
    const held = Float32Array.from(
      { length: rows * own },
      (_, i) => scales[(row + Math.floor(i / own)) * groups + column / group + (i % own)],
    );
    const levels = quantise(values, spreadOf(part, group), { scales: held }, nibbles) as Int8Array;
    for (let r = 0; r < rows; r++) out.set(levels.subarray(r * columns, (r + 1) * columns), (row + r) * k + column);
  }
  return out;
}
