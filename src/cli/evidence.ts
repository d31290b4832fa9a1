/** `portolan doctor --evidence`: of the vendor symbols that generated code may use, which nobody else in public is seen to use so. */
import { chooseTargets } from "../driver/targets.js";
import type { SymbolRecord, Target } from "../plan/target.js";
import { exitCodes } from "./exit.js";
import { say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

interface Doubt {
  readonly name: string;
  /** What it rests on where no witness carries it. */
  readonly assumption: string;
  /** What was looked at, or what speaks against it. */
  readonly sources: readonly string[];
}

interface TargetEvidence {
  readonly target: string;
  readonly confirmed: number;
  readonly unwitnessed: readonly Doubt[];
  readonly contradicted: readonly Doubt[];
}

/** What the records of one target say of its symbols' witnesses, by name. */
export function evidenceOfTarget(target: Target): TargetEvidence {
  const symbols = Object.entries(target.symbols).sort(([a], [b]) => (a < b ? -1 : 1));
  const of = (verdict: string): Doubt[] => symbols.filter(([, s]) => s.witness.verdict === verdict).map(([name, s]) => doubt(name, s));
  return {
    target: target.name,
    confirmed: of("confirmed").length,
    unwitnessed: of("unwitnessed"),
    contradicted: of("contradicted"),
  };
}

function doubt(name: string, symbol: SymbolRecord): Doubt {
  return { name, assumption: symbol.assumption ?? "", sources: symbol.witness.sources };
}

/** Exit code 1 where public evidence contradicts a symbol that generated code may use. */
export async function evidence(call: CommandCall): Promise<number> {
  const targets = (await chooseTargets("all")).map(({ target }) => evidenceOfTarget(target));
  const ok = targets.every((t) => t.contradicted.length === 0);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok, targets });
  else {
    const counts = targets.map((t) => [t.target, t.confirmed, t.unwitnessed.length, t.contradicted.length]);
    say(table(["target", "confirmed", "unwitnessed", "contradicted"], counts));
    for (const t of targets) {
      for (const d of t.contradicted) say(`${t.target}: ${d.name} is contradicted by ${d.sources.join("; ")}`);
      for (const d of t.unwitnessed) say(`${t.target}: ${d.name} has no witness. ${d.assumption}`);
    }
  }
  return ok ? exitCodes.ok : exitCodes.no;
}
