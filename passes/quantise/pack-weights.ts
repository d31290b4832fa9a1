import type { Attr } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { groupedProduct, type GroupedProduct } from "./grouped.js";
import type { QuantiseContext, QuantisePass } from "./scheme.js";

/**
 * MatMul(x, w)  =>  com.microsoft::MatMulNBits(x, w', scales)      Gemm(x, w, c)  =>  MatMulNBits(x, w', scales, bias=c)
 * with w' packed levels of 4 bits in groups of neighbours along what is summed, one scale a group, zero in the middle.
 *
 * Skipped for what the caller keeps in float or has no levels for, as where a weight holds a NaN or an infinity, for weights of
 * other than two axes, for a Gemm with factors, a turned first operand or a bias that is no row, and for convolutions.
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

function packed(view: AnyView, product: GroupedProduct, make: Make, context: QuantiseContext): ValueView | undefined {
  const { group = 32 } = context.weights;
  const { w } = product;
  const held = context.packed(product);
  if (!held) return undefined;
  const levels = make.constant(held.levels, `${w.name}_quantized`);
  const scales = make.constant(held.scales, `${w.name}_scale`);
  const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });
  const attrs = { K: int(held.k), N: int(held.n), bits: int(bits), block_size: int(group) };
  return make.node("com.microsoft::MatMulNBits", [view.inputs[0], levels, scales, undefined, undefined, view.inputs[2]], attrs)[0];
}

const bits = 4;
