/** Library calls for a step that kernels carry out: the other form of the operators that it stands for. */
import { elementCount } from "../base/tensor.js";
import { isCall } from "../ir/call.js";
import type { Names } from "../ir/rewrite/names.js";
import type { ConstData, Node, Value } from "../ir/graph.js";
import type { KernelUnit } from "../kernel/group/group.js";
import { mostConstantElements, type Alternate, type AlternateOptions } from "./alternates.js";
import type { Operators } from "../claim/operators.js";
import { withoutTransposes } from "./elementwise-layout.js";
import { libraryForm } from "../claim/call.js";

const mostCalls = 24;

/**
 * The calls between a unit's operands and its results, where rows answer every operator between them. A sentence
 * instead when the unit's boundary is not one of theirs (a value in the middle of an operator, or one that was
 * narrowed), or when some operator has no row that accepts it.
 */
export function libraryAlternate(unit: KernelUnit, operators: Operators, options: AlternateOptions): Alternate | string {
  const { reads, writes } = viewedBoundary(unit, operators, options.views);
  const between = operatorsBetween(reads, writes, operators);
  if (typeof between === "string") return between;
  if (between.nodes.length !== 1 && between.nodes.every((n) => n.op === "transpose"))
    return "it only moves data between the layouts of other calls";
  const names = operators.names();
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

/** A unit may write, or read, the bytes of an operator's value under another shape. */
function viewedBoundary(unit: KernelUnit, operators: Operators, views: AlternateOptions["views"]): ReturnType<typeof boundaryOf> {
  const { reads, writes } = boundaryOf(unit);
  const named = (w: Value): Value => {
    const [view, ...more] = operators.makerOf(w) ? [] : (views.get(w) ?? []);
    return view && more.length === 0 && operators.makerOf(view) ? view : w;
  };
  const seen = [...reads].flatMap((v) => [v, ...(views.get(v) ?? []).filter((view) => !operators.isGivenOut(view))]);
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

function operatorsBetween(reads: ReadonlySet<Value>, writes: ReadonlySet<Value>, operators: Operators): Between | string {
  const needed = new Set<Node>();
  const used = new Map<Value, ConstData>();
  const work: Value[] = [...writes];
  for (let v = work.pop(); v; v = work.pop()) {
    if (reads.has(v) && !writes.has(v)) continue;
    const data = operators.constant(v);
    if (data) {
      if (elementCount(data.shape) > mostConstantElements)
        return `the constant "${v.name}" of ${elementCount(data.shape)} elements would be stored for it`;
      used.set(v, data);
      continue;
    }
    const node = operators.makerOf(v);
    if (!node) return `"${v.name}" lies inside an operator, where calls cannot begin or end`;
    if (node.call) return `the call of ${node.call.target}::${node.call.row} lies between its operands and its results`;
    if (needed.has(node)) continue;
    needed.add(node);
    if (needed.size > mostCalls) return `it would take more than ${mostCalls} calls`;
    for (const x of node.inputs) if (x) work.push(x);
  }
  return { nodes: operators.inOrder(needed), constants: used };
}

/** One operator as calls: itself, with the transposes its layout asks for. Or why not. */
function callsFor(node: Node, operators: Operators, names: Names, options: AlternateOptions): readonly Node[] | string {
  const { target, chip } = options;
  const claimed = operators.callOf(node.op === "transpose" ? { ...node, op: "Transpose" } : node);
  if (typeof claimed === "string") return claimed;
  const form = libraryForm(claimed, target, chip, names);
  if (form.constants.length > 0) return `the call for ${node.op} reads constants that the graph has not`;
  if (form.nodes.length === 1) return form.nodes;
  const calls: Node[] = [];
  for (const n of form.nodes) {
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
