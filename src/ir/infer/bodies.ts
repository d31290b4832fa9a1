/** Types of nodes that carry bodies: If takes what both branches give, Loop and Scan run to a type that holds still. */
import { decide } from "../../base/cond.js";
import { symbol, type Dim } from "../../base/dim.js";
import { isDim, valueOf } from "../../base/element.js";
import { fail, problem, type Diagnostic } from "../../base/diagnostic.js";
import { sameType, tensorType, type TensorType, type ValueType } from "../../base/value-type.js";
import { keepsGoing } from "../loop.js";
import { intAttr, intsAttr, type Attr, type Graph, type Node, type Value } from "../graph.js";
import { constantElements, type Fact } from "./facts.js";
import type { Inference } from "./infer.js";
import { nodeLabel } from "../record-attrs.js";
import { spellType } from "../text/spelling.js";

interface Typed {
  readonly node: Node;
  readonly types: readonly (ValueType | undefined)[];
  readonly facts?: readonly (Fact | undefined)[];
}

/**
 * Undefined for a node that carries no body Portolan knows the rules of.
 * `node` has its operands typed; `original` has the bodies as they came.
 */
export function inferBodies(node: Node, original: Node, inference: Inference): Typed | undefined {
  switch (node.op) {
    case "If":
      return inferIf(node, original, inference, "then_branch", "else_branch");
    case "if":
      return inferIf(node, original, inference, "then", "else");
    case "Loop":
    case "loop":
      return inferLoop(node, original, inference);
    case "Scan":
      return inferScan(node, original, inference);
    default:
      return inferOther(node, original, inference);
  }
}

function bodyOf(node: Node, name: string): Graph | undefined {
  const a = node.attrs[name];
  return a?.kind === "graph" ? a.value : undefined;
}

function withBodies(node: Node, bodies: Readonly<Record<string, Graph>>): Node {
  return {
    ...node,
    attrs: {
      ...node.attrs,
      ...Object.fromEntries(Object.entries(bodies).map(([k, value]): [string, Attr] => [k, { kind: "graph", value }])),
    },
  };
}

/** Bodies of an operator without rules still get types inside, so that what they capture stays consistent. */
function inferOther(node: Node, original: Node, inference: Inference): Typed | undefined {
  const bodies = Object.entries(original.attrs).filter(([, a]) => a.kind === "graph" || a.kind === "graphs");
  if (bodies.length === 0) return undefined;
  const attrs = bodies.map(([k, a]): [string, Attr] =>
    a.kind === "graph"
      ? [k, { kind: "graph", value: inference.run(a.value) }]
      : a.kind === "graphs"
        ? [k, { kind: "graphs", value: a.value.map((g) => inference.run(g)) }]
        : [k, a],
  );
  return { node: { ...node, attrs: { ...node.attrs, ...Object.fromEntries(attrs) } }, types: node.outputs.map((v) => v?.type) };
}

function inferIf(node: Node, original: Node, inference: Inference, thenName: string, elseName: string): Typed | undefined {
  const [yes, no] = [bodyOf(original, thenName), bodyOf(original, elseName)];
  if (!yes || !no) return undefined;
  if (!node.inputs[0])
    fail("missing-input", `${node.op} "${nodeLabel(node)}" needs input "cond"`, {
      location: { node: nodeLabel(node) },
      fix: "Export the model again.",
    });
  const [first] = (node.inputs[0] && inference.elements(node.inputs[0])) ?? [];
  const cond = first === undefined ? undefined : valueOf(first);
  if (cond === undefined) return inferOpenIf(node, [yes, no], [thenName, elseName], inference);
  const a = cond === 0 ? inferDead(yes, inference) : inference.run(yes);
  const b = cond === 0 ? inference.run(no) : inferDead(no, inference);
  const live = cond === 0 ? b : a;
  const types = node.outputs.map((v, i) => v && live.outputs[i]?.type);
  const facts = live.outputs.map((v) => inference.fact(v) ?? constantFact(v, inference));
  return { node: withBodies(node, { [thenName]: a, [elseName]: b }), types, facts };
}

/**
 * Both branches may run, and the outputs have types that cover both. Where one alone contradicts itself it can never have
 * run at these shapes: that is said, and the other one gives the types.
 */
