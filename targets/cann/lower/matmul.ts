import { invariant } from "../../../src/base/diagnostic.js";
import type { DType } from "../../../src/base/dtype.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { isConst, product, type Dim } from "../../../src/base/dim.js";
import { fromNumbers } from "../../../src/base/float-formats.js";
import { cFloat } from "../../../src/base/text-writer.js";
import { constData } from "../../../src/ir/build.js";
import { intAttr, rankedType, type ConstData, type Node } from "../../../src/ir/graph.js";
import { packAntiquant } from "../../../src/quant/formats/layouts/ascend.js";
import { unpackNBits } from "../../../src/quant/formats/layouts/onnx.js";
import type { Chip, ClaimRow, ConstantOf, Operand } from "../../../src/claim/target.js";
import type { CallName } from "../calls.js";
import { ascendChip } from "../caps.js";
import { undocumented } from "../limits.js";
import { factorsOf, levelsAs, shapeOf } from "../../kit/node.js";
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

/** The most elements along the last dim of an operand (hicann/ops-nn matmul/quant_batch_matmul_v3/docs/aclnnQuantMatmulV4.md). */
const mostLevels = 65535;

/** Levels times levels as whole sums: with a result of INT32 the scale that the call asks for is not applied. */
const levelsAsSums = step((s) => {
  const [a, b, scale, y] = [s.input(0), s.input(1), s.input(2), s.output];
  const { transA, transB } = factorsOf(s.site.node);
  const none = "nullptr";
  s.call("aclnnQuantMatmulV4", [
    s.tensor("a", a),
    s.tensor("b", b),
    s.tensor("scale", scale),
    none,
    none,
    none,
    `${transA}`,
    `${transB}`,
    s.tensor("y", y),
  ]);
});

function acceptsLevels(node: Node, chip: Chip): true | string {
  const levels = levelsAs("i32", node);
  if (levels !== true) return levels;
  if (!ascendChip(chip).levelsAsSums) return `aclnnQuantMatmulV4 gives no INT32 on ${chip.caps.chip}`;
  const [a, b] = [shapeOf(node) ?? [], shapeOf(node, 1) ?? []];
  if (a.length > 6 || b.length > 6) return "aclnnQuantMatmulV4 takes up to six dims";
  const isLong = (d: Dim): boolean => !isConst(d) || d > mostLevels;
  const long = isLong(a[a.length - 1]) || isLong(b[b.length - 1]);
  return long ? `aclnnQuantMatmulV4 takes up to ${mostLevels} elements along the last dim of an operand` : true;
}

/** A scale for all columns, of no effect. */
const one = constData(fromNumbers("f32", [1], [1]));

/** MatMulNBits by its packed weight, in the type of the activations, one matrix for all batches. */
const weightOnly = step((s) => {
  const { node, inputs } = s.site;
  const [x, weight, scale, y] = [s.input(0), s.input(1), s.input(2), s.output];
  const rows = product(x.shape.slice(0, -1));
  const none = "nullptr";
  const optional = (name: string, t: Operand | undefined): string => (t ? s.tensor(name, t) : none);
  s.call("aclnnWeightQuantBatchMatmulV2", [
    s.tensor("x", x, "ND", [rows, x.shape[x.shape.length - 1]]),
    s.tensor("weight", weight),
    s.tensor("scale", scale),
    optional("offset", inputs[3]),
    none,
    none,
    optional("bias", inputs[5]),
    `${groupOf(node)}`,
    s.tensor("y", y, "ND", [rows, y.shape[y.shape.length - 1]]),
  ]);
});

/** How many along k share a scale; 0 for all of them. */
function groupOf(node: Node): number {
  const [k, block] = [intAttr(node, "K") ?? 0, intAttr(node, "block_size") ?? 0];
  return block >= k ? 0 : block;
}

