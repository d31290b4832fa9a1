/** Replaces a call of a model-local function by the function's nodes. The call's outputs are the values these nodes define. */
import { tensorType } from "../../base/value-type.js";
import type { Value } from "../../ir/graph.js";
import { CallStack } from "./functions.js";
import type { Context, GraphImporter } from "./graph.js";
import type { OnnxAttribute, OnnxFunction, OnnxNode } from "../bytes/schema.js";
import { Scope } from "./scope.js";
import type { Body } from "../upgrade/upgrade.js";

export interface Call {
  readonly fn: OnnxFunction;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly (Value | undefined)[];
  readonly attributes: readonly OnnxAttribute[];
  /** What messages call the calling node. */
  readonly label: string;
}

/** Throws `function-recursive` or `function-too-large`. */
export function inlineCall(importer: GraphImporter, call: Call, body: Body, context: Context): void {
  const { fn, label } = call;
  const { nodes, defined, read, declared, opsets } = importer.functions.body(fn);
  const inner: Context = {
    opsets,
    bindings: importer.functions.bindings(fn, call.attributes),
    calls: (context.calls ?? new CallStack()).enter(fn, label),
  };
  const scope = new Scope();
  fn.inputs.forEach((name, i) => scope.bind(name, call.inputs[i]));
  bindResults(importer, call, defined, scope, body);
  importer.defineResults(withoutBound(nodes, scope), scope, body, declared, inner);
  passConstants(importer, nodes, scope, body, inner);
  importer.definitions.markRead(read, scope);
  for (const node of nodes) importer.importNode({ ...node, name: node.name === "" ? label : `${label}/${node.name}` }, scope, body, inner);
}

/** Gives the function's results the call's values. An input handed straight through, or one result under two names, is copied. */
function bindResults(importer: GraphImporter, { fn, outputs, label }: Call, defined: ReadonlySet<string>, scope: Scope, body: Body): void {
  fn.outputs.forEach((name, i) => {
    const out = outputs[i];
    if (!out) return;
    if (defined.has(name) && !scope.has(name)) scope.bind(name, out);
    else copy(importer, scope.lookup(name), out, label, body);
  });
}

/** The nodes without those outputs that have their value already. */
function withoutBound(nodes: readonly OnnxNode[], scope: Scope): OnnxNode[] {
  return nodes.map((n) => ({ ...n, outputs: n.outputs.map((name) => (scope.has(name) ? "" : name)) }));
}

/** Constant nodes that define a result of the call: its value exists already and is no constant. */
function passConstants(importer: GraphImporter, nodes: readonly OnnxNode[], scope: Scope, body: Body, context: Context): void {
  for (const node of nodes) {
    const out = scope.own(node.outputs[0] ?? "");
    if (!out || importer.definitions.constant(out)) continue;
    const data = importer.constantOf(node, context);
    if (!data) continue;
    const constant = importer.definitions.freshValue(out.name, tensorType(data.dtype, data.shape));
    body.constants.set(constant, data);
    copy(importer, constant, out, out.name, body);
  }
}

function copy(importer: GraphImporter, from: Value | undefined, to: Value, label: string, body: Body): void {
  importer.upgrader.append({ op: "Identity", inputs: [from], outputs: [to], attrs: {} }, [label], body);
}
