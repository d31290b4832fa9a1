/**
 * Half-width storage: values lie in memory as f16 (or as the model's own f16 and bf16), arithmetic stays in f32.
 *
 * A value has two forms, f32 and half, and casts stand where one is asked for and the other is made. Library calls take
 * halves; everything else computes in f32, constants and counts of elements included, so that nothing inside a kernel is
 * rounded or overflows. What a kernel leaves in memory is its half form again (kernel/storage.ts), save for values whose
 * range f16 cannot hold (wide-range.ts): those have one form, f32. Inputs and outputs keep their types.
 *
 * Runs on the operator level, before claiming. What only shapes the program (Resize scales) keeps its precision.
 */
import { dtypes, isHalf, type DType } from "../base/dtype.js";
import { fromNumbers, toNumbers } from "../base/float-formats.js";
import { tensorType } from "../base/value-type.js";
import { Names } from "../ir/rewrite/names.js";
import { rankedType, type Attr, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { definedValues, exchangeReads, subgraphsOf } from "../ir/walk.js";
import type { Catalogue } from "../ops/op.js";
import { moving } from "./wide-range.js";

/** TensorProto.DataType as Cast, EyeLike and friends name it. */
const code = (dtype: DType): bigint => BigInt(dtypes[dtype].onnx);

interface HalfOptions {
  readonly catalogue: Catalogue;
  /** "fp16" gives f32 values a half form; otherwise only the model's own halves have two. */
  readonly precision: "fp32" | "fp16";
  /** Values with no half form. */
  readonly wide: ReadonlySet<Value>;
  /** Nodes that take and give halves; all others compute in f32. */
  readonly takesHalves: (node: Node) => boolean;
  /** Half forms made before, by the value they stand for: asked again, the same. */
  readonly halves: Map<Value, Value>;
}

export interface Halved {
  readonly graph: Graph;
  /** The node in the graph that stands for each of the model's. */
  readonly nodes: ReadonlyMap<Node, Node>;
  /** The half form of a value that the graph holds in f32; undefined where it has none. */
  readonly storedAs: (v: Value) => Value | undefined;
}

export function halve(graph: Graph, options: HalfOptions): Halved {
  return new Halving(graph, options).run();
}

class Halving {
  readonly #graph: Graph;
  readonly #options: HalfOptions;
  /** Shaping operands, which are no data. */
  readonly #kept: ReadonlySet<Value>;
  /** The graph's own values, as against those inside bodies. */
  readonly #defined: ReadonlySet<Value>;
  readonly #names: Names;
  readonly #fulls = new Map<Value, Value>();
  /** By f32 form. */
  readonly #halfOf = new Map<Value, Value>();
  /** Forms that some node makes, that are given, or constants. */
  readonly #made: Set<Value>;
  readonly #nodes: Node[] = [];
  readonly #stands = new Map<Node, Node>();
  readonly #constants: Map<Value, ConstData>;

  constructor(graph: Graph, options: HalfOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#kept = shapingValues(graph, options.catalogue);
    this.#defined = new Set(definedValues(graph));
    this.#names = new Names(graph);
    for (const v of options.halves.values()) this.#names.take(v.name);
    this.#made = new Set([...graph.inputs, ...graph.constants.keys()]);
    this.#constants = new Map(graph.constants);
  }

  run(): Halved {
    for (const node of this.#graph.nodes) this.#node(node);
    this.#graph.outputs.forEach((v) => this.#form(v));
    const read = new Set([...this.#nodes.flatMap((n) => n.inputs), ...this.#graph.outputs]);
    const captured = new Set(this.#nodes.flatMap((n) => (subgraphsOf(n).length > 0 ? [...this.#constants.keys()] : [])));
    const constants = new Map([...this.#constants].filter(([v]) => read.has(v) || captured.has(v)));
    const graph = { ...this.#graph, nodes: this.#nodes, constants };
    return { graph, nodes: this.#stands, storedAs: (v) => this.#halfOf.get(v) ?? (this.#isSingle(v) ? this.#half(v) : undefined) };
  }

  /** An f32 value of the model that has a half form. */
  #isSingle(v: Value): boolean {
    const { precision, wide } = this.#options;
    return precision === "fp16" && this.#dtype(v) === "f32" && this.#defined.has(v) && !this.#kept.has(v) && !wide.has(v);
  }

  #dtype(v: Value): DType | undefined {
    return v.type.kind === "tensor" ? v.type.dtype : undefined;
  }

  /** A value that the model itself holds in half the width. */
  #isHalf(v: Value): boolean {
    const dtype = this.#dtype(v);
    return dtype !== undefined && isHalf(dtype) && this.#defined.has(v) && !this.#kept.has(v);
  }

  #derived(v: Value, dtype: DType): Value {
    return { name: this.#names.fresh(v.name), type: tensorType(dtype, v.type.kind === "tensor" ? v.type.shape : undefined) };
  }

  /** The half form; the value itself where it has one form. */
  #half(v: Value): Value {
    if (!this.#isSingle(v)) return v;
    const half = this.#options.halves.get(v) ?? this.#derived(v, "f16");
    this.#options.halves.set(v, half);
    this.#halfOf.set(v, half);
    return half;
  }

  #full(v: Value): Value {
    if (!this.#isHalf(v)) return v;
    const full = this.#fulls.get(v) ?? this.#derived(v, "f32");
    this.#fulls.set(v, full);
    this.#halfOf.set(full, v);
    return full;
  }

  /** Makes sure that a form of a value is there. */
  #form(form: Value, of = form): Value {
    if (this.#made.has(form) || !this.#defined.has(of)) return form;
    this.#made.add(form);
    const [half, full] = [this.#half(of), this.#full(of)];
    const other = form === half ? full : half;
    const data = this.#constants.get(of);
    if (data) this.#constants.set(form, converted(data, this.#dtype(form) ?? data.dtype));
    else this.#nodes.push(castNode(other, form, code(this.#dtype(form) ?? "f32")));
    return form;
  }

  #node(node: Node): void {
    const made = this.#inForm(node);
    for (const v of made.outputs) if (v) this.#made.add(v);
    this.#stands.set(node, made);
    this.#nodes.push(made);
  }

  #inForm(node: Node): Node {
    // Bodies and explicit conversions say the types themselves.
    if (node.op === "Cast" || subgraphsOf(node).length > 0) return exchangeReads(node, (v) => this.#form(v));
    const halves = !this.#isWide(node) && (this.#options.takesHalves(node) || this.#movesHalves(node));
    const form = (v: Value): Value => (halves ? this.#half(v) : this.#full(v));
    const attrs = Object.fromEntries(Object.entries(node.attrs).map(([name, a]) => [name, this.#attr(name, a, halves)]));
    return { ...node, attrs, inputs: node.inputs.map((v) => v && this.#form(form(v), v)), outputs: node.outputs.map((v) => v && form(v)) };
  }

  #isWide(node: Node): boolean {
    return [...node.inputs, ...node.outputs].some((v) => v !== undefined && this.#options.wide.has(v));
  }

  /** Movement takes what it moves as it lies. */
  #movesHalves(node: Node): boolean {
    if (!moving.has(node.op) && node.op !== "transpose") return false;
    const floats = node.inputs.filter((v) => v !== undefined && (this.#isSingle(v) || this.#isHalf(v)));
    const lies = (v: Value): boolean =>
      this.#constants.has(v) || (this.#made.has(this.#half(v)) && (this.#isHalf(v) || !this.#made.has(v)));
    return floats.length > 0 && floats.every((v) => v && lies(v));
  }

  #attr(name: string, attr: Attr, halves: boolean): Attr {
    const { precision } = this.#options;
    if (halves && precision === "fp16") {
      if ((name === "to" || name === "dtype") && attr.kind === "int" && attr.value === code("f32"))
        return { kind: "int", value: code("f16") };
      if (attr.kind === "tensor" && attr.value.dtype === "f32") return { kind: "tensor", value: converted(attr.value, "f16") };
    }
    if (halves) return attr;
    if (name === "dtype" && attr.kind === "int" && (attr.value === code("f16") || attr.value === code("bf16")))
      return { kind: "int", value: code("f32") };
    return attr.kind === "tensor" && isHalf(attr.value.dtype) ? { kind: "tensor", value: converted(attr.value, "f32") } : attr;
  }
}

function castNode(from: Value, to: Value, code: bigint): Node {
  return { op: "Cast", inputs: [from], outputs: [to], attrs: { to: { kind: "int", value: code } }, origin: [to.name] };
}

export function converted(data: ConstData, dtype: DType): ConstData {
  return { dtype, shape: data.shape, load: () => fromNumbers(dtype, data.shape, toNumbers(data.load())) };
}

/** Constants that some node reads as a shaping operand. */
function shapingValues(graph: Graph, catalogue: Catalogue): Set<Value> {
  const out = new Set<Value>();
  for (const node of graph.nodes) {
    const record = catalogue.get(node.op);
    node.inputs.forEach((v, i) => {
      if (v && record?.inputs[i]?.shaping && rankedType(v)) out.add(v);
    });
  }
  return out;
}
