/** optimize(): a model in, the passes run, ONNX out. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Graph } from "../ir/graph.js";
import { exportOnnx, type Speech } from "../onnx/export/export.js";
import type { OutputFigures } from "../verify/judge.js";
import { passSteps, type OpCount, type PassEvent } from "../../passes/pipeline.js";
import { asResult } from "./compile.js";
import { writeWhole } from "../host/files.js";
import { loadModel, type ModelOptions, type ModelSource } from "../driver/load.js";
import { compareInOnnxruntime, fileOf, requireLoadable } from "../verify/optimized.js";
import { optimizeChecks, requireModel, requireOptions } from "./options.js";
import { placing } from "../driver/place.js";
import { onnxFiles, requireOther, speechOf } from "../driver/save.js";
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
    requireOther(model, beside, files);
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
