/** Engines by chips: the answer in each cell, and a number that leads to its reason. */
import { html, type Markup } from "../../report/markup.js";
import type { ChipAssessment, CheckpointAssessment } from "../../serve/assess.js";
import { chosenOf } from "../../serve/best.js";
import type { EngineVerdict } from "../../serve/verdict.js";
import { both, breakable, told } from "../page/both.js";
import { heads, part, scrolled, table } from "../page/table.js";
import { answerKinds, answerMarks, isElsewhere } from "./view.js";

const reasonKey = ({ reason }: EngineVerdict): string => JSON.stringify(reason);

/** Each once, in the order of the rows. */
function reasonsOf(chips: readonly ChipAssessment[]): EngineVerdict[] {
  const all = enginesOf(chips).flatMap((e) => chips.flatMap((c) => c.verdicts.filter((v) => v.engine === e.engine && !isElsewhere(v))));
  return [...new Map(all.map((v) => [reasonKey(v), v])).values()];
}

/** Each engine once; those that serve most chips first. */
export function enginesOf(chips: readonly ChipAssessment[]): EngineVerdict[] {
  const all = [...new Map(chips.flatMap((c) => c.verdicts).map((v) => [v.engine, v])).values()];
  const here = (e: EngineVerdict): number =>
    chips.filter((c) => c.verdicts.some((v) => v.engine === e.engine && v.answer !== "refused")).length;
  return all.sort((a, b) => here(b) - here(a));
}

export function enginesPart({ chips }: CheckpointAssessment): Markup {
  const reasons = reasonsOf(chips);
  const columns = [{ head: both("report.engine") }, ...chips.map((c) => ({ head: breakable(c.chip) }))];
  const row = (e: EngineVerdict): Markup =>
    html`<tr><th scope="row">${e.name} <small>${breakable(e.version)}</small></th>${chips.map((c) => cell(c, e, reasons))}</tr>`;
  return part(
    "engines",
    both("checkpoint.engines"),
    html`<p>${both("checkpoint.engines.how")} ★ ${both("checkpoint.engines.taken")}</p>`,
    scrolled(
      "engines-table",
      html`<table class="compare heat"><caption id="engines-table-caption">${both("checkpoint.engines.caption")}</caption>${heads(columns)}<tbody>${enginesOf(chips).map(row)}</tbody></table>`,
    ),
    html`<h3>${both("checkpoint.engines.reasons")}</h3><ol class="notes">${reasons.map((r, i) => html`<li id="reason${i + 1}">${told(r.reason)}</li>`)}</ol>`,
  );
}

function cell(c: ChipAssessment, e: EngineVerdict, reasons: readonly EngineVerdict[]): Markup {
  const v = c.verdicts.find((x) => x.engine === e.engine);
  if (!v) return html`<td>${both("unit.unknown")}</td>`;
  if (isElsewhere(v)) return html`<td class="v-unknown elsewhere">${both("checkpoint.engines.elsewhere")}</td>`;
  const n = reasons.findIndex((r) => reasonKey(r) === reasonKey(v)) + 1;
  const taken = chosenOf(c) === v ? " ★" : undefined;
  return html`<td class="${answerKinds[v.answer]}"><b>${answerMarks[v.answer]} ${both(`answer.${v.answer}`)}</b> <a href="#reason${n}">[${n}]</a>${taken}</td>`;
}

/** Versions that were read, with where and when. */
export function enginesRead(chips: readonly ChipAssessment[]): Markup {
  return table({
    id: "read-table",
    caption: both("checkpoint.basis.caption"),
    columns: [
      { head: both("report.engine") },
      { head: both("checkpoint.basis.version"), is: "name" },
      { head: both("checkpoint.basis.source"), is: "name" },
      { head: both("page.figures.date") },
    ],
    rows: enginesOf(chips).map((e) => [e.name, e.version, e.source, html`<time>${e.date}</time>`]),
  });
}
