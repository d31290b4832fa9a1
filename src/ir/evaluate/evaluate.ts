/**
 * Runs a graph of any level on typed arrays: the reference that passes are held to. Operators run through their
 * records, primitives by their own rules, bodies by running the body. A tensor is let go after its last reader.
 */
import { saturatedExtent } from "../../base/element.js";
import { evaluateDim, isConst, symbolsOf, type Dim } from "../../base/dim.js";
import { fail } from "../../base/diagnostic.js";
import { closest } from "../../base/suggest.js";
import { allocate, type Tensor } from "../../base/tensor.js";
import { evaluateRecord } from "../../ops/evaluate/eager.js";
import { evaluatePrimitive } from "../../ops/evaluate/primitive.js";
import { concatTensors } from "../../ops/evaluate/movement.js";
import type { Catalogue, PrimitiveAttrs } from "../../ops/op.js";
import { isPrimitive, type PrimitiveName } from "../../ops/primitive.js";
import { dimsAttr, intAttr, intsAttr, type Graph, type Node, type Value } from "../graph.js";
import { evaluateCall } from "./node.js";
import { primitiveAttrs } from "../primitive-node.js";
import { nodeLabel, recordAttrs } from "../record-attrs.js";
import { capturesOf, readsOf, subgraphsOf } from "../walk.js";

/**
 * The outputs of the graph for the inputs given. Symbols take the extents that the tensors have.
 * Throws `evaluate-input-missing`, `evaluate-extent` (a tensor contradicts its type), `unsupported-op` (no record), and
 * what operators throw for operands that do not fit.
 */
export function evaluateGraph(graph: Graph, catalogue: Catalogue, inputs: ReadonlyMap<Value, Tensor>): Map<Value, Tensor> {
  const run = new Run(catalogue, new Map());
  for (const v of graph.inputs) {
    const t = inputs.get(v) ?? fail("evaluate-input-missing", `no value for input "${v.name}"`, { location: { tensor: v.name } });
    run.set(v, t);
  }
  const out = run.graph(graph);
  return new Map(graph.outputs.map((v, i) => [v, out[i]]));
}

class Run {
  readonly #catalogue: Catalogue;
  readonly #symbols: Map<string, number>;
  /** What a body reads from the graphs around it. */
  readonly #captured = new Map<Value, Tensor>();
  readonly #values = new Map<Value, Tensor>();

  constructor(catalogue: Catalogue, symbols: Map<string, number>) {
    this.#catalogue = catalogue;
    this.#symbols = symbols;
  }

  /** Runs the nodes; inputs are set before. */
  graph(graph: Graph): Tensor[] {
    const last = lastReaders(graph);
    for (const node of graph.nodes) {
      const results = this.#node(node, graph);
      node.outputs.forEach((v, i) => {
        const t = results[i];
        if (v && t) this.set(v, t);
      });
      for (const v of readsOf(node)) if (last.get(v) === node) this.#values.delete(v);
    }
    return graph.outputs.map((v) => this.get(v, graph));
  }

  set(v: Value, t: Tensor): void {
    this.#bind(v, t);
    this.#values.set(v, t);
  }

  get(v: Value, graph: Graph): Tensor {
    const t = this.#values.get(v) ?? graph.constants.get(v)?.load() ?? this.#captured.get(v);
    return t ?? fail("evaluate-input-missing", `"${v.name}" has no value`, { location: { tensor: v.name } });
  }

