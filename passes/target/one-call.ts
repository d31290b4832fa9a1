/** Several operators of a graph as one call of the library: who is asked, what goes, and what takes their place, in bodies too. */
import { libraryForm, withConstants, type LibraryForm } from "../../src/claim/call.js";
import type { Claim } from "../../src/claim/claim.js";
import type { ConstData, Graph, Node, Value } from "../../src/ir/graph.js";
import { tensorType } from "../../src/base/value-type.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { mapBodies, readsOf, seenFrom } from "../../src/ir/walk.js";
import type { TargetContext } from "./stage.js";

/** What stands in the place of some nodes, the last of which gives the result. */
export interface Fused {
  readonly of: readonly Node[];
  readonly nodes: readonly Node[];
}

type Look = (node: Node, around: Around) => Fused | undefined;

/** A graph as one of its nodes sees it. */
export class Around {
  readonly graph: Graph;
  readonly #shared: Shared;
  readonly #makers: ReadonlyMap<Value | undefined, Node>;
  readonly #uses = new Map<Value, number>();

  constructor(graph: Graph, shared: Shared) {
    this.graph = graph;
    this.#shared = shared;
    this.#makers = new Map(graph.nodes.flatMap((n) => n.outputs.map((v) => [v, n])));
    for (const v of [...graph.nodes.flatMap(readsOf), ...graph.outputs]) this.#uses.set(v, (this.#uses.get(v) ?? 0) + 1);
  }

  /** Who makes a value that nobody else reads. */
  alone(v: Value | undefined): Node | undefined {
    return v && this.#uses.get(v) === 1 ? this.#makers.get(v) : undefined;
  }

  constant(v: Value | undefined): ConstData | undefined {
    return v && this.graph.constants.get(v);
  }

  /** A value named after another. */
  derived(v: Value, type: Value["type"]): Value {
    return { name: this.#shared.names.fresh(v.name), type };
  }

  /** A constant that the graph is to have, named after a value. */
  keep(v: Value, data: ConstData): Value {
    const made = this.derived(v, tensorType(data.dtype, data.shape));
    this.#shared.besides.push([made, data]);
    return made;
  }

  /** The nodes of a call; the graph gets the constants that it reads besides. */
  formOf(claimed: Claim): readonly Node[] {
    const { target, chip } = this.#shared.context;
    const { nodes, constants } = libraryForm(claimed, target, chip, this.#shared.names);
    this.#shared.besides.push(...constants);
    return nodes;
  }
}

/** What a graph and its bodies have in common. */
interface Shared {
  readonly names: Names;
  readonly context: TargetContext;
  readonly besides: LibraryForm["constants"][number][];
  readonly look: Look;
}

/** Asks `look` of every node, from the end, so that what follows an operator is seen before it; of no node that went into another. */
export function inOneCall(graph: Graph, context: TargetContext, look: Look): Graph {
  const shared: Shared = { names: new Names(graph), besides: [], context, look };
  return withConstants(fused(graph, shared), shared.besides);
}

function fused(graph: Graph, shared: Shared): Graph {
  const around = new Around(graph, shared);
  const [made, gone] = [new Map<Node, readonly Node[]>(), new Set<Node>()];
  for (const node of [...graph.nodes].reverse()) {
    const found = gone.has(node) ? undefined : shared.look(node, around);
    if (!found) continue;
    found.of.forEach((n) => n !== node && gone.add(n));
    made.set(node, found.nodes);
  }
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const own = made.get(node);
    if (own) return own;
    if (gone.has(node)) return [];
    const attrs = mapBodies(node.attrs, (body) => inBody(body, graph, shared));
    return [attrs === node.attrs ? node : { ...node, attrs }];
  });
  return nodes.length === graph.nodes.length && nodes.every((n, i) => n === graph.nodes[i]) ? graph : { ...graph, nodes };
}

function inBody(body: Graph, outer: Graph, shared: Shared): Graph {
  const inside = fused(seenFrom(body, outer), shared);
  return inside.nodes === body.nodes ? body : { ...body, nodes: inside.nodes };
}
