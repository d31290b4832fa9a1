/** The sweep itself: it visits the nodes of one graph in order, a nested one for each body, and answers what a visit asks. */
import type { Fact } from "../infer/facts.js";
import type { ConstData, Graph, Guard, Node, Value } from "../graph.js";
import { Draft, makeInto, type Make, type Outcome, type RewriteContext } from "./make.js";
import type { Names } from "./names.js";
import { Rebuilt } from "./rebuilt.js";
import { ValueView, type Surroundings } from "./views.js";

/** Looks at one node; what it returns takes the node's place. */
export type Visit = (node: Node, around: Surroundings, make: Make) => Outcome;

/** What the sweeps over a graph and its bodies have in common. */
export interface Shared {
  readonly context: RewriteContext;
  readonly visit: Visit;
  readonly guards: Guard[];
  names(): Names;
}

export class Sweep implements Surroundings {
  readonly #nodes: readonly Node[];
  readonly #rebuilt: Rebuilt;
  readonly #shared: Shared;
  readonly #parent: Sweep | undefined;
  readonly #make: Make;
  #draft = new Draft();
  /** Producers that the visit asked for. */
  #asked: Node[] = [];

  constructor(graph: Graph, shared: Shared, parent?: Sweep) {
    this.#nodes = graph.nodes;
    this.#rebuilt = new Rebuilt(graph);
    this.#shared = shared;
    this.#parent = parent;
    this.#make = makeInto(() => this.#draft, this, shared.context);
  }

  /** The graph with everything replaced; the same object when nothing was. */
  run(): Graph {
    for (const node of this.#nodes) this.#step(node);
    return this.#rebuilt.graph();
  }

  producer(v: Value): Node | undefined {
    const node = this.#draft.producer(v) ?? this.#rebuilt.producer(v);
    if (node) this.#asked.push(node);
    return node;
  }

  constant(v: Value): ConstData | undefined {
    return this.#draft.constants.get(v) ?? this.#rebuilt.constant(v) ?? this.#parent?.constant(v);
  }

  uses(v: Value): number {
    const here = this.#rebuilt.uses(v);
    const isOwn = this.#rebuilt.producer(v) !== undefined || this.#rebuilt.constant(v) !== undefined;
    return this.#parent && !isOwn ? here + this.#parent.uses(v) : here;
  }

  fact(v: Value): Fact | undefined {
    return this.#shared.context.factOf(v);
  }

  #step(original: Node): void {
    const { visit, guards, names } = this.#shared;
    const node = this.#rebuilt.current(original, (body) => new Sweep(body, this.#shared, this).run());
    if (this.#asked.length > 0) this.#asked = [];
    const outcome = visit(node, this, this.#make);
    const results = outcome instanceof ValueView ? [outcome] : outcome;
    const replacement = results && this.#answersAll(node, results.length) && { results: results.map((r) => r?.value), draft: this.#draft };
    if (replacement && this.#rebuilt.isChange(node, replacement)) {
      guards.push(...replacement.draft.guards);
      this.#rebuilt.replace(node, replacement, this.#asked, names);
    } else this.#rebuilt.place(node);
    if (!this.#draft.isBlank) this.#draft = new Draft();
  }

  /** A model may name more outputs of a node than its operator has: what stands for the first few does not replace it. */
  #answersAll({ outputs }: Node, count: number): boolean {
    return outputs.every((v, i) => i < count || !v || this.uses(v) === 0);
  }
}
