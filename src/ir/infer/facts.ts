/** What is known of values while compiling, beyond their types: constants, and the elements of small tensors. */
import { tensorElements, type Element } from "../../base/element.js";
import { dtypes } from "../../base/dtype.js";
import { elementCount, type Tensor } from "../../base/tensor.js";
import type { Positions } from "../../ops/affine.js";
import { mostExtents } from "../../ops/extents.js";
import type { ConstData, Value } from "../graph.js";

/** What inference found of a value that is no constant. */
export interface Fact {
  /** Its elements, where all are known or follow from input sizes. */
  readonly elements?: readonly Element[] | undefined;
  /** How its elements follow from where they stand, where they do. */
  readonly positions?: Positions | undefined;
  /** Computes it, where it follows from constants alone. */
  readonly known?: (() => Tensor) | undefined;
  /** Whether it follows from constants and input sizes, known or not: no data goes into it. */
  readonly sized: boolean;
  /** Whether its type, or that of something it was computed from, is only what the file declares. */
  readonly declared?: boolean;
}

/** Where a node's operands come from, as far as inference and rewriting need to know. */
export interface Knowledge {
  constant(v: Value): ConstData | undefined;
  fact(v: Value): Fact | undefined;
}

const constantElementsCache = new WeakMap<ConstData, { readonly list: readonly Element[] | undefined }>();

/** The elements of a small constant; larger constants are never read. */
export function constantElements(data: ConstData): readonly Element[] | undefined {
  if (elementCount(data.shape) > mostExtents || !mayCount(data)) return undefined;
  let known = constantElementsCache.get(data);
  if (!known) constantElementsCache.set(data, (known = { list: tensorElements(data.load()) }));
  return known.list;
}

function mayCount({ dtype }: ConstData): boolean {
  return !["string", "complex"].includes(dtypes[dtype].kind);
}

/** The elements of a small tensor; undefined when it is larger, or when one has no such form. */
export function smallElements(t: Tensor): readonly Element[] | undefined {
  return t.data.length > mostExtents ? undefined : tensorElements(t);
}

/** The elements of a value, found by inference or read from a small constant. */
export function elementsOf(v: Value, known: Knowledge): readonly Element[] | undefined {
  const data = known.constant(v);
  return known.fact(v)?.elements ?? (data && constantElements(data));
}
