/**
 * How vendor symbols become text: only through a record. A `Uses` collects the names that were printed, which is what a
 * step's evidence is computed from.
 */
import type { SymbolRecord } from "../../src/claim/target.js";

export class Uses {
  readonly #names = new Set<string>();

  add(...names: readonly string[]): void {
    names.forEach((name) => this.#names.add(name));
  }

  /** In alphabetical order, so that output does not depend on the order of printing. */
  list(): readonly string[] {
    return [...this.#names].sort();
  }
}

/** The spelling of one intrinsic or runtime symbol; noted as used each time it is printed. */
export type Speller<Names extends string> = (name: Names, ...args: readonly string[]) => string;

/** A function that spells calls of the given records and nothing else. */
export function speller<Names extends string>(_records: Readonly<Record<Names, SymbolRecord>>, uses: Uses): Speller<Names> {
  return (name, ...args) => {
    uses.add(name);
    return `${name}(${args.join(", ")})`;
  };
}
