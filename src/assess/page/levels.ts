/**
 * A model's graph as it is drawn: nodes that need no step are passed over, layers that repeat stand once in a frame, and what
 * follows each other without a branch is one box. Gaps keep boxes of their own.
 */
import type { How, ModelReport } from "../report.js";
import { coarser } from "./coarse.js";
import { stepsTo, type Step } from "./collapse.js";

/** What is refused, was not asked, or runs where it is slow. */
export const gaps: ReadonlySet<How> = new Set(["refused", "undecided", "host", "scalar"]);

/** Nodes that are told together, by their places. */
export interface Work {
  readonly is: "work";
  readonly nodes: readonly number[];
  /** Of a gap how it is carried out. */
  readonly gap?: How;
}

interface Frame {
  readonly is: "frame";
  readonly times: number;
  readonly level: Level;
}

/** Where a frame or the model begins and ends. */
interface End {
  readonly is: "in" | "out";
  /** Of the model: which inputs or outputs. */
  readonly of?: readonly number[];
}

export type Item = Work | Frame | End;

/** Items, each behind those it reads, and which goes to which. */
export interface Level {
  readonly items: readonly Item[];
  readonly wires: readonly (readonly [number, number])[];
}

/** One that is being put together; items go by what they are called within it. */
interface Draft {
  readonly items: Map<string, { readonly nodes: number[]; readonly times?: number; readonly inner: Draft }>;
  readonly wires: Set<string>;
}

const draft = (): Draft => ({ items: new Map(), wires: new Set() });
const [entry, exit] = ["in", "out"];

/** More inputs or outputs than this are one. */
const mostEnds = 4;

export function levelsOf({ nodes, ends, model }: ModelReport, hows: readonly How[]): Level {
  const isDrawn = (i: number): boolean => hows[i] !== "folded";
  const sources = passedOver(nodes, isDrawn);
  const shown = nodes.flatMap((_, i) => (isDrawn(i) ? [i] : []));
  const steps = stepsTo(shown.map((i) => [nodes[i].op, hows[i], ...(nodes[i].within ?? [])].join("\n")));
  const whole = draft();
  const wayTo = new Map(shown.map((i, at) => [i, steps[at].map(nameOf)]));
  shown.forEach((i, at) => keep(whole, steps[at], i));
  const input = (i: number): readonly string[] => [model.inputs.length > mostEnds ? entry : `${entry} ${i}`];
  const source = (i: number): readonly string[] => (i < 0 ? input(-1 - i) : (wayTo.get(i) ?? []));
  for (const i of shown) for (const from of sources[i]) connect(whole, source(from), wayTo.get(i) ?? []);
  ends.forEach((from, i) => {
    const to = [model.outputs.length > mostEnds ? exit : `${exit} ${i}`];
    for (const f of from === null ? [] : from < 0 || isDrawn(from) ? [from] : sources[from]) connect(whole, source(f), to);
  });
  return finished(
    whole,
    (name) => endOf(name, model),
    (i) => hows[i],
  );
}

const nameOf = ({ at, round }: Step): string => (round === undefined ? `${at}` : `${at}/${round}`);
const itemIn = (name: string): string => name.split("/")[0];

/** What each node takes its values from once those that need no step are left out; how large a tensor is is no value of it. */
function passedOver(nodes: ModelReport["nodes"], isDrawn: (i: number) => boolean): readonly (readonly number[])[] {
  const sources: (readonly number[])[] = [];
  for (const { reads } of nodes) {
    const through = (r: number): readonly number[] => {
      if (r < 0 || isDrawn(r)) return [r];
      return nodes[r].op === "Shape" || nodes[r].op === "Size" ? [] : sources[r];
    };
    sources.push([...new Set(reads.flatMap(through))]);
  }
  return sources;
}

function keep(level: Draft, [step, ...rest]: readonly Step[], node: number): void {
  const name = itemIn(nameOf(step));
  const known = level.items.get(name) ?? { nodes: [], times: step.times, inner: draft() };
  level.items.set(name, known);
  if (rest.length > 0) keep(known.inner, rest, node);
  else known.nodes.push(node);
}

/** Where the ways part there is a wire, from one round to the next none; from there on one leaves its frames, and the other enters its own. */
function connect(level: Draft, from: readonly string[], to: readonly string[]): void {
  if (from.length === 0 || to.length === 0) return;
  const [a, b] = [itemIn(from[0]), itemIn(to[0])];
  const inner = level.items.get(a)?.inner;
  if (from[0] === to[0]) {
    if (inner) connect(inner, from.slice(1), to.slice(1));
    return;
  }
  if (a !== b) level.wires.add(`${a}>${b}`);
  if (inner && from.length > 1) connect(inner, from.slice(1), [exit]);
  const other = level.items.get(b)?.inner;
  if (other && to.length > 1) connect(other, [entry], to.slice(1));
}

function endOf(name: string, { inputs, outputs }: ModelReport["model"]): End {
  const [is, at] = name.split(" ") as ["in" | "out", string | undefined];
  return { is, of: at === undefined ? [...(is === "in" ? inputs : outputs).keys()] : [Number(at)] };
}

function finished({ items, wires }: Draft, end: (name: string) => End, howOf: (node: number) => How): Level {
  const pairs = [...wires].map((w) => w.split(">"));
  const names = [...new Set([...pairs.flat(), ...items.keys()])];
  const itemOf = (name: string): Item => {
    const item = items.get(name);
    if (!item) return end(name);
    if (item.times !== undefined)
      return { is: "frame", times: item.times, level: finished(item.inner, (n) => ({ is: n as End["is"] }), howOf) };
    const how = howOf(item.nodes[0]);
    return { is: "work", nodes: item.nodes, ...(gaps.has(how) && { gap: how }) };
  };
  const places = new Map(names.map((n, i) => [n, i]));
  return coarser({ items: names.map(itemOf), wires: pairs.map(([a, b]) => [places.get(a) ?? 0, places.get(b) ?? 0] as const) });
}
