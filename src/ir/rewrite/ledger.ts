/** Who makes and who reads each value of one graph, kept current while a sweep replaces its nodes. */
import type { Graph, Node, Value } from "../graph.js";
import { readsOf } from "../walk.js";

export class Ledger {
  readonly #producers = new Map<Value, Node>();
  readonly #counts = new Map<Value, number>();
  /** A value that is gone, and the one that stands in for it. */
  readonly #replaced = new Map<Value, Value>();

  constructor(graph: Graph) {
    for (const node of graph.nodes) {
      this.made(node);
      this.count(node, 1);
    }
    for (const v of graph.outputs) this.bump(v, 1);
  }

  producer(v: Value): Node | undefined {
    return this.#producers.get(v);
  }

  /** The node now makes its outputs. */
  made(node: Node): void {
    for (const v of node.outputs) if (v) this.#producers.set(v, node);
  }

  /** No node makes this value any more. */
  unmade(v: Value): void {
    this.#producers.delete(v);
  }

  uses(v: Value): number {
    return this.#counts.get(v) ?? 0;
  }

  /** Adds `by` uses to everything the node reads. */
  count(node: Node, by: number): void {
    for (const v of readsOf(node)) this.bump(v, by);
  }

  /** Adds `by` uses of a value; gives what is then left. */
  bump(v: Value, by: number): number {
    const now = this.uses(v) + by;
    this.#counts.set(v, now);
    return now;
  }

  /** From here on `by` is read wherever `v` was. */
  replace(v: Value, by: Value): void {
    this.#replaced.set(v, by);
    this.bump(by, this.uses(v));
    this.#counts.delete(v);
  }

  get anyReplaced(): boolean {
    return this.#replaced.size > 0;
  }

  /** What stands in for a value now; itself when nothing does. */
  resolve(v: Value): Value {
    let at = v;
    for (let next = this.#replaced.get(at); next; next = this.#replaced.get(at)) at = next;
    return at;
  }
}
