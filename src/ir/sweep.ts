/**
 * The sweep itself: it visits the nodes of one graph in order, a nested one for each body, and puts what the visit
 * makes in a node's place. A value that is an output keeps its name whatever replaces it.
 */
import type { Dim } from "../base/dim.js";
import { makeNode } from "./build.js";
import type { ConstData, Graph, Guard, Node, Value } from "./graph.js";
import { Ledger } from "./ledger.js";
import { Draft, makeInto, type Make, type Outcome, type RewriteContext } from "./make.js";
import type { Names } from "./names.js";
import { ValueView, type Surroundings } from "./views.js";
import { exchangeReads, mapBodies, readsOf } from "./walk.js";

/** Looks at one node; what it returns takes the node's place. */
export type Visit = (node: Node, around: Surroundings, make: Make) => Outcome;

/** What the sweeps over a graph and its bodies have in common. */
export interface Shared {
  readonly context: RewriteContext;
  readonly visit: Visit;
  readonly guards: Guard[];
  names(): Names;
}

type Results = readonly (ValueView | undefined)[];

export class Sweep implements Surroundings {
  readonly #graph: Graph;
  readonly #shared: Shared;
  readonly #parent: Sweep | undefined;
  readonly #ledger: Ledger;
  readonly #constants: Map<Value, ConstData>;
  readonly #outputs: ReadonlySet<Value>;
  readonly #make: Make;
  /** Finished nodes in order, with a gap where one was dropped later, and the place of each. */
  readonly #done: (Node | undefined)[] = [];
  readonly #slots = new Map<Node, number>();
  #draft = new Draft();
  /** Producers that the visit asked for. */
  #touched: Node[] = [];
  #changed = false;
  /** A finished node may still read a replaced value. */
  #stale = false;

  constructor(graph: Graph, shared: Shared, parent?: Sweep) {
    this.#graph = graph;
    this.#shared = shared;
    this.#parent = parent;
    this.#ledger = new Ledger(graph);
    this.#constants = new Map(graph.constants);
    this.#outputs = new Set(graph.outputs);
    this.#make = makeInto(() => this.#draft, this, shared.context);
  }

  /** The graph with everything replaced; the same object when nothing was. */
  run(): Graph {
    for (const node of this.#graph.nodes) this.#step(node);
    if (!this.#changed) return this.#graph;
    const kept = this.#done.filter((n) => n !== undefined);
    const nodes = this.#stale ? kept.map((n) => this.#resolved(n)) : kept;
    const constants = new Map([...this.#constants].filter(([v]) => this.#graph.constants.has(v) || this.uses(v) > 0));
    return { ...this.#graph, nodes, constants };
  }

  producer(v: Value): Node | undefined {
    const node = this.#draft.producer(v) ?? this.#ledger.producer(v);
    if (node) this.#touched.push(node);
    return node;
  }

  constant(v: Value): ConstData | undefined {
    return this.#draft.constants.get(v) ?? this.#constants.get(v) ?? this.#parent?.constant(v);
  }

  uses(v: Value): number {
    const here = this.#ledger.uses(v);
    return this.#parent && !this.#ledger.producer(v) && !this.#constants.has(v) ? here + this.#parent.uses(v) : here;
  }

  extents(v: Value): readonly Dim[] | undefined {
    return this.#shared.context.extentsOf(v, this);
  }

  #resolved(node: Node): Node {
    return exchangeReads(node, (v) => this.#ledger.resolve(v));
  }

  #step(original: Node): void {
    const node = this.#current(original);
    if (node !== original) this.#ledger.made(node);
    this.#touched = [];
    this.#draft = new Draft();
    const outcome = this.#shared.visit(node, this, this.#make);
    const results = outcome instanceof ValueView ? [outcome] : outcome;
    if (results && this.#isChange(node, results)) this.#commit(node, results);
    else this.#place(node);
    this.#draft = new Draft();
  }

  /** The node as it is by now: it reads what stands in for replaced values, and its bodies have been swept. */
  #current(original: Node): Node {
    const node = this.#ledger.anyReplaced ? this.#resolved(original) : original;
    const attrs = mapBodies(node.attrs, (g) => new Sweep(g, this.#shared, this).run());
    if (attrs === node.attrs) return node;
    const swept = { ...node, attrs };
    this.#ledger.count(node, -1);
    this.#ledger.count(swept, 1);
    this.#changed = true;
    return swept;
  }

  /** An Identity that has to stay (an output that would be an input or a constant) is no change. */
  #isChange(node: Node, results: Results): boolean {
    if (node.outputs.every((y, i) => !y || y === results[i]?.value)) return false;
    if (node.op !== "Identity" || node.outputs.length !== 1) return true;
    const [y, r] = [node.outputs[0], results[0]?.value];
    return !y || !r || this.#draft.has(r) || !this.#outputs.has(y) || this.#canRename(r);
  }

  /** A value some node of this graph computes and that is no output itself can take an output's name. */
  #canRename(v: Value): boolean {
    return this.#ledger.producer(v) !== undefined && !this.#outputs.has(v);
  }

  #place(node: Node): void {
    this.#slots.set(node, this.#done.length);
    this.#done.push(node);
    this.#ledger.made(node);
  }

  #commit(root: Node, results: Results): void {
    this.#changed = true;
    this.#shared.guards.push(...this.#draft.guards);
    const { swapped, aliases } = this.#replacements(root, results);
    const made = this.#publish(root, results, swapped);
    for (const node of made) this.#ledger.count(node, 1);
    for (const [y, r] of aliases) this.#alias(y, r, root);
    const dead = this.#remove(root);
    const origin = [...new Set([...this.#touched.filter((n) => dead.has(n)).reverse(), root].flatMap((n) => n.origin))];
    for (const node of made) this.#place({ ...node, origin });
    for (const [y, r] of aliases) if (this.#outputs.has(y)) this.#keepOutput(y, r, origin);
  }

  /** Made values that become an output of the node (`swapped`), and outputs that another value stands in for. */
  #replacements(root: Node, results: Results): { swapped: ReadonlyMap<Value, Value>; aliases: readonly [Value, Value][] } {
    const swapped = new Map<Value, Value>();
    const aliases: [Value, Value][] = [];
    root.outputs.forEach((y, i) => {
      const r = results[i]?.value;
      if (!y || !r || r === y) return;
      const constant = this.#draft.constants.has(r);
      const owned = this.#draft.has(r) && !swapped.has(r) && !(constant && this.#outputs.has(y));
      if (owned) swapped.set(r, y);
      else aliases.push([y, r]);
    });
    return { swapped, aliases: aliases.map(([y, r]) => [y, swapped.get(r) ?? r]) };
  }

  #publish(root: Node, results: Results, swapped: ReadonlyMap<Value, Value>): readonly Node[] {
    const after = root.outputs.find((v) => v)?.name ?? root.op;
    const values = results.map((r) => r?.value);
    const { nodes, constants } = this.#draft.publish(this.#shared.names, after, values, swapped);
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
    if (!node || slot === undefined) return this.#place({ ...makeNode("Identity", [r], [y]), origin });
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
        if (!by || slot === undefined || dead.has(by) || !by.outputs.every((o) => !o || this.uses(o) === 0)) continue;
        this.#done[slot] = undefined;
        for (const o of by.outputs) if (o) this.#ledger.unmade(o);
        work.push(by);
      }
    }
    return dead;
  }
}
