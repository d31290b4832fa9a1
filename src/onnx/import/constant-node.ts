/** Constant nodes in all their spellings: a tensor, a sparse tensor, or one of the plain attributes of opset 12. */
import { fail } from "../../base/diagnostic.js";
import { tensor, type Tensor } from "../../base/tensor.js";
import { constData } from "../../ir/build.js";
import type { ConstData } from "../../ir/graph.js";
import { resolveReferences, type Bindings } from "./attributes.js";
import { constantOf, denseConstantOf } from "../bytes/constant.js";
import type { ExternalFiles } from "../bytes/external.js";
import { nodeLabel } from "./order.js";
import type { OnnxAttribute, OnnxNode } from "../bytes/schema.js";

/** undefined for any other operator. Throws `constant-value` when no attribute gives the value. */
export function constantNodeValue(node: OnnxNode, bindings: Bindings | undefined, files: ExternalFiles): ConstData | undefined {
  if (node.domain !== "" || node.op !== "Constant") return undefined;
  for (const a of resolveReferences(node.attributes, bindings)) {
    if (a.name === "value" && a.t) return constantOf(a.t, files);
    if (a.name === "sparse_value" && a.sparse) return denseConstantOf(a.sparse, files);
    const plain = plainValue(a);
    if (plain) return constData(plain);
  }
  return fail("constant-value", `Constant ${JSON.stringify(nodeLabel(node))} has no value`, {
    location: { node: nodeLabel(node) },
    why: "It needs one of value, sparse_value, value_int(s), value_float(s), value_string(s).",
  });
}

function plainValue(a: OnnxAttribute): Tensor | undefined {
  switch (a.name) {
    case "value_int":
      return tensor("i64", [], BigInt64Array.of(a.i));
    case "value_ints":
      return tensor("i64", [a.ints.length], BigInt64Array.from(a.ints));
    case "value_float":
      return tensor("f32", [], Float32Array.of(a.f));
    case "value_floats":
      return tensor("f32", [a.floats.length], Float32Array.from(a.floats));
    case "value_string":
      return tensor("string", [], [a.s]);
    case "value_strings":
      return tensor("string", [a.strings.length], [...a.strings]);
    default:
      return undefined;
  }
}
