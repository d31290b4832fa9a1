import { fromNumbers, roundTo } from "../../src/base/float-formats.js";
import type { DType } from "../../src/base/dtype.js";
import { constData } from "../../src/ir/build.js";
import type { Attr, ConstData } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { fittedParameters } from "../../src/quant/formats/fit.js";
import { gridOf } from "../../src/quant/formats/grid.js";
import { packNBits } from "../../src/quant/formats/layouts/onnx.js";
import { quantise } from "../../src/quant/formats/quantise.js";
import { transpose } from "../../src/quant/formats/scales.js";
import { weight } from "../../src/quant/formats/weight.js";
import { operandsOf } from "./operands.js";
import type { QuantiseContext, QuantisePass } from "./scheme.js";
import { floatsOf } from "./weights.js";

/**
 * MatMul(x, w)  =>  com.microsoft::MatMulNBits(x, w', scales)      Gemm(x, w, c)  =>  MatMulNBits(x, w', scales, bias=c)
 * with w' packed levels of 4 bits in groups of neighbours along what is summed, one scale a group, zero in the middle.
 *
 * Skipped for what the caller keeps in float, for weights of other than two axes, for a Gemm with factors, a turned
 * first operand or a bias that is no row, for convolutions, and where a weight holds a NaN or an infinity.
 */
export const packWeights: QuantisePass = {
  name: "pack-weights",
  rounds: true,
  run: (graph, context) =>
    rewriteAny(graph, knowing(context.catalogue, context), (view, make) => {
      const operands = operandsOf(view.node, (v) => v && make.facts.constant(v));
      return operands?.weight?.inputs === undefined || context.isSkipped(view.node)
        ? undefined
        : packed(view, operands.weight.axis, make, context);
    }),
};

function packed(view: AnyView, axis: number, make: Make, { weights: { group = 32 } }: QuantiseContext): ValueView | undefined {
  const [x, w, c] = view.inputs;
  const isPlain = view.int("transA", 0) === 0 && view.float("alpha", 1) === 1 && view.float("beta", 1) === 1;
  if (!x || !w?.constant || w.constant.shape.length !== 2 || !isPlain || (c && c.shape?.length !== 1)) return undefined;
  const held = packedWeight(w.constant, axis, group, x.dtype ?? "f32");
  if (!held) return undefined;
  const levels = make.constant(held.levels, `${w.name}_quantized`);
  const scales = make.constant(held.scales, `${w.name}_scale`);
  const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });
  const attrs = { K: int(held.k), N: int(held.n), bits: int(bits), block_size: int(group) };
  return make.node("com.microsoft::MatMulNBits", [x, levels, scales, undefined, undefined, c], attrs)[0];
}

const bits = 4;
const grid = gridOf("i4");

interface PackedWeight {
  readonly n: number;
  readonly k: number;
  readonly levels: ConstData;
  readonly scales: ConstData;
}

/** `axis` counts the columns of the result. Undefined where the weight holds a NaN or an infinity. */
function packedWeight(data: ConstData, axis: number, group: number, dtype: DType): PackedWeight | undefined {
  const [n, k] = [data.shape[axis], data.shape[1 - axis]];
  const rows = (): Float32Array => (axis === 0 ? floatsOf(data) : transpose(floatsOf(data), k, n));
  const values = rows();
  if (!values.every(Number.isFinite)) return undefined;
  const spread = { shape: [n, k], axis: 1, group };
  const fitted = fittedParameters(values, spread, grid);
  const scales = fitted.scales.map((s) => roundTo(dtype, s) || 1);
  const groups = Math.ceil(k / group);
  const load = () => {
    const levels = quantise(rows(), spread, { scales }, grid) as Int8Array;
    return packNBits(weight({ bits, n, k, group, levels, scales, scaleType: "f32" })).b;
  };
  return {
    ...{ n, k },
    levels: { dtype: "u8", shape: [n, groups, (group * bits) / 8], load },
    scales: constData(fromNumbers(dtype, [n, groups], scales)),
  };
}
