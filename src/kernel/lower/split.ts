/** Registers alive at once, and the cutting of a loop body that needs too many into several loops. */
import { compareFns } from "../../ops/primitive.js";
import { argRegisters, resultType } from "./registers.js";
import type { RegisterLoop, RegisterOp } from "./register-form.js";

/** Vector registers a body may keep alive; the vendor advises few (xpu-kernel.md section 1) and spills the rest to slow stack. */
export const registerLimit = 24;

const compares: ReadonlySet<string> = new Set(compareFns);

export interface Sections {
  readonly once: readonly RegisterOp[];
  readonly perRow: readonly RegisterOp[];
  readonly body: readonly RegisterOp[];
}

const definedBy = (op: RegisterOp): number | undefined => (op.op === "store" ? undefined : op.dst);

function lastReads(body: readonly RegisterOp[]): ReadonlyMap<number, number> {
  return new Map(body.flatMap((op, i) => argRegisters(op).map((r) => [r, i] as const)));
}

/** By position p: the registers defined before p and read at or after it. */
function crossing(body: readonly RegisterOp[], p: number, last: ReadonlyMap<number, number>): RegisterOp[] {
  return body.slice(0, p).filter((op) => op.op !== "store" && (last.get(op.dst) ?? -1) >= p);
}

const isVector = (op: RegisterOp) => resultType(op, compares) !== "mask";

/** Hoisted registers that the body reads, and the most of its own at one time. */
export function pressureOf({ once, perRow, body }: Sections): number {
  const last = lastReads(body);
  const hoisted = [...once, ...perRow].filter((op) => isVector(op) && last.has(definedBy(op) ?? -1)).length;
  let live = 0;
  let most = 0;
  const ending = new Map<number, number>();
  for (const op of body)
    if (op.op !== "store" && isVector(op)) ending.set(last.get(op.dst) ?? -1, (ending.get(last.get(op.dst) ?? -1) ?? 0) + 1);
  body.forEach((op, i) => {
    if (op.op !== "store" && isVector(op)) live++;
    most = Math.max(most, live);
    live -= ending.get(i) ?? 0;
  });
  return hoisted + most;
}

/** Cuts a body until each part fits; what crosses a cut is reloaded from its tile or goes through a spill slot. */
export function splitLoops(
  all: Sections,
  flat: boolean,
  limit = registerLimit,
): { readonly loops: readonly RegisterLoop[]; readonly spills: number } {
  const spill = { next: 0 };
  const bodies = cutBody(all, [...all.body], limit, spill);
  const loops = bodies.map((body) => onlyUsed(all, body)).map((s) => ({ flat, ...s, pressure: pressureOf(s) }));
  return { loops: renumbered(loops), spills: spill.next };
}

function cutBody(all: Sections, body: RegisterOp[], limit: number, spill: { next: number }): RegisterOp[][] {
  if (pressureOf(onlyUsed(all, body)) <= limit || body.length < 8) return [body];
  const at = bestCut(body);
  if (at === undefined) return [body];
  const over = crossing(body, at, lastReads(body));
  const first = body.slice(0, at);
  const reloads = over.map((op): RegisterOp => {
    if (op.op === "store" || op.op === "load") return op;
    const type = resultType(op, compares);
    const slot = { slot: spill.next++ };
    first.push({ op: "store", to: slot, stored: type, type, src: op.dst });
    return { op: "load", dst: op.dst, from: slot, stored: type, type, as: "full" };
  });
  const second = [...reloads, ...body.slice(at)];
  return Math.max(first.length, second.length) >= body.length
    ? [body]
    : [...cutBody(all, first, limit, spill), ...cutBody(all, lazily(second), limit, spill)];
}

/** The position in the middle half that the fewest values cross; masks cannot. */
function bestCut(body: readonly RegisterOp[]): number | undefined {
  const last = lastReads(body);
  let best: { readonly at: number; readonly cost: number } | undefined;
  for (let at = Math.ceil(body.length / 4); at <= (body.length * 3) / 4; at++) {
    const over = crossing(body, at, last);
    const cost = over.filter((op) => op.op !== "load").length;
    if (over.every(isVector) && (!best || cost < best.cost)) best = { at, cost };
  }
  return best?.at;
}

/** Loads move down to their first reader. */
function lazily(body: readonly RegisterOp[]): RegisterOp[] {
  const waiting = new Map(body.flatMap((op) => (op.op === "load" ? [[op.dst, op] as const] : [])));
  return body.flatMap((op): RegisterOp[] => {
    if (op.op === "load") return [];
    const now = argRegisters(op).flatMap((r) => waiting.get(r) ?? []);
    now.forEach((load) => waiting.delete(load.dst));
    return [...new Set(now), op];
  });
}

/** The hoisted operations this body needs, directly or through each other. */
function onlyUsed(all: Sections, body: readonly RegisterOp[]): Sections {
  const needed = new Set(body.flatMap(argRegisters));
  const keep = (ops: readonly RegisterOp[]): RegisterOp[] => {
    const kept = ops.toReversed().filter((op) => {
      const used = needed.has(definedBy(op) ?? -1);
      if (used) argRegisters(op).forEach((r) => needed.add(r));
      return used;
    });
    return kept.reverse();
  };
  const perRow = keep(all.perRow);
  return { once: keep(all.once), perRow, body };
}

/** Registers counted on from loop to loop, so that no two loops share a name. */
function renumbered(loops: readonly RegisterLoop[]): RegisterLoop[] {
  let next = 0;
  return loops.map((loop) => {
    const names = new Map<number, number>();
    const name = (r: number) => {
      if (!names.has(r)) names.set(r, next++);
      return names.get(r) ?? 0;
    };
    const ops = (list: readonly RegisterOp[]) => list.map((op) => renamed(op, name));
    return { ...loop, once: ops(loop.once), perRow: ops(loop.perRow), body: ops(loop.body) };
  });
}

function renamed(op: RegisterOp, name: (r: number) => number): RegisterOp {
  if (op.op === "store") return { ...op, src: name(op.src) };
  if (op.op === "cast" || op.op === "bitcast") return { ...op, src: name(op.src), dst: name(op.dst) };
  if (op.op === "apply") return { ...op, args: op.args.map((a) => ("reg" in a ? { reg: name(a.reg) } : a)), dst: name(op.dst) };
  return { ...op, dst: name(op.dst) };
}

/** The register an output of the last loop reads: see `registerReduce`. */
export function lastStore(loop: RegisterLoop): Extract<RegisterOp, { op: "store" }> | undefined {
  return loop.body.findLast((op) => op.op === "store");
}
