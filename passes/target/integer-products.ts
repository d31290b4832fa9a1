import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { isConst } from "../../src/base/dim.js";
import { dtypes, type DType } from "../../src/base/dtype.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import { constData } from "../../src/ir/build.js";
import { transposed } from "../../src/ir/constant-bytes.js";
import type { Attr, ConstData } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { isLevels, movedLevels } from "./levels.js";
import type { TargetPass } from "./stage.js";

/**
 * MatMul(DQ(a, s, z), DQ(w, t))        =>  Cast(MatMulInteger(a, w) + c) * (s * t)      c = b - z * sums of w
 * Conv(DQ(x, s, z), DQ(w, t), DQ(b))   =>  Cast(ConvInteger(Pad(x, z), w) + c) * (s * t)
 * MatMul(DQ(a, s, y), DQ(b, t, z))     =>  Cast(MatMulInteger(a, b, y, z)) * (s * t)
 * with DQ for DequantizeLinear, one scale a tensor for activations and one a tensor or output channel for weights, whose zero points
 * are taken out of them; likewise for Gemm, and for convolutions as in the third line where 8 bits do not hold what is left. Levels are
 * multiplied and added as whole numbers: nothing is rounded before the scale.
 *
 * Skipped when an activation has several scales or one that is computed, when a weight has scales along another axis, for a Gemm with
 * factors or a turned first operand, for convolutions that pad by themselves, and where a sum might leave int32.
 */
export const integerProducts: TargetPass = {
  name: "integer-products",
  rounds: true,
  run: (graph, context) => rewriteAny(graph, knowing(context.catalogue, context), (view, make) => product(view, make)),
};

function product(view: AnyView, make: Make): ValueView | undefined {
  switch (view.node.op) {
    case "MatMul":
      return matrixProduct(view, false, undefined, make) ?? productOfActivations(view, make);
    case "Gemm":
      return plainGemm(view) ? matrixProduct(view, view.int("transB", 0) === 1, view.inputs[2], make) : undefined;
    case "Conv":
      return convolution(view, make);
    default:
      return undefined;
  }
}

/** A value that stands for levels. */
interface Levels {
  readonly levels: ValueView;
  readonly scales: Float64Array;
  readonly zeros: Float64Array;
}

/** Of a DequantizeLinear by constants, whose scales lie along `axis` where there are several. */
function levelsOf(v: ValueView | undefined, axis: number): Levels | undefined {
  const made = v?.made;
  if (made?.node.op !== "DequantizeLinear") return undefined;
  const [levels, scale, zero] = made.inputs;
  const scales = scale?.constant && toNumbers(scale.constant.load());
  const zeros = zero ? zero.constant && toNumbers(zero.constant.load()) : new Float64Array(1);
  const rank = levels?.shape?.length ?? 0;
  const own = made.int("axis", 1);
  if (!levels || !scales || !zeros || made.int("block_size", 0) !== 0) return undefined;
  return scales.length === 1 || (own < 0 ? own + rank : own) === axis ? { levels, scales, zeros } : undefined;
}

/** What moves elements and leaves them as they are, by its first input. */
const moves: ReadonlySet<string> = new Set(["Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten"]);

/** An activation, or a weight that is like one: one scale and zero point of 8-bit levels, which may be moved before they are read. */
function activation(v: ValueView | undefined, make: Make): Levels | undefined {
  const by = v?.made;
  if (by && moves.has(by.node.op)) {
    const found = activation(by.inputs[0], make);
    return found && { ...found, levels: make.node(by.node.op, [found.levels, ...by.inputs.slice(1)], by.attrs)[0] };
  }
  const found = levelsOf(v, 0);
  return found && isLevels(found.levels.dtype) && found.scales.length === 1 && found.zeros.length === 1 ? found : undefined;
}

/** A weight: a constant of 8-bit levels, with zero in the middle once its zero points are taken out of it. */
function weight(v: ValueView | undefined, axis: number, make: Make): (Levels & { readonly data: ConstData }) | undefined {
  const found = levelsOf(v, axis);
  const data = found?.levels.constant;
  if (!found || !data || !isLevels(data.dtype)) return undefined;
  if (data.dtype === "i8" && found.zeros.every((z) => z === 0)) return { ...found, data };
  const centred = withoutZeros(data, found.zeros, axis);
  return centred && { ...found, levels: make.constant(centred, found.levels), data: centred };
}

