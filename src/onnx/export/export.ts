/**
 * A Graph as an ONNX file, streamed: sizes are computed first, weights are read in chunks while the file is written. The
 * file has the opset asked for; without one it has 26, or the first that knows every operator. Operators of other domains
 * keep their version.
 */
import { fail } from "../../base/diagnostic.js";
import type { Graph } from "../../ir/graph.js";
import { writeGraph } from "./graph.js";
import { irVersionFor, opsetsOf } from "./opset.js";
import { sayAt } from "./say-at.js";
import { ExternalWeights, InlineWeights, type WeightSink } from "./weights.js";
import { metadataProps } from "../bytes/metadata.js";
import { MessageWriter } from "../bytes/write.js";

/** Protobuf's limit on a message. */
const maxMessageBytes = 2 ** 31 - 1;

export interface ExternalData {
  /** The file's name beside the model, as the model will spell it. */
  readonly location: string;
  /** Bytes; offsets are multiples of it. 4096 unless told, so that files can be mapped. */
  readonly align?: number;
  /** Constants below this many bytes stay in the model; 1024 unless told. */
  readonly minBytes?: number;
}

/** How a model's file is to speak. */
export interface Speech {
  /** Of ai.onnx; older ones than the newest need a graph with its types inferred. */
  readonly opset?: number;
  /** At least this version of the file format. */
  readonly irVersion?: number;
}

/**
 * The bytes of a model with its weights inside. Throws `model-too-large` beyond 2 GiB, `not-exportable` for primitives and
 * `unsupported-opset` for what the opset has no words for.
 */
export function exportOnnx(graph: Graph, speech: Speech = {}): Iterable<Uint8Array> {
  const model = modelMessage(graph, new InlineWeights(), speech);
  if (model.size > maxMessageBytes)
    fail("model-too-large", `the model would take ${model.size} bytes; an ONNX file holds at most ${maxMessageBytes}`, {
      why: "Protobuf messages end at 2 GiB.",
      fix: "Write the weights as external data.",
    });
  return model.chunks();
}

/** The model, and the bytes of the file beside it. Read `model` or `data` in any order, each once. */
export function exportOnnxExternal(
  graph: Graph,
  to: ExternalData,
  speech: Speech = {},
): { readonly model: Iterable<Uint8Array>; readonly data: Iterable<Uint8Array>; readonly dataBytes: number } {
  const weights = new ExternalWeights(to.location, to.align ?? 4096, to.minBytes ?? 1024);
  const model = modelMessage(graph, weights, speech);
  return { model: model.chunks(), data: weights.chunks(), dataBytes: weights.size };
}

/** ModelProto of onnx.proto. */
function modelMessage(given: Graph, weights: WeightSink, { opset, irVersion }: Speech): MessageWriter {
  const out = new MessageWriter();
  const graph = opset === undefined ? given : sayAt(given, opset);
  const { metadata } = graph;
  out.int(1, irVersionFor(graph, irVersion));
  out.textIfAny(2, metadata.producer_name);
  out.textIfAny(3, metadata.producer_version);
  out.textIfAny(4, metadata.domain);
  if (metadata.model_version) out.int(5, BigInt(metadata.model_version));
  out.textIfAny(6, metadata.doc_string);
  out.message(7, (g) => writeGraph(g, graph, weights));
  for (const [domain, version] of opsetsOf(graph, opset))
    out.message(8, (entry) => {
      entry.text(1, domain);
      entry.int(2, version);
    });
  for (const [key, value] of metadataProps(metadata))
    out.message(14, (entry) => {
      entry.text(1, key);
      entry.text(2, value);
    });
  return out;
}
