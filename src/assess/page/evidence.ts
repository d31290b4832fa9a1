/** Whose word each claim rests on: symbols of the vendors' libraries, and figures of chips with all who say otherwise. */
import { readableBytes } from "../../base/units.js";
import { fields, type FieldKey } from "../../chips/fields.js";
import type { ChipRow, Claim } from "../../chips/row.js";
import { html, type Markup } from "../../report/markup.js";
import type { ChipReport, ModelReport, WayReport } from "../report.js";
import { both, name, quoted } from "./both.js";
import { part, table, type Cell } from "./table.js";

export function evidencePart({ chips, baseline }: ModelReport, rowOf: (chip: string) => ChipRow | undefined): Markup {
  const names = [...chips.map((c) => c.chip), ...(baseline ? [baseline.chip] : [])];
  const rows = names.flatMap((n) => rowOf(n) ?? []);
  return part(
    "evidence",
    both("page.evidence"),
    html`<p>${both("page.evidence.how")}</p>`,
    symbols(chips),
    html`<h3>${both("page.figures")}</h3><p>${both("page.figures.how")}</p>`,
    html`${rows.map(figures)}`,
  );
}

/** Symbols that stand together where nothing tells which of the sources is whose. */
interface Symbols {
  readonly names: readonly string[];
  readonly evidence: string;
  readonly isConfirmed: boolean;
  readonly sources: readonly string[];
  readonly chips: Set<string>;
}

/** Ways of one call tell its source; of several calls, what is left once those are known. */
function symbolsOf(chips: readonly ChipReport[]): readonly Symbols[] {
  const ways = chips.flatMap((c) => c.ways.map((way) => ({ way, chip: c.chip }))).sort((a, b) => a.way.calls.length - b.way.calls.length);
  const met = new Map<string, Symbols>();
  const known = new Set<string>();
  for (const { way, chip } of ways)
    for (const isConfirmed of [true, false]) {
      const mine = symbolsIn(way).filter((s) => !way.unwitnessed?.includes(s) === isConfirmed);
      mine.forEach((s) => met.get(s)?.chips.add(chip));
      const names = mine.filter((s) => !met.has(s));
      const sources = (way.sources ?? []).filter((s) => way.calls.length === 1 || !known.has(s));
      const together: Symbols = { names, evidence: way.evidence ?? "", isConfirmed, sources, chips: new Set([chip]) };
      names.forEach((s) => met.set(s, together));
      sources.forEach((s) => known.add(s));
    }
  return [...new Set(met.values())].sort((a, b) => Number(a.isConfirmed) - Number(b.isConfirmed) || (a.names[0] < b.names[0] ? -1 : 1));
}

const symbolsIn = ({ calls, unwitnessed = [] }: WayReport): readonly string[] => [...new Set([...calls, ...unwitnessed])];

function symbols(chips: readonly ChipReport[]): Markup {
  const list = symbolsOf(chips);
  if (list.length === 0) return html`<p class="empty">${both("page.symbols.none")}</p>`;
  const row = (s: Symbols): Cell[] => [
    html`${s.names.map((n) => html`<div><code>${name(n)}</code></div>`)}`,
    s.evidence,
    html`<span class="badge ${s.isConfirmed ? "v-ready" : "v-uncertain"}">${s.isConfirmed ? "✓" : "≈"} ${both(s.isConfirmed ? "page.symbols.yes" : "page.symbols.no")}</span>`,
    html`${s.sources.map((t) => html`<div class="source">${name(t)}</div>`)}`,
    [...s.chips].join(", "),
  ];
  return table({
    id: "symbols-table",
    caption: both("page.symbols.caption"),
    isSortable: true,
    isLong: true,
    columns: [
      { head: both("page.symbols.symbol"), is: "name" },
      { head: both("page.ways.evidence") },
      { head: both("page.symbols.confirmed") },
      { head: both("page.ways.source"), is: "name" },
      { head: both("page.work.chips"), is: "name" },
    ],
    rows: list.map(row),
  });
}

/** One table a chip, folded up. */
function figures(row: ChipRow, i: number): Markup {
  const keys = Object.keys(fields) as FieldKey[];
  const known = keys.flatMap((key) => (row.figures[key] ?? []).map((claim, place) => ({ key, claim, place })));
  const contested = keys.filter((key) => new Set((row.figures[key] ?? []).map((c) => c.value)).size > 1);
  const body = table({
    id: `figures${i}`,
    caption: both("page.figures.caption", { chip: row.name }),
    columns: [
      { head: both("page.figures.figure") },
      { head: both("page.figures.value"), is: "number" },
      { head: both("page.figures.confidence") },
      { head: both("page.ways.source"), is: "name" },
      { head: both("page.figures.date") },
    ],
    rows: known.map(({ key, claim, place }) => [
      titleOf(key, contested.includes(key), place),
      valueOf(key, claim),
      sureness(claim),
      sourceOf(claim),
      html`<time>${claim.date}</time>`,
    ]),
    kindOf: (r) => (contested.includes(known[r].key) ? "contested" : undefined),
  });
  const told = contested.length === 0 ? undefined : html` <b class="warn">${both("page.figures.contested", { n: contested.length })}</b>`;
  return html`<details><summary>${row.name} <small>${both("page.figures.count", { n: known.length })}</small>${told}</summary>${body}</details>`;
}

function titleOf(key: FieldKey, isContested: boolean, place: number): Markup {
  const more = isContested ? html` <small>${both(place === 0 ? "page.figures.taken" : "page.figures.against")}</small>` : undefined;
  return html`${both(`field.${key}`)}${more}`;
}

function valueOf(key: FieldKey, { value, currency }: Claim): string {
  const field = fields[key];
  const unit = "unit" in field ? field.unit : undefined;
  if (unit === "bytes" && typeof value === "number") return readableBytes(value);
  return [value, currency ?? unit].filter((x) => x !== undefined).join(" ");
}

function sureness({ confidence, recalled }: Claim): Markup {
  return html`${both(`page.confidence.${confidence}`)}${recalled ? html` <small>${both("page.confidence.recalled")}</small>` : undefined}`;
}

const sourceOf = ({ source, note, label }: Claim): Markup =>
  html`<div class="source">${label === undefined ? undefined : html`<b>${label}</b> `}${name(source)}</div>${note === undefined ? undefined : quoted(note)}`;
