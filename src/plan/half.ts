/**
 * fp16 storage: every f32 value of the graph is stored as f16, save those whose range f16 cannot hold (wide-range.ts);
 * arithmetic stays in f32 inside a kernel and inside the
 * matrix unit's accumulator. Inputs and outputs keep their types; casts stand at the border.
 *
 * Runs on the operator level before claiming, so that rows are asked for the types they will get. What only shapes the
 * program (Resize scales) keeps its precision.
 */
import { tensorType } from "../base/value-type.js";
import { fromNumbers, toNumbers } from "../base/float-formats.js";
import { Names } from "../ir/names.js";
import { rankedType, type Attr, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { definedValues, exchangeReads } from "../ir/walk.js";
import { wideValues } from "./wide-range.js";
import type { Catalogue } from "../ops/op.js";

/** Codes of TensorProto.DataType as Cast, EyeLike and friends name them. */
const floatCode = 1n;
const halfCode = 10n;

export function storeHalves(graph: Graph, catalogue: Catalogue): Graph {
  return new Halving(graph, shapingValues(graph, catalogue), wideValues(graph)).run();
}

class Halving {
  readonly #graph: Graph;
  /** Shaping operands, which are no data. */
  readonly #kept: ReadonlySet<Value>;
  readonly #wide: ReadonlySet<Value>;
  /** The graph's own values, as against those inside bodies. */
  readonly #defined: ReadonlySet<Value>;
  readonly #names: Names;
  readonly #halves = new Map<Value, Value>();
  /** f32 copies of values stored as f16, for the nodes that compute in f32. */
  readonly #widened = new Map<Value, Value>();
  readonly #nodes: Node[] = [];
  readonly #constants = new Map<Value, ConstData>();

  constructor(graph: Graph, kept: ReadonlySet<Value>, wide: ReadonlySet<Value>) {
    this.#graph = graph;
    this.#kept = kept;
    this.#wide = wide;
    this.#defined = new Set(definedValues(graph));
    this.#names = new Names(graph);
  }

  run(): Graph {
    const { inputs, outputs, constants, nodes } = this.#graph;
    const given = new Set<Value>(inputs);
    for (const [v, data] of constants) if (!this.#isStoredHalf(v)) this.#constants.set(v, data);
    for (const node of nodes) this.#node(node);
    for (const v of new Set(outputs)) {
      const data = constants.get(v);
      if (data) this.#constants.set(v, data);
      else if (this.#isStoredHalf(v) && !given.has(v)) this.#nodes.push(castNode(this.#half(v), v, floatCode));
    }
    return { ...this.#graph, nodes: this.#nodes, constants: this.#constants };
  }

  #isStoredHalf(v: Value): boolean {
    return v.type.kind === "tensor" && v.type.dtype === "f32" && !this.#kept.has(v) && !this.#wide.has(v);
  }

  /** The f16 value that stands for one; made where it is first asked for, when it is an input, a constant. */
  #half(v: Value): Value {
    if (!this.#isStoredHalf(v)) return v;
    const known = this.#halves.get(v);
    if (known) return known;
    const out = this.#derived(v, "f16");
    this.#halves.set(v, out);
    const data = this.#graph.constants.get(v);
    if (data) this.#constants.set(out, halfConstant(data));
    else if (this.#graph.inputs.includes(v)) this.#nodes.push(castNode(v, out, halfCode));
    return out;
  }

  #derived(v: Value, dtype: "f16" | "f32"): Value {
    return { name: this.#names.fresh(v.name), type: tensorType(dtype, v.type.kind === "tensor" ? v.type.shape : undefined) };
  }

  /** The same in f32: inputs and constants as they came. */
  #full(v: Value): Value {
    if (!this.#isStoredHalf(v)) return v;
    const data = this.#graph.constants.get(v);
    if (data) this.#constants.set(v, data);
    if (data || this.#graph.inputs.includes(v)) return v;
    const known = this.#widened.get(v) ?? this.#derived(v, "f32");
    if (!this.#widened.has(v)) this.#nodes.push(castNode(this.#half(v), known, floatCode));
    this.#widened.set(v, known);
    return known;
  }

  #node(node: Node): void {
    const isWide = (v: Value | undefined): boolean => v !== undefined && this.#wide.has(v);
    // Bodies keep their types, so what they read from outside comes to them in f32.
    const hasBody = Object.values(node.attrs).some((a) => a.kind === "graph" || a.kind === "graphs");
    if (hasBody || node.inputs.some(isWide) || node.outputs.some(isWide)) return this.#fullNode(node);
    const attrs = Object.fromEntries(Object.entries(node.attrs).map(([name, a]) => [name, halfAttr(name, a)]));
    const inputs = node.inputs.map((v) => v && this.#half(v));
    this.#nodes.push({ ...node, attrs, inputs, outputs: node.outputs.map((v) => v && this.#half(v)) });
  }

  /** Computes in f32; results that are stored as f16 are converted behind it. */
  #fullNode(node: Node): void {
    const casts: Node[] = [];
    const reading = exchangeReads(node, (v) => (this.#defined.has(v) ? this.#full(v) : v));
    const outputs = node.outputs.map((v) => {
      if (!v || !this.#isStoredHalf(v)) return v;
      const full = this.#derived(v, "f32");
      casts.push(castNode(full, this.#half(v), halfCode));
      return full;
    });
    this.#nodes.push({ ...reading, outputs }, ...casts);
  }
}

function castNode(from: Value, to: Value, code: bigint): Node {
  return { op: "Cast", inputs: [from], outputs: [to], attrs: { to: { kind: "int", value: code } }, origin: [to.name] };
}

function halfAttr(name: string, attr: Attr): Attr {
  if ((name === "to" || name === "dtype") && attr.kind === "int" && attr.value === floatCode) return { kind: "int", value: halfCode };
  if (attr.kind === "tensor" && attr.value.dtype === "f32") return { kind: "tensor", value: halfConstant(attr.value) };
  return attr;
}

function halfConstant(data: ConstData): ConstData {
  return { dtype: "f16", shape: data.shape, load: () => fromNumbers("f16", data.shape, toNumbers(data.load())) };
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
