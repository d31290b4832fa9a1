/** Primitives with schedules of their own: gathers, scatters, concatenations, pads, sorts, contractions, convolutions. */
import { describe, expect, test } from "vitest";
import { symbol } from "../../src/base/dim.js";
import { tensor } from "../../src/base/tensor.js";
import type { Value } from "../../src/ir/graph.js";
import { checkPlan, plannedChips, Sketch } from "./plan-helpers.js";

const some = (n: number, below: number) => Array.from({ length: n }, (_, i) => (i * 7 + 3) % below);

describe.each(plannedChips.map((c) => [c.chip, { ...c, cores: 8 }] as const))("%s", (_, caps) => {
  test.each([0, 1, 2])("concatenates along axis %i", (axis) => {
    const s = new Sketch();
    const parts = [1, 4, 7].map((n) =>
      s.input(
        "f32",
        [3, 5, 6].map((e, d) => (d === axis ? n : e)),
      ),
    );
    checkPlan(s.graph(s.apply("concat", parts, { axis })), caps);
  });

  test("pads on every side", () => {
    const s = new Sketch();
    const x = s.input("f16", [3, 5, 6]);
    checkPlan(s.graph(s.apply("pad", [x, s.scalar(-1, [], "f16")], { low: [0, 1, 2], high: [2, 0, 3] })), caps);
    const t = new Sketch();
    checkPlan(t.graph(t.apply("pad", [t.input("i32", [7]), t.input("i32", [])], { low: [1], high: [1] })), caps);
  });

  test("names a kernel of one axis or side of a pad y and that of a value y_1 apart", () => {
    const named = (build: (s: Sketch, x: Value, pad: (v: Value) => Value) => Value) => {
      const s = new Sketch();
      const pad = (v: Value) => s.named("y", "pad", [v, s.scalar(-1, [])], { low: [1, 1, 1], high: [1, 1, 1] });
      const out = build(s, s.input("f32", [3, 5, 6]), pad);
      return checkPlan(s.graph(out), caps).kernels.map((k) => k.name);
    };
    const before = named((s, x, pad) => s.named("y_1", "exp", [pad(x)]));
    const after = named((s, x, pad) => pad(s.named("y_1", "exp", [x])));
    for (const names of [before, after]) expect([...new Set(names)]).toEqual(names);
  });

  test.each([
    { shape: [9, 40], axis: 0, dtype: "f32" },
    { shape: [4, 9, 40], axis: 1, dtype: "f16" },
    { shape: [4, 9, 40], axis: 2, dtype: "f32" },
    { shape: [30], axis: 0, dtype: "u8" },
    { shape: [5, 3, 3], axis: 1, dtype: "i64" },
  ] as const)("gathers from $shape along $axis", ({ shape, axis, dtype }) => {
    for (const type of ["i32", "i64"] as const) {
      const s = new Sketch();
      const x = s.input(dtype, shape);
      const at = some(10, shape[axis] ?? 0);
      const i = s.constant(tensor(type, [2, 5], type === "i64" ? BigInt64Array.from(at, BigInt) : Int32Array.from(at)));
      checkPlan(s.graph(s.apply("gather", [x, i], { axis })), caps);
    }
  });

  test("gathers single elements from a long table and of unknown length", () => {
    for (const n of [20000, symbol("K")]) {
      const s = new Sketch();
      const i = s.constant(tensor("i32", [50], Int32Array.from(some(50, 997))));
      checkPlan(s.graph(s.apply("gather", [s.input("f32", [n]), i], { axis: 0 })), caps, { K: 1000 });
    }
  });

  test("gathers and scatters by element and by tuple", () => {
    const s = new Sketch();
    const x = s.input("f32", [4, 6, 5]);
    const byElement = s.constant(tensor("i64", [4, 3, 5], BigInt64Array.from(some(60, 6), BigInt)));
    const tuples = s.constant(tensor("i64", [3, 2], BigInt64Array.from([0, 5, 3, 2, 1, 0], BigInt)));
    const batched = s.constant(tensor("i32", [4, 1], Int32Array.from([5, 0, 2, 2])));
    const outs = [
      s.apply("gatherelements", [x, byElement], { axis: 1 }),
      s.apply("gathernd", [x, tuples], { batchdims: 0 }),
      s.apply("gathernd", [x, batched], { batchdims: 1 }),
      s.apply("scatterelements", [x, byElement, s.input("f32", [4, 3, 5])], { axis: 1, reduction: "add" }),
      s.apply("scatternd", [x, tuples, s.input("f32", [3, 5])], { reduction: "none" }),
      s.apply("scatternd", [x, tuples, s.input("f32", [3, 5])], { reduction: "max" }),
    ];
    checkPlan(s.graph(...outs), caps);
  });

  test("finds positions of extremes", () => {
    const s = new Sketch();
    const x = s.input("f32", [3, 4, 50]);
    const r = s.apply("round", [x]);
    checkPlan(
      s.graph(...[0, 1].flatMap((last) => [1, 2].map((axis) => s.apply("argreduce", [r], { fn: last ? "min" : "max", axis, last })))),
      caps,
    );
  });

  test("sorts, stably", () => {
    for (const dtype of ["f32", "i32"] as const)
      for (const [axis, descending] of [
        [1, 1],
        [0, 0],
      ]) {
        const s = new Sketch();
        const x = s.input(dtype, [5, 23]);
        checkPlan(s.graph(...s.all("sort", [x], { axis, descending })), caps);
      }
  });

  test("scans backwards and exclusively", () => {
    for (const [exclusive, reverse] of [
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      const s = new Sketch();
      checkPlan(s.graph(s.apply("scan", [s.input("f32", [3, 9])], { fn: "sum", axis: 1, exclusive, reverse })), caps);
    }
  });

  test("multiplies matrices no library claimed", () => {
    const s = new Sketch();
    const a = s.input("f32", [2, 5, 7]);
    const outs = [
      s.apply("contract", [a, s.input("f32", [2, 7, 9])], { transa: 0, transb: 0, acc: "f32" }),
      s.apply("contract", [a, s.input("f32", [9, 7])], { transa: 0, transb: 1, acc: "f32" }),
      s.apply("contract", [a, s.input("f32", [2, 5, 3])], { transa: 1, transb: 0, acc: "f32" }),
      s.apply("contract", [s.input("i8", [4, 8]), s.input("i8", [8, 3])], { transa: 0, transb: 0, acc: "i32" }),
    ];
    checkPlan(s.graph(...outs), caps);
  });

  test.each([
    [0, [5, 1]],
    [1, [5, 1]],
    [0, [1]],
  ] as const)("subtracts zero points of rows and columns of a matrix, turned %i", (turned, rows) => {
    const s = new Sketch();
    const [a, b] = turned === 1 ? [[7, 5], [3, 7]] : [[5, 7], [7, 3]]; // prettier-ignore
    const operands = [s.input("u8", a), s.input("i8", b), s.input("u8", [...rows]), s.input("i8", [3])];
    checkPlan(s.graph(s.apply("contract", operands, { transa: turned, transb: turned, acc: "i32" })), caps);
  });

  test("convolves what no library claimed", () => {
    const s = new Sketch();
    const x = s.input("f32", [2, 4, 7, 8]);
    const attrs = { strides: [2, 1], pads: [1, 0, 1, 2], dilations: [1, 2], acc: "f32" };
    const outs = [
      s.apply("conv", [x, s.input("f32", [6, 2, 3, 3])], { ...attrs, group: 2 }),
      s.apply("conv", [x, s.input("f32", [3, 4, 1, 1])], { ...attrs, strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 }),
    ];
    checkPlan(s.graph(...outs), caps);
  });

  test("tells the device extents the host knows", () => {
    const s = new Sketch();
    const n = symbol("N");
    const ran = checkPlan(s.graph(s.apply("dims", [], { value: [n, 3] }), s.apply("neg", [s.input("f32", [n])])), caps, { N: 5 });
    expect(ran.kernels).toHaveLength(2);
  });
});
