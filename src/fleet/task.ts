/** What a fleet works on: one command for one model, as plain data that any machine with the same files can carry out. */
import { canonicalJson, type Json, type JsonObject } from "../base/json.js";
import type { Diagnostic } from "../base/diagnostic.js";

export const taskKinds = ["assess", "compile", "verify"] as const;
export type TaskKind = (typeof taskKinds)[number];

/** A file beside a model that holds weights. */
export interface DataFile {
  /** As the model spells it, relative to the model's folder. */
  readonly path: string;
  readonly bytes: number;
  /** sha256 of its first and last MiB; of a whole file that is no longer. */
  readonly ends: string;
  /** When it was last written, in milliseconds since 1970; null where `sha256` tells more. */
  readonly modified: number | null;
  /** Of the whole file, where that was asked for. */
  readonly sha256: string | null;
}

export interface Task {
  readonly kind: TaskKind;
  /** A file, or the folder of a checkpoint: relative to the root, with forward slashes; never outside of it. */
  readonly model: string;
  /** Of the model's own file; of a checkpoint its configuration, or the ends of its .gguf files. */
  readonly sha256: string;
  /** In the order in which the model names them; files that are not there are left out. */
  readonly data: readonly DataFile[];
  /** What was asked of the command: its flags by name. */
  readonly options: JsonObject;
  /** Whose answer it is: Portolan's version, and a hash of its code. */
  readonly portolan: { readonly version: string; readonly code: string };
}

/** The document of one command for one model. */
export interface ResultDocument {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Of a command that asks several chips: what each of them said besides. */
  readonly targets?: readonly { readonly diagnostics: readonly Diagnostic[] }[];
  readonly [name: string]: unknown;
}

/** What became of a task. */
export interface Outcome {
  readonly result: ResultDocument;
  /** Whether it was kept from an earlier run. */
  readonly cached?: boolean;
  /** Where a child process did the work: how long, and the most memory that it ever held. */
  readonly milliseconds?: number;
  readonly peakBytes?: number;
}

/** What a task is known by everywhere: two tasks of one text have one answer. */
export function taskText(task: Task): string {
  return canonicalJson(task as unknown as Json);
}

/**
 * Codes that speak of the machine, of a limit given or of a mistake of ours, and not of the model: such a result is told, never kept,
 * and another try may end otherwise.
 */
const passingCodes: ReadonlySet<string> = new Set([
  "bad-result-file",
  "compiler-missing",
  "compiler-unusable",
  "file-unreadable",
  "internal",
  "internal-kernel",
  "onnxruntime-missing",
  "output-exists",
  "output-not-writable",
  "pass-broke-graph",
  "task-model-differs",
  "task-result-too-large",
  "task-timeout",
  "task-version-differs",
  "twin-build-failed",
  "worker-died",
]);

/** Whether the same task would have the same result again. */
export function lasts(result: ResultDocument): boolean {
  return !diagnosticsOf(result).some((d) => passingCodes.has(d.code));
}

/** All that is said, of the model and of each chip. */
export function diagnosticsOf({ diagnostics, targets = [] }: ResultDocument): readonly Diagnostic[] {
  return [...diagnostics, ...targets.flatMap((t) => t.diagnostics)];
}

export function refusedWith(diagnostics: readonly Diagnostic[]): ResultDocument {
  return { ok: false, diagnostics };
}
