import { product, sameDim, type Dim } from "../../src/base/dim.js";
import type { DType } from "../../src/base/dtype.js";
import { tensorType } from "../../src/base/value-type.js";
import { answerOf } from "../../src/claim/claim.js";
import { rankedType, type Node, type Value } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { inOneCall, type Around, type Fused } from "./one-call.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * f(MatMul(a, w) + b)  =>  reshape(call target::Gemm(reshape(a), w, b) then f)      f(Gemm(a, w, b))  =>  call target::Gemm(a, w, b) then f
 *
 * where the target's row says that its one call adds a row of values to the product (`epilogue`), and f is an operator that
 * the call applies as well; without such an f, MatMul and addition alone. All matrices of a are one: w has two axes.
 *
 * Skipped when no row with an epilogue takes the product, when b is no row of as many values as w has columns, when
 * somebody else reads what lies between, and for a Gemm that nothing follows: it is one call as it is.
 */
export const fuseEpilogues: TargetPass = {
  name: "fuse-epilogues",
  // What is applied in the call is applied before the product is rounded to its type.
  rounds: true,
  run: (graph, context) => inOneCall(graph, context, (node, around) => fused(node, around, context)),
};

/** A product with the values that are added to each of its rows, and the nodes it stands for. */
interface Linear {
  readonly a: Value;
  readonly w: Value;
  readonly bias: Value | undefined;
  readonly attrs: Node["attrs"];
  readonly of: readonly Node[];
}

function fused(node: Node, around: Around, context: TargetContext): Fused | undefined {
  const before = node.inputs.length === 1 ? around.alone(node.inputs[0]) : undefined;
  const followed = before && linearOf(before, around);
  const both = followed && oneCall({ ...followed, of: [...followed.of, node] }, node, node.op, around, context);
  if (both) return both;
  const linear = node.op === "Add" ? linearOf(node, around) : undefined;
  return linear && oneCall(linear, node, undefined, around, context);
}

function linearOf(node: Node, around: Around): Linear | undefined {
  const [a, w, bias] = node.inputs;
  if (node.op === "Gemm") return a && w && { a, w, bias, attrs: node.attrs, of: [node] };
  if (node.op !== "Add") return undefined;
  return sumOf(node, a, w, around) ?? sumOf(node, w, a, around);
}

function sumOf(node: Node, x: Value | undefined, bias: Value | undefined, around: Around): Linear | undefined {
  const made = around.alone(x);
  const [a, w] = made?.op === "MatMul" ? made.inputs : [];
  const [shape, row] = [rankedType(w)?.shape, rankedType(bias)?.shape];
  const isRow = shape?.length === 2 && row?.length === 1 && sameDim(row[0], shape[1]);
  return made && a && w && bias && isRow && (rankedType(a)?.shape.length ?? 0) >= 2
    ? { a, w, bias, attrs: {}, of: [made, node] }
    : undefined;
}

/** Undefined where no row of the target takes it. `last` gives the result. */
function oneCall(linear: Linear, last: Node, then: string | undefined, around: Around, context: TargetContext): Fused | undefined {
  const [y] = last.outputs;
  const rows = context.target.rows.filter((r) => r.op === "Gemm" && r.epilogue && (then === undefined || r.epilogue.includes(then)));
  const flat = y && rows.length > 0 ? flatOf(linear, y, around) : undefined;
  const claimed = flat && answerOf(flat.gemm, rows, around.graph, context);
  if (!flat || !claimed || typeof claimed === "string") return undefined;
  const form = around.formOf(claimed).map((n) => (n.call && then ? { ...n, call: { ...n.call, then } } : n));
  return { of: linear.of, nodes: [...flat.before, ...form, ...flat.after] };
}

/** The product of two matrices, with views of what has more axes around it. */
function flatOf({ a, w, bias, attrs, of }: Linear, y: Value, around: Around): { gemm: Node; before: Node[]; after: Node[] } | undefined {
  const [left, right, result] = [rankedType(a), rankedType(w), rankedType(y)];
  if (!left || !right || !result || left.dtype !== result.dtype) return undefined;
  const origin = [...new Set(of.flatMap((n) => n.origin))];
  const gemm = (x: Value, out: Value): Node => ({ op: "Gemm", inputs: bias ? [x, w, bias] : [x, w], outputs: [out], attrs, origin });
  if (left.shape.length === 2) return { gemm: gemm(a, y), before: [], after: [] };
  const [k, rows] = [left.shape[left.shape.length - 1], product(left.shape.slice(0, -1))];
  const viewed = (v: Value, dtype: DType, shape: readonly Dim[]): Value => around.derived(v, tensorType(dtype, shape));
  const [x, out] = [viewed(a, left.dtype, [rows, k]), viewed(y, result.dtype, [rows, right.shape[1]])];
  return { gemm: gemm(x, out), before: [view(a, x, origin)], after: [view(out, y, origin)] };
}

function view(from: Value, to: Value, origin: Node["origin"]): Node {
  const shape = rankedType(to)?.shape ?? [];
  return { op: "reshape", inputs: [from], outputs: [to], attrs: nodeAttrs("reshape", { shape }), origin };
}
