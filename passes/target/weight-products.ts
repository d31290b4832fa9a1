import { sameDim } from "../../src/base/dim.js";
import { tensorType } from "../../src/base/value-type.js";
import { toNumbers } from "../../src/base/float-formats.js";
import { isClaimable } from "../../src/claim/claim.js";
import type { Attr, ConstData, Graph, Node, Value } from "../../src/ir/graph.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { packNBits } from "../../src/quant/formats/layouts/onnx.js";
import { transpose } from "../../src/quant/formats/scales.js";
import { weight, type QuantisedWeight } from "../../src/quant/formats/weight.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * MatMul(x, DQ(w, s, z))  =>  com.microsoft::MatMulNBits(x, w', s', z')      Gemm(x, DQ(w, s, z), c)  =>  MatMulNBits(..., bias=c)
 *
 * with DQ for DequantizeLinear of constant levels, w' the same levels in the order of the operator: where the library multiplies halves
 * by a packed weight, it stays packed.
 *
 * Skipped without --precision fp16, when x is levels too, when no row takes the product, for weights of other than two axes, for scales along what is
 * summed that are no blocks of a power of two from 16, for scales that a half does not hold with all its digits, and for a Gemm with factors, a
 * turned first operand or a bias that is no row.
 */
export const weightProducts: TargetPass = {
  name: "weight-products",
  rounds: true,
  run: (graph, context) =>
    context.precision === "fp16"
      ? rewriteAny(graph, knowing(context.catalogue, context), (view, make) => packed(view, graph, context, make))
      : graph,
};

function packed(view: AnyView, graph: Graph, context: TargetContext, make: Make): ValueView | undefined {
  const [x, w, bias] = view.inputs;
  const turned = view.int("transB", 0) === 1;
  if (!x || !w || !isPlain(view, bias) || x.made?.node.op === "DequantizeLinear") return undefined;
  const held = heldWeight(w, turned);
  if (!held) return undefined;
  const { n, k, bits, block, zeros } = held;
  const blocks = Math.ceil(k / block);
  const shapes = { b: [n, blocks, (block * bits) / 8], scales: [n, blocks], zeros: [n, Math.ceil((blocks * bits) / 8)] };
  const pack = (): ReturnType<typeof packNBits> => packNBits(held.weight());
  const constants: (ConstData | undefined)[] = [
    { dtype: "u8", shape: shapes.b, load: () => pack().b },
    { dtype: "f32", shape: shapes.scales, load: () => pack().scales },
    zeros ? { dtype: "u8", shape: shapes.zeros, load: () => pack().zeroPoints ?? absent() } : undefined,
  ];
  const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });
  const attrs = { K: int(k), N: int(n), bits: int(bits), block_size: int(block) };
  if (!isTaken(view, constants, attrs, graph, context)) return undefined;
  const [levels, scales, zeroPoints] = constants.map((c) => c && make.constant(c, w));
  return make.node("com.microsoft::MatMulNBits", [x, levels, scales, zeroPoints, undefined, bias], attrs)[0];
}

/** Whether a product is one by a matrix, with at most a row to add. */
function isPlain(view: AnyView, bias: ValueView | undefined): boolean {
  if (view.node.op === "MatMul") return (view.inputs[0]?.shape?.length ?? 0) >= 2;
  const isGemm = view.node.op === "Gemm" && view.int("transA", 0) === 0 && view.float("alpha", 1) === 1 && view.float("beta", 1) === 1;
  return isGemm && (bias === undefined || (bias.shape?.length === 1 && sameDim(bias.shape[0], view.outputs[0]?.shape?.at(-1) ?? -1)));
}

