/**
 * Scan-8 had a batch axis in front of every operand; Scan-9 has none.
 *
 * Scan-8(states, xs) { body }  =>  Scan(states, xs) { Scan(state, x) { body } }
 *
 * where the outer Scan walks the batch and carries nothing from one element to the next.
 */
import type { Attr, Value } from "../../ir/graph.js";
import type { ValueType } from "../../base/value-type.js";
import { graphAttr, ints } from "../../ir/attr.js";
import { makeGraph, makeNode } from "../../ir/build.js";
import type { Rewrite } from "./draft.js";
import { cannotUpgrade, int, intOf } from "./rewrites.js";

export const scanTo9: Rewrite = (node, make) => {
  const [lengths, ...operands] = node.inputs;
  const body = node.attrs.body;
  if (body?.kind !== "graph") return node;
  if (lengths)
    cannotUpgrade(
      node,
      make,
      "has sequence lengths",
      "Scan-8 could stop each batch element at its own length; Scan has no such input since opset 9.",
    );
  const scanned = intOf(node, "num_scan_inputs", 1);
  const carried = operands.length - scanned;
  if (carried < 0)
    cannotUpgrade(node, make, `names ${scanned} scan inputs of ${operands.length}`, "num_scan_inputs counts the last inputs.");
  const inner = operands.map((v) => make.fresh(v, v ? withoutFirstDim(v) : undefined));
  const results = node.outputs.map((v) => make.fresh(v));
  const directions: Record<string, Attr> =
    node.attrs.directions?.kind === "ints" ? { scan_input_directions: ints(node.attrs.directions.value) } : {};
  const perElement = makeNode("Scan", inner, results, { body, num_scan_inputs: int(scanned), ...directions }, { origin: [make.label] });
  const batch = makeGraph({ name: body.value.name, inputs: inner, outputs: results, nodes: [perElement], symbols: [] });
  return { ...node, inputs: operands, attrs: { body: graphAttr(batch), num_scan_inputs: int(operands.length) } };
};

function withoutFirstDim(v: Value): ValueType {
  const { type } = v;
  return type.kind === "tensor" && type.shape ? { ...type, shape: type.shape.slice(1) } : { kind: "unknown" };
}
