/** A graph written as an ONNX file: in which opset, with its weights inside or beside it, and never over what was read. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { ByteSource } from "../base/byte-source.js";
import { byteLength } from "../base/dtype.js";
import { DiagnosticError, fail, problem, type Diagnostic } from "../base/diagnostic.js";
import { elementCount } from "../base/tensor.js";
import { eachGraph } from "../ir/walk.js";
import type { Graph } from "../ir/graph.js";
import { exportOnnx, exportOnnxExternal, type Speech } from "../onnx/export/export.js";
import { newestOpset, oldestOpset } from "../onnx/export/opset.js";
import { sayAt } from "../onnx/export/say-at.js";
import type { ModelSource } from "./load.js";

/** Protobuf ends at 2 GiB, and models near that are slow to open everywhere. */
const largestInlineBytes = 2 ** 30;

/**
 * The opset asked for, which must have words for the whole graph; else the model's own, or the first newer one that has,
 * with a word about it. Throws `unsupported-opset`.
 */
export function speechOf(
  graph: Graph,
  own: Speech,
  asked: number | undefined,
  wayOut = "leave out the pass that made the node, with --passes",
): { readonly speech: Speech; readonly notes: readonly Diagnostic[] } {
  if (asked !== undefined) {
    if (asked > newestOpset || asked < oldestOpset)
      fail("unsupported-opset", `opset ${asked} is none that is written here`, {
        fix: `Choose one from ${oldestOpset} to ${newestOpset}.`,
      });
    sayAt(graph, asked);
    return { speech: { ...own, opset: asked }, notes: [] };
  }
  const wanted = Math.min(newestOpset, own.opset ?? newestOpset);
  let refused: Diagnostic | undefined;
  for (let opset = Math.max(oldestOpset, wanted); opset <= newestOpset; opset++) {
    const faults = faultsAt(graph, opset);
    if (faults.length === 0) return { speech: { ...own, opset }, notes: refused ? [raised(opset, refused, wayOut)] : [] };
    refused ??= faults[0];
  }
  return fail("unsupported-opset", refused?.message ?? "no opset has words for this graph");
}

function faultsAt(graph: Graph, opset: number): readonly Diagnostic[] {
  try {
    sayAt(graph, opset);
    return [];
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}

function raised(opset: number, { message, location }: Diagnostic, wayOut: string): Diagnostic {
  return problem("opset-raised", `the result is written in opset ${opset}: ${message}`, {
    severity: "warning",
    location,
    why: "A file keeps the opset that it came with where that has words for everything in it.",
    fix: `If the runtime that reads it is older, ${wayOut}.`,
  });
}

/** A model is never replaced by what was made of it: it would be gone. Throws `output-exists`. */
export function requireOther(
  model: ModelSource,
  beside: readonly Pick<ByteSource, "name">[] | undefined,
  written: readonly { readonly path: string }[],
): void {
  const read = typeof model === "string" ? [model, ...(beside ?? []).map((file) => join(dirname(model), file.name))] : [];
  const identity = (path: string): string | undefined => {
    if (!existsSync(path)) return undefined;
    const { dev, ino } = statSync(path);
    return `${dev} ${ino}`;
  };
  const taken = new Set(read.map(identity));
  for (const { path } of written) {
    const own = identity(path);
    if (own !== undefined && taken.has(own))
      fail("output-exists", `"${path}" is a file of the model that is read`, {
        location: { path },
        why: "Writing there would replace it.",
        fix: "Choose another file.",
      });
  }
}

export function onnxFiles(
  graph: Graph,
  output: string,
  speech: Speech,
  external: boolean,
): { readonly path: string; readonly bytes: Iterable<Uint8Array> }[] {
  if (!external && weightBytesOf(graph) <= largestInlineBytes) return [{ path: output, bytes: exportOnnx(graph, speech) }];
  const data = `${output}.data`;
  const out = exportOnnxExternal(graph, { location: basename(resolve(data)) }, speech);
  const model = { path: output, bytes: out.model };
  return out.dataBytes === 0 ? [model] : [{ path: data, bytes: out.data }, model];
}

/** Bytes of all constants, those of bodies included. */
function weightBytesOf(graph: Graph): number {
  let sum = 0;
  eachGraph(graph, (g) => {
    for (const data of g.constants.values()) sum += byteLength(data.dtype, elementCount(data.shape));
  });
  return sum;
}
