/**
 * A graph as a sweep has rebuilt it so far: the finished nodes in order, and who makes and reads what. What a visit
 * made takes a node's place, and what only that node needed goes. A value that is an output keeps its name whatever
 * replaces it.
 */
import { makeNode } from "../build.js";
import type { ConstData, Graph, Node, Value } from "../graph.js";
import { Ledger } from "./ledger.js";
import type { Draft } from "./make.js";
import type { Names } from "./names.js";
import { exchangeReads, mapBodies, readsOf, runsAnyway } from "../walk.js";

/** What is to take a node's place. */
interface Replacement {
  /** What stands in for each output of the node. */
  readonly results: readonly (Value | undefined)[];
  /** Holds the results that are new, and the nodes that make them. */
  readonly draft: Draft;
}

export class Rebuilt {
  readonly #graph: Graph;
  readonly #ledger: Ledger;
  /** Those that were made. */
  readonly #constants = new Map<Value, ConstData>();
  readonly #outputs: ReadonlySet<Value>;
  /** How many nodes stand finished as they came, before anything changes. */
  #kept = 0;
  /** From then on: finished nodes in order, with a gap where one was dropped later, and the place of each. */
  readonly #done: (Node | undefined)[] = [];
  readonly #slots = new Map<Node, number>();
  #changed = false;
  /** A finished node may still read a replaced value. */
  #stale = false;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#ledger = new Ledger(graph);
    this.#outputs = new Set(graph.outputs);
  }

  /** The graph with everything replaced; the same object when nothing was. */
  graph(): Graph {
    if (!this.#changed) return this.#graph;
    const kept = this.#done.filter((n) => n !== undefined);
    const nodes = this.#stale ? kept.map((n) => this.#resolved(n)) : kept;
    const made = [...this.#constants].filter(([v]) => this.uses(v) > 0);
    const constants = made.length === 0 ? this.#graph.constants : new Map([...this.#graph.constants, ...made]);
    return { ...this.#graph, nodes, constants };
  }

  producer(v: Value): Node | undefined {
    return this.#ledger.producer(v);
  }

  constant(v: Value): ConstData | undefined {
    return this.#constants.get(v) ?? this.#graph.constants.get(v);
  }

  /** Reads of a value in this graph alone. */
  uses(v: Value): number {
    return this.#ledger.uses(v);
  }

  /** The node as it is by now: it reads what stands in for replaced values, and its bodies are swept. */
  current(original: Node, swept: (body: Graph) => Graph): Node {
    const read = this.#ledger.anyReplaced ? this.#resolved(original) : original;
    const attrs = mapBodies(read.attrs, swept);
    const node = attrs === read.attrs ? read : this.#withBodies(read, attrs);
    if (node !== original) this.#ledger.made(node);
    return node;
  }

  /** Whether this would change anything: an Identity that has to stay (an output that would be an input or a constant) does not. */
  isChange(node: Node, { results, draft }: Replacement): boolean {
    if (node.outputs.every((y, i) => !y || y === results[i])) return false;
    if (node.op !== "Identity" || node.outputs.length !== 1) return true;
    const [y, r] = [node.outputs[0], results[0]];
    return !y || !r || draft.has(r) || !this.#outputs.has(y) || this.#canRename(r);
  }

  /** The node comes next. */
  place(node: Node): void {
    if (this.#changed) this.#append(node);
    else this.#kept++;
  }

  #append(node: Node): void {
    this.#slots.set(node, this.#done.length);
    this.#done.push(node);
  }

  /** The node comes next, and is new. */
  #add(node: Node): void {
    this.#append(node);
    this.#ledger.made(node);
  }

  /** What stands finished gets slots, for from here on some of it may go. */
  #change(): void {
    if (this.#changed) return;
    this.#changed = true;
    this.#graph.nodes.slice(0, this.#kept).forEach((n) => this.#append(n));
  }

  /** What was made comes next, and bears the origins of `root` and of those among `asked` that go with it. */
  replace(root: Node, replacement: Replacement, asked: readonly Node[], names: () => Names): void {
    this.#change();
    const { swapped, aliases } = this.#standIns(root, replacement);
    const made = this.#publish(root, replacement, swapped, names);
    for (const node of made) this.#ledger.count(node, 1);
    for (const [y, r] of aliases) this.#alias(y, r, root);
    const dead = this.#remove(root);
    const origin = [...new Set([...asked.filter((n) => dead.has(n)).reverse(), root].flatMap((n) => n.origin))];
    for (const node of made) this.#add({ ...node, origin });
    for (const [y, r] of aliases) if (this.#outputs.has(y)) this.#keepOutput(y, r, origin);
  }

  #resolved(node: Node): Node {
    return exchangeReads(node, (v) => this.#ledger.resolve(v));
  }

  #withBodies(node: Node, attrs: Node["attrs"]): Node {
    const swept = { ...node, attrs };
    this.#ledger.count(node, -1);
    this.#ledger.count(swept, 1);
    this.#change();
    return swept;
  }

  /** A value some node of this graph computes and that is no output itself can take an output's name. */
  #canRename(v: Value): boolean {
    return this.#ledger.producer(v) !== undefined && !this.#outputs.has(v);
  }

  /** Made values that become an output of the node (`swapped`), and outputs that another value stands in for. */
  #standIns(
    root: Node,
    { results, draft }: Replacement,
  ): { readonly swapped: ReadonlyMap<Value, Value>; readonly aliases: readonly [Value, Value][] } {
    const swapped = new Map<Value, Value>();
    const aliases: [Value, Value][] = [];
    root.outputs.forEach((y, i) => {
      const r = results[i];
      if (!y || !r || r === y) return;
      const constant = draft.constants.has(r);
      const owned = draft.has(r) && !swapped.has(r) && !(constant && this.#outputs.has(y));
      if (owned) swapped.set(r, y);
      else aliases.push([y, r]);
    });
    return { swapped, aliases: aliases.map(([y, r]) => [y, swapped.get(r) ?? r]) };
  }

  #publish(root: Node, { results, draft }: Replacement, swapped: ReadonlyMap<Value, Value>, names: () => Names): readonly Node[] {
    const after = root.outputs.find((v) => v)?.name ?? root.op;
    const { nodes, constants } = draft.publish(names, after, results, swapped);
    for (const [v, data] of constants) {
      this.#ledger.unmade(v);
      this.#constants.set(v, data);
    }
    return nodes;
  }

  /** From here on `r` is read wherever `y` was; an output keeps its name, see `#keepOutput`. */
  #alias(y: Value, r: Value, root: Node): void {
    if (this.#outputs.has(y)) return void this.#ledger.bump(r, 1);
    if (this.#ledger.producer(y) === root) this.#ledger.unmade(y);
    this.#ledger.replace(y, r);
  }

  /** The producer of `r` makes the output `y` instead; where it cannot, an Identity does. */
  #keepOutput(y: Value, r: Value, origin: readonly string[]): void {
    const node = this.#canRename(r) ? this.#ledger.producer(r) : undefined;
    const slot = node && this.#slots.get(node);
    if (!node || slot === undefined) return this.#add({ ...makeNode("Identity", [r], [y]), origin });
    const renamed = { ...node, outputs: node.outputs.map((v) => (v === r ? y : v)) };
    this.#done[slot] = renamed;
    this.#slots.set(renamed, slot);
    this.#ledger.made(renamed);
    this.#ledger.unmade(r);
    this.#ledger.bump(r, -1);
    this.#ledger.replace(r, y);
    this.#stale = true;
  }

  /** Takes a replaced node out, and whatever only it needed. */
  #remove(root: Node): Set<Node> {
    const dead = new Set<Node>();
    const work: Node[] = [root];
    for (let node = work.pop(); node; node = work.pop()) {
      dead.add(node);
      for (const v of readsOf(node)) {
        const left = this.#ledger.bump(v, -1);
        const by = left === 0 ? this.#ledger.producer(v) : undefined;
        const slot = by && this.#slots.get(by);
        if (!by || slot === undefined || dead.has(by) || runsAnyway(by) || !by.outputs.every((o) => !o || this.uses(o) === 0)) continue;
        this.#done[slot] = undefined;
        for (const o of by.outputs) if (o) this.#ledger.unmade(o);
        work.push(by);
      }
    }
    return dead;
  }
}
