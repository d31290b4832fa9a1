/** Boxes in layers from top to bottom, each below what it comes from (after Sugiyama, Tagawa and Toda 1981, kept small). */

interface Size {
  readonly w: number;
  readonly h: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** From a box to one of a higher place. */
type Wire = readonly [from: number, to: number];

interface Placed extends Size {
  /** Upper left corners of the boxes. */
  readonly corners: readonly Point[];
  /** Of each wire the points it goes through: straight down from the first to the second, from the third to the fourth, ... */
  readonly lines: readonly (readonly Point[])[];
}

/** A box in its layer, or a place that a longer wire passes a layer at. */
interface Cell extends Size {
  readonly above: Cell[];
  readonly below: Cell[];
  /** Of its middle. */
  x: number;
}

const gap = { across: 14, down: 30 };
const rounds = 8;

export function layered(sizes: readonly Size[], wires: readonly Wire[]): Placed {
  const depths = depthsOf(sizes.length, wires);
  const layers: Cell[][] = Array.from({ length: Math.max(-1, ...depths) + 1 }, () => []);
  const put = (size: Size, depth: number): Cell => {
    const cell: Cell = { ...size, above: [], below: [], x: 0 };
    layers[depth].push(cell);
    return cell;
  };
  const boxes = sizes.map((size, i) => put(size, depths[i]));
  const ways = wires.map(([from, to]) => [boxes[from], boxes[to]]);
  const trunks = new Map<string, Cell>();
  wires.forEach(([from, to], i) => {
    for (let depth = depths[from] + 1; depth < depths[to]; depth++) {
      // Wires of one box go together as far as they can.
      const key = `${from},${depth}`;
      const known = trunks.get(key);
      const cell = known ?? put({ w: 4, h: 0 }, depth);
      if (!known) trunks.set(key, cell);
      ways[i].splice(-1, 0, cell);
    }
  });
  for (const way of ways) way.slice(1).forEach((cell, i) => join(way[i], cell));
  arrange(layers);
  return drawn(layers, boxes, ways);
}

function join(upper: Cell, lower: Cell): void {
  if (upper.below.includes(lower)) return;
  upper.below.push(lower);
  lower.above.push(upper);
}

/** One below the lowest that it comes from; what comes from nothing stands right above what it goes to. */
function depthsOf(n: number, wires: readonly Wire[]): number[] {
  const depths = new Array<number>(n).fill(0);
  const sorted = [...wires].sort((a, b) => a[0] - b[0]);
  for (const [from, to] of sorted) depths[to] = Math.max(depths[to], depths[from] + 1);
  const fed = new Set(wires.map(([, to]) => to));
  const nearest = new Map<number, number>();
  for (const [from, to] of wires) nearest.set(from, Math.min(nearest.get(from) ?? Infinity, depths[to]));
  return depths.map((depth, i) => (fed.has(i) ? depth : (nearest.get(i) ?? 1) - 1));
}

const mean = (cells: readonly Cell[], otherwise: number): number =>
  cells.length === 0 ? otherwise : cells.reduce((n, c) => n + c.x, 0) / cells.length;

/** Down and up again: each layer in the order of where its neighbours stand, then as near to them as it fits. */
function arrange(layers: readonly Cell[][]): void {
  layers.forEach((layer) => place(layer, () => 0));
  for (let round = 0; round < rounds; round++) {
    const isDown = round % 2 === 0;
    for (const layer of isDown ? layers : [...layers].reverse()) {
      const wanted = new Map(layer.map((c) => [c, mean(isDown ? c.above : c.below, c.x)]));
      const wantedOf = (c: Cell): number => wanted.get(c) ?? c.x;
      if (round < rounds - 2) layer.sort((a, b) => wantedOf(a) - wantedOf(b));
      place(layer, wantedOf);
    }
  }
}

/** Cells that stand together because they would overlap; `at` is the mean of where they want the first to be. */
interface Cluster {
  readonly cells: readonly Cell[];
  readonly at: number;
}

/** As near to the wanted middles as the order allows: neighbours that would overlap are pooled. */
function place(layer: readonly Cell[], wantedOf: (c: Cell) => number): void {
  const offsets = new Map<Cell, number>();
  layer.forEach((c, i) => offsets.set(c, i === 0 ? 0 : (offsets.get(layer[i - 1]) ?? 0) + (layer[i - 1].w + c.w) / 2 + gap.across));
  const offsetOf = (c: Cell): number => offsets.get(c) ?? 0;
  const clusters: Cluster[] = [];
  for (const c of layer) {
    let last: Cluster = { cells: [c], at: wantedOf(c) - offsetOf(c) };
    for (let before = clusters.at(-1); before && before.at > last.at; before = clusters.at(-1)) {
      clusters.pop();
      const [n, m] = [before.cells.length, last.cells.length];
      last = { cells: [...before.cells, ...last.cells], at: (before.at * n + last.at * m) / (n + m) };
    }
    clusters.push(last);
  }
  for (const { cells, at } of clusters) for (const c of cells) c.x = at + offsetOf(c);
}

function drawn(layers: readonly Cell[][], boxes: readonly Cell[], ways: readonly (readonly Cell[])[]): Placed {
  const all = layers.flat();
  const left = all.reduce((n, c) => Math.min(n, c.x - c.w / 2), Infinity);
  const right = all.reduce((n, c) => Math.max(n, c.x + c.w / 2), -Infinity);
  const tops = new Map<Cell, { readonly top: number; readonly tall: number }>();
  let top = 0;
  for (const layer of layers) {
    const tall = layer.reduce((n, c) => Math.max(n, c.h), 0);
    for (const c of layer) tops.set(c, { top, tall });
    top += tall + gap.down;
  }
  const x = (c: Cell): number => Math.round(c.x - left);
  const y = (c: Cell): number => tops.get(c)?.top ?? 0;
  const through = (c: Cell): readonly Point[] => [
    { x: x(c), y: y(c) },
    { x: x(c), y: y(c) + (tops.get(c)?.tall ?? 0) },
  ];
  return {
    w: all.length === 0 ? 0 : Math.ceil(right - left),
    h: Math.max(0, top - gap.down),
    corners: boxes.map((c) => ({ x: Math.round(x(c) - c.w / 2), y: y(c) })),
    lines: ways.map((way) => [
      { x: x(way[0]), y: y(way[0]) + way[0].h },
      { x: x(way[0]), y: y(way[0]) + (tops.get(way[0])?.tall ?? 0) },
      ...way.slice(1, -1).flatMap(through),
      { x: x(way[way.length - 1]), y: y(way[way.length - 1]) },
    ]),
  };
}
