/** A card for each chip: who serves it and why, the plans, what a device holds, how fast, and on what that rests. */
import { readableBytes } from "../../base/units.js";
import { html, type Markup } from "../../report/markup.js";
import type { ChipAssessment, CheckpointAssessment } from "../../serve/assess.js";
import { answerOf, asked, chosenOf, planOf, sizeOf } from "../../serve/best.js";
import type { EngineVerdict } from "../../serve/verdict.js";
import { both, spanOf, timeOf, told } from "../page/both.js";
import { part } from "../page/table.js";
import { memoryBar, memoryLegend } from "./bar.js";
import { answerBadge, answerKinds, answerMarks, basisText, gibOf, groupedBy, isElsewhere, rateOf, sizeText } from "./view.js";

export function chipsPart({ chips, options }: CheckpointAssessment): Markup {
  const how = chips.some(planOf) ? html`<p>${both("checkpoint.memory.how", options)}</p>${memoryLegend()}` : undefined;
  return part("chips", both("page.chips"), how, html`<ul class="cards">${chips.map(card)}</ul>`);
}

function card(c: ChipAssessment): Markup {
  const answer = answerOf(c);
  const status = c.status === "shipping" ? undefined : html`<p class="vendor"><b class="warn">${both(`status.${c.status}`)}</b></p>`;
  return html`<li class="card ${answerKinds[answer]}">
    ${status}
    <div class="head"><h3>${c.chip}</h3>${answerBadge(answer)}</div>
    ${engines(c)} ${held(c)}
    <dl>${facts(c)}</dl>
    ${c.notes.map((n) => html`<p class="reason">${told(n)}</p>`)}
  </li>`;
}

/** Engines of one answer and reason stand together; those that do not run on the chip stand in the table below. */
function engines({ verdicts }: ChipAssessment): Markup {
  const here = verdicts.filter((v) => !isElsewhere(v));
  const line = (same: readonly EngineVerdict[]): Markup => {
    const [{ answer, reason }] = same;
    return html`<li class="${answerKinds[answer]}"><b class="answered">${answerMarks[answer]} ${same.map((v) => v.name).join(", ")}</b> ${told(reason)}</li>`;
  };
  return html`<ul class="plain engines">${groupedBy(here, (v) => JSON.stringify([v.answer, v.reason])).map(line)}</ul>`;
}

function held(c: ChipAssessment): Markup | undefined {
  const plan = planOf(c);
  if (!plan || c.memory === undefined) return undefined;
  return html`<p class="share"><b>${gibOf(plan.memory.total)}</b> <span>/ ${readableBytes(c.memory)}</span></p>${memoryBar(c, plan)}`;
}

const fact = (head: Markup, value: Markup | string, more?: Markup | string): Markup =>
  html`<div><dt>${head}</dt><dd>${value}${more === undefined ? undefined : html` <small>${more}</small>`}</dd></div>`;

/** Where no engine takes it, nothing further follows. */
function facts(c: ChipAssessment): Markup {
  const unknown = both("unit.unknown");
  const device = fact(both("checkpoint.card.device"), c.memory === undefined ? unknown : readableBytes(c.memory));
  const engine = chosenOf(c);
  if (!engine) return html`${fact(both("report.engine"), both("checkpoint.card.none"))} ${device}`;
  return html`
    ${fact(both("report.engine"), `${engine.name} ${engine.version}`)} ${fact(both("report.smallest"), sizeText(c, c.plans.smallest), lacking(c))}
    ${fact(both("report.advised"), sizeText(c, c.plans.advised))} ${device} ${speeds(c)}
  `;
}

/** Why there are not fewer. */
function lacking(c: ChipAssessment): Markup | undefined {
  const below = c.plans.belowSmallest;
  return below && both("report.next-smaller", { size: sizeOf(c, below), need: (below.memory.total.lo / 2 ** 30).toFixed(1) });
}

function speeds(c: ChipAssessment): Markup {
  const last = asked(c);
  if (!last) return fact(both("checkpoint.speed"), both("unit.unknown"));
  const { batch, input, output } = last;
  return html`
    ${fact(both("report.first-token"), timeOf(last.firstToken))}
    ${fact(both("report.token-time"), timeOf(last.tokenTime), both("report.speed", { batch, input, output }))}
    ${c.speed.map((p) => fact(both("checkpoint.speed.batch", { batch: p.batch }), rateOf(p.rate)))}
    ${fact(both("column.basis"), basisText(c))}
    ${c.cost && fact(both("checkpoint.card.cost"), `${spanOf(c.cost.interval, (x) => `${Number(x.toPrecision(2))}`)} ${c.cost.currency}`)}
  `;
}
