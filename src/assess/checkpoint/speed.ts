/** How fast within bounds, and what would narrow the bounds. */
import { html, type Markup } from "../../report/markup.js";
import { spanAxis, spanOn, type Axis } from "../../report/spans.js";
import type { ChipAssessment, CheckpointAssessment } from "../../serve/assess.js";
import type { SpeedPoint } from "../../serve/speed.js";
import { asked, planOf } from "../../serve/best.js";
import { both, timeOf, told } from "../page/both.js";
import { decades } from "../page/scales.js";
import { heads, part, scrolled, table, type Cell } from "../page/table.js";
import { basisText, chipNames, rateOf, sizeText } from "./view.js";

export function speedPart({ chips }: CheckpointAssessment): Markup {
  const timed = chips.filter((c) => c.speed.length > 0);
  if (timed.length === 0) return part("speed", both("checkpoint.speed"), html`<p class="empty">${both("checkpoint.speed.none")}</p>`);
  const lacking = chips.filter((c) => c.speed.length === 0);
  return part(
    "speed",
    both("checkpoint.speed"),
    html`<p>${both("checkpoint.speed.how")}</p>`,
    chart(timed),
    lacking.length > 0 ? html`<p class="soft">${both("checkpoint.speed.lacking", { chips: chipNames(lacking) })}</p>` : undefined,
    speeds(timed),
  );
}

/** Around all of them, marked at 1, 2 and 5 of each decade, or at decades alone where there are many. */
function axisOf(points: readonly SpeedPoint[]): Axis {
  const [least, most] = [Math.min(...points.map((p) => p.rate.lo)), Math.max(...points.map((p) => p.rate.hi))];
  const [from, to] = [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most))];
  const whole = decades(from, to, 1, String);
  if (whole.length > 4) return { from, to, ticks: whole };
  const fine = whole.flatMap(({ at }) => [1, 2, 5].map((n) => ({ at: at * n, text: `${Number((at * n).toPrecision(1))}` })));
  const first = fine.filter((t) => t.at <= least).at(-1) ?? fine[0];
  const last = fine.find((t) => t.at >= most) ?? fine[fine.length - 1];
  return { from: first.at, to: last.at, ticks: fine.filter((t) => t.at >= first.at && t.at <= last.at) };
}

/** "basis.measured" is drawn as "t-measured". */
const kindOf = ({ basis }: ChipAssessment): string => `t-${basis.key.slice("basis.".length)}`;

/** A bar a chip, those that rest on the same kind of measurement drawn alike. */
function chart(timed: readonly ChipAssessment[]): Markup {
  const points = timed.flatMap((c) => asked(c) ?? []);
  const axis = axisOf(points);
  const { batch, input, output } = points[0];
  const row = (c: ChipAssessment): Markup | undefined => {
    const point = asked(c);
    if (!point) return undefined;
    return html`<tr><th scope="row">${c.chip}<br><small>${sizeText(c, planOf(c))}</small></th><td class="spanned">${spanOn(axis, { kind: kindOf(c), ...point.rate })}<b>${rateOf(point.rate)}</b> <small>${told(c.basis)}</small></td></tr>`;
  };
  const columns = [{ head: both("column.chip") }, { head: html`${both("checkpoint.speed.axis")}${spanAxis(axis)}`, is: "words" as const }];
  return scrolled(
    "rates",
    html`<table class="spans"><caption id="rates-caption">${both("checkpoint.speed.chart", { batch, input, output })}</caption>${heads(columns)}<tbody>${timed.map(row)}</tbody></table>`,
  );
}

function speeds(timed: readonly ChipAssessment[]): Markup {
  const isGuessing = timed.some((c) => c.speed.some((p) => p.guessed));
  const row = (c: ChipAssessment, p: SpeedPoint): Cell[] => [
    c.chip,
    `${p.batch}`,
    ...[timeOf(p.firstToken), timeOf(p.tokenTime), rateOf(p.rate)],
    ...(isGuessing ? [p.guessed ? timeOf(p.guessed) : both("unit.unknown")] : []),
    basisText(c),
  ];
  const [{ input, output }] = timed[0].speed;
  const numbers = ["report.first-token", "report.token-time", "report.rate"] as const;
  return table({
    id: "speed-table",
    caption: both("checkpoint.speed.caption", { input, output }),
    isSortable: true,
    columns: [
      { head: both("column.chip") },
      { head: both("checkpoint.speed.load"), is: "number" },
      ...[...numbers, ...(isGuessing ? (["checkpoint.speed.guessed"] as const) : [])].map((k) => ({
        head: both(k),
        is: "number" as const,
      })),
      { head: both("column.basis") },
    ],
    rows: timed.flatMap((c) => c.speed.map((p) => row(c, p))),
  });
}

/** Those that would narrow most first. */
export function asksPart({ chips }: CheckpointAssessment): Markup | undefined {
  const all = chips.flatMap((c) => c.asks.map((ask) => ({ chip: c.chip, ...ask }))).sort((a, b) => b.gain - a.gain);
  if (all.length === 0) return undefined;
  const rows = all.map(({ chip, what, gain, flips }): Cell[] => [
    chip,
    told(what),
    `${gain}`,
    flips.length === 0 ? both("ask.flips-nothing") : html`${flips.map((f) => html`<div>${told(f)}</div>`)}`,
  ]);
  return part(
    "asks",
    both("checkpoint.asks"),
    html`<p>${both("checkpoint.asks.how")}</p>`,
    table({
      id: "asks-table",
      caption: both("checkpoint.asks.caption"),
      isSortable: true,
      isLong: true,
      columns: [
        { head: both("column.chip") },
        { head: both("column.measure"), is: "words" },
        { head: both("column.gain"), is: "number" },
        { head: both("checkpoint.asks.flips"), is: "words" },
      ],
      rows,
    }),
  );
}
