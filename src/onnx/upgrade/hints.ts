/**
 * Element types and ranks as far as declarations and plain rules tell them, while a model is imported. Upgrades need
 * them to spell a constant in its operand's type or to see that an axis is the last; where a hint is missing they fall
 * back to a form that needs none. Full inference (src/ir) runs later and never reads these.
 */
import { saturatedExtent } from "../../base/element.js";
import { dtypeFromOnnx, type DType } from "../../base/dtype.js";
import type { ConstData, Value } from "../../ir/graph.js";
import type { Draft } from "./draft.js";
import { intOf } from "./rewrites.js";

export interface Hint {
  readonly dtype?: DType;
  readonly rank?: number;
  /** Elements of a rank-1 tensor: the rank of what is reshaped to it. */
  readonly length?: number;
}

/** Reads hints and small constants of a node's inputs. */
export interface HintReader {
  hint(v: Value | undefined): Hint;
  constant(v: Value | undefined): ConstData | undefined;
}

type Rule = (node: Draft, read: HintReader) => readonly Hint[];

const words = (text: string): string[] => text.trim().split(/\s+/);
const first = (node: Draft, read: HintReader): Hint => read.hint(node.inputs[0]);
const highest = (node: Draft, read: HintReader): number | undefined => {
  const ranks = node.inputs.filter((v) => v).map((v) => read.hint(v).rank);
  return ranks.includes(undefined) ? undefined : Math.max(...(ranks as number[]));
};

const same: Rule = (node, read) => {
  const { dtype, rank } = first(node, read);
  return node.outputs.map((_, i) => (i === 0 || node.op === "Split" ? { dtype, rank } : {}));
};
const broadcast: Rule = (node, read) => [{ dtype: first(node, read).dtype, rank: highest(node, read) }];
const comparison: Rule = (node, read) => [{ dtype: "bool", rank: highest(node, read) }];
const ofRank =
  (rank: number): Rule =>
  (node, read) => [{ dtype: first(node, read).dtype, rank }];

const reduce: Rule = (node, read) => {
  const { dtype, rank } = first(node, read);
  const index = node.op.startsWith("Arg");
  const axes = node.inputs[1] ? read.constant(node.inputs[1])?.shape[0] : index ? 1 : rank;
  const kept = intOf(node, "keepdims", 1) !== 0;
  const left = kept ? rank : rank !== undefined && axes !== undefined ? rank - axes : undefined;
  return [{ dtype: index ? "i64" : dtype, rank: left }];
};

const moveAxes =
  (sign: 1 | -1): Rule =>
  (node, read) => {
    const { dtype, rank } = first(node, read);
    const axes = read.constant(node.inputs[1])?.shape[0];
    const out = rank !== undefined && axes !== undefined ? rank + sign * axes : undefined;
    return [{ dtype, rank: out, length: out === 1 && sign === 1 ? 1 : undefined }];
  };

const matmul: Rule = (node, read) => {
  const [a, b] = [read.hint(node.inputs[0]), read.hint(node.inputs[1])];
  const ranks =
    a.rank !== undefined && b.rank !== undefined
      ? Math.max(a.rank, b.rank, 2) - (a.rank === 1 ? 1 : 0) - (b.rank === 1 ? 1 : 0)
      : undefined;
  return [{ dtype: a.dtype, rank: ranks }];
};

const gather: Rule = (node, read) => {
  const [x, at] = [first(node, read), read.hint(node.inputs[1])];
  const rank = x.rank !== undefined && at.rank !== undefined ? x.rank + at.rank - 1 : undefined;
  return [
    { dtype: x.dtype, rank, length: rank === 1 && x.rank === 1 ? (read.constant(node.inputs[1])?.shape[0] ?? at.length) : undefined },
  ];
};

const concat: Rule = (node, read) => {
  const parts = node.inputs.map((v) => read.hint(v));
  const rank = parts.find((h) => h.rank !== undefined)?.rank;
  const lengths = parts.map((h) => h.length);
  const length = rank === 1 && !lengths.includes(undefined) ? (lengths as number[]).reduce((a, b) => a + b, 0) : undefined;
  return [{ dtype: parts[0]?.dtype, rank, length }];
};

