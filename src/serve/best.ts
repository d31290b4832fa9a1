/** What of a chip's assessment all else rests on: its best answer, the engine that is taken, the plan, and the load that was asked about. */
import type { Said } from "../base/said.js";
import { said, type WordKey } from "../words/words.js";
import type { ChipAssessment } from "./assess.js";
import type { SpeedPoint } from "./speed.js";
import type { Answer } from "./engines.js";
import type { Plan } from "./plans.js";
import type { EngineVerdict } from "./verdict.js";

/** Of the engine that serves it best; those that do best come first. */
export const answerOf = ({ verdicts }: ChipAssessment): Answer => verdicts.at(0)?.answer ?? "refused";

/** The verdict that the rest of a chip's figures rest on. */
export const chosenOf = ({ verdicts, engine }: ChipAssessment): EngineVerdict | undefined => verdicts.find((v) => v.engine === engine);

/** With room where there is one, else the smallest. */
export const planOf = ({ plans }: ChipAssessment): Plan | undefined => plans.advised ?? plans.smallest;

/** The load that was asked about: the last, and the largest. */
export const asked = ({ speed }: ChipAssessment): SpeedPoint | undefined => speed.at(-1);

/** "TP4 DP4 EP16". */
export const splitText = ({ split: { tp, dp, pp, ep } }: Plan): string =>
  Object.entries({ TP: tp, DP: dp, PP: pp, EP: ep })
    .filter(([key, n]) => key === "TP" || n > 1)
    .map(([key, n]) => `${key}${n}`)
    .join(" ");

/** Cards, and dies where a card has several. */
export function sizeOf({ devicesPerCard }: ChipAssessment, { cards, split }: Plan): Said {
  const whole = said("unit.cards", { n: cards });
  return devicesPerCard > 1 ? said("report.size", { cards: whole, dies: said("unit.dies", { n: split.devices }) }) : whole;
}

const bases: Readonly<Record<string, WordKey>> = {
  ...{ "basis.measured": "timed.measured", "basis.relatives": "timed.relatives", "basis.none": "timed.none" },
};

/** What its speed rests on, in short; the basis itself counts the measurements. */
export const basisKey = ({ basis }: ChipAssessment): WordKey => bases[basis.key];
