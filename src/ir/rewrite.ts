/**
 * One sweep over a graph that replaces nodes, in time linear in its size.
 *
 * Nodes are visited in order and patterns look backwards (`bn.x.producer("Conv")`), so everything a pattern sees is
 * final. Producers and use counts stay current while nodes are replaced: a chain folds in one sweep. What nobody reads
 * any more after a replacement is dropped at once, and its origin passes to the nodes that took its place.
 */
import type { Dim } from "../base/dim.js";
import { tensorType, type ValueType } from "../base/value-type.js";
import { makeNode } from "./build.js";
import type { ConstData, Graph, Guard, Node, Value } from "./graph.js";
import { Names } from "./names.js";
import {
  signatures,
  viewAny,
  viewNode,
  ValueView,
  type AnyView,
  type Fields,
  type NodeView,
  type Surroundings,
  type ViewedOp,
} from "./views.js";
import { exchangeReads, mapBodies, readsOf } from "./walk.js";

/** What a sweep knows beyond the graph: how to type a made node, and extents found by inference. */
export interface RewriteContext {
  /** Types of a made node's outputs; `unknown` where nothing can be said. */
  typesOf(node: Node, around: Surroundings): readonly ValueType[];
  extentsOf(v: Value, around: Surroundings): readonly Dim[] | undefined;
}

/** What takes the place of a node's outputs, in order; undefined leaves the node as it is. */
export type Outcome = ValueView | readonly (ValueView | undefined)[] | undefined;

export interface MakeCore {
  /** A constant called after a value, or by a name of its own. */
  constant(data: ConstData, like?: ValueView | string): ValueView;
  /** A node of any operator; types are inferred unless given. */
  node(
    op: string,
    inputs: readonly (ValueView | undefined)[],
    attrs?: Node["attrs"],
    more?: { outputs?: number; types?: readonly ValueType[] },
  ): ValueView[];
  guard(guard: Guard): void;
  /** Constants, extents, producers and uses as they are now. */
  readonly facts: Surroundings;
}

export type Make = MakeCore & { readonly [K in ViewedOp]: (fields: Fields<K>) => ValueView };

/** Replaces nodes of one operator. Returns the same object when nothing matched. */
export function rewrite<K extends ViewedOp>(
  graph: Graph,
  op: K,
  context: RewriteContext,
  fn: (view: NodeView<K>, make: Make) => Outcome,
): Graph {
  return sweep(graph, context, (node, around, make) => {
    const view = node.op === op ? viewNode(op, node, around) : undefined;
    return view && fn(view, make);
  });
}

/** Replaces nodes of any operator. Returns the same object when nothing matched. */
export function rewriteAny(graph: Graph, context: RewriteContext, fn: (view: AnyView, make: Make) => Outcome): Graph {
  return sweep(graph, context, (node, around, make) => fn(viewAny(node, around), make));
}

type Visit = (node: Node, around: Surroundings, make: Make) => Outcome;

function sweep(graph: Graph, context: RewriteContext, visit: Visit): Graph {
  const guards: Guard[] = [];
  const names = { of: undefined as Names | undefined };
  const shared: Shared = { context, visit, guards, names: () => (names.of ??= new Names(graph)) };
  const out = new Scope(graph, shared).run();
  return guards.length > 0 ? { ...out, guards: [...out.guards, ...guards] } : out;
}

interface Shared {
  readonly context: RewriteContext;
  readonly visit: Visit;
  readonly guards: Guard[];
  names(): Names;
}

/** Values and nodes made while one node is looked at; they get names and a place only when the node is replaced. */
interface Draft {
  readonly nodes: Node[];
  readonly constants: Map<Value, ConstData>;
  /** Name each made value is to be called after. */
  readonly like: Map<Value, string>;
  /** Names wished for as they are; taken ones get a prime. */
  readonly named: Map<Value, string>;
  readonly guards: Guard[];
}

