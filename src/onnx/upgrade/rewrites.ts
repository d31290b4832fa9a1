/** The few moves that most upgrades are made of: an attribute becomes an input, gets another default, or goes. */
import { exactNumber } from "../../base/element.js";
import { fail } from "../../base/diagnostic.js";
import { dtypes, isInteger, type DType } from "../../base/dtype.js";
import { fromNumbers } from "../../base/float-formats.js";
import { tensor, type Tensor } from "../../base/tensor.js";
import { int, text } from "../../ir/attr.js";
import type { Attr, Value } from "../../ir/graph.js";
import type { Draft, Maker, Rewrite } from "./draft.js";

export function without(attrs: Draft["attrs"], ...names: readonly string[]): Record<string, Attr> {
  return Object.fromEntries(Object.entries(attrs).filter(([name]) => !names.includes(name)));
}

export function withInput(inputs: Draft["inputs"], index: number, value: Value | undefined): (Value | undefined)[] {
  const out = Array.from({ length: Math.max(inputs.length, value ? index + 1 : 0) }, (_, i) => inputs[i]);
  if (value) out[index] = value;
  return out;
}

export function i64(values: readonly (number | bigint)[]): Tensor {
  return tensor("i64", [values.length], BigInt64Array.from(values, BigInt));
}

export function i64Scalar(value: number | bigint): Tensor {
  return tensor("i64", [], BigInt64Array.of(BigInt(value)));
}

export function f32(values: readonly number[]): Tensor {
  return tensor("f32", [values.length], Float32Array.from(values));
}

export function f32Scalar(value: number): Tensor {
  return tensor("f32", [], Float32Array.of(value));
}

export function bool(value: boolean): Tensor {
  return tensor("bool", [], Uint8Array.of(value ? 1 : 0));
}

export function intOf(node: Draft, name: string, otherwise: number): number {
  const a = node.attrs[name];
  return a?.kind === "int" ? exactNumber(a.value, `attribute "${name}"`) : otherwise;
}

export function intsOf(node: Draft, name: string): readonly bigint[] | undefined {
  const a = node.attrs[name];
  return a?.kind === "ints" ? a.value : undefined;
}

export function floatOf(node: Draft, name: string, otherwise: number): number {
  const a = node.attrs[name];
  return a?.kind === "float" ? a.value : a?.kind === "int" ? exactNumber(a.value, `attribute "${name}"`) : otherwise;
}

export function textOf(node: Draft, name: string, otherwise: string): string {
  const a = node.attrs[name];
  return a?.kind === "text" ? a.value : otherwise;
}

/** `axes=[..]` becomes an i64[n] input. */
export function intsToInput(name: string, index: number): Rewrite {
  return (node, make) => {
    const values = intsOf(node, name);
    return { ...node, inputs: withInput(node.inputs, index, values && make.constant(i64(values))), attrs: without(node.attrs, name) };
  };
}

/** An attribute that is gone because its only meaning is the default now. */
export function drop(...names: readonly string[]): Rewrite {
  return (node) => ({ ...node, attrs: without(node.attrs, ...names) });
}

/** Spells out what the old version meant where the new version's default differs. */
export function spellDefault(name: string, value: Attr): Rewrite {
  return (node) => ({ ...node, attrs: { ...node.attrs, [name]: node.attrs[name] ?? value } });
}

export function rename(op: string): Rewrite {
  return (node) => ({ ...node, op });
}

/** A scalar of the element type of `like`: exact when that is known, else converted by the device program. */
export function scalarLike(make: Maker, value: number, like: Value | undefined): Value {
  const dtype = make.dtypeOf(like);
  const exact = dtype && scalarOf(dtype, value);
  if (exact) return make.constant(exact);
  return make.before("CastLike", [make.constant(f32Scalar(value)), like]);
}

function scalarOf(dtype: DType, value: number): Tensor | undefined {
  if (dtypes[dtype].kind === "float" || (isInteger(dtype) && Number.isInteger(value))) return fromNumbers(dtype, [], [value]);
  return undefined;
}

/** Stops where an old form cannot be said in the newest opset. */
export function cannotUpgrade(node: Draft, make: Maker, what: string, why: string): never {
  fail("opset-upgrade", `${node.op} ${JSON.stringify(make.label)}: ${what}`, {
    location: { node: make.label },
    why,
    fix: "Export the model at opset 13 or newer.",
  });
}

export { int, text };
