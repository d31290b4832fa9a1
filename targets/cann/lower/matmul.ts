import { isConst, type Dim } from "../../../src/base/dim.js";
import { cFloat } from "../../../src/base/text-writer.js";
import { rankedType, type Node } from "../../../src/ir/graph.js";
import type { Chip, ClaimRow } from "../../../src/claim/target.js";
import type { CallName } from "../calls.js";
import { ascendChip } from "../caps.js";
import { undocumented } from "../limits.js";
import { factorsOf } from "../../kit/node.js";
import { precisionOf, step, type Step } from "./step.js";

/** The last two dims swapped, or none. */
function swapped(rank: number, swap: boolean): number[] {
  const perm = [...Array(rank).keys()];
  return swap && rank >= 2 ? [...perm.slice(0, -2), rank - 1, rank - 2] : perm;
}

function types(node: Node, chip: Chip, call: CallName): true | string {
  const [a, b] = node.inputs.map(rankedType);
  if (!a || !b) return "the ranks of its operands are unknown";
  if (a.dtype !== b.dtype) return `operands of ${a.dtype} and ${b.dtype}`;
  const y = rankedType(node.outputs[0]);
  if (y && y.dtype !== a.dtype) return `a result of ${y.dtype} from operands of ${a.dtype}`;
  if (a.dtype === "bf16" && !chip.contractTypes.includes("bf16")) return `${chip.caps.chip} has no bf16`;
  if (a.shape.length > 6 || b.shape.length > 6) return "aclnnMatmul takes up to six dims";
  return undocumented(call, ascendChip(chip)) ?? true;
}

const matmul = step((s) => {
  const [a, b, y] = [s.input(0), s.input(1), s.output];
  const shape = y.shape.length === 0 ? [] : y.shape;
  s.call("aclnnMatmul", [s.tensor("a", a), s.tensor("b", b), s.tensor("y", y, "ND", shape), precisionOf(s.site)]);
});

/** Both operands, each as the product takes it. */
function factors(s: Step): readonly [left: string, right: string] {
  const [a, b] = [s.input(0), s.input(1)];
  const { transA, transB } = factorsOf(s.site.node);
  return [s.view("a", a, swapped(a.shape.length, transA)), s.view("b", b, swapped(b.shape.length, transB))];
}

const contract = step((s) => void s.call("aclnnMatmul", [...factors(s), s.tensor("y", s.output), precisionOf(s.site)]));

/** Dims of C that broadcast to the result from the right; a scalar is one element. */
function biasShape(shape: readonly Dim[]): readonly Dim[] {
  return shape.length === 0 ? [1] : shape;
}

const gemm = step((s) => {
  const { alpha, beta } = factorsOf(s.site.node);
  const [left, right] = factors(s);
  const [c, y] = [s.site.inputs[2], s.output];
  if (!c) return void s.call("aclnnMm", [left, right, s.tensor("y", y), precisionOf(s.site)]);
  const self = s.tensor("c", c, "ND", biasShape(c.shape));
  const scales = [s.scalar("beta", cFloat(beta)), s.scalar("alpha", cFloat(alpha))] as const;
  s.call("aclnnAddmm", [self, left, right, ...scales, s.tensor("y", y), precisionOf(s.site)]);
});

function acceptsGemm(node: Node, chip: Chip): true | string {
  const c = rankedType(node.inputs[2]);
  if (node.inputs[2] && !c) return "the rank of C is unknown";
  if (c && c.dtype !== rankedType(node.inputs[0])?.dtype) return "C has another type";
  if (!node.inputs[2] && factorsOf(node).alpha !== 1) return "aclnnMm has no alpha";
  return types(node, chip, node.inputs[2] ? "aclnnAddmm" : "aclnnMm");
}

function acceptsMatmul(node: Node, chip: Chip): true | string {
  const shapes = node.inputs.map((v) => rankedType(v)?.shape);
  // A dot product of two vectors has a result of rank 0, for which no descriptor is documented.
  if (shapes[0]?.length === 1 && shapes[1]?.length === 1) return "two vectors";
  return types(node, chip, "aclnnMatmul");
}

function acceptsContract(node: Node, chip: Chip): true | string {
  if (node.inputs[2] ?? node.inputs[3]) return "zero points";
  const k = rankedType(node.inputs[0])?.shape.at(-1);
  if (k !== undefined && isConst(k) && k === 0) return "an empty sum";
  return types(node, chip, "aclnnMatmul");
}

const floats = ["f32", "f16", "bf16"] as const;

export const matmulRows: readonly ClaimRow[] = [
  { op: "MatMul", types: floats, role: "library", accepts: acceptsMatmul, emit: matmul },
  { op: "Gemm", types: floats, role: "library", epilogue: [], accepts: acceptsGemm, emit: gemm },
  { op: "contract", types: floats, role: "library", accepts: acceptsContract, emit: contract },
];
