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
    if (view.node.op === "Identity" || !isWorthwhile(view)) return;
    const results = computed(view, graph.catalogue);
    return results && view.outputs.map((y, i) => y && make.constant(results[i], y));
  }),
);

/** What a node gives when all its operands are constants and it can be run here; its values are computed on loading. */
export function computed(view: AnyView, catalogue: Catalogue): ConstData[] | undefined {
  const inputs = view.inputs.map((v) => v?.constant);
  if (view.inputs.some((v, i) => v && !inputs[i]) || !isFoldable(view.node, catalogue)) return undefined;
  if (!view.outputs.every((y) => !y || (y.dtype && y.fixedShape))) return undefined;
  return relabelled(view) ?? evaluateLazily(view, inputs, catalogue);
}

const relabelling: ReadonlySet<string> = new Set(["reshape", "Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

/** The same bytes under another shape: they stay where they lie. */
function relabelled({ node, inputs: [x], outputs: [y] }: AnyView): ConstData[] | undefined {
  const from = x?.constant;
  if (!from || !relabelling.has(node.op)) return undefined;
  const { dtype, shape } = fixed(y);
  return [{ dtype, shape, at: from.at, load: () => ({ ...from.load(), shape }) }];
}

function bytesOf(type: { dtype: ConstData["dtype"]; shape: readonly number[] }): number {
  return byteLength(type.dtype, elementCount(type.shape));
}

function isWorthwhile(view: AnyView): boolean {
  const operands = view.inputs.map((v) => v?.constant);
  const room = Math.max(
    keptBytes,
    operands.reduce((sum, c) => sum + (c ? bytesOf(c) : 0), 0),
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
