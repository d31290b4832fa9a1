/** Small charts as inline SVG. Sizes are units of a drawing that scales with the page. */
import { html, type Markup } from "./markup.js";

interface Frame {
  readonly width: number;
  readonly height: number;
}

const margin = { left: 44, right: 8, top: 8, bottom: 20 };

const round = (x: number): number => Math.round(x * 100) / 100;

/** Positions from values, within the margins. */
function scale(from: number, to: number, start: number, end: number): (x: number) => number {
  const span = to - from || 1;
  return (x) => round(start + ((x - from) / span) * (end - start));
}

function axes({ width, height }: Frame): Markup {
  const [left, bottom] = [margin.left, height - margin.bottom];
  return html`<path class="axis" fill="none" d="M${left} ${margin.top}V${bottom}H${width - margin.right}" />`;
}

function drawing({ width, height }: Frame, label: string, parts: readonly Markup[]): Markup {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${parts}</svg>`;
}

export interface Point {
  readonly y: number;
  /** Drawn as what was left out, not as what was done. */
  readonly isLeft?: boolean;
  readonly title: string;
}

interface Curve {
  readonly label: string;
  readonly unit: string;
  readonly points: readonly Point[];
  /** Words below the first and the last point. */
  readonly ends: readonly [string, string];
}

/** Values in their order, joined by a line; y from the least to the greatest, in whole tens. */
export function curve({ label, unit, points, ends }: Curve, frame: Frame = { width: 480, height: 190 }): Markup {
  const finite = points.map((p) => p.y).filter(Number.isFinite);
  const [low, high] = [Math.floor(Math.min(...finite, 0) / 10) * 10, Math.ceil(Math.max(...finite, 1) / 10) * 10];
  const bottom = frame.height - margin.bottom;
  const x = scale(0, Math.max(1, points.length - 1), margin.left + 6, frame.width - margin.right - 6);
  const y = scale(low, high, bottom, margin.top + 4);
  const at = (p: Point): number => y(Math.min(p.y, high));
  const path = points.map((p, i) => `${i === 0 ? "M" : "L"}${x(i)} ${at(p)}`).join("");
  const radius = points.length > 150 ? 1.5 : 3;
  const dots = points.map(
    (p, i) =>
      html`<circle class="${p.isLeft ? "left" : "mark"}" cx="${x(i)}" cy="${at(p)}" r="${radius}"><title>${p.title}</title></circle>`,
  );
  return drawing(frame, label, [
    axes(frame),
    html`<text x="${margin.left - 4}" y="${margin.top + 10}" text-anchor="end">${high} ${unit}</text>`,
    html`<text x="${margin.left - 4}" y="${bottom}" text-anchor="end">${low} ${unit}</text>`,
    html`<text x="${margin.left}" y="${frame.height - 5}">${ends[0]}</text>`,
    html`<text x="${frame.width - margin.right}" y="${frame.height - 5}" text-anchor="end">${ends[1]}</text>`,
    html`<path class="curve" d="${path}" />`,
    ...dots,
  ]);
}

export interface Counts {
  readonly label: string;
  /** Values in bins of equal width from `lo` to `hi`. */
  readonly counts: readonly number[];
  readonly lo: number;
  readonly hi: number;
  /** What is kept; beyond it values are clipped. */
  readonly kept: readonly [number, number];
}

const short = (x: number): string =>
  x === 0 ? "0" : Math.abs(x) >= 1e4 || Math.abs(x) < 1e-3 ? x.toExponential(1) : `${Number(x.toPrecision(3))}`;

/** Bars as high as the logarithm of their counts: tails are what a range is chosen by. */
export function histogram({ label, counts, lo, hi, kept }: Counts, frame: Frame = { width: 300, height: 110 }): Markup {
  const bottom = frame.height - margin.bottom;
  const [start, end] = [4, frame.width - 4];
  const x = scale(lo, hi, start, end);
  const most = Math.log1p(Math.max(...counts, 1));
  const wide = (end - start) / counts.length;
  const bars = counts
    .map((c, i) => {
      const tall = round((Math.log1p(c) / most) * (bottom - margin.top));
      return c > 0 ? `M${round(start + i * wide)} ${bottom}v-${tall}h${round(Math.max(0.5, wide - 0.5))}v${tall}z` : "";
    })
    .join("");
  const lines = kept.filter((v) => v > lo && v < hi).map((v) => html`<path class="clip" d="M${x(v)} ${margin.top}V${bottom}" />`);
  return drawing(frame, label, [
    html`<path class="axis" d="M${start} ${bottom}H${end}" />`,
    html`<path class="mark" d="${bars}" />`,
    ...lines,
    html`<text x="${start}" y="${frame.height - 5}">${short(lo)}</text>`,
    html`<text x="${end}" y="${frame.height - 5}" text-anchor="end">${short(hi)}</text>`,
  ]);
}
