/** Rewrites that put other nodes in the place of one, in bodies too: what they make beside nodes, and the walk. */
import { fromNumbers } from "../src/base/float-formats.js";
import { tensorType } from "../src/base/value-type.js";
import { collectSymbols, constData } from "../src/ir/build.js";
import type { ConstData, Graph, Node, Value } from "../src/ir/graph.js";
import { Names } from "../src/ir/rewrite/names.js";
import { mapBodies } from "../src/ir/walk.js";

/** Names that nothing else has, and constants, which lie in the outermost graph. */
export class Besides {
  readonly constants: [Value, ConstData][] = [];
  readonly #names: Names;

  constructor(graph: Graph) {
    this.#names = new Names(graph);
  }

  /** A value named after another. */
  value(name: string, type: Value["type"] = { kind: "unknown" }): Value {
    return { name: this.#names.fresh(name), type };
  }

  /** A constant i64[1]. */
  integer(name: string, n: number): Value {
    const v = this.value(name, tensorType("i64", [1]));
    this.constants.push([v, constData(fromNumbers("i64", [1], [n]))]);
    return v;
  }
}

/** The graph with what `look` gives in the place of each node, where it gives something. */
export function byNode(graph: Graph, look: (node: Node, besides: Besides) => readonly Node[] | undefined): Graph {
  const besides = new Besides(graph);
  const inside = (g: Graph): Graph => {
    const nodes = g.nodes.flatMap((original) => {
      const attrs = mapBodies(original.attrs, inside);
      const node = attrs === original.attrs ? original : { ...original, attrs };
      return look(node, besides) ?? [node];
    });
    return nodes.length === g.nodes.length && nodes.every((n, i) => n === g.nodes[i]) ? g : { ...g, nodes };
  };
  const out = inside(graph);
  if (out === graph) return graph;
  const whole = { ...out, constants: new Map([...out.constants, ...besides.constants]) };
  return { ...whole, symbols: collectSymbols(whole) };
}
