/**
 * A Builder that computes with real numbers but shows the formula symbolic extents: what it decides from extents must
 * hold for the sizes that the symbols stand for.
 */
import { decide, type Cond } from "../../src/base/cond.js";
import { evaluateDim, isConst, mul, sameDim, sub, symbol, type Dim } from "../../src/base/dim.js";
import { fail } from "../../src/base/diagnostic.js";
import type { DType } from "../../src/base/dtype.js";
import { Fraction, type Element } from "../../src/base/element.js";
import { isPackedFloat } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import { EagerBuilder } from "../../src/ops/evaluate/eager.js";
import { evaluateExtents } from "../../src/ops/extents.js";
import { inferPrimitive } from "../../src/ops/infer-primitive.js";
import type { Builder, Handle, PrimitiveAttrs } from "../../src/ops/op.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";

interface Shadow extends Handle {
  readonly real: Handle;
  readonly known: Tensor | undefined;
  readonly elements: readonly Element[] | undefined;
}

export class ShadowBuilder implements Builder {
  readonly sizes = new Map<string, number>();
  readonly #eager = new EagerBuilder();

  /** An input whose extents are symbols of their own; 1 stays 1, since a symbol never broadcasts. */
  input(t: Tensor, name: string): Shadow {
    const shape = t.shape.map((d, i) => (d === 1 ? 1 : this.#symbol(`${name}${i}`, d)));
    return { dtype: t.dtype, shape, real: this.#eager.constant(t), known: undefined, elements: undefined };
  }

  #symbol(name: string, size: number): Dim {
    this.sizes.set(name, size);
    return symbol(name);
  }

  /**
   * Whole numbers that stand for extents. "sized": each a symbol, or a symbol's negative. "loose": a symbol less 10, so
   * that nothing is known of its sign. What no such extent is stays what it is.
   */
  shaping(t: Tensor, name: string, form: "sized" | "loose"): Shadow {
    const plain = this.constant(t);
    const small = plain.elements?.every((e) => typeof e !== "number" || Math.abs(e) < 1e6);
    if (!small) return plain;
    const extent = (e: number, i: number): Dim => {
      if (form === "loose") return e < -10 ? e : sub(this.#symbol(`${name}${i}`, e + 10), 10);
      if (e === 0 || e === 1) return e;
      return e < 0 ? mul(-1, this.#symbol(`${name}${i}`, -e)) : this.#symbol(`${name}${i}`, e);
    };
    const elements = plain.elements?.map((e, i) => (typeof e === "number" ? extent(e, i) : e));
    return elements?.every((e, i) => e === plain.elements?.[i]) ? plain : { ...plain, known: undefined, elements };
  }

  constant(t: Tensor): Shadow {
    const real = this.#eager.constant(t);
    return { dtype: t.dtype, shape: t.shape, real, known: t, elements: this.#eager.elements(real) };
  }

  value(h: Handle): Tensor {
    return this.#eager.known((h as Shadow).real);
  }

  #number(d: Dim): number {
    return evaluateDim(d, this.sizes);
  }

  apply(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs): readonly Shadow[] {
    const own = inputs as readonly Shadow[];
    const types = inferPrimitive(op, own, attrs);
    const fixed = Object.fromEntries(
      Object.entries(attrs).map(([k, v]) => [k, Array.isArray(v) ? (v as readonly Dim[]).map((d) => this.#number(d)) : v]),
    ) as PrimitiveAttrs;
    const real = this.#eager.apply(
      op,
      own.map((x) => x.real),
      fixed,
    );
    const elements = evaluateExtents(op, own, attrs, (when: Cond) =>
      when.op === "le" ? this.#number(when.a) <= this.#number(when.b) : false,
    );
    const constant = Object.values(attrs).every((v) => !Array.isArray(v) || v.every(isConst));
    const known = constant && own.every((x) => x.known);
    return real.map((r, i) => {
      const shape = types[i].shape.map((d) => this.#number(d));
      if (shape.join() !== r.shape.join()) throw new Error(`${op}: inferred [${types[i].shape}] = [${shape}], computed [${r.shape}]`);
      this.#checkElements(op, elements[i], r);
      return {
        dtype: types[i].dtype,
        shape: types[i].shape,
        real: r,
        known: known ? this.#eager.known(r) : undefined,
        elements: elements[i],
      };
    });
  }

  #checkElements(op: string, elements: readonly Element[] | undefined, r: Handle): void {
    if (!elements || isPackedFloat(r.dtype)) return;
    const got = Array.from(this.#eager.known(r).data as ArrayLike<number | bigint>);
    const real = (x: number) => (r.dtype === "f32" ? Math.fround(x) : x);
    const want = elements.map((e) =>
      typeof e === "bigint" ? e : real(e instanceof Fraction ? this.#number(e.num) / this.#number(e.den) : this.#number(e)),
    );
    if (want.join() !== got.join()) throw new Error(`${op}: extents [${elements}] = [${want}], computed [${got}]`);
  }

  known(x: Handle): Tensor | undefined {
    return (x as Shadow).known;
  }

  elements(x: Handle): readonly Element[] | undefined {
    return (x as Shadow).elements;
  }

  promise(): void {}

  reaches(): readonly never[] {
    return [];
  }

  sized(x: Handle): boolean {
    return (x as Shadow).elements !== undefined;
  }

  assume(when: Cond, message: string): void {
    const real = (c: Cond): Cond =>
      "all" in c ? { op: c.op, all: c.all.map(real) } : { op: c.op, a: this.#number(c.a), b: this.#number(c.b) };
    if (decide(real(when)) !== true) fail("extent-mismatch", message);
  }

  unify(a: Dim, b: Dim, message: string): Dim {
    const guard: Cond = { op: "eq", a, b };
    if (this.#number(a) !== this.#number(b)) fail("extent-mismatch", `${message} (${JSON.stringify(guard)})`);
    return sameDim(a, b) || isConst(a) ? a : b;
  }
}

/** Element types whose tensors can be inputs of a shadow run. */
export function canShadow(dtype: DType): boolean {
  return dtype !== "string" && dtype !== "c64" && dtype !== "c128";
}
