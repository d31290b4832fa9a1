/** Statements in order, without the names nobody reads. */
import { DimExpr, symbolsOf } from "../../../src/base/dim.js";
import type { Stmt } from "../../../src/kernel/tile.js";
import type { MemoryMap, MemoryReduce } from "../../../src/kernel/lower/memory-form.js";
import { printStatement, type Of, type StatementPrinter } from "../../kit/statements.js";
import type { PrintContext } from "./context.js";
import { printLoad, printLoadRows, printStore } from "./dma.js";
import { printFor, printLet, printPipeline, printWhen } from "./flow.js";
import { atHead, either, passing, touchesOf, type Pending } from "./hazards.js";
import { printLookup, printMove, walksBackwards } from "./move.js";
import { printScalarMap, printScalarReduce, printScatter } from "./scalar.js";
import { printBlocks, printReduce } from "./vector.js";

/** The lowered form of each vector map and reduction. */
export interface Lowered {
  readonly map: (s: Of<"map">) => MemoryMap;
  readonly reduce: (s: Of<"reduce">) => MemoryReduce | undefined;
}

/** Every symbol a statement's integers read, its own sub-statements included. */
function symbolsIn(x: unknown, into: Set<string>, pitches: (tile: string) => unknown): void {
  if (x instanceof DimExpr) symbolsOf(x).forEach((s) => into.add(s));
  else if (typeof x === "string") symbolsIn(pitches(x), into, pitches);
  else if (Array.isArray(x)) x.forEach((y) => symbolsIn(y, into, pitches));
  else if (x !== null && typeof x === "object") Object.values(x).forEach((y) => symbolsIn(y, into, pitches));
}

function symbolsRead(p: PrintContext, stmts: readonly Stmt[]): ReadonlySet<string> {
  const pitch = new Map(p.kernel.tiles.map((t) => [t.name, t.pitch]));
  const out = new Set<string>();
  symbolsIn(stmts, out, (name) => (typeof pitch.get(name) === "number" ? undefined : pitch.get(name)));
  return out;
}

/** Drops the lets that no later statement of the block reads. */
function withoutUnread(p: PrintContext, stmts: readonly Stmt[]): readonly Stmt[] {
  const kept: Stmt[] = [];
  for (const s of [...stmts].reverse()) if (s.op !== "let" || symbolsRead(p, kept).has(s.name)) kept.unshift(s);
  return kept;
}

export function printBlock(p: PrintContext, lowered: Lowered, stmts: readonly Stmt[], async: ReadonlySet<Stmt>): void {
  const inner = (body: readonly Stmt[], phase: ReadonlySet<Stmt>) => printBlock(p, lowered, body, phase);
  const touches = (s: Stmt) => touchesOf(s, lowered, walksBackwards);
  const left = (body: readonly Stmt[], entry: Pending) => passing(body, entry, touches);
  const printer: StatementPrinter<void> = {
    let: (s) => printLet(p, s),
    for: (s) => {
      const entry = p.pending;
      p.pending = atHead(entry, (x) => left(s.body, x));
      printFor(p, s, inner);
      p.pending = either(entry, p.pending);
    },
    pipeline: (s) => printPipeline(p, s, inner),
    when: (s) => {
      const entry = p.pending;
      printWhen(p, s, inner);
      p.pending = either(left(s.then, entry), left(s.otherwise, entry));
    },
    load: (s) => printLoad(p, s, async.has(s)),
    loadrows: (s) => printLoadRows(p, s, async.has(s)),
    store: (s) => printStore(p, s, async.has(s)),
    move: (s) => printMove(p, s),
    lookup: (s) => printLookup(p, s),
    vectorMap: (s) => printBlocks(p, lowered.map(s)),
    scalarMap: (s) => printScalarMap(p, s),
    scatter: (s) => printScatter(p, s),
    reduce: (s) => {
      const form = lowered.reduce(s);
      if (form) printReduce(p, form);
      else printScalarReduce(p, s);
    },
  };
  withoutUnread(p, stmts).forEach((s) => {
    // Vector maps and reductions wait piece by piece.
    const bypieces = (s.op === "map" && s.mode === "vector") || (s.op === "reduce" && lowered.reduce(s) !== undefined);
    if (!bypieces) touches(s).forEach((t) => p.before(t));
    printStatement(s, printer);
  });
}
