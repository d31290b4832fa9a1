/** Parts of a whole as tiles whose areas are their shares, as square as they can be (Bruls, Huizing and van Wijk 2000). */
import { html, type Markup } from "./markup.js";

export interface Tile {
  readonly label: string;
  readonly size: number;
  readonly kind: string;
  readonly title: string;
  /** Stands below the label, where there is room. */
  readonly below?: Markup | string;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const frame: Box = { x: 0, y: 0, w: 400, h: 230 };

export function treemap(tiles: readonly Tile[], labelledBy: string): Markup {
  const sorted = tiles.filter((t) => t.size > 0).sort((a, b) => b.size - a.size);
  const boxes = squarified(
    sorted.map((t) => t.size),
    frame,
  );
  return html`<svg class="treemap" viewBox="0 0 ${frame.w} ${frame.h}" role="img" aria-labelledby="${labelledBy}">
    ${sorted.map((t, i) => tileOf(t, boxes[i]))}
  </svg>`;
}

const round = (x: number): number => Math.round(x * 10) / 10;

/** Characters are taken to be 5.6 units wide. */
function tileOf({ label, kind, title, below }: Tile, { x, y, w, h }: Box): Markup {
  const fits = Math.floor((w - 8) / 5.6);
  const shown = label.length <= fits ? label : fits >= 5 ? `${label.slice(0, fits - 1)}…` : "";
  return html`<g>
    <title>${title}</title>
    <rect class="tile ${kind}" x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" />
    ${shown !== "" && h >= 13 ? html`<text class="in" x="${round(x + 5)}" y="${round(y + 11)}">${shown}</text>` : undefined}
    ${shown !== "" && h >= 25 && w >= 70 && below !== undefined ? html`<text class="in" x="${round(x + 5)}" y="${round(y + 22)}">${below}</text>` : undefined}
  </g>`;
}

/** Boxes of sizes in falling order. */
function squarified(sizes: readonly number[], into: Box): Box[] {
  const scale = (into.w * into.h) / (sizes.reduce((n, s) => n + s, 0) || 1);
  const areas = sizes.map((s) => s * scale);
  const boxes: Box[] = [];
  let [room, first] = [into, 0];
  while (first < areas.length) {
    const side = Math.min(room.w, room.h);
    let last = first + 1;
    while (last < areas.length && worst(areas.slice(first, last + 1), side) <= worst(areas.slice(first, last), side)) last++;
    const row = areas.slice(first, last);
    boxes.push(...rowOf(row, room));
    room = beside(row, room);
    first = last;
  }
  return boxes;
}

/** The greatest ratio of sides in a row along a side. */
function worst(row: readonly number[], side: number): number {
  const sum = row.reduce((n, a) => n + a, 0);
  return Math.max((side * side * Math.max(...row)) / (sum * sum), (sum * sum) / (side * side * Math.min(...row)));
}

function rowOf(row: readonly number[], { x, y, w, h }: Box): Box[] {
  const deep = row.reduce((n, a) => n + a, 0) / Math.min(w, h);
  let at = 0;
  return row.map((area): Box => {
    const [from, long] = [at, area / deep];
    at += long;
    return w >= h ? { x, y: y + from, w: deep, h: long } : { x: x + from, y, w: long, h: deep };
  });
}

function beside(row: readonly number[], { x, y, w, h }: Box): Box {
  const deep = row.reduce((n, a) => n + a, 0) / Math.min(w, h);
  return w >= h ? { x: x + deep, y, w: w - deep, h } : { x, y: y + deep, w, h: h - deep };
}
