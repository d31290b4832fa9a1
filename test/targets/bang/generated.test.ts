/** Graphs of primitives through schedules, lowering, printer and twin, compared with the primitives' own meaning. */
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { add as plus, floorDiv, sub, symbol, type Dim } from "../../../src/base/dim.js";
import type { DType } from "../../../src/base/dtype.js";
import { tensor } from "../../../src/base/tensor.js";
import type { Value } from "../../../src/ir/graph.js";
import { chips } from "../../../targets/bang/caps.js";
import { Sketch } from "../../kernel/plan-helpers.js";
import { graphCase, type GraphCase } from "./graph-case.js";
import { runCases } from "./harness.js";

function softmax(s: Sketch, x: Value, shape: readonly Dim[], axis: number): Value {
  const top = s.apply("expand", [s.apply("reduce", [x], { fn: "max", axes: [axis] })], { shape });
  const e = s.apply("exp", [s.apply("sub", [x, top])]);
  return s.apply("div", [e, s.apply("expand", [s.apply("reduce", [e], { fn: "sum", axes: [axis] })], { shape })]);
}

function layernorm(s: Sketch, x: Value, shape: readonly number[], dtype: DType): Value {
  const last = shape.length - 1;
  const small = shape.map((n, d) => (d === last ? 1 : n));
  const mean = (v: Value) => s.apply("div", [s.apply("reduce", [v], { fn: "sum", axes: [last] }), s.scalar(shape[last], small, dtype)]);
  const centred = s.apply("sub", [x, s.apply("expand", [mean(x)], { shape })]);
  const scale = s.apply("rsqrt", [s.apply("add", [mean(s.apply("mul", [centred, centred])), s.scalar(1e-3, small, dtype)])]);
  return s.apply("mul", [s.apply("mul", [centred, s.apply("expand", [scale], { shape })]), s.spread(s.input(dtype, [shape[last]]), shape)]);
}

