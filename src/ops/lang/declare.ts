/**
 * `formula({ inputs, attrs }, fn)`: an operator's signature and its meaning become an `OpRecord`.
 *
 * To TypeScript the function's parameters are numbers, lists of numbers and texts, so that infix arithmetic
 * type-checks; at run time they are tensors and attribute values.
 */
import { DiagnosticError, fail, problem } from "../../base/diagnostic.js";
import { extentOf } from "../../base/element.js";
import { isDType, isFloat, isInteger, type DType } from "../../base/dtype.js";
import type { Tensor } from "../../base/tensor.js";
import type { AttrSpec, AttrValue, Builder, Handle, InputSpec, OpRecord } from "../op.js";
import { handleOf } from "./core.js";
import { locate } from "./dispatch.js";
import { TensorValue, withBuilder, type Num } from "./value.js";

type Types = InputSpec["types"];

interface InputDecl {
  readonly types: Types;
  readonly optional?: boolean;
  readonly variadic?: boolean;
  readonly shaping?: boolean;
}

type InputValue<D> = D extends { readonly variadic: true } ? Num[] : D extends { readonly optional: true } ? Num | undefined : Num;

const declOf = (d: Types | InputDecl): InputDecl => (typeof d === "object" && "types" in d ? d : { types: d });

/** An input that may be absent. */
export function optional(types: Types) {
  return { types, optional: true } as const;
}

/** The last input, taking any number of operands. */
export function variadic(types: Types) {
  return { types, variadic: true } as const;
}

/** An input whose value shapes the program and must be known when compiling. */
export function shaping(types: Types) {
  return { types, shaping: true } as const;
}

export function optionalShaping(types: Types) {
  return { types, optional: true, shaping: true } as const;
}

interface KindValue {
  int: number;
  float: number;
  text: string;
  ints: number[];
  floats: number[];
  texts: string[];
  tensor: Tensor;
  bool: boolean;
  dtype: DType;
}

/** An attribute's declaration; `value` exists for types only. */
export interface AttrDecl<V> {
  readonly spec: AttrSpec;
  readonly value?: V;
}

const withDefault = (kind: AttrSpec["kind"], value: AttrValue, oneOf?: readonly string[]): AttrSpec => ({
  kind,
  presence: "default",
  default: value,
  ...(oneOf ? { oneOf } : {}),
});

export const int = (value: number): AttrDecl<number> => ({ spec: withDefault("int", value) });
export const float = (value: number): AttrDecl<number> => ({ spec: withDefault("float", value) });
export const bool = (value: boolean): AttrDecl<boolean> => ({ spec: withDefault("bool", value) });
/** A text with its default, and the other spellings allowed. */
export const text = (value: string, ...others: string[]): AttrDecl<string> => ({
  spec: withDefault("text", value, others.length > 0 ? [value, ...others] : undefined),
});
export const ints = (...value: number[]): AttrDecl<number[]> => ({ spec: withDefault("ints", value) });
/** An attribute that the node must have. */
export const required = <K extends keyof KindValue>(kind: K): AttrDecl<KindValue[K]> => ({ spec: { kind, presence: "required" } });
/** An attribute that may be absent and is then undefined. */
export const maybe = <K extends keyof KindValue>(kind: K): AttrDecl<KindValue[K] | undefined> => ({ spec: { kind, presence: "maybe" } });

type Inputs = Readonly<Record<string, Types | InputDecl>>;
type Attrs = Readonly<Record<string, AttrDecl<unknown>>>;
type AttrValues<A extends Attrs> = { readonly [K in keyof A]: A[K] extends AttrDecl<infer V> ? V : never };
type Parameters<I extends Inputs, A extends Attrs> = { readonly [K in keyof I]: InputValue<I[K]> } & AttrValues<A>;

interface FormulaSpec<I extends Inputs, A extends Attrs> {
  /** The operator's name when it is not the constant's. */
  readonly name?: string;
  /** Empty or absent: ai.onnx. */
  readonly domain?: string;
  readonly inputs: I;
  readonly attrs?: A;
  /** The most outputs it can have; 1 when absent. */
  readonly outputs?: number;
  /** Its outputs have as many elements as its operands' values say: it is only asked where those are known. */
  readonly constantsOnly?: boolean;
}

/** What a formula may return: its only output, or a list of them. */
type FormulaResult = Num | boolean | readonly (Num | boolean | undefined)[];

function fits(types: Types, dtype: DType): boolean {
  if (typeof types !== "string") return types.includes(dtype);
  if (types === "any") return true;
  return types === "float" ? isFloat(dtype) : types === "int" ? isInteger(dtype) : isFloat(dtype) || isInteger(dtype);
}

function toInput(op: string, spec: InputSpec, h: Handle): TensorValue {
  if (!fits(spec.types, h.dtype)) {
    const wanted = typeof spec.types === "string" ? spec.types : spec.types.join(", ");
    fail("type-mismatch", `${op} takes ${wanted} for input "${spec.name}", got ${h.dtype}`);
  }
  return new TensorValue(h, spec.name);
}

