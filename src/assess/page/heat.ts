/** Models by chips: verdict and coverage of each, with sums below. */
import { html, type Markup } from "../../report/markup.js";
import type { ChipReport, ModelReport } from "../report.js";
import { both, breakable, name, percent } from "./both.js";
import { heads, part, scrolled } from "./table.js";
import { compiles, verdictMarks } from "./view.js";

/** In the order in which reports name them. */
export const chipsOf = (reports: readonly ModelReport[]): readonly string[] => [
  ...new Set(reports.flatMap((r) => r.chips.map((c) => c.chip))),
];

export function heatMap(reports: readonly ModelReport[]): Markup {
  const chips = chipsOf(reports);
  const row = (r: ModelReport, i: number): Markup =>
    html`<tr><th scope="row"><a href="#model${i}">${name(r.model.name)}</a></th>${chips.map((chip) => cell(r.chips.find((c) => c.chip === chip)))}</tr>`;
  const sums = chips.map((chip) => reports.filter((r) => r.chips.some((c) => c.chip === chip && compiles(c))).length);
  const foot = html`<tfoot><tr><th scope="row">${both("page.heat.sum")}</th>${sums.map((n) => html`<td>${n} / ${reports.length}</td>`)}</tr></tfoot>`;
  const columns = [{ head: both("column.model") }, ...chips.map((c) => ({ head: breakable(c) }))];
  return part(
    "heat",
    both("page.heat"),
    html`<p>${both("page.heat.how")}</p>`,
    scrolled(
      "heat-table",
      html`<table class="compare heat" data-sort><caption id="heat-table-caption">${both("page.heat.caption")}</caption>${heads(columns)}<tbody>${reports.map(row)}</tbody>${foot}</table>`,
    ),
  );
}

function cell(c: ChipReport | undefined): Markup {
  if (!c) return html`<td>${both("unit.unknown")}</td>`;
  const share = c.coverage ? percent(c.coverage.nodes) : undefined;
  return html`<td class="v-${c.verdict}"><b>${verdictMarks[c.verdict]} ${both(`is.${c.verdict}`)}</b>${share === undefined ? undefined : html` <small>${share}</small>`}</td>`;
}