const inf = (shape: readonly number[]) => tensor("f32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(Infinity));

/** Each sketch on one chip; names become parts of C identifiers. */
function sketches(chip: "MLU590" | "MLU370"): GraphCase[] {
  const cases: GraphCase[] = [];
  const add = (name: string, build: (s: Sketch) => readonly Value[], symbols: Readonly<Record<string, number>> = {}, infinite = -1) => {
    const s = new Sketch();
    const graph = s.graph(...build(s));
    const given = new Map(infinite >= 0 ? [[graph.inputs[infinite], inf([5, 77])]] : []);
    cases.push(graphCase(`${chip}_${name}`, graph, chips[chip], symbols, given));
  };
  add("broadcast", (s) => [s.apply("add", [s.input("f32", [7, 133]), s.spread(s.input("f32", [133]), [7, 133])])]);
  add("softmax_rows", (s) => [softmax(s, s.input("f32", [40, 6625]), [40, 6625], 1)]);
  add("softmax_channels", (s) => [softmax(s, s.input("f32", [2, 5, 6, 7]), [2, 5, 6, 7], 1)]);
  add("transpose_f32", (s) => [s.apply("transpose", [s.input("f32", [67, 131])], { perm: [1, 0] })]);
  add("transpose_f16", (s) => [s.apply("transpose", [s.input("f16", [67, 131])], { perm: [1, 0] })]);
  add(
    "where",
    (s) => {
      const [x, y, c] = [s.input("f32", [5, 77]), s.input("f32", [5, 77]), s.input("bool", [5, 77])];
      const positive = s.apply("gt", [x, s.scalar(0, [5, 77])]);
      return [s.apply("select", [positive, x, y]), s.apply("and", [positive, c])];
    },
    {},
    1,
  );
  add("sum", (s) => [s.apply("reduce", [s.input("f32", [1000000])], { fn: "sum", axes: [0] })]);
  add("layernorm", (s) => [layernorm(s, s.input("f16", [13, 120]), [13, 120], "f16")]);
  const nw = [symbol("N"), 4, symbol("W")];
  for (const [k, sizes] of [
    { N: 3, W: 17 },
    { N: 2, W: 5000 },
  ].entries())
    add(`symbolic_${k}`, (s) => [s.apply("mul", [s.input("f32", nw), s.spread(s.input("f32", [4, 1]), nw)])], sizes);
  const backwards = { starts: [0, sub(nw[0], 1), 0], sizes: [2, nw[0], floorDiv(plus(nw[2], 1), 2)], steps: [1, -1, 2] };
  add("open_rows_backwards", (s) => [s.apply("slice", [s.input("u8", [2, nw[0], nw[2]])], backwards)], { N: 7, W: 37 });
  add("gelu", (s) => {
    const x = s.input("f32", [33, 70]);
    const k = (v: number) => s.scalar(v, [33, 70]);
    return [s.apply("mul", [s.apply("mul", [x, k(0.5)]), s.apply("add", [s.apply("erf", [s.apply("mul", [x, k(Math.SQRT1_2)])]), k(1)])])];
  });
  for (const axes of [[0], [1], [2], [0, 2], [0, 1, 2]])
    for (const fn of ["sum", "max"] as const)
      add(`${fn}_${axes.join("")}`, (s) => [s.apply("reduce", [s.input("f32", [4, 9, 33])], { fn, axes })]);
  add("max_i32", (s) => [s.apply("reduce", [s.input("i32", [6, 50])], { fn: "max", axes: [1] })]);
  add("folded", (s) => [
    s.apply("add", [s.apply("transpose", [s.input("f32", [6, 20, 30])], { perm: [0, 2, 1] }), s.input("f32", [6, 30, 20])]),
  ]);
  add("slice", (s) => [s.apply("slice", [s.input("f32", [9, 40])], { starts: [1, 3], sizes: [4, 12], steps: [2, 3] })]);
  add("flip", (s) => [s.apply("slice", [s.input("f32", [9, 40])], { starts: [8, 39], sizes: [9, 40], steps: [-1, -1] })]);
  add("repeat", (s) => [
    s.apply(
      "reshape",
      [
        s.apply("expand", [s.apply("reshape", [s.input("f32", [1, 1, 2, 1, 2, 1])], { shape: [1, 1, 2, 1, 2, 1] })], {
          shape: [1, 1, 2, 2, 2, 3],
        }),
      ],
      {
        shape: [1, 1, 4, 6],
      },
    ),
  ]);
  add("pad", (s) => [s.apply("pad", [s.input("f32", [5, 13]), s.scalar(3, [])], { low: [1, 2], high: [0, 4] })]);
  add("concat", (s) => [s.apply("concat", [s.input("f32", [5, 13]), s.input("f32", [5, 7])], { axis: 1 })]);
  add("cast_bool", (s) => [
    s.apply("cast", [s.input("bool", [300])], { to: "f32" }),
    s.apply("cast", [s.input("f32", [300])], { to: "i32", round: "trunc" }),
  ]);
  add("int_ops", (s) => [
    s.apply("floordiv", [s.input("i32", [100]), s.scalar(3, [100], "i32")]),
    s.apply("mod", [s.input("i32", [100]), s.scalar(7, [100], "i32")]),
  ]);
  add("i64", (s) => [s.apply("add", [s.input("i64", [9, 40]), s.input("i64", [9, 40])])]);
  add("i8", (s) => [s.apply("add", [s.input("i8", [9, 40]), s.input("i8", [9, 40])])]);
  add("gather", (s) => [
    s.apply("gather", [s.input("f32", [20, 30]), s.constant(tensor("i64", [5], new BigInt64Array([3n, 0n, 19n, 7n, 7n])))], { axis: 0 }),
  ]);
  add("trig", (s) =>
    ["sin", "cos", "tanh", "exp", "log", "sqrt", "sigmoid"]
      .filter((f) => f !== "sigmoid" && f !== "log" && f !== "sqrt")
      .map((f) => s.apply(f as "sin", [s.input("f32", [77])])),
  );
  return cases;
}

test.each(["MLU590", "MLU370"] as const)("generated kernels on %s", (chip) => {
  const cases = sketches(chip);
  if (process.env.SHOW) writeFileSync(process.env.SHOW, cases.flatMap((c) => c.texts).join("\n"));
  const outcomes = runCases(cases.map((c) => c.program));
  const failures: string[] = [];
  cases.forEach((c, k) => {
    try {
      c.check(outcomes[k]);
    } catch (e) {
      failures.push((e as Error).message);
    }
  });
  if (failures.length > 0)
    expect.fail(failures.slice(0, 3).join("\n\n") + `\n${failures.length} failed: ${failures.map((f) => f.split("\n")[0]).join(" | ")}`);
});
