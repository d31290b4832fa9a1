/** Reductions: rows that fit, rows of any length, columns, windows, whole tensors, chains such as softmax and layernorm. */
import { describe, expect, test } from "vitest";
import { symbol, type Dim } from "../../src/base/dim.js";
import type { DType } from "../../src/base/dtype.js";
import type { Value } from "../../src/ir/graph.js";
import { checkPlan, plannedChips, Sketch } from "./plan-helpers.js";

function softmax(s: Sketch, x: Value, shape: readonly Dim[], axis: number): Value {
  const top = s.apply("expand", [s.apply("reduce", [x], { fn: "max", axes: [axis] })], { shape });
  const e = s.apply("exp", [s.apply("sub", [x, top])]);
  const sum = s.apply("reduce", [e], { fn: "sum", axes: [axis] });
  return s.apply("div", [e, s.apply("expand", [sum], { shape })]);
}

function layernorm(s: Sketch, x: Value, shape: readonly number[], dtype: DType): Value {
  const last = shape.length - 1;
  const small = shape.map((n, d) => (d === last ? 1 : n));
  const mean = (v: Value) => s.apply("div", [s.apply("reduce", [v], { fn: "sum", axes: [last] }), s.scalar(shape[last], small, dtype)]);
  const centred = s.apply("sub", [x, s.apply("expand", [mean(x)], { shape })]);
  const variance = mean(s.apply("mul", [centred, centred]));
  const scale = s.apply("rsqrt", [s.apply("add", [variance, s.scalar(1e-3, small, dtype)])]);
  const gamma = s.spread(s.input(dtype, [shape[last]]), shape);
  return s.apply("mul", [s.apply("mul", [centred, s.apply("expand", [scale], { shape })]), gamma]);
}

describe.each(plannedChips.map((c) => [c.chip, { ...c, cores: 8 }] as const))("%s", (_, caps) => {
  test("softmax of short rows is one kernel that reads its input once", () => {
    const s = new Sketch();
    const shape = [37, 65];
    const ran = checkPlan(s.graph(softmax(s, s.input("f32", shape), shape, 1)), caps);
    expect(ran.kernels.map((k) => k.schedule)).toEqual(["rowreduce"]);
  });

  test("softmax 40 x 6625 runs whatever the scratchpad", () => {
    const s = new Sketch();
    const shape = [10, 6625];
    checkPlan(s.graph(softmax(s, s.input("f32", shape), shape, 1)), caps);
  });

  test("softmax over channels of NCHW", () => {
    const s = new Sketch();
    const shape = [2, 5, 6, 7];
    checkPlan(s.graph(softmax(s, s.input("f32", shape), shape, 1)), caps);
  });

  test("softmax of symbolic rows", () => {
    const shape = [symbol("N"), symbol("C")];
    const s = new Sketch();
    const graph = s.graph(softmax(s, s.input("f32", shape), shape, 1));
    for (const sizes of [
      { N: 3, C: 7 },
      { N: 1, C: 3000 },
      { N: 9, C: 1 },
    ])
      checkPlan(graph, caps, sizes);
  });

  test("layernorm 13 x 120 in f16 is one kernel", () => {
    const s = new Sketch();
    const ran = checkPlan(s.graph(layernorm(s, s.input("f16", [13, 120]), [13, 120], "f16")), caps);
    expect(ran.kernels).toHaveLength(1);
  });

  test("sums a long vector in two launches", () => {
    const s = new Sketch();
    const ran = checkPlan(s.graph(s.apply("reduce", [s.input("f32", [100000])], { fn: "sum", axes: [0] })), { ...caps, cores: 16 });
    expect(ran.kernels).toHaveLength(2);
  });

  test.each([
    { shape: [4, 9, 33], axes: [0] },
    { shape: [4, 9, 33], axes: [1] },
    { shape: [4, 9, 33], axes: [2] },
    { shape: [4, 9, 33], axes: [0, 2] },
    { shape: [3, 50, 4, 5], axes: [1] },
    { shape: [3, 4, 5, 6], axes: [2, 3] },
    { shape: [3, 4, 5, 6], axes: [0, 1, 2, 3] },
    { shape: [1, 700, 3], axes: [1] },
  ])("reduces $shape over $axes", ({ shape, axes }) => {
    for (const fn of ["sum", "max"]) {
      const s = new Sketch();
      checkPlan(s.graph(s.apply("reduce", [s.input("f32", shape)], { fn, axes })), caps);
    }
  });

  test("reduces bools, integers and int64", () => {
    const s = new Sketch();
    const b = s.input("bool", [4, 19]);
    const outs = [
      s.apply("reduce", [b], { fn: "any", axes: [1] }),
      s.apply("reduce", [b], { fn: "all", axes: [0] }),
      s.apply("reduce", [s.input("u8", [4, 19])], { fn: "sum", axes: [1] }),
      s.apply("reduce", [s.input("i32", [4, 19])], { fn: "min", axes: [1] }),
      s.apply("reduce", [s.input("i64", [4, 19])], { fn: "prod", axes: [0] }),
    ];
    checkPlan(s.graph(...outs), caps);
  });

  test("pools by sliding windows", () => {
    const s = new Sketch();
    const x = s.input("f32", [2, 3, 9, 21]);
    const w = s.apply("window", [x], { axes: [2, 3], sizes: [3, 3], strides: [2, 2], dilations: [1, 1] });
    const ran = checkPlan(s.graph(s.apply("reduce", [w], { fn: "max", axes: [4, 5] })), caps);
    expect(ran.kernels).toHaveLength(1);
  });

  test("averages NHWC over its middle, then squashes", () => {
    const s = new Sketch();
    const x = s.input("f32", [2, 6, 7, 24]);
    const m = s.apply("reduce", [x], { fn: "sum", axes: [1, 2] });
    checkPlan(s.graph(s.apply("tanh", [s.apply("mul", [m, s.scalar(1 / 42, [2, 1, 1, 24])])])), caps);
  });

  test.each([0, 1, 2])("cumulates along axis %i", (axis) => {
    const s = new Sketch();
    const x = s.input("f32", [3, 5, 17]);
    checkPlan(s.graph(s.apply("scan", [x], { fn: "sum", axis, exclusive: 0, reverse: 0 })), caps);
  });
});
