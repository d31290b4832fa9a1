/** Ifs and Loops as branches and loops of a program: values stay where they are, and the host learns a condition or a count. */
import type { Cond } from "../base/cond.js";
import type { Range } from "../base/dim-bounds.js";
import { add, isConst, max, sameDim, symbol, symbolsOf, type Dim } from "../base/dim.js";
import { fail, invariant } from "../base/diagnostic.js";
import { dimsAttr, rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import type { Names } from "../ir/rewrite/names.js";
import type { ProgramSymbol, Step } from "../program/program.js";
import type { BufferTable } from "./buffer-table.js";
import { asksEachRound, capturedBy } from "./control.js";
import { draftCopy, draftRow, type Draft } from "./draft.js";

/** A step before buffers have numbers. */
export type DraftStep = DraftCompute | DraftControl;

export interface DraftCompute {
  readonly op: "compute";
  readonly draft: Draft;
  readonly alternate?: Draft;
  readonly oneWay?: string;
}

export interface DraftControl {
  readonly op: Exclude<Step["op"], "compute">;
  readonly label: string;
  readonly origin: readonly string[];
  /** What it touches itself. */
  readonly touches: readonly Value[];
  readonly bodies: readonly (readonly DraftStep[])[];
  /** Without id and origin; takes the bodies' steps. */
  readonly make: (id: (v: Value) => number, bodies: readonly (readonly Step[])[]) => Unnamed;
}

type Unnamed = Step extends infer S ? (S extends Step ? Omit<S, "id" | "origin"> : never) : never;

/** A body, lowered by itself. */
export interface DraftBody {
  readonly ready: Graph;
  /** Its steps, once its inputs and results have their bytes. */
  readonly steps: () => readonly DraftStep[];
}

export interface ControlContext {
  readonly table: BufferTable;
  readonly names: Names;
  /** Symbols that steps decide, in the order in which they become known. */
  readonly symbols: ProgramSymbol[];
  /** Whether a symbol has a value already. */
  readonly isKnown: (symbol: string) => boolean;
  /** The integers of a small tensor that are known when compiling, follow from sizes, or are the host's own. */
  readonly elements: (v: Value) => readonly Dim[] | undefined;
  /** The host knows the integer that a value holds: it writes it. */
  readonly learn: (v: Value, value: Dim) => void;
}

/** Reads integers back as the symbols that a node names, unless the host has them already. */
export function draftRead(node: Node, context: ControlContext): readonly DraftStep[] {
  const control = new Control(node, context);
  const [[from], [to]] = [node.inputs, node.outputs];
  invariant(from && to, "a read has an operand and a result");
  const names = (dimsAttr(node, "value") ?? []).flatMap((d) => symbolsOf(d));
  for (const name of names) context.symbols.push({ name, source: { kind: "step" }, lo: 0, hi: Infinity });
  const known = context.elements(from);
  const learnt = known ? control.let(names.map((name, at) => ({ name, value: known[at] }))) : control.readInto(from, names);
  return [learnt, ...control.giveOut(to, from)];
}

/** Runs one of two bodies, by a condition that is read back. */
export function draftIf(node: Node, then: DraftBody, otherwise: DraftBody, context: ControlContext): readonly DraftStep[] {
  const control = new Control(node, context);
  const condition = control.asked(node.inputs[0], "condition", truth);
  const bodies = [then, otherwise].map((body) => {
    control.give(capturedBy(node), body.ready.inputs);
    control.take(body, body.ready.outputs, node.outputs);
    return body.steps();
  });
  const when: Cond = { op: "ne", a: condition.value, b: 0 };
  return [...condition.steps, control.step("branch", [], bodies, (_, [yes, no]) => ({ op: "branch", when, then: yes, otherwise: no }))];
}

/**
 * Carries values in two buffers each, of which one is read and one written; after a round they change hands. What is collected
 * is copied to its row behind each round. The trip count and the condition are read back where they are data.
 */
export function draftLoop(node: Node, body: DraftBody, context: ControlContext): readonly DraftStep[] {
  const control = new Control(node, context);
  const captured = capturedBy(node);
  const [trip, goes, ...first] = node.inputs.slice(0, node.inputs.length - captured.length);
  const [iteration, condition, ...given] = body.ready.inputs;
  const [goesOn, results] = asksEachRound(node) ? [body.ready.outputs[0], body.ready.outputs.slice(1)] : [undefined, body.ready.outputs];
  const [next, rows] = [results.slice(0, first.length), results.slice(first.length)];
  const carried = given.slice(0, first.length);
  const now = carried.map((v) => control.standIn(v));
  const after = next.map((v) => control.standIn(v));

  const count = trip && control.asked(trip, "count", anyInteger);
  // Before anything is known that a round decides.
  const collected = control.collected(rows, node.outputs.slice(first.length), count?.value);
  const starts = goes && control.asked(goes, "condition", truth);
  const goingOn = goesOn && control.symbol("going on", truth);
  const round = control.symbol("round", { lo: 0, hi: Infinity });
  const changing = [
    { name: round, first: 0, next: add(symbol(round), 1) },
    ...carried.flatMap((v, k) => control.carriedSizes(v, first[k], next[k])),
  ];
  const start = [
    ...(count?.steps ?? []),
    ...(starts?.steps ?? []),
    control.let([
      ...changing.map((c) => ({ name: c.name, value: c.first })),
      ...(goingOn ? [{ name: goingOn, value: starts?.value ?? 1 }] : []),
      ...collected.counts,
    ]),
    ...now.map((v, k) => control.copy(v, first[k])),
    // Of a round that runs it is true.
    ...control.written(condition, 1, body),
  ];

  // Memory of a size that steps decide, and a place in the arena, do not change hands: there the value is copied.
  const handsOver = (v: Value, k: number): boolean => control.isLate(v) === control.isLate(after[k]);

  context.learn(iteration, symbol(round));
  control.give([iteration, condition, ...now, ...captured], body.ready.inputs);
  control.take(body, [...next, ...collected.rows], [...after, ...collected.places]);
  const inside = [
    ...control.written(iteration, symbol(round), body),
    ...body.steps(),
    ...collected.inRound(symbol(round)),
    ...(goesOn && goingOn ? [control.readInto(goesOn, [goingOn])] : []),
    ...control.bind(now.flatMap((v, k) => (handsOver(v, k) ? [[v, after[k]] as const] : []))),
    control.let(changing.map((c) => ({ name: c.name, value: c.next }))),
    ...now.flatMap((v, k) => (handsOver(v, k) ? [] : [control.copy(v, after[k])])),
  ];
  const onwards = goingOn === undefined ? starts?.value : symbol(goingOn);
  const when: Cond = {
    op: "and",
    all: [
      ...(count ? [{ op: "lt", a: symbol(round), b: count.value } as const] : []),
      ...(onwards === undefined || onwards === 1 ? [] : [{ op: "ne", a: onwards, b: 0 } as const]),
    ],
  };
  return [
    ...start,
    control.step("loop", [], [inside], (_, [steps]) => ({ op: "loop", when, body: steps })),
    ...collected.behind(symbol(round)),
    ...node.outputs.slice(0, first.length).flatMap((y, k) => (y ? control.giveOut(y, now[k]) : [])),
  ];
}

/** A constant trip count above this bounds nothing: no tensor has so many rows. */
const mostRounds = 2 ** 31;

const truth: Range = { lo: 0, hi: 1 };
const anyInteger: Range = { lo: Number.MIN_SAFE_INTEGER, hi: Infinity };

/** What a Loop does for what it collects, a row a round. */
interface Collected {
  /** Rows as a round gives them, and the bytes of each. */
  readonly rows: readonly Value[];
  readonly places: readonly Value[];
  /** Of results that have as many rows as data decide: at first as many as there may be. */
  readonly counts: readonly { readonly name: string; readonly value: Dim }[];
  readonly inRound: (round: Dim) => readonly DraftStep[];
  /** They have as many rows as there were rounds. */
  readonly behind: (rounds: Dim) => readonly DraftStep[];
}

/** What the host knows, and what it has to do for it. */
interface Asked {
  readonly value: Dim;
  readonly steps: readonly DraftStep[];
}

/** The steps of one If or Loop. */
class Control {
  readonly #node: Node;
  readonly #context: ControlContext;
  readonly #label: string;

  constructor(node: Node, context: ControlContext) {
    this.#node = node;
    this.#context = context;
    this.#label = node.origin[node.origin.length - 1] ?? node.op;
  }

  step(op: DraftControl["op"], touches: readonly Value[], bodies: DraftControl["bodies"], make: DraftControl["make"]): DraftControl {
    return { op, label: `${this.#label}_${op}`, origin: this.#node.origin, touches, bodies, make };
  }

  symbol(what: string, range: Range): string {
    const name = this.#context.names.fresh(`${this.#label}.${what}`);
    this.#context.symbols.push({ name, source: { kind: "step" }, ...range });
    return name;
  }

  /** The integer that a tensor of one element holds: known when compiling, or read back. */
  asked(v: Value | undefined, what: string, range: Range): Asked {
    invariant(v, `${this.#label} has no ${what}`);
    const [known] = this.#context.elements(v) ?? [];
    if (known !== undefined) return { value: known, steps: [] };
    const name = this.symbol(what, range);
    return { value: symbol(name), steps: [this.readInto(v, [name])] };
  }

  readInto(v: Value, names: readonly string[]): DraftStep {
    const host: Value = { name: this.#context.names.fresh(`${v.name}.host`), type: v.type };
    this.#context.table.place(host, "host");
    return this.step("read", [v, host], [], (id) => ({
      op: "read",
      from: id(v),
      to: id(host),
      symbols: names.map((name, at) => ({ name, at })),
    }));
  }

  let(symbols: readonly { readonly name: string; readonly value: Dim }[]): DraftStep {
    return this.step("let", [], [], () => ({ op: "let", symbols }));
  }

  /** Gives a body an integer that it reads: the host writes it and waits, so not where nobody looks. */
  written(to: Value, value: Dim, { ready }: DraftBody): readonly DraftStep[] {
    const isUsed = (v: Value | undefined): boolean =>
      v !== undefined &&
      (ready.outputs.includes(v) || ready.nodes.some((n) => n.inputs.includes(v) && (n.op !== "read" || isUsed(n.outputs[0]))));
    const isRead = isUsed(to);
    return isRead ? [this.step("write", [to], [], (id) => ({ op: "write", to: id(to), value }))] : [];
  }

  bind(pairs: readonly (readonly [Value, Value])[]): readonly DraftStep[] {
    if (pairs.length === 0) return [];
    const make: DraftControl["make"] = (id) => ({ op: "bind", pairs: pairs.map(([a, b]) => [id(a), id(b)] as const) });
    return [this.step("bind", pairs.flat(), [], make)];
  }

  copy(to: Value, from: Value | undefined): DraftStep {
    invariant(from, `"${to.name}" begins with nothing`);
    return { op: "compute", draft: draftCopy(to, from) };
  }

  /** Rows that somebody reads, each to be copied to its place in what it is a row of. */
  collected(rows: readonly Value[], results: readonly (Value | undefined)[], count: Dim | undefined): Collected {
    const read = rows.flatMap((row, k) => {
      const y = results[k];
      return y ? [{ row, y, place: this.standIn(row) }] : [];
    });
    read.forEach(({ row, y }) => this.#requireRow(row, y));
    const counts = read.flatMap(({ y }) => this.#countOf(y, count));
    return {
      rows: read.map((r) => r.row),
      places: read.map((r) => r.place),
      counts,
      inRound: (round) => read.map(({ y, place }) => ({ op: "compute", draft: draftRow(y, place, round) })),
      behind: (value) => (counts.length > 0 ? [this.let(counts.map(({ name }) => ({ name, value })))] : []),
    };
  }

  /** Every round gives a row of one type, whose extents no round decides. */
  #requireRow(row: Value, y: Value): void {
    const [one, all] = [row, y].map(rankedType);
    const isKnown = (d: Dim): boolean => symbolsOf(d).every((s) => this.#context.isKnown(s));
    const isLike = one?.dtype === all?.dtype && one?.shape.length === (all?.shape.length ?? 0) - 1;
    if (isLike && one?.shape.every((d, i) => isKnown(d) && sameDim(d, all?.shape[i + 1] ?? -1))) return;
    this.#refuse(
      `rows of "${y.name}" may change their type or their extents from round to round`,
      "Collect rows of extents that are known before the Loop begins, or run this part on the host.",
    );
  }

  /** The symbol of how many rows there are, where data decide, and how many there may be. */
  #countOf(y: Value, count: Dim | undefined): Collected["counts"] {
    const [rows] = rankedType(y)?.shape ?? [];
    const [name] = rows === undefined ? [] : symbolsOf(rows);
    if (rows === undefined || name === undefined || !sameDim(rows, symbol(name)) || this.#context.isKnown(name)) return [];
    if (count === undefined || (isConst(count) && count > mostRounds))
      return this.#refuse(
        `"${y.name}" collects a row a round, and nothing says how many rounds there may be`,
        "Give the Loop a trip count of as many rounds as it may run, or run this part on the host.",
      );
    this.#context.symbols.push({ name, source: { kind: "step" }, lo: 0, hi: Infinity });
    return [{ name, value: max(0, count) }];
  }

  /** A buffer of a value's type that is no other's: one of the two in which it is carried. */
  standIn(v: Value): Value {
    const own = { name: this.#context.names.fresh(v.name), type: v.type };
    this.#context.table.place(own, "arena");
    return own;
  }

  /** Whether steps decide how large it is. */
  isLate(v: Value): boolean {
    const decided = new Set(this.#context.symbols.map((s) => s.name));
    return rankedType(v)?.shape.some((d) => symbolsOf(d).some((s) => decided.has(s))) ?? false;
  }

  /** Sizes of a carried value that a round changes: they begin with the first value's and go on with what the round makes. */
  carriedSizes(v: Value, first: Value | undefined, next: Value): readonly { name: string; first: Dim; next: Dim }[] {
    const [shape, from, to] = [v, first, next].map((x) => rankedType(x)?.shape);
    invariant(shape && from && to, `"${v.name}" is carried with unknown rank`);
    this.#requireLike(first, v);
    return shape.flatMap((d, axis) => {
      if (sameDim(d, from[axis]) && sameDim(d, to[axis])) return [];
      const [name] = symbolsOf(d);
      if (!sameDim(d, symbol(name ?? "")) || this.#context.isKnown(name))
        return this.#refuse(`"${v.name}" changes its extent ${d} in a way that is not followed`);
      this.#context.symbols.push({ name, source: { kind: "step" }, lo: 0, hi: Infinity });
      return [{ name, first: from[axis], next: to[axis] }];
    });
  }

  /** What comes from outside, under the names that a body has for it. */
  give(outer: readonly Value[], inner: readonly Value[]): void {
    for (const [k, v] of inner.entries()) {
      if (v === outer[k]) continue;
      this.#requireLike(outer[k], v);
      this.#context.table.alias(v, outer[k]);
    }
  }

  /** What a body makes, as what the node gives out. */
  take({ ready }: DraftBody, inner: readonly Value[], outer: readonly (Value | undefined)[]): void {
    const own = new Set(ready.nodes.flatMap((n) => n.outputs.filter((v) => v !== undefined)));
    for (const [k, as] of outer.entries()) {
      if (!as) continue;
      this.#requireLike(inner[k], as);
      this.#context.table.result(inner[k], as, own);
    }
  }

  giveOut(y: Value, from: Value): readonly DraftStep[] {
    this.#requireLike(from, y);
    return this.#context.table.alias(y, from) ? [] : [this.copy(y, from)];
  }

  /** The same element type and rank on both sides of a body's border. */
  #requireLike(a: Value | undefined, b: Value): void {
    const [x, y] = [rankedType(a), rankedType(b)];
    if (x && y && x.dtype === y.dtype && x.shape.length === y.shape.length) return;
    const spelt = (t: typeof x): string => (t ? `${t.dtype}[${t.shape.join(", ")}]` : "of unknown rank");
    this.#refuse(`"${b.name}" is ${spelt(x)} outside a body and ${spelt(y)} inside`);
  }

  #refuse(message: string, fix = "Fix the condition or the trip count with --freeze NAME=VALUE, or run this part on the host."): never {
    return fail("unsupported-op", `${this.#node.op} "${this.#label}": ${message}`, { location: { node: this.#label }, fix });
  }
}
