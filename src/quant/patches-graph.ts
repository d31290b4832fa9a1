/**
 * A graph of the sums of products of what a convolution or product sums over: of a convolution the elements under its window at each
 * place, of a product a row. Groups of a convolution have sums of their own; of very many elements those of neighbours alone.
 */
import { fromNumbers } from "../base/float-formats.js";
import { elementCount } from "../base/tensor.js";
import { channelAxis } from "../../passes/quantise/operands.js";
import { constData, makeNode, tensorValue } from "../ir/build.js";
import { intAttr, intsAttr, rankedType, type Attr, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { Names } from "../ir/rewrite/names.js";
import { sweepDead } from "../ir/rewrite/sweep-dead.js";

/** How a weight lies as a matrix: [groups * n, k], rows of a result's. */
export interface Patch {
  readonly groups: number;
  /** Elements that a result sums over. */
  readonly k: number;
}

/** Neighbouring elements. */
export interface Columns {
  readonly from: number;
  readonly count: number;
}

/** Undefined for operators whose weight is no such matrix, and for a turned first operand. */
export function patchOf(node: Node, weight: ConstData): Patch | undefined {
  if (node.op === "Conv") return { groups: intAttr(node, "group") ?? 1, k: elementCount(weight.shape.slice(1)) };
  if ((node.op !== "MatMul" && node.op !== "Gemm") || weight.shape.length !== 2) return undefined;
  if (channelAxis(node, 2) === undefined) return undefined;
  return { groups: 1, k: weight.shape[node.op === "Gemm" && intAttr(node, "transB") === 1 ? 1 : 0] };
}

/** The first operand of `node` in `graph`, as the node reads it there: one output [groups, count, count] in f32 for each of `blocks`. */
export function withPatches(graph: Graph, node: Node, weight: ConstData, { groups, k }: Patch, blocks: readonly Columns[]): Graph {
  const [x] = node.inputs as readonly [Value];
  const names = new Names(graph);
  const [nodes, constants] = [[...graph.nodes], new Map(graph.constants)];
  const add = (op: string, inputs: readonly Value[], attrs: Node["attrs"] = {}): Value => {
    const out = tensorValue(names.fresh(`${x.name}_patches`), "f32", undefined);
    nodes.push(makeNode(op, inputs, [out], attrs));
    return out;
  };
  const held = (dtype: "i64" | "f32", shape: readonly number[], values: ArrayLike<number>): Value => {
    const v = tensorValue(names.fresh(`${x.name}_patches`), dtype, shape);
    constants.set(v, constData(fromNumbers(dtype, shape, values)));
    return v;
  };
  const whole = (...values: readonly number[]): Value => held("i64", [values.length], values);
  const float = rankedType(x)?.dtype === "f32" ? x : add("Cast", [x], { to: int(1) });
  const patches =
    node.op === "Conv"
      ? windows(node, float, weight, { add, held })
      : add("Transpose", [add("Reshape", [float, whole(-1, k)])], { perm: ints(1, 0) });
  // A product has one image, of all rows.
  const columns = add("Reshape", [patches, whole(node.op === "Conv" ? 0 : 1, groups, k, -1)]);
  const outputs = blocks.map(({ from, count }) => {
    const part = count === k ? columns : add("Slice", [columns, whole(from), whole(from + count), whole(2)]);
    const products = add("MatMul", [part, add("Transpose", [part], { perm: ints(0, 1, 3, 2) })]);
    return add("ReduceSum", [products, whole(0)], { keepdims: int(0) });
  });
  return sweepDead({ ...graph, nodes, constants, outputs });
}

interface Adding {
  readonly add: (op: string, inputs: readonly Value[], attrs?: Node["attrs"]) => Value;
  readonly held: (dtype: "f32", shape: readonly number[], values: ArrayLike<number>) => Value;
}

/** Each channel under each tap, by a convolution whose filters have a one each. */
function windows(node: Node, x: Value, { shape }: ConstData, { add, held }: Adding): Value {
  const taps = shape.slice(2);
  const isPlain = [...(intsAttr(node, "pads") ?? [])].every((p) => p === 0) && [...(intsAttr(node, "strides") ?? [])].every((s) => s === 1);
  if (elementCount(taps) === 1 && isPlain) return x;
  const [channels, places] = [shape[1] * (intAttr(node, "group") ?? 1), elementCount(taps)];
  const ones = Float32Array.from({ length: channels * places * places }, (_, i) =>
    i % places === Math.floor(i / places) % places ? 1 : 0,
  );
  return add("Conv", [x, held("f32", [channels * places, 1, ...taps], ones)], { ...node.attrs, group: int(channels) });
}

const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });
const ints = (...values: readonly number[]): Attr => ({ kind: "ints", value: values.map(BigInt) });
