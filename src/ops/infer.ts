/**
 * Type inference through the operators' own formulas: a Builder that follows only shapes, element types, and the
 * values of small tensors that decide them.
 */
import { isConst, sameDim, type Cond, type Dim, decide } from "../base/dim.js";
import { fail } from "../base/diagnostic.js";
import { isInteger, type DType } from "../base/dtype.js";
import { elementCount, type Tensor } from "../base/tensor.js";
import { evaluatePrimitive } from "./evaluate/primitive.js";
import { evaluateExtents, mostExtents } from "./extents.js";
import { inferPrimitive } from "./infer-primitive.js";
import type { AttrValue, Builder, Handle, OpRecord, PrimitiveAttrs } from "./op.js";
import type { PrimitiveName } from "./primitive.js";

/** Values up to this many elements are followed through constants. */
const mostKnown = 1024;

/** An operand: its type and, on demand, its value or its elements as extents. */
export interface InferInput {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  readonly known?: () => Tensor | undefined;
  readonly extents?: () => readonly Dim[] | undefined;
}

export interface InferOutput {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  /** Elements as extents, when they follow. */
  readonly extents: readonly Dim[] | undefined;
  /** The value, when it follows from known small inputs. */
  readonly known: Tensor | undefined;
}

export interface InferGuard {
  readonly when: Cond;
  readonly message: string;
}

export interface Inference {
  readonly outputs: readonly (InferOutput | undefined)[];
  /** What was assumed of symbolic extents. */
  readonly guards: readonly InferGuard[];
}

class TypeHandle implements Handle {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  private readonly findKnown: () => Tensor | undefined;
  private readonly findExtents: () => readonly Dim[] | undefined;
  private knownValue: { readonly value: Tensor | undefined } | undefined;
  private extentValue: { readonly value: readonly Dim[] | undefined } | undefined;

  constructor(type: InferInput) {
    this.dtype = type.dtype;
    this.shape = type.shape;
    this.findKnown = type.known ?? (() => undefined);
    this.findExtents = type.extents ?? (() => undefined);
  }

  get known(): Tensor | undefined {
    this.knownValue ??= { value: this.findKnown() };
    return this.knownValue.value;
  }

  get extents(): readonly Dim[] | undefined {
    this.extentValue ??= { value: this.findExtents() ?? this.constantExtents() };
    return this.extentValue.value;
  }

  private constantExtents(): readonly Dim[] | undefined {
    if (!this.small(mostExtents)) return undefined;
    const t = this.known;
    if (!t || t.dtype === "string") return undefined;
    const values = Array.from(t.data as ArrayLike<number | bigint>, Number);
    const plain = isInteger(t.dtype) || t.dtype === "bool" || t.dtype === "f32" || t.dtype === "f64";
    return plain && values.every(Number.isInteger) ? values : undefined;
  }

  small(limit: number): boolean {
    return this.shape.every(isConst) && elementCount(this.shape as readonly number[]) <= limit;
  }
}

function typed(h: Handle): TypeHandle {
  if (!(h instanceof TypeHandle)) throw new Error("internal: a handle of another builder");
  return h;
}

export class TypeBuilder implements Builder {
  readonly guards: InferGuard[] = [];

  input(type: InferInput): Handle {
    return new TypeHandle(type);
  }

  apply(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs): readonly Handle[] {
    const operands = inputs.map(typed);
    return inferPrimitive(op, inputs, attrs).map(
      (t, i) =>
        new TypeHandle({
          ...t,
          known: () =>
            t.shape.every(isConst) && elementCount(t.shape as readonly number[]) <= mostKnown
              ? evaluateKnown(op, operands, attrs)?.[i]
              : undefined,
          extents: () => extentsOf(op, operands, attrs)[i],
        }),
    );
  }

  constant(value: Tensor): Handle {
    return new TypeHandle({ dtype: value.dtype, shape: value.shape, known: () => value });
  }

  known(x: Handle): Tensor | undefined {
    return typed(x).known;
  }

  extents(x: Handle): readonly Dim[] | undefined {
    return isInteger(x.dtype) ? typed(x).extents : undefined;
  }

  unify(a: Dim, b: Dim, message: string): Dim {
    if (sameDim(a, b)) return a;
    const when: Cond = { op: "eq", a, b };
    if (decide(when) === false) fail("extent-mismatch", message);
    this.guards.push({ when, message });
    return isConst(b) ? b : a;
  }
}

function evaluateKnown(op: PrimitiveName, operands: readonly TypeHandle[], attrs: PrimitiveAttrs): readonly Tensor[] | undefined {
  const lists = Object.values(attrs).filter((v) => Array.isArray(v)) as (readonly Dim[])[];
  if (!lists.every((l) => l.every(isConst)) || !operands.every((h) => h.small(mostKnown))) return undefined;
  const values = operands.map((h) => h.known);
  return values.every((t) => t !== undefined) ? evaluatePrimitive(op, values, attrs) : undefined;
}

function extentsOf(op: PrimitiveName, operands: readonly TypeHandle[], attrs: PrimitiveAttrs): (readonly Dim[] | undefined)[] {
  const small = operands.every((h) => h.small(mostExtents));
  if (!small) return [undefined];
  return evaluateExtents(
    op,
    operands.map((h) => ({ shape: h.shape, elements: h.extents, float: !isInteger(h.dtype) })),
    attrs,
  );
}

/**
 * Types of an operator's outputs. Fails with a diagnostic when the operands do not fit, or when an operand that shapes
 * the program is not known.
 */
export function inferRecord(
  record: OpRecord,
  inputs: readonly (InferInput | undefined)[],
  attrs: Readonly<Record<string, AttrValue | undefined>>,
  outputs: number,
): Inference {
  const b = new TypeBuilder();
  const handles = record.build(
    b,
    inputs.map((t) => t && b.input(t)),
    attrs,
    outputs,
  );
  const results = handles.map((h) => h && { dtype: h.dtype, shape: h.shape, extents: typed(h).extents, known: typed(h).known });
  return { outputs: results, guards: b.guards };
}
