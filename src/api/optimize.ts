/** optimize(): a model in, the passes run, ONNX out. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { byteLength } from "../base/dtype.js";
import { DiagnosticError, fail, problem, type Diagnostic } from "../base/diagnostic.js";
import { elementCount } from "../base/tensor.js";
import { eachGraph } from "../ir/walk.js";
import type { Graph } from "../ir/graph.js";
import { exportOnnx, exportOnnxExternal, type Speech } from "../onnx/export/export.js";
import { newestOpset, oldestOpset } from "../onnx/export/opset.js";
import { sayAt } from "../onnx/export/say-at.js";
import type { OutputFigures } from "../verify/judge.js";
import { passSteps, type OpCount, type PassEvent } from "../../passes/pipeline.js";
import { asResult } from "./compile.js";
import { writeWhole } from "../host/files.js";
import { loadModel, type ModelOptions, type ModelSource } from "../driver/load.js";
import { compareInOnnxruntime, fileOf, requireLoadable } from "../verify/optimized.js";
import { optimizeChecks, requireModel, requireOptions } from "./options.js";
import { placing } from "../driver/place.js";
import { breathe, finishInTurns } from "../host/turns.js";

export interface OptimizeOptions extends ModelOptions {
  /** Which passes run: names, `+name`, `-name`. */
  readonly passes?: readonly string[];
  /** Passes after which `onPrint` gets the graph in the text form. */
  readonly printAfter?: readonly string[];
  readonly onPrint?: (pass: string, text: string) => void;
  /** The opset of ai.onnx to write; absent keeps the model's own, or takes the next newer one that has words for the result. */
  readonly opset?: number;
  /** Runs original and result in onnxruntime on inputs of this seed: a difference is `optimize-differs`. */
  readonly check?: number;
  /** File to write; absent keeps the model in memory, where `optimized.graph` is exported by `exportOnnx`. */
  readonly output?: string;
  /** Weights go to `<output>.data` beside the model. Also done when they take more than 1 GiB. */
  readonly externalData?: boolean;
}

export interface Optimized {
  readonly graph: Graph;
  readonly nodesBefore: number;
  /** Operators before and after. */
  readonly table: readonly OpCount[];
  /** Files written, the model last. */
  readonly written: readonly string[];
  /** How the result is written: its opset and version of the file format. */
  readonly speech: Speech;
  /** How the outputs compare in onnxruntime, where that was asked. */
  readonly checked?: readonly OutputFigures[];
}

export interface OptimizeResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly optimized?: Optimized;
}

/** Protobuf ends at 2 GiB, and models near that are slow to open everywhere. */
const largestInlineBytes = 2 ** 30;

/**
 * Runs the passes on a model and writes it as ONNX. Problems of the model are diagnostics of a result that is not ok;
 * rejects with AbortError when the signal is aborted, and then nothing stays half-written.
 */
export async function optimize(model: ModelSource, options: OptimizeOptions): Promise<OptimizeResult> {
  return asResult(async () => {
    requireModel(model);
    requireOptions(options, optimizeChecks);
    const loaded = await loadModel(model, options);
    const { graph, catalogue, diagnostics, beside, speech: own } = loaded;
    const { signal, onEvent, output } = options;
    onEvent?.({ kind: "phase", name: "optimise" });
    await breathe(signal);
    const passes = {
      catalogue,
      signal,
      select: options.passes,
      forExport: true,
      printAfter: options.printAfter,
      onPrint: options.onPrint,
      onEvent: (e: PassEvent) => onEvent?.({ kind: "pass", name: e.pass, nodesBefore: e.nodesBefore, nodesAfter: e.nodesAfter }),
    };
    const result = await placing(model, graph, () => finishInTurns(passSteps(graph, passes), signal));
    onEvent?.({ kind: "phase", name: "write" });
    await breathe(signal);
    const { speech, notes } = await placing(model, graph, () => speechOf(result.graph, own ?? {}, options.opset));
    const files = output === undefined ? [] : onnxFiles(result.graph, output, speech, options.externalData ?? false);
    if (typeof model === "string") requireOther([model, ...(beside ?? []).map((file) => join(dirname(model), file.name))], files);
    if (files.length > 0) await finishInTurns(writeWhole(files), signal);
    const written = files.map((f) => f.path);
    const bytesOf = (): Uint8Array => Buffer.concat([...exportOnnx(result.graph, speech)]);
    const converts = options.opset !== undefined && options.opset !== own?.opset;
    if (converts) await requireLoadable(fileOf(model, loaded), output ?? bytesOf(), written);
    for (const path of written) onEvent?.({ kind: "artifact", path });
    const { check: seed, freeze } = options;
    const compared =
      seed === undefined
        ? undefined
        : await compareInOnnxruntime(fileOf(model, loaded), output ?? bytesOf(), loaded, { seed, freeze, signal });
    const checked = compared?.figures;
    const said = [...diagnostics, ...result.diagnostics, ...notes, ...(compared?.diagnostics ?? [])];
    return {
      ok: checked?.every((f) => f.ok) ?? true,
      diagnostics: said,
      optimized: { graph: result.graph, nodesBefore: graph.nodes.length, table: result.table, written, speech, checked },
    };
  });
}

/**
 * The opset asked for, which must have words for the whole graph; else the model's own, or the first newer one that has,
 * with a word about it. Throws `unsupported-opset`.
 */
function speechOf(
  graph: Graph,
  own: Speech,
  asked: number | undefined,
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
    if (faults.length === 0) return { speech: { ...own, opset }, notes: refused ? [raised(opset, refused)] : [] };
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

function raised(opset: number, { message, location }: Diagnostic): Diagnostic {
  return problem("opset-raised", `the result is written in opset ${opset}: ${message}`, {
    severity: "warning",
    location,
    why: "A file keeps the opset that it came with where that has words for everything in it.",
    fix: "If the runtime that reads it is older, leave out the pass that made the node, with --passes.",
  });
}

/** A model is never replaced by its own optimised form: it would be gone. Throws `output-exists`. */
function requireOther(read: readonly string[], written: readonly { readonly path: string }[]): void {
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

function onnxFiles(
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
