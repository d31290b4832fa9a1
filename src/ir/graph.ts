/**
 * The graph every pass reads and writes: values, nodes, constants. Immutable; a pass builds a new one.
 *
 * One Graph type serves three levels, told apart by the names of its nodes: ONNX operators of the internal opset
 * ("Conv", or "com.microsoft::Gelu" outside ai.onnx), primitives ("add", "reduce", spelled in lower case), and calls of a
 * vendor's library among either. Optional inputs and outputs that are absent are `undefined`.
 */
import { exactNumber } from "../base/element.js";
import type { ByteSource } from "../base/byte-source.js";
import type { Cond } from "../base/cond.js";
import type { Dim } from "../base/dim.js";
import type { Range } from "../base/dim-bounds.js";
import type { DType } from "../base/dtype.js";
import type { Tensor } from "../base/tensor.js";
import type { ValueType } from "../base/value-type.js";

/** One SSA value. Identity is the object; names are for people and are unique within a graph and its subgraphs. */
export interface Value {
  readonly name: string;
  readonly type: ValueType;
}

export type Attr =
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "ints"; readonly value: readonly bigint[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "texts"; readonly value: readonly string[] }
  | { readonly kind: "tensor"; readonly value: ConstData }
  | { readonly kind: "graph"; readonly value: Graph }
  | { readonly kind: "graphs"; readonly value: readonly Graph[] }
  /** Only primitives carry these: shapes and sizes that may be symbolic. */
  | { readonly kind: "dims"; readonly value: readonly Dim[] }
  /** Kept as it was read, for nodes whose operator has no record: sparse tensors, type protos, attribute references. */
  | { readonly kind: "opaque"; readonly tag: string; readonly bytes: Uint8Array };

/** Which axis of the operator's order stands at each place in memory; absent is as it stands. */
type Order = readonly number[] | undefined;

/** How a library carries an operator out: both that and, with the node's attributes, what the operator means stay known. */
export interface Call {
  readonly target: string;
  /** The row's own name among the target's. */
  readonly row: string;
  /** The operator or primitive it answers, whose attributes the node has. */
  readonly op: string;
  /** An operator of one operand that it also applies to the result, before that is written. */
  readonly then?: string;
  /** How operands and results lie, by position. What the node reads after these operands is the call's own: scales it asks for. */
  readonly inputs: readonly Order[];
  readonly outputs: readonly Order[];
}

export interface Node {
  /** "Conv", "com.microsoft::Gelu", a primitive's name, or "call" where a library carries out `call.op`. */
  readonly op: string;
  readonly call?: Call;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly (Value | undefined)[];
  readonly attrs: Readonly<Record<string, Attr>>;
  /** The ONNX node names it came from (or first outputs where nameless), for messages, comments and map.json. */
  readonly origin: readonly string[];
  /** Since-version it was imported at, kept only where no record upgraded it. */
  readonly version?: number;
}

/** A constant's bytes, read only when asked for. */
export interface ConstData {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Reads (or computes) the values. Not cached: hold the result no longer than needed. */
  load(): Tensor;
  /** Where unchanged little-endian row-major bytes lie in a file; absent for computed constants. */
  readonly at?: { readonly source: ByteSource; readonly offset: number; readonly length: number };
  /** The same bytes in pieces of a computed constant that never need all be in memory. */
  readonly chunks?: () => Iterable<Uint8Array>;
  /** A weight that nobody looks into who can do without: an assessment reads none, and takes them to be trained and of size 1. */
  readonly unread?: true;
  /** What it is another order of: axis i is axis perm[i] of `from`. */
  readonly moved?: { readonly from: ConstData; readonly perm: readonly number[] };
}

export function isUnread({ unread, moved }: ConstData): boolean {
  return unread ?? (moved !== undefined && isUnread(moved.from));
}

/** A condition two unknown extents were assumed to meet, and what to tell when they do not. */
export interface Guard {
  readonly when: Cond;
  readonly message: string;
}

/** A symbolic extent and the inclusive range it may take. */
export interface SymbolInfo {
  readonly name: string;
  readonly range: Range;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** In an order in which every value is defined before it is read. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<Value, ConstData>;
  /** What must hold of the symbols for the graph to mean what it says; checked when sizes are known. */
  readonly guards: readonly Guard[];
  /** Symbols met in any shape. Only the outermost graph lists them. */
  readonly symbols: readonly SymbolInfo[];
  /** Free text carried through: metadata_props, doc_string, producer, opset imports of foreign domains. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The type of a value that must be a tensor of known rank, or undefined. */
export function rankedType(v: Value | undefined): { readonly dtype: DType; readonly shape: readonly Dim[] } | undefined {
  return v?.type.kind === "tensor" && v.type.shape ? { dtype: v.type.dtype, shape: v.type.shape } : undefined;
}

export function intAttr(node: Node, name: string): number | undefined {
  const a = node.attrs[name];
  return a?.kind === "int" ? exactNumber(a.value, `attribute "${name}"`) : undefined;
}

export function intsAttr(node: Node, name: string): number[] | undefined {
  const a = node.attrs[name];
  return a?.kind === "ints" ? a.value.map((x) => exactNumber(x, `attribute "${name}"`)) : undefined;
}

export function floatAttr(node: Node, name: string): number | undefined {
  const a = node.attrs[name];
  return a?.kind === "float" ? a.value : undefined;
}

export function textAttr(node: Node, name: string): string | undefined {
  const a = node.attrs[name];
  return a?.kind === "text" ? a.value : undefined;
}

export function dimsAttr(node: Node, name: string): readonly Dim[] | undefined {
  const a = node.attrs[name];
  return a?.kind === "dims" ? a.value : undefined;
}
