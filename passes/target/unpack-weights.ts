import type { ConstData } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { unpackNBits } from "../../src/quant/formats/layouts/onnx.js";
import { weightValues } from "../../src/quant/formats/weight.js";
import type { TargetPass } from "./stage.js";

/**
 * MatMulNBits(x, w, s, z, bias)  =>  cast(cast(x, f32) · Wᵀ + cast(bias, f32), type of x)
 *
 * with the constant W[N, K] = (w - z) * s in f32: where no row takes a packed weight, it is unpacked when compiling and not at every run.
 * Its values are computed when they are loaded, one weight at a time.
 *
 * Skipped for levels, scales or zero points that are no constants, for zero points in floats, and with the deprecated g_idx.
 */
export const unpackWeights: TargetPass = {
  name: "unpack-weights",
  run: (graph, context) => rewriteAny(graph, knowing(context.catalogue, context), unpacked),
};

function unpacked(view: AnyView, make: Make): ValueView | undefined {
  if (view.node.op !== "com.microsoft::MatMulNBits") return undefined;
  const [x, b, , , , bias] = view.inputs;
  const data = weightOf(view);
  if (!x?.dtype || !b || !data) return undefined;
  const cast = (v: ValueView, to: string): ValueView => (v.dtype === to ? v : make.node("cast", [v], nodeAttrs("cast", { to }))[0]);
  const turned = make.node("transpose", [make.constant(data, b)], nodeAttrs("transpose", { perm: [1, 0] }))[0];
  const product = make.node("MatMul", [cast(x, "f32"), turned])[0];
  return cast(bias ? make.node("Add", [product, cast(bias, "f32")])[0] : product, x.dtype);
}

/** The weight in floats, [N, K]. */
function weightOf(view: AnyView): ConstData | undefined {
  const [b, scales, zeros] = view.inputs.slice(1, 4).map((v) => v?.constant);
  const isKnown = b && scales && (!view.inputs[3] || zeros?.dtype === "u8") && !view.inputs[4];
  if (!isKnown) return undefined;
  const [n, k, bits, block] = [view.int("N", 0), view.int("K", 0), view.int("bits", 4), view.int("block_size", 0)];
  const load = (): Float32Array => {
    const tensors = { b: b.load(), scales: scales.load(), ...(zeros && { zeroPoints: zeros.load() }) };
    return weightValues(unpackNBits(tensors, k, bits, block));
  };
  return { dtype: "f32", shape: [n, k], load: () => ({ dtype: "f32", shape: [n, k], data: load() }) };
}
