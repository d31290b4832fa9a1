import { dtypes, isHalf, type DType } from "../../src/base/dtype.js";
import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { tensorType } from "../../src/base/value-type.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { claim } from "../../src/claim/claim.js";
import { rankedType, type Attr, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { capturesOf, definedValues, exchangeReads, mapBodies, runsBodies, subgraphsOf } from "../../src/ir/walk.js";
import type { Catalogue } from "../../src/ops/op.js";
import type { Lowering, Stage, TargetContext } from "./stage.js";
import { moving, wideValues } from "./wide-range.js";

/** TensorProto.DataType as Cast, EyeLike and friends name it. */
const code = (dtype: DType): bigint => BigInt(dtypes[dtype].onnx);

/**
 * y = Conv(x, w)  =>  y = Cast(Conv(Cast(x, f16), Cast(w, f16)), f32)      y = Relu(h), h a half  =>  y = Cast(Relu(Cast(h, f32)), h's type)
 *
 * Values lie in memory as f16 with --precision fp16, or as the model's own f16 and bf16, and arithmetic stays in f32. A
 * value has two forms, f32 and half, and casts stand where one is asked for and the other is made. What the library takes
 * gets halves; everything else computes in f32, constants and counts of elements included, so that nothing inside a kernel
 * is rounded or overflows. What a kernel leaves in memory is its half form again (`storedAs`). In bodies likewise: what
 * they are given, give back and read from outside keeps its type.
 *
 * Skipped for models in f32 that are stored so; for values whose range f16 cannot hold (wide-range.ts), which have one
 * form, f32; for inputs and outputs; and for what only shapes the program (a Resize's scales). Bodies and explicit
 * conversions say their types themselves. On operators, before they are claimed.
 */
export const storeHalves: Stage = {
  name: "store-halves",
  decide(now, context) {
    const { precision } = context;
    if (precision === "fp32" && !holdsHalves(now.graph)) return now;
    const wide: ReadonlySet<Value> = precision === "fp16" ? wideValues(now.graph) : new Set();
    return { ...now, ...inForms(now.graph, wide, context), wide };
  },
};

/** All operators in halves say what the library takes; then only those that it takes are. */
function inForms(graph: Graph, wide: ReadonlySet<Value>, context: TargetContext): Pick<Lowering, "graph" | "asCalled" | "storedAs"> {
  const forms = { catalogue: context.catalogue, precision: context.precision, wide, halves: new Map<Value, Value>() };
  const all = halve(graph, { ...forms, takesHalves: () => true });
  const claims = claim(all.graph, context);
  const isClaimed = (node: Node): boolean => {
    const stands = all.nodes.get(node);
    return stands !== undefined && claims.byNode.has(stands);
  };
  const mixed = halve(graph, { ...forms, takesHalves: isClaimed });
  return { graph: mixed.graph, asCalled: { graph: all.graph, claims }, storedAs: mixed.storedAs };
}

function holdsHalves(graph: Graph): boolean {
  const isHalfValue = (v: Value | undefined): boolean => {
    const dtype = v && rankedType(v)?.dtype;
    return dtype !== undefined && isHalf(dtype);
  };
  return graph.nodes.some((n) => [...n.inputs, ...n.outputs].some(isHalfValue) || subgraphsOf(n).some(holdsHalves));
}

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
  /** The graph's own values, and those that a body reads from outside; not those inside bodies of its own. */
  readonly #defined: ReadonlySet<Value>;
  readonly #names: Names;
  readonly #fulls = new Map<Value, Value>();
  /** By f32 form. */
  readonly #halfOf = new Map<Value, Value>();
  /** Forms that some node makes, that are given, or constants. */
  readonly #made: Set<Value>;
  readonly #nodes: Node[] = [];
  readonly #stands: Map<Node, Node>;
  readonly #constants: Map<Value, ConstData>;

  /** `outer` is who works on the graph around a body. */
  constructor(graph: Graph, options: HalfOptions, outer?: Halving) {
    this.#graph = graph;
    this.#options = options;
    this.#kept = shapingValues(graph, options.catalogue);
    const given = outer ? capturesOf(graph) : [];
    this.#defined = new Set([...definedValues(graph), ...given]);
    this.#names = outer ? outer.#names : new Names(graph);
    this.#stands = outer ? outer.#stands : new Map();
    for (const v of options.halves.values()) this.#names.take(v.name);
    this.#made = new Set([...graph.inputs, ...graph.constants.keys(), ...given]);
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
    if (node.op === "Cast" || runsBodies(node)) {
      const read = exchangeReads(node, (v) => this.#form(v));
      const attrs = mapBodies(read.attrs, (body) => new Halving(body, { ...this.#options, halves: new Map() }, this).run().graph);
      return attrs === read.attrs ? read : { ...read, attrs };
    }
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

  /** In what a product is summed and given out. */
  #summed(acc: string, halves: boolean): string {
    if (halves) return this.#options.precision === "fp16" && acc === "f32" ? "f16" : acc;
    return acc === "f16" || acc === "bf16" ? "f32" : acc;
  }

  #attr(name: string, attr: Attr, halves: boolean): Attr {
    const { precision } = this.#options;
    if (name === "acc" && attr.kind === "text") return { kind: "text", value: this.#summed(attr.value, halves) };
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
