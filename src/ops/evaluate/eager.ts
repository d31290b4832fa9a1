/**
 * A Builder that computes at once: the reference semantics of every operator, and the engine of constant folding.
 *
 * Half and 8-bit floats stay widened to f32 from the operator's inputs to its outputs and are rounded there once, as a
 * fused kernel does: what a formula itself brings (counts of elements, constants) and what it casts to a half included.
 */
import { decide, type Cond } from "../../base/cond.js";
import { isConst, sameDim, type Dim } from "../../base/dim.js";
import { fail } from "../../base/diagnostic.js";
import { tensorElements, type Element } from "../../base/element.js";
import { dtypes, isHalf, isInteger, type DType } from "../../base/dtype.js";
import { fromNumbers, toNumbers } from "../../base/float-formats.js";
import type { Tensor } from "../../base/tensor.js";
import { mostExtents } from "../extents.js";
import { inferPrimitive } from "../infer-primitive.js";
import { dtypeOf } from "../primitive-attrs.js";
import type { AttrValue, Builder, Handle, OpRecord, PrimitiveAttrs } from "../op.js";
import type { PrimitiveName } from "../primitive.js";
import { evaluateCast, widen } from "./cast.js";
import { evaluateWide } from "./primitive.js";

class EagerHandle implements Handle {
  readonly dtype: Tensor["dtype"];
  readonly shape: readonly number[];
  /** f32 where `dtype` is a packed float, else of `dtype`. */
  readonly wide: Tensor;

  constructor(dtype: Tensor["dtype"], wide: Tensor) {
    this.dtype = dtype;
    this.shape = wide.shape;
    this.wide = wide;
  }

  /** Rounded to the handle's own element type. */
  get value(): Tensor {
    return evaluateCast(this.wide, this.dtype, { round: "trunc", overflow: "wrap" });
  }
}

function eager(h: Handle): EagerHandle {
  if (!(h instanceof EagerHandle)) throw new Error("internal: a handle of another builder");
  return h;
}

/** Whether a cast to a half loses nothing in f32, so that it may be rounded at the output alone. */
function staysWide(x: Tensor, attrs: PrimitiveAttrs): boolean {
  if (!isHalf(dtypeOf(attrs, "to")) || attrs["overflow"] === "saturate") return false;
  if (x.dtype === "f32" || dtypes[x.dtype].bits <= 16) return dtypes[x.dtype].kind !== "string";
  return isInteger(x.dtype) && toNumbers(x).every((v) => Math.abs(v) <= 2 ** 24);
}

function toF32(x: Tensor): Tensor {
  return evaluateCast(x, "f32", { round: "trunc", overflow: "wrap" });
}

export class EagerBuilder implements Builder {
  apply(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs): readonly Handle[] {
    const types = inferPrimitive(op, inputs, attrs);
    if (op === "cast" && staysWide(eager(inputs[0]).wide, attrs)) return [new EagerHandle(types[0].dtype, toF32(eager(inputs[0]).wide))];
    const out = evaluateWide(
      op,
      inputs.map((h) => eager(h).wide),
      attrs,
    );
    return out.map((t, i) => new EagerHandle(types[i].dtype, t));
  }

  constant(value: Tensor): EagerHandle {
    return new EagerHandle(value.dtype, widen(value));
  }

  numbers(dtype: DType, shape: readonly number[], values: readonly number[]): EagerHandle {
    return new EagerHandle(dtype, fromNumbers(isHalf(dtype) ? "f32" : dtype, shape, values));
  }

  known(x: Handle): Tensor {
    return eager(x).value;
  }

  elements(x: Handle): readonly Element[] | undefined {
    const { wide } = eager(x);
    return wide.data.length > mostExtents ? undefined : tensorElements(wide);
  }

  promise(): void {
    // Here everything is computed; nothing has to be said beforehand.
  }

  reaches(): readonly never[] {
    return []; // Here every index is known.
  }

  sized(): boolean {
    return true;
  }

  assume(when: Cond, message: string): void {
    if (decide(when) !== true) fail("extent-mismatch", message);
  }

  unify(a: Dim, b: Dim, message: string): Dim {
    if (!sameDim(a, b)) fail("extent-mismatch", message);
    return isConst(a) ? a : b;
  }
}

/** An operator's outputs for given inputs and attributes. `outputs` says how many the caller reads. */
export function evaluateRecord(
  record: OpRecord,
  inputs: readonly (Tensor | undefined)[],
  attrs: Readonly<Record<string, AttrValue | undefined>>,
  outputs = 1,
): (Tensor | undefined)[] {
  const b = new EagerBuilder();
  const given = inputs.map((t) => t && b.constant(t));
  return record.build(b, given, attrs, outputs).map((h) => h && eager(h).value);
}
