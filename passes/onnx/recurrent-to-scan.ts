import { graphAttr, int, ints, tensorAttr, text, texts } from "../../src/ir/attr.js";
import { isConst } from "../../src/base/dim.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import type { DType } from "../../src/base/dtype.js";
import { tensorType } from "../../src/base/value-type.js";
import { constData, makeGraph, makeNode } from "../../src/ir/build.js";
import { intAttr, rankedType, textAttr, type Node, type Value } from "../../src/ir/graph.js";
import { byNode, type Besides } from "../by-node.js";
import type { Pass } from "../pass.js";

/**
 * y, h', c' = LSTM(x, w, r, b, _, h, c)  =>  h', c', y = Scan(h, c, x) { y, h, c = LSTM(Unsqueeze(x), w, r, b, _, h, c) }
 *
 * where the number of steps is open: a step of a layer is the layer over one step. Likewise GRU and RNN, from the end too; what
 * goes both ways is one layer each way, whose results stand side by side. Layers of a known number of steps stay as they are:
 * they are unrolled.
 *
 * Skipped with lengths of single sequences, batches in front (layout 1), and activations with parameters that go both ways.
 */
export const recurrentToScan: Pass = {
  name: "recurrent-to-scan",
  onCards: true,
  retypes: true,
  run: (graph) => byNode(graph, (node, besides) => (isOpen(node) ? new StepRewriter(besides).stepped(node) : undefined)),
};

/** Initial states by operator; their operands are the sixth and seventh. */
const states: Readonly<Record<string, number>> = { LSTM: 2, GRU: 1, RNN: 1 };

/** Operands that have an axis of directions in front: weights, biases, initial states, peepholes. */
const directed = [1, 2, 3, 5, 6, 7];

class StepRewriter {
  readonly #besides: Besides;
  readonly #nodes: Node[] = [];

  constructor(besides: Besides) {
    this.#besides = besides;
  }

  stepped(node: Node): readonly Node[] {
    const direction = textAttr(node, "direction") ?? "forward";
    if (direction !== "bidirectional") this.#scan(node, node.inputs, node.outputs, direction === "reverse");
    else this.#bothWays(node);
    return this.#nodes;
  }

  #bothWays(node: Node): void {
    const ways = [0, 1].map((d) => {
      const inputs = node.inputs.map((v, i) => (v && directed.includes(i) ? this.#one(v, d, node) : v));
      const outputs = node.outputs.map((v) => v && this.#besides.value(v.name));
      const own = node.attrs["activations"];
      const attrs = own?.kind === "texts" ? { ...node.attrs, activations: texts(halfOf(own.value, d)) } : node.attrs;
      this.#scan({ ...node, attrs }, inputs, outputs, d === 1);
      return outputs;
    });
    node.outputs.forEach((y, i) => {
      const [a, b] = ways.map((w) => w[i]);
      if (y && a && b) this.#add("Concat", [a, b], y, node, { axis: int(i === 0 ? 1 : 0) });
    });
  }

  /** One direction of an operand. */
  #one(v: Value, d: number, node: Node): Value {
    return this.#add(
      "Slice",
      [v, this.#besides.integer("at", d), this.#besides.integer("at", d + 1), this.#besides.integer("at", 0)],
      this.#besides.value(v.name),
      node,
    );
  }

  #scan(node: Node, inputs: Node["inputs"], outputs: Node["outputs"], isBack: boolean): void {
    const count = states[node.op];
    const [x, w, r, b, , h, c, p] = inputs;
    const type = x && rankedType(x);
    if (!x || !type) return;
    const size = intAttr(node, "hidden_size") ?? 0;
    const [, batch, width] = type.shape;
    const given = [h, c].slice(0, count).map((v) => v ?? this.#zeros(x, size, node));
    const state = tensorType(type.dtype, [1, batch, size]);
    const besides = this.#besides;
    const row = besides.value(x.name, tensorType(type.dtype, [batch, width]));
    const [wide, all, y] = [besides.value(x.name), besides.value(node.op), besides.value(node.op, state)];
    const [held, next] = [given, given].map((list) => list.map((v) => besides.value(v.name, state)));
    const own = { origin: node.origin };
    const step = [w, r, b, undefined, ...held, ...(p ? [p] : [])];
    const body = makeGraph({
      name: "step",
      symbols: [],
      inputs: [...held, row],
      outputs: [...next, y],
      nodes: [
        makeNode("Unsqueeze", [row, this.#besides.integer("at", 0)], [wide], {}, own),
        makeNode(node.op, [wide, ...step], [all, ...next], { ...node.attrs, direction: text("forward") }, own),
        makeNode("Squeeze", [all, this.#besides.integer("at", 0)], [y], {}, own),
      ],
    });
    const way = ints([isBack ? 1 : 0]);
    const attrs = { body: graphAttr(body), num_scan_inputs: int(1), scan_input_directions: way, scan_output_directions: way };
    const results = [...given.map((_, k) => outputs[k + 1]), outputs[0]];
    this.#nodes.push(makeNode("Scan", [...given, x], results, attrs, own));
  }

  /** A state of zeros for as many as x has in a batch. */
  #zeros(x: Value, size: number, node: Node): Value {
    const dtype: DType = rankedType(x)?.dtype ?? "f32";
    const batch = this.#add("Shape", [x], this.#besides.value("batch"), node, { start: int(1), end: int(2) });
    const shape = this.#add(
      "Concat",
      [this.#besides.integer("at", 1), batch, this.#besides.integer("at", size)],
      this.#besides.value("state"),
      node,
      { axis: int(0) },
    );
    const zero = constData(fromNumbers(dtype, [1], [0]));
    return this.#add("ConstantOfShape", [shape], this.#besides.value("state"), node, { value: tensorAttr(zero) });
  }

  #add(op: string, inputs: readonly Value[], y: Value, { origin }: Node, attrs: Node["attrs"] = {}): Value {
    this.#nodes.push(makeNode(op, inputs, [y], attrs, { origin }));
    return y;
  }
}

const halfOf = (list: readonly string[], d: number): readonly string[] => list.slice((d * list.length) / 2, ((d + 1) * list.length) / 2);

function isOpen(node: Node): boolean {
  if (states[node.op] === undefined) return false;
  const [steps] = rankedType(node.inputs[0])?.shape ?? [];
  if (steps === undefined || isConst(steps) || node.inputs[4] || (intAttr(node, "layout") ?? 0) !== 0) return false;
  const isTold = node.attrs["activation_alpha"] !== undefined || node.attrs["activation_beta"] !== undefined;
  return textAttr(node, "direction") !== "bidirectional" || !isTold;
}
