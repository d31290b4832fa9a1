/** Products of levels, and by weights that are levels. */
import { invariant } from "../../../src/base/diagnostic.js";
import type { DType } from "../../../src/base/dtype.js";
import { elementCount, type Tensor } from "../../../src/base/tensor.js";
import { isConst, product, type Dim } from "../../../src/base/dim.js";
import { fromNumbers, toNumbers } from "../../../src/base/float-formats.js";
import { constData } from "../../../src/ir/build.js";
import { intAttr, rankedType, type ConstData, type Node } from "../../../src/ir/graph.js";
import { packAntiquant } from "../../../src/quant/formats/layouts/ascend.js";
import { unpackNBits } from "../../../src/quant/formats/layouts/onnx.js";
import { packDeqScales } from "../../../src/quant/formats/vendor/ascend-scale.js";
import type { Chip, ClaimRow, ConstantOf, Operand } from "../../../src/claim/target.js";
import { ascendChip } from "../caps.js";
import { factorsOf, levelsAs, shapeOf } from "../../kit/node.js";
import { step, taken, type Step } from "./step.js";

/** The most elements along the last dim of an operand (hicann/ops-nn matmul/quant_batch_matmul_v3/docs/aclnnQuantMatmulV4.md). */
const mostLevels = 65535;

/** Levels times levels, `scale` behind them; of the optional operands `bias` alone. */
function quantMatmul(s: Step, scale: Operand, bias: Operand | undefined, turned: readonly [a: boolean, b: boolean]): void {
  const none = "nullptr";
  const [a, b] = [s.tensor("a", s.input(0)), s.tensor("b", s.input(1))];
  const by = s.tensor("scale", scale);
  const added = bias ? s.tensor("bias", bias) : none;
  const [left, right] = turned.map(String);
  s.call("aclnnQuantMatmulV4", [a, b, by, none, none, added, left, right, s.tensor("y", s.output)]);
}

/** As whole sums: with a result of INT32 the scale that the call asks for is not applied. */
const levelsAsSums = step((s) => {
  const { transA, transB } = factorsOf(s.site.node);
  quantMatmul(s, s.input(2), undefined, [transA, transB]);
});

function acceptsLevels(node: Node, chip: Chip): true | string {
  const levels = levelsAs("i32", node);
  if (levels !== true) return levels;
  if (!ascendChip(chip).levelsAsSums) return `aclnnQuantMatmulV4 gives no INT32 on ${chip.caps.chip}`;
  const [a, b] = [shapeOf(node) ?? [], shapeOf(node, 1) ?? []];
  return longest("aclnnQuantMatmulV4", [a, b]);
}

function longest(call: string, shapes: readonly (readonly Dim[])[]): true | string {
  if (shapes.some((s) => s.length > 6)) return `${call} takes up to six dims`;
  const isLong = (d: Dim): boolean => !isConst(d) || d > mostLevels;
  return shapes.some((s) => isLong(s[s.length - 1])) ? `${call} takes up to ${mostLevels} elements along the last dim of an operand` : true;
}

/** MatMulIntegerToFloat with a result in halves, where the call gives no sums: by one scale of UINT64 a column, offsets and zero point in a bias of INT32. */
const levelsInHalves = step((s) => {
  const { inputs } = s.site;
  quantMatmul(s, s.input(3), inputs[6] ?? inputs[4], [false, false]);
});

function acceptsHalves(node: Node, chip: Chip, constantOf: ConstantOf): true | string {
  const call = "aclnnQuantMatmulV4";
  const [a, b, y] = [node.inputs[0], node.inputs[1], node.outputs[0]].map(rankedType);
  if (ascendChip(chip).levelsAsSums)
    return `${call} gives the sums themselves on ${chip.caps.chip}, which a kernel scales without rounding`;
  if (y?.dtype !== "f16") return `${call} gives halves alone on ${chip.caps.chip}`;
  if (b?.dtype !== "i8" || b.shape.length !== 2 || !a || a.shape.length < 2) return "its operands are no matrices of signed levels";
  const zero = node.inputs[5] && constantOf(node.inputs[5]);
  if (node.inputs.slice(1).some((v) => v && !constantOf(v))) return "its weight, scales or zero points are no constants";
  if (zero && toNumbers(zero.load()).some((z) => z !== 0)) return "its weight has a zero point";
  const { scales, offsets } = columnsOf(node, constantOf);
  if (!scales.every((s) => s > 0 && Number.isFinite(s))) return "a scale is no number above zero";
  if (!offsets.every((n) => Math.abs(n) < 2 ** 31)) return "what is added to the sums leaves INT32";
  const documented = taken(call, node, chip, { x1: node.inputs[0], x2: node.inputs[1], out: node.outputs[0] });
  return documented === true ? longest(call, [a.shape, b.shape]) : documented;
}

/** Numbers of each column: its scale, and what is added to its sum, as far as float32 tells. */
function columnsOf(node: Node, constantOf: ConstantOf): { readonly scales: Float32Array; readonly offsets: Float64Array } {
  const [w, ofA, ofB, zero, bias] = [1, 2, 3, 4, 6].map((i) => constantOf(node.inputs[i])?.load());
  invariant(w && ofA && ofB, "a claimed weight is constant");
  const [, n] = w.shape;
  const at = (t: Tensor | undefined, i: number): number => (t ? toNumbers(t)[elementCount(t.shape) === 1 ? 0 : i] : 0);
  const scales = Float32Array.from({ length: n }, (_, i) => at(ofA, 0) * at(ofB, i));
  const sums = new Float64Array(n);
  if (zero) toNumbers(w).forEach((level, i) => (sums[i % n] += level));
  return { scales, offsets: sums.map((sum, i) => Math.round(at(bias, i) / scales[i]) - at(zero, 0) * sum) };
}

/** Operands in the place of b_scale and of what lies on its sums; the call has none for the others. */
function packedColumns(node: Node, constantOf: ConstantOf): readonly (ConstData | null | undefined)[] {
  const n = Number(shapeOf(node, 1)?.[1]);
  const columns = (): ReturnType<typeof columnsOf> => columnsOf(node, constantOf);
  const scale: ConstData = {
    dtype: "u64",
    shape: [n],
    load: () => ({ dtype: "u64", shape: [n], data: packDeqScales(columns().scales, "even") }),
  };
  const offsets: ConstData = { dtype: "i32", shape: [n], load: () => fromNumbers("i32", [n], columns().offsets) };
  const hasBias = node.inputs[6] !== undefined;
  return [undefined, undefined, null, scale, node.inputs[4] && !hasBias ? offsets : null, null, hasBias ? offsets : null];
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

export const levelRows: readonly ClaimRow[] = [
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
    op: "com.microsoft::MatMulIntegerToFloat",
    types: ["i8"],
    role: "library",
    packed: packedColumns,
    accepts: acceptsHalves,
    emit: levelsInHalves,
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
