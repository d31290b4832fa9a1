/* Generated from matmul.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/matmul.formula.ts"); /** Matrix products. */
import { assumeStretches, float, formula, int, matmul, optional, rank, refuse, unsqueeze, type Num } from "../lang.js";

export const MatMul = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.call("4:87", matmul, a, b), {"name":"MatMul","path":"src/ops/formulas/matmul.formula.ts","line":4,"column":14});

/** alpha * A' B' + beta * C. */
export const Gemm = formula(
  {
    inputs: { a: "number", b: "number", c: optional("number") },
    attrs: { alpha: float(1), beta: float(1), transA: int(0), transB: int(0) },
  },
  ({ a, b, c, alpha, beta, transA, transB }) => {
    if ($.test($.ne($.call("13:9", rank, a) , 2, "13:17"), "13:9") || $.test($.ne($.call("13:26", rank, b) , 2, "13:34"), "13:26")) $.call("13:41", refuse, `its operands have ${$.call("13:69", rank, a)} and ${$.call("13:84", rank, b)} axes, and Gemm multiplies matrices`);
    const product = $.call("14:21", matmul, a, b, { transA: $.eq(transA , 1, "14:51"), transB: $.eq(transB , 1, "14:73") });
    const scaled = $.test($.eq(alpha , 1, "15:26"), "15:20") ? product : $.mul(product , alpha, "15:52");
    if (c === undefined || $.test($.eq(beta , 0, "16:33"), "16:28")) return scaled;
    const bias = $.call("17:18", assumeStretches, c, product, "C");
    return $.add(scaled , ($.test($.eq(beta , 1, "18:27"), "18:22") ? bias : $.mul(bias , beta, "18:47")), "18:19");
  },
{"name":"Gemm","path":"src/ops/formulas/matmul.formula.ts","line":7,"column":14});

/** One zero point a row of A stands in a vector; the primitive wants a column. */
function rowZero(zero: Num | undefined): Num | undefined {
  return zero !== undefined && $.test($.eq($.call("24:32", rank, zero) , 1, "24:43"), "24:32") ? $.call("24:51", unsqueeze, zero, [1]) : zero;
}

/** Products of 8-bit integers, less their zero points, summed in i32. */
export const MatMulInteger = formula(
  { inputs: { a: ["i8", "u8"], b: ["i8", "u8"], a_zero_point: optional(["i8", "u8"]), b_zero_point: optional(["i8", "u8"]) } },
  ({ a, b, a_zero_point, b_zero_point }) =>
    $.call("31:5", matmul, a, b, {
      acc: "i32",
      ...(a_zero_point === undefined ? {} : { zeroA: rowZero(a_zero_point) }),
      ...(b_zero_point === undefined ? {} : { zeroB: b_zero_point }),
    }),
{"name":"MatMulInteger","path":"src/ops/formulas/matmul.formula.ts","line":28,"column":14});
