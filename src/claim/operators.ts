/**
 * The operators of a graph as the library would carry out each of them. From where they are claimed until units are made
 * an operator has two forms: what the graph goes on with, a call or the primitives it is taken apart into, and its node
 * here, which any row may answer, those among them that only stand beside a kernel. Values are what the two have in common:
 * whoever computes one is given the operators that make it.
 */
import type { ConstData, Graph, Node, Value } from "../ir/graph.js";
import { Names } from "../ir/rewrite/names.js";
import { answerOf, type Claim, type ClaimOptions } from "./claim.js";

export class Operators {
  readonly #graph: Graph;
  readonly #options: ClaimOptions;
  readonly #makers: ReadonlyMap<Value, Node>;
  readonly #places: ReadonlyMap<Node, number>;

  constructor(graph: Graph, options: ClaimOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#makers = new Map(graph.nodes.flatMap((n) => n.outputs.flatMap((v): [Value, Node][] => (v ? [[v, n]] : []))));
    this.#places = new Map(graph.nodes.map((n, i) => [n, i]));
  }

  /** The operator that makes a value. */
  makerOf(v: Value): Node | undefined {
    return this.#makers.get(v);
  }

  constant(v: Value): ConstData | undefined {
    return this.#graph.constants.get(v);
  }

  isGivenOut(v: Value): boolean {
    return this.#graph.outputs.includes(v);
  }

  /** Operators in an order in which every value is made before it is read. */
  inOrder(nodes: Iterable<Node>): Node[] {
    const placeOf = (n: Node): number => this.#places.get(n) ?? 0;
    return [...nodes].sort((a, b) => placeOf(a) - placeOf(b));
  }

  /** The row that takes a node, of whatever role, with explicit attributes; or a sentence saying why there is none. */
  callOf(node: Node): Claim | string {
    const rows = this.#options.target.rows.filter((r) => r.op === node.op);
    if (rows.length === 0) return `the library has no call for ${node.op}`;
    const answer = answerOf(node, rows, this.#graph, this.#options);
    return typeof answer === "string" ? `${node.op}: ${answer}` : answer;
  }

  /** Names that none of its values has. */
  names(): Names {
    return new Names(this.#graph);
  }
}
