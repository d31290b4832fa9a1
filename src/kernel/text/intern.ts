/** Expressions of one statement that are equal as one object: printers compute each object once. */
import { dimKey } from "../../base/dim.js";
import type { Expr, Kernel, Stmt } from "../tile.js";
import { operandsOf } from "./print.js";

export class Interner {
  readonly #byKey = new Map<string, Expr>();
  readonly #ids = new Map<Expr, number>();

  /** The one of its equals, whose operands are the ones of theirs. */
  one(e: Expr): Expr {
    const key = `${headOf(e)}(${operandsOf(e)
      .map((x) => this.#ids.get(x))
      .join()})`;
    const had = this.#byKey.get(key);
    if (had) return had;
    this.#byKey.set(key, e);
    this.#ids.set(e, this.#ids.size);
    return e;
  }
}

/** The kernel with equal expressions of each statement as one object. */
export function interned(kernel: Kernel): Kernel {
  return { ...kernel, body: kernel.body.map(internStmt) };
}

function internStmt(s: Stmt): Stmt {
  const all = (body: readonly Stmt[]): readonly Stmt[] => body.map(internStmt);
  const one = internTree();
  switch (s.op) {
    case "for":
      return { ...s, body: all(s.body) };
    case "pipeline":
      return { ...s, load: all(s.load), compute: all(s.compute), store: all(s.store) };
    case "when":
      return { ...s, then: all(s.then), otherwise: all(s.otherwise) };
    case "map":
      return { ...s, out: s.out.map((o) => ({ ...o, value: one(o.value) })) };
    case "scatter":
      return { ...s, index: one(s.index), value: one(s.value) };
    case "reduce":
      return { ...s, value: one(s.value) };
    default:
      return s;
  }
}

/** Of one statement's expressions. */
function internTree(): (e: Expr) => Expr {
  const interner = new Interner();
  const done = new Map<Expr, Expr>();
  const visit = (e: Expr): Expr => {
    const had = done.get(e);
    if (had) return had;
    const made = interner.one(withOperands(e, operandsOf(e).map(visit)));
    done.set(e, made);
    return made;
  };
  return visit;
}

function withOperands(e: Expr, operands: readonly Expr[]): Expr {
  if (operands.every((x, i) => x === operandsOf(e)[i])) return e;
  if (e.op === "load") return { ...e, index: operands[0] };
  return { ...e, args: operands } as Expr;
}

/** All that an expression says but its operands. */
function headOf(e: Expr): string {
  switch (e.op) {
    case "tile":
      return `tile ${e.type} ${e.as} ${e.tile}`;
    case "const":
      return `const ${e.type} ${typeof e.value} ${Object.is(e.value, -0) ? "-0" : e.value}`;
    case "int":
      return `int ${e.type} ${dimKey(e.value)}`;
    case "index":
      return `index ${e.type} ${e.axis} ${dimKey(e.base)} ${dimKey(e.step)}`;
    case "fn":
    case "cmp":
      return `${e.op} ${e.type} ${e.fn}`;
    case "select":
      return `select ${e.type}`;
    case "cast":
      return `cast ${e.type} ${e.round} ${e.overflow}`;
    case "load":
      return `load ${e.type} ${e.buffer}`;
    default:
      throw e satisfies never;
  }
}