class Scope implements Surroundings {
  readonly #graph: Graph;
  readonly #shared: Shared;
  readonly #parent: Scope | undefined;
  readonly #done: (Node | undefined)[] = [];
  readonly #slots = new Map<Node, number>();
  readonly #producers = new Map<Value, Node>();
  readonly #counts = new Map<Value, number>();
  readonly #constants: Map<Value, ConstData>;
  readonly #outputs: Set<Value>;
  /** A value that is gone, and the one that stands in for it. */
  readonly #replaced = new Map<Value, Value>();
  #touched: Node[] = [];
  #draft: Draft = emptyDraft();
  readonly #make: Make;
  #changed = false;
  /** A finished node may still read a replaced value. */
  #stale = false;

  constructor(graph: Graph, shared: Shared, parent?: Scope) {
    this.#graph = graph;
    this.#shared = shared;
    this.#parent = parent;
    this.#constants = new Map(graph.constants);
    this.#outputs = new Set(graph.outputs);
    for (const node of graph.nodes) {
      for (const v of node.outputs) if (v) this.#producers.set(v, node);
      this.#count(node, 1);
    }
    for (const v of graph.outputs) this.#bump(v, 1);
    this.#make = this.#maker();
  }

  run(): Graph {
    for (const node of this.#graph.nodes) this.#step(node);
    if (!this.#changed) return this.#graph;
    const resolve = (v: Value): Value => this.#resolve(v);
    const nodes = this.#done.filter((n) => n !== undefined).map((n) => (this.#stale ? exchangeReads(n, resolve) : n));
    const constants = new Map([...this.#constants].filter(([v]) => this.#graph.constants.has(v) || this.uses(v) > 0));
    return { ...this.#graph, nodes, constants };
  }

  producer(v: Value): Node | undefined {
    const node = this.#draft.nodes.find((n) => n.outputs.includes(v)) ?? this.#producers.get(v);
    if (node) this.#touched.push(node);
    return node;
  }

  constant(v: Value): ConstData | undefined {
    return this.#draft.constants.get(v) ?? this.#constants.get(v) ?? this.#parent?.constant(v);
  }

  uses(v: Value): number {
    const here = this.#counts.get(v) ?? 0;
    return this.#parent && !this.#producers.has(v) && !this.#constants.has(v) ? here + this.#parent.uses(v) : here;
  }

  extents(v: Value): readonly Dim[] | undefined {
    return this.#shared.context.extentsOf(v, this);
  }

  #step(original: Node): void {
    let node = this.#replaced.size > 0 ? exchangeReads(original, (v) => this.#resolve(v)) : original;
    const attrs = mapBodies(node.attrs, (g) => new Scope(g, this.#shared, this).run());
    if (attrs !== node.attrs) {
      this.#count(node, -1);
      node = { ...node, attrs };
      this.#count(node, 1);
      this.#changed = true;
    }
    this.#touched = [];
    this.#draft = emptyDraft();
    if (node !== original) for (const v of node.outputs) if (v) this.#producers.set(v, node);
    const outcome = this.#shared.visit(node, this, this.#make);
    const results = outcome === undefined ? undefined : outcome instanceof ValueView ? [outcome] : outcome;
    if (results && this.#isChange(node, results)) this.#commit(node, results);
    else this.#place(node);
    this.#draft = emptyDraft();
  }

  /** An Identity that has to stay (an output that would be an input or a constant) is no change. */
  #isChange(node: Node, results: readonly (ValueView | undefined)[]): boolean {
    if (node.outputs.every((y, i) => !y || y === results[i]?.value)) return false;
    if (node.op !== "Identity" || node.outputs.length !== 1) return true;
    const [y, r] = [node.outputs[0], results[0]?.value];
    return !y || !r || this.#isDraft(r) || !this.#outputs.has(y) || this.#canRename(r);
  }

  #isDraft(v: Value): boolean {
    return this.#draft.constants.has(v) || this.#draft.nodes.some((n) => n.outputs.includes(v));
  }

  /** A value some node of this graph computes and that is no output itself can take an output's name. */
  #canRename(v: Value): boolean {
    return this.#producers.has(v) && !this.#outputs.has(v);
  }

  #place(node: Node): void {
    this.#slots.set(node, this.#done.length);
    this.#done.push(node);
    for (const v of node.outputs) if (v) this.#producers.set(v, node);
  }

  #commit(root: Node, results: readonly (ValueView | undefined)[]): void {
    this.#changed = true;
    const swapped = new Map<Value, Value>();
    const aliases: [Value, Value][] = [];
    root.outputs.forEach((y, i) => {
      const r = results[i]?.value;
      if (!y || !r || r === y) return;
      const constant = this.#draft.constants.has(r);
      const owned = this.#isDraft(r) && !swapped.has(r) && !(constant && this.#outputs.has(y));
      if (owned) swapped.set(r, y);
      else aliases.push([y, r]);
    });
    this.#shared.guards.push(...this.#draft.guards);
    const made = this.#publish(root, results, swapped);
    for (const node of made) this.#count(node, 1);
    for (const [y, r] of aliases) this.#alias(y, swapped.get(r) ?? r, root);
    const dead = this.#remove(root);
    const origin = [...new Set([...this.#touched.filter((n) => dead.has(n)).reverse(), root].flatMap((n) => n.origin))];
    for (const node of made) this.#place({ ...node, origin });
    for (const [y, r] of aliases) this.#keepOutput(y, swapped.get(r) ?? r, origin);
  }

  /** Names what was made; a made value that replaces an output becomes that very output. */
  #publish(root: Node, results: readonly (ValueView | undefined)[], swapped: ReadonlyMap<Value, Value>): Node[] {
    const after = root.outputs.find((v) => v)?.name ?? root.op;
    const rename = (v: Value): void => {
      if (v.name !== "") return;
      const names = this.#shared.names();
      const wish = this.#draft.named.get(v);
      (v as { name: string }).name =
        wish !== undefined && names.take(wish) ? wish : names.fresh(wish ?? (this.#draft.like.get(v) || after));
    };
    const read = new Set([...this.#draft.nodes.flatMap(readsOf), ...results.map((r) => r?.value)]);
    for (const [v, data] of this.#draft.constants) {
      if (!read.has(v)) continue;
      const y = swapped.get(v);
      if (y) this.#producers.delete(y);
      else rename(v);
      this.#constants.set(y ?? v, data);
    }
    const exchange = (v: Value): Value => swapped.get(v) ?? v;
    return this.#draft.nodes.map((n) => {
      const outputs = n.outputs.map((v) => v && exchange(v));
      outputs.forEach((v) => v && rename(v));
      return { ...exchangeReads(n, exchange), outputs };
    });
  }

  /** From here on `r` is read wherever `y` was; an output keeps its name, see `#keepOutput`. */
  #alias(y: Value, r: Value, root: Node): void {
    if (this.#outputs.has(y)) return void this.#bump(r, 1);
    if (this.#producers.get(y) === root) this.#producers.delete(y);
    this.#replaced.set(y, r);
    this.#bump(r, this.#counts.get(y) ?? 0);
    this.#counts.delete(y);
  }

  #keepOutput(y: Value, r: Value, origin: readonly string[]): void {
    if (!this.#outputs.has(y)) return;
    if (!this.#canRename(r)) return this.#place({ ...makeNode("Identity", [r], [y]), origin });
    const node = this.#producers.get(r);
    const slot = node && this.#slots.get(node);
    if (!node || slot === undefined) return this.#place({ ...makeNode("Identity", [r], [y]), origin });
    const renamed = { ...node, outputs: node.outputs.map((v) => (v === r ? y : v)) };
    this.#done[slot] = renamed;
    this.#slots.set(renamed, slot);
    for (const v of renamed.outputs) if (v) this.#producers.set(v, renamed);
    this.#producers.delete(r);
    this.#replaced.set(r, y);
    this.#bump(y, (this.#counts.get(r) ?? 1) - 1);
    this.#counts.delete(r);
    this.#stale = true;
  }

  /** Takes a replaced node out, and whatever only it needed. */
  #remove(root: Node): Set<Node> {
    const dead = new Set<Node>();
    const work: Node[] = [root];
    for (let node = work.pop(); node; node = work.pop()) {
      dead.add(node);
      for (const v of readsOf(node)) {
        const left = this.#bump(v, -1);
        const by = left === 0 ? this.#producers.get(v) : undefined;
        const slot = by && this.#slots.get(by);
        if (!by || slot === undefined || dead.has(by) || !by.outputs.every((o) => !o || this.uses(o) === 0)) continue;
        this.#done[slot] = undefined;
        for (const o of by.outputs) if (o) this.#producers.delete(o);
        work.push(by);
      }
    }
    return dead;
  }

  #resolve(v: Value): Value {
    let at = v;
    for (let next = this.#replaced.get(at); next; next = this.#replaced.get(at)) at = next;
    return at;
  }

  #count(node: Node, by: number): void {
    for (const v of readsOf(node)) this.#bump(v, by);
  }

  #bump(v: Value, by: number): number {
    const now = (this.#counts.get(v) ?? 0) + by;
    this.#counts.set(v, now);
    return now;
  }

  #maker(): Make {
    const core: MakeCore = {
      constant: (data, like) => {
        const v: Value = { name: "", type: tensorType(data.dtype, data.shape) };
        this.#draft.constants.set(v, data);
        if (typeof like === "string") this.#draft.named.set(v, like);
        else if (like) this.#draft.like.set(v, like.name || (this.#draft.like.get(like.value) ?? ""));
        return new ValueView(v, this);
      },
      node: (op, inputs, attrs = {}, more = {}) => {
        const reads = inputs.map((v) => v?.value);
        while (reads.length > 0 && reads[reads.length - 1] === undefined) reads.pop();
        const untyped = makeNode(
          op,
          reads,
          new Array(more.outputs ?? more.types?.length ?? 1).fill({ name: "", type: { kind: "unknown" } }),
          attrs,
        );
        const types = more.types ?? this.#shared.context.typesOf(untyped, this);
        const node = { ...untyped, outputs: untyped.outputs.map((_, i): Value => ({ name: "", type: types[i] ?? { kind: "unknown" } })) };
        this.#draft.nodes.push(node);
        return node.outputs.map((v) => new ValueView(v, this));
      },
      guard: (guard) => void this.#draft.guards.push(guard),
      facts: this,
    };
    const ops = Object.fromEntries(
      (Object.keys(signatures) as ViewedOp[]).map((op) => [
        op,
        (fields: Readonly<Record<string, ValueView | undefined>> & { attrs?: Node["attrs"] }) =>
          core.node(
            op,
            signatures[op].map((name) => fields[name.replace("?", "")]),
            fields.attrs,
          )[0],
      ]),
    );
    return { ...core, ...ops } as Make;
  }
}

function emptyDraft(): Draft {
  return { nodes: [], constants: new Map(), like: new Map(), named: new Map(), guards: [] };
}

/** Drops nodes and constants that no output needs, in bodies too; the same object when there are none. */
export function sweepDead(graph: Graph): Graph {
  const live = new Set<Value>(graph.outputs);
  const kept: Node[] = [];
  let changed = false;
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((v) => v && live.has(v))) {
      changed = true;
      continue;
    }
    const attrs = mapBodies(node.attrs, sweepDead);
    const outputs = trimOutputs(node, live);
    changed ||= attrs !== node.attrs || outputs !== node.outputs;
    kept.push(attrs === node.attrs && outputs === node.outputs ? node : { ...node, attrs, outputs });
    for (const v of readsOf(kept[kept.length - 1])) live.add(v);
  }
  const constants = new Map([...graph.constants].filter(([v]) => live.has(v)));
  changed ||= constants.size !== graph.constants.size;
  return changed ? { ...graph, nodes: kept.reverse(), constants } : graph;
}

/** Operators whose outputs after the first may be left out without changing the first. */
const trimmable: ReadonlySet<string> = new Set(["Dropout", "MaxPool", "LayerNormalization", "Unique"]);

/** Optional outputs at the end that nobody reads (a mask, indices) are not asked for. */
function trimOutputs({ op, outputs }: Node, live: ReadonlySet<Value>): Node["outputs"] {
  let n = trimmable.has(op) ? outputs.length : 0;
  while (n > 1 && !(outputs[n - 1] && live.has(outputs[n - 1] as Value))) n--;
  return n === 0 || n === outputs.length ? outputs : outputs.slice(0, n);
}
