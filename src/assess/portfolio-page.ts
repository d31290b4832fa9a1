/** Assessments of many models as one page: which run where, and what would let most of the others run. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Language } from "../base/said.js";
import { readableBytes } from "../base/units.js";
import { html, type Markup } from "../report/markup.js";
import type { WordKey } from "../words/words.js";
import { answer } from "./page/answer.js";
import { both, daysOf, name, quoted, timeOf, told } from "./page/both.js";
import { cardsText } from "./page/cards.js";
import { gapsOf, type Gap } from "./page/gaps.js";
import { chipsOf, heatMap } from "./page/heat.js";
import { contents, shell } from "./page/shell.js";
import { part, table, type Cell } from "./page/table.js";
import { compiles, doubtsOf, mustOf, verdictMarks } from "./page/view.js";
import type { ChipReport, ModelReport } from "./report.js";

/** A model that could not be read. */
interface BrokenModel {
  readonly model: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Models in the order given; both languages are in the page, and `language` is shown first. */
export function portfolioPage(reports: readonly ModelReport[], broken: readonly BrokenModel[], language: Language): string {
  const gaps = gapsOf(reports);
  const parts: (readonly [string, WordKey])[] = [
    ["heat", "page.heat"],
    ["gaps", "page.gaps"],
    ...(broken.length > 0 ? [["broken", "page.broken"] as const] : []),
    ["models", "page.models"],
  ];
  const body = html`<header>${masthead(reports, broken)}${answers(reports, gaps)}</header>${contents(parts)}
    ${heatMap(reports)} ${gapsPart(gaps, reports)} ${brokenPart(broken)} ${part("models", both("page.models"), html`${reports.map(summary)}`)}`;
  return shell({ title: "Portolan", language, body });
}

function masthead(reports: readonly ModelReport[], broken: readonly BrokenModel[]): Markup {
  const facts = [...reports.map((r) => r.facts)].sort((a, b) => (a.expires < b.expires ? -1 : 1));
  return html`<p class="kicker">Portolan · ${both("page.portfolio.kicker")}</p>
    <h1>${both("page.portfolio.title", { models: reports.length, chips: chipsOf(reports).length })}</h1>
    <p class="lead">${both("page.portfolio.broken", { n: broken.length })} ${facts.length > 0 ? both("page.sure.facts", facts[0]) : undefined}</p>`;
}

function answers(reports: readonly ModelReport[], gaps: readonly Gap[]): Markup {
  const anywhere = reports.filter((r) => r.chips.some(compiles)).length;
  const everywhere = reports.filter((r) => r.chips.filter((c) => c.target !== undefined).every(compiles)).length;
  const counts = chipsOf(reports).map((chip) => ({
    chip,
    n: reports.filter((r) => r.chips.some((c) => c.chip === chip && compiles(c))).length,
  }));
  const most = Math.max(0, ...counts.map((c) => c.n));
  const best = counts.filter((c) => c.n === most).map((c) => c.chip);
  const [first] = gaps.filter((g) => g.mandatory);
  const doubts = new Set(reports.flatMap((r) => r.chips.flatMap(doubtsOf)));
  return html`<ul class="answers">
    ${answer(both("page.ask.runs"), both("page.portfolio.runs", { n: anywhere, all: reports.length }), html`<p>${both("page.portfolio.everywhere", { n: everywhere })}</p>`)}
    ${answer(both("page.portfolio.where"), both("page.portfolio.best", { n: most, all: reports.length }), html`<p>${most > 0 ? best.join(", ") : undefined}</p>`)}
    ${answer(both("page.ask.stops"), first ? both("page.gaps.unlocks", { n: first.unlocks.length }) : both("page.stops.nothing"), first && html`<p class="clamp">${told(first.what)}</p><p><a href="#gaps">${both("page.stops.list", { n: gaps.length })}</a></p>`)}
    ${answer(both("page.ask.sure"), both(doubts.size > 0 ? "page.sure.doubts" : "page.sure.all", { n: doubts.size }), undefined)}
  </ul>`;
}

function gapsPart(gaps: readonly Gap[], reports: readonly ModelReport[]): Markup {
  if (gaps.length === 0) return part("gaps", both("page.gaps"), html`<p class="empty">${both("page.work.none")}</p>`);
  const links = (places: readonly number[]): Markup =>
    html`${places.map((i, k) => html`${k > 0 ? ", " : ""}<a href="#model${i}">${name(reports[i].model.name)}</a>`)}`;
  const row = (g: Gap): Cell[] => [
    html`<span class="badge ${g.mandatory ? "v-blocked" : "v-documented"}">${g.mandatory ? "!" : "○"} ${both(g.mandatory ? "page.work.must" : "page.work.may")}</span>`,
    told(g.what),
    `${g.unlocks.length}`,
    `${g.concerns.length}`,
    html`${links(g.unlocks)}${g.unlocks.length > 0 && g.concerns.length > 0 ? html`<br>` : undefined}<small>${links(g.concerns)}</small>`,
    daysOf(g.days),
    g.chips.join(", "),
  ];
  const columns = [
    { head: both("column.must") },
    { head: both("column.what"), is: "words" as const },
    { head: both("page.gaps.unlocked"), is: "number" as const },
    { head: both("page.gaps.concerned"), is: "number" as const },
    { head: both("page.models"), is: "name" as const },
    { head: both("column.days"), is: "number" as const },
    { head: both("page.work.chips"), is: "name" as const },
  ];
  return part(
    "gaps",
    both("page.gaps"),
    html`<p>${both("page.gaps.how")}</p>`,
    table({ id: "gaps-table", caption: both("page.gaps.caption"), isSortable: true, columns, rows: gaps.map(row) }),
  );
}

function brokenPart(broken: readonly BrokenModel[]): Markup | undefined {
  if (broken.length === 0) return undefined;
  const row = ({ model, diagnostics }: BrokenModel): Cell[] => [
    name(model),
    html`${diagnostics.map((d) => html`<div><code>${d.severity}[${d.code}]</code> ${quoted(d.message)}${d.fix === undefined ? undefined : html` <small>${quoted(d.fix)}</small>`}</div>`)}`,
  ];
  const columns = [
    { head: both("column.model"), is: "name" as const },
    { head: both("page.broken.why"), is: "words" as const },
  ];
  return part(
    "broken",
    both("page.broken"),
    table({ id: "broken-table", caption: both("page.broken.caption"), columns, rows: broken.map(row) }),
  );
}

/** One model in brief: a line for each chip, and its work. */
function summary(report: ModelReport, i: number): Markup {
  const { model, chips, work } = report;
  const row = (c: ChipReport): Cell[] => [
    c.chip,
    html`<span class="badge v-${c.verdict}">${verdictMarks[c.verdict]} ${both(`is.${c.verdict}`)}</span>`,
    c.memory ? cardsText(c.memory) : both("unit.unknown"),
    c.memory ? readableBytes(c.memory.total) : both("unit.unknown"),
    c.performance?.seconds ? timeOf(c.performance.seconds) : both("unit.unknown"),
    c.nodes ? `${mustOf(report, c.chip).length}` : both("unit.unknown"),
  ];
  const heads = ["column.chip", "column.verdict", "page.card.cards", "column.memory", "column.time", "page.compare.must"] as const;
  return html`<section class="brief" id="model${i}" aria-labelledby="model${i}-h">
    <h3 id="model${i}-h">${name(model.name)}</h3>
    <p class="soft">${both("page.model", { nodes: model.nodes, opset: model.opset, weights: readableBytes(model.weightBytes), file: readableBytes(model.bytes) })}</p>
    ${table({ id: `brief${i}`, caption: both("page.models.caption", { model: model.name }), columns: heads.map((k, at) => ({ head: both(k), ...(at > 1 && { is: "number" as const }) })), rows: chips.map(row) })}
    ${work.length > 0 ? html`<ul class="notes">${work.map((w) => html`<li><b>${both(w.mandatory ? "page.work.must" : "page.work.may")}</b> ${told(w.what)} <small>${daysOf(w.days)}</small></li>`)}</ul>` : undefined}
    <p><a href="#heat">${both("page.models.back")}</a></p>
  </section>`;
}
