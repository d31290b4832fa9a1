/** One chip at a time: coverage by operators, the model's graph with its gaps, ways and nodes. Chips that are alike share a view. */
import { html, type Markup } from "../../report/markup.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { ModelReport } from "../report.js";
import { meaningOf } from "../saying.js";
import { both, quoted, told } from "./both.js";
import { graphOf } from "./graph.js";
import { nodeTable } from "./nodes.js";
import { part } from "./table.js";
import { treemaps } from "./tiles.js";
import { namesOf, viewsOf, type View } from "./view.js";
import { waysTable } from "./ways.js";

export function details(report: ModelReport): Markup {
  const views = viewsOf(report.chips);
  if (views.length === 0) return part("detail", both("page.detail"), html`<p class="empty">${both("page.detail.none")}</p>`);
  const choose = html`<p class="choose" data-needs-script><label>${both("page.detail.choose")} <select id="view">${views.map((v) => html`<option value="${v.id}">${namesOf(v)}</option>`)}</select></label>
    <span role="group" class="measures">${(["nodes", "flops", "bytes"] as const).map((m) => html`<label><input type="radio" name="measure" value="${m}"${m === "nodes" ? html` checked` : undefined}> ${both(`page.measure.${m}`)}</label>`)}</span></p>`;
  return part(
    "detail",
    both("page.detail"),
    html`<p>${both("page.detail.how")}</p>`,
    choose,
    html`${views.map((v) => viewOf(v, report))}`,
    nodeTable(report, views),
  );
}

function viewOf(view: View, report: ModelReport): Markup {
  return html`<article class="view" id="${view.id}" aria-labelledby="${view.id}-h">
    <h3 id="${view.id}-h">${namesOf(view)}</h3>
    ${treemaps(view, report)} ${graphOf(view, report)} ${waysTable(view, report)} ${sayings(view, report)}
  </article>`;
}

/** What compile says, word for word, and what its codes mean. */
function sayings({ chips: [{ diagnostics }] }: View, { nodes }: ModelReport): Markup | undefined {
  if (diagnostics.length === 0) return undefined;
  const meaning = ({ code, location }: Diagnostic): Markup | undefined => {
    const said = meaningOf(code, nodes.find((n) => n.name === location?.node)?.op);
    return said && html`${told(said)} `;
  };
  const item = (d: Diagnostic): Markup =>
    html`<li><code>${d.severity}[${d.code}]</code> ${meaning(d)}${quoted(d.message)}${d.fix === undefined ? undefined : html` <small>${quoted(d.fix)}</small>`}</li>`;
  return html`<h4>${both("page.detail.says")}</h4><ul class="notes">${diagnostics.map(item)}</ul>`;
}
