/** The model's nodes one by one; the script fills the table from data in which each way stands once. */
import { html, dataBlock, type Markup } from "../../report/markup.js";
import { inLanguage, said, type WordKey } from "../../words/words.js";
import type { How, ModelReport, WayReport } from "../report.js";
import { both, howKey } from "./both.js";
import { howMark } from "./legend.js";
import { heads, scrolled } from "./table.js";
import { howMarks, hows, namesOf, type View } from "./view.js";

/** Beyond this many the table is folded up. */
const mostOpen = 1000;

const columns = [
  "page.nodes.number",
  "page.nodes.name",
  "page.nodes.operator",
  "column.how",
  "page.ways.types",
  "page.ways.calls",
  "page.ways.evidence",
  "page.ways.source",
] as const;

export function nodeTable(report: ModelReport, views: readonly View[]): Markup {
  const used = new Set(views.flatMap((v) => v.chips[0].ways.map((w) => w.how)));
  const filters = hows
    .filter((h) => used.has(h))
    .map((h) => html`<label><input type="checkbox" name="how" value="${h}" checked> ${howMark(h)} ${both(`how.${h}`)}</label>`);
  const caption = html`<span id="nodes-of"></span> <span id="nodes-count"></span>`;
  const content = html`<table><caption id="nodes-table-caption">${both("page.nodes")} ${caption}</caption>${heads(columns.map((k, i) => ({ head: both(k), is: i === 0 ? "number" : i === 1 || i > 6 ? "name" : undefined })))}<tbody id="nodes-body"></tbody></table>`;
  return html`<h3 id="nodes">${both("page.nodes")}</h3>
    <noscript><p>${both("page.nodes.no-script")}</p></noscript>
    <details data-needs-script${report.nodes.length > mostOpen ? undefined : html` open`}>
      <summary>${both("page.nodes.summary", { n: report.nodes.length })}</summary>
      <form class="filters"><label>${both("page.nodes.filter")} <input type="search" id="filter"></label><span role="group">${filters}</span></form>
      ${scrolled("nodes-table", content, "long")}
      <p><button type="button" id="more" hidden>${both("page.nodes.more")}</button></p>
    </details>
    ${dataBlock("nodes-data", dataOf(report, views))}`;
}

type Texts = readonly [string, string];

const inBoth = (key: WordKey): Texts => [inLanguage(said(key), "en"), inLanguage(said(key), "zh")];

/** Operators stand once, nodes name them by place; ways as in the report. */
function dataOf(report: ModelReport, views: readonly View[]): unknown {
  const ops = [...new Set(report.nodes.map((n) => n.op))];
  const word = (how: How, view: View): Texts => inBoth(howKey(how, view.chips[0]));
  return {
    ops,
    marks: howMarks,
    nodes: report.nodes.map((n) => [n.name, ops.indexOf(n.op)]),
    views: views.map((v) => ({
      id: v.id,
      chips: namesOf(v),
      words: Object.fromEntries(hows.map((h) => [h, word(h, v)])),
      ways: v.chips[0].ways.map(wayOf),
      at: v.chips[0].nodes,
    })),
  };
}

const wayOf = ({ how, types, calls, evidence, sources = [], why, note }: WayReport): readonly (string | Texts)[] => [
  how,
  types.join(", "),
  calls.join(", "),
  evidence ?? "",
  sources.join("; "),
  why ?? "",
  note ? [inLanguage(note, "en"), inLanguage(note, "zh")] : "",
];
