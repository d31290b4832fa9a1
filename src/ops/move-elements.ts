/**
 * Elements of small tensors through the primitives that only move them: the reference semantics move numbers that stand
 * for them.
 */
import { isConst, type Dim } from "../base/dim.js";
import { DiagnosticError } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import { elementTensor, type Element } from "../base/element.js";
import { elementCount, type Tensor } from "../base/tensor.js";
import { evaluatePrimitive } from "./evaluate/primitive.js";
import type { PrimitiveAttrs } from "./op.js";
import type { PrimitiveName } from "./primitive.js";

interface Operand {
  readonly shape: readonly Dim[];
  readonly elements: readonly Element[] | undefined;
  readonly dtype: DType;
}

/** Which operands are moved; the others are indices, which must be constants. */
const moved: Readonly<Partial<Record<PrimitiveName, readonly number[] | "all">>> = {
  reshape: [0],
  transpose: [0],
  expand: [0],
  slice: [0],
  window: [0],
  pad: [0, 1],
  concat: "all",
  gather: [0],
  gatherelements: [0],
  gathernd: [0],
  scatterelements: [0, 2],
  scatternd: [0, 2],
};

/** A result of more elements is not looked at. */
const mostMoved = 4096;

function listOfDims(v: PrimitiveAttrs[string]): v is readonly Dim[] {
  return typeof v === "object";
}

/** Undefined when the primitive computes something, a size or an index is open, or an index lies outside. */
export function moveElements(op: PrimitiveName, inputs: readonly Operand[], attrs: PrimitiveAttrs): readonly Element[] | undefined {
  const which = moved[op];
  if (!which || (attrs["reduction"] ?? "none") !== "none") return undefined;
  if (!Object.values(attrs).every((v) => !listOfDims(v) || v.every(isConst))) return undefined;
  const pool: Element[] = [];
  const tensors = inputs.map((x, i) => (which === "all" || which.includes(i) ? numbered(x, pool) : indices(x)));
  if (!tensors.every((t) => t !== undefined)) return undefined;
  const sizes = attrs["shape"] ?? attrs["sizes"] ?? [];
  if (listOfDims(sizes) && op !== "window" && elementCount(sizes as readonly number[]) > mostMoved) return undefined;
  return results(op, tensors, attrs)?.map((k) => pool[k]);
}

/** The operand with each element's place in the pool for its value. */
function numbered({ shape, elements }: Operand, pool: Element[]): Tensor | undefined {
  if (!elements || !shape.every(isConst)) return undefined;
  const first = pool.push(...elements) - elements.length;
  return { dtype: "i32", shape, data: Int32Array.from(elements, (_, i) => first + i) };
}

function indices({ shape, elements, dtype }: Operand): Tensor | undefined {
  return elements && shape.every(isConst) ? elementTensor(dtype, shape, elements) : undefined;
}

function results(op: PrimitiveName, inputs: readonly Tensor[], attrs: PrimitiveAttrs): readonly number[] | undefined {
  try {
    return Array.from(evaluatePrimitive(op, inputs, attrs)[0].data as Int32Array);
  } catch (e) {
    if (e instanceof DiagnosticError) return undefined;
    throw e;
  }
}
