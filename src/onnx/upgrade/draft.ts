/** What an upgrade step sees: a node that is still changing, and a maker for the nodes and constants it needs. */
import type { DType } from "../../base/dtype.js";
import type { Tensor } from "../../base/tensor.js";
import type { ValueType } from "../../base/value-type.js";
import type { Attr, Value } from "../../ir/graph.js";

export interface Draft {
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly (Value | undefined)[];
  readonly attrs: Readonly<Record<string, Attr>>;
}

export interface Maker {
  /** What messages call the node. */
  readonly label: string;
  constant(value: Tensor): Value;
  /** A new value, called after `like`. */
  fresh(like?: Value, type?: ValueType): Value;
  /** Makes a node of the internal opset that runs before the upgraded one; returns its only output. */
  before(op: string, inputs: readonly (Value | undefined)[], attrs?: Readonly<Record<string, Attr>>): Value;
  /** Makes a node of the internal opset that runs after the upgraded one and defines `outputs`. */
  after(
    op: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly (Value | undefined)[],
    attrs?: Readonly<Record<string, Attr>>,
  ): void;
  /** As far as declarations and plain rules tell. */
  dtypeOf(v: Value | undefined): DType | undefined;
  rankOf(v: Value | undefined): number | undefined;
  /** The value of a small constant. */
  known(v: Value | undefined): Tensor | undefined;
  /** True when some node, subgraph or graph output reads it. */
  isRead(v: Value | undefined): boolean;
}

/** The node in its next form, or undefined when the maker's nodes replace it whole. */
export type Rewrite = (node: Draft, make: Maker) => Draft | undefined;

/** Applies to nodes of an opset below `before`. */
export interface UpgradeStep {
  readonly before: number;
  readonly rewrite: Rewrite;
}
