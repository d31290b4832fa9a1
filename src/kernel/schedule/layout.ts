import { isConst, mul, sameDim, type Dim } from "../../base/dim.js";
import { stepOf, type Affine, type Axis } from "../group/access.js";
import type { Caps } from "../caps.js";
import { argsOf, topological, variesOver, type GroupBody, type GroupExpr } from "../group/expr.js";
import { folds } from "./alignment.js";
import { isSmallStep } from "./frame.js";
import { modeOf } from "./lanes.js";

/**
 * "none": no reduction, or its loops all lie outside the tile (lanes accumulate); "cols", "rows": the tile's columns or
 * rows are reduced.
 */
export type Along = "none" | "cols" | "rows";

export interface Layout {
  readonly col: Axis | undefined;
  readonly row: Axis | undefined;
  readonly along: Along;
  /** Some operand is contiguous along rows and is turned in the scratchpad. */
  readonly transposed: boolean;
  /** No operand is picked element by element by DMA. */
  readonly clean: boolean;
}

interface Accesses {
  readonly reads: readonly Affine[];
  readonly writes: readonly Affine[];
}

function accessesOf(body: GroupBody): Accesses {
  const all = topological(body.outputs.map((o) => o.expr));
  return { reads: all.flatMap((e) => (e.op === "read" ? [e.at] : [])), writes: body.outputs.map((o) => o.at) };
}

/** The layout a group is scheduled in first, and the one without rows, for which nothing is turned and less must fit. */
export function layoutsOf(body: GroupBody, caps: Caps, ascending: boolean): readonly Layout[] {
  const first = chooseLayout(body, caps, ascending);
  const { col } = first;
  if (!first.transposed) return [first];
  const along = col && body.reduced.includes(col) ? "cols" : "none";
  return [first, { col, row: undefined, along, transposed: false, clean: isClean(accessesOf(body), col, undefined) }];
}

/** `ascending`: outputs must be stored in order, so their own contiguous axis becomes the columns. */
export function chooseLayout(body: GroupBody, caps: Caps, ascending = false): Layout {
  const access = accessesOf(body);
  const all = topological(body.outputs.map((o) => o.expr));
  // Scans keep their loop serial; reductions of lanes no vector unit has accumulate lane by lane.
  const scanned = all.some((e) => e.op === "scan") || modeOf(body, caps) === "scalar";
  const tiled = scanned ? body.parallel : [...body.parallel, ...body.reduced];
  const col = pickColumn(folds(caps) || body.parallel.length === 0 ? tiled : body.parallel, body, access, ascending);
  const wanted = col ? turnedAxes(col, access, tiled) : [];
  const allowed = (a: Axis) => a !== col && (!body.reduced.includes(a) || (!scanned && col !== undefined && !body.reduced.includes(col)));
  const innermost = body.parallel.filter((a) => a !== col).at(-1);
  const turned = wanted.find((a) => allowed(a) && (!ascending || a === innermost));
  const stuck = col !== undefined && access.writes.some((w) => !isStorable(w, col, turned));
  const row = stuck ? undefined : (turned ?? defaultRow(body, col, scanned, access));
  const reducedCol = col !== undefined && body.reduced.includes(col);
  const along = reducedCol ? "cols" : row && body.reduced.includes(row) ? "rows" : "none";
  return { col, row, along, transposed: isTurned(access, col, row), clean: isClean(access, col, row) };
}

function isStorable(w: Affine, col: Axis, row: Axis | undefined): boolean {
  const step = stepOf(w, col);
  return step === 0 || step === 1 || (row !== undefined && stepOf(w, row) === 1);
}

/** Whether an operand or a result is turned in the scratchpad (operands.ts): contiguous along the rows and not along the columns. */
function isTurned({ reads, writes }: Accesses, col: Axis | undefined, row: Axis | undefined): boolean {
  const apart = (a: Affine) => ![0, 1].some((n) => stepOf(a, col) === n);
  return (
    reads.some((a) => apart(a) && !isSmallStep(stepOf(a, col)) && isSmallStep(stepOf(a, row))) ||
    writes.some((a) => apart(a) && stepOf(a, row) === 1)
  );
}

function isClean({ reads, writes }: Accesses, col: Axis | undefined, row: Axis | undefined): boolean {
  const easyRead = (a: Affine) => {
    const [c, r] = [stepOf(a, col), stepOf(a, row)];
    return c === 0 ? r === 0 || isSmallStep(r) : c === 1 || isSmallStep(c) || isSmallStep(r);
  };
  const easyWrite = (a: Affine) => [0, 1].some((n) => stepOf(a, col) === n) || stepOf(a, row) === 1;
  return reads.every(easyRead) && writes.every(easyWrite);
}

/** The axis most operands are contiguous along; operands and outputs that do not vary over reduced loops are short and count little. */
function pickColumn(axes: readonly Axis[], body: GroupBody, { reads, writes }: Accesses, ascending: boolean): Axis | undefined {
  const varies = (w: Affine) => body.reduced.length === 0 || w.terms.some((t) => body.reduced.includes(t.axis));
  const stored = ascending ? 1000 : 3;
  const score = (a: Axis): number => {
    const read = reads.reduce((sum, r) => sum + (stepOf(r, a) === 1 ? 2 : isSmallStep(stepOf(r, a)) ? 1 : 0) * (varies(r) ? 1 : 0.25), 0);
    const write = writes.reduce((sum, w) => sum + (stepOf(w, a) === 1 ? (varies(w) ? stored : 0.5) : 0), 0);
    return (read + write) * (isConst(a.extent) && a.extent < 8 ? 0.4 : 1);
  };
  // What is stored in order is stored along the columns, or not along them at all.
  const inOrder = axes.filter((a) => !ascending || writes.every((w) => [0, 1].some((n) => stepOf(w, a) === n)));
  let best: Axis | undefined;
  for (const a of inOrder.length > 0 ? inOrder : axes) if (!best || score(a) >= score(best)) best = a;
  return best;
}

