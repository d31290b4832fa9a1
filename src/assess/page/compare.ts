/** All chips side by side in the same rows: first those that tell them apart, then those in which all are the same. */
import { readableBytes } from "../../base/units.js";
import { plus } from "../../estimate/interval.js";
import { html, type Markup } from "../../report/markup.js";
import type { Bound, ChipReport, ModelReport } from "../report.js";
import { both, breakable, daysOf, howWord, percent, spanOf, timeOf, told } from "./both.js";
import { cardsText } from "./cards.js";
import { bounds, howMark } from "./legend.js";
import { heads, part, scrolled } from "./table.js";
import { doubtsOf, howCounts, hows, mustOf, verdictMarks } from "./view.js";

interface Row {
  readonly head: Markup;
  readonly of: (c: ChipReport) => Markup | string | null | undefined;
}

export function comparison(report: ModelReport): Markup {
  const { chips } = report;
  const rows = rowsOf(report).map(({ head, of }) => ({ head, cells: chips.map((c) => html`${of(c) ?? both("unit.unknown")}`) }));
  const [same, differ] = [true, false].map((is) => rows.filter((r) => r.cells.every((c) => c.text === r.cells[0].text) === is));
  const columns = [{ head: both("column.chip") }, ...chips.map((c) => ({ head: breakable(c.chip) }))];
  const group = (key: "page.compare.differ" | "page.compare.same"): Markup =>
    html`<tr class="group"><th scope="rowgroup" colspan="${chips.length + 1}">${both(key)}</th></tr>`;
  const body = html`
    ${differ.length === 0 ? undefined : html`<tbody>${group("page.compare.differ")}${differ.map(differing)}</tbody>`}
    ${same.length === 0 ? undefined : html`<tbody class="same">${group("page.compare.same")}${same.map((r) => equal(r, chips.length))}</tbody>`}`;
  return part(
    "compare",
    both("page.compare"),
    scrolled(
      "compare-table",
      html`<table class="compare"><caption id="compare-table-caption">${both("page.compare.caption")}</caption>${heads(columns)}${body}</table>`,
    ),
  );
}

interface Told {
  readonly head: Markup;
  readonly cells: readonly Markup[];
}

function differing({ head, cells }: Told): Markup {
  return html`<tr><th scope="row">${head}</th>${cells.map((c) => html`<td>${c}</td>`)}</tr>`;
}

function equal({ head, cells }: Told, wide: number): Markup {
  return html`<tr><th scope="row">${head}</th><td colspan="${wide}">${cells[0]}</td></tr>`;
}

/** Those that decide come first. */
function rowsOf(report: ModelReport): readonly Row[] {
  return [...verdictRows(report), ...figureRows(report), ...detailRows];
}

function verdictRows(report: ModelReport): readonly Row[] {
  const must = (c: ChipReport): ModelReport["work"] => mustOf(report, c.chip);
  return [
    { head: both("column.verdict"), of: ({ verdict: v }) => html`<span class="badge v-${v}">${verdictMarks[v]} ${both(`is.${v}`)}</span>` },
    { head: both("page.compare.must"), of: (c) => (c.nodes ? mustText(must(c)) : undefined) },
    { head: both("page.compare.nodes"), of: (c) => c.coverage && percent(c.coverage.nodes) },
    { head: both("page.compare.operators"), of: (c) => c.coverage && percent(c.coverage.operators) },
    { head: both("column.how"), of: howList },
    { head: both("page.card.doubts"), of: (c) => (c.nodes && c.verdict !== "documented" ? `${doubtsOf(c).length}` : undefined) },
    { head: both("page.compare.evidence"), of: evidenceText },
  ];
}

function mustText(items: ModelReport["work"]): Markup | string {
  if (items.length === 0) return "0";
  return both("page.compare.must.days", { n: items.length, days: daysOf(plus(...items.map((w) => w.days))) });
}

function howList(c: ChipReport): Markup | undefined {
  if (!c.nodes) return undefined;
  const counts = howCounts(c);
  const line = (how: (typeof hows)[number]): Markup => html`<li>${howMark(how)} ${counts.get(how)} ${howWord(how, c)}</li>`;
  return html`<ul class="plain">${hows.filter((how) => counts.has(how)).map(line)}</ul>`;
}

function evidenceText({ ways }: ChipReport): string | undefined {
  const levels = ways.flatMap((w) => w.evidence ?? []).sort();
  return levels.length === 0 ? undefined : levels[0];
}

function figureRows({ baseline, chips }: ModelReport): readonly Row[] {
  const shares = ({ performance: p }: ChipReport): Markup | undefined =>
    p?.shares ? html`${bounds.map((b) => shareOf(b, p.shares?.[b] ?? 0))}` : undefined;
  const ratio: Row[] = baseline
    ? [{ head: both("page.compare.ratio", { baseline: baseline.chip }), of: ({ performance: p }) => p?.ratio && ratioText(p.ratio) }]
    : [];
  const cost: Row[] = chips.some((c) => c.performance?.cost)
    ? [{ head: both("page.compare.cost"), of: ({ performance: p }) => p?.cost && `${spanOf(p.cost.perMillion, short)} ${p.cost.currency}` }]
    : [];
  return [
    { head: both("page.card.cards"), of: ({ memory }) => memory && cardsText(memory) },
    { head: both("column.memory"), of: ({ memory }) => memory && readableBytes(memory.total) },
    { head: both("page.compare.device"), of: ({ memory: m }) => (m && m.device !== null ? readableBytes(m.device) : undefined) },
    { head: both("column.time"), of: ({ performance: p }) => p?.seconds && timeOf(p.seconds) },
    { head: both("column.basis"), of: ({ performance: p }) => p && both(`timed.${p.basis}`) },
    ...ratio,
    ...cost,
    { head: both("page.compare.bound"), of: shares },
  ];
}

const shareOf = (bound: Bound, share: number): Markup | undefined =>
  share < 0.0005 ? undefined : html`<div>${percent(share)} ${both(`page.bound.${bound}`)}</div>`;

const short = (x: number): string => `${Number(x.toPrecision(2))}`;

const ratioText = ({ lo, hi }: { readonly lo: number; readonly hi: number }): string => `${short(lo)} – ${short(hi)} ×`;

const detailRows: readonly Row[] = [
  { head: both("page.compare.steps"), of: (c) => (c.steps.length > 0 ? `${c.steps.length}` : undefined) },
  {
    head: both("page.compare.target"),
    of: (c) => (c.target === undefined ? both("page.compare.no-target") : html`<code>${breakable(c.target)}</code>`),
  },
  { head: both("page.compare.vendor"), of: (c) => c.vendor },
  { head: both("page.compare.status"), of: (c) => both(`page.status.${c.status}`) },
  { head: both("page.compare.precision"), of: (c) => (c.precision.length > 0 ? told(c.precision[0]) : undefined) },
];
