/** Random maps over a few tiles of every spread and type, with data, for tests of both lowerings. */
import fc from "fast-check";
import { LaneArray, evaluateExprs } from "../../../src/kernel/interpret/evaluate-expr.js";
import { expand } from "../../../src/kernel/expansions/expand.js";
import { f32Bits } from "../../../src/kernel/lane.js";
import type { Caps } from "../../../src/kernel/caps.js";
import type { Expr, Kernel, Spread, Tile } from "../../../src/kernel/tile.js";
import type { MapStmt } from "../../../src/kernel/lower/prepare.js";
import { round16 } from "../round16.js";

export const pitch = 64;
const maxRows = 3;

const tile = (name: string, type: Tile["type"], as: Spread): Tile => ({
  name,
  type,
  capacity: as === "full" ? maxRows * pitch : pitch,
  pitch: as === "col" ? 1 : pitch,
  space: "local",
});

const spreads: Readonly<Record<string, Spread>> = {
  a: "full",
  b: "full",
  r: "row",
  c: "col",
  s: "scalar",
  h: "full",
  k: "full",
  n: "col",
  q: "full",
  y: "full",
  z: "full",
};
export const tiles: readonly Tile[] = [
  ...(["a", "b", "r", "c", "s", "y"] as const).map((n) => tile(n, "f32", spreads[n])),
  tile("h", "f16", "full"),
  tile("q", "u8", "full"),
  ...(["k", "n", "z"] as const).map((n) => tile(n, "i32", spreads[n])),
];

const read = (name: string): Expr => ({
  op: "tile",
  type: tiles.find((t) => t.name === name)?.type ?? "f32",
  tile: name,
  as: spreads[name],
});
const f32 = (value: number): Expr => ({ op: "const", type: "f32", value: Math.fround(value) });
const cast = (x: Expr, type: Expr["type"], round: "trunc" | "rint" = "trunc"): Expr => ({
  op: "cast",
  type,
  round,
  overflow: "saturate",
  args: [x],
});

interface Trees {
  readonly f: Expr;
  readonly i: Expr;
  readonly m: Expr;
}

export const trees = fc.letrec<Trees>((tie) => {
  const [f, i, m] = (["f", "i", "m"] as const).map((kind) => tie(kind) as fc.Arbitrary<Expr>);
  return {
    f: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(...["a", "b", "r", "c", "s"].map(read), cast(read("h"), "f32"), f32(2), f32(-0.5), f32(0)),
      fc
        .tuple(fc.constantFrom("add", "sub", "mul", "min", "max", "div" as const), f, f)
        .map(([fn, a, b]): Expr => ({ op: "fn", type: "f32", fn: fn as "add", args: [a, b] })),
      fc
        .tuple(fc.constantFrom("abs", "neg", "exp", "floor", "sqrt" as const), f)
        .map(([fn, a]): Expr => ({ op: "fn", type: "f32", fn: fn as "abs", args: [a] })),
      fc.tuple(m, f, f).map(([m, a, b]): Expr => ({ op: "select", type: "f32", args: [m, a, b] })),
      i.map((x) => cast(x, "f32")),
    ),
    i: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Expr>(
        read("k"),
        read("n"),
        { op: "const", type: "i32", value: 7 },
        { op: "index", type: "i32", axis: "col", base: 3, step: 2 },
        { op: "index", type: "i32", axis: "row", base: 0, step: 5 },
        { op: "int", type: "i32", value: 11 },
        { op: "int", type: "i32", value: 0 },
      ),
      fc
        .tuple(fc.constantFrom("add", "sub", "mul", "min", "bitand" as const), i, i)
        .map(([fn, a, b]): Expr => ({ op: "fn", type: "i32", fn: fn as "add", args: [a, b] })),
      m.map((x) => cast(x, "i32")),
      fc.tuple(m, i, i).map(([m, a, b]): Expr => ({ op: "select", type: "i32", args: [m, a, b] })),
    ),
    m: fc.oneof(
      { maxDepth: 3 },
      fc
        .tuple(fc.constantFrom("lt", "le", "gt", "eq", "ne" as const), f, f)
        .map(([fn, a, b]): Expr => ({ op: "cmp", type: "mask", fn: fn as "lt", args: [a, b] })),
      fc
        .tuple(fc.constantFrom("lt", "eq" as const), i, i)
        .map(([fn, a, b]): Expr => ({ op: "cmp", type: "mask", fn: fn as "lt", args: [a, b] })),
      fc
        .tuple(fc.constantFrom("and", "or", "xor" as const), m, m)
        .map(([fn, a, b]): Expr => ({ op: "fn", type: "mask", fn: fn as "and", args: [a, b] })),
      fc.constant(cast(read("q"), "mask")),
    ),
  };
});

