/** Exit codes, as users' scripts read them. */

export const exitCodes = {
  /** Done, and yes. */
  ok: 0,
  /** Done, and no: a mismatch, a threshold missed. */
  no: 1,
  usage: 2,
  model: 3,
  lowering: 4,
  tool: 5,
  internal: 70,
  interrupted: 130,
} as const;

export function finish(code: number): void {
  process.exitCode = code;
}

/** Codes of diagnostics that say what the user typed is wrong. */
const usageCodes: ReadonlySet<string> = new Set([
  "unknown-target",
  "unknown-chip",
  "unknown-pass",
  "dim-unknown",
  "bad-shape",
  "bad-dim",
  "bad-freeze",
  "bad-inputs",
  "bad-prefix",
  "npz-unreadable",
  "output-exists",
  "output-not-writable",
  "unknown-code",
  "missing-option",
]);
const toolCodes: ReadonlySet<string> = new Set(["compiler-missing", "onnxruntime-missing"]);
const loweringPrefixes = [
  "unsupported-",
  "no-schedule",
  "data-dependent-shape",
  "unknown-shape",
  "scratchpad-overflow",
  "meaning-",
  "too-many-",
  "twin-build-failed",
];
const noPrefixes = ["verify-", "twin-"];

/** The exit code a diagnostic stands for: usage and tools by name, then lowering, else the model. */
export function exitCodeOf(code: string): number {
  if (usageCodes.has(code) || code.startsWith("shape-") || code.startsWith("freeze-") || code.startsWith("formula-"))
    return exitCodes.usage;
  if (toolCodes.has(code)) return exitCodes.tool;
  if (loweringPrefixes.some((p) => code.startsWith(p))) return exitCodes.lowering;
  if (noPrefixes.some((p) => code.startsWith(p))) return exitCodes.no;
  return exitCodes.model;
}
