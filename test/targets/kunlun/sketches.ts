/** Small graphs of primitives, each a way a kernel can come to be: the schedules decide which. */
import type { DType } from "../../../src/base/dtype.js";
import type { Graph } from "../../../src/ir/graph.js";
import { Sketch } from "../../kernel/plan-helpers.js";

const make = (body: (s: Sketch) => Graph) => () => body(new Sketch());

function binary(dtype: DType, shape: readonly number[], fn: "add" | "mul" | "max" | "min" | "div" | "bitand") {
  return make((s) => s.graph(s.apply(fn, [s.input(dtype, shape), s.input(dtype, shape)])));
}

function unary(fn: "exp" | "tanh" | "sqrt" | "erf" | "floor" | "round" | "abs" | "neg" | "sigmoid", dtype: DType = "f32") {
  return make((s) => {
    const x = s.input(dtype, [3, 77]);
    if (fn !== "sigmoid") return s.graph(s.apply(fn === "sqrt" ? "abs" : fn, [x]));
    const e = s.apply("exp", [s.apply("neg", [x])]);
    return s.graph(s.apply("reciprocal", [s.apply("add", [e, s.scalar(1, [3, 77], dtype)])]));
  });
}

function reduced(fn: string, dtype: DType, shape: readonly number[], axes: readonly number[]) {
  return make((s) => s.graph(s.apply("reduce", [s.input(dtype, shape)], { fn, axes: [...axes] })));
}

function softmax(dtype: DType, shape: readonly [number, number]) {
  return make((s) => {
    const x = s.input(dtype, shape);
    const top = s.apply("reduce", [x], { fn: "max", axes: [1] });
    const e = s.apply("exp", [s.apply("sub", [x, s.apply("expand", [top], { shape: [...shape] })])]);
    const sum = s.apply("reduce", [e], { fn: "sum", axes: [1] });
    return s.graph(s.apply("div", [e, s.apply("expand", [sum], { shape: [...shape] })]));
  });
}

