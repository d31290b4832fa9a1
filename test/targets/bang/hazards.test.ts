/** When a wait stands between the units of an MLU core: what is pending, loops and branches included. */
import { expect, test } from "vitest";
import { after, atHead, either, mustWait, nothingPending, passing, type Touch } from "../../../targets/bang/print/hazards.js";
import type { Stmt } from "../../../src/kernel/tile.js";

const vector = (reads: string, writes: string): Touch => ({ vectorReads: [reads], vectorWrites: [writes] });
const reads = (tile: string): Touch => ({ scalarReads: [tile] });
const writes = (tile: string): Touch => ({ scalarWrites: [tile] });

test("the scalar unit waits for vector instructions that hold what it touches, and no others", () => {
  const pending = after(vector("a", "b"), nothingPending);
  expect([reads("b"), writes("b"), writes("a")].map((t) => mustWait(t, pending))).toEqual([true, true, true]);
  expect([reads("a"), reads("c"), vector("b", "a")].map((t) => mustWait(t, pending))).toEqual([false, false, false]);
});

test("copies and vector instructions wait for what the scalar unit wrote", () => {
  const pending = after(writes("a"), nothingPending);
  expect([vector("a", "b"), vector("b", "a"), { copies: ["a"] }].map((t) => mustWait(t, pending))).toEqual([true, true, true]);
  expect([reads("a"), { copies: ["b"] }].map((t) => mustWait(t, pending))).toEqual([false, false]);
});

test("a wait leaves nothing behind but what made it", () => {
  const pending = after(reads("b"), after(vector("a", "b"), nothingPending));
  expect(mustWait(reads("b"), pending)).toBe(false);
});

const lone = (index: string): Stmt => ({ op: "let", name: index, value: 1 });
const touches = new Map<Stmt, readonly Touch[]>();
const touch = (t: Touch): Stmt => {
  const s = lone(`s${touches.size}`);
  touches.set(s, [t]);
  return s;
};
const of = (s: Stmt) => touches.get(s) ?? [];

test("what a pass of a loop leaves is pending at its head", () => {
  const body = [touch(reads("b")), touch(vector("a", "b"))];
  const head = atHead(nothingPending, (x) => passing(body, x, of));
  expect(mustWait(reads("b"), head)).toBe(true);
  const loop: Stmt = { op: "for", index: "i", count: 3, over: "serial", body };
  expect(mustWait(reads("b"), passing([loop], nothingPending, of))).toBe(true);
});

test("of branches either may have run, and a pipeline ends in a wait", () => {
  const branch: Stmt = {
    op: "when",
    cond: { op: "lt", a: 0, b: 1 },
    then: [touch(vector("a", "b"))],
    otherwise: [touch(vector("a", "c"))],
  };
  const left = passing([branch], nothingPending, of);
  expect([mustWait(reads("b"), left), mustWait(reads("c"), left)]).toEqual([true, true]);
  const pipeline: Stmt = { op: "pipeline", index: "t", count: 2, over: "cores", load: [], compute: [touch(vector("a", "b"))], store: [] };
  expect(passing([pipeline], left, of)).toEqual(nothingPending);
  expect(either(left, nothingPending)).toEqual(left);
});