const special = [0, -0, 1, -1, Infinity, -Infinity, NaN, 3.5, 1e30, -2.25];

/** One bit pattern per lane of every tile, from a seed. Halves hold the f32 of equal value. */
export function data(seed: number): Map<string, Int32Array> {
  let state = seed | 1;
  const next = () => ((state = Math.imul(state, 1103515245) + 12345) >>> 8) & 0xffff;
  const value = (type: Tile["type"]): number => {
    if (type === "u8") return next() & 1;
    if (type === "i32") return next() % 3 === 0 ? Math.imul(next(), 65537) : (next() % 41) - 20;
    const x = next() % 4 === 0 ? special[next() % special.length] : (next() - 32768) / 1024;
    return f32Bits(type === "f16" ? round16("f16", x) : Math.fround(x));
  };
  return new Map(tiles.map((t) => [t.name, Int32Array.from({ length: t.capacity }, () => value(t.type))]));
}

export const shapes = fc.record({ rows: fc.integer({ min: 1, max: maxRows }), cols: fc.integer({ min: 1, max: pitch }) });

/** Some outputs, one of them possibly over an input. */
export const outputs = fc.oneof(
  trees.f.map((value) => [{ tile: "y", value }]),
  trees.f.map((value) => [{ tile: "a", value }]),
  fc.tuple(trees.f, trees.i).map(([f, i]) => [
    { tile: "y", value: f },
    { tile: "k", value: i },
  ]),
  fc.tuple(trees.f, trees.f).map(([f, g]) => [
    { tile: "a", value: f },
    { tile: "b", value: g },
  ]),
  trees.f.map((value) => [{ tile: "h", value: cast(value, "f16") }]),
  trees.m.map((m) => [{ tile: "q", value: cast(m, "u8") }]),
);

export function kernelOf(stmt: MapStmt): Kernel {
  return { name: "k", origin: [], summary: "", schedule: "pointwise", buffers: [], ints: [], tiles, body: [stmt], parallelism: 1 };
}

/** What the map's outputs hold at [r][c]. */
export function expected(
  stmt: MapStmt,
  caps: Caps,
  bits: ReadonlyMap<string, Int32Array>,
  rows: number,
  cols: number,
): readonly LaneArray[] {
  const at = (e: Expr, lane: number): number => {
    const [r, c] = [Math.floor(lane / cols), lane % cols];
    if (e.op === "int") return Number(e.value);
    if (e.op === "index") return Number(e.base) + Number(e.step) * (e.axis === "row" ? r : c);
    if (e.op !== "tile") throw new Error(e.op);
    const lanes = new LaneArray(e.type, bits.get(e.tile) ?? new Int32Array()).view;
    return lanes[e.as === "full" ? r * pitch + c : e.as === "row" ? c : e.as === "col" ? r : 0];
  };
  const exprs = expand(
    stmt.out.map((o) => o.value),
    caps,
  );
  return evaluateExprs(exprs, { lanes: rows * cols, leaf: at, round16 });
}
