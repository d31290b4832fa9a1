/** An assessment as one page that asks for nothing: the answers first, then what they rest on. */
import type { Language } from "../base/said.js";
import { chipRows } from "../chips/chips.js";
import type { ChipRow } from "../chips/row.js";
import { html } from "../report/markup.js";
import type { WordKey } from "../words/words.js";
import { answers, masthead } from "./page/answer.js";
import { assumptions } from "./page/assumptions.js";
import { both } from "./page/both.js";
import { chipCards } from "./page/cards.js";
import { comparison } from "./page/compare.js";
import { details } from "./page/detail.js";
import { evidencePart } from "./page/evidence.js";
import { memoryPart } from "./page/memory.js";
import { precisionPart } from "./page/precision.js";
import { rooflines } from "./page/roofline.js";
import { contents, shell } from "./page/shell.js";
import { timeline } from "./page/timeline.js";
import { variantsPart } from "./page/variants.js";
import { workPart } from "./page/work.js";
import type { ModelReport } from "./report.js";

const parts: readonly (readonly [string, WordKey])[] = [
  ["chips", "page.chips"],
  ["work", "page.work"],
  ["compare", "page.compare"],
  ["variants", "assess.what-if"],
  ["roofline", "page.roofline"],
  ["memory", "page.memory"],
  ["timeline", "page.timeline"],
  ["precision", "page.precision"],
  ["detail", "page.detail"],
  ["nodes", "page.nodes"],
  ["evidence", "page.evidence"],
  ["assumptions", "page.assumptions"],
];

/** `rows` are the chips' figures, those that the report was made with; both languages are in the page, and `language` is shown first. */
export function assessmentPage(report: ModelReport, language: Language, rows: readonly ChipRow[] = chipRows): string {
  const { chips } = report;
  const rowOf = (chip: string): ChipRow | undefined => rows.find((r) => r.name === chip);
  const body = html`<section id="chips" aria-labelledby="chips-h"><h2 id="chips-h">${both("page.chips")}</h2>${chipCards(chips)}</section>
    ${workPart(report)} ${comparison(report)} ${variantsPart(report)} ${rooflines(chips, rowOf)} ${memoryPart(chips)} ${timeline(chips)}
    ${precisionPart(report)} ${details(report)} ${evidencePart(report, rowOf)} ${assumptions(report, rowOf)}`;
  const there = parts.filter(([id]) => body.text.includes(` id="${id}"`));
  return shell({
    title: `${report.model.name} · Portolan`,
    language,
    body: html`<header>${masthead(report)}${answers(report)}</header>${contents(there)}${body}`,
  });
}
