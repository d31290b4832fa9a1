/** Statements in order. */
import type { Stmt } from "../../../src/kernel/tile.js";
import type { MemoryMap, MemoryReduce } from "../../../src/kernel/lower/memory-form.js";
import { printStatement, type Of, type StatementPrinter } from "../../kit/statements.js";
import type { PrintContext } from "./context.js";
import { printLoad, printLoadRows, printStore } from "./dma.js";
import { printFor, printPipeline } from "./flow.js";
import { printLookup, printMove } from "./move.js";
import { printScalarMap, printScalarReduce, printScatter } from "./scalar.js";
import { printMap, printReduce } from "./vector.js";

/** The lowered form of each vector map and reduction. */
export interface Lowered {
  readonly map: (s: Of<"map">) => MemoryMap;
  readonly reduce: (s: Of<"reduce">) => MemoryReduce | undefined;
}

export function printBlock(p: PrintContext, lowered: Lowered, stmts: readonly Stmt[], async: ReadonlySet<Stmt>): void {
  const inner = (body: readonly Stmt[], phase: ReadonlySet<Stmt>) => printBlock(p, lowered, body, phase);
  const printer: StatementPrinter<void> = {
    let: (s) => p.let(s.name, s.value),
    for: (s) => printFor(p, s, inner),
    pipeline: (s) => printPipeline(p, s, inner),
    when: (s) => p.when(s, (body) => inner(body, new Set())),
    load: (s) => printLoad(p, s, async.has(s)),
    loadrows: (s) => printLoadRows(p, s, async.has(s)),
    store: (s) => printStore(p, s, async.has(s)),
    move: (s) => printMove(p, s),
    lookup: (s) => printLookup(p, s),
    vectorMap: (s) => printMap(p, lowered.map(s)),
    scalarMap: (s) => printScalarMap(p, s),
    scatter: (s) => printScatter(p, s),
    reduce: (s) => {
      const form = lowered.reduce(s);
      if (form) printReduce(p, form);
      else printScalarReduce(p, s);
    },
  };
  stmts.forEach((s) => printStatement(s, printer));
}
