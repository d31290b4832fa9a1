/** Sums of products: matrix product, convolution and its transpose, with zero points of quantised operands. */
import { mul, type Dim } from "../../base/dim.js";
import type { DType } from "../../base/dtype.js";
import type { Handle } from "../op.js";
import { applyWrapped, broadcastShape, expandTo, handleOf, meetEqual, scalar, stretchTo } from "./core.js";
import { squeeze, unsqueeze } from "./movement.js";
import { rank } from "./questions.js";
import { builder, extentAt, type Num } from "./value.js";

export interface ContractOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Element type of accumulation and result; the operands' when absent. */
  readonly acc?: DType;
  readonly zeroA?: Num;
  readonly zeroB?: Num;
}

/** Batched matrix product [..., m, k] x [..., k, n]; leading axes broadcast, a rank-2 right operand is shared. */
export function contract(a: Num, b: Num, options: ContractOptions = {}): Num {
  const [left, right] = [handleOf(a), handleOf(b)];
  const inner = (h: Handle, swapped: boolean, last: boolean) => extentAt(h, swapped !== last ? -1 : -2);
  builder().unify(
    inner(left, options.transA ?? false, true),
    inner(right, options.transB ?? false, false),
    "inner extents of a matrix product must be equal",
  );
  const attrs = { transa: Number(options.transA ?? false), transb: Number(options.transB ?? false), acc: options.acc ?? left.dtype };
  const ones = (h: Handle): Dim[] => h.shape.slice(2).map(() => 1);
  const zeros = zeroPoints([
    { zero: options.zeroA, of: left, what: "the left operand", dims: [...ones(left), inner(left, options.transA ?? false, false), 1] },
    { zero: options.zeroB, of: right, what: "the right operand", dims: [...ones(right), 1, inner(right, options.transB ?? false, true)] },
  ]);
  if (right.shape.length === 2) return applyWrapped("contract", [left, right, ...zeros], attrs);
  const batch = broadcastShape("matrix product", [left.shape.slice(0, -2), right.shape.slice(0, -2)], meetEqual);
  const spread = (h: Handle) => expandTo(h, [...batch, ...h.shape.slice(-2)]);
  return applyWrapped("contract", [spread(left), spread(right), ...zeros], attrs);
}

interface ZeroPoint {
  readonly zero: Num | undefined;
  readonly of: Handle;
  readonly what: string;
  /** The extents it may have, or 1. */
  readonly dims: readonly Dim[];
}

function zeroPoints(both: readonly ZeroPoint[]): Handle[] {
  if (both.every(({ zero }) => zero === undefined)) return [];
  return both.map(({ zero, of, what, dims }) =>
    zero === undefined ? scalar(0, of.dtype) : stretchTo(handleOf(zero), dims, `the zero point of ${what}`),
  );
}

/** numpy's matmul: vectors are rows on the left and columns on the right. */
export function matmul(a: Num, b: Num, options: ContractOptions = {}): Num {
  const [rowA, colB] = [rank(a) === 1, rank(b) === 1];
  const out = contract(rowA ? unsqueeze(a, [0]) : a, colB ? unsqueeze(b, [1]) : b, options);
  const r = rank(out);
  const drop = [...(rowA ? [r - 2] : []), ...(colB ? [r - 1] : [])];
  return drop.length > 0 ? squeeze(out, drop) : out;
}

export interface ConvOptions {
  readonly strides: readonly number[];
  /** All begins, then all ends. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
  readonly acc?: DType;
  readonly zeroX?: Num;
  readonly zeroW?: Num;
}

export function conv(x: Num, w: Num, options: ConvOptions): Num {
  const { strides, pads, dilations, group, acc = handleOf(x).dtype } = options;
  builder().unify(extentAt(handleOf(x), 1), mul(extentAt(handleOf(w), 1), group), "channels of data and filter must agree");
  const [data, filter] = [handleOf(x), handleOf(w)];
  const zeros = zeroPoints([
    { zero: options.zeroX, of: data, what: "the data", dims: [1] },
    { zero: options.zeroW, of: filter, what: "the filter", dims: [extentAt(filter, 0)] },
  ]);
  return applyWrapped("conv", [data, filter, ...zeros], { strides, pads, dilations, group, acc });
}

export interface ConvTransposeOptions extends Omit<ConvOptions, "zeroX" | "zeroW"> {
  readonly outputPadding: readonly number[];
}

export function convTranspose(x: Num, w: Num, options: ConvTransposeOptions): Num {
  const { strides, pads, dilations, group, outputPadding, acc = handleOf(x).dtype } = options;
  return applyWrapped("convtranspose", [handleOf(x), handleOf(w)], { strides, pads, dilations, outputpadding: outputPadding, group, acc });
}
