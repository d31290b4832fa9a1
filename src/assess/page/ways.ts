/** Every way in which nodes are carried out on a chip: with what, in which types, on whose word, and why not otherwise. */
import { html, type Markup } from "../../report/markup.js";
import type { ModelReport, WayReport } from "../report.js";
import { meaningOf } from "../saying.js";
import { both, howWord, name, quoted, told } from "./both.js";
import { howMark } from "./legend.js";
import { table, type Cell } from "./table.js";
import { hows, namesOf, type View } from "./view.js";

export function waysTable(view: View, report: ModelReport): Markup {
  const [chip] = view.chips;
  const nodes = chip.nodes ?? [];
  const order = chip.ways.map((_, at) => at).sort((a, b) => hows.indexOf(chip.ways[b].how) - hows.indexOf(chip.ways[a].how));
  const row = (at: number): Cell[] => {
    const way = chip.ways[at];
    const mine = report.nodes.filter((_, i) => nodes[i] === at);
    return [
      html`${howMark(way.how)} ${howWord(way.how, chip)}`,
      ...[`${mine.length}`, opsOf(mine), way.types.join(", "), callsOf(way), way.evidence, sourcesOf(way, mine[0]?.op)],
    ];
  };
  return html`<h4>${both("page.ways")}</h4>${table({
    id: `${view.id}-ways`,
    caption: both("page.ways.caption", { chips: namesOf(view) }),
    columns: [
      { head: both("column.how") },
      { head: both("column.nodes"), is: "number" },
      { head: both("page.ways.operators"), is: "name" },
      { head: both("page.ways.types") },
      { head: both("page.ways.calls"), is: "name" },
      { head: both("page.ways.evidence") },
      { head: both("page.ways.source"), is: "name" },
    ],
    rows: order.map(row),
  })}`;
}

const mostNamed = 8;

function opsOf(nodes: ModelReport["nodes"]): Markup {
  const ops = [...new Set(nodes.map((n) => n.op))];
  return html`<bdi>${ops.slice(0, mostNamed).join(", ")}</bdi>${ops.length > mostNamed ? ` +${ops.length - mostNamed}` : ""}`;
}

function callsOf({ calls, unwitnessed = [] }: WayReport): Markup {
  const others = unwitnessed.filter((u) => !calls.includes(u));
  return html`${[...calls, ...others].map((c) => html`<div><code>${name(c)}</code>${unwitnessed.includes(c) ? html` <b class="warn">≈ ${both("page.ways.unconfirmed")}</b>` : undefined}</div>`)}`;
}

function sourcesOf({ sources = [], why, code, note }: WayReport, op: string | undefined): Markup {
  const meaning = meaningOf(code, op);
  return html`${sources.map((s) => html`<div class="source">${name(s)}</div>`)}${meaning && html`${told(meaning)} `}${why === undefined ? undefined : quoted(why)}${note && told(note)}`;
}
