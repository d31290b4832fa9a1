/** Pointwise groups: broadcasting, tails, masks, movement folded into loads. */
import { describe, expect, test } from "vitest";
import { symbol } from "../../src/base/dim.js";
import { tensor } from "../../src/base/tensor.js";
import { checkPlan, kernelUnits, plannedChips, Sketch } from "./plan-helpers.js";

describe.each(plannedChips.map((c) => [c.chip, { ...c, cores: 8 }] as const))("%s", (_, caps) => {
  test("adds with a broadcast and an odd tail, in one kernel", () => {
    const s = new Sketch();
    const [a, b] = [s.input("f32", [7, 133]), s.input("f32", [133])];
    const y = s.apply("add", [a, s.spread(b, [7, 133])]);
    const ran = checkPlan(s.graph(y), caps);
    expect(kernelUnits(ran.units)).toHaveLength(1);
  });

  test("adds whole tensors as one run of elements", () => {
    const s = new Sketch();
    const [a, b] = [s.input("f32", [3, 5, 711]), s.input("f32", [3, 5, 711])];
    const ran = checkPlan(s.graph(s.apply("max", [s.apply("add", [a, b]), s.scalar(0, [3, 5, 711])])), caps);
    expect(ran.kernels).toHaveLength(1);
  });

  test("computes symbolic shapes with one kernel", () => {
    const [n, w] = [symbol("N"), symbol("W")];
    const s = new Sketch();
    const [a, b] = [s.input("f32", [n, 4, w]), s.input("f32", [4, 1])];
    const graph = s.graph(s.apply("mul", [a, s.spread(b, [n, 4, w])]));
    for (const sizes of [
      { N: 1, W: 1 },
      { N: 3, W: 17 },
      { N: 2, W: 5000 },
      { N: 0, W: 3 },
    ])
      checkPlan(graph, caps, sizes);
  });

  test("transposes symbolic shapes", () => {
    const [n, w] = [symbol("N"), symbol("n3")];
    const s = new Sketch();
    const graph = s.graph(s.apply("transpose", [s.input("f32", [n, 3, w])], { perm: [2, 1, 0] }));
    for (const sizes of [
      { N: 1, n3: 1 },
      { N: 40, n3: 17 },
      { N: 5, n3: 300 },
    ])
      checkPlan(graph, caps, sizes);
  });

  test("chooses between values by a comparison, with bool in and out and inf unselected", () => {
    const s = new Sketch();
    const shape = [5, 77];
    const [x, y, c] = [s.input("f32", shape), s.input("f32", shape), s.input("bool", shape)];
    const positive = s.apply("gt", [x, s.scalar(0, shape)]);
    const out = s.apply("select", [positive, x, y]);
    const both = s.apply("and", [positive, c]);
    const inf = tensor("f32", shape, new Float32Array(5 * 77).fill(Infinity));
    checkPlan(s.graph(out, both), caps, {}, new Map([[y, inf]]));
  });

  test.each(["f32", "f16", "i8", "i64"] as const)("transposes [67, 131] of %s", (dtype) => {
    const s = new Sketch();
    const x = s.input(dtype, [67, 131]);
    const ran = checkPlan(s.graph(s.apply("transpose", [x], { perm: [1, 0] })), caps);
    expect(ran.kernels[0].schedule).toBe("transpose");
  });

  test("folds transposes, slices and flips into the loads of their reader", () => {
    const s = new Sketch();
    const x = s.input("f32", [6, 20, 30]);
    const y = s.input("f32", [6, 30, 10]);
    const t = s.apply("transpose", [x], { perm: [0, 2, 1] });
    const picked = s.apply("slice", [t], { starts: [0, 0, 19], sizes: [6, 30, 10], steps: [1, 1, -2] });
    const ran = checkPlan(s.graph(s.apply("add", [picked, y])), caps);
    expect(ran.kernels).toHaveLength(1);
  });

  test("reshapes of dense values are views", () => {
    const s = new Sketch();
    const x = s.input("f32", [4, 6]);
    const r = s.apply("reshape", [s.apply("exp", [x])], { shape: [3, 8] });
    const ran = checkPlan(s.graph(r), caps);
    expect(ran.units.map((u) => u.kind)).toEqual(["kernels", "alias"]);
  });

  test("splits a loop where a reshape between computations asks for it", () => {
    const s = new Sketch();
    const x = s.input("f32", [4, 6, 5]);
    const t = s.apply("transpose", [x], { perm: [1, 0, 2] });
    const r = s.apply("reshape", [t], { shape: [24, 5] });
    const ran = checkPlan(s.graph(s.apply("exp", [r])), caps);
    expect(ran.kernels).toHaveLength(1);
  });

  test("keeps halves and narrow integers to their types", () => {
    const s = new Sketch();
    const h = s.input("f16", [3, 50]);
    const q = s.input("u8", [3, 50]);
    const i = s.input("i8", [3, 50]);
    const outs = [
      s.apply("mul", [h, h]),
      s.apply("sub", [q, s.apply("add", [q, q])]),
      s.apply("mul", [i, s.scalar(40, [3, 50], "i8")]),
      s.apply("cast", [h], { to: "u8", round: "rint", overflow: "saturate" }),
      s.apply("cast", [i], { to: "f16", round: "trunc", overflow: "wrap" }),
      s.apply("cast", [q], { to: "bool", round: "trunc", overflow: "wrap" }),
    ];
    checkPlan(s.graph(...outs), caps);
  });

  test("does int64 arithmetic lane by lane", () => {
    const s = new Sketch();
    const x = s.input("i64", [4, 33]);
    const y = s.apply("mod", [s.apply("mul", [x, x]), s.scalar(7, [4, 33], "i64")]);
    const p = s.apply("cast", [s.apply("iota", [], { shape: [4, 33], axis: 1, dtype: "i32" })], {
      to: "i64",
      round: "trunc",
      overflow: "wrap",
    });
    checkPlan(s.graph(y, p, s.spread(s.input("i64", [33]), [4, 33])), caps);
  });

  test("computes scalars", () => {
    const s = new Sketch();
    checkPlan(s.graph(s.apply("neg", [s.input("f32", [])]), s.apply("exp", [s.input("f32", [1, 1])])), caps);
  });
});
