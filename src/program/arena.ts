/** The arena of a Program: which buffers are alive when, who may share bytes, and how many they take. */
import type { Range, Ranges } from "../base/dim-bounds.js";
import { evaluateDim, isConst, symbolsOf, type Dim } from "../base/dim.js";
import { dtypes } from "../base/dtype.js";
import { buffersOf, everyStep, kernelsByName, stepSymbols, touchedBy, waysOf } from "./flow.js";
import { arenaOrder, conflicts, firstFit, lowerBound, type Lifetime } from "./placement.js";
import type { Program, ProgramBuffer, ProgramSymbol, Step } from "./program.js";

interface Arena {
  /** Pairs of buffers that live at the same time. */
  readonly conflicts: readonly (readonly [number, number])[];
  /** In which first-fit places them. */
  readonly order: readonly number[];
  /** Bytes with every bounded symbol at its highest value and all others at their lowest, and the least any placement could do. */
  readonly bytes: number;
  readonly lowerBound: number;
  /** Bytes with every symbol at its lowest. */
  readonly bytesAtLowest: number;
}

/** An end of the range of sizes. A symbol without an upper bound stands at its lowest at both. */
export type End = "lowest" | "highest";

type Timed = Pick<Program, "buffers" | "kernels" | "steps" | "symbols">;

export function arenaOf(program: Timed): Arena {
  const lifetimes = lifetimesOf(program);
  const pairs = conflicts(lifetimes);
  const [lowest, highest] = [bytesAt(program, "lowest"), bytesAt(program, "highest")];
  const order = arenaOrder(lifetimes, pairs, highest);
  return {
    conflicts: pairs,
    order,
    bytes: firstFit(order, pairs, highest).total,
    lowerBound: lowerBound(lifetimes, highest),
    bytesAtLowest: firstFit(order, pairs, lowest).total,
  };
}

/** Bytes of the arena where each buffer takes what `bytes` says; memory that buffers of late sizes have of their own counts too. */
export function arenaPlacer(program: Timed): (bytes: (buffer: number) => number) => number {
  const { order, conflicts: pairs } = arenaOf(program);
  const late = [...lateBuffers(program)].filter((id) => program.buffers[id].home === "arena" && program.buffers[id].aliasOf === undefined);
  return (bytes) => firstFit(order, pairs, bytes).total + late.reduce((n, id) => n + bytes(id), 0);
}

export function rangesOf(symbols: readonly ProgramSymbol[]): Ranges {
  const bounds = new Map(symbols.map((s): [string, Range] => [s.name, s]));
  return (name) => bounds.get(name);
}

/** Buffers whose size some step decides: they have memory of their own, which grows when it must. */
export function lateBuffers(program: Pick<Program, "buffers" | "symbols">): ReadonlySet<number> {
  const { buffers } = program;
  const late = new Set(stepSymbols(program).map((s) => s.name));
  if (late.size === 0) return new Set();
  return new Set(buffers.filter((b) => b.shape.some((d) => symbolsOf(d).some((s) => late.has(s)))).map((b) => b.id));
}

interface Span {
  first: number;
  last: number;
}

/** A step, its number, and the number of the last step within it. */
interface Visit {
  readonly step: Step;
  readonly at: number;
  readonly end: number;
}

function visitsOf(steps: readonly Step[]): readonly Visit[] {
  const all = [...everyStep(steps)];
  return all.map((step, at) => ({ step, at, end: step.op === "compute" ? at : at + [...everyStep([step])].length - 1 }));
}

function lifetimesOf(program: Timed): Lifetime[] {
  const owners = ownersOf(program);
  const visits = visitsOf(program.steps);
  const spans = new Map<number, Span>();
  for (const { step, at } of visits)
    for (const owner of owners(step)) {
      const span = spans.get(owner) ?? { first: at, last: at };
      span.last = at;
      spans.set(owner, span);
    }
  // Inner loops first: what they let live longer lives longer in the outer ones too.
  for (const visit of [...visits].reverse())
    if (visit.step.op === "loop") keepThrough(visit, freshIn(visit.step.body, program, owners), spans);
  for (const { step } of visits) if (step.op === "bind") joinPairs(step.pairs, spans);
  return [...spans].map(([buffer, span]) => ({ buffer, ...span }));
}

