/** Typed reading of a primitive's attributes, in the kinds that the table in primitive.ts names. */
import { isConst, type Dim } from "../base/dim.js";
import { invariant } from "../base/diagnostic.js";
import { isDType, type DType } from "../base/dtype.js";
import type { PrimitiveAttrs } from "./op.js";

export function intOf(attrs: PrimitiveAttrs, name: string): number {
  const v = attrs[name];
  invariant(typeof v === "number", `attribute "${name}" must be an int, is ${JSON.stringify(v)}`);
  return v;
}

export function textOf(attrs: PrimitiveAttrs, name: string): string {
  const v = attrs[name];
  invariant(typeof v === "string", `attribute "${name}" must be a text, is ${JSON.stringify(v)}`);
  return v;
}

export function dtypeOf(attrs: PrimitiveAttrs, name: string): DType {
  const v = textOf(attrs, name);
  invariant(isDType(v), `attribute "${name}" must name an element type, is "${v}"`);
  return v;
}

export function dimsOf(attrs: PrimitiveAttrs, name: string): readonly Dim[] {
  const v = attrs[name];
  invariant(Array.isArray(v), `attribute "${name}" must be a list, is ${JSON.stringify(v)}`);
  return v as readonly Dim[];
}

export function intsOf(attrs: PrimitiveAttrs, name: string): readonly number[] {
  const v = dimsOf(attrs, name);
  invariant(v.every(isConst), `attribute "${name}" must be constant, is [${v.join(", ")}]`);
  return v;
}
