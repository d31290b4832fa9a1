/** What the figures take for granted, and until when. */
import type { ChipRow } from "../../chips/row.js";
import { efficiencyOf } from "../../estimate/efficiency.js";
import { readableBytes } from "../../base/units.js";
import { html, type Markup } from "../../report/markup.js";
import type { WordKey } from "../../words/words.js";
import type { ModelReport } from "../report.js";
import { both, name, percent, quoted, spanOf, timeOf, told } from "./both.js";
import { part, table, type Cell, type Column } from "./table.js";

export function assumptions(report: ModelReport, rowOf: (chip: string) => ChipRow | undefined): Markup {
  const { facts, chips, baseline, diagnostics } = report;
  const notes = chips.map((c) => ({ chip: c.chip, notes: c.performance?.notes ?? [] })).filter((n) => n.notes.length > 0);
  return part(
    "assumptions",
    both("page.assumptions"),
    html`<p>${both("assess.facts", facts)}</p>`,
    html`<dl class="facts">${pairs(report).map(([head, value]) => html`<div><dt>${head}</dt><dd>${value}</dd></div>`)}</dl>`,
    html`<h3>${both("page.efficiency")}</h3><p>${both("page.efficiency.how")}</p>`,
    efficiencies([...chips.map((c) => c.chip), ...(baseline ? [baseline.chip] : [])].flatMap((n) => rowOf(n) ?? [])),
    asks(report),
    html`<h3>${both("page.notes")}</h3><ul class="notes">${notes.flatMap(({ notes: list }) => list.map((n) => html`<li>${told(n)}</li>`))}${likes(report)}</ul>`,
    diagnostics.length === 0
      ? undefined
      : html`<h3>${both("page.says")}</h3><ul class="notes">${diagnostics.map((d) => html`<li><code>${d.severity}[${d.code}]</code> ${quoted(d.message)}</li>`)}</ul>`,
  );
}

/** What a day with a card should measure first, chip by chip. */
function asks({ chips }: ModelReport): Markup | undefined {
  const rows = chips.flatMap(({ chip, performance }): Cell[][] =>
    (performance?.asks ?? []).map(({ what, gain, flips }) => [
      chip,
      told(what),
      `${Number(gain.toPrecision(3))}`,
      flips.length === 0 ? both("ask.model.none") : flips.join(", "),
    ]),
  );
  if (rows.length === 0) return undefined;
  const columns: Column[] = [
    { head: both("column.chip") },
    { head: both("column.measure"), is: "words" },
    { head: both("column.gain"), is: "number" },
    { head: both("column.flips"), is: "words" },
  ];
  return html`<h3>${both("ask.model.head")}</h3>${table({ id: "asks-table", caption: both("ask.model.caption"), columns, rows })}`;
}

function likes({ chips, baseline }: ModelReport): Markup[] {
  const all = [
    ...chips.map((c) => ({ chip: c.chip, of: c.performance?.programOf })),
    { chip: baseline?.chip ?? "", of: baseline?.performance.programOf },
  ];
  return all.flatMap(({ chip, of }) => (of === undefined ? [] : [html`<li>${both("page.program-of", { chip, other: of })}</li>`]));
}

function pairs(report: ModelReport): [Markup, Markup | string][] {
  const { model, options, sizes, sizesAre, generator, facts } = report;
  const list = (words: readonly string[]): Markup =>
    html`${words.map((w, i) => html`${i > 0 ? html`, ` : undefined}<code>${name(w)}</code>`)}`;
  const given = [
    ...options.shapes.map((s) => `--shape ${s}`),
    ...options.dims.map((d) => `--dim ${d}`),
    ...options.freeze.map((f) => `--freeze ${f}`),
  ];
  const sized = Object.entries(sizes).map(([k, v]) => `${k}=${v}`);
  const rows: [Markup, Markup | string | undefined][] = [
    [both("page.fact.inputs"), list(model.inputs)],
    [both("page.fact.outputs"), list(model.outputs)],
    [both(sizesAre === "chosen" ? "page.fact.sizes-chosen" : "page.fact.sizes"), sized.length > 0 ? list(sized) : undefined],
    [both("page.fact.precision"), options.precision],
    [both("page.fact.options"), given.length > 0 ? list(given) : undefined],
    [
      both("page.fact.file"),
      html`${readableBytes(model.bytes)}${model.beside.map((b) => html` + ${name(b.name)} (${readableBytes(b.bytes)})`)}`,
    ],
    [html`SHA-256`, html`<code>${model.sha256}</code>`],
    [both("page.fact.generator"), generator],
    [both("page.fact.newest"), html`<time>${facts.newest}</time>`],
    [both("page.fact.expires"), html`<time>${facts.expires}</time>`],
  ];
  return rows.flatMap(([head, value]) => (value === undefined ? [] : [[head, value] as [Markup, Markup | string]]));
}

/** Documents stand once below: one chip's are often another's too. */
function efficiencies(rows: readonly ChipRow[]): Markup {
  const known = rows.map((r) => ({ chip: r.name, ...efficiencyOf(r) }));
  const documents = [...new Set(known.flatMap((e) => e.sources))];
  const row = (e: (typeof known)[number]): Cell[] => [
    e.chip,
    ...[spanOf(e.bandwidth, percent), spanOf(e.compute, percent), timeOf(e.launchSeconds)],
    both(`timed.${e.basis}`),
    ...[e.measurements, e.sources.length].map(String),
  ];
  const numbers = (keys: readonly WordKey[]): Column[] => keys.map((k) => ({ head: both(k), is: "number" }));
  const shown = table({
    id: "efficiency-table",
    caption: both("page.efficiency.caption"),
    columns: [
      { head: both("column.chip") },
      ...numbers(["page.efficiency.bandwidth", "page.efficiency.compute", "page.efficiency.launch"]),
      { head: both("page.efficiency.basis") },
      ...numbers(["page.efficiency.measurements", "page.efficiency.documents"]),
    ],
    rows: known.map(row),
  });
  if (documents.length === 0) return shown;
  return html`${shown}
    <details>
      <summary>${both("page.efficiency.list", { n: documents.length })}</summary>
      <ul class="notes">
        ${documents.map((d) => html`<li>${name(d)}</li>`)}
      </ul>
    </details>`;
}
