/** `--fail-on`: what of an assessment ends with exit code 1. */
import { answerOf, planOf, type ChipAssessment, type CheckpointAssessment } from "../api/assess-checkpoint.js";
import { inLanguage, said, type ChipReport, type Language, type ModelReport, type Said } from "../api/assess.js";
import { fail, problem, type Diagnostic } from "../base/diagnostic.js";

type Gate = { readonly kind: "coverage"; readonly least: number } | { readonly kind: "blocker" | "unknown" };

/** `coverage<95`, `blocker`, `unknown`, several with commas. Throws `bad-option`. */
export function parseGates(given: readonly string[]): readonly Gate[] {
  return given
    .flatMap((text) => text.split(","))
    .map((word): Gate => {
      const coverage = /^coverage<(\d+(?:\.\d+)?)%?$/.exec(word.trim());
      if (coverage) return { kind: "coverage", least: Number(coverage[1]) };
      if (word.trim() === "blocker" || word.trim() === "unknown") return { kind: word.trim() as "blocker" | "unknown" };
      return fail("bad-option", `--fail-on "${word}" is no condition`, {
        fix: "Write coverage<95, blocker or unknown, several with commas.",
      });
    });
}

/** Verdicts under which a model is not compiled as it is. */
export const blocking: ReadonlySet<ChipReport["verdict"]> = new Set(["blocked", "refused", "kernels", "rewrites"]);
const unsure: ReadonlySet<ChipReport["verdict"]> = new Set(["uncertain", "unknown", "documented"]);

/** A checkpoint has no nodes that a chip could carry out. Throws `bad-option`. */
export function parseCheckpointGates(given: readonly string[]): readonly Gate[] {
  const asked = parseGates(given);
  if (asked.some((g) => g.kind === "coverage"))
    fail("bad-option", "--fail-on coverage is of models: a checkpoint has no nodes to be covered", { fix: "Write blocker or unknown." });
  return asked;
}

export const gates = ({ model, chips }: ModelReport, asked: readonly Gate[], language: Language): Diagnostic[] =>
  missedOn(chips, asked, language, (gate, c) => missed(gate, c, model.name));

export const checkpointGates = ({ folder, chips }: CheckpointAssessment, asked: readonly Gate[], language: Language): Diagnostic[] =>
  missedOn(chips, asked, language, (gate, c) => missedByCheckpoint(gate, c, folder));

/** Chips to compare with are no part of the port; without any other, nothing could hold. */
function missedOn<C extends { readonly comparison?: true }>(
  chips: readonly C[],
  asked: readonly Gate[],
  language: Language,
  missedBy: (gate: Gate, chip: C) => Said | undefined,
): Diagnostic[] {
  const ported = chips.filter((c) => !c.comparison);
  const isVain = ported.length === 0 && asked.length > 0;
  const found = isVain ? [said("gate.no-chip")] : asked.flatMap((g) => ported.flatMap((c) => missedBy(g, c) ?? []));
  return found.map((what) => problem("assess-gate", inLanguage(what, language), { fix: inLanguage(said("gate.fix"), language) }));
}

function missed(gate: Gate, { chip, verdict, coverage }: ChipReport, model: string): Said | undefined {
  switch (gate.kind) {
    case "coverage": {
      const share = 100 * (coverage?.nodes ?? 0);
      return share < gate.least ? said("gate.coverage", { chip, model, share: Number(share.toFixed(1)), least: gate.least }) : undefined;
    }
    case "blocker":
      return blocking.has(verdict) ? said("gate.blocker", { chip, model, verdict: said(`is.${verdict}`) }) : undefined;
    case "unknown":
      return unsure.has(verdict) ? said("gate.unknown", { chip, model, verdict: said(`is.${verdict}`) }) : undefined;
    default:
      throw gate satisfies never;
  }
}

/** Served nowhere or too large; or no speed that anybody could be held to. */
function missedByCheckpoint({ kind }: Gate, c: ChipAssessment, checkpoint: string): Said | undefined {
  const gaps = { chip: c.chip, checkpoint };
  if (kind === "blocker" && answerOf(c) === "refused") return said("gate.no-engine", gaps);
  if (kind === "blocker" && c.memory !== undefined && !planOf(c)) return said("gate.too-large", gaps);
  if (kind === "unknown" && answerOf(c) === "unknown") return said("gate.unserved", gaps);
  return kind === "unknown" && c.speed.length === 0 ? said("gate.no-speed", gaps) : undefined;
}
