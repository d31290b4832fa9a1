import { isInteger } from "../../src/base/dtype.js";
import { elementCount } from "../../src/base/tensor.js";
import { elementTensor } from "../../src/base/element.js";
import { isPrimitive } from "../../src/ops/primitive.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { makeReshape } from "./merge-movement.js";
import { definePass } from "../pass.js";

/**
 * A node whose integer result is known from shapes alone  =>  constant
 * Reshape(x, computed shape)                              =>  Reshape(x, [0, .., -1, ..])
 *
 * Afterwards the Shape, Gather, Concat and arithmetic in front are dead. Skipped for results with symbolic extents
 * (decomposition turns those into `dims`), and for a Reshape with two or more extents neither known nor copied from x.
 */
export const foldShapes = definePass("fold-shapes", (graph) =>
  graph.rewriteAny((view, make) => {
    if (isPrimitive(view.node.op)) return;
    const [y] = view.outputs;
    if (view.node.op === "Reshape") return y && view.inputs[0] && isComputed(view) ? makeReshape(view.inputs[0], y, make) : undefined;
    if (view.outputs.length !== 1 || !y) return;
    const known = knownElements(y);
    return known && make.constant(known, y);
  }),
);

/** Whether a Reshape's shape operand is no constant yet. */
function isComputed({ inputs }: AnyView): boolean {
  return inputs[1] !== undefined && !inputs[1].constant;
}

function knownElements(y: ValueView) {
  const { elements, dtype, fixedShape } = y;
  if (!elements || y.constant || !dtype || !fixedShape || !(isInteger(dtype) || dtype === "bool")) return undefined;
  if (elements.length !== elementCount(fixedShape)) return undefined;
  const t = elementTensor(dtype, fixedShape, elements);
  return t && { dtype, shape: fixedShape, load: () => t };
}
