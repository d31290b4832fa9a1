import { isConst, mod, type Dim } from "../../../src/base/dim.js";
import { identifierPicker, type TextWriter } from "../../../src/base/text-writer.js";
import type { Caps } from "../../../src/kernel/caps.js";
import type { BufferType, Expr, Kernel, KernelBuffer, Stmt, Tile } from "../../../src/kernel/tile.js";
import type { Spelling } from "../intrinsics.js";

export interface Printing {
  readonly kernel: Kernel;
  readonly caps: Caps;
  readonly out: TextWriter;
  readonly spell: Spelling;
  /** A C identifier of this kernel not used before. */
  readonly fresh: (name: string) => string;
  readonly tiles: ReadonlyMap<string, Tile>;
  readonly buffers: ReadonlyMap<string, KernelBuffer>;
  /** The C variable a tile is reached through here: inside a pipeline, its half of the double buffer. */
  readonly at: ReadonlyMap<string, string>;
}

export function tileOf(p: Printing, name: string): Tile {
  const t = p.tiles.get(name);
  if (!t) throw new Error(`internal: kernel ${p.kernel.name} has no tile ${name}`);
  return t;
}

export function bufferType(p: Printing, name: string): BufferType {
  const b = p.buffers.get(name);
  if (!b) throw new Error(`internal: kernel ${p.kernel.name} has no buffer ${name}`);
  return b.type;
}

export function variable(p: Printing, tile: string): string {
  return p.at.get(tile) ?? tile;
}

/** Names the body uses besides its own, and calls that a variable of the same name would hide. */
const reserved = [
  "core",
  "cores",
  "work",
  "stream",
  "clusters",
  "min",
  "max",
  "abs",
  "floor",
  "ceil",
  "rint",
  "trunc",
  "sqrt",
  "exp",
  "log",
  "pow",
  "splat",
  "choose",
];

export function freshNames(kernel: Kernel): (name: string) => string {
  const names = new Set<string>(reserved);
  for (const x of [...kernel.buffers, ...kernel.ints, ...kernel.tiles]) names.add(x.name);
  const visit = (list: Kernel["body"]): void => {
    for (const s of list) {
      if (s.op === "let") names.add(s.name);
      if (s.op === "for") (names.add(s.index), visit(s.body));
      if (s.op === "pipeline") (names.add(s.index), [s.load, s.compute, s.store].forEach(visit));
      if (s.op === "when") [s.then, s.otherwise].forEach(visit);
    }
  };
  visit(kernel.body);
  return identifierPicker(names);
}

/** Whether d is a multiple of n whatever its symbols are. */
export function isMultiple(d: Dim, n: number): boolean {
  return isConst(d) ? d % n === 0 : mod(d, n) === 0;
}

/** Every tile that statements read or write, those of their expressions included. */
export function mentionedTiles(stmts: readonly Stmt[]): ReadonlySet<string> {
  const out = new Set<string>();
  const expr = (e: Expr): void => {
    if (e.op === "tile") out.add(e.tile);
    if (e.op === "load") expr(e.index);
    if ("args" in e) e.args.forEach(expr);
  };
  const add = (...names: readonly string[]) => names.forEach((n) => out.add(n));
  const visit = (s: Stmt): void => {
    switch (s.op) {
      case "for":
        return s.body.forEach(visit);
      case "pipeline":
        return [...s.load, ...s.compute, ...s.store].forEach(visit);
      case "when":
        return [...s.then, ...s.otherwise].forEach(visit);
      case "let":
        return;
      case "load":
        return add(s.to);
      case "loadrows":
        return add(s.to, s.index);
      case "store":
        return add(s.from);
      case "move":
        return add(s.to, s.from);
      case "lookup":
        return add(s.to, s.from, s.index);
      case "map":
        return s.out.forEach((o) => (add(o.tile), expr(o.value)));
      case "scatter":
        return [s.index, s.value].forEach(expr);
      case "reduce":
        return (add(s.out), expr(s.value));
      default:
        throw s satisfies never;
    }
  };
  stmts.forEach(visit);
  return out;
}
