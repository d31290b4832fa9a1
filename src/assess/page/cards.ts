/** A card for each chip: verdict, coverage, cards, time and its basis, the first reason, what nobody confirms. */
import { readableBytes } from "../../base/units.js";
import { html, type Markup } from "../../report/markup.js";
import { strip } from "../../report/strip.js";
import type { ChipReport, MemoryReport } from "../report.js";
import { both, howKey, joined, percent, timeOf, told } from "./both.js";
import { howLegend } from "./legend.js";
import { cardsOf, doubtsOf, howCounts, verdictMarks } from "./view.js";

export function chipCards(chips: readonly ChipReport[]): Markup {
  return html`${howLegend(chips.flatMap((c) => [...howCounts(c).keys()]))}<ul class="cards">${chips.map(card)}</ul>`;
}

function card(c: ChipReport): Markup {
  const { verdict, vendor, status } = c;
  return html`<li class="card v-${verdict}">
    <p class="vendor">${vendor}${status === "shipping" ? undefined : html` · <b class="warn">${both(`status.${status}`)}</b>`}</p>
    <div class="head">
      <h3>${c.chip}</h3>
      <span class="badge v-${verdict}">${verdictMarks[verdict]} ${both(`is.${verdict}`)}</span>
    </div>
    ${coverageOf(c)}
    <dl>${cardFacts(c)}</dl>
    ${reasonOf(c)}
  </li>`;
}

const fact = (head: Markup, value: Markup | string, more?: Markup | string): Markup =>
  html`<div><dt>${head}</dt><dd>${value}${more === undefined ? undefined : html` <small>${more}</small>`}</dd></div>`;

function coverageOf({ coverage, verdict, ...c }: ChipReport): Markup {
  if (!coverage) return html`<p class="share"><b>${both("unit.unknown")}</b> <span>${both("page.card.no-coverage")}</span></p>`;
  const segments = [...howCounts(c)].map(([how, size]) => ({ kind: `h-${how}`, size, how }));
  const title = (kind: string): string => {
    const found = segments.find((s) => s.kind === kind);
    return found ? `${joined(howKey(found.how, { verdict }))}: ${found.size}` : "";
  };
  return html`<p class="share"><b>${percent(coverage.nodes)}</b> <span>${both("page.card.coverage")}</span></p>
    ${strip({ segments, title })}`;
}

function cardFacts(c: ChipReport): Markup {
  const { performance: p, memory: m } = c;
  const unknown = both("unit.unknown");
  const doubts = doubtsOf(c).length;
  return html`
    ${fact(both("page.card.cards"), m ? cardsText(m) : unknown, m ? readableBytes(m.total) : undefined)}
    ${fact(both("column.time"), p?.seconds ? timeOf(p.seconds) : unknown, p ? both(`timed.${p.basis}`) : undefined)}
    ${fact(both("page.card.doubts"), c.nodes && c.verdict !== "documented" ? `${doubts}` : unknown)}
  `;
}

export function cardsText(m: MemoryReport): Markup {
  const cards = cardsOf(m);
  if (cards === null) return both("unit.unknown");
  return m.devicesPerCard === 1
    ? html`${cards}`
    : both("page.card.dies", { cards, devices: m.devices ?? 0, dies: cards * m.devicesPerCard });
}

/** "ready" needs no reason but its own. */
function reasonOf({ why, verdict }: ChipReport): Markup | undefined {
  const [first] = why;
  return first && verdict !== "ready" ? html`<p class="reason">${told(first)}</p>` : undefined;
}
