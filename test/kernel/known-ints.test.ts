/** What is known of a kernel's integers holds for every size the kernel is launched with. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { add, ceilDiv, evaluateDim, floorDiv, min, mod, mul, sub, symbol, type Dim } from "../../src/base/dim.js";
import { KnownInts } from "../../src/kernel/lower/known-ints.js";
import type { Kernel, Stmt } from "../../src/kernel/tile.js";

function kernelOf(ints: Readonly<Record<string, Dim>>, lets: Readonly<Record<string, Dim>>): Kernel {
  const body: Stmt[] = Object.entries(lets).map(([name, value]) => ({ op: "let", name, value }));
  return {
    name: "k",
    origin: [],
    summary: "",
    schedule: "pointwise",
    buffers: [],
    ints: Object.entries(ints).map(([name, value]) => ({ name, value })),
    tiles: [],
    body: [{ op: "for", index: "t", count: symbol("n1"), over: "cores", body }],
    parallelism: 1,
  };
}

const [N, H, t] = ["N", "H", "t"].map(symbol);
const [n0, n1, n2] = ["n0", "n1", "n2"].map(symbol);

/** Columns of a matrix of N rows of n0 = H * 3, in blocks of n2. */
const blocks = kernelOf(
  { n0: mul(3, H), n2: min(N, 64), n1: ceilDiv(n0, n2) },
  { j: mod(t, n1), b: mul(symbol("j"), n2), c: min(sub(n0, symbol("b")), n2) },
);

describe("what follows", () => {
  test.each<[string, Dim, Dim]>([
    ["a block's columns are no more than all columns", symbol("c"), n0],
    ["they are no more than a block", symbol("c"), n2],
    ["an extent is no more than three of it", H, mul(3, H)],
    ["an extent is no more than its product with another", n0, mul(n0, N)],
    ["a quotient is no more than what is divided", floorDiv(7, 2), mul(4, H)],
  ])("%s", (_, a, b) => {
    expect(new KnownInts(blocks).atMost(a, b)).toBe(true);
  });

  test.each<[string, Dim, Dim]>([
    ["two extents that have nothing to do with each other", N, H],
    ["a window of three rows against one row", add(n0, n0, n0), n0],
    ["one more than an extent", add(n0, 1), n0],
  ])("nothing is claimed of %s", (_, a, b) => {
    expect(new KnownInts(blocks).atMost(a, b)).toBe(false);
  });

  test("a size of the model that is called like a let is another thing", () => {
    const kernel = kernelOf({ n0: mul(2, symbol("c")), n1: symbol("b") }, { b: mul(t, 4), c: min(n0, symbol("b")) });
    const known = new KnownInts(kernel);
    expect([known.atMost(symbol("c"), n0), known.atMost(n0, symbol("c"))]).toEqual([true, false]);
  });

  test("a name with two values in two places says nothing", () => {
    const kernel = kernelOf({ n0: H, n1: 1 }, {});
    const twice: Kernel = {
      ...kernel,
      body: [3, 5].map((value): Stmt => ({
        op: "when",
        cond: { op: "and", all: [] },
        then: [{ op: "let", name: "w", value }],
        otherwise: [],
      })),
    };
    expect(new KnownInts(twice).atMost(symbol("w"), 8)).toBe(false);
  });
});

test("whatever is claimed holds at all sizes", () => {
  const leaf = fc.oneof(fc.integer({ min: -4, max: 9 }), fc.constantFrom(N, H, n0, n1, n2, t, symbol("b"), symbol("c")));
  const dim = fc.letrec<{ dim: Dim }>((tie) => ({
    dim: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.tuple(fc.constantFrom(add, sub, mul, min), tie("dim"), tie("dim")).map(([f, a, b]): Dim => f(a, b)),
    ),
  })).dim;
  const sizes = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 70 }), fc.nat(40));
  const known = new KnownInts(blocks);
  fc.assert(
    fc.property(dim, dim, fc.array(sizes, { minLength: 8, maxLength: 8 }), (a, b, runs) => {
      if (!known.atMost(a, b)) return;
      for (const [rows, height, step] of runs) {
        const values = new Map([
          ["N", rows],
          ["H", height],
          ["t", step],
        ]);
        const at = (d: Dim): number => evaluateDim(d, values);
        values.set("n0", 3 * height).set("n2", at(min(N, 64)));
        values.set("n1", at(ceilDiv(n0, n2)));
        values.set("b", at(mul(mod(t, n1), n2)));
        values.set("c", at(min(sub(n0, symbol("b")), n2)));
        expect(at(a)).toBeLessThanOrEqual(at(b));
      }
    }),
    { numRuns: 400 },
  );
});
