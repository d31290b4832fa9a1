/** GraphProto, NodeProto and AttributeProto of onnx.proto. */
import { fail } from "../../base/diagnostic.js";
import type { Attr, Graph, Node, Value } from "../../ir/graph.js";
import { isOwnOrigin } from "../../ir/text/print.js";
import { isPrimitive } from "../../ops/primitive.js";
import { originKey } from "../bytes/metadata.js";
import { attributeKinds, type AttributeKind } from "../bytes/schema.js";
import type { MessageWriter } from "../bytes/write.js";
import { domainOf } from "./opset.js";
import { writeValueInfo } from "./value-info.js";
import type { WeightSink } from "./weights.js";

export function writeGraph(out: MessageWriter, graph: Graph, weights: WeightSink): void {
  const named = new Set<Value>([...graph.inputs, ...graph.outputs, ...graph.constants.keys()]);
  const names = new Set<string>();
  for (const node of graph.nodes) out.message(1, (n) => writeNode(n, node, names, weights));
  out.textIfAny(2, graph.name);
  for (const [v, data] of graph.constants) out.message(5, (t) => weights.write(t, v.name, data));
  out.textIfAny(10, graph.metadata["graph.doc_string"]);
  for (const v of graph.inputs) out.message(11, (info) => writeValueInfo(info, v));
  for (const v of graph.outputs) out.message(12, (info) => writeValueInfo(info, v));
  for (const node of graph.nodes)
    for (const v of node.outputs) if (v && !named.has(v) && v.type.kind !== "unknown") out.message(13, (info) => writeValueInfo(info, v));
}

/** onnxruntime refuses two nodes of one name; of several nodes from one origin the first has the name, all note the origin. */
function writeNode(out: MessageWriter, node: Node, names: Set<string>, weights: WeightSink): void {
  if (isPrimitive(node.op))
    fail("not-exportable", `${node.op} ${JSON.stringify(node.origin[0] ?? "")} is a primitive, which ONNX has no operator for`, {
      location: { node: node.origin[0] },
      fix: "Export the graph before it is decomposed.",
    });
  const { domain, name } = domainOf(node.op);
  for (const v of node.inputs) out.text(1, v?.name ?? "");
  for (const v of node.outputs) out.text(2, v?.name ?? "");
  const [origin = ""] = node.origin;
  const named = !isOwnOrigin(node) && !names.has(origin);
  if (named) out.textIfAny(3, origin);
  names.add(origin);
  out.text(4, name);
  for (const [key, attr] of Object.entries(node.attrs)) writeAttribute(out, key, attr, node, weights);
  out.textIfAny(7, domain);
  if (node.origin.length > 1 || !(named || isOwnOrigin(node)))
    out.message(9, (entry) => {
      entry.text(1, originKey);
      entry.text(2, JSON.stringify(node.origin));
    });
}

function writeAttribute(node: MessageWriter, name: string, attr: Attr, owner: Node, weights: WeightSink): void {
  if (attr.kind === "opaque") return node.bytes(5, attr.bytes);
  node.message(5, (out) => {
    out.text(1, name);
    out.int(20, attributeKinds.indexOf(writeAttributeValue(out, attr, name, owner, weights)));
  });
}

/** Writes the value's field and answers with its AttributeType. */
function writeAttributeValue(
  out: MessageWriter,
  attr: Exclude<Attr, { kind: "opaque" }>,
  name: string,
  owner: Node,
  weights: WeightSink,
): AttributeKind {
  switch (attr.kind) {
    case "float":
      out.float(2, attr.value);
      return "float";
    case "int":
      out.int(3, attr.value);
      return "int";
    case "text":
      out.text(4, attr.value);
      return "string";
    case "tensor":
      out.message(5, (t) => weights.write(t, "", attr.value));
      return "tensor";
    case "graph":
      out.message(6, (g) => writeGraph(g, attr.value, weights));
      return "graph";
    case "floats":
      out.floats(7, attr.value);
      return "floats";
    case "ints":
      out.ints(8, attr.value);
      return "ints";
    case "texts":
      for (const text of attr.value) out.text(9, text);
      return "strings";
    case "graphs":
      for (const graph of attr.value) out.message(11, (g) => writeGraph(g, graph, weights));
      return "graphs";
    case "dims":
      return fail("not-exportable", `${owner.op} has the extents ${JSON.stringify(name)}, which ONNX has no attribute for`, {
        location: { node: owner.origin[0] },
      });
    default:
      throw attr satisfies never;
  }
}