/** Levels less their zero points, one for all or one an entry of an axis, where 8 bits hold them. */
function withoutZeros(data: ConstData, zeros: Float64Array, axis: number): ConstData | undefined {
  const inner = elementCount(data.shape.slice(axis + 1));
  const zeroAt = (i: number): number => zeros[zeros.length === 1 ? 0 : Math.floor(i / inner) % data.shape[axis]];
  return movedLevels(data, `${axis}:${zeros.join()}`, zeroAt);
}

function plainGemm(view: AnyView): boolean {
  return view.int("transA", 0) === 0 && view.float("alpha", 1) === 1 && view.float("beta", 1) === 1;
}

function matrixProduct(view: AnyView, turned: boolean, bias: ValueView | undefined, make: Make): ValueView | undefined {
  const a = activation(view.inputs[0], make);
  const rank = view.inputs[1]?.shape?.length ?? 0;
  const columns = turned ? 0 : rank - 1;
  const w = weight(view.inputs[1], columns, make);
  if (!a || a.levels.constant || !w || rank !== 2) return undefined;
  const b = turned ? make.constant(transposed(w.data, [1, 0]), w.levels) : w.levels;
  const [sum] = make.node("MatMulInteger", [a.levels, b]);
  return scaled(view, sum, a, { ...w, sums: sumsOf(w.data, columns) }, bias, [w.data.shape[columns]], make);
}

/** A level of either 8-bit type times another, less zero points of their own: sums of more terms than 2^31 holds would wrap. */
const mostProduct = 255 * 255;

/** Both zero points are the sum's own affair: what they add hangs on data, or does not fit into a weight. */
function productOfActivations(view: AnyView, make: Make): ValueView | undefined {
  const [a, b] = [activation(view.inputs[0], make), activation(view.inputs[1], make)];
  const terms = view.inputs[0]?.shape?.at(-1);
  if (!a || !b || terms === undefined || !isConst(terms) || terms * mostProduct >= 2 ** 31) return undefined;
  const [sum] = make.node("MatMulInteger", [a.levels, b.levels, zeroOf(a, make), zeroOf(b, make)]);
  return timesScales(view, sum, Float64Array.of(Math.fround(a.scales[0] * b.scales[0])), [], make);
}

function convolution(view: AnyView, make: Make): ValueView | undefined {
  const x = activation(view.inputs[0], make);
  if (!x || !["NOTSET", ""].includes(view.text("auto_pad", "NOTSET"))) return undefined;
  const w = weight(view.inputs[1], 0, make);
  return w ? ofWeight(view, x, w, make) : ofLevels(view, x, make);
}

/** A filter whose zero point does not go into it. */
function ofLevels(view: AnyView, x: Levels, make: Make): ValueView | undefined {
  const w = activation(view.inputs[1], make);
  const filter = w?.levels.fixedShape;
  if (!w || !filter || elementCount(filter.slice(1)) * mostProduct >= 2 ** 31) return undefined;
  const [sum] = make.node("ConvInteger", [x.levels, w.levels, zeroOf(x, make), zeroOf(w, make)], view.attrs);
  const channels = [filter[0], ...filter.slice(2).map(() => 1)];
  return timesScales(
    view,
    sum,
    Float64Array.of(Math.fround(x.scales[0] * w.scales[0])),
    view.inputs[2] ? channels : [],
    make,
    view.inputs[2],
  );
}

function zeroOf({ levels, zeros }: Levels, make: Make): ValueView {
  return make.constant(constData(fromNumbers(levels.dtype ?? "i8", [], [zeros[0]])), `${levels.name || "levels"}_zero_point`);
}

function ofWeight(view: AnyView, x: Levels, w: Levels & { readonly data: ConstData }, make: Make): ValueView | undefined {
  const pads = view.ints("pads") ?? [];
  const padded = x.zeros[0] !== 0 && pads.some((p) => p !== 0);
  const levels = padded ? withPads(x, pads, make) : x.levels;
  const { pads: own, ...others } = view.attrs;
  const [sum] = make.node("ConvInteger", [levels, w.levels], { ...others, ...(!padded && own && { pads: own }) });
  const channels = [w.data.shape[0], ...w.data.shape.slice(2).map(() => 1)];
  return scaled(view, sum, x, { ...w, sums: sumsOf(w.data, 0) }, view.inputs[2], channels, make);
}

