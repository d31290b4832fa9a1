import fc from "fast-check";
import { expect, test } from "vitest";
import { LaneArray } from "../../../src/kernel/interpret/evaluate-expr.js";
import type { MapStmt } from "../../../src/kernel/lower/prepare.js";
import { registerMap, registerReduce } from "../../../src/kernel/lower/register.js";
import { pressureOf } from "../../../src/kernel/lower/split.js";
import type { Expr } from "../../../src/kernel/tile.js";
import { p800 } from "../chips.js";
import { data, expected, outputs, pitch, shapes, tiles, trees } from "./random-map.js";
import { runRegisterMap } from "./run-register.js";

const byName = new Map(tiles.map((t) => [t.name, t]));
const pitchOf = (name: string) => Number(byName.get(name)?.pitch);

function check(stmt: MapStmt, rows: number, cols: number, seed: number, limit?: number): void {
  const bits = data(seed);
  const want = expected(stmt, p800, bits, rows, cols);
  runRegisterMap(registerMap(stmt, byName, p800, limit), { bits, pitch: pitchOf });
  stmt.out.forEach(({ tile }, i) => {
    const got = new LaneArray(want[i].type, bits.get(tile) ?? new Int32Array()).view;
    for (let lane = 0; lane < rows * cols; lane++) {
      const at = Math.floor(lane / cols) * pitch + (lane % cols);
      if (!Object.is(got[at], want[i].view[lane])) expect(`${tile}[${at}] = ${got[at]}`).toBe(`${want[i].view[lane]}`);
    }
  });
}

test("fused loops compute what their expressions mean, bit for bit", () => {
  fc.assert(
    fc.property(outputs, shapes, fc.integer(), (out, { rows, cols }, seed) =>
      check({ op: "map", mode: "vector", rows, cols, out }, rows, cols, seed),
    ),
    { numRuns: 300 },
  );
});

test("cut into loops that spill, they still do", () => {
  fc.assert(
    fc.property(trees.f, trees.f, shapes, fc.integer(), (f, g, { rows, cols }, seed) => {
      const both: Expr = { op: "fn", type: "f32", fn: "add", args: [f, g] };
      check({ op: "map", mode: "vector", rows, cols, out: [{ tile: "y", value: both }] }, rows, cols, seed, 3);
    }),
    { numRuns: 150 },
  );
});

const read = (name: string): Expr => ({ op: "tile", type: "f32", tile: name, as: "full" });

test("every expansion alone stays within the registers", () => {
  const fns = [
    "exp",
    "log",
    "tanh",
    "erf",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "asinh",
    "acosh",
    "atanh",
    "sqrt",
    "rsqrt",
    "reciprocal",
  ] as const;
  const pressures = fns.map((fn) => {
    const value: Expr = { op: "fn", type: "f32", fn, args: [read("a")] };
    const map = registerMap({ op: "map", mode: "vector", rows: 1, cols: 64, out: [{ tile: "y", value }] }, byName, p800);
    expect(map.loops.length, fn).toBe(1);
    return { fn, registers: pressureOf(map.loops[0]), operations: map.loops[0].body.length };
  });
  console.table(pressures);
  for (const { registers } of pressures) expect(registers).toBeLessThanOrEqual(24);
});

test("a column's value is splatted once a row, a reduction keeps its register", () => {
  const value: Expr = { op: "fn", type: "f32", fn: "sub", args: [read("a"), { op: "tile", type: "f32", tile: "c", as: "col" }] };
  const reduce = registerReduce({ op: "reduce", out: "n", fn: "sum", value, rows: 3, cols: 40, along: "cols", carry: false }, byName, p800);
  const [loop] = reduce.loops;
  expect(loop.perRow.map((op) => op.op)).toContain("splat");
  expect(loop.body.map((op) => op.op)).toEqual(["load", "apply"]);
  expect(loop.body[1]).toMatchObject({ dst: reduce.src });
});
