/** Where the rewrites of primitives put their nodes; names and origins follow the node being replaced. */
import { invariant } from "../../base/diagnostic.js";
import type { Tensor } from "../../base/tensor.js";
import { tensorType } from "../../base/value-type.js";
import { rankedType, type ConstData, type Node, type Value } from "../../ir/graph.js";
import { nodeAttrs } from "../../ir/primitive-node.js";
import { inferPrimitive, type Ranked } from "../../ops/infer-primitive.js";
import type { Caps } from "../caps.js";
import { folds, spills } from "../schedule/alignment.js";
import type { PrimitiveAttrs } from "../../ops/op.js";
import type { PrimitiveName } from "../../ops/primitive.js";

export class Rewriter {
  readonly nodes: Node[] = [];
  readonly originals = new Map<Node, Node>();
  readonly constants: Map<Value, ConstData>;
  /** Values that are stored for their readers, which would walk what is behind them badly. */
  readonly apart = new Set<Value>();
  from: Node | undefined;
  #count = 0;

  /** Whether the chip's stores spill over, so that outputs are best written front to back. */
  readonly spills: boolean;
  /** Whether the vector unit sums what lies in one row. */
  readonly folds: boolean;

  constructor(constants: ReadonlyMap<Value, ConstData>, caps: Caps) {
    this.spills = spills(caps);
    this.folds = folds(caps);
    this.constants = new Map(constants);
  }

  #fresh(type: Ranked): Value {
    return { name: `${this.from?.outputs[0]?.name ?? "value"}.${this.#count++}`, type: tensorType(type.dtype, type.shape) };
  }

  apply(op: PrimitiveName, inputs: readonly Value[], attrs: PrimitiveAttrs = {}): Value {
    const [type] = inferPrimitive(op, inputs.map(typeOf), attrs);
    const out = this.#fresh(type);
    this.bind(op, inputs, attrs, out);
    return out;
  }

  /** As `apply`, defining a value of the graph. */
  bind(op: PrimitiveName, inputs: readonly Value[], attrs: PrimitiveAttrs, output: Value): void {
    invariant(this.from, "a rewrite has a node it starts from");
    const node: Node = { op, inputs, outputs: [output], attrs: nodeAttrs(op, attrs), origin: this.from.origin };
    this.originals.set(node, this.from);
    this.nodes.push(node);
  }

  constant(t: Tensor): Value {
    const v = this.#fresh(t);
    this.constants.set(v, { dtype: t.dtype, shape: t.shape, load: () => t });
    return v;
  }
}

export function typeOf(v: Value | undefined): Ranked {
  const type = rankedType(v);
  invariant(type, `value ${v?.name ?? "?"} has no known rank`);
  return type;
}
