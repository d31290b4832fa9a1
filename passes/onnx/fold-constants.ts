import { byteLength } from "../../src/base/dtype.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import type { Catalogue } from "../../src/ops/op.js";
import { evaluateNode, isFoldable } from "../../src/ir/evaluate/node.js";
import { transposed } from "../../src/ir/constant-bytes.js";
import { intsAttr, type ConstData } from "../../src/ir/graph.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { definePass } from "../pass.js";

/** Up to this size a result is computed at once and kept; a larger one is computed each time somebody loads it. */
const keptBytes = 64 * 1024;
/** From this size on a second copy of a weight in another order is not worth the transpose it saves. */
const tiedBytes = 1 << 20;

/**
 * f(constants)  =>  constant
 *
 * The values of large results are not computed here: the new constant knows its operands and computes when it is
 * loaded, so at most one result and its operands are in memory at a time.
 *
 * Skipped for levels, which are kept as such, when the result would take more room than its operands and more than 64 KiB (an
 * expanded scalar), when a type
 * is not fully known, when the operator is random, has a body or no record; and for a transpose of more than 1 MiB whose
 * operand others read as it is: tied weights would then be stored twice.
 */
export const foldConstants = definePass(
  "fold-constants",
  (graph) =>
    graph.rewriteAny((view, make) => {
      if (view.node.op === "Identity" || view.node.op === "DequantizeLinear" || isTied(view) || !isWorthwhile(view)) return;
      const results = computed(view, graph.catalogue);
      return results && view.outputs.map((y, i) => y && make.constant(results[i], y));
    }),
  { rounds: true },
);

function permOf({ node, inputs: [x] }: AnyView): readonly number[] | undefined {
  if (node.op !== "Transpose" && node.op !== "transpose") return undefined;
  return intsAttr(node, "perm") ?? x?.shape?.map((_, i, all) => all.length - 1 - i);
}

/** A large weight in another order, which others read as it is. */
export function isTied(view: AnyView): boolean {
  const [x] = view.inputs;
  return x?.constant !== undefined && x.uses > 1 && bytesOf(x.constant) > tiedBytes && permOf(view) !== undefined;
}

/** What a node gives when all its operands are constants and it can be run here; its values are computed on loading. */
export function computed(view: AnyView, catalogue: Catalogue): ConstData[] | undefined {
  const inputs = view.inputs.map((v) => v?.constant);
  if (view.inputs.some((v, i) => v && !inputs[i]) || !isFoldable(view.node, catalogue)) return undefined;
  if (!view.outputs.every((y) => !y || (y.dtype && y.fixedShape))) return undefined;
  return relabelled(view) ?? reordered(view) ?? evaluateLazily(view, inputs, catalogue);
}

/** The same elements in another order: a large weight is never held whole. */
function reordered(view: AnyView): ConstData[] | undefined {
  const [from, perm] = [view.inputs[0]?.constant, permOf(view)];
  return from && perm && bytesOf(from) > keptBytes ? [transposed(from, perm)] : undefined;
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
