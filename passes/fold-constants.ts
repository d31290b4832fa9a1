import { byteLength } from "../src/base/dtype.js";
import { elementCount, type Tensor } from "../src/base/tensor.js";
import type { Catalogue } from "../src/ops/op.js";
import { evaluateNode, isFoldable } from "../src/ir/evaluate-node.js";
import type { ConstData } from "../src/ir/graph.js";
import type { AnyView, ValueView } from "../src/ir/views.js";
import { definePass } from "./pass.js";

/** Up to this size a result is computed at once and kept; a larger one is computed each time somebody loads it. */
const keptBytes = 64 * 1024;

/**
 * f(constants)  =>  constant
 *
 * The values of large results are not computed here: the new constant knows its operands and computes when it is
 * loaded, so at most one result and its operands are in memory at a time.
 *
 * Skipped when the result would take more room than its operands and more than 64 KiB (an expanded scalar), when a type
 * is not fully known, when the operator is random, has a body or no record.
 */
export const foldConstants = definePass("fold-constants", (graph) =>
  graph.rewriteAny((view, make) => {
    const inputs = view.inputs.map((v) => v?.constant);
    if (view.node.op === "Identity" || view.inputs.some((v, i) => v && !inputs[i])) return;
    if (!isFoldable(view.node, graph.catalogue) || !isWorthwhile(view, inputs)) return;
    const results = evaluateLazily(view, inputs, graph.catalogue);
    return view.outputs.map((y, i) => y && make.constant(results[i], y));
  }),
);

function bytesOf(type: { dtype: ConstData["dtype"]; shape: readonly number[] }): number {
  return byteLength(type.dtype, elementCount(type.shape));
}

function isWorthwhile(view: AnyView, inputs: readonly (ConstData | undefined)[]): boolean {
  const room = Math.max(
    keptBytes,
    inputs.reduce((sum, c) => sum + (c ? bytesOf(c) : 0), 0),
  );
  return view.outputs.every(
    (y) => !y || (y.dtype !== undefined && y.fixedShape !== undefined && bytesOf({ dtype: y.dtype, shape: y.fixedShape }) <= room),
  );
}

function evaluateLazily(view: AnyView, inputs: readonly (ConstData | undefined)[], catalogue: Catalogue): ConstData[] {
  const run = (): readonly (Tensor | undefined)[] =>
    evaluateNode(
      view.node,
      catalogue,
      inputs.map((c) => c?.load()),
    );
  let kept: readonly (Tensor | undefined)[] | undefined;
  return view.outputs.map((y, i) => {
    const { dtype, shape } = fixed(y);
    const small = bytesOf({ dtype, shape }) <= keptBytes;
    return { dtype, shape, load: () => (small ? (kept ??= run()) : run())[i] as Tensor };
  });
}

function fixed(y: ValueView | undefined): { dtype: ConstData["dtype"]; shape: readonly number[] } {
  return { dtype: y?.dtype ?? "f32", shape: y?.fixedShape ?? [] };
}