/** Every sketch by name. */
export const sketches: Readonly<Record<string, () => Graph>> = {
  "relu of a sum": make((s) => {
    const shape = [5, 300];
    return s.graph(s.apply("max", [s.apply("add", [s.input("f32", shape), s.input("f32", shape)]), s.scalar(0, shape)]));
  }),
  "one value": binary("f32", [1], "add"),
  "a broadcast row": make((s) => s.graph(s.apply("add", [s.input("f32", [40, 37]), s.spread(s.input("f32", [37]), [40, 37])]))),
  "a broadcast column": make((s) =>
    s.graph(s.apply("mul", [s.input("f32", [40, 37]), s.apply("expand", [s.input("f32", [40, 1])], { shape: [40, 37] })])),
  ),
  "halves added": binary("f16", [7, 45], "add"),
  "bfloat16 multiplied": binary("bf16", [7, 45], "mul"),
  "a column of halves": make((s) =>
    s.graph(s.apply("mul", [s.input("f16", [20, 37]), s.apply("expand", [s.input("f16", [20, 1])], { shape: [20, 37] })])),
  ),
  "integers added": binary("i32", [999], "add"),
  "bytes and": binary("u8", [999], "bitand"),
  "signed bytes added": binary("i8", [5, 33], "add"),
  "shorts multiplied": binary("i16", [5, 33], "mul"),
  "64-bit integers added": binary("i64", [5, 33], "add"),
  "max of floats": binary("f32", [5, 33], "max"),
  quotient: binary("f32", [5, 33], "div"),
  exp: unary("exp"),
  tanh: unary("tanh"),
  erf: unary("erf"),
  floor: unary("floor"),
  round: unary("round"),
  neg: unary("neg"),
  sigmoid: unary("sigmoid"),
  "sigmoid of halves": unary("sigmoid", "f16"),
  "where with bool in and out": make((s) => {
    const [x, y, c] = [s.input("f32", [5, 61]), s.input("f32", [5, 61]), s.input("bool", [5, 61])];
    const positive = s.apply("gt", [x, s.scalar(0, [5, 61])]);
    const chosen = s.apply("and", [positive, c]);
    return s.graph(s.apply("select", [chosen, x, y]), chosen);
  }),
  "cast to integers": make((s) => s.graph(s.apply("cast", [s.input("f32", [5, 61])], { to: "i32" }))),
  "cast to bytes": make((s) => s.graph(s.apply("cast", [s.input("i32", [5, 61])], { to: "u8", overflow: "wrap" }))),
  "cast to halves": make((s) => s.graph(s.apply("cast", [s.input("f32", [5, 61])], { to: "f16" }))),
  "cast to 64 bits": make((s) => s.graph(s.apply("cast", [s.input("i32", [5, 61])], { to: "i64" }))),
  "sum of rows": reduced("sum", "f32", [13, 120], [1]),
  "sum of columns": reduced("sum", "f32", [130, 50], [0]),
  "max of long rows": reduced("max", "f32", [3, 5000], [1]),
  "min of integers": reduced("min", "i32", [13, 120], [1]),
  "sum of few columns of halves, in many steps": reduced("sum", "f16", [129, 8], [0]),
  "sum of columns of halves past a pass": reduced("sum", "f16", [129, 40], [0]),
  "mean of halves": reduced("sum", "f16", [13, 120], [1]),
  "sum of everything": reduced("sum", "f32", [40, 25], [0, 1]),
  "sum of a middle axis": reduced("sum", "f32", [4, 30, 20], [1]),
  softmax: softmax("f32", [40, 100]),
  "softmax of long rows": softmax("f32", [4, 6625]),
  "softmax of halves": softmax("f16", [13, 120]),
  "transpose of floats": make((s) => s.graph(s.apply("transpose", [s.input("f32", [67, 131])], { perm: [1, 0] }))),
  "transpose of halves": make((s) => s.graph(s.apply("transpose", [s.input("f16", [67, 131])], { perm: [1, 0] }))),
  "transpose of bytes": make((s) => s.graph(s.apply("transpose", [s.input("u8", [67, 31])], { perm: [1, 0] }))),
  "transpose of 64 bits": make((s) => s.graph(s.apply("transpose", [s.input("i64", [17, 31])], { perm: [1, 0] }))),
  "transpose of four axes": make((s) => s.graph(s.apply("transpose", [s.input("f32", [2, 3, 14, 15])], { perm: [0, 2, 3, 1] }))),
  "a slice with a step": make((s) =>
    s.graph(s.apply("slice", [s.input("f32", [10, 64])], { starts: [1, 2], sizes: [4, 20], steps: [2, 3] })),
  ),
  "a reversed slice": make((s) =>
    s.graph(s.apply("slice", [s.input("f32", [4, 33])], { starts: [0, 32], sizes: [4, 33], steps: [1, -1] })),
  ),
  pad: make((s) => s.graph(s.apply("pad", [s.input("f32", [5, 9]), s.scalar(7, [])], { low: [1, 2], high: [0, 3] }))),
  concat: make((s) => s.graph(s.apply("concat", [s.input("f32", [5, 9]), s.input("f32", [5, 20])], { axis: 1 }))),
  "gather of rows": make((s) => {
    const at = s.constant({ dtype: "i64", shape: [6], data: BigInt64Array.from([3n, 0n, 9n, 9n, 1n, 5n]) } as never);
    return s.graph(s.apply("gather", [s.input("f32", [10, 33]), at], { axis: 0 }));
  }),
  "gather of columns": make((s) => {
    const at = s.constant({ dtype: "i64", shape: [6], data: BigInt64Array.from([3n, 0n, 9n, 9n, 1n, 5n]) } as never);
    return s.graph(s.apply("gather", [s.input("f32", [4, 10]), at], { axis: 1 }));
  }),
  "gather of half columns": make((s) => {
    const at = s.constant({ dtype: "i64", shape: [6], data: BigInt64Array.from([3n, 0n, 9n, 9n, 1n, 5n]) } as never);
    return s.graph(s.apply("gather", [s.input("f16", [4, 10]), at], { axis: 1 }));
  }),
  "unsigned quotients": make((s) => s.graph(s.apply("truncdiv", [s.input("u32", [200]), s.input("u32", [200])]))),
  "unsigned remainders": make((s) => s.graph(s.apply("mod", [s.input("u32", [200]), s.input("u32", [200])]))),

  iota: make((s) => s.graph(s.apply("add", [s.input("i64", [3, 20]), s.apply("iota", [], { shape: [3, 20], axis: 1, dtype: "i64" })]))),
};
