/** What each plan holds of a device, and how many requests of each length it has room for. */
import { exactly, plus } from "../../estimate/interval.js";
import { html, type Markup } from "../../report/markup.js";
import type { ChipAssessment, CheckpointAssessment } from "../../serve/assess.js";
import { planOf, splitText } from "../../serve/best.js";
import type { Plan } from "../../serve/plans.js";
import { both } from "../page/both.js";
import { part, table, type Cell, type Column } from "../page/table.js";
import { answerKinds, answerMarks, chipNames, gibOf, sizeText } from "./view.js";

export function memoryPart({ chips, options }: CheckpointAssessment): Markup {
  if (!chips.some(planOf)) return part("memory", both("page.memory"), html`<p class="empty">${both("checkpoint.cards.none")}</p>`);
  return part(
    "memory",
    both("page.memory"),
    html`<p>${both("checkpoint.plan.first", options)}</p>`,
    plansTable(chips),
    room(chips, options.batch),
  );
}

const columns: readonly Column[] = [
  { head: both("column.chip") },
  { head: both("checkpoint.plan") },
  { head: both("page.card.cards") },
  { head: both("checkpoint.memory.split") },
  ...(
    [
      "page.memory.weights",
      "checkpoint.memory.cache",
      "checkpoint.memory.buffers",
      "checkpoint.memory.runtime",
      "page.memory.total",
    ] as const
  ).map((k) => ({ head: both(k), is: "number" as const })),
  { head: both("checkpoint.memory.fit") },
];

function plansTable(chips: readonly ChipAssessment[]): Markup {
  const rows = chips.flatMap((c) => {
    const { smallest, advised } = c.plans;
    return [...(smallest ? [planRow(c, "smallest", smallest)] : []), ...(advised ? [planRow(c, "advised", advised)] : [])];
  });
  const lacking = chips.filter((c) => !planOf(c));
  const told =
    lacking.length > 0 ? html`<p class="soft">${both("checkpoint.memory.lacking", { chips: chipNames(lacking) })}</p>` : undefined;
  return html`${table({ id: "memory-table", caption: both("checkpoint.memory.caption"), columns, rows })}${told}`;
}

function planRow(c: ChipAssessment, which: "smallest" | "advised", plan: Plan): Cell[] {
  const { weights, cache, buffers, mask, runtime, total } = plan.memory;
  return [
    c.chip,
    both(`report.${which}`),
    sizeText(c, plan),
    splitText(plan),
    ...[weights, exactly(cache), plus(buffers, mask), runtime].map(gibOf),
    html`${gibOf(total)} / ${((c.memory ?? 0) / 2 ** 30).toFixed(1)}`,
    both(`fit.${plan.fit}`),
  ];
}

function room(chips: readonly ChipAssessment[], batch: number): Markup | undefined {
  const known = chips.filter((c) => c.capacity.length > 0);
  const lengths = [...new Set(known.flatMap((c) => c.capacity.map((x) => x.length)))];
  if (lengths.length === 0) return undefined;
  const row = (c: ChipAssessment): Cell[] => [c.chip, sizeText(c, planOf(c)), ...lengths.map((length) => roomCell(c, length, batch))];
  const marks = { mark: answerMarks.accepted, perhaps: answerMarks.unknown, no: answerMarks.refused, batch };
  return html`<h3>${both("checkpoint.room")}</h3>
    <p>${both("checkpoint.room.how", marks)}</p>
    ${table({
      id: "room-table",
      caption: both("checkpoint.room.caption"),
      columns: [
        { head: both("column.chip") },
        { head: both("page.card.cards") },
        ...lengths.map((n) => ({ head: `${n}`, is: "number" as const })),
      ],
      rows: known.map(row),
    })}`;
}

function roomCell({ capacity }: ChipAssessment, length: number, batch: number): Markup {
  const found = capacity.find((x) => x.length === length);
  if (!found) return both("unit.unknown");
  const { lo, hi } = found.requests;
  const is = lo >= batch ? "accepted" : hi >= batch ? "unknown" : "refused";
  return html`<span class="answered ${answerKinds[is]}">${answerMarks[is]}</span> ${lo === hi ? `${lo}` : `${lo} – ${hi}`}`;
}
