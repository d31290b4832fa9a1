/** Matrix products. */
import { assumeStretches, float, formula, int, matmul, optional, rank, refuse, unsqueeze, type Num } from "../lang.js";

export const MatMul = formula({ inputs: { a: "number", b: "number" } }, ({ a, b }) => matmul(a, b));

/** alpha * A' B' + beta * C. */
export const Gemm = formula(
  {
    inputs: { a: "number", b: "number", c: optional("number") },
    attrs: { alpha: float(1), beta: float(1), transA: int(0), transB: int(0) },
  },
  ({ a, b, c, alpha, beta, transA, transB }) => {
    if (rank(a) !== 2 || rank(b) !== 2) refuse(`its operands have ${rank(a)} and ${rank(b)} axes, and Gemm multiplies matrices`);
    const product = matmul(a, b, { transA: transA === 1, transB: transB === 1 });
    const scaled = alpha === 1 ? product : product * alpha;
    if (c === undefined || beta === 0) return scaled;
    const bias = assumeStretches(c, product, "C");
    return scaled + (beta === 1 ? bias : bias * beta);
  },
);

/** One zero point a row of A stands in a vector; the primitive wants a column. */
function rowZero(zero: Num | undefined): Num | undefined {
  return zero !== undefined && rank(zero) === 1 ? unsqueeze(zero, [1]) : zero;
}

/** Products of 8-bit integers, less their zero points, summed in i32. */
export const MatMulInteger = formula(
  { inputs: { a: ["i8", "u8"], b: ["i8", "u8"], a_zero_point: optional(["i8", "u8"]), b_zero_point: optional(["i8", "u8"]) } },
  ({ a, b, a_zero_point, b_zero_point }) =>
    matmul(a, b, {
      acc: "i32",
      ...(a_zero_point === undefined ? {} : { zeroA: rowZero(a_zero_point) }),
      ...(b_zero_point === undefined ? {} : { zeroB: b_zero_point }),
    }),
);
