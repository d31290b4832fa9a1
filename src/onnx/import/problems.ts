/** Collects what an import finds wrong, so that one run tells all of it. */
import { DiagnosticError, problem, type Diagnostic, type Location } from "../../base/diagnostic.js";

/** More problems than this help nobody. */
const maxErrors = 20;

export class Problems {
  readonly diagnostics: Diagnostic[] = [];
  #errors = 0;

  note(code: string, message: string): void {
    this.keep(problem(code, message, { severity: "note" }));
  }

  error(code: string, message: string, location: Location): void {
    this.keep(problem(code, message, { location }));
  }

  /** Runs a part of the import; a diagnostic is kept and the next part still runs. `node` is added where no node is named. */
  attempt<T>(part: () => T, node?: string): T | undefined {
    try {
      return part();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      for (const d of error.diagnostics)
        this.keep(node !== undefined && d.location?.node === undefined ? { ...d, location: { ...d.location, node } } : d);
      return undefined;
    }
  }

  /** Throws every error met so far, if there is one. */
  throwErrors(): void {
    if (this.#errors > 0) throw new DiagnosticError(this.diagnostics.filter((d) => d.severity === "error"));
  }

  keep(d: Diagnostic): void {
    this.diagnostics.push(d);
    if (d.severity === "error" && ++this.#errors >= maxErrors) this.throwErrors();
  }
}
