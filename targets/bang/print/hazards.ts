/**
 * When the scalar unit and the others must wait for each other in NRAM. Dependences between registers are the hardware's
 * affair; those through NRAM nobody promises, so a wait stands before the scalar unit reads or writes what vector
 * instructions may still hold, and before anything else takes what the scalar unit wrote. Names are tiles and scratch.
 */
import type { MemoryBlock, MemoryInstr, Operand, VectorOperand } from "../../../src/kernel/lower/memory-form.js";
import { operandsRead } from "../../../src/kernel/lower/draft.js";
import type { Stmt } from "../../../src/kernel/tile.js";
import { tilesIn } from "../../../src/kernel/walk.js";
import type { Lowered } from "./block.js";

type Names = readonly string[];

/** What a piece of a kernel touches in NRAM. Copies that have ended when the next instruction begins leave nothing behind. */
export interface Touch {
  readonly vectorReads?: Names;
  readonly vectorWrites?: Names;
  readonly scalarReads?: Names;
  readonly scalarWrites?: Names;
  readonly copies?: Names;
}

/** What may not have ended. */
export interface Pending {
  readonly vectorRead: ReadonlySet<string>;
  readonly vectorWritten: ReadonlySet<string>;
  readonly scalarWritten: ReadonlySet<string>;
}

export const nothingPending: Pending = { vectorRead: new Set(), vectorWritten: new Set(), scalarWritten: new Set() };

const meets = (names: Names | undefined, ...sets: readonly ReadonlySet<string>[]) => (names ?? []).some((n) => sets.some((s) => s.has(n)));

/** Whether a piece must wait for what is pending. */
export function mustWait(t: Touch, s: Pending): boolean {
  return (
    meets(t.scalarReads, s.vectorWritten) ||
    meets(t.scalarWrites, s.vectorWritten, s.vectorRead) ||
    meets([...(t.vectorReads ?? []), ...(t.vectorWrites ?? []), ...(t.copies ?? [])], s.scalarWritten)
  );
}

export function after(t: Touch, s: Pending): Pending {
  const from = mustWait(t, s) ? nothingPending : s;
  const more = (set: ReadonlySet<string>, names: Names | undefined) => (names && names.length > 0 ? new Set([...set, ...names]) : set);
  return {
    vectorRead: more(from.vectorRead, t.vectorReads),
    vectorWritten: more(from.vectorWritten, t.vectorWrites),
    scalarWritten: more(from.scalarWritten, t.scalarWrites),
  };
}

export function either(a: Pending, b: Pending): Pending {
  const union = (x: ReadonlySet<string>, y: ReadonlySet<string>) => new Set([...x, ...y]);
  return {
    vectorRead: union(a.vectorRead, b.vectorRead),
    vectorWritten: union(a.vectorWritten, b.vectorWritten),
    scalarWritten: union(a.scalarWritten, b.scalarWritten),
  };
}

/** What holds at the head of a loop on every pass: what came in, and what a pass leaves. */
export function atHead(entry: Pending, pass: (s: Pending) => Pending): Pending {
  const once = either(entry, pass(entry));
  return either(once, pass(once));
}

// ---- touches of statements ------------------------------------------------------------------------------------------

export const nameOf = (v: VectorOperand): string => (v.kind === "tile" ? v.tile : `scratch ${v.slot}`);

const scalarOf = (o: Operand): Names => (o.kind === "read" ? [nameOf(o.from)] : []);
const vectorsOf = (o: Operand): Names => (o.kind === "tile" || o.kind === "scratch" ? [nameOf(o)] : []);

export function touchOfInstr(i: MemoryInstr): Touch {
  const read = operandsRead(i);
  return { vectorReads: read.flatMap(vectorsOf), vectorWrites: [nameOf(i.dst)], scalarReads: read.flatMap(scalarOf) };
}

export function touchOfBlock(block: MemoryBlock): Touch {
  const all = block.body.map(touchOfInstr);
  const of = (key: keyof Touch) => all.flatMap((t) => t[key] ?? []);
  return { vectorReads: of("vectorReads"), vectorWrites: of("vectorWrites"), scalarReads: of("scalarReads") };
}

/** The pieces of a statement without statements of its own, in order. */
export function touchesOf(s: Stmt, lowered: Lowered, backwards: (s: Extract<Stmt, { op: "move" }>) => boolean): readonly Touch[] {
  switch (s.op) {
    case "load":
      return [{ copies: [s.to] }];
    case "store":
      return [{ copies: [s.from] }];
    case "loadrows":
      return [{ copies: [s.to], scalarReads: [s.index] }];
    case "move":
      return [backwards(s) ? { scalarReads: [s.from], scalarWrites: [s.to] } : { vectorReads: [s.from], vectorWrites: [s.to] }];
    case "lookup":
      return [{ scalarReads: [s.index, s.from], scalarWrites: [s.to] }];
    case "map":
      if (s.mode === "scalar") return [{ scalarReads: tilesIn(s.out.map((o) => o.value)), scalarWrites: s.out.map((o) => o.tile) }];
      return lowered.map(s).blocks.map(touchOfBlock);
    case "scatter":
      return [{ scalarReads: tilesIn([s.index, s.value]) }];
    case "reduce": {
      const m = lowered.reduce(s);
      if (!m) return [{ scalarReads: [...tilesIn([s.value]), s.out], scalarWrites: [s.out] }];
      const work = `scratch ${m.work}`;
      return [...m.blocks.map(touchOfBlock), { vectorReads: [nameOf(m.src), work, m.out], vectorWrites: [work, m.out] }];
    }
    default:
      return [];
  }
}

/** What statements leave pending. A pipeline ends in a wait for everything. */
export function passing(stmts: readonly Stmt[], entry: Pending, touches: (s: Stmt) => readonly Touch[]): Pending {
  return stmts.reduce<Pending>((s, stmt) => {
    if (stmt.op === "pipeline") return nothingPending;
    if (stmt.op === "when") return either(passing(stmt.then, s, touches), passing(stmt.otherwise, s, touches));
    if (stmt.op === "for") {
      const head = atHead(s, (x) => passing(stmt.body, x, touches));
      return either(s, passing(stmt.body, head, touches));
    }
    return touches(stmt).reduce((x, t) => after(t, x), s);
  }, entry);
}
