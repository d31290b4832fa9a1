/**
 * What every primitive computes, on typed arrays: the reference semantics that passes, twins and tests are held to.
 *
 * Half and 8-bit floats are widened to f32, computed, and rounded once at the results. `if` and `loop` need their
 * graphs and are evaluated where graphs are known.
 */
import { isConst, type Dim } from "../../base/dim.js";
import { fail, invariant } from "../../base/diagnostic.js";
import { fromNumbers, isPackedFloat } from "../../base/float-formats.js";
import { elementCount, rowMajor, type Tensor } from "../../base/tensor.js";
import { inferPrimitive, type Ranked } from "../infer-primitive.js";
import type { PrimitiveAttrs } from "../op.js";
import { dimsOf, dtypeOf, intOf, intsOf, textOf } from "../primitive-attrs.js";
import { binaryFns, compareFns, unaryFns, type BinaryFn, type CompareFn, type PrimitiveName, type UnaryFn } from "../primitive.js";
import { evaluateCast, widen } from "./cast.js";
import { evaluateContract } from "./contract.js";
import { evaluateConv, evaluateConvTranspose, type ConvMode } from "./conv.js";
import {
  concatTensors,
  expandTensor,
  gatherElementsTensor,
  gatherNdTensor,
  gatherTensor,
  padTensor,
  scatterElementsTensor,
  scatterNdTensor,
  sliceTensor,
  transposeTensor,
  windowTensor,
} from "./movement.js";
import { evaluateBinary, evaluateCompare, evaluateSelect, evaluateUnary } from "./pointwise.js";
import { evaluateArgReduce, evaluateReduce, evaluateScan, evaluateSort } from "./reduce.js";

function numbers(dims: readonly Dim[]): readonly number[] {
  invariant(dims.every(isConst), `evaluation needs constant extents, got [${dims.join(", ")}]`);
  return dims;
}

function iota(result: Ranked, axis: number): Tensor {
  const shape = numbers(result.shape);
  const stride = rowMajor(shape)[axis];
  const values = Float64Array.from({ length: elementCount(shape) }, (_, i) => Math.floor(i / stride) % shape[axis]);
  return fromNumbers(result.dtype, shape, values);
}

function dimsTensor(value: readonly Dim[]): Tensor {
  return { dtype: "i64", shape: [value.length], data: BigInt64Array.from(numbers(value), BigInt) };
}

function convMode(attrs: PrimitiveAttrs): ConvMode {
  return {
    strides: intsOf(attrs, "strides"),
    pads: intsOf(attrs, "pads"),
    dilations: intsOf(attrs, "dilations"),
    group: intOf(attrs, "group"),
    acc: dtypeOf(attrs, "acc"),
  };
}

type Structural = (inputs: readonly Tensor[], attrs: PrimitiveAttrs, result: Ranked) => Tensor | readonly Tensor[];

