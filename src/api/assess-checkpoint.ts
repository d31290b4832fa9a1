/** A checkpoint's folder assessed for chips: from its configuration and headers alone, no weight read. */
import { fail, type Diagnostic } from "../base/diagnostic.js";
import { closest } from "../base/suggest.js";
import { assessFound, type CheckpointAssessment } from "../serve/assess.js";
import type { AssessOptions } from "../serve/case.js";
import { engines, type EngineKey } from "../serve/engines.js";
import { findCheckpoint } from "../serve/folder.js";
import { namedForms } from "../serve/form.js";
import { chipNames, compareChips } from "./chips.js";

export type { ChipAssessment, CheckpointAssessment } from "../serve/assess.js";
export type { SpeedPoint } from "../serve/speed.js";
export { answerOf, asked, basisKey, chosenOf, planOf, sizeOf, splitText } from "../serve/best.js";
export { inLanguage, said } from "../words/words.js";

export interface CheckpointOptions {
  /** As users name chips; those of the three makers where it is absent. */
  readonly chips?: readonly string[];
  /** Requests at once, 16 unless told otherwise. */
  readonly batch?: number;
  /** Tokens of a request, 4096 unless told otherwise, and no more than the model takes. */
  readonly length?: number;
  /** A form to be served instead of the checkpoint's: bf16, w8a8, w8a8c8, w8a16, w4a8, w4a16, fp8, wint8 or wint4. */
  readonly precision?: string;
  readonly engine?: string;
  /** Milliseconds between tokens that are wanted, 50 unless told otherwise. */
  readonly tokenMs?: number;
}

const defaultChips = [
  ...["Ascend310P3", "Ascend910B2", "Ascend910B4", "Ascend910C", "Ascend950PR"],
  ...["MLU370-X8", "MLU590", "R200", "P800"],
];

function oneOf<T extends string>(given: string, known: readonly T[], what: string): T {
  const found = known.find((k) => k === given.toLowerCase());
  return (
    found ?? fail("bad-option", `${what} "${given}" is not known${closest(given, known)}`, { fix: `It is one of ${known.join(", ")}.` })
  );
}

const formNames = Object.keys(namedForms) as readonly (keyof typeof namedForms)[];

export interface AssessedCheckpoint {
  readonly assessment: CheckpointAssessment;
  /** What names of chips were taken to mean. */
  readonly diagnostics: readonly Diagnostic[];
}

const engineNames = engines.map((e): EngineKey => e.key);

/** Of options that must be known, the names: what they stand for. Throws `bad-option`. */
export function requireKnown({ precision, engine }: CheckpointOptions): Pick<AssessOptions, "form" | "engine"> {
  return {
    ...(precision !== undefined && { form: namedForms[oneOf(precision, formNames, "precision")] }),
    ...(engine !== undefined && { engine: oneOf(engine, engineNames, "engine") }),
  };
}

/** Throws `checkpoint-*`, `gguf-malformed`, `unknown-chip`, `bad-option`, and what headers of safetensors may. */
export async function assessCheckpoint(folder: string, options: CheckpointOptions = {}): Promise<AssessedCheckpoint> {
  const found = findCheckpoint(folder);
  const { rows, diagnostics } = await compareChips(chipNames(options.chips ?? defaultChips, defaultChips));
  const length = Math.min(options.length ?? 4096, found.model.positions ?? Infinity);
  const assessment = assessFound(found, rows, {
    ...{ batch: options.batch ?? 16, length, wantedTokenTime: (options.tokenMs ?? 50) / 1e3 },
    ...requireKnown(options),
  });
  const spoken = options.chips === undefined ? diagnostics.filter((d) => d.severity !== "note") : diagnostics;
  return { assessment, diagnostics: [...found.diagnostics, ...spoken] };
}