/** The level that stands for zero around the image. */
function withPads({ levels, zeros }: Levels, pads: readonly number[], make: Make): ValueView {
  const half = pads.length / 2;
  const all = [0, 0, ...pads.slice(0, half), 0, 0, ...pads.slice(half)];
  const amounts = make.constant(constData(fromNumbers("i64", [all.length], all)), "pads");
  const value = make.constant(constData(fromNumbers(levels.dtype ?? "i8", [], [zeros[0]])), "zero");
  return make.Pad({ x: levels, pads: amounts, value });
}

/** Sums over all that meets one result channel. */
function sumsOf(data: ConstData, axis: number): Float64Array {
  const values = data.load().data as Int8Array;
  const [inner, count] = [elementCount(data.shape.slice(axis + 1)), data.shape[axis]];
  const out = new Float64Array(count);
  for (let i = 0; i < values.length; i++) out[Math.floor(i / inner) % count] += values[i];
  return out;
}

/** Whole sums to reals: less what the zero point adds, with the bias, times both scales. */
function scaled(
  view: AnyView,
  sum: ValueView,
  a: Levels,
  w: Levels & { readonly data: ConstData; readonly sums: Float64Array },
  bias: ValueView | undefined,
  shape: readonly number[],
  make: Make,
): ValueView | undefined {
  const scales = w.sums.map((_, c) => Math.fround(a.scales[0] * w.scales[w.scales.length === 1 ? 0 : c]));
  const whole = bias && wholeBias(bias, scales);
  const more = w.sums.map((s, c) => (whole?.[c] ?? 0) - a.zeros[0] * s);
  const terms = elementCount(w.data.shape) / w.sums.length;
  if (!more.every((n) => terms * mostProduct + Math.abs(n) < 2 ** 31)) return undefined;
  const added = more.every((n) => n === 0) ? sum : make.Add({ a: sum, b: named(view, "offset", fromNumbers("i32", shape, more), make) });
  return timesScales(view, added, scales, shape, make, whole ? undefined : bias);
}

function named(view: AnyView, name: string, t: Tensor, make: Make): ValueView {
  return make.constant(constData(t), `${view.outputs[0]?.name ?? "y"}_${name}`);
}

/** Whole sums as reals of the product's type, with what is then added. */
function timesScales(
  view: AnyView,
  sum: ValueView,
  scales: Float64Array,
  shape: readonly number[],
  make: Make,
  bias?: ValueView,
): ValueView {
  const cast = (x: ValueView, dtype: DType): ValueView =>
    make.Cast({ x, attrs: { to: { kind: "int", value: BigInt(dtypes[dtype].onnx) } satisfies Attr } });
  const y = make.Mul({ a: cast(sum, "f32"), b: named(view, "scale", fromNumbers("f32", scales.length === 1 ? [] : shape, scales), make) });
  const dtype = view.outputs[0]?.dtype ?? "f32";
  const typed = dtype === "f32" ? y : cast(y, dtype);
  return bias ? make.Add({ a: typed, b: reshaped(bias, shape, make) }) : typed;
}

/** The levels of a bias that lies on the scale of the sums. */
function wholeBias(bias: ValueView, scales: Float64Array): Float64Array | undefined {
  const found = levelsOf(bias, 0);
  const data = found?.levels.constant;
  if (!found || data?.dtype !== "i32" || data.shape.join() !== `${scales.length}` || found.zeros.some((z) => z !== 0)) return undefined;
  const isSame = scales.every((s, c) => Math.fround(found.scales[found.scales.length === 1 ? 0 : c]) === s);
  return isSame ? toNumbers(data.load()) : undefined;
}

function reshaped(bias: ValueView, shape: readonly number[], make: Make): ValueView {
  if (shape.length === 1) return bias;
  const to = make.constant(constData(fromNumbers("i64", [shape.length], shape)), "shape");
  return make.Reshape({ x: bias, shape: to });
}
