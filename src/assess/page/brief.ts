/** One model or checkpoint of many in brief: a line for each chip, and what else there is to say. */
import { readableBytes } from "../../base/units.js";
import { html, type Markup } from "../../report/markup.js";
import type { WordKey } from "../../words/words.js";
import type { ChipReport, ModelReport } from "../report.js";
import { both, daysOf, name, timeOf, told } from "./both.js";
import { cardsText } from "./cards.js";
import { table, type Cell } from "./table.js";
import { mustOf, verdictMarks } from "./view.js";

interface Brief {
  readonly id: string;
  readonly name: string;
  readonly facts: Markup;
  readonly words: readonly WordKey[];
  readonly figures: readonly WordKey[];
  /** Words, then figures. */
  readonly rows: readonly (readonly Cell[])[];
  readonly notes?: Markup | undefined;
}

/** More columns than a page of text is wide. */
const most = 6;

export function brief({ id, name: called, facts, words, figures, rows, notes }: Brief): Markup {
  const columns = [...words.map((k) => ({ head: both(k) })), ...figures.map((k) => ({ head: both(k), is: "number" as const }))];
  return html`<section class="brief${columns.length > most ? " broad" : ""}" id="${id}" aria-labelledby="${id}-h">
    <h3 id="${id}-h">${name(called)}</h3>
    <p class="soft">${facts}</p>
    ${table({ id: `${id}-brief`, caption: both("page.models.caption", { model: called }), columns, rows })}
    ${notes}
    <p><a href="#heat">${both("page.models.back")}</a></p>
  </section>`;
}

export function modelBrief(report: ModelReport, i: number): Markup {
  const { model, chips, work } = report;
  const row = (c: ChipReport): Cell[] => [
    c.chip,
    html`<span class="badge v-${c.verdict}">${verdictMarks[c.verdict]} ${both(`is.${c.verdict}`)}</span>`,
    c.memory ? cardsText(c.memory) : both("unit.unknown"),
    c.memory ? readableBytes(c.memory.total) : both("unit.unknown"),
    c.performance?.seconds ? timeOf(c.performance.seconds) : both("unit.unknown"),
    c.nodes ? `${mustOf(report, c.chip).length}` : both("unit.unknown"),
  ];
  const bytes = { weights: readableBytes(model.weightBytes), file: readableBytes(model.bytes) };
  return brief({
    ...{ id: `model${i}`, name: model.name, facts: both("page.model", { nodes: model.nodes, opset: model.opset, ...bytes }) },
    words: ["column.chip", "column.verdict"],
    figures: ["page.card.cards", "column.memory", "column.time", "page.compare.must"],
    rows: chips.map(row),
    notes:
      work.length === 0
        ? undefined
        : html`<ul class="notes">${work.map((w) => html`<li><b>${both(w.mandatory ? "page.work.must" : "page.work.may")}</b> ${told(w.what)} <small>${daysOf(w.days)}</small></li>`)}</ul>`,
  });
}
