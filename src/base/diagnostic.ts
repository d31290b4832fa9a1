/**
 * What a user is told when something cannot be done, and how our own broken promises differ from that.
 *
 * A `Diagnostic` is a value: it says what, where, why and what to try. Floors below the API throw it wrapped in
 * `DiagnosticError`; the API catches that and returns it as data. `invariant` is for mistakes of ours.
 */

export type Severity = "error" | "warning" | "note";

export interface Location {
  /** The ONNX node's name, or its first output when it has none. */
  readonly node?: string;
  readonly tensor?: string;
  /** A file the user named, as the user spelled it. */
  readonly path?: string;
  readonly byteOffset?: number;
  /** 1-based position in a user's source file (custom operators). */
  readonly line?: number;
  readonly column?: number;
}

export interface Diagnostic {
  /** Stable kebab-case code, never reused: `unsupported-op`, `scratchpad-overflow`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what, where, with the numbers. */
  readonly message: string;
  readonly location?: Location;
  /** The rule behind it and where that rule was read. */
  readonly why?: string;
  /** What the reader can do next. */
  readonly fix?: string;
}

export function problem(code: string, message: string, more: Partial<Omit<Diagnostic, "code" | "message">> = {}): Diagnostic {
  return { code, severity: "error", message, ...more };
}

/** Carries one or more diagnostics up to the API. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: Diagnostic | readonly Diagnostic[]) {
    const list = Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : [diagnostics as Diagnostic];
    super(list.map((d) => `${d.code}: ${d.message}`).join("\n"));
    this.name = "DiagnosticError";
    this.diagnostics = list;
  }
}

/** Stops with a diagnostic. */
export function fail(code: string, message: string, more: Partial<Omit<Diagnostic, "code" | "message">> = {}): never {
  throw new DiagnosticError(problem(code, message, more));
}

/** A promise of ours that must hold; failing it is a defect of Portolan, never of the model. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message}`);
}
