/** A checkpoint's assessment as one page that asks for nothing: the answers first, then chip by chip what they rest on. */
import type { Language } from "../base/said.js";
import { html } from "../report/markup.js";
import type { CheckpointAssessment } from "../serve/assess.js";
import type { WordKey } from "../words/words.js";
import { answers, masthead, titleOf } from "./checkpoint/answer.js";
import { chipsPart } from "./checkpoint/cards.js";
import { enginesPart } from "./checkpoint/engines.js";
import { assumptionsPart, factsPart } from "./checkpoint/facts.js";
import { launchPart, warningsPart } from "./checkpoint/launch.js";
import { memoryPart } from "./checkpoint/memory.js";
import { asksPart, speedPart } from "./checkpoint/speed.js";
import { contents, shell } from "./page/shell.js";

const parts: readonly (readonly [string, WordKey])[] = [
  ["chips", "page.chips"],
  ["engines", "checkpoint.engines"],
  ["memory", "page.memory"],
  ["speed", "checkpoint.speed"],
  ["asks", "checkpoint.asks"],
  ["launch", "checkpoint.launch"],
  ["warnings", "checkpoint.warnings"],
  ["facts", "checkpoint.facts"],
  ["assumptions", "page.assumptions"],
];

/** Both languages are in the page, and `language` is shown first. */
export function checkpointPage(a: CheckpointAssessment, language: Language): string {
  const body = html`${chipsPart(a)} ${enginesPart(a)} ${memoryPart(a)} ${speedPart(a)}
    ${asksPart(a)} ${launchPart(a)} ${warningsPart(a)} ${factsPart(a)} ${assumptionsPart(a)}`;
  const there = parts.filter(([id]) => body.text.includes(` id="${id}"`));
  return shell({
    title: `${titleOf(a)} · Portolan`,
    language,
    body: html`<header>${masthead(a)}${answers(a)}</header>${contents(there)}${body}`,
  });
}
