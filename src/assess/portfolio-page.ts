/** Assessments of many models and checkpoints as one page: which run where, and what would let most of the others run. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Language } from "../base/said.js";
import { html, type Markup } from "../report/markup.js";
import type { CheckpointAssessment } from "../serve/assess.js";
import type { WordKey } from "../words/words.js";
import { checkpointAnswers, checkpointBrief, checkpointRow } from "./checkpoint/among.js";
import { answer } from "./page/answer.js";
import { both, daysOf, name, quoted, told } from "./page/both.js";
import { modelBrief } from "./page/brief.js";
import { gapsOf, type Gap } from "./page/gaps.js";
import { chipsOf, heatMap, modelRow } from "./page/heat.js";
import { contents, shell } from "./page/shell.js";
import { part, table, type Cell } from "./page/table.js";
import { compiles, doubtsOf } from "./page/view.js";
import type { ModelReport } from "./report.js";

/** A model that could not be read. */
interface BrokenModel {
  readonly model: string;
  readonly diagnostics: readonly Diagnostic[];
}

interface Portfolio {
  readonly reports: readonly ModelReport[];
  readonly checkpoints: readonly CheckpointAssessment[];
  readonly broken: readonly BrokenModel[];
}

const parts: readonly (readonly [string, WordKey])[] = [
  ["heat", "page.heat"],
  ["gaps", "page.gaps"],
  ["broken", "page.broken"],
  ["models", "page.models"],
  ["checkpoints", "page.checkpoints"],
];

/** Models and checkpoints in the order given; both languages are in the page, and `language` is shown first. */
export function portfolioPage(all: Portfolio, language: Language): string {
  const { reports, checkpoints, broken } = all;
  const gaps = gapsOf(reports);
  const hasModels = reports.length > 0 || checkpoints.length === 0;
  const body = html`${heatMap([...reports.map(modelRow), ...checkpoints.map(checkpointRow)])} ${hasModels ? gapsPart(gaps, reports) : undefined}
    ${brokenPart(broken)} ${hasModels ? part("models", both("page.models"), html`${reports.map(modelBrief)}`) : undefined}
    ${checkpoints.length > 0 ? part("checkpoints", both("page.checkpoints"), html`${checkpoints.map(checkpointBrief)}`) : undefined}`;
  const there = parts.filter(([id]) => body.text.includes(` id="${id}"`));
  const first = html`${hasModels ? answers(reports, gaps) : undefined}${checkpoints.length > 0 ? checkpointAnswers(checkpoints) : undefined}`;
  return shell({
    ...{ title: "Portolan", language },
    body: html`<header>${masthead(all)}<ul class="answers">${first}</ul></header>${contents(there)}${body}`,
  });
}

function masthead({ reports, checkpoints, broken }: Portfolio): Markup {
  const facts = [...reports.map((r) => r.facts)].sort((a, b) => (a.expires < b.expires ? -1 : 1));
  const [models, chips] = [reports.length, chipsOf([...reports, ...checkpoints]).length];
  const title = checkpoints.length === 0 ? both("page.portfolio.title", { models, chips }) : subjects(models, checkpoints.length, chips);
  return html`<p class="kicker">Portolan · ${both("page.portfolio.kicker")}</p>
    <h1>${title}</h1>
    <p class="lead">${both("page.portfolio.broken", { n: broken.length })} ${facts.length > 0 ? both("page.sure.facts", facts[0]) : undefined}</p>`;
}

const subjects = (models: number, checkpoints: number, chips: number): Markup =>
  models === 0
    ? both("page.portfolio.of-checkpoints", { checkpoints, chips })
    : both("page.portfolio.of-both", { models, checkpoints, chips });

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
  return html`${answer(both("page.ask.runs"), both("page.portfolio.runs", { n: anywhere, all: reports.length }), html`<p>${both("page.portfolio.everywhere", { n: everywhere })}</p>`)}
    ${answer(both("page.portfolio.where"), both("page.portfolio.best", { n: most, all: reports.length }), html`<p>${most > 0 ? best.join(", ") : undefined}</p>`)}
    ${answer(both("page.ask.stops"), first ? both("page.gaps.unlocks", { n: first.unlocks.length }) : both("page.stops.nothing"), first && html`<p class="clamp">${told(first.what)}</p><p><a href="#gaps">${both("page.stops.list", { n: gaps.length })}</a></p>`)}
    ${answer(both("page.ask.sure"), both(doubts.size > 0 ? "page.sure.doubts" : "page.sure.all", { n: doubts.size }), undefined)}`;
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
