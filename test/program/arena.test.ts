/** What buffers take at the ends of the range of sizes. */
import { expect, test } from "vitest";
import { add, floorDiv, max, mul, symbol, type Dim } from "../../src/base/dim.js";
import { bytesAt } from "../../src/program/arena.js";
import type { ProgramBuffer, ProgramSymbol } from "../../src/program/program.js";

const [h, w] = [symbol("h"), symbol("w")];
const source: ProgramSymbol["source"] = { kind: "extent", input: "x", axis: 0 };
const range = (name: string, lo: number, hi: number): ProgramSymbol => ({ name, source, lo, hi });

function taken(shape: readonly Dim[], ...symbols: readonly ProgramSymbol[]): readonly number[] {
  const buffer: ProgramBuffer = { id: 0, name: "t", dtype: "f32", stored: "f32", shape, home: "arena" };
  return (["lowest", "highest"] as const).map((end) => bytesAt({ buffers: [buffer], symbols }, end)(0));
}

test("a quotient of sizes is counted where its two sides meet", () => {
  // Of two spellings of one grid, as exporters leave them: always 16, though bounds of both sides allow 16 * 128 * 128.
  const grid = floorDiv(mul(16, h, w), mul(max(h, 0), max(w, 0)));
  expect(taken([mul(h, w), grid], range("h", 1, 128), range("w", 1, 128))).toEqual([4 * 16, 4 * 128 * 128 * 16]);
});

test("a symbol without an upper bound stands at its lowest at both ends, and one from 0 at 1", () => {
  expect(taken([h, w], range("h", 0, 8), range("w", 3, Infinity))).toEqual([4 * 3, 4 * 8 * 3]);
});

test("an extent without a value, or below 0, is empty", () => {
  expect(taken([floorDiv(h, add(w, -1))], range("h", 1, Infinity), range("w", 1, Infinity))).toEqual([0, 0]);
  expect(taken([add(h, -9)], range("h", 1, 12))).toEqual([0, 4 * 3]);
});
