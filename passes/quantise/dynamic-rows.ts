import { dtypes, type DType } from "../../src/base/dtype.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import { constData } from "../../src/ir/build.js";
import { transposed } from "../../src/ir/constant-bytes.js";
import type { Attr } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import type { Parameters } from "../../src/quant/formats/quantise.js";
import { t } from "../constants.js";
import { isPlainProduct, operandsOf } from "./operands.js";
import type { QuantisePass } from "./scheme.js";
import { heldWeight } from "./weights.js";

/**
 * MatMul(x, w)  =>  Cast(MatMulInteger(Cast(Round(x / s)), w')) * ws * s
 * with s = max|x| / 127 of each row of x, found when the model runs, and w' int8 over one scale ws a column; likewise for a
 * plain Gemm. A Conv has one s an image, and levels with 128 added: ConvInteger reads no others in onnxruntime.
 *
 * Skipped for what the caller keeps in float, for products of two activations and ConvTranspose, for a Conv whose bias is
 * computed, for a Gemm with factors or a turned first operand, and where a weight holds a NaN or an infinity.
 */
export const dynamicRows: QuantisePass = {
  name: "dynamic-rows",
  rounds: true,
  run: (graph, context) =>
    rewriteAny(graph, knowing(context.catalogue, context), (view, make) => {
      const operands = operandsOf(view.node, (v) => v && make.facts.constant(v));
      if (!operands?.weight || context.isSkipped(view.node)) return undefined;
      return view.node.op === "Conv" ? convolution(view, make) : product(view, operands.weight.axis, make);
    }),
};

/** The largest level; -128 is left out. */
const most = 127;
/** Keeps rows of zeros from being divided by zero; below every scale that a normal float has. */
const least = 2 ** -120;
/** What makes levels of an image unsigned. */
const middle = 128;

function product(view: AnyView, axis: number, make: Make): ValueView | undefined {
  const [x, w, c] = view.inputs;
  const held = w?.constant && isPlainProduct(view.node) ? heldWeight(w.constant, axis) : undefined;
  if (!x || !w || !held) return undefined;
  const rows = levelsOf(x, [-1], "i8", make);
  const columns = axis === held.levels.shape.length - 1 ? held.levels : transposed(held.levels, [1, 0]);
  const [sums] = make.node("MatMulInteger", [rows.levels, make.constant(columns, `${w.name}_quantized`)]);
  return reals(sums, scalesOf(held, w, [held.scales.length], make), rows.scale, x.dtype, make, c);
}

function convolution(view: AnyView, make: Make): ValueView | undefined {
  const [x, w, b] = view.inputs;
  const held = w?.constant && heldWeight(w.constant, 0);
  if (!x || !w || !held || (b && !b.constant)) return undefined;
  const rank = held.levels.shape.length;
  const images = levelsOf(x, Array.from({ length: rank - 1 }, (_, i) => i + 1), "u8", make); // prettier-ignore
  const zero = make.constant(constData(fromNumbers("u8", [], [middle])), `${x.name}_zero_point`);
  const [sums] = make.node("ConvInteger", [images.levels, make.constant(held.levels, `${w.name}_quantized`), zero], view.attrs);
  const channels = [held.scales.length, ...Array.from({ length: rank - 2 }, () => 1)];
  const bias = b?.constant && make.constant(t.reshape(b.constant, channels), b.name);
  return reals(sums, scalesOf(held, w, channels, make), images.scale, x.dtype, make, bias);
}

const castTo = (dtype: DType): Readonly<Record<string, Attr>> => ({ to: { kind: "int", value: BigInt(dtypes[dtype].onnx) } });

const cast = (x: ValueView, dtype: DType, make: Make): ValueView => make.Cast({ x, attrs: castTo(dtype) });

interface Levels {
  readonly levels: ValueView;
  /** In f32, with the axes that share one kept. */
  readonly scale: ValueView;
}

/** One scale for all that differs along `axes` alone. */
function levelsOf(x: ValueView, axes: readonly number[], dtype: "i8" | "u8", make: Make): Levels {
  const number = (value: number, name: string): ValueView => make.constant(constData(fromNumbers("f32", [], [value])), `${x.name}_${name}`);
  const float = x.dtype === "f32" ? x : cast(x, "f32", make);
  const along = make.constant(constData(fromNumbers("i64", [axes.length], axes)), `${x.name}_axes`);
  const [size] = make.node("Abs", [float]);
  const [reach] = make.node("ReduceMax", [size, along], { keepdims: { kind: "int", value: 1n } });
  const steps = make.Div({ a: reach, b: number(most, "levels") });
  const [scale] = make.node("Max", [steps, number(least, "least")], {}, { name: `${x.name}_scale` });
  const [whole] = make.node("Round", [make.Div({ a: float, b: scale })]);
  const placed = dtype === "i8" ? whole : make.Add({ a: whole, b: number(middle, "middle") });
  const [levels] = make.node("Cast", [placed], castTo(dtype), { name: `${x.name}_quantized` });
  return { levels, scale };
}

function scalesOf({ scales }: Parameters, w: ValueView, shape: readonly number[], make: Make): ValueView {
  return make.constant(constData(fromNumbers("f32", shape, scales)), `${w.name}_scale`);
}

/** Whole sums times both scales, with what is then added. */
function reals(sums: ValueView, weights: ValueView, rows: ValueView, dtype: DType | undefined, make: Make, bias?: ValueView): ValueView {
  const product = make.Mul({ a: make.Mul({ a: cast(sums, "f32", make), b: weights }), b: rows });
  const typed = dtype === undefined || dtype === "f32" ? product : cast(product, dtype, make);
  return bias ? make.Add({ a: typed, b: bias }) : typed;
}
