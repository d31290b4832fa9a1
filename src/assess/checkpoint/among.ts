/** Checkpoints among many models: their line of the map, their answers, and each in brief. */
import { html, type Markup } from "../../report/markup.js";
import type { ChipAssessment, CheckpointAssessment } from "../../serve/assess.js";
import { answerOf, asked, chosenOf, planOf } from "../../serve/best.js";
import { answer } from "../page/answer.js";
import { both, timeOf, told } from "../page/both.js";
import { brief } from "../page/brief.js";
import { chipsOf, type HeatRow } from "../page/heat.js";
import type { Cell } from "../page/table.js";
import { answerBadge, answerKinds, answerMarks, basisText, rateOf, sizeText } from "./view.js";

const billions = (n: number): string => (n / 1e9).toPrecision(3);

/** Beside the answer: how many tokens a second. */
export function checkpointRow({ folder, chips }: CheckpointAssessment, i: number): HeatRow {
  const cells = chips.map((c) => {
    const [is, speed] = [answerOf(c), asked(c)];
    return {
      ...{ chip: c.chip, kind: answerKinds[is], asItIs: is === "accepted" },
      verdict: html`${answerMarks[is]} ${both(`answer.${is}`)}`,
      ...(speed && { figure: both("page.heat.rate", { rate: rateOf(speed.rate) }) }),
    };
  });
  return { name: folder, id: `checkpoint${i}`, cells };
}

const isServed = (c: ChipAssessment): boolean => answerOf(c) === "accepted";

export function checkpointAnswers(all: readonly CheckpointAssessment[]): Markup {
  const served = all.filter((a) => a.chips.some(isServed)).length;
  const planned = all.filter((a) => a.chips.some(planOf)).length;
  const counts = chipsOf(all).map((chip) => ({ chip, n: all.filter((a) => a.chips.some((c) => c.chip === chip && isServed(c))).length }));
  const most = Math.max(0, ...counts.map((c) => c.n));
  const best = counts.filter((c) => c.n === most).map((c) => c.chip);
  return html`${answer(both("page.portfolio.served"), both("page.portfolio.checkpoints", { n: served, all: all.length }), html`<p>${both("page.portfolio.planned", { n: planned })}</p>`)}
    ${answer(both("page.portfolio.served-where"), both("page.portfolio.checkpoints", { n: most, all: all.length }), html`<p>${most > 0 ? best.join(", ") : undefined}</p>`)}`;
}

export function checkpointBrief(a: CheckpointAssessment, i: number): Markup {
  const { parameters: p, quantisation, options, notes } = a;
  const size = both("report.parameters", { total: billions(p.total - p.drafting), active: billions(p.active) });
  return brief({
    ...{ id: `checkpoint${i}`, name: a.folder },
    facts: html`${a.className ?? a.family} · ${size} · ${told(quantisation.said)} · ${both("checkpoint.fact.load.is", options)}`,
    words: ["column.chip", "column.verdict", "report.engine", "column.basis"],
    figures: ["page.card.cards", "report.rate", "report.token-time"],
    rows: a.chips.map(row),
    notes: notes.length === 0 ? undefined : html`<ul class="notes">${notes.map((n) => html`<li>${told(n)}</li>`)}</ul>`,
  });
}

function row(c: ChipAssessment): Cell[] {
  const [engine, plan, speed, unknown] = [chosenOf(c), planOf(c), asked(c), both("unit.unknown")];
  return [
    ...[c.chip, answerBadge(answerOf(c)), engine ? engine.name : both("checkpoint.card.none")],
    ...[speed ? basisText(c) : unknown, plan ? sizeText(c, plan) : unknown],
    ...(speed ? [rateOf(speed.rate), timeOf(speed.tokenTime)] : [unknown, unknown]),
  ];
}
