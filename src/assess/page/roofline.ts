/** What a chip could reach for each number of operations a byte, as far apart as those who say so, and where the steps lie. */
import type { FieldKey } from "../../chips/fields.js";
import type { ChipRow } from "../../chips/row.js";
import { rateOf } from "../../estimate/figures.js";
import type { Interval } from "../../estimate/interval.js";
import { html, type Markup } from "../../report/markup.js";
import { gathered, plot, type Band, type Dot, type Point, type Shape } from "../../report/plot.js";
import type { ChipReport, How } from "../report.js";
import { both, count, drawn, joined, spanOf } from "./both.js";
import { decades } from "./scales.js";
import { figure, part } from "./table.js";
import { howLegend, howsOfSteps } from "./legend.js";
import { timeOfStep } from "./view.js";

/** A peak that the drawing shows, and how it is called there. */
const peaks: readonly (readonly [FieldKey, string])[] = [
  ["f16", "fp16"],
  ["f32", "fp32"],
];

const tera = (x: number): string => `${Number((x / 1e12).toPrecision(3))}`;

const intensities = { from: 0.01, to: 10_000 };

interface Stepped extends Point {
  readonly how: How;
  readonly id: string;
}

export function rooflines(chips: readonly ChipReport[], rowOf: (chip: string) => ChipRow | undefined): Markup {
  const steps = new Map(chips.map((c) => [c.chip, stepsOf(c)]));
  const heights = [...steps.values()].flatMap((list) => list.map((s) => s.y));
  const from = 10 ** Math.floor(Math.log10(Math.max(1, Math.min(1e12, ...heights))));
  const figures = chips.map((c, i) => roofline({ c, i, row: rowOf(c.chip), steps: steps.get(c.chip) ?? [], from }));
  return part(
    "roofline",
    both("page.roofline"),
    html`<p>${both("page.roofline.how")}</p>`,
    howLegend(howsOfSteps(chips)),
    html`<div class="charts">${figures}</div>`,
  );
}

function stepsOf({ steps }: ChipReport): Stepped[] {
  return steps.flatMap((s) => {
    const time = timeOfStep(s);
    return s.flops > 0 && s.bytes > 0 && time > 0 ? [{ x: s.flops / s.bytes, y: s.flops / time, how: s.how, id: s.id }] : [];
  });
}

interface Asked {
  readonly c: ChipReport;
  readonly i: number;
  readonly row: ChipRow | undefined;
  readonly steps: readonly Stepped[];
  readonly from: number;
}

function roofline({ c, i, row, steps, from }: Asked): Markup {
  const id = `roofline${i}`;
  const bandwidth = row && rateOf(row, "bandwidth");
  const known = row ? peaks.flatMap(([key, title]) => peakOf(row, key, title)) : [];
  const heading = html`${c.chip}`;
  if (!bandwidth || known.length === 0) return figure({ id, heading, drawing: html`<p class="empty">${both("page.roofline.none")}</p>` });
  const top = Math.max(...known.map((p) => p.value.hi), ...steps.map((s) => s.y));
  const drawing = plot({
    labelledBy: id,
    x: { ...intensities, label: drawn("page.roofline.x"), ticks: decades(intensities.from, intensities.to, 1, String) },
    y: { from, to: top * 3, label: drawn("page.roofline.y"), ticks: decades(from, top * 3, 2, count) },
    bands: known.map((p) => bandOf(p, bandwidth.value)),
    dots: gathered(steps, 0.06, (s) => s.how).map(dotOf),
  });
  return figure({ id, heading, drawing, caption: captionOf(c, row, bandwidth.value, bandwidth.from, steps.length) });
}

interface Peak {
  readonly title: string;
  readonly value: Interval;
}

/** Operations a second; what nobody claims of this very chip is not drawn. */
function peakOf(row: ChipRow, key: FieldKey, title: string): Peak[] {
  const rate = rateOf(row, key);
  return rate?.from === "claims" ? [{ title, value: { lo: rate.value.lo * 1e12, hi: rate.value.hi * 1e12 } }] : [];
}

function bandOf({ title, value }: Peak, bandwidth: Interval): Band {
  const roof = (peak: number, rate: number): Point[] => {
    const ridge = peak / (rate * 1e9);
    return [
      { x: intensities.from, y: intensities.from * rate * 1e9 },
      { x: ridge, y: peak },
      { x: intensities.to, y: peak },
    ];
  };
  return {
    kind: title,
    low: roof(value.lo, bandwidth.lo),
    high: roof(value.hi, bandwidth.hi),
    label: `${title} ${spanOf(value, tera)} TFLOPS`,
    isLower: title !== peaks[0][1],
  };
}

/** As their marks. */
const shapes: Readonly<Partial<Record<How, Shape>>> = { kernel: "diamond", scalar: "triangle", host: "square" };

function dotOf(list: readonly Stepped[]): Dot {
  const [{ x, y, how, id }] = list;
  const title = `${joined(`how.${how}`)} ×${list.length}: ${id}${list.length > 1 ? " …" : ""}; ${count(y)}FLOPS, ${Number(x.toPrecision(2))} FLOP/B`;
  return { x, y, kind: `h-${how}`, shape: shapes[how] ?? "circle", count: list.length, title };
}

function captionOf(c: ChipReport, row: ChipRow | undefined, rate: Interval, from: string, dots: number): Markup {
  const said = both(`page.rate.${from as "claims" | "relatives" | "peers"}`, { rate: spanOf(rate, (x) => `${Number(x.toPrecision(3))}`) });
  const none = dots > 0 ? undefined : html` ${both(c.steps.length > 0 ? "page.roofline.no-flops" : "page.roofline.no-steps")}`;
  return html`${said}${none}`;
}
