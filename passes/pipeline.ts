/**
 * The passes in the order they run. Each is one file with its equation; nothing registers itself.
 *
 * `onnxPasses` work on ONNX operators and give a graph that still exports. `primitivePasses` tidy up after
 * decomposition, where formulas leave broadcasts and reshapes that turn out to do nothing.
 */
import { DiagnosticError, fail, problem, type Diagnostic } from "../src/base/diagnostic.js";
import { finishNow, type Steps } from "../src/base/steps.js";
import { closest } from "../src/base/suggest.js";
import { forgetDeclared } from "../src/ir/infer/declared.js";
import { inferGraph } from "../src/ir/infer/infer.js";
import { print } from "../src/ir/text/print.js";
import { verify } from "../src/ir/verify.js";
import { countOps } from "../src/ir/walk.js";
import type { Graph } from "../src/ir/graph.js";
import type { Catalogue } from "../src/ops/op.js";
import { countPositions } from "./onnx/count-positions.js";
import { dropDead } from "./onnx/drop-dead.js";
import { dropNoops } from "./onnx/drop-noops.js";
import { foldBatchnorm } from "./onnx/fold-batchnorm.js";
import { foldConstants } from "./onnx/fold-constants.js";
import { foldExtents } from "./primitive/fold-extents.js";
import { foldPad } from "./onnx/fold-pad.js";
import { foldScalar, foldScale } from "./onnx/fold-scale.js";
import { foldShapes } from "./onnx/fold-shapes.js";
import { foldWeights } from "./onnx/fold-weights.js";
import { gatherLevels } from "./onnx/gather-levels.js";
import { inlineBranches } from "./onnx/inline-branches.js";
import { matmulToGemm } from "./onnx/matmul-to-gemm.js";
import { mergeMovement } from "./onnx/merge-movement.js";
import type { Pass } from "./pass.js";
import { primitiveNoops } from "./primitive/primitive-noops.js";
import { repeatConstants } from "./primitive/repeat-constants.js";
import { readSizes } from "./onnx/read-sizes.js";
import { recurrentToScan } from "./onnx/recurrent-to-scan.js";
import { scanToLoop } from "./onnx/scan-to-loop.js";
import { shareCommon } from "./onnx/share-common.js";
import { sinkTranspose } from "./primitive/sink-transpose.js";

export const onnxPasses: readonly Pass[] = [
  // First: what is read of a loop shows in its body alone.
  recurrentToScan,
  scanToLoop,
  // What it makes known all others may rest on.
  readSizes,
  inlineBranches,
  countPositions,
  foldShapes,
  // Before constants are folded: what is gathered at constant places is a constant of levels then.
  gatherLevels,
  foldConstants,
  dropNoops,
  shareCommon,
  mergeMovement,
  dropNoops,
  foldPad,
  foldWeights,
  foldBatchnorm,
  matmulToGemm,
  foldScale,
  foldScalar,
  foldBatchnorm,
  foldConstants,
  dropDead,
];

export const primitivePasses: readonly Pass[] = [
  foldExtents,
  // Before folding makes constants of them: an unrolled layer transposes its weights once.
  shareCommon,
  foldConstants,
  primitiveNoops,
  sinkTranspose,
  foldConstants,
  primitiveNoops,
  shareCommon,
  primitiveNoops,
  repeatConstants,
  dropDead,
];

export interface PassEvent {
  readonly pass: string;
  /** Position in the list; a pass may stand there more than once. */
  readonly index: number;
  readonly of: number;
  readonly nodesBefore: number;
  readonly nodesAfter: number;
}

export interface RunOptions {
  readonly catalogue: Catalogue;
  readonly passes?: readonly Pass[];
  /** Leaves out the passes marked `onCards` unless `select` names them. */
  readonly forExport?: boolean;
  /** Names leave all but those out; `-name` leaves that one out; `+name` brings one back that an earlier entry left out. */
  readonly select?: readonly string[];
  /** Prints the graph after these passes, in the text form. */
  readonly printAfter?: readonly string[];
  readonly onPrint?: (pass: string, text: string) => void;
  /** Sees the graph that each pass has given. */
  readonly after?: (pass: string, graph: Graph) => void;
  readonly onEvent?: (event: PassEvent) => void;
  readonly signal?: AbortSignal;
}

export interface OpCount {
  readonly op: string;
  readonly before: number;
  readonly after: number;
}

