/** What a pass is: a name, and a function from graph to graph written as rewrites of one operator or of any. */
import { knowing } from "../src/ir/rewrite/context.js";
import type { Fact } from "../src/ir/infer/facts.js";
import type { Graph, Value } from "../src/ir/graph.js";
import type { Make, Outcome, RewriteContext } from "../src/ir/rewrite/make.js";
import { rewrite, rewriteAny } from "../src/ir/rewrite/rewrite.js";
import type { AnyView, NodeView, ViewedOp } from "../src/ir/rewrite/views.js";
import type { Catalogue } from "../src/ops/op.js";

export interface PassContext {
  readonly catalogue: Catalogue;
  /** What `inferGraph` found of computed values. */
  readonly facts?: ReadonlyMap<Value, Fact>;
  /** The graph is a body that is lowered by itself: what it is given and gives back has the element types of the graph around. */
  readonly isBody?: boolean;
}

/** `C` is what it is told beside the graph: those of `passes/target` ask a target. */
export interface Pass<C extends PassContext = PassContext> {
  readonly name: string;
  /** Rounds otherwise than onnxruntime would: run when a model is compiled for a card, not when it is written as ONNX. */
  readonly onCards?: boolean;
  /** Its constants are computed here, or its sums in another order: results may differ in their last bits. All others keep every bit. */
  readonly rounds?: boolean;
  /** What is known of values changes with it: inference runs again afterwards. */
  readonly retypes?: boolean;
  run(graph: Graph, context: C): Graph;
}

/** A graph while a pass works on it; every step gives a new one. */
export class Subject {
  readonly graph: Graph;
  readonly context: PassContext;
  readonly #rules: RewriteContext;

  constructor(graph: Graph, context: PassContext, rules: RewriteContext) {
    this.graph = graph;
    this.context = context;
    this.#rules = rules;
  }

  get catalogue(): Catalogue {
    return this.context.catalogue;
  }

  /** What inference found of a computed value. */
  fact(v: Value): Fact | undefined {
    return this.context.facts?.get(v);
  }

  /** Replaces nodes of one operator; operands have the standard's names. */
  rewrite<K extends ViewedOp>(op: K, fn: (view: NodeView<K>, make: Make) => Outcome): Subject {
    return this.with(rewrite(this.graph, op, this.#rules, fn));
  }

  /** Replaces nodes of any operator. */
  rewriteAny(fn: (view: AnyView, make: Make) => Outcome): Subject {
    return this.with(rewriteAny(this.graph, this.#rules, fn));
  }

  with(graph: Graph): Subject {
    return graph === this.graph ? this : new Subject(graph, this.context, this.#rules);
  }
}

export function definePass(name: string, run: (graph: Subject) => Subject, traits: Pick<Pass, "onCards" | "rounds"> = {}): Pass {
  return { name, ...traits, run: (graph, context) => run(new Subject(graph, context, knowing(context.catalogue, context))).graph };
}
