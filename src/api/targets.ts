/** What there is: targets and their chips, library rows, passes, and what carries the vendors' symbols. */
import { onnxPasses, primitivePasses } from "../../passes/pipeline.js";
import { stages } from "../../passes/stages.js";
import type { ChosenTarget } from "../driver/targets.js";
import { typesOn } from "../claim/claim.js";
import type { SymbolRecord, Target } from "../claim/target.js";

export { chooseTarget, chooseTargets, targetNames, type ChosenTarget, type TargetName } from "../driver/targets.js";
export type { Chip } from "../claim/target.js";

interface LibraryRow {
  /** The target and its chip, as `bang:MLU370`. */
  readonly target: string;
  readonly op: string;
  readonly role: string;
  /** Of the first operand. */
  readonly types: readonly string[];
}

/** The operators that the vendor's library carries out on a chip, or could. */
export function libraryRows({ target, chip }: ChosenTarget): LibraryRow[] {
  return target.rows
    .map((r) => ({ target: `${target.name}:${chip.caps.chip}`, op: r.op, role: r.role, types: typesOn(r, chip) }))
    .filter((r) => r.types.length > 0);
}

interface PassInfo {
  readonly level: "operators" | "stages" | "primitives";
  /** From 1. */
  readonly order: number;
  readonly pass: string;
  readonly runs: readonly string[];
  /** Of a stage: why it has its place. */
  readonly why?: string;
}

/** The passes and stages in their order; where the primitive level is tidied, its passes run among the stages. */
export function passes(): PassInfo[] {
  const compile = ["compile"];
  return [
    ...onnxPasses.map((p, i): PassInfo => {
      return { level: "operators", order: i + 1, pass: p.name, runs: p.onCards ? compile : ["optimize", ...compile] };
    }),
    ...stages.flatMap((place, i): PassInfo[] => {
      return "stage" in place ? [{ level: "stages", order: i + 1, pass: place.stage.name, runs: compile, why: place.why }] : [];
    }),
    ...primitivePasses.map((p, i): PassInfo => ({ level: "primitives", order: i + 1, pass: p.name, runs: compile })),
  ];
}

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
