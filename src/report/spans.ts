/** Intervals on one logarithmic axis, each a drawing as wide as its place, so that text beside it keeps its size. */
import { html, type Markup } from "./markup.js";

interface Span {
  /** A class of the style. */
  readonly kind: string;
  readonly lo: number;
  readonly at: number;
  readonly hi: number;
}

interface Tick {
  readonly at: number;
  readonly text: string;
}

export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly Tick[];
}

/** Percent of the width. */
function placeOf({ from, to }: Axis, value: number): number {
  const share = Math.log(value / from) / Math.log(to / from);
  return Math.round(1000 * Math.min(1, Math.max(0, share))) / 10;
}

function grid(axis: Axis): Markup {
  return html`${axis.ticks.map((t) => html`<line class="grid" x1="${placeOf(axis, t.at)}%" x2="${placeOf(axis, t.at)}%" y1="0" y2="100%" />`)}`;
}

/** The words beside it say the same, so nobody needs to hear it. */
export function spanOn(axis: Axis, { kind, lo, at, hi }: Span): Markup {
  const [start, middle, end] = [lo, at, hi].map((v) => placeOf(axis, v));
  return html`<svg class="span" aria-hidden="true">${grid(axis)}<rect class="${kind}" x="${start}%" width="${Math.max(0.5, end - start)}%" y="20%" height="60%" rx="2" /><line class="middle" x1="${middle}%" x2="${middle}%" y1="8%" y2="92%" /></svg>`;
}

/** Ticks near an end are written inward. */
export function spanAxis(axis: Axis): Markup {
  const anchorOf = (place: number): string => (place < 4 ? "start" : place > 96 ? "end" : "middle");
  const text = ({ at, text: words }: Tick): Markup => {
    const place = placeOf(axis, at);
    return html`<text x="${place}%" y="75%" text-anchor="${anchorOf(place)}">${words}</text>`;
  };
  return html`<svg class="span" aria-hidden="true">${axis.ticks.map(text)}</svg>`;
}