/** Whether the library takes it once its floats are halves. */
function isTaken(
  view: AnyView,
  constants: readonly (ConstData | undefined)[],
  attrs: Node["attrs"],
  graph: Graph,
  context: TargetContext,
): boolean {
  const half = (v: ValueView | undefined): Value | undefined => v && { name: v.name, type: tensorType("f16", v.shape) };
  const known = new Map<Value, ConstData>();
  const [b, scales, zeros] = constants.map((data): Value | undefined => {
    if (!data) return undefined;
    const v: Value = { name: "w", type: tensorType(data.dtype === "f32" ? "f16" : data.dtype, data.shape) };
    known.set(v, data);
    return v;
  });
  const inputs = [half(view.inputs[0]), b, scales, zeros, undefined, half(view.inputs[2])];
  const node: Node = { op: "com.microsoft::MatMulNBits", inputs, outputs: [half(view.outputs[0])], attrs, origin: [] };
  return isClaimable(node, { ...graph, constants: known }, context);
}

/** A weight that DequantizeLinear makes of constants. */
interface Held {
  readonly n: number;
  readonly k: number;
  readonly bits: 4 | 8;
  /** Neighbours along k that share a scale, as MatMulNBits counts them: a power of two, beyond k for one scale a column. */
  readonly block: number;
  readonly zeros: boolean;
  readonly weight: () => QuantisedWeight;
}

const widths: Readonly<Record<string, 4 | 8>> = { i8: 8, u8: 8, i4: 4, u4: 4 };

function heldWeight(w: ValueView, turned: boolean): Held | undefined {
  const made = w.made;
  const [levels, scale, zero] = made?.node.op === "DequantizeLinear" ? made.inputs.map((v) => v?.constant) : [];
  const bits = levels && widths[levels.dtype];
  if (!made || !levels || !scale || !bits || levels.shape.length !== 2 || (made.inputs[2] && !zero)) return undefined;
  const [n, k] = turned ? levels.shape : [levels.shape[1], levels.shape[0]];
  const along = made.int("axis", 1);
  const own = made.int("block_size", 0);
  const isColumn = scale.shape.length === 0 || scale.shape.join() === "1" || (own === 0 && (along + 2) % 2 === (turned ? 0 : 1));
  const isBlock = own >= 16 && Number.isInteger(Math.log2(own)) && (along + 2) % 2 === (turned ? 1 : 0);
  if ((!isColumn && !isBlock) || !toNumbers(scale.load()).every(isHalf)) return undefined;
  const block = isColumn ? 2 ** Math.ceil(Math.log2(Math.max(16, k))) : own;
  const tensors = { levels, scale, zero };
  const middle = middleOf(levels, bits);
  const zeros = zero !== undefined && toNumbers(zero.load()).some((z) => z !== middle);
  return { n, k, bits, block, zeros, weight: () => weightOf(tensors, { n, k, bits, block, turned }) };
}

/** A scale that keeps its digits as a half. */
function isHalf(scale: number): boolean {
  return scale >= 2 ** -14 && scale <= 65504;
}

function middleOf({ dtype }: ConstData, bits: number): number {
  return dtype.startsWith("u") ? 2 ** (bits - 1) : 0;
}

function absent(): never {
  throw new Error("internal: zero points that are none were to be packed");
}

interface Lying {
  readonly n: number;
  readonly k: number;
  readonly bits: 4 | 8;
  readonly block: number;
  readonly turned: boolean;
}

/** Levels about the middle of their bits, [n, k], and scales and zero points, [n, blocks]. */
function weightOf(
  t: { levels: ConstData; scale: ConstData; zero: ConstData | undefined },
  { n, k, bits, block, turned }: Lying,
): QuantisedWeight {
  const middle = middleOf(t.levels, bits);
  const signed = (data: ConstData): Int8Array => Int8Array.from(toNumbers(data.load()), (x) => x - middle);
  const groups = Math.ceil(k / block);
  const lying = signed(t.levels);
  const spread = <A extends Float32Array | Int8Array>(all: A): A => {
    if (all.length === n * groups) return turned || groups === 1 ? all : transpose(all, groups, n);
    return all.constructor === Int8Array ? (new Int8Array(n * groups).fill(all[0]) as A) : (new Float32Array(n * groups).fill(all[0]) as A);
  };
  return weight({
    bits,
    n,
    k,
    group: block,
    levels: turned ? lying : transpose(lying, k, n),
    scales: spread(Float32Array.from(toNumbers(t.scale.load()))),
    scaleType: "f32",
    ...(t.zero && { zeros: spread(signed(t.zero)) }),
  });
}
