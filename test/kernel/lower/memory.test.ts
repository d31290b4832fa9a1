import fc from "fast-check";
import { expect, test } from "vitest";
import { symbol } from "../../../src/base/dim.js";
import { LaneArray } from "../../../src/kernel/interpret/evaluate-expr.js";
import { lowerMemory } from "../../../src/kernel/lower/memory.js";
import type { MapStmt, ReduceStmt } from "../../../src/kernel/lower/prepare.js";
import type { Expr } from "../../../src/kernel/tile.js";
import { ascend310p, ascend910b, mlu370, mlu590 } from "../chips.js";
import { data, expected, kernelOf, outputs, pitch, shapes, tiles } from "./random-map.js";
import { runMemoryMap } from "./run-memory.js";

const chips = [ascend910b, ascend310p, mlu590, mlu370];
const poison = 0x7fc12345;

test("lowered maps compute what their expressions mean, bit for bit", () => {
  fc.assert(
    fc.property(outputs, shapes, fc.constantFrom(...chips), fc.integer(), (out, { rows, cols }, caps, seed) => {
      const stmt: MapStmt = { op: "map", mode: "vector", rows, cols, out };
      const lowered = lowerMemory(kernelOf(stmt), caps);
      const map = lowered.maps.get(stmt);
      if (!map) throw new Error("the map is lost");
      const tileBits = data(seed);
      const want = expected(stmt, caps, tileBits, rows, cols);
      const slots = lowered.slots.map((s) => new Int32Array(s.capacity).fill(poison));
      runMemoryMap(map, { tiles: new Map(tiles.map((t) => [t.name, t])), tileBits, slots, symbols: {} });
      out.forEach(({ tile }, i) => {
        const got = new LaneArray(want[i].type, tileBits.get(tile) ?? new Int32Array()).view;
        for (let lane = 0; lane < rows * cols; lane++) {
          const at = Math.floor(lane / cols) * pitch + (lane % cols);
          if (!Object.is(got[at], want[i].view[lane])) expect(`${tile}[${at}] = ${got[at]}`).toBe(`${want[i].view[lane]}`);
        }
      });
    }),
    { numRuns: 400 },
  );
});

const tile = (name: string, as: "full" | "row" | "col"): Expr => ({ op: "tile", type: "f32", tile: name, as });
const fn = (name: "add" | "sub" | "mul" | "sqrt" | "max", ...args: Expr[]): Expr => ({ op: "fn", type: "f32", fn: name, args });
const lowerOne = (value: Expr, caps = ascend910b) => {
  const stmt: MapStmt = { op: "map", mode: "vector", rows: 3, cols: 50, out: [{ tile: "y", value }] };
  const lowered = lowerMemory(kernelOf(stmt), caps);
  return { slots: lowered.slots, blocks: lowered.maps.get(stmt)?.blocks ?? [] };
};

test("one instruction for a sum, computed in its output", () => {
  const { slots, blocks } = lowerOne(fn("add", tile("a", "full"), tile("b", "full")));
  expect(slots).toEqual([]);
  expect(blocks).toHaveLength(1);
  expect(blocks[0].body).toHaveLength(1);
  expect(blocks[0].body[0].dst).toMatchObject({ kind: "tile", tile: "y" });
});

test("what depends on columns alone is computed once a row, and taken as a scalar", () => {
  const { blocks } = lowerOne(fn("mul", fn("sub", tile("a", "full"), tile("c", "col")), fn("sqrt", tile("c", "col"))));
  expect(blocks.map((b) => [b.over, b.each, b.body.length])).toEqual([
    ["col", "tile", 1],
    ["full", "row", 2],
  ]);
});

test("the scalar unit negates what it reads, so that no instruction does", () => {
  const { blocks } = lowerOne(fn("sub", tile("a", "full"), tile("c", "col")));
  expect(blocks.flatMap((b) => b.body)).toMatchObject([
    { op: "apply", fn: "add", args: [{ kind: "tile" }, { kind: "read", at: "row", negated: true, from: { tile: "c" } }] },
  ]);
});

test("rows repeat by the vendor's cycle forms where it has them", () => {
  const value = fn("add", tile("a", "full"), tile("r", "row"));
  expect(lowerOne(value, mlu590).blocks.map((b) => b.each)).toEqual(["tile"]);
  expect(lowerOne(value, ascend910b).blocks.map((b) => b.each)).toEqual(["row"]);
});

test("a whole formula may need no scratch beside its output", () => {
  const value = fn("mul", fn("add", tile("a", "full"), tile("b", "full")), tile("b", "full"));
  expect(lowerOne(value).slots).toEqual([]);
});

test("a reduction keeps its value apart from the slot it works in", () => {
  const value = fn("mul", tile("a", "full"), tile("b", "full"));
  const stmt: ReduceStmt = { op: "reduce", out: "c", fn: "sum", value, rows: 3, cols: 50, along: "cols", carry: false };
  const { slots, reduces } = lowerMemory(
    { ...kernelOf({ op: "map", mode: "vector", rows: 1, cols: 1, out: [] }), body: [stmt] },
    ascend910b,
  );
  const reduce = reduces.get(stmt);
  expect(slots).toHaveLength(2);
  expect(reduce?.src).toMatchObject({ kind: "scratch" });
  expect(reduce?.src.kind === "scratch" && reduce.src.slot !== reduce.work).toBe(true);
});

test("a long chain needs two slots", () => {
  let value: Expr = tile("a", "full");
  for (let i = 0; i < 20; i++) value = fn("max", fn("add", value, tile("b", "full")), fn("mul", value, tile("a", "full")));
  expect(lowerOne(value, mlu590).slots.length).toBeLessThanOrEqual(2);
});

test("an integer of the host is negated as a float where it may be zero, so that -0 - 0 stays -0", () => {
  const minus = (value: Extract<Expr, { op: "int" }>["value"]) =>
    lowerOne(fn("sub", tile("a", "full"), { op: "int", type: "f32", value })).blocks.flatMap((b) => b.body);
  expect(minus(0)).toMatchObject([{ op: "apply", fn: "add", args: [{ tile: "a" }, { kind: "const", value: -0 }] }]);
  const open = minus(symbol("n"));
  expect(open.find((i) => i.op === "apply" && i.fn === "mul")).toMatchObject({ args: [{ kind: "scratch" }, { kind: "const", value: -1 }] });
  expect(open.at(-1)).toMatchObject({ op: "apply", fn: "add", args: [{ tile: "a" }, { kind: "read" }] });
});