function bindInputs(op: string, specs: readonly InputSpec[], given: readonly (Handle | undefined)[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  specs.forEach((spec, i) => {
    if (spec.variadic && given.length <= i && !spec.optional) fail("missing-input", `${op} needs input "${spec.name}"`);
    if (spec.variadic)
      out[spec.name] = given.slice(i).map((h) => toInput(op, spec, h ?? fail("missing-input", `${op} has a gap among its inputs`)));
    else if (given[i]) out[spec.name] = toInput(op, spec, given[i]);
    else if (!spec.optional) fail("missing-input", `${op} needs input "${spec.name}"`);
  });
  const open = specs.some((s) => s.variadic);
  if (!open && given.length > specs.length) fail("too-many-inputs", `${op} takes ${specs.length} inputs, got ${given.length}`);
  return out;
}

/** A whole number as a formula reckons with it; undefined beyond 2^53, which is no value of an attribute. */
const plainNumber = (v: unknown): unknown => (typeof v === "bigint" ? extentOf(v) : v);

const plain = (v: AttrValue): unknown => {
  if (!Array.isArray(v)) return plainNumber(v);
  const list = (v as readonly unknown[]).map(plainNumber);
  return list.includes(undefined) ? undefined : list;
};

function attrValue(op: string, name: string, spec: AttrSpec, given: AttrValue | undefined): unknown {
  const value = given === undefined ? spec.default : given;
  if (value === undefined) {
    if (spec.presence === "maybe") return undefined;
    fail("missing-attribute", `${op} needs attribute "${name}"`);
  }
  const out = plain(value);
  const scalar = typeof out === "number" || typeof out === "boolean";
  const right =
    { int: scalar, float: scalar, bool: scalar, text: typeof out === "string", dtype: typeof out === "string" && isDType(out) }[
      spec.kind as "int"
    ] ?? typeof out === "object";
  if (!right) fail("bad-attribute", `${op}: attribute "${name}" must be of kind ${spec.kind}`);
  if (spec.oneOf && !spec.oneOf.includes(out as string))
    fail("bad-attribute", `${op}: attribute "${name}" is "${String(out)}", allowed are ${spec.oneOf.join(", ")}`);
  return spec.kind === "bool" ? Boolean(out) : spec.kind === "int" ? Number(out) : out;
}

/** A formula's results as handles; plain numbers are an error, since they have no element type. */
function toHandles(op: string, result: FormulaResult): (Handle | undefined)[] {
  const list = (Array.isArray(result) ? result : [result]) as readonly unknown[];
  return list.map((v) => {
    if (v === undefined) return undefined;
    if (!(v instanceof TensorValue)) fail("formula-type", `${op} must give tensors`, { fix: "Wrap a number with full([], value, dtype)." });
    return handleOf(v);
  });
}

/** Where the compiler found the declaration: the constant's name and "path:line:column". */
export interface Declared {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** Set for users' files only, so that built-in records do not name the repository's sources. */
  readonly user?: boolean;
}

/** Errors thrown in the user's own realm are no instances of ours; broken promises of ours stay what they are. */
function userError(error: unknown, at: Declared): unknown {
  const message = (error as { readonly message?: string } | undefined)?.message ?? String(error);
  if (error instanceof DiagnosticError || message.startsWith("internal:")) return error;
  return new DiagnosticError(problem("formula-failed", `${at.path}:${at.line}:${at.column}: ${message}`));
}

export function formula<const I extends Inputs, const A extends Attrs = Record<never, never>>(
  spec: FormulaSpec<I, A>,
  fn: (parameters: Parameters<I, A>, context: { readonly outputs: number }) => FormulaResult,
  declared?: Declared,
): OpRecord {
  const name = spec.name ?? declared?.name ?? fail("formula-name", "a formula must be the value of an exported constant, or have a name");
  const op = spec.domain ? `${spec.domain}::${name}` : name;
  const inputs = Object.entries(spec.inputs).map(([key, d]): InputSpec => ({ name: key, ...declOf(d) }));
  const attrs = Object.fromEntries(Object.entries(spec.attrs ?? {}).map(([key, d]) => [key, d.spec]));
  const build = (
    b: Builder,
    given: readonly (Handle | undefined)[],
    values: Readonly<Record<string, AttrValue | undefined>>,
    outputs: number,
  ) =>
    withBuilder(b, () => {
      const bound = bindInputs(op, inputs, given);
      for (const [key, s] of Object.entries(attrs)) bound[key] = attrValue(op, key, s, values[key]);
      return toHandles(op, fn(bound as Parameters<I, A>, { outputs }));
    });
  return {
    op,
    inputs,
    attrs,
    maxOutputs: spec.outputs ?? 1,
    ...(spec.constantsOnly ? { constantsOnly: true } : {}),
    build: declared?.user ? positioned(build, declared) : build,
    ...(declared?.user ? { declaredAt: { path: declared.path, line: declared.line, column: declared.column } } : {}),
  };
}

/** Errors of a user's formula that carry no position get the formula's own; what its JavaScript throws becomes a diagnostic. */
function positioned(build: OpRecord["build"], at: Declared): OpRecord["build"] {
  return (b, inputs, attrs, outputs) => {
    try {
      return build(b, inputs, attrs, outputs);
    } catch (error) {
      throw locate(userError(error, at), at.path, at.line, at.column);
    }
  };
}
