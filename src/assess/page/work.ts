/** What a port takes: what must be done before what may be, with the days it is thought to cost and why. */
import { html, type Markup } from "../../report/markup.js";
import type { ModelReport, WorkItem } from "../report.js";
import { both, daysOf, percent, told } from "./both.js";
import { part, table, type Cell } from "./table.js";

export function workPart({ work, chips }: ModelReport): Markup {
  if (work.length === 0) return part("work", both("page.work"), html`<p class="empty">${both("page.work.none")}</p>`);
  const row = (w: WorkItem, i: number): Cell[] => [
    html`<span id="work${i}" class="badge ${w.mandatory ? "v-blocked" : "v-documented"}">${w.mandatory ? "!" : "○"} ${both(w.mandatory ? "page.work.must" : "page.work.may")}</span>`,
    html`${told(w.what)}<br><small>${told(w.basis)}</small>`,
    html`<span class="days">${daysOf(w.days)}</span>`,
    ...[w.nodes > 0 ? `${w.nodes}` : "", w.share === null ? "" : percent(w.share)],
    w.chips.length === chips.length ? both("page.work.all-chips") : w.chips.join(", "),
  ];
  return part(
    "work",
    both("page.work"),
    html`<p>${both("page.work.how")}</p>`,
    table({
      id: "work-table",
      caption: both("assess.work"),
      isSortable: true,
      columns: [
        { head: both("column.must") },
        { head: both("column.what"), is: "words" },
        { head: both("column.days"), is: "number" },
        { head: both("column.nodes"), is: "number" },
        { head: both("page.work.share"), is: "number" },
        { head: both("page.work.chips"), is: "name" },
      ],
      rows: work.map(row),
    }),
  );
}
