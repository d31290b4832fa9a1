/**
 * Matrix products: rank 2 through cnnlMatMul_v2, batches through cnnlBatchMatMulEx. fp32 means fp32: TF32 is off; sums of
 * halves are taken in float.
 */
import type { Dim } from "../../../src/base/dim.js";
import type { DType } from "../../../src/base/dtype.js";
import { cFloat } from "../../../src/base/text-writer.js";
import { rankedType, type Node } from "../../../src/ir/graph.js";
import type { CallSite, Chip, ClaimRow, Emitted, Operand } from "../../../src/claim/target.js";
import { factorsOf, padded, shapeOf, type Factors } from "../../kit/node.js";
import { acceptsLevels, step, type Step } from "./step.js";

/** ONNX lets MatMul take vectors: a row on the left, a column on the right. */
function asMatrix(shape: readonly Dim[], side: "left" | "right"): readonly Dim[] {
  return shape.length !== 1 ? shape : side === "left" ? [1, shape[0]] : [shape[0], 1];
}

function resultShape(a: readonly Dim[], b: readonly Dim[], out: readonly Dim[]): readonly Dim[] {
  const rows = a.length === 1 ? [1] : [];
  const cols = b.length === 1 ? [1] : [];
  const kept = a.length === 1 && b.length > 1 ? [...out.slice(0, -1), ...rows, ...out.slice(-1)] : [...out, ...rows];
  return [...kept, ...cols];
}

function describe(s: Step, f: Factors, a: DType, y: DType): void {
  s.hold("MatMul", "matmul").hold("MatMulAlgo", "algo").hold("MatMulHeuristic", "heuristic");
  s.line(`const int32_t trans_a = ${f.transA ? 1 : 0}, trans_b = ${f.transB ? 1 : 0}, allow_tf32 = 0, compute = CNNL_DTYPE_FLOAT;`);
  s.call("cnnlSetMatMulDescAttr", "matmul", "CNNL_MATMUL_DESC_TRANSA", "&trans_a", "sizeof(trans_a)");
  s.call("cnnlSetMatMulDescAttr", "matmul", "CNNL_MATMUL_DESC_TRANSB", "&trans_b", "sizeof(trans_b)");
  s.call("cnnlSetMatMulDescAttr", "matmul", "CNNL_MATMUL_ALLOW_TF32", "&allow_tf32", "sizeof(allow_tf32)");
  s.call("cnnlSetMatMulDescAttr", "matmul", "CNNL_MATMUL_DESC_COMPUTE_TYPE", "&compute", "sizeof(compute)");
  if (a === "i8") describeLevels(s);
  if (y === "f32") return;
  s.onChipFloat("on_chip").line("const cnnlQuantizeExDescriptor_t in_float = on_chip;");
  s.call("cnnlSetMatMulDescAttr", "matmul", s.constant("CNNL_MATMUL_D_QUANT"), "&in_float", "sizeof(in_float)");
}

function describeLevels(s: Step): void {
  s.levels("levels").line("const cnnlQuantizeExDescriptor_t as_they_are = levels;");
  for (const attribute of ["CNNL_MATMUL_A_QUANT", "CNNL_MATMUL_B_QUANT"] as const)
    s.call("cnnlSetMatMulDescAttr", "matmul", s.constant(attribute), "&as_they_are", "sizeof(as_they_are)");
}

/** y = alpha * op(a) * op(b), the descriptors a, b, y set. */
function multiply(s: Step, f: Factors, batched: boolean, a: Operand, b: Operand, y: Operand): void {
  describe(s, f, a.dtype, y.dtype);
  s.line(`const float alpha = ${cFloat(f.alpha)}, beta = 0.0f;`).line("int found = 0;");
  s.workspace((bytes) => {
    const asked = ["nullptr", "1", "heuristic.address()", "&found"];
    if (batched) {
      s.call("cnnlGetBatchMatMulExAlgoHeuristic", "handle", "matmul", "a", "b", "y", ...asked);
      s.call("cnnlGetBatchMatMulExHeuristicResult", "heuristic", "algo", bytes);
    } else {
      s.call("cnnlGetMatMulAlgoHeuristic", "handle", "matmul", "a", "b", "y", "y", ...asked);
      s.call("cnnlGetMatMulHeuristicResult", "heuristic", "algo", bytes);
    }
  });
  const operands = ["&alpha", "a", a.ptr, "b", b.ptr, "&beta", "y", y.ptr];
  if (batched) s.call("cnnlBatchMatMulEx", "handle", "matmul", "algo", ...operands, "workspace", "bytes");
  else s.call("cnnlMatMul_v2", "handle", "matmul", "algo", ...operands, "workspace", "bytes", "y", y.ptr);
}

