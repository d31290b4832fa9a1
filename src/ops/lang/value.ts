/**
 * What a formula's variables hold while it runs. To TypeScript they are all `number` (arithmetic on anything else does
 * not type-check); at run time they are tensors, extents that are not yet known, or plain numbers.
 *
 * Tensors and extents throw when JavaScript coerces them, so whatever the syntactic rewrite did not catch
 * (`Math.max(x, 0)`, `${x}`, `list[x]`) fails loudly instead of computing nonsense.
 */
import { type Dim, type DimExpr } from "../../base/dim.js";
import { extentOf } from "../../base/element.js";
import { fail, invariant } from "../../base/diagnostic.js";
import type { Builder, Handle } from "../op.js";

function coerced(what: string): never {
  return fail("formula-coercion", `${what} was used as a JavaScript value`, {
    why: "A tensor has no value while the formula runs; only the language's own functions and operators take it.",
    fix: "Use where, minimum, maximum and the other functions of the formula language.",
  });
}

export class TensorValue {
  readonly handle: Handle;
  /** The operator's input it came from, for messages. */
  readonly input: string | undefined;

  constructor(handle: Handle, input?: string) {
    this.handle = handle;
    this.input = input;
  }

  [Symbol.toPrimitive](): never {
    return coerced(`a tensor ${this.handle.dtype}[${this.handle.shape.join(",")}]`);
  }
}

/** An extent that is known only when the program runs. */
export class DimValue {
  readonly dim: DimExpr;

  constructor(dim: DimExpr) {
    this.dim = dim;
  }

  [Symbol.toPrimitive](): never {
    return coerced(`the symbolic extent ${this.dim.key}`);
  }
}

/** A comparison of extents that does not follow from what is known when compiling. */
export class Undecided {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  [Symbol.toPrimitive](): never {
    return coerced(`the comparison ${this.text}`);
  }
}

export type Value = TensorValue | DimValue | Undecided | number | bigint | boolean;

/** How formulas spell a tensor, an extent or a number. */
export type Num = number;

export function fromDim(d: Dim): Num {
  return (typeof d === "number" ? d : new DimValue(d)) as Num;
}

/** Whether a value is an extent or a whole number. */
export function isDimLike(v: unknown): v is DimValue | number {
  return v instanceof DimValue || (typeof v === "number" && Number.isInteger(v));
}

/** A formula read past the end of a shape or a list, or an operand that is not there. */
export function absent(): never {
  return fail("formula-absent", "an axis, an operand or an entry of a list that the formula reads is not there");
}

/** The extent of one axis, counted from the end when negative. */
export function extentAt(h: Handle, axis: number): Dim {
  return h.shape.at(axis) ?? absent();
}

export function toDim(v: unknown): Dim {
  if (v === undefined) return absent();
  if (v instanceof DimValue) return v.dim;
  if (typeof v === "number" && Number.isInteger(v)) return v;
  const fits = typeof v === "bigint" ? extentOf(v) : undefined;
  if (fits !== undefined) return fits;
  return fail("formula-type", `${describe(v)} is no extent: it must be a whole number or a shape expression`);
}

export function describe(v: unknown): string {
  if (v instanceof TensorValue) return `tensor ${v.handle.dtype}[${v.handle.shape.join(",")}]`;
  if (v instanceof DimValue) return `extent ${v.dim.key}`;
  if (v instanceof Undecided) return `undecided comparison ${v.text}`;
  return typeof v === "string" ? JSON.stringify(v) : `${typeof v} ${String(v)}`;
}

/**
 * The builder of the formula that is running. Formulas run synchronously, from `withBuilder` to its return, so this is
 * the dynamic scope of one call and no state between calls.
 */
let running: Builder | undefined;

export function withBuilder<T>(b: Builder, f: () => T): T {
  const outer = running;
  running = b;
  try {
    return f();
  } finally {
    running = outer;
  }
}

export function builder(): Builder {
  invariant(running, "the formula language works only inside a formula");
  return running;
}
