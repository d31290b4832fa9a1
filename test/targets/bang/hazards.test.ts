/** When a wait stands between the units of an MLU core: what is pending, loops and branches included. */
import { expect, test } from "vitest";
import { findSyncs } from "../../../targets/kit/hazards.js";
import { reads, Sheet, writes, type Access } from "../../../targets/kit/sheet.js";
import { units, type Unit } from "../../../targets/bang/print/units.js";

/** One line of a unit; the waits stand between the lines. */
const does =
  (unit: Unit, ...touches: readonly Access[]) =>
  (w: Sheet) =>
    void w.mark({ kind: "operation", unit, touches }).line(unit);
const vector = (from: string, to: string) => does("vector", ...reads(from), ...writes(to));
const scalarReads = (tile: string) => does("scalar", ...reads(tile));
const scalarWrites = (tile: string) => does("scalar", ...writes(tile));
const copies = (tile: string) => does("copies", ...writes(tile));

function linesOf(...pieces: readonly ((w: Sheet) => void)[]): readonly string[] {
  const w = new Sheet();
  pieces.forEach((write) => write(w));
  const { text } = w.read((body) => findSyncs(body, units, (syncs) => syncs));
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
}
const waits = (...pieces: readonly ((w: Sheet) => void)[]) => linesOf(...pieces).some((line) => line.startsWith("__sync"));

test("the scalar unit waits for vector instructions that hold what it touches, and no others", () => {
  const after = [scalarReads("b"), scalarWrites("b"), scalarWrites("a"), scalarReads("a"), scalarReads("c"), vector("b", "a")];
  expect(after.map((piece) => waits(vector("a", "b"), piece))).toEqual([true, true, true, false, false, false]);
});

test("copies and vector instructions wait for what the scalar unit wrote", () => {
  const after = [vector("a", "b"), vector("b", "a"), copies("a"), scalarReads("a"), copies("b")];
  expect(after.map((piece) => waits(scalarWrites("a"), piece))).toEqual([true, true, true, false, false]);
});

test("a wait leaves nothing behind but what made it", () => {
  expect(linesOf(vector("a", "b"), scalarReads("b"), scalarReads("b"))).toEqual(["vector", "__sync_compute", "scalar", "scalar"]);
});

test("what a pass of a loop leaves is pending at its head, and behind it", () => {
  const loop = (w: Sheet) => void w.loop("for (;;)", () => [scalarReads("b"), vector("a", "b")].forEach((write) => write(w)));
  const inside = ["for (;;) {", "__sync_compute", "scalar", "vector", "}"];
  expect(linesOf(loop, scalarReads("b"))).toEqual([...inside, "__sync_compute", "scalar"]);
});

test("a loop that runs at all ends as its body does", () => {
  const loop = (always: boolean) => (w: Sheet) =>
    void w.loop("for (;;)", () => w.mark({ kind: "order", sync: "__sync" }).line("sync"), always ? { always } : {});
  expect([true, false].map((always) => waits(vector("a", "b"), loop(always), scalarReads("b")))).toEqual([false, true]);
});

test("of branches either may have run", () => {
  const branch = (w: Sheet) => {
    w.branch(
      "if (x)",
      () => vector("a", "b")(w),
      () => vector("a", "c")(w),
    );
  };
  expect(["b", "c", "d"].map((tile) => waits(branch, scalarReads(tile)))).toEqual([true, true, false]);
});

test("copies of a pipeline wait for everything", () => {
  expect(linesOf(vector("a", "b"), does("pipeline", ...writes("a")), scalarReads("b"))).toEqual(["vector", "__sync", "pipeline", "scalar"]);
});