function product(s: Step, f: Factors): void {
  const [a, b, y] = [s.input(0), s.input(1), s.output];
  const [left, right] = [asMatrix(a.shape, "left"), asMatrix(b.shape, "right")];
  const out = resultShape(a.shape, b.shape, y.shape);
  s.tensor("a", "ARRAY", a.dtype, left).tensor("b", "ARRAY", b.dtype, right).tensor("y", "ARRAY", y.dtype, out);
  multiply(s, f, out.length > 2, a, b, y);
}

/** y += factor * c, c broadcast to y's rank. */
export function addInto(s: Step, c: Operand, y: Operand, factor: number): void {
  s.tensor("c", "ARRAY", c.dtype, padded(c.shape, y.shape.length)).tensor("sum", "ARRAY", y.dtype, y.shape).hold("OpTensor", "add");
  s.call("cnnlSetOpTensorDescriptor", "add", "CNNL_OP_TENSOR_ADD", "CNNL_DTYPE_FLOAT", "CNNL_PROPAGATE_NAN");
  s.line(`const float one = 1.0f, factor = ${cFloat(factor)}, none = 0.0f;`);
  s.workspace((bytes) => s.call("cnnlGetOpTensorWorkspaceSize", "handle", "sum", "c", "sum", bytes), "add_");
  s.call("cnnlOpTensor", "handle", "add", "&one", "sum", y.ptr, "&factor", "c", c.ptr, "add_workspace", "add_bytes", "&none", "sum", y.ptr);
}

function emitProduct(site: CallSite): Emitted {
  return step(site, (s) => product(s, factorsOf(site.node)));
}

function emitGemm(site: CallSite): Emitted {
  return step(site, (s) => {
    const factors = factorsOf(site.node);
    product(s, factors);
    const c = site.inputs[2];
    if (c && factors.beta !== 0) addInto(s, c, s.output, factors.beta);
  });
}

/** One type in and out: CNNL's mixed forms stand in no public document. */
export function oneType(node: Node, chip: Chip): true | string {
  const typed = [...node.inputs.slice(0, 2), node.outputs[0]].map((v) => rankedType(v));
  if (typed.some((t) => t === undefined)) return "an operand of unknown rank";
  const [first, ...others] = typed.map((t) => t?.dtype);
  if (others.some((t) => t !== first)) return "operands and result differ in type";
  if (first && !chip.contractTypes.includes(first)) return `${chip.caps.chip} multiplies no ${first}`;
  return true;
}

/** The summed extent, when it is known before the run. */
function summed(node: Node): Dim | undefined {
  const shape = shapeOf(node);
  return shape?.at(factorsOf(node).transA && shape.length > 1 ? -2 : -1);
}

function acceptsFactors(node: Node, chip: Chip): true | string {
  return summed(node) === 0 ? "an empty sum" : oneType(node, chip);
}

function hasDescriptors(node: Node): boolean {
  return [node.inputs[0], node.inputs[1], node.outputs[0]].map((v) => rankedType(v)?.shape.length ?? 9).every((r) => r >= 1 && r <= 7);
}

function rankAtMostEight(node: Node, chip: Chip): true | string {
  if (!hasDescriptors(node)) return "CNNL descriptors have 1 to 8 dims";
  return node.inputs[2] && node.op === "contract" ? "zero points" : acceptsFactors(node, chip);
}

function acceptsProductOfLevels(node: Node, chip: Chip): true | string {
  const levels = acceptsLevels(node, chip);
  if (levels !== true) return levels;
  if (!hasDescriptors(node)) return "CNNL descriptors have 1 to 8 dims";
  return summed(node) === 0 ? "an empty sum" : true;
}

const floats = ["f32", "f16", "bf16"] as const;

export const matmulRows: readonly ClaimRow[] = [
  { op: "MatMul", types: floats, role: "library", accepts: rankAtMostEight, emit: emitProduct },
  { op: "Gemm", types: floats, role: "library", accepts: acceptsFactors, emit: emitGemm },
  { op: "contract", types: floats, role: "library", accepts: rankAtMostEight, emit: emitProduct },
  { op: "contract", name: "contract of levels", types: ["i8"], role: "library", accepts: acceptsProductOfLevels, emit: emitProduct },
];
