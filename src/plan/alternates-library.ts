/** Library calls for a step that kernels carry out, from the operators as they stood before decomposition. */
import { elementCount } from "../base/tensor.js";
import { isCall } from "../ir/call.js";
import { Names } from "../ir/rewrite/names.js";
import type { ConstData, Graph, Node, Value } from "../ir/graph.js";
import type { KernelUnit } from "../kernel/group/group.js";
import { mostConstantElements, type Alternate, type AlternateOptions } from "./alternates.js";
import { accepts, type Claim } from "../claim/claim.js";
import { withoutTransposes } from "./elementwise-layout.js";
import { libraryForm } from "../claim/call.js";
import { resolve } from "../claim/resolve.js";

const mostCalls = 24;

/**
 * The calls between a unit's operands and its results, from the operators as they stood before decomposition. A sentence
 * instead when the unit's boundary is not one of theirs (a value in the middle of an operator, or one that was
 * narrowed), or when some operator has no row that accepts it.
 */
export function libraryAlternate(unit: KernelUnit, operators: Graph, options: AlternateOptions): Alternate | string {
  const { reads, writes } = viewedBoundary(unit, operators, options.views);
  const between = operatorsBetween(reads, writes, operators);
  if (typeof between === "string") return between;
  if (between.nodes.length !== 1 && between.nodes.every((n) => n.op === "transpose"))
    return "it only moves data between the layouts of other calls";
  const names = new Names(operators);
  const plain = withoutTransposes(between, writes, names) ?? between;
  const calls: Node[] = [];
  for (const node of plain.nodes) {
    const made = callsFor(node, operators, names, options);
    if (typeof made === "string") return made;
    calls.push(...made);
  }
  const constants = new Map(plain.constants);
  return { kind: "library", calls: ownTemporaries(calls, new Set([...reads, ...writes, ...constants.keys()]), names), constants };
}

/** Who makes the values of a graph, and where each node stands: units by the thousand ask. */
interface Producers {
  readonly of: ReadonlyMap<Value, Node>;
  readonly place: ReadonlyMap<Node, number>;
}

const producers = new WeakMap<Graph, Producers>();

function producersOf(graph: Graph): Producers {
  const known = producers.get(graph);
  if (known) return known;
  const of = new Map(graph.nodes.flatMap((n) => n.outputs.flatMap((v): [Value, Node][] => (v ? [[v, n]] : []))));
  const made = { of, place: new Map(graph.nodes.map((n, i) => [n, i])) };
  producers.set(graph, made);
  return made;
}

/** A unit may write, or read, the bytes of an operator's value under another shape. */
function viewedBoundary(unit: KernelUnit, operators: Graph, views: AlternateOptions["views"]): ReturnType<typeof boundaryOf> {
  const { reads, writes } = boundaryOf(unit);
  const made = producersOf(operators).of;
  const named = (w: Value): Value => {
    const [view, ...more] = made.has(w) ? [] : (views.get(w) ?? []);
    return view && more.length === 0 && made.has(view) ? view : w;
  };
  const seen = [...reads].flatMap((v) => [v, ...(views.get(v) ?? []).filter((view) => !operators.outputs.includes(view))]);
  return { reads: new Set(seen), writes: new Set([...writes].map(named)) };
}

function boundaryOf(unit: KernelUnit): { readonly reads: ReadonlySet<Value>; readonly writes: ReadonlySet<Value> } {
  const bound = unit.kernels.flatMap(({ kernel, bind }) => kernel.buffers.map((b) => ({ access: b.access, value: bind[b.name] })));
  const own = new Set(unit.temps);
  const pick = (other: "read" | "write"): Set<Value> =>
    new Set(bound.filter((b) => b.access !== other && !own.has(b.value)).map((b) => b.value));
  return { reads: pick("write"), writes: pick("read") };
}

interface Between {
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<Value, ConstData>;
}

function operatorsBetween(reads: ReadonlySet<Value>, writes: ReadonlySet<Value>, graph: Graph): Between | string {
  const { of: producer, place } = producersOf(graph);
  const { constants } = graph;
  const needed = new Set<Node>();
  const used = new Map<Value, ConstData>();
  const work: Value[] = [...writes];
  for (let v = work.pop(); v; v = work.pop()) {
    if (reads.has(v) && !writes.has(v)) continue;
    const data = constants.get(v);
    if (data) {
      if (elementCount(data.shape) > mostConstantElements)
        return `the constant "${v.name}" of ${elementCount(data.shape)} elements would be stored for it`;
      used.set(v, data);
      continue;
    }
    const node = producer.get(v);
    if (!node) return `"${v.name}" lies inside an operator, where calls cannot begin or end`;
    if (node.call) return `the call of ${node.call.target}::${node.call.row} lies between its operands and its results`;
    if (needed.has(node)) continue;
    needed.add(node);
    if (needed.size > mostCalls) return `it would take more than ${mostCalls} calls`;
    for (const x of node.inputs) if (x) work.push(x);
  }
  const placeOf = (n: Node): number => place.get(n) ?? 0;
  return { nodes: [...needed].sort((a, b) => placeOf(a) - placeOf(b)), constants: used };
}

/** One operator as calls: itself, with the transposes its layout asks for. Or why not. */
function callsFor(node: Node, operators: Graph, names: Names, options: AlternateOptions): readonly Node[] | string {
  const { target, chip } = options;
  const claimed = rowFor(node.op === "transpose" ? { ...node, op: "Transpose" } : node, operators, options);
  if (typeof claimed === "string") return claimed;
  const form = libraryForm(claimed, target, chip, names);
  if (form.length === 1) return form;
  const calls: Node[] = [];
  for (const n of form) {
    const made = isCall(n)
      ? [n]
      : n.op === "transpose"
        ? callsFor(n, operators, names, options)
        : `the library has no call for the ${n.op} around ${node.op}`;
    if (typeof made === "string") return made;
    calls.push(...made);
  }
  return calls;
}

function rowFor(node: Node, operators: Graph, options: AlternateOptions): Claim | string {
  const rows = options.target.rows.filter((r) => r.op === node.op);
  if (rows.length === 0) return `the library has no call for ${node.op}`;
  const resolved = resolve(node, options.catalogue, operators);
  if (typeof resolved === "string") return `${node.op}: ${resolved}`;
  const answers = rows.map((row) => accepts(row, resolved, options));
  const row = rows[answers.indexOf(true)];
  return row ? { row, node: resolved } : `${node.op}: ${String(answers[0])}`;
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
