/**
 * Whether somebody else, in public, uses a vendor symbol as generated code does. Emitter and twin share our reading of
 * the documents, so that a wrong reading is green in both: only independent code and documents can tell.
 */
import type { Evidence } from "../program/program.js";

/** "contradicted" names what public evidence is against: it stands in a record only until the symbol is mended or dropped. */
export type Verdict = "confirmed" | "unwitnessed" | "contradicted";

export interface Witness {
  readonly verdict: Verdict;
  /**
   * Repository and path, or document and section. Of a confirmed symbol: who uses or describes it so, at least one. Of
   * another: what was looked at, or what speaks against it.
   */
  readonly sources: readonly string[];
}

/** What these functions read of a target's record of a symbol. */
interface Witnessed {
  readonly evidence: Evidence;
  readonly witness?: Witness;
}

type Symbols = Readonly<Record<string, Witnessed | undefined>>;

export function confirmed(first: string, ...more: readonly string[]): Witness {
  return { verdict: "confirmed", sources: [first, ...more] };
}

export function unwitnessed(...sources: readonly string[]): Witness {
  return { verdict: "unwitnessed", sources };
}

/** A symbol that nobody else is seen to use so is inferred, whatever document it was read in; so is one without a record. */
export function evidenceOf(symbol: Witnessed | undefined): Evidence {
  return symbol && (symbol.witness?.verdict ?? "confirmed") === "confirmed" ? symbol.evidence : "E0";
}

/** The symbols of `uses` that have no witness, in order of their names. */
export function withoutWitness(uses: readonly string[], symbols: Symbols): readonly string[] {
  return uses.filter((name) => (symbols[name]?.witness?.verdict ?? "confirmed") !== "confirmed").sort();
}

/** The line for the head of a kernel's file; undefined where every symbol has its witness. */
export function witnessRemark(uses: readonly string[], symbols: Symbols): string | undefined {
  const names = withoutWitness(uses, symbols);
  if (names.length === 0) return undefined;
  return `E0: no independent public source was found for ${names.join(", ")} as used here; contract.json says what each rests on.`;
}
