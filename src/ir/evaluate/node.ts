/** One node on tensors, without its graph: for folding. */
import { isConst } from "../../base/dim.js";
import type { Tensor } from "../../base/tensor.js";
import { evaluateRecord } from "../../ops/evaluate/eager.js";
import { evaluatePrimitive } from "../../ops/evaluate/primitive.js";
import { transposeTensor } from "../../ops/evaluate/movement.js";
import type { Catalogue } from "../../ops/op.js";
import { isPrimitive, type PrimitiveName } from "../../ops/primitive.js";
import { inverseOf, operatorOf, sequelOf } from "../call.js";
import type { Node } from "../graph.js";
import { primitiveAttrs } from "../primitive-node.js";
import { recordAttrs } from "../record-attrs.js";
import { subgraphsOf } from "../walk.js";

/** Operators that give something else each time. */
const random: ReadonlySet<string> = new Set([
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Bernoulli",
  "Multinomial",
]);

/** Whether a node's outputs follow from its inputs alone, by rules known here and with no symbol in its attributes. */
export function isFoldable(node: Node, catalogue: Catalogue): boolean {
  if (subgraphsOf(node).length > 0 || random.has(node.op)) return false;
  if (node.op === "Dropout" && node.inputs[2]) return false;
  if (catalogue.has(node.op)) return true;
  return isPrimitive(node.op) && Object.values(node.attrs).every((a) => a.kind !== "dims" || a.value.every(isConst));
}

export function evaluateNode(node: Node, catalogue: Catalogue, inputs: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[] {
  if (node.call) return evaluateCall(node, inputs, (operator, operands) => evaluateNode(operator, catalogue, operands));
  const record = catalogue.get(node.op);
  if (record) return evaluateRecord(record, inputs, recordAttrs(record, node), node.outputs.length);
  return evaluatePrimitive(node.op as PrimitiveName, inputs as readonly Tensor[], primitiveAttrs(node.attrs));
}

/** What a call gives: its operator's results, and what it then makes of them, between the orders in which operands and results lie. */
export function evaluateCall(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  evaluate: (operator: Node, inputs: readonly (Tensor | undefined)[]) => readonly (Tensor | undefined)[],
): readonly (Tensor | undefined)[] {
  const { call } = node;
  const turned = (t: Tensor | undefined, order: readonly number[] | undefined) => (t && order ? transposeTensor(t, order) : t);
  const operator = operatorOf(node);
  const operands = operator.inputs.map((_, i) => turned(inputs[i], inverseOf(call?.inputs[i])));
  const made = evaluate(operator, operands);
  const sequel = sequelOf(node);
  const results = sequel ? made.map((t) => t && evaluate(sequel, [t])[0]) : made;
  return results.map((t, i) => turned(t, call?.outputs[i]));
}
