/** The first screen: who serves it and where, on how many cards, how fast, and what stops us. */
import { html, type Markup } from "../../report/markup.js";
import type { ChipAssessment, CheckpointAssessment } from "../../serve/assess.js";
import { answerOf, asked, chosenOf, planOf, sizeOf } from "../../serve/best.js";
import type { Answer } from "../../serve/engines.js";
import { answer } from "../page/answer.js";
import { both, name, timeOf, told } from "../page/both.js";
import { answerBadge, answerOrder, chipNames, groupedBy, rateOf, sizeText, withAnswer } from "./view.js";

/** What the folder is called; a path that tells nothing leaves the class. */
export function titleOf({ folder, className, family }: CheckpointAssessment): string {
  const last = folder
    .split(/[\\/]/)
    .filter((part) => !/^\.*$/.test(part))
    .pop();
  return last ?? className ?? family;
}

export function masthead(a: CheckpointAssessment): Markup {
  const { parameters: p } = a;
  const billions = (n: number): string => (n / 1e9).toPrecision(3);
  return html`<p class="kicker">Portolan · ${both("checkpoint.kicker")}</p>
    <h1>${name(titleOf(a))}</h1>
    <p class="lead">${name(a.className ?? a.family)} · ${both("report.parameters", { total: billions(p.total - p.drafting), active: billions(p.active) })} · ${told(a.quantisation.said)}</p>`;
}

export function answers(a: CheckpointAssessment): Markup {
  const [best] = answerOrder.filter((is) => withAnswer(a, is).length > 0);
  return html`<ul class="answers">${serves(a, best)} ${cards(a)} ${speed(a, best)} ${stops(a, best)}</ul>`;
}

function serves(a: CheckpointAssessment, best: Answer): Markup {
  const counts = answerOrder.map((is) => ({ is, n: withAnswer(a, is).length })).filter(({ n }) => n > 0);
  const those = best === "refused" ? [] : withAnswer(a, best);
  const engines = groupedBy(those, (c) => enginesOf(c, best).join(", "));
  return answer(
    both("checkpoint.ask.serves"),
    both(`checkpoint.serves.${best}`, { n: withAnswer(a, best).length, all: a.chips.length }),
    html`<p class="badges">${counts.map(({ is, n }) => answerBadge(is, n))}</p>
      ${engines.map((group) => html`<p>${chipNames(group)} <small>${enginesOf(group[0], best).join(", ")}</small></p>`)}`,
  );
}

const enginesOf = ({ verdicts }: ChipAssessment, is: Answer): string[] => verdicts.filter((v) => v.answer === is).map((v) => v.name);

/** How many chips are named there. */
const mostNamed = 4;

function cards({ chips, options }: CheckpointAssessment): Markup {
  const planned = chips.flatMap((c) => {
    const plan = planOf(c);
    return plan ? [{ c, plan }] : [];
  });
  if (planned.length === 0) return answer(both("page.ask.cards"), both("unit.unknown"), html`<p>${both("checkpoint.cards.none")}</p>`);
  const counts = planned.map(({ plan }) => plan.cards);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const fewest = [...planned].sort((a, b) => a.plan.cards - b.plan.cards).slice(0, mostNamed);
  const sizes = groupedBy(fewest, ({ c, plan }) => JSON.stringify(sizeOf(c, plan)));
  return answer(
    both("page.ask.cards"),
    both(most === 1 ? "page.cards.one" : "page.cards.many", { n: least === most ? least : `${least} – ${most}` }),
    html`<p>${both("checkpoint.cards.fewest", options)}</p>
      ${sizes.map((group) => html`<p>${sizeText(group[0].c, group[0].plan)} <small>${group.map(({ c }) => c.chip).join(", ")}</small></p>`)}
      <p class="soft"><a href="#memory">${both("checkpoint.cards.all")}</a></p>`,
  );
}

/** Of the chips that serve it best, the one with the highest middle. */
function fastest(a: CheckpointAssessment, best: Answer): ChipAssessment | undefined {
  const rate = (c: ChipAssessment): number => asked(c)?.rate.at ?? 0;
  return withAnswer(a, best)
    .filter((c) => c.speed.length > 0)
    .sort((x, y) => rate(y) - rate(x))
    .at(0);
}

function speed(a: CheckpointAssessment, best: Answer): Markup {
  const first = fastest(a, best);
  const point = first && asked(first);
  const plan = first && planOf(first);
  if (!point || !plan) return answer(both("checkpoint.ask.speed"), both("unit.unknown"), html`<p>${both("checkpoint.speed.none")}</p>`);
  const timed = a.chips.filter((c) => c.speed.length > 0);
  const measured = timed.filter((c) => c.basis.key === "basis.measured");
  const where = { chip: first.chip, size: sizeOf(first, plan), batch: point.batch, time: timeOf(point.tokenTime) };
  return answer(
    both("checkpoint.ask.speed"),
    both("checkpoint.speed.short", { rate: rateOf(point.rate) }),
    html`<p>${both("checkpoint.speed.where", where)}</p><p>${told(first.basis)}</p>
      <p class="soft">${both("checkpoint.speed.known", { n: measured.length, all: timed.length })} <a href="#speed">${both("checkpoint.speed.all")}</a></p>`,
  );
}

function stops(a: CheckpointAssessment, best: Answer): Markup {
  const others = answerOrder.filter((is) => is !== "accepted" && withAnswer(a, is).length > 0);
  const reasons = groupedBy(withAnswer(a, "converted"), (c) => JSON.stringify(chosenOf(c)?.reason));
  const [first] = reasons.length > 0 ? reasons[0] : [];
  const why = (first as ChipAssessment | undefined)?.conversion;
  const unplanned = a.chips.filter((c) => answerOf(c) !== "refused" && !planOf(c));
  return answer(
    both("page.ask.stops"),
    both(`checkpoint.stops.${best}`, { n: withAnswer(a, "accepted").length }),
    html`${others.map((is) => html`<p>${answerBadge(is)} ${chipNames(withAnswer(a, is))}</p>`)}
      ${unplanned.length > 0 ? html`<p>${both("checkpoint.stops.no-plan", { chips: chipNames(unplanned) })}</p>` : undefined}
      ${why && html`<p class="clamp">${told(why)}</p>`}
      <p class="soft"><a href="#engines">${both("checkpoint.stops.reasons")}</a></p>`,
  );
}
