/** The first screen: does it run, on how many cards, what stops us, how sure, and who says so. */
import { readableBytes } from "../../base/units.js";
import { plus } from "../../estimate/interval.js";
import { html, type Markup } from "../../report/markup.js";
import type { ModelReport, Verdict } from "../report.js";
import { both, daysOf, name, told } from "./both.js";
import { cardsOf, compiles, doubtsOf, verdictMarks } from "./view.js";

export function answers(report: ModelReport): Markup {
  return html`<ul class="answers">
    ${runs(report)} ${cards(report)} ${stops(report)} ${sure(report)}
  </ul>`;
}

/** A question, its answer in a few words, and what there is to say besides. */
export const answer = (question: Markup, short: Markup | string, more: Markup | undefined): Markup =>
  html`<li><h3>${question}</h3><b>${short}</b><div>${more}</div></li>`;

const order: readonly Verdict[] = ["ready", "uncertain", "rewrites", "kernels", "refused", "blocked", "documented", "unknown"];

function runs({ chips }: ModelReport): Markup {
  const counts = order.map((v) => ({ v, n: chips.filter((c) => c.verdict === v).length })).filter(({ n }) => n > 0);
  return answer(
    both("page.ask.runs"),
    both("page.runs", { n: chips.filter(compiles).length, all: chips.length }),
    html`<p class="badges">${counts.map(({ v, n }) => html`<span class="badge v-${v}">${n} ${verdictMarks[v]} ${both(`is.${v}`)}</span>`)}</p>`,
  );
}

function cards({ chips, sizes, sizesAre }: ModelReport): Markup {
  const known = chips.flatMap(({ memory }) => (memory ? [memory] : []));
  const counts = known.flatMap((m) => cardsOf(m) ?? []);
  const devices = known.flatMap((m) => m.devices ?? []);
  const totals = known.map((m) => m.total);
  if (counts.length === 0) return answer(both("page.ask.cards"), both("unit.unknown"), html`<p>${both("page.cards.unknown")}</p>`);
  const span = (list: readonly number[]): string => ranged(Math.min(...list), Math.max(...list), String);
  const at = Object.entries(sizes).map(([k, v]) => `${k}=${v}`);
  return answer(
    both("page.ask.cards"),
    both(Math.max(...counts) === 1 ? "page.cards.one" : "page.cards.many", { n: span(counts) }),
    html`<p>${both("page.cards.why", {
      devices: span(devices),
      bytes: ranged(Math.min(...totals), Math.max(...totals), readableBytes),
      n: counts.length,
      all: chips.length,
    })}</p>
      ${at.length > 0 && sizesAre === "chosen" ? html`<p class="soft">${both("page.cards.at", { sizes: at.join(", ") })}</p>` : undefined}`,
  );
}

function ranged(lo: number, hi: number, spell: (x: number) => string): string {
  const [low, high] = [spell(lo), spell(hi)];
  return low === high ? low : `${low} – ${high}`;
}

/** The first of what must be done, and of what could be where nothing must. */
function stops({ work }: ModelReport): Markup {
  const must = work.filter((w) => w.mandatory);
  const [first] = must.length > 0 ? must : work;
  const short =
    must.length > 0
      ? both("page.stops.must", { n: must.length, days: daysOf(plus(...must.map((w) => w.days))) })
      : both("page.stops.nothing");
  const more = first && html`<p class="clamp">${told(first.what)}</p>`;
  return answer(
    both("page.ask.stops"),
    short,
    html`${more}${work.length > 0 ? html`<p class="soft"><a href="#work">${both("page.stops.list", { n: work.length })}</a></p>` : undefined}`,
  );
}

function sure({ chips, facts }: ModelReport): Markup {
  const doubts = new Set(chips.flatMap(doubtsOf));
  const timed = chips.filter((c) => c.performance?.seconds);
  const measured = timed.filter((c) => c.performance?.basis === "measured").length;
  const short = doubts.size > 0 ? "page.sure.doubts" : chips.some(compiles) ? "page.sure.all" : "page.sure.none";
  return answer(
    both("page.ask.sure"),
    both(short, { n: doubts.size }),
    html`<p>${timed.length === 0 ? both("page.sure.no-times") : both("page.sure.times", { n: measured, all: timed.length })}</p>
      <p class="soft">${both("page.sure.facts", facts)} <a href="#evidence">${both("page.sure.who")}</a></p>`,
  );
}

/** What was assessed, in one line each. */
export function masthead({ model, generator }: ModelReport): Markup {
  const beside = model.beside.reduce((n, b) => n + b.bytes, 0);
  return html`<p class="kicker">Portolan · ${both("page.kicker")}</p>
    <h1>${name(model.name)}</h1>
    <p class="lead">${both("page.model", {
      nodes: model.nodes,
      opset: model.opset,
      weights: readableBytes(model.weightBytes),
      file: readableBytes(model.bytes + beside),
    })} <span class="soft">${generator}</span></p>`;
}
