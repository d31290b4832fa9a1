/* Generated from matmul.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/matmul.formula.ts"); /** Matrix products. */
import { float, formula, int, matmul, optional, rank, unsqueeze, type Num } from "../lang.js";

export const MatMul = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => $.call("4:87", matmul, a, b), {"name":"MatMul","path":"src/ops/formulas/matmul.formula.ts","line":4,"column":14});

/** alpha * A' B' + beta * C. */
export const Gemm = formula(
  {
    inputs: { a: "number", b: "number", c: optional("number") },
    attrs: { alpha: float(1), beta: float(1), transA: int(0), transB: int(0) },
  },
  ({ a, b, c, alpha, beta, transA, transB }) => {
    const product = $.call("13:21", matmul, a, b, { transA: $.eq(transA , 1, "13:51"), transB: $.eq(transB , 1, "13:73") });
    const scaled = $.test($.eq(alpha , 1, "14:26"), "14:20") ? product : $.mul(product , alpha, "14:52");
    if (c === undefined || $.test($.eq(beta , 0, "15:33"), "15:28")) return scaled;
    return $.add(scaled , ($.test($.eq(beta , 1, "16:27"), "16:22") ? c : $.mul(c , beta, "16:41")), "16:19");
  },
{"name":"Gemm","path":"src/ops/formulas/matmul.formula.ts","line":7,"column":14});

/** One zero point a row of A stands in a vector; the primitive wants a column. */
function rowZero(zero: Num | undefined): Num | undefined {
  return zero !== undefined && $.test($.eq($.call("22:32", rank, zero) , 1, "22:43"), "22:32") ? $.call("22:51", unsqueeze, zero, [1]) : zero;
}

/** Products of 8-bit integers, less their zero points, summed in i32. */
export const MatMulInteger = formula(
  { inputs: { a: ["i8", "u8"], b: ["i8", "u8"], a_zero_point: optional(["i8", "u8"]), b_zero_point: optional(["i8", "u8"]) } },
  ({ a, b, a_zero_point, b_zero_point }) =>
    $.call("29:5", matmul, a, b, {
      acc: "i32",
      ...(a_zero_point === undefined ? {} : { zeroA: rowZero(a_zero_point) }),
      ...(b_zero_point === undefined ? {} : { zeroB: b_zero_point }),
    }),
{"name":"MatMulInteger","path":"src/ops/formulas/matmul.formula.ts","line":26,"column":14});
