/** AttributeProto to Attr, and the references by which a function's nodes take the attributes of its call. */
import type { Attr, Graph } from "../../ir/graph.js";
import { constantOf } from "../bytes/constant.js";
import type { ExternalFiles } from "../bytes/external.js";
import type { OnnxAttribute, OnnxGraph } from "../bytes/schema.js";

/** The attributes of a function call, by the function's names for them. */
export type Bindings = ReadonlyMap<string, OnnxAttribute>;

/** Replaces references by what the call gives; one that it leaves out, and that has no default, is absent. */
export function resolveReferences(attributes: readonly OnnxAttribute[], bindings: Bindings | undefined): readonly OnnxAttribute[] {
  if (!bindings || !attributes.some((a) => a.ref !== undefined)) return attributes;
  return attributes.flatMap((a) => {
    if (a.ref === undefined) return [a];
    const bound = bindings.get(a.ref);
    return bound ? [{ ...bound, name: a.name }] : [];
  });
}

interface AttributeReader {
  readonly files: ExternalFiles;
  graph(g: OnnxGraph): Graph;
}

export function importAttributes(attributes: readonly OnnxAttribute[], read: AttributeReader): Record<string, Attr> {
  return Object.fromEntries(attributes.filter((a) => a.name !== "").map((a) => [a.name, importAttribute(a, read)]));
}

function importAttribute(a: OnnxAttribute, read: AttributeReader): Attr {
  if (a.ref !== undefined) return opaque(a);
  switch (a.kind) {
    case "float":
      return { kind: "float", value: a.f };
    case "int":
      return { kind: "int", value: a.i };
    case "string":
      return { kind: "text", value: a.s };
    case "floats":
      return { kind: "floats", value: a.floats };
    case "ints":
      return { kind: "ints", value: a.ints };
    case "strings":
      return { kind: "texts", value: a.strings };
    case "graphs":
      return { kind: "graphs", value: a.graphs.map((g) => read.graph(g)) };
    case "tensor":
      return a.t ? { kind: "tensor", value: constantOf(a.t, read.files) } : opaque(a);
    case "graph":
      return a.g ? { kind: "graph", value: read.graph(a.g) } : opaque(a);
    case "tensors":
    case "sparse_tensor":
    case "sparse_tensors":
    case "type_proto":
    case "type_protos":
    case "undefined":
      return opaque(a);
    default:
      throw a.kind satisfies never;
  }
}

/** The whole AttributeProto, for kinds that nothing here computes with. */
function opaque(a: OnnxAttribute): Attr {
  return {
    kind: "opaque",
    tag: a.ref === undefined ? a.kind : "reference",
    bytes: new Uint8Array(a.source.read(a.at.offset, a.at.length)),
  };
}