  /** Symbols that a type mentions alone take the tensor's extents; the rest of the type must agree. */
  #bind(v: Value, t: Tensor): void {
    const shape = v.type.kind === "tensor" ? v.type.shape : undefined;
    shape?.forEach((d, i) => {
      const names = symbolsOf(d);
      if (names.length === 1 && !isConst(d) && d.key === symbolKey(d) && !this.#symbols.has(names[0]))
        this.#symbols.set(names[0], t.shape[i]);
      if (names.every((s) => this.#symbols.has(s)) && evaluateDim(d, this.#symbols) !== t.shape[i])
        fail("evaluate-extent", `"${v.name}" has shape [${t.shape.join(",")}], its type says [${shape.join(",")}]`, {
          location: { tensor: v.name },
        });
    });
  }

  #node(node: Node, graph: Graph): readonly (Tensor | undefined)[] {
    if (subgraphsOf(node).length > 0) return this.#control(node, graph);
    const inputs = node.inputs.map((v) => v && this.get(v, graph));
    if (node.op === "read") this.#learn(node, inputs[0]);
    return node.call
      ? evaluateCall(node, inputs, (operator, operands) => this.#operator(operator, operands))
      : this.#operator(node, inputs);
  }

  /** The symbols that a `read` gives take what it reads. */
  #learn(node: Node, x: Tensor | undefined): void {
    dimsAttr(node, "value")?.forEach((d, i) => {
      const read = x && saturatedExtent(BigInt(x.data[i]));
      if (read !== undefined) this.#symbols.set(symbolsOf(d)[0], read);
    });
  }

  #operator(node: Node, inputs: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[] {
    const record = this.#catalogue.get(node.op);
    if (record) return evaluateRecord(record, inputs, recordAttrs(record, node), node.outputs.length);
    if (!isPrimitive(node.op))
      return fail(
        "unsupported-op",
        `${node.op} "${nodeLabel(node)}" has no record to evaluate it by${closest(node.op, [...this.#catalogue.keys()])}`,
        {
          location: { node: nodeLabel(node) },
        },
      );
    return evaluatePrimitive(node.op as PrimitiveName, inputs as Tensor[], this.#fixed(primitiveAttrs(node.attrs)));
  }

  #fixed(attrs: PrimitiveAttrs): PrimitiveAttrs {
    const fix = (d: Dim): Dim => (isConst(d) ? d : evaluateDim(d, this.#symbols));
    return Object.fromEntries(Object.entries(attrs).map(([k, v]) => [k, typeof v === "object" ? v.map(fix) : v]));
  }

  #control(node: Node, graph: Graph): Tensor[] {
    const body = (name: string): Graph | undefined => {
      const a = node.attrs[name];
      return a?.kind === "graph" ? a.value : undefined;
    };
    const [yes, no, loop] = [body("then_branch") ?? body("then"), body("else_branch") ?? body("else"), body("body")];
    if (yes && no && node.inputs[0]) return this.#body(this.get(node.inputs[0], graph).data[0] ? yes : no, [], graph);
    if (loop && (node.op === "Loop" || node.op === "loop")) return this.#loop(node, loop, graph);
    if (loop && node.op === "Scan") return this.#scan(node, loop, graph);
    return fail("unsupported-op", `${node.op} "${nodeLabel(node)}" has bodies that are not evaluated`, {
      location: { node: nodeLabel(node) },
    });
  }

  #body(body: Graph, inputs: readonly Tensor[], outer: Graph): Tensor[] {
    const run = new Run(this.#catalogue, new Map(this.#symbols));
    for (const v of capturesOf(body)) run.#captured.set(v, this.get(v, outer));
    body.inputs.forEach((v, i) => run.set(v, inputs[i]));
    return run.graph(body);
  }

  /** ONNX Loop-13: runs while the condition holds and trips are left; scanned outputs are stacked along a new axis 0. */
  #loop(node: Node, body: Graph, graph: Graph): Tensor[] {
    const [tripIn, condIn, ...start] = node.inputs.map((v) => v && this.get(v, graph));
    const trips = tripIn ? saturatedExtent(tripIn.data[0] as bigint) : Infinity;
    let goesOn = condIn ? Boolean(condIn.data[0]) : true;
    let carried = start as Tensor[];
    const rows: Tensor[][] = body.outputs.slice(1 + carried.length).map(() => []);
    for (let i = 0; goesOn && i < trips; i++) {
      const index: Tensor = { dtype: "i64", shape: [], data: BigInt64Array.of(BigInt(i)) };
      const out = this.#body(body, [index, { dtype: "bool", shape: [], data: Uint8Array.of(1) }, ...carried], graph);
      goesOn = Boolean(out[0].data[0]);
      out.slice(1 + carried.length).forEach((t, k) => rows[k].push(t));
      carried = out.slice(1, 1 + carried.length);
    }
    return [...carried, ...rows.map((r, k) => stack(r, body.outputs[1 + carried.length + k]))];
  }

