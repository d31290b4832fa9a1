/** Fewer boxes for the same graph: chains become one; where there are still too many, branches that are alike, and at last neighbours. */
import type { Item, Level, Work } from "./levels.js";

/** Boxes of a level that can still be taken in. */
const most = 60;

export function coarser(level: Level): Level {
  let now = joined(sorted(level), chains);
  for (let before = Infinity; now.items.length > most && now.items.length < before;) {
    before = now.items.length;
    now = joined(joined(now, twins), chains);
  }
  if (now.items.length > most) now = joined(now, neighbours);
  return now.items.length > most ? joined(now, stretches) : now;
}

type Wires = readonly (readonly number[])[];

/** Of each item those it goes to, or comes from. */
function neighboursOf({ items, wires }: Level, end: 0 | 1): Wires {
  const out: number[][] = items.map(() => []);
  for (const wire of wires) out[wire[end]].push(wire[1 - end]);
  return out;
}

/** Each item behind all that it comes from. */
function sorted({ items, wires }: Level): Level {
  const below = neighboursOf({ items, wires }, 0);
  const waiting = neighboursOf({ items, wires }, 1).map((list) => list.length);
  const order = items.flatMap((_, i) => (waiting[i] === 0 ? [i] : []));
  for (const i of order) for (const to of below[i]) if (--waiting[to] === 0) order.push(to);
  const places = new Map(order.map((i, at) => [i, at]));
  const placeOf = (i: number): number => places.get(i) ?? 0;
  return { items: order.map((i) => items[i]), wires: wires.map(([a, b]) => [placeOf(a), placeOf(b)]) };
}

const isAlike = (a: Item, b: Item): boolean => a.is === "work" && b.is === "work" && a.gap === b.gap;

/** For each item the first of those that it is joined with. */
type Groups = readonly number[];

function chains(level: Level): Groups {
  const [below, above] = [neighboursOf(level, 0), neighboursOf(level, 1)];
  const first: number[] = [];
  level.items.forEach((item, i) => {
    const [one, ...more] = above[i];
    const isNext = one !== undefined && more.length === 0 && below[one].length === 1 && isAlike(level.items[one], item);
    first.push(isNext ? first[one] : i);
  });
  return first;
}

/** Branches between the same two ends. */
function twins(level: Level): Groups {
  const [below, above] = [neighboursOf(level, 0), neighboursOf(level, 1)];
  const firsts = new Map<string, number>();
  return level.items.map((item, i) => {
    if (item.is !== "work") return i;
    const key = [item.gap ?? "", ...[below[i], above[i]].map((list) => [...list].sort((a, b) => a - b).join())].join(";");
    const known = firsts.get(key) ?? i;
    firsts.set(key, known);
    return known;
  });
}

/** In order, whatever leads from one to the other. */
function neighbours({ items }: Level): Groups {
  const first: number[] = [];
  items.forEach((item, i) => first.push(i > 0 && isAlike(items[i - 1], item) ? first[i - 1] : i));
  return first;
}

/** Stretches of as many as it takes, gaps among them. */
function stretches({ items }: Level): Groups {
  const length = Math.ceil(items.length / most);
  const first: number[] = [];
  items.forEach((item, i) => {
    const isNext = i % length > 0 && item.is === "work" && items[i - 1].is === "work";
    first.push(isNext ? first[i - 1] : i);
  });
  return first;
}

function joined(level: Level, groupsOf: (level: Level) => Groups): Level {
  const groups = groupsOf(level);
  const firsts = [...new Set(groups)];
  const places = new Map(firsts.map((f, i) => [f, i]));
  const members: Item[][] = firsts.map(() => []);
  groups.forEach((g, i) => members[places.get(g) ?? 0].push(level.items[i]));
  const wires = level.wires.map((w) => w.map((i) => places.get(groups[i]) ?? 0));
  const kept = new Map(wires.filter(([a, b]) => a !== b).map(([a, b]) => [`${a},${b}`, [a, b] as const]));
  return sorted({ items: members.map(one), wires: [...kept.values()] });
}

function one(items: readonly Item[]): Item {
  const works = items.filter((i): i is Work => i.is === "work");
  if (items.length === 1) return items[0];
  const gap = works.find((w) => w.gap !== undefined)?.gap;
  return { is: "work", nodes: works.flatMap((w) => w.nodes).sort((a, b) => a - b), ...(gap && { gap }) };
}