const structural: Readonly<Record<string, Structural>> = {
  cast: ([x], attrs) =>
    evaluateCast(x, dtypeOf(attrs, "to"), { round: `${attrs["round"] ?? "trunc"}`, overflow: `${attrs["overflow"] ?? "wrap"}` }),
  select: ([c, a, b]) => evaluateSelect(c, a, b),
  iota: (_, attrs, result) => iota(result, intOf(attrs, "axis")),
  dims: (_, attrs) => dimsTensor(dimsOf(attrs, "value")),
  read: ([x]) => x,
  reshape: ([x], _, result) => ({ dtype: x.dtype, shape: numbers(result.shape), data: x.data }),
  transpose: ([x], attrs) => transposeTensor(x, intsOf(attrs, "perm")),
  expand: ([x], attrs) => expandTensor(x, numbers(dimsOf(attrs, "shape"))),
  slice: ([x], attrs) => sliceTensor(x, numbers(dimsOf(attrs, "starts")), numbers(dimsOf(attrs, "sizes")), intsOf(attrs, "steps")),
  pad: ([x, value], attrs) => padTensor(x, value, numbers(dimsOf(attrs, "low")), numbers(dimsOf(attrs, "high"))),
  concat: (inputs, attrs) => concatTensors(inputs, intOf(attrs, "axis")),
  window: ([x], attrs, result) =>
    windowTensor(
      x,
      {
        axes: intsOf(attrs, "axes"),
        sizes: intsOf(attrs, "sizes"),
        strides: intsOf(attrs, "strides"),
        dilations: intsOf(attrs, "dilations"),
      },
      numbers(result.shape),
    ),
  reduce: ([x], attrs) => evaluateReduce(x, textOf(attrs, "fn"), intsOf(attrs, "axes")),
  argreduce: ([x], attrs) => evaluateArgReduce(x, textOf(attrs, "fn"), intOf(attrs, "axis"), intOf(attrs, "last") === 1),
  scan: ([x], attrs) =>
    evaluateScan(x, {
      fn: textOf(attrs, "fn"),
      axis: intOf(attrs, "axis"),
      exclusive: intOf(attrs, "exclusive") === 1,
      reverse: intOf(attrs, "reverse") === 1,
    }),
  sort: ([x], attrs) => evaluateSort(x, intOf(attrs, "axis"), intOf(attrs, "descending") === 1),
  gather: ([x, i], attrs) => gatherTensor(x, i, intOf(attrs, "axis")),
  gatherelements: ([x, i], attrs) => gatherElementsTensor(x, i, intOf(attrs, "axis")),
  gathernd: ([x, i], attrs) => gatherNdTensor(x, i, intOf(attrs, "batchdims")),
  scatterelements: ([x, i, u], attrs) => scatterElementsTensor(x, i, u, intOf(attrs, "axis"), textOf(attrs, "reduction")),
  scatternd: ([x, i, u], attrs) => scatterNdTensor(x, i, u, textOf(attrs, "reduction")),
  contract: (inputs, attrs) => evaluateContract(inputs, intOf(attrs, "transa") === 1, intOf(attrs, "transb") === 1, dtypeOf(attrs, "acc")),
  conv: (inputs, attrs, result) => evaluateConv(inputs, convMode(attrs), numbers(result.shape)),
  convtranspose: (inputs, attrs, result) => evaluateConvTranspose(inputs, convMode(attrs), numbers(result.shape)),
};

const has = <T extends string>(list: readonly T[], op: string): op is T => (list as readonly string[]).includes(op);

function run(op: PrimitiveName, inputs: readonly Tensor[], attrs: PrimitiveAttrs, result: Ranked): readonly Tensor[] {
  if (has<UnaryFn>(unaryFns, op)) return [evaluateUnary(op, inputs[0])];
  if (has<BinaryFn>(binaryFns, op)) return [evaluateBinary(op, inputs[0], inputs[1])];
  if (has<CompareFn>(compareFns, op)) return [evaluateCompare(op, inputs[0], inputs[1])];
  const f = structural[op] ?? fail("unsupported-op", `${op} is evaluated with the graph that holds its bodies`);
  const out = f(inputs, attrs, result);
  return Array.isArray(out) ? (out as readonly Tensor[]) : [out as Tensor];
}

/** Attributes that name an element type, with packed floats replaced by the f32 they are computed in. */
function wideAttrs(attrs: PrimitiveAttrs): PrimitiveAttrs {
  const named = (v: PrimitiveAttrs[string]) => typeof v === "string" && isPackedFloat(v as "f16");
  return Object.fromEntries(Object.entries(attrs).map(([k, v]) => [k, (k === "acc" || k === "dtype") && named(v) ? "f32" : v]));
}

/**
 * Evaluates with packed floats held as f32 and left unrounded; only `cast` rounds to the type it names. Shapes follow
 * from `inferPrimitive`, which also checks the operands.
 */
export function evaluateWide(op: PrimitiveName, inputs: readonly Tensor[], attrs: PrimitiveAttrs): readonly Tensor[] {
  const wide = wideAttrs(attrs);
  const [result] = inferPrimitive(op, inputs, wide);
  return run(op, inputs, wide, result).map(widen);
}

/** Evaluates one primitive; results have the element types that `inferPrimitive` gives. */
export function evaluatePrimitive(op: PrimitiveName, inputs: readonly Tensor[], attrs: PrimitiveAttrs): Tensor[] {
  const types = inferPrimitive(op, inputs, attrs);
  const out = evaluateWide(op, inputs.map(widen), attrs);
  return out.map((t, i) => (t.dtype === types[i].dtype ? t : evaluateCast(t, types[i].dtype, { round: "trunc", overflow: "wrap" })));
}
