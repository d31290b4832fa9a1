import { intAttr, rankedType, type Node } from "../../../src/ir/graph.js";
import type { DType } from "../../../src/base/dtype.js";
import type { Chip, ClaimRow } from "../../../src/claim/target.js";
import type { CallName, CallOf } from "../calls.js";
import { permutationOf } from "../../kit/node.js";
import { alternateRow } from "../../kit/row.js";
import { step, taken } from "./step.js";

const floats = ["f32", "f16", "bf16"] as const;
const numbers = ["f32", "f16", "i32"] as const;
const moved = ["f32", "f16", "i32", "i8", "u8", "bool", "i64", "i16"] as const;

/** What the call takes on the chip; operands and result have one type. */
const offered =
  (name: CallName) =>
  (node: Node, chip: Chip): true | string => {
    if (node.inputs.some((v) => (rankedType(v)?.shape.length ?? 9) > 8)) return "more than eight dims, or an unknown rank";
    return taken(name, node, chip, { self: node.inputs[0], out: node.outputs[0] });
  };

function alternate(op: string, name: CallName, types: readonly DType[], emit: ClaimRow["emit"]): ClaimRow {
  return alternateRow(op, types, offered(name), emit);
}

const one = (name: CallOf<2>) => step((s) => void s.call(name, [s.tensor("x", s.input(0)), s.tensor("y", s.output)]));

const two = (name: "aclnnMul" | "aclnnDiv") =>
  step((s) => void s.call(name, [s.tensor("a", s.input(0)), s.tensor("b", s.input(1)), s.tensor("y", s.output)]));

/** Add and Sub scale their second operand by alpha, here 1. */
const scaled = (name: "aclnnAdd" | "aclnnSub") =>
  step((s) => {
    const alpha = s.scalar("alpha", s.input(0).dtype === "i32" ? "int64_t{1}" : "1.0f");
    s.call(name, [s.tensor("a", s.input(0)), s.tensor("b", s.input(1)), alpha, s.tensor("y", s.output)]);
  });

const softmax = step((s) => {
  const axis = intAttr(s.site.node, "axis") ?? -1;
  s.call("aclnnSoftmax", [s.tensor("x", s.input(0)), `${axis}`, s.tensor("y", s.output)]);
});

const permute = step((s) => {
  const x = s.input(0);
  s.call("aclnnPermute", [s.tensor("x", x), s.ints("dims", permutationOf(s.site.node, x.shape.length)), s.tensor("y", s.output)]);
});

export const elementwiseRows: readonly ClaimRow[] = [
  alternate("Relu", "aclnnRelu", floats, one("aclnnRelu")),
  alternate("Sigmoid", "aclnnSigmoid", floats, one("aclnnSigmoid")),
  alternate("Tanh", "aclnnTanh", floats, one("aclnnTanh")),
  alternate("Add", "aclnnAdd", numbers, scaled("aclnnAdd")),
  alternate("Sub", "aclnnSub", numbers, scaled("aclnnSub")),
  alternate("Mul", "aclnnMul", numbers, two("aclnnMul")),
  alternate("Div", "aclnnDiv", floats, two("aclnnDiv")),
  alternate("Softmax", "aclnnSoftmax", floats, softmax),
  alternate("Transpose", "aclnnPermute", moved, permute),
];