/** Axes along which operands are contiguous that are not contiguous along the columns, most wanted first. */
function turnedAxes(col: Axis, { reads, writes }: Accesses, axes: readonly Axis[]): readonly Axis[] {
  const votes = new Map<Axis, number>();
  const vote = (a: Axis | undefined, weight: number) => a && votes.set(a, (votes.get(a) ?? 0) + weight);
  for (const r of reads) {
    const step = stepOf(r, col);
    if (step === 0 || step === 1 || isSmallStep(step)) continue;
    vote(axes.find((a) => stepOf(r, a) === 1) ?? axes.find((a) => isSmallStep(stepOf(r, a))), 1);
  }
  for (const w of writes) {
    const step = stepOf(w, col);
    if (step !== 0 && step !== 1)
      vote(
        axes.find((a) => stepOf(w, a) === 1),
        2,
      );
  }
  return [...votes].sort((a, b) => b[1] - a[1]).map(([a]) => a);
}

function defaultRow(body: GroupBody, col: Axis | undefined, scanned: boolean, access: Accesses): Axis | undefined {
  const parallel = body.parallel.filter((a) => a !== col);
  if (col && !body.reduced.includes(col) && !scanned) {
    const long = body.reduced.filter((a) => (isConst(a.extent) ? a.extent >= 16 : true) && isPlain(a, body, access));
    if (long.length > 0) return long[long.length - 1];
  }
  return parallel[parallel.length - 1];
}

/** Not one of two loops that walk the same memory, as a sliding window's are. */
function isPlain(axis: Axis, body: GroupBody, { reads }: Accesses): boolean {
  const step = (r: Affine) => stepOf(r, axis);
  const others = [...body.parallel, ...body.reduced].filter((a) => a !== axis);
  return reads.every((r) => step(r) === 0 || !others.some((o) => sameDim(stepOf(r, o), step(r))));
}

/** Merges loops that every access walks as one. */
export function collapse(body: GroupBody): GroupBody {
  let out = body;
  for (;;) {
    const pair = mergeable(out, out.parallel) ?? mergeable(out, out.reduced);
    if (!pair) return out;
    out = merge(out, ...pair);
  }
}

function affines(body: GroupBody): readonly Affine[] {
  const all = topological(body.outputs.map((o) => o.expr));
  return [...all.flatMap((e) => (e.op === "read" || e.op === "position" ? [e.at] : [])), ...body.outputs.map((o) => o.at)];
}

function mergeable(body: GroupBody, axes: readonly Axis[]): [Axis, Axis] | undefined {
  const all = affines(body);
  for (let i = axes.length - 1; i > 0; i--) {
    const [outer, inner] = [axes[i - 1], axes[i]];
    if (all.every((a) => sameDim(stepOf(a, outer), mul(stepOf(a, inner), inner.extent)))) return [outer, inner];
  }
  return undefined;
}

function merge(body: GroupBody, outer: Axis, inner: Axis): GroupBody {
  const extent: Dim = mul(outer.extent, inner.extent);
  const joint: Axis = { name: `${outer.name}${inner.name}`, extent };
  const axes = (list: readonly Axis[]) => list.flatMap((a) => (a === outer ? [joint] : a === inner ? [] : [a]));
  const at = (a: Affine): Affine => ({
    offset: a.offset,
    terms: a.terms.flatMap((t) => (t.axis === inner ? [{ axis: joint, step: t.step }] : t.axis === outer ? [] : [t])),
  });
  const memo = new Map<GroupExpr, GroupExpr>();
  const expr = (e: GroupExpr): GroupExpr => {
    const had = memo.get(e);
    if (had) return had;
    const made: GroupExpr =
      e.op === "read" || e.op === "position"
        ? { ...e, at: at(e.at) }
        : e.op === "point"
          ? { ...e, args: e.args.map(expr) }
          : e.op === "const" || e.op === "host"
            ? e
            : { ...e, arg: expr(e.arg) };
    memo.set(e, made);
    return made;
  };
  return {
    ...body,
    parallel: axes(body.parallel),
    reduced: axes(body.reduced),
    outputs: body.outputs.map((o) => ({ ...o, at: at(o.at), expr: expr(o.expr) })),
  };
}

/** Reductions by level: those of a level read only those before. */
export function reductionLevels(body: GroupBody): readonly (readonly Extract<GroupExpr, { op: "reduce" }>[])[] {
  const level = new Map<GroupExpr, number>();
  const levels: Extract<GroupExpr, { op: "reduce" }>[][] = [];
  for (const e of topological(body.outputs.map((o) => o.expr))) {
    const below = Math.max(0, ...argsOf(e).map((a) => level.get(a) ?? 0));
    level.set(e, e.op === "reduce" ? below + 1 : below);
    if (e.op === "reduce") (levels[below] ??= []).push(e);
  }
  return levels;
}

/** Whether an expression's value differs from one position of the reduced loops to the next. */
export function isWide(body: GroupBody): (e: GroupExpr) => boolean {
  const varies = variesOver(body);
  return (e) => body.reduced.some((a) => varies(e).has(a));
}
