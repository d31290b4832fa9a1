import { dims, graphAttr, int, ints } from "../../src/ir/attr.js";
import { symbol } from "../../src/base/dim.js";
import { tensorType, type TensorType } from "../../src/base/value-type.js";
import { makeNode } from "../../src/ir/build.js";
import { intAttr, intsAttr, rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { byNode, type Besides } from "../by-node.js";
import type { Pass } from "../pass.js";

/**
 * Scan(s.., x..) { body(s.., x..) -> (s.., y..) }  =>  Loop(extent of x, , s..) { body(s.., Gather(x, round)..) -> (s.., y..) }
 *
 * where a direction from the end turns x around before, or y behind, and an axis of y other than the first is brought to its
 * place behind. In bodies likewise. The round is read as the integer that the host counts, so that a row is a slice.
 *
 * Skipped where the rank of what is scanned, or of what a round gives, is unknown, and where the body takes or gives another number
 * of values.
 */
export const scanToLoop: Pass = {
  name: "scan-to-loop",
  onCards: true,
  retypes: true,
  run: (graph) => byNode(graph, (node, besides) => new ScanRewriter(besides).looped(node)),
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
  const states = node.inputs.length - count;
  const { inputs, outputs } = body.value;
  if (states < 0 || inputs.length !== node.inputs.length || outputs.length < Math.max(states, node.outputs.length)) return undefined;
  const at = (name: string) => (k: number) => Number(intsAttr(node, name)?.[k] ?? 0);
  const turned = (name: string) => (k: number) => at(name)(k) === 1;
  return {
    states,
    body: body.value,
    axisOf: at("scan_input_axes"),
    isTurned: turned("scan_input_directions"),
    outAxisOf: at("scan_output_axes"),
    isResultTurned: turned("scan_output_directions"),
  };
}

class ScanRewriter {
  readonly #besides: Besides;

  constructor(besides: Besides) {
    this.#besides = besides;
  }

  looped(node: Node): readonly Node[] | undefined {
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
    return [-1, Number.MIN_SAFE_INTEGER, axis, -1].map((n) => this.#besides.integer("ends", n));
  }

  #like(v: Value, type: Value["type"] = v.type): Value {
    return this.#besides.value(v.name, type);
  }

  #named(name: string, dtype: TensorType["dtype"]): Value {
    return this.#besides.value(name, tensorType(dtype, []));
  }
}

const rankOf = (v: Value): number => rankedType(v)?.shape.length ?? 0;
const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
