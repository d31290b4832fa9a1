/**
 * Nodes and values as a pass reads them: operands by the standard's names (`bn.mean`, `conv.w`), producers and use
 * counts looked up on the way. Only operators that passes take apart are listed; positions are those of the ONNX schema.
 */
import { isConst, type Dim } from "../../base/dim.js";
import type { DType } from "../../base/dtype.js";
import type { Element } from "../../base/element.js";
import type { ValueType } from "../../base/value-type.js";
import { elementsOf, type Fact } from "../infer/facts.js";
import { floatAttr, intAttr, intsAttr, textAttr, type Attr, type ConstData, type Node, type Value } from "../graph.js";
/** A trailing `?` marks an operand that may be absent. Every one of these has one output, `y`. */
export const signatures = {
  Add: ["a", "b"],
  Sub: ["a", "b"],
  Mul: ["a", "b"],
  Div: ["a", "b"],
  Pow: ["a", "b"],
  Max: ["a", "b?"],
  Min: ["a", "b?"],
  Conv: ["x", "w", "b?"],
  ConvTranspose: ["x", "w", "b?"],
  Gemm: ["a", "b", "c?"],
  MatMul: ["a", "b"],
  BatchNormalization: ["x", "scale", "bias", "mean", "variance"],
  LayerNormalization: ["x", "scale", "bias?"],
  MaxPool: ["x"],
  AveragePool: ["x"],
  Pad: ["x", "pads", "value?", "axes?"],
  Identity: ["x"],
  Dropout: ["x", "ratio?", "training?"],
  Cast: ["x"],
  Reshape: ["x", "shape"],
  Flatten: ["x"],
  Squeeze: ["x", "axes?"],
  Unsqueeze: ["x", "axes"],
  Transpose: ["x"],
  Slice: ["x", "starts", "ends", "axes?", "steps?"],
  Expand: ["x", "shape"],
  Range: ["start", "limit", "delta"],
  ConstantOfShape: ["shape"],
  NonZero: ["x"],
  ReduceMean: ["x", "axes?"],
  Sqrt: ["x"],
  Erf: ["x"],
  Relu: ["x"],
  Sigmoid: ["x"],
  HardSigmoid: ["x"],
  HardSwish: ["x"],
  Gelu: ["x"],
  Clip: ["x", "min?", "max?"],
} as const;

export type ViewedOp = keyof typeof signatures;

type Operands<L extends readonly string[]> = {
  readonly [K in L[number] as K extends `${string}?` ? never : K]: ValueView;
} & {
  readonly [K in L[number] as K extends `${infer N}?` ? N : never]?: ValueView | undefined;
};

export type NodeView<K extends ViewedOp> = AnyView & Operands<(typeof signatures)[K]> & { readonly y: ValueView };

/** What `make.Conv(...)` takes: the operands by name and attributes; a spread view of another node fits. */
export type Fields<K extends ViewedOp> = Operands<(typeof signatures)[K]> & { readonly attrs?: Node["attrs"] };

/** A node of any operator. */
export interface AnyView {
  readonly node: Node;
  readonly attrs: Readonly<Record<string, Attr>>;
  readonly inputs: readonly (ValueView | undefined)[];
  readonly outputs: readonly (ValueView | undefined)[];
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  text(name: string, otherwise: string): string;
  ints(name: string): readonly number[] | undefined;
}

/** What a view asks the graph under rewrite. */
export interface Surroundings {
  producer(v: Value): Node | undefined;
  constant(v: Value): ConstData | undefined;
  uses(v: Value): number;
  fact(v: Value): Fact | undefined;
}

export class ValueView {
  readonly value: Value;
  readonly #around: Surroundings;

  constructor(value: Value, around: Surroundings) {
    this.value = value;
    this.#around = around;
  }

  get type(): ValueType {
    return this.value.type;
  }

  get name(): string {
    return this.value.name;
  }

  /** Undefined when the rank is unknown or the value is no tensor. */
  get shape(): readonly Dim[] | undefined {
    return this.value.type.kind === "tensor" ? this.value.type.shape : undefined;
  }

  get dtype(): DType | undefined {
    return this.value.type.kind === "tensor" ? this.value.type.dtype : undefined;
  }

  /** The shape when every extent is a number. */
  get fixedShape(): readonly number[] | undefined {
    const { shape } = this;
    return shape?.every(isConst) ? shape : undefined;
  }

  /** How often it is read: by nodes, by bodies that capture it, and as an output of the graph. */
  get uses(): number {
    return this.#around.uses(this.value);
  }

  get constant(): ConstData | undefined {
    return this.#around.constant(this.value);
  }

  /** The elements of a small tensor, when all are known or follow from input sizes. */
  get elements(): readonly Element[] | undefined {
    return elementsOf(this.value, this.#around);
  }

  /** The node of this operator that computes it, in the same graph; undefined for any other. */
  producer<K extends ViewedOp>(op: K): NodeView<K> | undefined {
    const node = this.#around.producer(this.value);
    return node?.op === op ? viewNode(op, node, this.#around) : undefined;
  }

  /** The node that computes it, whatever it is. */
  get made(): AnyView | undefined {
    const node = this.#around.producer(this.value);
    return node && viewAny(node, this.#around);
  }
}

export function viewAny(node: Node, around: Surroundings): AnyView {
  const see = (v: Value | undefined): ValueView | undefined => v && new ValueView(v, around);
  return {
    node,
    attrs: node.attrs,
    inputs: node.inputs.map(see),
    outputs: node.outputs.map(see),
    int: (name, otherwise) => intAttr(node, name) ?? otherwise,
    float: (name, otherwise) => floatAttr(node, name) ?? otherwise,
    text: (name, otherwise) => textAttr(node, name) ?? otherwise,
    ints: (name) => intsAttr(node, name),
  };
}

/** Undefined when the node lacks an operand its operator must have, or yields more than its one main output. */
export function viewNode<K extends ViewedOp>(op: K, node: Node, around: Surroundings): NodeView<K> | undefined {
  const y = node.outputs[0];
  if (!y || node.outputs.slice(1).some((v) => v)) return undefined;
  const named: Record<string, ValueView> = { y: new ValueView(y, around) };
  const view = viewAny(node, around);
  for (const [i, spec] of signatures[op].entries()) {
    const operand = view.inputs[i];
    if (operand) named[spec.replace("?", "")] = operand;
    else if (!spec.endsWith("?")) return undefined;
  }
  return { ...view, ...named } as NodeView<K>;
}
