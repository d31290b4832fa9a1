/** Lines, bands and dots between two logarithmic axes, as inline SVG. */
import { html, type Markup } from "./markup.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly kind: string;
  readonly points: readonly Point[];
  /** Stands at its last point, or so many points before. */
  readonly label?: Markup | string;
  readonly labelBefore?: number;
}

/** What lies between two lines. */
export interface Band {
  readonly kind: string;
  readonly low: readonly Point[];
  readonly high: readonly Point[];
  readonly label?: Markup | string;
  /** The label stands below it, so that it keeps clear of that of another. */
  readonly isLower?: boolean;
}

/** Colour is never alone: what differs in kind differs in shape. */
export type Shape = "circle" | "diamond" | "square" | "triangle";

export interface Dot extends Point {
  readonly kind: string;
  readonly shape: Shape;
  /** How many things stand there. */
  readonly count: number;
  readonly title: string;
}

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly label: Markup | string;
  /** Where it is marked. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

interface Plot {
  /** Id of the element that says what is drawn. */
  readonly labelledBy: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly bands?: readonly Band[];
  readonly lines?: readonly Line[];
  readonly dots?: readonly Dot[];
}

const frame = { width: 400, height: 250 };
const margin = { left: 58, right: 20, top: 16, bottom: 36 };

const round = (x: number): number => Math.round(x * 10) / 10;

/** Values that are not positive stand at the edge. */
function place({ from, to }: Axis, start: number, end: number): (v: number) => number {
  const [low, high] = [Math.log(from), Math.log(to)];
  return (v) => {
    const share = (Math.log(Math.max(v, from)) - low) / (high - low || 1);
    return round(start + Math.min(1, Math.max(0, share)) * (end - start));
  };
}

interface Places {
  readonly x: (v: number) => number;
  readonly y: (v: number) => number;
}

const [left, right] = [margin.left, frame.width - margin.right];
const [top, bottom] = [margin.top, frame.height - margin.bottom];

export function plot({ labelledBy, x, y, bands = [], lines = [], dots = [] }: Plot): Markup {
  const at: Places = { x: place(x, left, right), y: place(y, bottom, top) };
  return html`<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-labelledby="${labelledBy}">
    ${grid(x, y, at)} ${bands.map((b) => bandOf(b, at))} ${lines.map((l) => lineOf(l, at))} ${dots.map((d) => dotOf(d, at))}
  </svg>`;
}

function grid(x: Axis, y: Axis, at: Places): Markup {
  return html`${x.ticks.map((t) => html`<path class="grid" d="M${at.x(t.at)} ${top}V${bottom}" />`)}
    ${y.ticks.map((t) => html`<path class="grid" d="M${left} ${at.y(t.at)}H${right}" />`)}
    ${x.ticks.map((t) => html`<text x="${at.x(t.at)}" y="${bottom + 15}" text-anchor="middle">${t.text}</text>`)}
    ${y.ticks.map((t) => html`<text x="${left - 5}" y="${at.y(t.at) + 4}" text-anchor="end">${t.text}</text>`)}
    <path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}" />
    <text x="${right}" y="${bottom + 31}" text-anchor="end">${x.label}</text>
    <text x="${left + 5}" y="${top - 5}">${y.label}</text>`;
}

const path = (points: readonly Point[], at: Places): string => points.map((p) => `${at.x(p.x)} ${at.y(p.y)}`).join("L");

function bandOf({ kind, low, high, label, isLower = false }: Band, at: Places): Markup {
  const end = isLower ? at.y(low[low.length - 1].y) + 12 : at.y(high[high.length - 1].y) - 4;
  return html`<path class="band ${kind}" d="M${path(high, at)}L${path([...low].reverse(), at)}Z" />
    <path class="roof ${kind}" d="M${path(high, at)}M${path(low, at)}" />
    ${label === undefined ? undefined : html`<text class="on" x="${right - 3}" y="${end}" text-anchor="end">${label}</text>`}`;
}

function lineOf({ kind, points, label, labelBefore = 0 }: Line, at: Places): Markup {
  const end = points[Math.max(0, points.length - 1 - labelBefore)];
  return html`<path class="line ${kind}" d="M${path(points, at)}" />
    ${points.length > 2 ? points.map((p) => html`<circle class="spot ${kind}" cx="${at.x(p.x)}" cy="${at.y(p.y)}" r="2" />`) : undefined}
    ${label === undefined ? undefined : html`<text class="on" x="${at.x(end.x) - 3}" y="${at.y(end.y) - 5}" text-anchor="end">${label}</text>`}`;
}

function dotOf({ kind, shape, count, title, ...p }: Dot, at: Places): Markup {
  const radius = round(Math.min(8, 1.8 + Math.sqrt(count) / 2));
  return html`<path class="dot ${kind}" d="M${at.x(p.x)} ${at.y(p.y)}${outlines[shape](radius)}z"><title>${title}</title></path>`;
}

/** From the middle; all shapes have about the same area. */
const outlines: Readonly<Record<Shape, (r: number) => string>> = {
  circle: (r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  diamond: (r) =>
    `m0 ${round(-1.25 * r)}l${round(1.25 * r)} ${round(1.25 * r)}l${round(-1.25 * r)} ${round(1.25 * r)}l${round(-1.25 * r)} ${round(-1.25 * r)}`,
  square: (r) => `m${round(-0.9 * r)} ${round(-0.9 * r)}h${round(1.8 * r)}v${round(1.8 * r)}h${round(-1.8 * r)}`,
  triangle: (r) => `m0 ${round(-1.3 * r)}l${round(1.25 * r)} ${round(2.2 * r)}h${round(-2.5 * r)}`,
};

/** Dots that would lie on each other are one: places differ by less than `step` of a decade. */
export function gathered<T extends Point>(points: readonly T[], step: number, of: (t: T) => string): T[][] {
  const met = new Map<string, T[]>();
  for (const p of points) {
    const key = [Math.round(Math.log10(p.x) / step), Math.round(Math.log10(p.y) / step), of(p)].join();
    const same = met.get(key);
    if (same) same.push(p);
    else met.set(key, [p]);
  }
  return [...met.values()];
}