export interface RunResult {
  readonly graph: Graph;
  /** Operators by name, those of the bodies included; sorted by name. */
  readonly table: readonly OpCount[];
  /** Warnings about the run itself; what inference says of the model is told when the model is loaded. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Infers types, runs the passes, verifying after each, and infers again. Throws the model's own faults that inference
 * finds, `unknown-pass`, and an internal error when a pass breaks the graph.
 */
export function runPasses(graph: Graph, options: RunOptions): RunResult {
  return finishNow(passSteps(graph, options));
}

/** `runPasses` with a pause after each pass. */
export function* passSteps(graph: Graph, options: RunOptions): Steps<RunResult> {
  const passes = selectPasses(options.passes ?? onnxPasses, options.select ?? [], options.forExport);
  checkNames(options.printAfter ?? [], options.passes ?? onnxPasses);
  const typed = inferGraph(graph, options.catalogue);
  const errors = typed.diagnostics.filter((d) => d.severity === "error");
  if (errors.length > 0) throw new DiagnosticError(errors);
  let context = { catalogue: options.catalogue, facts: typed.facts };
  const { graph: start, recall } = forgetDeclared(typed.graph, typed.facts);
  let now = start;
  for (const [index, pass] of passes.entries()) {
    yield;
    options.signal?.throwIfAborted();
    const before = now;
    now = pass.run(before, context);
    if (now !== before && pass.retypes) {
      const anew = inferGraph(now, options.catalogue);
      [now, context] = [anew.graph, { ...context, facts: anew.facts }];
    }
    if (now !== before) requireSound(now, pass.name, `Leave the pass out with --passes -${pass.name}.`);
    options.onEvent?.({ pass: pass.name, index, of: passes.length, nodesBefore: before.nodes.length, nodesAfter: now.nodes.length });
    if (options.printAfter?.includes(pass.name)) options.onPrint?.(pass.name, print(now));
    options.after?.(pass.name, now);
  }
  yield;
  const done = now === start ? typed.graph : recall(inferGraph(now, options.catalogue).graph);
  return { graph: done, table: compare(graph, done), diagnostics: notPrinted(options.printAfter ?? [], passes) };
}

/** A graph that was asked for after a pass that never ran would otherwise be missing without a word. */
function notPrinted(asked: readonly string[], ran: readonly Pass[]): Diagnostic[] {
  return asked
    .filter((name) => !ran.some((p) => p.name === name))
    .map((name) =>
      problem("pass-not-run", `nothing is printed after "${name}": that pass did not run`, {
        severity: "warning",
        why: "The list of passes leaves it out.",
        fix: `Add +${name} to --passes, or print after another pass.`,
      }),
    );
}

/** Throws `pass-broke-graph`, an internal error, for a graph that a pass or stage of this name should not have made. */
export function requireSound(graph: Graph, name: string, fix?: string): void {
  const faults = verify(graph);
  if (faults.length > 0) throw new DiagnosticError(faults.map((f) => broken(f, name, fix)));
}

function broken({ message, location }: Diagnostic, name: string, fix: string | undefined): Diagnostic {
  return problem("pass-broke-graph", `after ${name}: ${message}`, {
    location,
    why: "This is a defect of Portolan, not of the model.",
    ...(fix !== undefined && { fix }),
  });
}

/** The passes that a `--passes` list leaves; those marked `onCards` wait to be named `forExport`. Throws `unknown-pass`. */
export function selectPasses(all: readonly Pass[], select: readonly string[], forExport = false): readonly Pass[] {
  checkNames(
    select.map((s) => s.replace(/^[+-]/, "")),
    all,
  );
  const only = select.filter((s) => !/^[+-]/.test(s));
  const on = new Set(only.length > 0 ? only : all.filter((p) => !(forExport && p.onCards)).map((p) => p.name));
  for (const s of select) {
    if (s.startsWith("-")) on.delete(s.slice(1));
    else if (s.startsWith("+")) on.add(s.slice(1));
  }
  return all.filter((p) => on.has(p.name));
}

function checkNames(names: readonly string[], all: readonly Pass[]): void {
  requireNames(
    names,
    all.map((p) => p.name),
  );
}

/** Throws `unknown-pass` for the first name that is none of those known, with the nearest. */
export function requireNames(names: readonly string[], all: readonly string[]): void {
  const known = [...new Set(all)];
  const wrong = names.find((n) => !known.includes(n));
  if (wrong !== undefined)
    fail("unknown-pass", `there is no pass "${wrong}"${closest(wrong, known)}`, { fix: `The passes: ${known.join(", ")}.` });
}

function compare(before: Graph, after: Graph): OpCount[] {
  const [a, b] = [countOps(before), countOps(after)];
  return [...new Set([...a.keys(), ...b.keys()])].sort().map((op) => ({ op, before: a.get(op) ?? 0, after: b.get(op) ?? 0 }));
}
