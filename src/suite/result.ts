/** What `suite` tells of each case; the form that score.mjs of the conformance set reads. */
import type { Diagnostic } from "../base/diagnostic.js";

type CaseStatus = "pass" | "wrong" | "unsupported" | "crash" | "skipped";

export interface CaseResult {
  readonly name: string;
  readonly status: CaseStatus;
  readonly reason?: string;
  /** Steps by what carries them out. */
  readonly how?: { readonly library: number; readonly kernel: number; readonly scalar: number; readonly host: number };
  /** What the library steps call, by the vendor's names. */
  readonly calls?: readonly string[];
  /** Inputs fixed to the case's values, each with the operands it is: "pads (Pad.pads)". */
  readonly frozen?: readonly string[];
}

/** By the target's name; cases in the order of their names. */
export interface SuiteResult {
  readonly schemaVersion: 1;
  readonly targets: Readonly<Record<string, { readonly cases: readonly CaseResult[] }>>;
  /** What was noticed beside the cases' results. */
  readonly diagnostics: readonly Diagnostic[];
}
