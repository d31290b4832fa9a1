/** The steps of one run in their order: how each is carried out, and what bounds it. */
import { html, type Markup } from "../../report/markup.js";
import { strip } from "../../report/strip.js";
import type { Bound, ChipReport, How, StepReport } from "../report.js";
import { both, count, joined, name, percent, timeOf } from "./both.js";
import { boundLegend, boundMark, bounds, howLegend, howMark, howsOfSteps } from "./legend.js";
import { part, table } from "./table.js";
import { howMarks, hows, timeOfStep } from "./view.js";

/** How many of a chip's steps are named. */
const mostNamed = 8;

export function timeline(chips: readonly ChipReport[]): Markup {
  const timed = chips.filter((c) => c.steps.some((s) => s.seconds));
  const missing = chips.filter((c) => !timed.includes(c));
  if (timed.length === 0) return part("timeline", both("page.timeline"), html`<p class="empty">${both("page.timeline.none")}</p>`);
  return part(
    "timeline",
    both("page.timeline"),
    html`<p>${both("page.timeline.how")}</p>`,
    howLegend(howsOfSteps(timed)),
    boundLegend(),
    html`<div class="lanes">${timed.map(lane)}</div>`,
    missing.length === 0
      ? undefined
      : html`<p class="soft">${both("page.timeline.missing", { chips: missing.map((c) => c.chip).join(", ") })}</p>`,
  );
}

function lane(c: ChipReport, i: number): Markup {
  const { steps, chip, performance: p } = c;
  const all = steps.reduce((n, s) => n + timeOfStep(s), 0);
  const share = (is: (s: StepReport) => boolean): number => steps.reduce((n, s) => n + (is(s) ? timeOfStep(s) : 0), 0) / (all || 1);
  const used = hows.filter((h) => steps.some((s) => s.how === h));
  const id = `lane${i}`;
  const howOf = (h: How): Markup => html`<li>${howMark(h)} ${percent(share((s) => s.how === h))} ${both(`how.${h}`)}</li>`;
  const boundOf = (b: Bound): Markup | undefined => {
    const n = share((s) => s.bound === b);
    return n < 0.0005 ? undefined : html`<li>${boundMark(b)} ${percent(n)} ${both(`page.bound.${b}`)}</li>`;
  };
  return html`<div class="lane">
    <h3 id="${id}">${chip} <small>${p?.seconds ? timeOf(p.seconds) : ""} · ${both("page.timeline.steps", { n: steps.length })}</small></h3>
    ${strip({ labelledBy: id, segments: steps.map((s) => ({ kind: `h-${s.how}`, size: timeOfStep(s) })), title: (k) => joined(`how.${k.slice(2) as How}`) })}
    ${strip({ segments: steps.map((s) => ({ kind: `b-${s.bound}`, size: timeOfStep(s) })), title: (k) => joined(`page.bound.${k.slice(2) as Bound}`) })}
    <ul class="legend">${used.map(howOf)}${bounds.map(boundOf)}</ul>
    <details><summary>${both("page.timeline.longest", { chip })}</summary>${longest(c, i, all)}</details>
  </div>`;
}

function longest({ chip, steps }: ChipReport, i: number, all: number): Markup {
  const first = [...steps].sort((a, b) => timeOfStep(b) - timeOfStep(a)).slice(0, mostNamed);
  const row = (s: StepReport): (Markup | string)[] => [
    html`<code>${name(s.id)}</code>`,
    html`${howMarks[s.how]} ${both(`how.${s.how}`)}`,
    both(`page.bound.${s.bound}`),
    s.seconds ? timeOf(s.seconds) : both("unit.unknown"),
    ...[percent(timeOfStep(s) / (all || 1)), count(s.flops), count(s.bytes), nodesOf(s)],
  ];
  return table({
    id: `longest${i}`,
    caption: both("page.timeline.longest", { chip }),
    columns: [
      { head: both("page.step"), is: "name" },
      { head: both("column.how") },
      { head: both("page.compare.bound") },
      ...(["column.time", "page.step.share", "page.step.flops", "page.step.bytes"] as const).map((k) => ({
        head: both(k),
        is: "number" as const,
      })),
      { head: both("page.step.nodes"), is: "name" },
    ],
    rows: first.map(row),
  });
}

/** A step of many nodes names its first ones. */
function nodesOf({ origin }: StepReport): Markup {
  const [shown, rest] = [origin.slice(0, 4), origin.length - 4];
  return html`${shown.map((n, i) => html`${i > 0 ? ", " : ""}${name(n)}`)}${rest > 0 ? ` +${rest}` : ""}`;
}
