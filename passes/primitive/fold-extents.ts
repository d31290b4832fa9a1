import { elementTensor, extentList } from "../../src/base/element.js";
import { elementCount } from "../../src/base/tensor.js";
import { dims, text } from "../../src/ir/attr.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import type { ValueView } from "../../src/ir/rewrite/views.js";
import { isPrimitive } from "../../src/ops/primitive.js";
import { constData } from "../../src/ir/build.js";
import { definePass } from "../pass.js";

/**
 * A primitive whose integer result is known from the symbols  =>  dims(value), reshaped and cast where needed
 *
 * The arithmetic then happens on the host when the sizes are set, not on the device. Skipped for `dims` itself, for `read`, which must run, and for
 * what is a constant anyway; a result without symbols becomes a constant.
 */
export const foldExtents = definePass("fold-extents", (graph) =>
  graph.rewriteAny(({ node, outputs }, make) => {
    const [y] = outputs;
    if (!isPrimitive(node.op) || node.op === "dims" || node.op === "read" || outputs.length !== 1 || !y || y.constant) return;
    if (node.op === "reshape" || node.op === "cast") return;
    return hostValue(y, make);
  }),
);

/** The value as `dims`, or undefined when its elements are not all known. */
function hostValue(y: ValueView, make: Make): ValueView | undefined {
  const { elements, dtype, fixedShape } = y;
  if (!elements || !fixedShape || (dtype !== "i64" && dtype !== "i32") || elements.length === 0) return undefined;
  const constant = elements.length === elementCount(fixedShape) ? elementTensor(dtype, fixedShape, elements) : undefined;
  if (constant) return make.constant(constData(constant), y);
  const extents = extentList(elements);
  if (extents?.length !== elementCount(fixedShape)) return undefined;
  let at = make.node("dims", [], { value: dims(extents) }, { types: [{ kind: "tensor", dtype: "i64", shape: [extents.length] }] })[0];
  if (fixedShape.length !== 1) at = make.node("reshape", [at], { shape: dims(fixedShape) })[0];
  return dtype === "i64" ? at : make.node("cast", [at], { to: text(dtype), round: text("trunc"), overflow: text("wrap") })[0];
}
