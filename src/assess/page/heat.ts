/** Models and checkpoints by chips: the verdict on each and a figure beside it, with sums below. */
import { html, type Markup } from "../../report/markup.js";
import type { ModelReport } from "../report.js";
import { both, breakable, name, percent } from "./both.js";
import { heads, part, scrolled } from "./table.js";
import { compiles, verdictMarks } from "./view.js";

/** Of a chip: a class of the style, the verdict, and what stands small beside it. */
interface HeatCell {
  readonly chip: string;
  readonly kind: string;
  readonly verdict: Markup;
  readonly figure?: Markup | string;
  /** Compiled or served as it is. */
  readonly asItIs: boolean;
}

export interface HeatRow {
  readonly name: string;
  /** Where the page tells more of it. */
  readonly id: string;
  readonly cells: readonly HeatCell[];
}

/** In the order in which rows name them. */
export const chipsOf = (rows: readonly { readonly chips: readonly { readonly chip: string }[] }[]): readonly string[] => [
  ...new Set(rows.flatMap((r) => r.chips.map((c) => c.chip))),
];

export function modelRow(r: ModelReport, i: number): HeatRow {
  const cells = r.chips.map((c) => ({
    ...{ chip: c.chip, kind: `v-${c.verdict}`, asItIs: compiles(c) },
    verdict: html`${verdictMarks[c.verdict]} ${both(`is.${c.verdict}`)}`,
    ...(c.coverage && { figure: percent(c.coverage.nodes) }),
  }));
  return { name: r.model.name, id: `model${i}`, cells };
}

export function heatMap(rows: readonly HeatRow[]): Markup {
  const chips = [...new Set(rows.flatMap((r) => r.cells.map((c) => c.chip)))];
  const of = (r: HeatRow, chip: string): HeatCell | undefined => r.cells.find((c) => c.chip === chip);
  const row = (r: HeatRow): Markup =>
    html`<tr><th scope="row"><a href="#${r.id}">${name(r.name)}</a></th>${chips.map((chip) => cell(of(r, chip)))}</tr>`;
  const sum = (chip: string): Markup => {
    const asked = rows.flatMap((r) => of(r, chip) ?? []);
    return html`<td>${asked.filter((c) => c.asItIs).length} / ${asked.length}</td>`;
  };
  const foot = html`<tfoot><tr><th scope="row">${both("page.heat.sum")}</th>${chips.map(sum)}</tr></tfoot>`;
  const columns = [{ head: both("column.model") }, ...chips.map((c) => ({ head: breakable(c) }))];
  return part(
    "heat",
    both("page.heat"),
    html`<p>${both("page.heat.how")}</p>`,
    scrolled(
      "heat-table",
      html`<table class="compare heat" data-sort><caption id="heat-table-caption">${both("page.heat.caption")}</caption>${heads(columns)}<tbody>${rows.map(row)}</tbody>${foot}</table>`,
    ),
  );
}

function cell(c: HeatCell | undefined): Markup {
  if (!c) return html`<td class="elsewhere">${both("page.heat.not-asked")}</td>`;
  return html`<td class="${c.kind}"><b>${c.verdict}</b>${c.figure === undefined ? undefined : html` <small>${c.figure}</small>`}</td>`;
}
