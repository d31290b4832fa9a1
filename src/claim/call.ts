/**
 * A claimed node as the call that carries it out, with what the call wants around it: layouts as transposes, element types
 * the matrix unit has as casts. Everything that goes in between is ordinary primitives, so that passes cancel what meets.
 */
import type { Dim } from "../base/dim.js";
import { isFloat, type DType } from "../base/dtype.js";
import { invariant } from "../base/diagnostic.js";
import { tensorType } from "../base/value-type.js";
import { inverseOf } from "../ir/call.js";
import { rankedType, type Call, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { nodeAttrs } from "../ir/primitive-node.js";
import type { Names } from "../ir/rewrite/names.js";
import { matrixOps, type Claim } from "./claim.js";
import type { Chip, ClaimRow, Target } from "./target.js";

/** The row that carries a call out. */
export function rowOf(target: Target, { op, call }: Node): ClaimRow {
  const row = call?.target === target.name ? target.rows.find((r) => rowName(r) === call.row) : undefined;
  invariant(row, `${call ? `${call.target}::${call.row}` : op} is no call of ${target.name}`);
  return row;
}

/** What calls say of a row. */
export function rowName({ op, name }: ClaimRow): string {
  return name ?? op;
}

/** The call, before and after it the casts and transposes it needs, and constants that it alone reads. */
export function libraryForm({ row, node, constantOf }: Claim, target: Target, chip: Chip, names: Names): LibraryForm {
  const layout = row.layout?.(node);
  const wanted = operandTypes(row, node, chip);
  const side = new Sides(node, names);
  const constants: [Value, ConstData][] = [];
  const own = (data: ConstData): Value => {
    constants.push([constant(data, node, names), data]);
    return constants[constants.length - 1][0];
  };
  const packed = row.packed?.(node, constantOf) ?? [];
  const inputs = node.inputs.map((v, i) => {
    const data = packed[i];
    if (data === null) return undefined;
    return data ? own(data) : v && side.before(v, wanted[i], layout?.inputs[i]);
  });
  const outputs = node.outputs.map((v, i) => v && side.after(v, wanted[0], layout?.outputs[i]));
  const orders = (values: Node["inputs"], all: Call["inputs"] | undefined): Call["inputs"] => values.map((v, i) => v && all?.[i]);
  const call: Call = {
    target: target.name,
    row: rowName(row),
    op: row.op,
    inputs: orders(node.inputs, layout?.inputs),
    outputs: orders(node.outputs, layout?.outputs),
  };
  const reads = [...inputs, ...(row.besides?.(node, chip).map(own) ?? [])];
  return { nodes: [...side.nodesBefore, { ...node, op: "call", call, inputs: reads, outputs }, ...side.nodesAfter], constants };
}

/** What takes a claimed node's place. */
export interface LibraryForm {
  readonly nodes: readonly Node[];
  readonly constants: readonly (readonly [Value, ConstData])[];
}

/** Every constant of a graph, and those that calls in it read besides. */
export function withConstants(graph: Graph, added: LibraryForm["constants"]): Graph {
  return added.length === 0 ? graph : { ...graph, constants: new Map([...graph.constants, ...added]) };
}

function constant({ dtype, shape }: ConstData, node: Node, names: Names): Value {
  return { name: names.fresh(node.outputs[0]?.name ?? node.op), type: tensorType(dtype, shape) };
}

/** What stands around one call. */
class Sides {
  readonly nodesBefore: Node[] = [];
  readonly nodesAfter: Node[] = [];
  readonly #node: Node;
  readonly #names: Names;

  constructor(node: Node, names: Names) {
    this.#node = node;
    this.#names = names;
  }

  /** What the call reads for `v`. */
  before(v: Value, wanted: DType | undefined, perm: readonly number[] | undefined): Value {
    const type = rankedType(v);
    if (!type) return v;
    const dtype = wanted ?? type.dtype;
    let at = v;
    if (dtype !== type.dtype) {
      const y = this.#derived(v, dtype, type.shape);
      this.nodesBefore.push(this.#apply("cast", at, y, { to: dtype }));
      at = y;
    }
    if (!perm) return at;
    const y = this.#derived(v, dtype, inOrder(type.shape, perm));
    this.nodesBefore.push(this.#apply("transpose", at, y, { perm }));
    return y;
  }

  /** What the call makes for `v`. */
  after(v: Value, wanted: DType | undefined, perm: readonly number[] | undefined): Value {
    const type = rankedType(v);
    if (!type) return v;
    const dtype = isFloat(type.dtype) ? (wanted ?? type.dtype) : type.dtype;
    let at = v;
    if (dtype !== type.dtype) {
      const x = this.#derived(v, dtype, type.shape);
      this.nodesAfter.unshift(this.#apply("cast", x, at, { to: type.dtype }));
      at = x;
    }
    if (!perm) return at;
    const x = this.#derived(v, dtype, inOrder(type.shape, perm));
    this.nodesAfter.unshift(this.#apply("transpose", x, at, { perm: inverseOf(perm) ?? [] }));
    return x;
  }

  #derived(v: Value, dtype: DType, shape: readonly Dim[]): Value {
    return { name: this.#names.fresh(v.name), type: tensorType(dtype, shape) };
  }

  #apply(op: "transpose" | "cast", x: Value, y: Value, attrs: Parameters<typeof nodeAttrs>[1]): Node {
    return { op, inputs: [x], outputs: [y], attrs: nodeAttrs(op, attrs), origin: this.#node.origin };
  }
}

function inOrder(shape: readonly Dim[], perm: readonly number[]): Dim[] {
  return perm.map((p) => shape[p]);
}

/** Types the call's operands must have; undefined leaves one as it is. */
function operandTypes(row: ClaimRow, node: Node, chip: Chip): readonly (DType | undefined)[] {
  const own = row.operandTypes?.(node, chip);
  if (own) return own;
  const type = rankedType(node.inputs[0]);
  if (!type || !matrixOps.has(row.op) || !isFloat(type.dtype) || chip.contractTypes.includes(type.dtype)) return [];
  return node.inputs.map((v) => (v && rankedType(v)?.dtype === type.dtype ? chip.contractTypes[0] : undefined));
}
