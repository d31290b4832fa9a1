/** Reads AttributeProto, TensorProto and SparseTensorProto. A tensor's elements are left where they lie. */
import { saturatedExtent } from "../../base/element.js";
import type { ByteSource } from "../../base/byte-source.js";
import {
  attributeKinds,
  type AttributeKind,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxSparseTensor,
  type OnnxTensor,
  type TensorStore,
} from "./schema.js";
import type { ByteRange, Message } from "./wire.js";

/** Graphs and attributes contain each other; the graph's reader is handed in so that their files need not. */
type GraphReader = (m: Message, source: ByteSource) => OnnxGraph;

const kindByField: Readonly<Record<number, AttributeKind>> = {
  2: "float",
  3: "int",
  4: "string",
  5: "tensor",
  6: "graph",
  7: "floats",
  8: "ints",
  9: "strings",
  10: "tensors",
  11: "graphs",
  14: "type_proto",
  15: "type_protos",
  22: "sparse_tensor",
  23: "sparse_tensors",
};

export function readAttribute(m: Message, source: ByteSource, readGraph: GraphReader): OnnxAttribute {
  const a = {
    name: "",
    ref: undefined as string | undefined,
    f: 0,
    i: 0n,
    s: "",
    t: undefined as OnnxTensor | undefined,
    g: undefined as OnnxGraph | undefined,
    sparse: undefined as OnnxSparseTensor | undefined,
    floats: [] as number[],
    ints: [] as bigint[],
    strings: [] as string[],
    graphs: [] as OnnxGraph[],
  };
  let declared = 0;
  let met: AttributeKind = "undefined";
  while (m.next()) {
    met = kindByField[m.field] ?? met;
    if (m.field === 1) a.name = m.text();
    else if (m.field === 2) a.f = m.float();
    else if (m.field === 3) a.i = m.bigint();
    else if (m.field === 4) a.s = m.text();
    else if (m.field === 5) a.t = readTensor(m.message(), source);
    else if (m.field === 6) a.g = readGraph(m.message(), source);
    else if (m.field === 7) m.eachFloat((v) => a.floats.push(v));
    else if (m.field === 8) m.eachInt((v) => a.ints.push(v));
    else if (m.field === 9) a.strings.push(m.text());
    else if (m.field === 11) a.graphs.push(readGraph(m.message(), source));
    else if (m.field === 20) declared = m.int();
    else if (m.field === 21) a.ref = m.text() || undefined;
    else if (m.field === 22) a.sparse = readSparseTensor(m.message(), source);
  }
  // Files of IR version 1 leave the type out; the field that is there tells it.
  const kind = declared > 0 && declared < attributeKinds.length ? attributeKinds[declared] : met;
  return { ...a, kind, at: rangeOf(m), source };
}

export function rangeOf(m: Message): ByteRange {
  return { offset: m.start, length: m.end - m.start };
}

export function readTensor(m: Message, source: ByteSource): OnnxTensor {
  const dims: number[] = [];
  const entries = new Map<string, string>();
  let name = "";
  let elementType = 0;
  let raw: ByteRange | undefined;
  let external = false;
  while (m.next()) {
    if (m.field === 1) m.eachInt((v) => dims.push(saturatedExtent(v)));
    else if (m.field === 2) elementType = m.int();
    else if (m.field === 8) name = m.text();
    else if (m.field === 9) raw = m.range();
    else if (m.field === 13) readExternalEntry(m.message(), entries);
    else if (m.field === 14) external = m.int() === 1;
  }
  const store: TensorStore = external ? { in: "external", entries } : raw ? { in: "raw", range: raw } : { in: "fields" };
  return { name, elementType, dims, store, at: rangeOf(m), source };
}

function readExternalEntry(m: Message, into: Map<string, string>): void {
  let key = "";
  let value = "";
  while (m.next()) {
    if (m.field === 1) key = m.text();
    else if (m.field === 2) value = m.text();
  }
  into.set(key, value);
}

export function readSparseTensor(m: Message, source: ByteSource): OnnxSparseTensor {
  const empty: OnnxTensor = { name: "", elementType: 0, dims: [], store: { in: "fields" }, at: { offset: m.start, length: 0 }, source };
  let values = empty;
  let indices = empty;
  const dims: number[] = [];
  while (m.next()) {
    if (m.field === 1) values = readTensor(m.message(), source);
    else if (m.field === 2) indices = readTensor(m.message(), source);
    else if (m.field === 3) m.eachInt((v) => dims.push(saturatedExtent(v)));
  }
  return { values, indices, dims };
}