function inferOpenIf(node: Node, bodies: readonly [Graph, Graph], names: readonly [string, string], inference: Inference): Typed {
  const tried = bodies.map((body) => inferTried(body, inference));
  const unfit = tried.findIndex(({ faults }) => faults.some((d) => d.severity === "error"));
  const alone = unfit >= 0 && isOfSizes(tried[unfit].faults) && !tried[1 - unfit].faults.some((d) => d.severity === "error");
  for (const [i, { faults }] of tried.entries())
    inference.diagnostics.push(...(alone && i === unfit ? [unfitBranch(node, names[i], faults)] : faults));
  const [a, b] = tried.map((t) => t.graph);
  const types = node.outputs.map((v, i) => {
    if (!v || !a.outputs[i] || !b.outputs[i]) return undefined;
    if (alone) return tried[1 - unfit].graph.outputs[i].type;
    requireSameElements(node, v, a.outputs[i].type, b.outputs[i].type, inference);
    return coveringType(a.outputs[i].type, b.outputs[i].type, v.name);
  });
  return { node: withBodies(node, { [names[0]]: a, [names[1]]: b }), types };
}

/** A branch with what was found wrong in it, which is not yet said. Guards of a branch that contradicts itself are dropped. */
function inferTried(body: Graph, inference: Inference): { readonly graph: Graph; readonly faults: readonly Diagnostic[] } {
  const [said, guards] = [inference.diagnostics.length, inference.guards.length];
  const graph = inference.run(body);
  const faults = inference.diagnostics.splice(said);
  if (faults.some((d) => d.severity === "error")) inference.guards.length = guards;
  return { graph, faults };
}

/** Element types are wrong at any size. */
function isOfSizes(faults: readonly Diagnostic[]): boolean {
  return faults.every((d) => d.severity !== "error" || d.code !== "type-mismatch");
}

function unfitBranch(node: Node, branch: string, faults: readonly Diagnostic[]): Diagnostic {
  const first = faults.find((d) => d.severity === "error");
  return problem("branch-unfit", `If "${nodeLabel(node)}": its ${branch} does not fit these shapes: ${first?.message ?? ""}`, {
    severity: "warning",
    location: { node: nodeLabel(node) },
    why: "The condition is not known when compiling, and only the other branch can have run at these shapes.",
    fix: "Fix what the condition is computed from with --freeze NAME=VALUE; one branch is then left.",
  });
}

function constantFact(v: Value, inference: Inference): Fact | undefined {
  const data = inference.constant(v);
  return data && { elements: constantElements(data), known: () => data.load(), sized: true };
}

/** A branch that never runs may contradict itself: exporters guard on a rank and write both cases out. */
function inferDead(body: Graph, inference: Inference): Graph {
  const [faults, guards] = [inference.diagnostics.length, inference.guards.length];
  const out = inference.run(body);
  inference.diagnostics.length = faults;
  inference.guards.length = guards;
  return out;
}

function requireSameElements(node: Node, v: Value, a: ValueType, b: ValueType, inference: Inference): void {
  if (a.kind !== "tensor" || b.kind !== "tensor" || a.dtype === b.dtype) return;
  const message = `${node.op} "${nodeLabel(node)}": "${v.name}" is ${spellType(a)} in one branch and ${spellType(b)} in the other`;
  inference.diagnostics.push(problem("type-mismatch", message, { location: { node: nodeLabel(node), tensor: v.name } }));
}

/** Rounds after which a type that still moves loses its extents; each round can only replace extents by symbols. */
const mostRounds = 4;

/** ONNX Loop: body(iteration, condition, carried...) -> (condition, carried..., scanned...). */
function inferLoop(node: Node, original: Node, inference: Inference): Typed | undefined {
  const body = bodyOf(original, "body");
  if (!body) return undefined;
  const fixed: ValueType[] = [tensorType("i64", []), tensorType("bool", [])];
  const start = node.inputs.slice(2).map((v, i) => v?.type ?? body.inputs[i + 2]?.type ?? { kind: "unknown" as const });
  const carried = start.length;
  const { typed, state } = settle(body, fixed, start, [], 1, inference);
  const scanned = typed.outputs
    .slice(1 + carried)
    .map((v, i) => stacked(v.type, 0, tripCount(node, typed, inference, node.outputs[carried + i])));
  return { node: withBodies(node, { body: typed }), types: [...state, ...scanned] };
}

