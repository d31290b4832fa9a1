/** What stands in a kernel's body: statements inside statements, and the tiles that they name. */
import type { Expr, Kernel, Stmt } from "./tile.js";

/** The statements inside a statement, phase by phase. */
export function bodiesOf(s: Stmt): readonly (readonly Stmt[])[] {
  switch (s.op) {
    case "for":
      return [s.body];
    case "when":
      return [s.then, s.otherwise];
    case "pipeline":
      return [s.load, s.compute, s.store];
    default:
      return [];
  }
}

/** Every statement, outer ones before what is in them. */
export function everyStmt(body: readonly Stmt[]): readonly Stmt[] {
  return body.flatMap((s) => [s, ...bodiesOf(s).flatMap(everyStmt)]);
}

/** Every tile that a statement names, what is in it not counted. */
export function tilesOf(s: Stmt): readonly string[] {
  switch (s.op) {
    case "load":
      return [s.to];
    case "loadrows":
      return [s.to, s.index];
    case "store":
      return [s.from];
    case "move":
      return [s.to, s.from];
    case "lookup":
      return [s.to, s.from, s.index];
    case "map":
      return [...s.out.map((o) => o.tile), ...tilesIn(s.out.map((o) => o.value))];
    case "scatter":
      return tilesIn([s.index, s.value]);
    case "reduce":
      return [s.out, ...tilesIn([s.value])];
    case "let":
    case "for":
    case "when":
    case "pipeline":
      return [];
    default:
      throw s satisfies never;
  }
}

/** Every tile named by these statements and in them. */
export function tilesWithin(body: readonly Stmt[]): ReadonlySet<string> {
  return new Set(everyStmt(body).flatMap(tilesOf));
}

/** Every tile that expressions read. */
export function tilesIn(roots: readonly Expr[]): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (e.op === "tile") found.add(e.tile);
    if (e.op === "load") visit(e.index);
    if ("args" in e) e.args.forEach(visit);
  };
  roots.forEach(visit);
  return [...found];
}

/** Tiles that these statements, and those in them, load from global memory or store to it. */
export function tilesMoved(body: readonly Stmt[], way: "load" | "store"): readonly string[] {
  return everyStmt(body).flatMap((s) => {
    if (way === "store") return s.op === "store" ? [s.from] : [];
    return s.op === "load" || s.op === "loadrows" ? [s.to] : [];
  });
}

/** Tiles that a pipeline holds twice: what it loads and what it stores while another turn computes. */
export function doubledTiles(body: readonly Stmt[]): ReadonlySet<string> {
  const pipelines = everyStmt(body).filter((s) => s.op === "pipeline");
  return new Set(pipelines.flatMap((s) => [...tilesMoved(s.load, "load"), ...tilesMoved(s.store, "store")]));
}

/** The names that a kernel has given: buffers, integers, tiles, loops and lets. */
export function namesIn(kernel: Kernel): readonly string[] {
  const inner = everyStmt(kernel.body).flatMap((s) => (s.op === "let" ? [s.name] : s.op === "for" || s.op === "pipeline" ? [s.index] : []));
  return [...kernel.buffers.map((b) => b.name), ...kernel.ints.map((i) => i.name), ...kernel.tiles.map((t) => t.name), ...inner];
}
