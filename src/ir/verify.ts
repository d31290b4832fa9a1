/** Whether a graph keeps the promises that every pass and every later stage relies on. Reports all faults, not the first. */
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { sameType, tensorType } from "../base/value-type.js";
import type { Catalogue } from "../ops/op.js";
import { collectSymbols } from "./build.js";
import type { ConstData, Graph, Node, Value } from "./graph.js";
import { inferGraph } from "./infer/infer.js";
import { nodeLabel } from "./record-attrs.js";
import { spellType } from "./text/spelling.js";
import { definedValues, eachGraph, subgraphsOf } from "./walk.js";

/**
 * Codes: `value-redefined`, `value-undefined`, `value-order`, `duplicate-name`, `constant-type`, `node-without-output`,
 * `symbol-unlisted`, and with a catalogue what inference says (`type-mismatch` and the records' own).
 */
export function verify(graph: Graph, catalogue?: Catalogue): Diagnostic[] {
  const check = new Check(graph);
  check.graph(graph, new Set());
  check.symbols(graph);
  const faults = check.faults;
  if (faults.length > 0 || !catalogue) return faults;
  return inferGraph(graph, catalogue).diagnostics.filter((d) => d.severity === "error");
}

class Check {
  readonly faults: Diagnostic[] = [];
  readonly #names = new Set<string>();
  readonly #defined = new Set<Value>();
  /** Every value some graph defines anywhere, to tell "too early" from "nowhere". */
  readonly #anywhere = new Set<Value>();

  constructor(graph: Graph) {
    eachGraph(graph, (g) => definedValues(g).forEach((v) => this.#anywhere.add(v)));
  }

  graph(graph: Graph, outer: ReadonlySet<Value>): void {
    const visible = new Set(outer);
    for (const v of graph.inputs) this.#define(v, visible);
    for (const [v, data] of graph.constants) this.#constant(v, data, visible);
    for (const node of graph.nodes) this.#node(node, visible);
    for (const v of graph.outputs) this.#read(v, visible, `output "${v.name}" of graph "${graph.name}"`);
  }

  symbols(graph: Graph): void {
    const listed = new Set(graph.symbols.map((s) => s.name));
    const unlisted = collectSymbols({ ...graph, symbols: [] }).filter((s) => !listed.has(s.name));
    for (const { name } of unlisted)
      this.#fault("symbol-unlisted", `a shape mentions ${JSON.stringify(name)}, which the graph does not list`, {});
  }

  #node(node: Node, visible: Set<Value>): void {
    const label = nodeLabel(node);
    for (const v of node.inputs) if (v) this.#read(v, visible, `${node.op} "${label}"`);
    for (const body of subgraphsOf(node)) this.graph(body, visible);
    if (!node.outputs.some((v) => v)) this.#fault("node-without-output", `${node.op} "${label}" has no output`, { node: label });
    for (const v of node.outputs) if (v) this.#define(v, visible);
  }

  #constant(v: Value, data: ConstData, visible: Set<Value>): void {
    this.#define(v, visible);
    const is = tensorType(data.dtype, data.shape);
    if (!sameType(is, v.type))
      this.#fault("constant-type", `constant "${v.name}" is typed ${spellType(v.type)} and holds ${spellType(is)}`, { tensor: v.name });
  }

  #define(v: Value, visible: Set<Value>): void {
    if (this.#defined.has(v)) this.#fault("value-redefined", `"${v.name}" is defined more than once`, { tensor: v.name });
    else if (this.#names.has(v.name)) this.#fault("duplicate-name", `two values are called "${v.name}"`, { tensor: v.name });
    this.#defined.add(v);
    this.#names.add(v.name);
    visible.add(v);
  }

  #read(v: Value, visible: ReadonlySet<Value>, reader: string): void {
    if (visible.has(v)) return;
    const early = this.#anywhere.has(v);
    const what = early ? "before it is defined, or from a graph it is not visible in" : "but nothing defines it";
    this.#fault(early ? "value-order" : "value-undefined", `${reader} reads "${v.name}" ${what}`, { tensor: v.name });
  }

  #fault(code: string, message: string, location: NonNullable<Diagnostic["location"]>): void {
    this.faults.push(problem(code, message, { location }));
  }
}