const slice: Rule = (node, read) => {
  const { dtype, rank, length } = first(node, read);
  return [{ dtype, rank, length: rank === 1 && length !== undefined ? slicedLength(node, read, length) : undefined }];
};

function slicedLength(node: Draft, read: HintReader, length: number): number | undefined {
  const at = (i: number): number | undefined => {
    const data = read.constant(node.inputs[i]);
    return data && data.shape[0] === 1 ? saturatedExtent(data.load().data[0] as bigint) : undefined;
  };
  const [start, end, step] = [at(1), at(2), node.inputs[4] ? at(4) : 1];
  if (start === undefined || end === undefined || step !== 1) return undefined;
  const clamp = (x: number): number => Math.min(length, Math.max(0, x < 0 ? x + length : x));
  return Math.max(0, clamp(end) - clamp(start));
}

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...words(`Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh CumSum DepthToSpace Elu Erf Exp Floor Gelu HardSigmoid HardSwish
    Hardmax Identity InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Neg Not
    PRelu Pad Reciprocal Relu Resize ReverseSequence Round ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign
    SpaceToDepth Split Sqrt Swish Tan Tanh ThresholdedRelu Tile Transpose Trilu Upsample AveragePool BatchNormalization Conv ConvTranspose Dropout
    GlobalAveragePool GlobalLpPool GlobalMaxPool GroupNormalization LpPool MaxPool TopK RoiAlign`).map((op): [string, Rule] => [op, same]),
  ...words("Add And BitwiseAnd BitwiseOr BitwiseXor Div Max Mean Min Mod Mul Or Pow Sub Sum Xor").map((op): [string, Rule] => [
    op,
    broadcast,
  ]),
  ...words("Equal Greater GreaterOrEqual Less LessOrEqual").map((op): [string, Rule] => [op, comparison]),
  ...words(`ArgMax ArgMin ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
    ReduceSumSquare`).map((op): [string, Rule] => [op, reduce]),
  ["Flatten", ofRank(2)],
  ["Gemm", ofRank(2)],
  ["MatMul", matmul],
  ["Gather", gather],
  ["Concat", concat],
  ["Slice", slice],
  ["Squeeze", moveAxes(-1)],
  ["Unsqueeze", moveAxes(1)],
  ["Where", (node, read) => [{ dtype: read.hint(node.inputs[1]).dtype, rank: highest(node, read) }]],
  ["GatherElements", (node, read) => [{ dtype: first(node, read).dtype, rank: read.hint(node.inputs[1]).rank }]],
  ["Shape", (node, read) => [{ dtype: "i64", rank: 1, length: node.attrs.start || node.attrs.end ? undefined : first(node, read).rank }]],
  ["Size", () => [{ dtype: "i64", rank: 0 }]],
  ["NonZero", () => [{ dtype: "i64", rank: 2 }]],
  ["Range", (node, read) => [{ dtype: first(node, read).dtype, rank: 1 }]],
  ["Cast", (node, read) => [{ ...first(node, read), dtype: dtypeFromOnnx(intOf(node, "to", 0)) }]],
  ["Reshape", (node, read) => [{ dtype: first(node, read).dtype, rank: lengthOf(node.inputs[1], read) }]],
  ["Expand", (node, read) => [{ dtype: first(node, read).dtype, rank: larger(first(node, read).rank, lengthOf(node.inputs[1], read)) }]],
  [
    "ConstantOfShape",
    (node, read) => [
      { dtype: node.attrs.value?.kind === "tensor" ? node.attrs.value.value.dtype : "f32", rank: lengthOf(node.inputs[0], read) },
    ],
  ],
]);

function lengthOf(v: Value | undefined, read: HintReader): number | undefined {
  return read.constant(v)?.shape[0] ?? read.hint(v).length;
}

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

/** One hint an output, empty where nothing is known. */
export function hintsOf(node: Draft, read: HintReader): readonly Hint[] {
  return rules.get(node.op)?.(node, read) ?? [];
}
