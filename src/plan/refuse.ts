/** What keeps a graph from being lowered at all: operators without a meaning, element types and ranks no kernel can have. */
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { dtypes, type DType } from "../base/dtype.js";
import { isCall } from "../ir/call.js";
import { decompose } from "../ir/rewrite/decompose.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import type { Catalogue } from "../ops/op.js";
import { isPrimitive } from "../ops/primitive.js";
import type { Target } from "../claim/target.js";
import { isControl } from "./control.js";
import { unsupported } from "./unsupported.js";

/** Element types a kernel can load and store. */
const storable: ReadonlySet<DType> = new Set(["f32", "f16", "bf16", "i64", "i32", "u32", "i16", "u16", "i8", "u8", "bool"]);

/** How many nodes of one kind a message names. */
const mostNamed = 3;

/** A node that has a meaning only on constants would have been folded. */
function hasMeaning({ op }: Node, catalogue: Catalogue): boolean {
  const record = catalogue.get(op);
  return isPrimitive(op) || (record !== undefined && record.constantsOnly !== true);
}

/** The nodes whose operators nothing here gives a meaning that runs on a chip. */
export function withoutMeaning(graph: Graph, catalogue: Catalogue): readonly Node[] {
  return graph.nodes.filter((n) => !hasMeaning(n, catalogue) && !isCall(n) && !isControl(n));
}

/** Throws one `unsupported-op` a kind of operator, and with them what taking the other nodes apart would have found. */
export function refuseUnknown(graph: Graph, catalogue: Catalogue): void {
  const unknown = withoutMeaning(graph, catalogue);
  if (unknown.length === 0) return;
  const kinds = new Map<string, Node[]>();
  const described = new Map(unknown.map((n) => [n, unsupported(n, graph, catalogue)] as const));
  for (const [n, said] of described) {
    const key = JSON.stringify([n.op, said]);
    kinds.set(key, [...(kinds.get(key) ?? []), n]);
  }
  const found = [...kinds.values()].map((nodes): Diagnostic => {
    const { what, why, fix } = described.get(nodes[0]) as ReturnType<typeof unsupported>;
    const location = { node: nodes[0].origin[0] };
    return problem("unsupported-op", `${nodes[0].op} ${namesOf(nodes)}: ${what}`, { location, ...(why !== undefined && { why }), fix });
  });
  const rest = { ...graph, nodes: graph.nodes.filter((n) => !unknown.includes(n)) };
  throw new DiagnosticError([...found, ...faultsOf(() => decompose(rest, catalogue, isCall))]);
}

function namesOf(nodes: readonly Node[]): string {
  const named = nodes.slice(0, mostNamed).map((n) => `"${n.origin[0] ?? ""}"`);
  return `${named.join(", ")}${nodes.length > mostNamed ? ` and ${nodes.length - mostNamed} more` : ""}`;
}

function faultsOf(run: () => unknown): readonly Diagnostic[] {
  try {
    run();
    return [];
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    return e.diagnostics;
  }
}

/** Throws `unknown-shape` and `unsupported-dtype`, one a kind: a model full of f64 has one fault, not a thousand. */
export function refuseTypes(graph: Graph, target: Target): void {
  const met = new Map<string, Diagnostic>();
  const check = (v: Value | undefined): void => {
    const fault = v && faultOf(v, target);
    if (fault && !met.has(fault.kind)) met.set(fault.kind, fault.said);
  };
  for (const v of [...graph.inputs, ...graph.outputs]) check(v);
  // A constant that a call reads lies as that call wants it.
  const isOwn = (n: Node, v: Value | undefined): boolean => isCall(n) && v !== undefined && graph.constants.has(v);
  for (const n of graph.nodes) [...n.inputs.filter((v) => !isOwn(n, v)), ...n.outputs].forEach(check);
  if (met.size > 0) throw new DiagnosticError([...met.values()]);
}

function faultOf(v: Value, target: Target): { readonly kind: string; readonly said: Diagnostic } | undefined {
  const type = rankedType(v);
  const location = { tensor: v.name };
  if (!type) {
    const fix = "Give the inputs' shapes with --shape name:1,3,224,224.";
    return {
      kind: "rank",
      said: problem("unknown-shape", `tensor "${v.name}" has no known rank, so no kernel can be made for it`, { location, fix }),
    };
  }
  if (storable.has(type.dtype)) return undefined;
  const message = `tensor "${v.name}" is ${dtypes[type.dtype].onnxName}, which ${target.title} kernels do not compute`;
  return { kind: type.dtype, said: problem("unsupported-dtype", message, { location }) };
}
