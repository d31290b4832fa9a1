/**
 * What a rewrite makes of a node: new nodes and constants, drafted while the node is looked at. They get names and a
 * place only when the node is replaced; a pattern that changes its mind leaves nothing behind.
 */
import { tensorType, type ValueType } from "../../base/value-type.js";
import { makeNode } from "../build.js";
import type { Fact } from "../infer/facts.js";
import type { ConstData, Guard, Node, Value } from "../graph.js";
import type { Names } from "./names.js";
import { signatures, ValueView, type Fields, type Surroundings, type ViewedOp } from "./views.js";
import { exchangeReads, readsOf } from "../walk.js";

/** What a sweep knows beyond the graph: how to type a made node, and facts found by inference. */
export interface RewriteContext {
  /** Types of a made node's outputs; `unknown` where nothing can be said. */
  typesOf(node: Node, around: Surroundings): readonly ValueType[];
  factOf(v: Value): Fact | undefined;
}

/** What takes the place of a node's outputs, in order; undefined leaves the node as it is. */
export type Outcome = ValueView | readonly (ValueView | undefined)[] | undefined;

interface MakeCore {
  /** A constant called after a value, or by a name of its own. */
  constant(data: ConstData, like?: ValueView | string): ValueView;
  /** A node of any operator; types are inferred unless given, and results are called after the node replaced unless named. */
  node(
    op: string,
    inputs: readonly (ValueView | undefined)[],
    attrs?: Node["attrs"],
    more?: { outputs?: number; types?: readonly ValueType[]; name?: string },
  ): ValueView[];
  guard(guard: Guard): void;
  /** Constants, facts, producers and uses as they are now. */
  readonly facts: Surroundings;
}

export type Make = MakeCore & { readonly [K in ViewedOp]: (fields: Fields<K>) => ValueView };

/** Values and nodes made while one node is looked at. */
export class Draft {
  readonly nodes: Node[] = [];
  readonly constants = new Map<Value, ConstData>();
  readonly guards: Guard[] = [];
  /** Name each made value is to be called after. */
  readonly #like = new Map<Value, string>();
  /** Names wished for as they are; taken ones get a prime. */
  readonly #named = new Map<Value, string>();

  /** Whether nothing was put into it: it can serve the next node. */
  get isBlank(): boolean {
    return this.nodes.length === 0 && this.constants.size === 0 && this.guards.length === 0;
  }

  producer(v: Value): Node | undefined {
    return this.nodes.find((n) => n.outputs.includes(v));
  }

  has(v: Value): boolean {
    return this.constants.has(v) || this.producer(v) !== undefined;
  }

  addConstant(data: ConstData, like: ValueView | string | undefined): Value {
    const v: Value = { name: "", type: tensorType(data.dtype, data.shape) };
    this.constants.set(v, data);
    if (typeof like === "string") this.#named.set(v, like);
    else if (like) this.#like.set(v, like.name || (this.#like.get(like.value) ?? ""));
    return v;
  }

  addNode(node: Node, name: string | undefined): void {
    this.nodes.push(node);
    const [first] = node.outputs;
    if (name !== undefined && first) this.#named.set(first, name);
  }

  /**
   * Names what was made, after the given name unless it was asked otherwise. A made value that replaces an output
   * (`swapped`) becomes that very output. Constants that nothing of the draft reads are left out.
   */
  publish(names: () => Names, after: string, results: readonly (Value | undefined)[], swapped: ReadonlyMap<Value, Value>) {
    const exchange = (v: Value): Value => swapped.get(v) ?? v;
    const read = new Set([...this.nodes.flatMap(readsOf), ...results]);
    const constants = new Map<Value, ConstData>();
    for (const [v, data] of this.constants) {
      if (!read.has(v)) continue;
      if (!swapped.has(v)) this.#name(v, names, after);
      constants.set(exchange(v), data);
    }
    const nodes = this.nodes.map((n) => {
      const outputs = n.outputs.map((v) => v && exchange(v));
      for (const v of outputs) if (v) this.#name(v, names, after);
      return { ...exchangeReads(n, exchange), outputs };
    });
    return { nodes, constants };
  }

  #name(v: Value, namesOf: () => Names, after: string): void {
    if (v.name !== "") return;
    const names = namesOf();
    const wish = this.#named.get(v);
    (v as { name: string }).name = wish !== undefined && names.take(wish) ? wish : names.fresh(wish ?? (this.#like.get(v) || after));
  }
}

/** The functions a pattern makes things with; they go to the draft that is `current` when they are called. */
export function makeInto(current: () => Draft, around: Surroundings, context: RewriteContext): Make {
  const core: MakeCore = {
    constant: (data, like) => new ValueView(current().addConstant(data, like), around),
    node: (op, inputs, attrs = {}, more = {}) => {
      const made = typedNode(op, inputs, attrs, more, (node) => context.typesOf(node, around));
      current().addNode(made, more.name);
      return made.outputs.map((v) => new ValueView(v, around));
    },
    guard: (guard) => void current().guards.push(guard),
    facts: around,
  };
  return Object.assign(Object.create(byOperator) as object, core) as Make;
}

const nameless: Value = { name: "", type: { kind: "unknown" } };

function typedNode(
  op: string,
  inputs: readonly (ValueView | undefined)[],
  attrs: Node["attrs"],
  more: { readonly outputs?: number; readonly types?: readonly ValueType[] },
  typesOf: (node: Node) => readonly ValueType[],
) {
  const reads = inputs.map((v) => v?.value);
  while (reads.length > 0 && reads[reads.length - 1] === undefined) reads.pop();
  const count = more.outputs ?? more.types?.length ?? 1;
  const untyped = makeNode(op, reads, new Array<Value>(count).fill(nameless), attrs);
  const types = more.types ?? typesOf(untyped);
  return { ...untyped, outputs: untyped.outputs.map((_, i): Value => ({ name: "", type: types[i] ?? nameless.type })) };
}

/**
 * `make.Conv({ x, w, ... })`: operands by the standard's names, for every operator that has views. One object for all
 * sweeps: a sweep over a small graph takes less time than making it.
 */
const byOperator = Object.fromEntries(
  (Object.keys(signatures) as ViewedOp[]).map((op) => [
    op,
    function (this: MakeCore, fields: Readonly<Record<string, ValueView | undefined>> & { attrs?: Node["attrs"] }) {
      const operands = signatures[op].map((name) => fields[name.replace("?", "")]);
      return this.node(op, operands, fields.attrs)[0];
    },
  ]),
);
