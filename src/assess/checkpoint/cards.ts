/** A card for each chip: who serves it and why, the plans, what a device holds, how fast, and on what that rests. */
import { readableBytes } from "../../base/units.js";
import { html, type Markup } from "../../report/markup.js";
import type { ChipAssessment } from "../../serve/assess.js";
import type { EngineVerdict } from "../../serve/verdict.js";
import { both, spanOf, timeOf, told } from "../page/both.js";
import { memoryBar, memoryLegend } from "./bar.js";
import { answerBadge, answerKinds, answerMarks, answerOf, asked, chosenOf, gibOf, isElsewhere, planOf, rateOf, sizeText } from "./view.js";

export function chipCards(chips: readonly ChipAssessment[]): Markup {
  return html`${memoryLegend(chips)}<ul class="cards">${chips.map(card)}</ul>`;
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
  const line = (v: EngineVerdict): Markup =>
    html`<li class="${answerKinds[v.answer]}"><b class="answered">${answerMarks[v.answer]} ${v.name}</b> ${told(v.reason)}</li>`;
  return html`<ul class="plain engines">${here.map(line)}</ul>`;
}

function held(c: ChipAssessment): Markup | undefined {
  const plan = planOf(c);
  if (!plan || c.memory === undefined) return undefined;
  return html`<p class="share"><b>${gibOf(plan.memory.total)}</b> <span>/ ${readableBytes(c.memory)}</span></p>${memoryBar(c, plan)}`;
}

const fact = (head: Markup, value: Markup | string, more?: Markup | string): Markup =>
  html`<div><dt>${head}</dt><dd>${value}${more === undefined ? undefined : html` <small>${more}</small>`}</dd></div>`;

function facts(c: ChipAssessment): Markup {
  const unknown = both("unit.unknown");
  const { plans, speed, cost } = c;
  const engine = chosenOf(c);
  const last = asked(c);
  const load = last && both("report.speed", { batch: last.batch, input: last.input, output: last.output });
  const several = speed.slice(0, -1).map((p) => fact(both("checkpoint.speed.batch", { batch: p.batch }), rateOf(p.rate)));
  return html`
    ${fact(both("report.engine"), engine ? `${engine.name} ${engine.version}` : unknown)}
    ${fact(both("report.smallest"), sizeText(c, plans.smallest))} ${fact(both("report.advised"), sizeText(c, plans.advised))}
    ${fact(both("checkpoint.card.device"), c.memory === undefined ? unknown : readableBytes(c.memory))}
    ${fact(both("report.first-token"), last ? timeOf(last.firstToken) : unknown)}
    ${fact(both("report.token-time"), last ? timeOf(last.tokenTime) : unknown, load)}
    ${several} ${fact(both("report.rate"), last ? rateOf(last.rate) : unknown, last && told(c.basis))}
    ${cost && fact(both("checkpoint.card.cost"), `${spanOf(cost.interval, (x) => `${Number(x.toPrecision(2))}`)} ${cost.currency}`)}
  `;
}
