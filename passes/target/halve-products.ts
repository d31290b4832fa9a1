import { tensorType } from "../../src/base/value-type.js";
import { isClaimable } from "../../src/claim/claim.js";
import { text } from "../../src/ir/attr.js";
import { rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { mapBodies, seenFrom } from "../../src/ir/walk.js";
import type { Stage, TargetContext } from "./stage.js";

const products: ReadonlySet<string> = new Set(["contract", "conv", "convtranspose"]);

/**
 * y = contract(a, b)  =>  y = cast(contract(cast(a, f16), cast(b, f16), acc=f16), f32)      likewise conv, convtranspose
 * with --precision fp16, for products that only show once operators are taken apart: an attention's, an einsum's, those of
 * a recurrent layer. A half that one product made is read by the next as it is.
 *
 * Skipped when an operand or the result is not f32 or leaves f16's range, and when no row takes the product in halves.
 */
export const halveProducts: Stage = {
  name: "halve-products",
  decide(now, context) {
    if (context.precision !== "fp16") return now;
    const graph = new Halving(now.wide, context, new Names(now.graph)).graph(now.graph, new Map());
    return graph === now.graph ? now : { ...now, graph };
  },
};

class Halving {
  readonly #wide: ReadonlySet<Value>;
  readonly #context: TargetContext;
  readonly #names: Names;

  constructor(wide: ReadonlySet<Value>, context: TargetContext, names: Names) {
    this.#wide = wide;
    this.#context = context;
    this.#names = names;
  }

  /** `halves` are the half forms there are, by the value they stand for; those made in a body stay in it. */
  graph(graph: Graph, halves: Map<Value, Value>): Graph {
    let changed = false;
    const nodes = graph.nodes.flatMap((node): readonly Node[] => {
      const attrs = mapBodies(node.attrs, (body) => this.#body(body, graph, halves));
      const now = this.#isProduct(node) ? this.#inHalves(node, graph, halves) : attrs === node.attrs ? [node] : [{ ...node, attrs }];
      changed ||= now.length !== 1 || now[0] !== node;
      return now;
    });
    return changed ? { ...graph, nodes } : graph;
  }

  #body(body: Graph, outer: Graph, halves: ReadonlyMap<Value, Value>): Graph {
    const inside = this.graph(seenFrom(body, outer), new Map(halves));
    return inside.nodes === body.nodes ? body : { ...body, nodes: inside.nodes };
  }

  #isProduct(node: Node): boolean {
    const all = [...node.inputs, ...node.outputs];
    return products.has(node.op) && all.every((v) => v !== undefined && rankedType(v)?.dtype === "f32" && !this.#wide.has(v));
  }

  #inHalves(node: Node, graph: Graph, halves: Map<Value, Value>): readonly Node[] {
    const made = new Map<Value, Value>();
    const half = (v: Value): Value => halves.get(v) ?? made.get(v) ?? this.#derived(v, made);
    const inputs = (node.inputs as Value[]).map(half);
    const before = [...made].map(([v, h]) => cast(v, h, "f16", node));
    const [y] = node.outputs as Value[];
    const result = this.#derived(y, made);
    const taken = { ...node, inputs, outputs: [result], attrs: { ...node.attrs, acc: text("f16") } };
    if (!isClaimable(taken, graph, this.#context)) return [node];
    made.forEach((h, v) => halves.set(v, h));
    return [...before, taken, cast(result, y, "f32", node)];
  }

  #derived(v: Value, made: Map<Value, Value>): Value {
    const half = { name: this.#names.fresh(v.name), type: tensorType("f16", rankedType(v)?.shape ?? []) };
    made.set(v, half);
    return half;
  }
}

function cast(x: Value, y: Value, to: "f16" | "f32", { origin }: Node): Node {
  return { op: "cast", inputs: [x], outputs: [y], attrs: nodeAttrs("cast", { to }), origin };
}
