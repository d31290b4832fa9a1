/**
 * The other way of a step. What a library row does, kernels made from the operator's own meaning can do too; what a
 * kernel does, library calls can do when rows accept every operator between its operands and its results. Both ways are
 * compiled in, so that a wrong guess about one of them needs an environment variable and no rebuild.
 */
import type { Range } from "../base/dim.js";
import { DiagnosticError } from "../base/diagnostic.js";
import { finishNow, type Steps } from "../base/steps.js";
import { elementCount } from "../base/tensor.js";
import { tensorType } from "../base/value-type.js";
import { decompose } from "../ir/decompose.js";
import { Names } from "../ir/names.js";
import { nodeAttrs } from "../ir/primitive-node.js";
import { rankedType, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { planUnits, type KernelUnit, type Unit } from "../kernel/group.js";
import type { Catalogue } from "../ops/op.js";
import { accepts, matrixOps } from "./claim.js";
import { withoutTransposes } from "./elementwise-layout.js";
import { isLibraryNode, libraryForm, operandPerm, operatorAttrs, outputPerm, rowOf } from "./legalise.js";
import { narrowIntegers } from "./narrow.js";
import { resolve } from "./resolve.js";
import type { Chip, Target } from "./target.js";

export type Alternate = (
  { readonly kind: "library"; readonly calls: readonly Node[] } | { readonly kind: "kernel"; readonly units: readonly Unit[] }
) & {
  /** Constants only this way reads. */
  readonly constants: ReadonlyMap<Value, ConstData>;
};

export interface AlternateOptions {
  readonly target: Target;
  readonly chip: Chip;
  readonly catalogue: Catalogue;
  readonly simplify: (graph: Graph) => Steps<Graph>;
  readonly ranges: (symbol: string) => Range | undefined;
  /** Values that show another's bytes under another shape, by that other. */
  readonly views: ReadonlyMap<Value, readonly Value[]>;
  /** Begins the names of this step's kernels. */
  readonly kernelPrefix: (step: Node) => string;
}

// ---- a library step's kernels -----------------------------------------------------------------------------------------

/** Kernels for what a library node does; undefined for matrix work and where no kernel can be made. */
export function kernelAlternate(node: Node, graph: Graph, options: AlternateOptions): Alternate | undefined {
  const { target, chip, catalogue, ranges } = options;
  if (matrixOps.has(rowOf(target, node).op)) return undefined;
  try {
    const own = operatorGraph(node, graph, target);
    const ready = narrowIntegers(finishNow(options.simplify(decompose(own, catalogue, () => false))));
    if (!sameValues(ready.inputs, own.inputs) || !sameValues(ready.outputs, own.outputs)) return undefined;
    const units = planUnits(ready, { caps: chip.caps, isLibrary: () => false, ranges, prefix: options.kernelPrefix(node) });
    return units.some((u) => u.kind === "node") ? undefined : { kind: "kernel", units, constants: ready.constants };
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}

function sameValues(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

/** One operator between the library's layouts: transposes back to ONNX order, the operator, transposes forth. */
function operatorGraph(node: Node, graph: Graph, target: Target): Graph {
  const names = new Names(graph);
  const before: Node[] = [];
  const after: Node[] = [];
  const transposed = (v: Value, perm: readonly number[]): Value => {
    const type = rankedType(v);
    return {
      name: names.fresh(v.name),
      type: type
        ? tensorType(
            type.dtype,
            perm.map((p) => type.shape[p]),
          )
        : v.type,
    };
  };
  const move = (x: Value, y: Value, perm: readonly number[]): Node => ({
    op: "transpose",
    inputs: [x],
    outputs: [y],
    attrs: nodeAttrs("transpose", { perm }),
    origin: node.origin,
  });
  const inverse = (perm: readonly number[]): number[] => perm.map((_, axis) => perm.indexOf(axis));
  const inputs = node.inputs.map((v, i) => {
    const perm = operandPerm(node, i);
    if (!v || !perm) return v;
    const x = transposed(v, inverse(perm));
    before.push(move(v, x, inverse(perm)));
    return x;
  });
  const outputs = node.outputs.map((v, i) => {
    const perm = outputPerm(node, i);
    if (!v || !perm) return v;
    const y = transposed(v, inverse(perm));
    after.push(move(y, v, perm));
    return y;
  });
  const operator: Node = { ...node, op: rowOf(target, node).op, inputs, outputs, attrs: operatorAttrs(node) };
  const read = [...new Set(node.inputs.filter((v): v is Value => v !== undefined))];
  return {
    ...graph,
    guards: [],
    inputs: read.filter((v) => !graph.constants.has(v)),
    outputs: node.outputs.filter((v): v is Value => v !== undefined),
    constants: new Map([...graph.constants].filter(([v]) => read.includes(v))),
    nodes: [...before, operator, ...after],
  };
}

// ---- a kernel's library calls -----------------------------------------------------------------------------------------

const mostCalls = 24;
/** A constant that kernels hold in their expressions needs memory of its own for a call. */
const mostConstantElements = 1 << 14;

/**
 * The calls between a unit's operands and its results, from the operators as they stood before decomposition.
 * Undefined when the unit's boundary is not one of theirs (a value in the middle of an operator, or one that was
 * narrowed), or when some operator has no row that accepts it.
 */
export function libraryAlternate(unit: KernelUnit, operators: Graph, options: AlternateOptions): Alternate | undefined {
  const { reads, writes } = viewedBoundary(unit, operators, options.views);
  const between = operatorsBetween(reads, writes, operators, options.target);
  if (!between || between.nodes.every((n) => n.op === "transpose" && between.nodes.length > 1)) return undefined;
  const names = new Names(operators);
  const plain = withoutTransposes(between, writes, names) ?? between;
  const calls: Node[] = [];
  for (const node of plain.nodes) {
    const made = callsFor(node, operators, names, options);
    if (!made) return undefined;
    calls.push(...made);
  }
  const constants = new Map(plain.constants);
  return { kind: "library", calls: ownTemporaries(calls, new Set([...reads, ...writes, ...constants.keys()]), names), constants };
}

/** A unit may write, or read, the bytes of an operator's value under another shape. */
function viewedBoundary(unit: KernelUnit, { nodes, outputs }: Graph, views: AlternateOptions["views"]): ReturnType<typeof boundaryOf> {
  const { reads, writes } = boundaryOf(unit);
  const made = new Set(nodes.flatMap((n) => n.outputs));
  const named = (w: Value): Value => {
    const [view, ...more] = made.has(w) ? [] : (views.get(w) ?? []);
    return view && more.length === 0 && made.has(view) ? view : w;
  };
  const seen = [...reads].flatMap((v) => [v, ...(views.get(v) ?? []).filter((view) => !outputs.includes(view))]);
  return { reads: new Set(seen), writes: new Set([...writes].map(named)) };
}

export function boundaryOf(unit: KernelUnit): { readonly reads: ReadonlySet<Value>; readonly writes: ReadonlySet<Value> } {
  const bound = unit.kernels.flatMap(({ kernel, bind }) => kernel.buffers.map((b) => ({ access: b.access, value: bind[b.name] })));
  const own = new Set(unit.temps);
  const pick = (other: "read" | "write"): Set<Value> =>
    new Set(bound.filter((b) => b.access !== other && !own.has(b.value)).map((b) => b.value));
  return { reads: pick("write"), writes: pick("read") };
}

function operatorsBetween(
  reads: ReadonlySet<Value>,
  writes: ReadonlySet<Value>,
  { nodes, constants }: Graph,
  target: Target,
): { readonly nodes: readonly Node[]; readonly constants: ReadonlyMap<Value, ConstData> } | undefined {
  const producer = new Map<Value, Node>();
  for (const n of nodes) for (const v of n.outputs) if (v) producer.set(v, n);
  const needed = new Set<Node>();
  const used = new Map<Value, ConstData>();
  const work: Value[] = [...writes];
  for (let v = work.pop(); v; v = work.pop()) {
    if (reads.has(v) && !writes.has(v)) continue;
    const data = constants.get(v);
    if (data) {
      if (elementCount(data.shape) > mostConstantElements) return undefined;
      used.set(v, data);
      continue;
    }
    const node = producer.get(v);
    if (!node || isLibraryNode(target, node)) return undefined;
    if (needed.has(node)) continue;
    needed.add(node);
    if (needed.size > mostCalls) return undefined;
    for (const x of node.inputs) if (x) work.push(x);
  }
  return { nodes: nodes.filter((n) => needed.has(n)), constants: used };
}

/** One operator as calls: itself, with the transposes its layout asks for. */
function callsFor(node: Node, operators: Graph, names: Names, options: AlternateOptions): readonly Node[] | undefined {
  const { target, chip, catalogue } = options;
  const spelled: Node = node.op === "transpose" ? { ...node, op: "Transpose" } : node;
  const rows = target.rows.filter((r) => r.op === spelled.op);
  const resolved = rows.length > 0 && resolve(spelled, catalogue, operators.constants);
  if (!resolved || typeof resolved === "string") return undefined;
  const row = rows.find((r) => accepts(r, resolved, chip) === true);
  if (!row) return undefined;
  const form = libraryForm({ row, node: resolved }, target, chip, names);
  if (form.length === 1) return form;
  const calls: Node[] = [];
  for (const n of form) {
    const made = isLibraryNode(target, n) ? [n] : n.op === "transpose" ? callsFor(n, operators, names, options) : undefined;
    if (!made) return undefined;
    calls.push(...made);
  }
  return calls;
}

/** Values between the calls get memory of their own, even where another step also makes them. */
function ownTemporaries(calls: readonly Node[], boundary: ReadonlySet<Value>, names: Names): readonly Node[] {
  const own = new Map<Value, Value>();
  const now = (v: Value | undefined): Value | undefined => {
    if (!v || boundary.has(v)) return v;
    const made = own.get(v) ?? { name: names.fresh(v.name), type: v.type };
    own.set(v, made);
    return made;
  };
  return calls.map((n) => ({ ...n, inputs: n.inputs.map(now), outputs: n.outputs.map(now) }));
}
