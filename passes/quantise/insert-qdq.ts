import { fromNumbers, roundHalfEven, roundTo, toNumbers } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import { constData } from "../../src/ir/build.js";
import type { ConstData, Node } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { biasPlace, operandsOf, type Operands } from "./operands.js";
import type { HeldAs, QuantiseContext, QuantisePass } from "./scheme.js";
import { heldWeight } from "./weights.js";

/**
 * Conv(x, w, b)  =>  Conv(Dequantize(Quantize(x)), Dequantize(w'), Dequantize(b'))
 * with w' levels over one scale an output channel and b' int32 over the product of both scales; likewise for ConvTranspose,
 * Gemm and MatMul, and both operands of a product of activations. With weights alone: Conv(x, Dequantize(w'), b).
 * Where samples told a correction of the results, scales of the weight are multiplied by a gain a channel and b has a shift added
 * (as https://arxiv.org/abs/1906.04721 does with means); a convolution or Gemm without a bias gets one.
 *
 * Skipped for what the caller keeps in float, when an activation has no grid, when a weight holds a NaN or an infinity, and
 * for weights of a ConvTranspose in groups. A bias beyond int32 at its scale stays a float.
 */
export const insertQdq: QuantisePass = {
  name: "insert-qdq",
  rounds: true,
  run: (graph, context) =>
    rewriteAny(graph, knowing(context.catalogue, context), (view, make) => {
      const operands = operandsOf(view.node, (v) => v && make.facts.constant(v));
      return operands && !context.isSkipped(view.node) ? quantised(view, operands, make, context) : undefined;
    }),
};

function quantised(view: AnyView, operands: Operands, make: Make, context: QuantiseContext): ValueView[] | undefined {
  if (!context.activations && !operands.weight) return undefined;
  const inputs = [...view.inputs];
  const grids = operands.activations.map((i) => inputs[i] && context.heldAs(inputs[i].value));
  if (context.activations) {
    if (!grids.every((g) => g !== undefined)) return undefined;
    operands.activations.forEach((i, k) => (inputs[i] = roundTrip(inputs[i] as ValueView, grids[k], make)));
  }
  if (operands.weight && !withWeight(view, inputs, operands, context.activations ? grids[0] : undefined, make, context)) return undefined;
  return make.node(view.node.op, inputs, view.attrs);
}

/** Puts levels in the place of the weight and, where the activation has a grid, of the bias. */
function withWeight(
  view: AnyView,
  inputs: (ValueView | undefined)[],
  operands: Operands,
  grid: HeldAs | undefined,
  make: Make,
  context: QuantiseContext,
): boolean {
  const [at, axis] = [operands.weight?.at ?? 0, operands.weight?.axis ?? 0];
  const w = inputs[at];
  const held = w?.constant && heldWeight(w.constant, axis);
  if (!w || !held) return false;
  const correction = context.correctionOf(view.node);
  const levels = correction?.levels ? constData({ dtype: "i8", shape: held.levels.shape, data: correction.levels }) : held.levels;
  const own = correction ? held.scales.map((s, c) => roundTo(w.dtype ?? "f32", s * correction.gains[c])) : held.scales;
  const scales = constant(make, fromNumbers(w.dtype ?? "f32", [own.length], own), `${w.name}_scale`);
  const zeros = constant(make, fromNumbers("i8", [held.scales.length], new Int8Array(held.scales.length)), `${w.name}_zero_point`);
  inputs[at] = dequantised(make.constant(levels, `${w.name}_quantized`), [scales, zeros], w.name, make, axis);
  const given = operands.bias === undefined ? undefined : view.inputs[operands.bias];
  const shifts = biasPlace(view.node, operands) === undefined ? undefined : correction?.shifts;
  const b = shifts ? shifted(given, shifts, w, make) : given;
  if (b) inputs[2] = (grid && b.constant && heldBias(b, biasName(given, w), b.constant, own, grid.scale, make)) ?? b;
  return true;
}

const biasName = (b: ValueView | undefined, w: ValueView): string => b?.name ?? `${w.name}_bias`;

/** The bias and that; one is made where there was none. */
function shifted(b: ValueView | undefined, shifts: Float64Array, w: ValueView, make: Make): ValueView {
  const old = b?.constant && toNumbers(b.constant.load());
  const values = shifts.map((s, c) => (old ? old[old.length === 1 ? 0 : c] : 0) + s);
  return constant(make, fromNumbers(w.dtype ?? "f32", [values.length], values), biasName(b, w));
}

function constant(make: Make, value: Tensor, name: string): ValueView {
  return make.constant(constData(value), name);
}

const axisAttr = (axis: number | undefined): Node["attrs"] =>
  axis === undefined ? {} : { axis: { kind: "int", value: BigInt(axis) } as const };

function dequantised(levels: ValueView, [scale, zero]: readonly ValueView[], name: string, make: Make, axis?: number): ValueView {
  return make.node("DequantizeLinear", [levels, scale, zero], axisAttr(axis), { name: `${name}_dequantized` })[0];
}

/** x as it is when it has been levels in between. */
function roundTrip(x: ValueView, { dtype, scale, zero }: HeldAs, make: Make): ValueView {
  const s = constant(make, fromNumbers(x.dtype ?? "f32", [], [scale]), `${x.name}_scale`);
  const z = constant(make, fromNumbers(dtype, [], [zero]), `${x.name}_zero_point`);
  const [levels] = make.node("QuantizeLinear", [x, s, z], {}, { name: `${x.name}_quantized` });
  return dequantised(levels, [s, z], x.name, make);
}

/** The smallest number that each type holds with all its digits. */
const smallestScale = { f32: 2 ** -126, bf16: 2 ** -126, f16: 2 ** -14, f64: 2 ** -1022 };

/** What is added to sums of levels: whole numbers at the scale of the sums. Undefined where one does not fit. */
function heldBias(
  b: ValueView,
  name: string,
  data: ConstData,
  weights: Float32Array,
  activation: number,
  make: Make,
): ValueView | undefined {
  const values = toNumbers(data.load());
  const dtype = b.dtype ?? "f32";
  const scales = weights.map((s) => roundTo(dtype, s * activation));
  // What the type of a file can hardly say is no scale.
  if (!scales.every((s) => s >= smallestScale[dtype as "f32"])) return undefined;
  const levels = Array.from(values, (x, c) => roundHalfEven(x / scales[scales.length === 1 ? 0 : c]));
  if (!levels.every((n) => Math.abs(n) < 2 ** 31)) return undefined;
  const count = [levels.length];
  const zeros = levels.map(() => 0);
  const held = constant(make, fromNumbers("i32", count, levels), `${name}_quantized`);
  const scale = constant(make, fromNumbers(dtype, count, scales), `${name}_scale`);
  const zero = constant(make, fromNumbers("i32", count, zeros), `${name}_zero_point`);
  return dequantised(held, [scale, zero], name, make, 0);
}
