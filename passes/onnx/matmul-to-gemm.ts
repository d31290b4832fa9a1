import { isConst, sameDim } from "../../src/base/dim.js";
import { isFloat } from "../../src/base/dtype.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import type { ValueView } from "../../src/ir/rewrite/views.js";
import { definePass } from "../pass.js";

/**
 * MatMul(a, b) + c  =>  Gemm(a, b, c)      c + MatMul(a, b)  =>  Gemm(a, b, c)
 * for matrices a and b and a c that broadcasts to their product.
 *
 * Skipped when others read the product, when a or b is not of rank 2, when the type is not a float, and when c would
 * widen the result.
 */
export const matmulToGemm = definePass(
  "matmul-to-gemm",
  (graph) => graph.rewrite("Add", (add, make) => gemm(add.a, add.b, make) ?? gemm(add.b, add.a, make)),
  { rounds: true },
);

function gemm(x: ValueView, c: ValueView, make: Make): ValueView | undefined {
  const product = x.producer("MatMul");
  if (!product || product.y.uses > 1 || product.a.shape?.length !== 2 || product.b.shape?.length !== 2) return undefined;
  if (!product.a.dtype || !isFloat(product.a.dtype) || !fits(c, x)) return undefined;
  return make.Gemm({ a: product.a, b: product.b, c });
}

/** Whether c broadcasts to the product without widening it. */
function fits(c: ValueView, product: ValueView): boolean {
  const [from, to] = [c.shape, product.shape];
  if (!from || !to || from.length > to.length) return false;
  return from.every((d, i) => (isConst(d) && d === 1) || sameDim(d, to[i + to.length - from.length]));
}