/** Buffers of the arena whose bytes a step touches. */
function ownersOf(program: Timed): (step: Step) => readonly number[] {
  const { buffers } = program;
  const kernels = kernelsByName(program);
  const late = lateBuffers(program);
  const isPlaced = (id: number): boolean => buffers[id].home === "arena" && !late.has(id);
  return (step) =>
    buffersOf(step, kernels)
      .map((id) => buffers[id].aliasOf ?? id)
      .filter(isPlaced);
}

/** What a loop's body gets from outside or from the round before, or leaves for afterwards, lives through all rounds. */
function keepThrough({ at, end }: Visit, fresh: ReadonlySet<number>, spans: Map<number, Span>): void {
  for (const [id, span] of spans) {
    const isTouched = span.last > at && span.first <= end;
    const isOfOneRound = span.first > at && span.last <= end && fresh.has(id);
    if (!isTouched || isOfOneRound) continue;
    span.first = Math.min(span.first, at);
    span.last = Math.max(span.last, end);
  }
}

/** Buffers that the first step of a round to touch them writes, and does not read. */
function freshIn(body: readonly Step[], program: Timed, owners: (step: Step) => readonly number[]): ReadonlySet<number> {
  const kernels = kernelsByName(program);
  const owner = (id: number): number => program.buffers[id].aliasOf ?? id;
  const [fresh, seen] = [new Set<number>(), new Set<number>()];
  for (const step of body) {
    const read = new Set(step.op === "compute" ? waysOf(step).flatMap((act) => touchedBy(act, kernels).reads.map(owner)) : []);
    for (const id of owners(step)) if (step.op === "compute" && !seen.has(id) && !read.has(id)) fresh.add(id);
    for (const inner of everyStep([step])) owners(inner).forEach((id) => seen.add(id));
  }
  return fresh;
}

/** Memory that changes hands is alive as long as either of the two. */
function joinPairs(pairs: readonly (readonly [number, number])[], spans: Map<number, Span>): void {
  for (const pair of pairs) {
    const both = pair.map((id) => spans.get(id)).filter((s) => s !== undefined);
    const whole = { first: Math.min(...both.map((s) => s.first)), last: Math.max(...both.map((s) => s.last)) };
    for (const span of both) Object.assign(span, whole);
  }
}

/**
 * What each buffer takes at an end of the range of sizes. Bounds of its extents, taken apart, would be sizes that never
 * meet: an extent that is a quotient of two products has its bound where one of them is high and the other low.
 */
export function bytesAt({ buffers, symbols }: Pick<Program, "buffers" | "symbols">, end: End): (id: number) => number {
  const sizes = new Map(symbols.map((s) => [s.name, sizeAt(s, end)]));
  const bytes = buffers.map((b) => bytesOf(b, sizes));
  return (id) => bytes[id];
}

function sizeAt({ lo, hi }: ProgramSymbol, end: End): number {
  const least = Math.max(1, lo);
  return end === "highest" && Number.isFinite(hi) ? Math.max(least, hi) : least;
}

function bytesOf({ shape, stored }: ProgramBuffer, sizes: ReadonlyMap<string, number>): number {
  const elements = shape.reduce<number>((n, d) => n * extentAt(d, sizes), 1);
  return Math.ceil((elements * dtypes[stored].bits) / 8);
}

/** At the lowest sizes a quotient may have no value (of an h by w grid less its border): there the buffer is empty. */
function extentAt(d: Dim, sizes: ReadonlyMap<string, number>): number {
  const extent = isConst(d) ? d : evaluateDim(d, sizes);
  return Number.isFinite(extent) ? Math.max(0, extent) : 0;
}
