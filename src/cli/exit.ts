/** Exit codes, as users' scripts read them. */

export const exitCodes = {
  /** Done, and yes. */
  ok: 0,
  /** Done, and no: a mismatch, a threshold missed. */
  no: 1,
  /** What was typed is wrong, or the output cannot be written. */
  usage: 2,
  /** The model cannot be read or contradicts itself. */
  model: 3,
  /** The model is sound, and the target cannot carry it out. */
  lowering: 4,
  /** A tool is missing (a C++ compiler, onnxruntime, a queue) or does not carry the model out, or a limit of time or memory was met. */
  tool: 5,
  /** A defect of Portolan. */
  internal: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export function finish(code: number): void {
  process.exitCode = code;
}

/** What the user typed or named is wrong. */
const usageCodes: ReadonlySet<string> = new Set([
  "unknown-target",
  "weights-differ",
  "weights-missing",
  "unknown-chip",
  "unknown-pass",
  "pass-not-run",
  "unknown-label",
  "unknown-code",
  "unknown-command",
  "unknown-option",
  "unknown-kernel",
  "missing-argument",
  "missing-command",
  "missing-option",
  "extra-argument",
  "bad-option",
  "dim-unknown",
  "bad-shape",
  "bad-dim",
  "bad-freeze",
  "bad-inputs",
  "bad-metric",
  "bad-budget",
  "bad-calibration",
  "bad-chip-file",
  "bad-result-file",
  "bad-task-file",
  "unknown-layer",
  "extents-not-found",
  "merge-incomplete",
  "merge-mismatch",
  "no-cases",
  "no-models",
  "no-code",
  "code-not-found",
  "bad-prefix",
  "npz-unreadable",
  "input-not-tensor",
  "output-exists",
  "output-not-writable",
  "task-model-differs",
  "task-outside-root",
  "task-version-differs",
  "text-syntax",
  "text-undefined-value",
  "text-constant-missing",
]);
const usagePrefixes = ["shape-", "freeze-", "formula-", "evaluate-", "state-"];

/** A tool that the machine lacks, or that does not take the model; a limit of the machine, or one given to it. */
const toolCodes: ReadonlySet<string> = new Set([
  "compiler-missing",
  "compiler-unusable",
  "onnxruntime-missing",
  "queue-package-missing",
  "queue-unreachable",
  "reference-failed",
  "task-result-too-large",
  "task-timeout",
  "worker-died",
]);

/** Done, and the answer is no. */
const noCodes: ReadonlySet<string> = new Set(["assess-gate", "budget-missed", "optimize-differs", "replay-differs"]);

/** The model is sound, and the target cannot carry it out. */
const loweringCodes: ReadonlySet<string> = new Set([
  "data-dependent-shape",
  "device-memory-exceeded",
  "dynamic-extent",
  "kernel-function",
  "layers-refused",
  "layout-bits",
  "layout-extent",
  "layout-group-index",
  "layout-group-size",
  "layout-zero-points",
  "no-schedule",
  "no-vector-form",
  "no-weight-layout",
  "not-exportable",
  "scale-not-exact",
  "scratchpad-overflow",
  "shaping-operand-unknown",
  "unknown-shape",
  "unsupported-dtype",
  "unsupported-lane-function",
  "unsupported-op",
  "unsupported-opset",
  "already-quantised",
  "unsupported-quantisation",
  "nothing-to-quantise",
  "nothing-to-repack",
  "unsupported-type",
]);

/** Defects of Portolan that were caught before they did harm. */
const internalCodes: ReadonlySet<string> = new Set(["internal", "internal-kernel", "pass-broke-graph", "twin-build-failed"]);

/** The exit code a diagnostic stands for; what no list names is a fault of the model. */
export function exitCodeOf(code: string): number {
  if (usageCodes.has(code) || usagePrefixes.some((p) => code.startsWith(p))) return exitCodes.usage;
  if (toolCodes.has(code)) return exitCodes.tool;
  if (loweringCodes.has(code)) return exitCodes.lowering;
  if (code === "interrupted") return exitCodes.interrupted;
  if (internalCodes.has(code)) return exitCodes.internal;
  if (noCodes.has(code) || code.startsWith("twin-")) return exitCodes.no;
  return exitCodes.model;
}
