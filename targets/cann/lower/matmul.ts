import { isConst, type Dim } from "../../../src/base/dim.js";
import { fromNumbers } from "../../../src/base/float-formats.js";
import { cFloat } from "../../../src/base/text-writer.js";
import { floatAttr, intAttr, rankedType, type Node } from "../../../src/ir/graph.js";
import type { Chip, ClaimRow } from "../../../src/claim/target.js";
import type { CallName } from "../calls.js";
import { ascendChip } from "../caps.js";
import { undocumented } from "../limits.js";
import { precisionOf, step } from "./step.js";

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
  const [a, b, y] = [s.input(0), s.input(1), s.output()];
  const shape = y.shape.length === 0 ? [] : y.shape;
  s.call("aclnnMatmul", [s.tensor("a", a), s.tensor("b", b), s.tensor("y", y, "ND", shape), precisionOf(s.site)]);
});

const contract = step((s) => {
  const { node } = s.site;
  const [a, b, y] = [s.input(0), s.input(1), s.output()];
  const left = s.view("a", a, swapped(a.shape.length, intAttr(node, "transa") === 1));
  const right = s.view("b", b, swapped(b.shape.length, intAttr(node, "transb") === 1));
  s.call("aclnnMatmul", [left, right, s.tensor("y", y), precisionOf(s.site)]);
});

/** Dims of C that broadcast to the result from the right; a scalar is one element. */
function biasShape(shape: readonly Dim[]): readonly Dim[] {
  return shape.length === 0 ? [1] : shape;
}

const gemm = step((s) => {
  const { node, inputs } = s.site;
  const [a, b, y] = [s.input(0), s.input(1), s.output()];
  const left = s.view("a", a, swapped(2, intAttr(node, "transA") === 1));
  const right = s.view("b", b, swapped(2, intAttr(node, "transB") === 1));
  const c = inputs[2];
  if (!c) return void s.call("aclnnMm", [left, right, s.tensor("y", y), precisionOf(s.site)]);
  const self = s.tensor("c", c, "ND", biasShape(c.shape));
  const beta = s.scalar("beta", cFloat(floatAttr(node, "beta") ?? 1));
  const alpha = s.scalar("alpha", cFloat(floatAttr(node, "alpha") ?? 1));
  s.call("aclnnAddmm", [self, left, right, beta, alpha, s.tensor("y", y), precisionOf(s.site)]);
});

function acceptsGemm(node: Node, chip: Chip): true | string {
  const c = rankedType(node.inputs[2]);
  if (node.inputs[2] && !c) return "the rank of C is unknown";
  if (c && c.dtype !== rankedType(node.inputs[0])?.dtype) return "C has another type";
  if (!node.inputs[2] && (floatAttr(node, "alpha") ?? 1) !== 1) return "aclnnMm has no alpha";
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
  const { node } = s.site;
  const [a, b, scale, y] = [s.input(0), s.input(1), s.input(2), s.output()];
  const turned = (name: string): string => `${intAttr(node, name) === 1}`;
  const none = "nullptr";
  s.call("aclnnQuantMatmulV4", [
    s.tensor("a", a),
    s.tensor("b", b),
    s.tensor("scale", scale),
    none,
    none,
    none,
    turned("transa"),
    turned("transb"),
    s.tensor("y", y),
  ]);
});

function acceptsLevels(node: Node, chip: Chip): true | string {
  const [a, b, y] = [node.inputs[0], node.inputs[1], node.outputs[0]].map(rankedType);
  if (!a || !b || !y) return "the ranks of its operands are unknown";
  if (node.inputs[2] ?? node.inputs[3]) return "zero points";
  if (a.dtype !== "i8" || b.dtype !== "i8" || y.dtype !== "i32") return `${a.dtype} times ${b.dtype} as ${y.dtype}`;
  if (!ascendChip(chip).levelsAsSums) return `aclnnQuantMatmulV4 gives no INT32 on ${chip.caps.chip}`;
  if (a.shape.length > 6 || b.shape.length > 6) return "aclnnQuantMatmulV4 takes up to six dims";
  const long = [a, b].some(({ shape }) => !isConst(shape[shape.length - 1]) || (shape[shape.length - 1] as number) > mostLevels);
  return long ? `aclnnQuantMatmulV4 takes up to ${mostLevels} elements along the last dim of an operand` : true;
}

/** A scale for all columns, of no effect. */
const one = fromNumbers("f32", [1], [1]);

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
];
