/**
 * The other way of a step. What a library row does, kernels made from the operator's own meaning can do too; what a
 * kernel does, library calls can do when rows accept every operator between its operands and its results. Both ways are
 * compiled in, so that a wrong guess about one of them needs an environment variable and no rebuild. A step that has one
 * way only says why.
 */
import type { Range } from "../base/dim-bounds.js";
import type { ConstData, Node, Value } from "../ir/graph.js";
import type { Unit } from "../kernel/group/group.js";
import type { Catalogue } from "../ops/op.js";
import type { Chip, Target } from "../claim/target.js";

export type Alternate = (
  { readonly kind: "library"; readonly calls: readonly Node[] } | { readonly kind: "kernel"; readonly units: readonly Unit[] }
) & {
  /** Constants only this way reads. */
  readonly constants: ReadonlyMap<Value, ConstData>;
};

export interface AlternateOptions {
  readonly target: Target;
  readonly chip: Chip;
  readonly precision: "fp32" | "fp16";
  readonly catalogue: Catalogue;
  readonly ranges: (symbol: string) => Range | undefined;
  /** Values that show another's bytes under another shape, by that other. */
  readonly views: ReadonlyMap<Value, readonly Value[]>;
  /** Begins the names of this step's kernels. */
  readonly kernelPrefix: (step: Node) => string;
}

/**
 * Elements of a constant up to which it gets memory of its own for the other way: one that kernels hold in their
 * expressions, or weights in another order.
 */
export const mostConstantElements = 1 << 14;
