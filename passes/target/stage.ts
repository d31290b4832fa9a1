/**
 * What the passes are given that ask a target, and what travels beside the graph while they turn it into what a chip is
 * to carry out.
 */
import type { ClaimOptions, Claims } from "../../src/claim/claim.js";
import type { Operators } from "../../src/claim/operators.js";
import type { Graph, Node, Value } from "../../src/ir/graph.js";
import type { Pass, PassContext } from "../pass.js";

/** One compilation's choices: the target and its chip with the rows that may claim, and how floats are stored. */
export interface TargetContext extends PassContext, ClaimOptions {
  readonly precision: "fp32" | "fp16";
}

/** A pass that asks the target and gives nothing but a graph. */
export type TargetPass = Pass<TargetContext>;

/** A graph, and what has been decided beside it. */
export interface Lowering {
  readonly graph: Graph;
  /** Values whose range f16 cannot hold: they stay f32. */
  readonly wide: ReadonlySet<Value>;
  /** The half form in which a value that is computed in f32 may lie in memory. */
  readonly storedAs: (v: Value) => Value | undefined;
  /** The operators as the library would take all of them, in halves, with what it takes; absent where they are the graph's own. */
  readonly asCalled?: { readonly graph: Graph; readonly claims: Claims };
  /** Each operator's other form; absent until operators are kept. */
  readonly operators?: Operators;
  /** Nodes that have a row which did not take them, and why. */
  readonly declined: Claims["declined"];
  /** Claimed products whose float32 operands the chip rounds to halves. */
  readonly rounded: readonly Node[];
}

/** A pass that also decides something beside the graph, or asks what was decided. */
export interface Stage {
  readonly name: string;
  /** The same object where nothing changes. */
  decide(now: Lowering, context: TargetContext): Lowering;
}

/** Nothing decided yet. */
export function undecided(graph: Graph): Lowering {
  return { graph, wide: new Set(), storedAs: () => undefined, declined: [], rounded: [] };
}
