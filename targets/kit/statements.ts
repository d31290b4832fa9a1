/** The statements of the tile IR, told apart once: a printer says what becomes of each kind. */
import type { Stmt } from "../../src/kernel/tile.js";

export type Of<O extends Stmt["op"]> = Extract<Stmt, { op: O }>;

/** What a printer makes of each statement; maps by the unit that computes them. */
export interface StatementPrinter<Out> {
  readonly let: (s: Of<"let">) => Out;
  readonly for: (s: Of<"for">) => Out;
  readonly pipeline: (s: Of<"pipeline">) => Out;
  readonly when: (s: Of<"when">) => Out;
  readonly load: (s: Of<"load">) => Out;
  readonly loadrows: (s: Of<"loadrows">) => Out;
  readonly store: (s: Of<"store">) => Out;
  readonly move: (s: Of<"move">) => Out;
  readonly lookup: (s: Of<"lookup">) => Out;
  readonly vectorMap: (s: Of<"map">) => Out;
  readonly scalarMap: (s: Of<"map">) => Out;
  readonly scatter: (s: Of<"scatter">) => Out;
  readonly reduce: (s: Of<"reduce">) => Out;
}

export function printStatement<Out>(s: Stmt, to: StatementPrinter<Out>): Out {
  switch (s.op) {
    case "let":
      return to.let(s);
    case "for":
      return to.for(s);
    case "pipeline":
      return to.pipeline(s);
    case "when":
      return to.when(s);
    case "load":
      return to.load(s);
    case "loadrows":
      return to.loadrows(s);
    case "store":
      return to.store(s);
    case "move":
      return to.move(s);
    case "lookup":
      return to.lookup(s);
    case "map":
      return s.mode === "vector" ? to.vectorMap(s) : to.scalarMap(s);
    case "scatter":
      return to.scatter(s);
    case "reduce":
      return to.reduce(s);
    default:
      throw s satisfies never;
  }
}