function acceptsWeight(node: Node, chip: Chip, constantOf: ConstantOf): true | string {
  const call = "aclnnWeightQuantBatchMatmulV2";
  const [bits, n] = [intAttr(node, "bits") ?? 4, intAttr(node, "N") ?? 0];
  const [x, scales, bias, y] = [node.inputs[0], node.inputs[2], node.inputs[5], node.outputs[0]].map(rankedType);
  const zeroPoints = rankedType(node.inputs[3]);
  const { weightOnly: taken } = ascendChip(chip);
  if (!taken?.bits.includes(bits)) return `no ${call} on ${chip.caps.chip} takes weights of ${bits} bits`;
  if (!x || !y || x.dtype !== y.dtype || x.shape.length < 2) return "its operands are no matrices of one type";
  if (!(taken.scales as readonly DType[]).includes(x.dtype)) return `${call} takes no ${x.dtype} on ${chip.caps.chip}`;
  if (scales?.dtype !== x.dtype) return `${call} wants scales in the type of its activations`;
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== n)) return `${call} wants a bias of ${n} values`;
  if (node.inputs[4]) return `${call} takes no order of groups`;
  if (zeroPoints && zeroPoints.dtype !== "u8") return `${call} takes zero points that are levels`;
  if (![1, 2, 3].every((i) => !node.inputs[i] || constantOf(node.inputs[i]))) return "its weight is no constant";
  if (bits === 4 && n % 8 !== 0) return `${call} wants columns of a 4-bit weight in eights, not ${n}`;
  const group = groupOf(node);
  if (group !== 0 && group % 32 !== 0) return `${call} wants groups in multiples of 32, not ${group}`;
  return Math.max(n, intAttr(node, "K") ?? 0) <= mostLevels ? true : `${call} takes extents up to ${mostLevels}`;
}

/** The weight as the call wants it; each tensor is made when it is written. */
function packedWeight(node: Node, constantOf: ConstantOf): readonly (ConstData | undefined)[] {
  const [k, n, bits, block] = ["K", "N", "bits", "block_size"].map((name) => intAttr(node, name) ?? 0);
  const [b, scales, zeroPoints] = [1, 2, 3].map((i) => constantOf(node.inputs[i]));
  const type = scales?.dtype === "bf16" ? "bf16" : "f16";
  invariant(b && scales, "a claimed weight is constant");
  const packed = (): ReturnType<typeof packAntiquant> => {
    const tensors = { b: b.load(), scales: scales.load(), ...(zeroPoints && { zeroPoints: zeroPoints.load() }) };
    const w = unpackNBits(tensors, k, bits, block);
    // A block that reaches beyond k is all of it.
    return packAntiquant({ ...w, group: Math.min(w.group, k) }, type);
  };
  const groups = Math.ceil(k / block);
  const shape = groups === 1 ? [n] : [groups, n];
  // Zero points that are all in the middle leave no offset.
  const offset = (): Tensor => packed().antiquantOffset ?? fromNumbers(type, shape, new Float64Array(groups * n));
  return [
    undefined,
    { dtype: bits === 4 ? "i32" : "i8", shape: [k, bits === 4 ? n / 8 : n], load: () => packed().weight },
    { dtype: type, shape, load: () => packed().antiquantScale },
    zeroPoints && { dtype: type, shape, load: offset },
  ];
}

const floats = ["f32", "f16", "bf16"] as const;

export const matmulRows: readonly ClaimRow[] = [
  { op: "MatMul", types: floats, role: "library", accepts: acceptsMatmul, emit: matmul },
  { op: "Gemm", types: floats, role: "library", epilogue: [], accepts: acceptsGemm, emit: gemm },
  { op: "contract", types: floats, role: "library", accepts: acceptsContract, emit: contract },
  {
    op: "contract",
    name: "contract of levels",
    types: ["i8"],
    role: "library",
    besides: () => [one],
    accepts: acceptsLevels,
    emit: levelsAsSums,
  },
  {
    op: "com.microsoft::MatMulNBits",
    types: ["f16", "bf16"],
    role: "library",
    packed: packedWeight,
    // A bias of bf16 activations is f32.
    operandTypes: (node) =>
      rankedType(node.inputs[0])?.dtype === "bf16" ? [undefined, undefined, undefined, undefined, undefined, "f32"] : [],
    accepts: acceptsWeight,
    emit: weightOnly,
  },
];
