/** Who makes and who reads each value of one graph, kept current while a sweep replaces its nodes. */
import type { Graph, Node, Value } from "../graph.js";
import { readsOf } from "../walk.js";

/** Who makes and who reads the values of a graph as it came; passes that leave a graph as it is ask the same one. */
interface Index {
  readonly producers: ReadonlyMap<Value, Node>;
  readonly counts: ReadonlyMap<Value, number>;
}

const indexCache = new WeakMap<Graph, Index>();

function indexOf(graph: Graph): Index {
  const known = indexCache.get(graph);
  if (known) return known;
  const producers = new Map<Value, Node>();
  const counts = new Map<Value, number>();
  const read = (v: Value): void => void counts.set(v, (counts.get(v) ?? 0) + 1);
  for (const node of graph.nodes) {
    for (const v of node.outputs) if (v) producers.set(v, node);
    readsOf(node).forEach(read);
  }
  graph.outputs.forEach(read);
  const index = { producers, counts };
  indexCache.set(graph, index);
  return index;
}

export class Ledger {
  readonly #before: Index;
  /** What has changed since; undefined where no node makes a value any more. */
  readonly #producers = new Map<Value, Node | undefined>();
  readonly #counts = new Map<Value, number>();
  /** A value that is gone, and the one that stands in for it. */
  readonly #replaced = new Map<Value, Value>();

  constructor(graph: Graph) {
    this.#before = indexOf(graph);
  }

  producer(v: Value): Node | undefined {
    return this.#producers.has(v) ? this.#producers.get(v) : this.#before.producers.get(v);
  }

  /** The node now makes its outputs. */
  made(node: Node): void {
    for (const v of node.outputs) if (v) this.#producers.set(v, node);
  }

  /** No node makes this value any more. */
  unmade(v: Value): void {
    this.#producers.set(v, undefined);
  }

  uses(v: Value): number {
    return this.#counts.get(v) ?? this.#before.counts.get(v) ?? 0;
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
    this.#counts.set(v, 0);
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