/** ONNX Scan-9 and later: body(state..., slices...) -> (state..., slices...). */
function inferScan(node: Node, original: Node, inference: Inference): Typed | undefined {
  const body = bodyOf(original, "body");
  const slices = intAttr(node, "num_scan_inputs");
  if (!body || slices === undefined) return undefined;
  const states = node.inputs.length - slices;
  const axes = intsAttr(node, "scan_input_axes") ?? [];
  const scans = node.inputs.slice(states).map((v, i) => unstacked(v?.type, axes[i] ?? 0));
  scans.forEach(({ length }, k) => requireAsLong(node, k, scans[0].length, length, inference));
  const start = node.inputs.slice(0, states).map((v) => v?.type ?? { kind: "unknown" as const });
  const { typed, state } = settle(
    body,
    [],
    start,
    scans.map((s) => s.type),
    0,
    inference,
  );
  const outAxes = intsAttr(node, "scan_output_axes") ?? [];
  const length = scans.find((s) => s.length !== undefined)?.length;
  const scanned = typed.outputs.slice(states).map((v, i) => stacked(v.type, outAxes[i] ?? 0, length));
  return { node: withBodies(node, { body: typed }), types: [...state, ...scanned] };
}

/** All that a Scan walks has as many places as the first. */
function requireAsLong(node: Node, k: number, first: Dim | undefined, length: Dim | undefined, inference: Inference): void {
  if (first === undefined || length === undefined) return;
  const when = { op: "eq", a: length, b: first } as const;
  const known = decide(when);
  const message = `Scan "${nodeLabel(node)}": its first scanned input has ${first} places, and number ${k + 1} has ${length}`;
  if (known === undefined) inference.guards.push({ when, message });
  if (known !== false) return;
  inference.diagnostics.push(problem("operator-rule", message, { location: { node: nodeLabel(node) }, fix: "Export the model again." }));
}

/** Types a body again until what it carries comes out as it went in. */
function settle(
  body: Graph,
  fixed: readonly ValueType[],
  start: readonly ValueType[],
  rest: readonly (ValueType | undefined)[],
  skip: number,
  inference: Inference,
) {
  let state = start;
  for (let round = 0; ; round++) {
    const faults = inference.diagnostics.length;
    const typed = inference.run(body, [...fixed, ...state, ...rest]);
    const next = state.map((t, i) => {
      const out = typed.outputs[i + skip];
      const name = body.inputs[fixed.length + i]?.name ?? "carried";
      return out ? coveringType(t, out.type, name) : t;
    });
    if (next.every((t, i) => sameType(t, state[i]))) return { typed, state };
    inference.diagnostics.length = faults;
    state = round < mostRounds ? next : next.map((t) => (t.kind === "tensor" ? tensorType(t.dtype, undefined) : t));
  }
}

/** How many rows a Loop's scanned output has: the trip count when nothing can end the loop early, else a symbol. */
function tripCount(node: Node, body: Graph, inference: Inference, out: Value | undefined): Dim | undefined {
  const [trip, cond] = node.inputs;
  const known = trip && inference.elements(trip)?.[0];
  const starts = !cond || inference.elements(cond)?.[0] === 1;
  const kept = keepsGoing(body) || inference.elements(body.outputs[0])?.[0] === 1;
  return known !== undefined && isDim(known) && starts && kept ? known : out && symbol(`${out.name}.0`);
}

function stacked(type: ValueType, axis: number, length: Dim | undefined): ValueType {
  if (type.kind !== "tensor" || !type.shape || length === undefined)
    return type.kind === "tensor" ? tensorType(type.dtype, undefined) : { kind: "unknown" };
  const at = axis < 0 ? axis + type.shape.length + 1 : axis;
  return tensorType(type.dtype, [...type.shape.slice(0, at), length, ...type.shape.slice(at)]);
}

function unstacked(type: ValueType | undefined, axis: number): { type: TensorType | undefined; length: Dim | undefined } {
  if (type?.kind !== "tensor") return { type: undefined, length: undefined };
  if (!type.shape) return { type, length: undefined };
  const at = axis < 0 ? axis + type.shape.length : axis;
  return {
    type: tensorType(
      type.dtype,
      type.shape.filter((_, i) => i !== at),
    ),
    length: type.shape[at],
  };
}

/** The type that covers two: extents that differ become symbols named after the value they belong to. */
function coveringType(a: ValueType, b: ValueType, name: string): ValueType {
  if (a.kind !== "tensor" || b.kind !== "tensor" || a.dtype !== b.dtype) return a.kind === "unknown" ? b : a;
  if (!a.shape || !b.shape || a.shape.length !== b.shape.length) return tensorType(a.dtype, undefined);
  const other = b.shape;
  return tensorType(
    a.dtype,
    a.shape.map((d, i) => (decide({ op: "eq", a: d, b: other[i] }) === true ? d : symbol(`${name}.${i}`))),
  );
}
