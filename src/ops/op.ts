/**
 * How an operator is declared: its signature, and one function that builds its meaning from primitives.
 *
 * `build` runs against a `Builder`. One builder makes graph nodes (decomposition), one only follows types (inference),
 * one computes at once (reference semantics), so shape, type and value of an operator cannot drift apart.
 */
import type { Cond } from "../base/cond.js";
import type { Dim } from "../base/dim.js";
import type { DType } from "../base/dtype.js";
import type { Element } from "../base/element.js";
import type { Tensor } from "../base/tensor.js";
import type { Reach } from "./affine.js";
import type { PrimitiveName } from "./primitive.js";

/** A tensor while a formula runs; only its builder knows what stands behind it. Rank is always known here. */
export interface Handle {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

/** Attributes of a primitive; the table in primitive.ts says which name has which kind. */
export type PrimitiveAttrs = Readonly<Record<string, number | string | readonly Dim[]>>;

export interface Builder {
  /**
   * Applies a primitive. Throws DiagnosticError when the operands do not fit it.
   * What the primitive needs of extents becomes a guard where it is not provable, unless the caller knows that they fit.
   */
  apply(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs, fits?: boolean): readonly Handle[];
  constant(value: Tensor): Handle;
  /** Numbers that a formula itself brings; one that computes keeps those that meet half tensors in f32. Absent: a constant of `dtype`. */
  numbers?(dtype: DType, shape: readonly number[], values: readonly number[]): Handle;
  /** The value when it is a constant known now. May read weights: ask only for small operands. */
  known(x: Handle): Tensor | undefined;
  /** The elements of a small tensor, when every one is known or follows from input sizes. */
  elements(x: Handle): readonly Element[] | undefined;
  /** What integers that follow from where they stand reach, one entry a place of their last axis or one for all; empty where unknown. */
  reaches(x: Handle): readonly (Reach | undefined)[];
  /** Whether a tensor follows from constants and input sizes: no data goes into it. */
  sized(x: Handle): boolean;
  /** What the outputs will be, said before the formula may have to refuse: their types are then known all the same. */
  promise(outputs: readonly Handle[]): void;
  /** Takes a condition on extents for granted from here on, as a guard when it is not provable. Fails when it cannot hold. */
  assume(when: Cond, message: string): void;
  /** Assumes a == b from here on, as a guard when it is not provable; returns the simpler one. Fails when they cannot be equal. */
  unify(a: Dim, b: Dim, message: string): Dim;
}

export interface InputSpec {
  readonly name: string;
  /** "float": any float type; "any": anything; a list names them. */
  readonly types: "float" | "int" | "number" | "any" | readonly DType[];
  readonly optional?: boolean;
  /** Last input only: takes the rest, any number of them. */
  readonly variadic?: boolean;
  /** Its value shapes the program (shape, axes, starts, ends, steps, pads, split, repeats, scales, sizes, roi): it must be known when compiling. */
  readonly shaping?: boolean;
}

/** An attribute with its default; `required` has none. `maybe` may be absent and is then undefined. */
export interface AttrSpec {
  readonly kind: "int" | "float" | "text" | "ints" | "floats" | "texts" | "tensor" | "bool" | "dtype";
  readonly presence: "default" | "required" | "maybe";
  readonly default?: AttrValue;
  /** For text: the spellings allowed. */
  readonly oneOf?: readonly string[];
}

export type AttrValue = number | bigint | string | boolean | Tensor | readonly number[] | readonly bigint[] | readonly string[];

export interface OpRecord {
  /** "Softmax", or "com.microsoft::Gelu" outside ai.onnx. */
  readonly op: string;
  readonly inputs: readonly InputSpec[];
  readonly attrs: Readonly<Record<string, AttrSpec>>;
  /** How many outputs it can have at most; Infinity when open. */
  readonly maxOutputs: number;
  /** Its outputs have as many elements as the values of its operands say, so it has a meaning only where those are known. */
  readonly constantsOnly?: boolean;
  /** Absent inputs are undefined; `outputs` says how many outputs the node has. Returns one handle an output. */
  readonly build: (
    b: Builder,
    inputs: readonly (Handle | undefined)[],
    attrs: Readonly<Record<string, AttrValue | undefined>>,
    outputs: number,
  ) => readonly (Handle | undefined)[];
  /** For messages: where it was declared (a user's file, line and column); absent for the built-in catalogue. */
  readonly declaredAt?: { readonly path: string; readonly line: number; readonly column: number };
}

/** Operators by name. A value handed to whoever needs it. */
export type Catalogue = ReadonlyMap<string, OpRecord>;
