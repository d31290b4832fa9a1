/** Reads an ONNX file into the records of schema.ts: one function a message, fields by number as onnx.proto gives them. */
import type { ByteSource } from "../../base/byte-source.js";
import { fail } from "../../base/diagnostic.js";
import { originKey } from "./metadata.js";
import { readAttribute, readTensor, readSparseTensor } from "./model-attribute.js";
import { readValueInfo } from "./model-type.js";
import { refuseStrangers } from "./recognise.js";
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode, OnnxSparseTensor, OnnxTensor, OnnxValueInfo } from "./schema.js";
import { openMessage, type Message } from "./wire.js";

/**
 * The model's records; weights stay where they are. Throws `model-empty`, `model-not-onnx`, `model-text-protobuf`,
 * `model-git-lfs-pointer`, `model-truncated`, `model-malformed` or `model-too-deep`.
 */
export function readModel(source: ByteSource): OnnxModel {
  refuseStrangers(source);
  const model = {
    irVersion: 0,
    opsets: new Map<string, number>(),
    producerName: "",
    producerVersion: "",
    domain: "",
    modelVersion: 0n,
    docString: "",
    graph: undefined as OnnxGraph | undefined,
    functions: [] as OnnxFunction[],
    metadata: [] as [string, string][],
    trainingInfos: 0,
  };
  for (const m = openMessage(source); m.next();) {
    if (m.field === 1) model.irVersion = m.int();
    else if (m.field === 2) model.producerName = m.text();
    else if (m.field === 3) model.producerVersion = m.text();
    else if (m.field === 4) model.domain = m.text();
    else if (m.field === 5) model.modelVersion = m.bigint();
    else if (m.field === 6) model.docString = m.text();
    else if (m.field === 7) model.graph = readGraph(m.message(), source);
    else if (m.field === 8) readOpset(m.message(), model.opsets);
    else if (m.field === 14) model.metadata.push(readEntry(m.message()));
    else if (m.field === 20) model.trainingInfos++;
    else if (m.field === 25) model.functions.push(readFunction(m.message(), source));
  }
  const { graph } = model;
  if (!graph)
    fail("model-not-onnx", `${source.name} (${source.size} bytes) holds no ONNX graph`, {
      location: { path: source.name },
      why: "It may be a tensor (.pb), another protobuf, or a file of another kind; ModelProto keeps its graph in field 7.",
      fix: "Give the .onnx file.",
    });
  return { ...model, graph, source };
}

export function readGraph(m: Message, source: ByteSource): OnnxGraph {
  const graph = {
    name: "",
    nodes: [] as OnnxNode[],
    initializers: [] as OnnxTensor[],
    sparseInitializers: [] as OnnxSparseTensor[],
    inputs: [] as OnnxValueInfo[],
    outputs: [] as OnnxValueInfo[],
    valueInfo: [] as OnnxValueInfo[],
    docString: "",
    metadata: [] as [string, string][],
    annotations: 0,
  };
  while (m.next()) {
    if (m.field === 1) graph.nodes.push(readNode(m.message(), source));
    else if (m.field === 2) graph.name = m.text();
    else if (m.field === 5) graph.initializers.push(readTensor(m.message(), source));
    else if (m.field === 10) graph.docString = m.text();
    else if (m.field === 11) graph.inputs.push(readValueInfo(m.message()));
    else if (m.field === 12) graph.outputs.push(readValueInfo(m.message()));
    else if (m.field === 13) graph.valueInfo.push(readValueInfo(m.message()));
    else if (m.field === 14) graph.annotations++;
    else if (m.field === 15) graph.sparseInitializers.push(readSparseTensor(m.message(), source));
    else if (m.field === 16) graph.metadata.push(readEntry(m.message()));
  }
  return graph;
}

function readNode(m: Message, source: ByteSource): OnnxNode {
  const node = {
    name: "",
    op: "",
    domain: "",
    overload: "",
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: [] as OnnxAttribute[],
    origin: undefined as readonly string[] | undefined,
  };
  while (m.next()) {
    if (m.field === 1) node.inputs.push(m.text());
    else if (m.field === 2) node.outputs.push(m.text());
    else if (m.field === 3) node.name = m.text();
    else if (m.field === 4) node.op = m.text();
    else if (m.field === 5) node.attributes.push(readAttribute(m.message(), source, readGraph));
    else if (m.field === 7) node.domain = plainDomain(m.text());
    else if (m.field === 8) node.overload = m.text();
    else if (m.field === 9) node.origin = originOf(readEntry(m.message())) ?? node.origin;
  }
  return node;
}

/** The list of names that `originKey` keeps; undefined for any other entry and for what is no such list. */
function originOf([key, value]: readonly [string, string]): readonly string[] | undefined {
  if (key !== originKey) return undefined;
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) && list.every((x) => typeof x === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

function readFunction(m: Message, source: ByteSource): OnnxFunction {
  const fn = {
    name: "",
    domain: "",
    overload: "",
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: [] as string[],
    defaults: [] as OnnxAttribute[],
    nodes: [] as OnnxNode[],
    opsets: new Map<string, number>(),
    valueInfo: [] as OnnxValueInfo[],
  };
  while (m.next()) {
    if (m.field === 1) fn.name = m.text();
    else if (m.field === 4) fn.inputs.push(m.text());
    else if (m.field === 5) fn.outputs.push(m.text());
    else if (m.field === 6) fn.attributes.push(m.text());
    else if (m.field === 7) fn.nodes.push(readNode(m.message(), source));
    else if (m.field === 9) readOpset(m.message(), fn.opsets);
    else if (m.field === 10) fn.domain = plainDomain(m.text());
    else if (m.field === 11) fn.defaults.push(readAttribute(m.message(), source, readGraph));
    else if (m.field === 12) fn.valueInfo.push(readValueInfo(m.message()));
    else if (m.field === 13) fn.overload = m.text();
  }
  return fn;
}

function readOpset(m: Message, into: Map<string, number>): void {
  let domain = "";
  let version = 0;
  while (m.next()) {
    if (m.field === 1) domain = plainDomain(m.text());
    else if (m.field === 2) version = m.int();
  }
  into.set(domain, Math.max(version, into.get(domain) ?? 0));
}

function readEntry(m: Message): [string, string] {
  const entry: [string, string] = ["", ""];
  while (m.next()) if (m.field === 1 || m.field === 2) entry[m.field - 1] = m.text();
  return entry;
}

/** "ai.onnx" and "" name the same domain. */
function plainDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}
