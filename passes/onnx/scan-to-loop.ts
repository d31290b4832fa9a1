import { dims, graphAttr, int, ints } from "../../src/ir/attr.js";
import { symbol } from "../../src/base/dim.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import { tensorType, type TensorType } from "../../src/base/value-type.js";
import { collectSymbols, constData, makeNode } from "../../src/ir/build.js";
import { intAttr, intsAttr, rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { mapBodies } from "../../src/ir/walk.js";
import type { Pass } from "../pass.js";

/**
 * Scan(s.., x..) { body(s.., x..) -> (s.., y..) }  =>  Loop(extent of x, , s..) { body(s.., Gather(x, round)..) -> (s.., y..) }
 *
 * where a direction from the end turns x around before, or y behind, and an axis of y other than the first is brought to its
 * place behind. In bodies likewise. The round is read as the integer that the host counts, so that a row is a slice.
 *
 * Skipped where the rank of what is scanned, or of what a round gives, is unknown.
 */
export const scanToLoop: Pass = {
  name: "scan-to-loop",
  onCards: true,
  retypes: true,
  run: (graph) => {
    const work = new ScanRewriter(graph);
    const out = work.graph(graph);
    return out === graph ? graph : { ...out, symbols: collectSymbols(out) };
  },
};

/** What a Scan says of its operands and results, by position among those that are scanned. */
interface Scanned {
  readonly states: number;
  readonly body: Graph;
  readonly axisOf: (k: number) => number;
  readonly isTurned: (k: number) => boolean;
  readonly outAxisOf: (k: number) => number;
  readonly isResultTurned: (k: number) => boolean;
}

function scannedBy(node: Node): Scanned | undefined {
  const [body, count] = [node.attrs.body, intAttr(node, "num_scan_inputs")];
  if (node.op !== "Scan" || body?.kind !== "graph" || count === undefined) return undefined;
  const at = (name: string) => (k: number) => Number(intsAttr(node, name)?.[k] ?? 0);
  const turned = (name: string) => (k: number) => at(name)(k) === 1;
  return {
    states: node.inputs.length - count,
    body: body.value,
    axisOf: at("scan_input_axes"),
    isTurned: turned("scan_input_directions"),
    outAxisOf: at("scan_output_axes"),
    isResultTurned: turned("scan_output_directions"),
  };
}

class ScanRewriter {
  readonly #names: Names;
  readonly #constants: [Value, ConstData][] = [];

  constructor(graph: Graph) {
    this.#names = new Names(graph);
  }

  /** A graph without a Scan; constants that were made for it lie in the outermost. */
  graph(graph: Graph): Graph {
    const out = this.#inside(graph);
    return this.#constants.length === 0 ? out : { ...out, constants: new Map([...out.constants, ...this.#constants]) };
  }

  #inside(graph: Graph): Graph {
    const nodes = graph.nodes.flatMap((original) => {
      const attrs = mapBodies(original.attrs, (body) => this.#inside(body));
      const node = attrs === original.attrs ? original : { ...original, attrs };
      return this.#looped(node) ?? [node];
    });
    return nodes.length === graph.nodes.length && nodes.every((n, i) => n === graph.nodes[i]) ? graph : { ...graph, nodes };
  }

  #looped(node: Node): readonly Node[] | undefined {
    const scan = scannedBy(node);
    const xs = node.inputs.slice(scan?.states).flatMap((v) => v ?? []);
    const [first] = xs;
    if (!scan || !first || [...xs, ...scan.body.outputs].some((x) => !rankedType(x))) return undefined;
    const nodes: Node[] = [];
    const add = (op: string, inputs: readonly Value[], y: Value, attrs: Node["attrs"] = {}): Value => {
      nodes.push(makeNode(op, inputs, [y], attrs, { origin: node.origin }));
      return y;
    };
    const turned = (x: Value, axis: number, y: Value): Value => add("Slice", [x, ...this.#ends(axis)], y);
    const axisOf = (k: number): number => positive(scan.axisOf(k), rankOf(xs[k]));
    const rows = this.#like(first, tensorType("i64", [1]));
    add("Shape", [first], rows, { start: int(axisOf(0)), end: int(axisOf(0) + 1) });
    const scanned = xs.map((x, k) => (scan.isTurned(k) ? turned(x, axisOf(k), this.#like(x)) : x));
    const body = this.#body(node, scan, scanned, axisOf);
    const behind: Node[] = [];
    const outputs = node.outputs.map((y, i) => (y && i >= scan.states ? this.#brought(y, i, scan, behind) : y));
    const inputs = [rows, undefined, ...node.inputs.slice(0, scan.states)];
    return [...nodes, makeNode("Loop", inputs, outputs, { body: graphAttr(body) }, { origin: node.origin }), ...behind];
  }

  /** A result as the Loop collects it: in the order of the rounds, along its first axis. What is left to do goes behind. */
  #brought(y: Value, i: number, { body, states, outAxisOf, isResultTurned }: Scanned, behind: Node[]): Value {
    const k = i - states;
    const rank = 1 + rankOf(body.outputs[i]);
    const axis = positive(outAxisOf(k), rank);
    const perm = [...Array(rank).keys()].slice(1);
    perm.splice(axis, 0, 0);
    let at = y;
    const through = (op: string, more: readonly Value[], attrs: Node["attrs"] = {}): void => {
      const from = this.#like(y, { kind: "unknown" });
      behind.unshift(makeNode(op, [from, ...more], [at], attrs, { origin: [y.name] }));
      at = from;
    };
    if (axis !== 0) through("Transpose", [], { perm: ints(perm) });
    if (isResultTurned(k)) through("Slice", this.#ends(0));
    return at;
  }

  /** The body of a Loop: what it was given of a round it takes itself. */
  #body({ origin }: Node, { body, states }: Scanned, scanned: readonly Value[], axisOf: (k: number) => number): Graph {
    const [round, goesOn] = [this.#named("round", "i64"), this.#named("goes_on", "bool")];
    const counted = this.#named("row", "i64");
    const rows = scanned.map((x, k) => makeNode("Gather", [x, counted], [body.inputs[states + k]], { axis: int(axisOf(k)) }, { origin }));
    const read = makeNode("read", [round], [counted], { value: dims([symbol(counted.name)]) }, { origin });
    return {
      ...body,
      inputs: [round, goesOn, ...body.inputs.slice(0, states)],
      outputs: [goesOn, ...body.outputs],
      nodes: [read, ...rows, ...body.nodes],
    };
  }

  /** Starts, ends, axes and steps of a Slice that turns an axis around. */
  #ends(axis: number): readonly Value[] {
    return [-1, Number.MIN_SAFE_INTEGER, axis, -1].map((n) => {
      const v = { name: this.#names.fresh("ends"), type: tensorType("i64", [1]) };
      this.#constants.push([v, constData(fromNumbers("i64", [1], [n]))]);
      return v;
    });
  }

  #like(v: Value, type: Value["type"] = v.type): Value {
    return { name: this.#names.fresh(v.name), type };
  }

  #named(name: string, dtype: TensorType["dtype"]): Value {
    return { name: this.#names.fresh(name), type: tensorType(dtype, []) };
  }
}

const rankOf = (v: Value): number => rankedType(v)?.shape.length ?? 0;
const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
