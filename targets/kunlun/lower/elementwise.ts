import { product } from "../../../src/base/dim.js";
import { textAttr, type Node } from "../../../src/ir/graph.js";
import type { CallSite, ClaimRow, Emitted } from "../../../src/claim/target.js";
import { xdnn } from "../calls.js";
import { axisOf, outputShape, padded, permutationOf, rankOf, shapeOf } from "../../kit/node.js";
import { alternateRow } from "../../kit/row.js";
import { inputOf, outputOf } from "../../kit/step.js";
import { emitted, floatTypes, isEmpty, shapeVector, source, target, typeName, vector } from "./step.js";

function known(node: Node): true | string {
  if (node.inputs.some((_, i) => rankOf(node, i) === undefined)) return "unknown rank";
  return isEmpty(outputShape(node)) || node.inputs.some((_, i) => isEmpty(shapeOf(node, i))) ? "an operand is empty" : true;
}

function unary(op: string, name: "relu" | "sigmoid" | "tanh" | "gelu", accepts: ClaimRow["accepts"] = known): ClaimRow {
  const emit = (site: CallSite): Emitted => {
    const [x, y] = [inputOf(site, 0), outputOf(site)];
    const args = { x: source(x), y: target(y), len: site.dim(product(x.shape)) };
    return emitted(name, xdnn(name, [typeName(x.dtype)], args));
  };
  return alternateRow(op, floatTypes, accepts, emit);
}

function binary(op: string, name: "broadcast_add" | "broadcast_sub" | "broadcast_mul" | "broadcast_div"): ClaimRow {
  const emit = (site: CallSite): Emitted => {
    const [a, b, y] = [inputOf(site, 0), inputOf(site, 1), outputOf(site)];
    const length = Math.max(a.shape.length, b.shape.length, 1);
    const [xshape, yshape] = [a, b].map((o) => shapeVector(site, padded(o.shape, length)));
    return emitted(name, xdnn(name, [typeName(a.dtype)], { x: source(a), y: source(b), z: target(y), xshape, yshape }));
  };
  return alternateRow(op, floatTypes, known, emit);
}

function emitSoftmax(site: CallSite): Emitted {
  const [x, y] = [inputOf(site, 0), outputOf(site)];
  const args = { x: source(x), y: target(y), xshape: shapeVector(site, x.shape), axis: `${axisOf(site.node, x.shape.length)}` };
  return emitted("softmax", xdnn("softmax", [typeName(x.dtype)], args));
}

function emitTranspose(site: CallSite): Emitted {
  const [x, y] = [inputOf(site, 0), outputOf(site)];
  const args = {
    x: source(x),
    y: target(y),
    xshape: shapeVector(site, x.shape),
    permute: vector(permutationOf(site.node, x.shape.length)),
  };
  return emitted("transpose", xdnn("transpose", [typeName(x.dtype)], args));
}

const hasRank = (node: Node): true | string => (rankOf(node) === 0 ? "a scalar" : known(node));
const exactGelu = (node: Node): true | string =>
  (textAttr(node, "approximate") ?? "none") === "none" ? known(node) : "the tanh form is another call";

export const pointwiseRows: readonly ClaimRow[] = [
  unary("Relu", "relu"),
  unary("Sigmoid", "sigmoid"),
  unary("Tanh", "tanh"),
  unary("Gelu", "gelu", exactGelu),
  binary("Add", "broadcast_add"),
  binary("Sub", "broadcast_sub"),
  binary("Mul", "broadcast_mul"),
  binary("Div", "broadcast_div"),
  alternateRow("Softmax", floatTypes, hasRank, emitSoftmax),
  alternateRow("Transpose", floatTypes, hasRank, emitTranspose),
];
