import { sameDim } from "../../src/base/dim.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { isAll, isNeutral } from "../constants.js";
import { definePass } from "../pass.js";

/**
 * f(x)  =>  x
 * for Identity; Dropout outside training; Cast to the type it has; Reshape, Flatten, Squeeze, Unsqueeze, Expand and
 * Slice with steps of 1 to the shape it has; Transpose by the identity; Pad by nothing; Concat, Sum, Max, Min of one; x + 0 of integers, x + -0 of floats,
 * x - 0, x * 1, x / 1, x ** 1.
 *
 * Skipped while a shape is not known well enough to tell, and when the operand would have to broadcast. An output of
 * the graph keeps its name: where that needs a node, an Identity stays.
 */
export const dropNoops = definePass("drop-noops", (graph) =>
  graph.rewriteAny((view) => {
    if (view.outputs.length !== 1 && view.node.op !== "Dropout") return;
    const kept = unchanged(view);
    return kept && [kept];
  }),
);

export function sameShape(a: ValueView | undefined, b: ValueView | undefined): boolean {
  return a?.shape !== undefined && a.shape.length === b?.shape?.length && a.shape.every((d, i) => sameDim(d, b.shape![i]));
}

/** The operand that the node passes on as it is. */
function unchanged(view: AnyView): ValueView | undefined {
  const [x, b] = view.inputs;
  const [y] = view.outputs;
  if (!x || !y) return undefined;
  switch (view.node.op) {
    case "Identity":
      return x;
    case "Dropout":
      return view.inputs[2] || view.outputs.slice(1).some((v) => v && v.uses > 0) ? undefined : x;
    case "Cast":
      return x.dtype !== undefined && x.dtype === y.dtype ? x : undefined;
    case "Reshape":
    case "Flatten":
    case "Squeeze":
    case "Unsqueeze":
    case "Expand":
      return sameShape(x, y) ? x : undefined;
    case "Slice":
      return sameShape(x, y) && (!view.inputs[4] || isAll(view.inputs[4].constant, 1)) ? x : undefined;
    case "Transpose":
      return (view.ints("perm") ?? reversed(x)).every((p, i) => p === i) && x.shape ? x : undefined;
    case "Pad":
      return isAll(b?.constant, 0) ? x : undefined;
    case "Concat":
    case "Sum":
    case "Max":
    case "Min":
      return view.inputs.length === 1 ? x : undefined;
    default:
      return neutral(view, x, b, y);
  }
}

function reversed(x: ValueView): number[] {
  return (x.shape ?? []).map((_, i, all) => all.length - 1 - i);
}

/** The other operand of a sum with zeros or a product with ones. */
function neutral({ node }: AnyView, a: ValueView, b: ValueView | undefined, y: ValueView): ValueView | undefined {
  if (!b) return undefined;
  if (isNeutral(node.op, b.constant) && sameShape(a, y) && a.dtype === y.dtype) return a;
  const commutes = node.op === "Add" || node.op === "Mul";
  return commutes && isNeutral(node.op, a.constant) && sameShape(b, y) ? b : undefined;
}
