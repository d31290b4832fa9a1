/** What a step back to an older opset sees: the node in a newer form, the types of what it reads, and a maker of nodes. */
import type { Tensor } from "../../../base/tensor.js";
import type { TensorType, ValueType } from "../../../base/value-type.js";
import type { Attr, Value } from "../../../ir/graph.js";
import type { Draft } from "../../upgrade/draft.js";

export type { Draft };

export interface Sayer {
  /** The opset that is spoken. */
  readonly opset: number;
  constant(value: Tensor): Value;
  /** A new value, called after `like`. */
  fresh(like: Value | undefined, type: ValueType): Value;
  /** Makes a node in its newest form that runs before this one; returns its only output, of type `type`. */
  before(op: string, inputs: readonly (Value | undefined)[], type: ValueType, attrs?: Readonly<Record<string, Attr>>): Value;
  /** Makes a node in its newest form that runs after this one and defines `outputs`. */
  after(op: string, inputs: readonly (Value | undefined)[], outputs: readonly (Value | undefined)[], attrs?: Draft["attrs"]): void;
  /** The value of a constant. */
  known(v: Value | undefined): Tensor | undefined;
  typeOf(v: Value | undefined): TensorType | undefined;
  rankOf(v: Value | undefined): number | undefined;
  /** True when some node, body or output reads it. */
  isRead(v: Value | undefined): boolean;
  /** Stops: the opset has no words for `what`. */
  cannot(what: string): never;
}

/** The node in its form before some opset, or undefined when the maker's nodes replace it whole. */
export type StepBack = (node: Draft, say: Sayer) => Draft | undefined;

/** Applies when the opset spoken is below `before`. */
export interface OlderForm {
  readonly before: number;
  readonly rewrite: StepBack;
}