  /** ONNX Scan-9: a round for each place along the scanned axes, which may be walked from their ends. */
  #scan(node: Node, body: Graph, graph: Graph): Tensor[] {
    const given = node.inputs.map((v) => this.get(v as Value, graph));
    const states = given.length - (intAttr(node, "num_scan_inputs") ?? 0);
    const told = (name: string, k: number): number => Number(intsAttr(node, name)?.[k] ?? 0);
    const scanned = given.slice(states).map((x, k) => alongAxis(x, told("scan_input_axes", k), told("scan_input_directions", k)));
    let carried = given.slice(0, states);
    const rows: Tensor[][] = body.outputs.slice(states).map(() => []);
    const length = scanned[0]?.length ?? 0;
    if (scanned.some((x) => x.length !== length)) fail("evaluate-extent", `Scan "${nodeLabel(node)}" walks inputs of unequal lengths`);
    for (let i = 0; i < length; i++) {
      const out = this.#body(body, [...carried, ...scanned.map((places) => places[i])], graph);
      out.slice(states).forEach((t, k) => rows[k].push(t));
      carried = out.slice(0, states);
    }
    const collected = rows.map((r, k) => {
      const all = stack(told("scan_output_directions", k) === 1 ? r.reverse() : r, body.outputs[states + k]);
      const axis = told("scan_output_axes", k);
      const perm = [...all.shape.keys()].slice(1);
      perm.splice(axis < 0 ? axis + all.shape.length : axis, 0, 0);
      return evaluatePrimitive("transpose", [all], { perm })[0];
    });
    return [...carried, ...collected];
  }
}

function symbolKey(d: Dim): string | undefined {
  if (isConst(d) || d.terms.length !== 1) return undefined;
  const [t] = d.terms;
  return t.factor === 1 && t.atoms.length === 1 && t.atoms[0].atom.op === "sym" ? t.atoms[0].key : undefined;
}

/** The places along an axis, from its end where the direction is 1. */
function alongAxis(x: Tensor, axis: number, direction: number): Tensor[] {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const shape = x.shape.filter((_, i) => i !== at);
  const places = Array.from({ length: x.shape[at] }, (_, i): Tensor => {
    const starts = x.shape.map((__, k) => (k === at ? i : 0));
    const sizes = x.shape.map((d, k) => (k === at ? 1 : d));
    return { ...evaluatePrimitive("slice", [x], { starts, sizes, steps: x.shape.map(() => 1) })[0], shape };
  });
  return direction === 1 ? places.reverse() : places;
}

function stack(rows: readonly Tensor[], of: Value): Tensor {
  if (rows.length > 0)
    return concatTensors(
      rows.map((t) => ({ ...t, shape: [1, ...t.shape] })),
      0,
    );
  if (of.type.kind !== "tensor" || !of.type.shape?.every(isConst))
    return fail("evaluate-extent", `a loop that runs no time leaves the shape of "${of.name}" open`, { location: { tensor: of.name } });
  const shape = [0, ...of.type.shape];
  return { dtype: of.type.dtype, shape, data: allocate(of.type.dtype, 0) };
}

/** The node after which a value is read no more; outputs of the graph have none. */
function lastReaders(graph: Graph): Map<Value, Node> {
  const last = new Map<Value, Node>();
  for (const node of graph.nodes) for (const v of readsOf(node)) last.set(v, node);
  for (const v of graph.outputs) last.delete(v);
  return last;
}
