import { boundsOf } from "../../src/base/dim-bounds.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import { tensorType } from "../../src/base/value-type.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { capturesOf, mapBodies, runsBodies, subgraphsOf } from "../../src/ir/walk.js";
import { intsAttr, rankedType, textAttr, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import type { Pass } from "../pass.js";

const moves: ReadonlySet<string> = new Set([
  "reshape",
  "transpose",
  "expand",
  "slice",
  "window",
  "concat",
  "pad",
  "select",
  "min",
  "max",
  "gather",
  "gatherelements",
  "gathernd",
]);
const arithmetic: ReadonlySet<string> = new Set(["add", "sub", "mul", "neg", "abs"]);
const compares: ReadonlySet<string> = new Set(["eq", "ne", "lt", "le", "gt", "ge"]);
const makesPositions: ReadonlySet<string> = new Set(["argreduce", "iota", "dims", "sort"]);
const indexed: ReadonlySet<string> = new Set(["gather", "gatherelements", "gathernd", "scatterelements", "scatternd"]);
const smallIntegers: ReadonlySet<string> = new Set(["bool", "i8", "u8", "i16", "u16", "i32", "i4", "u4", "i2", "u2"]);

/** Largest constant whose values are looked at to prove a range. */
const mostElementsRead = 1 << 20;

/**
 * v: i64  =>  v: i32, casts where a reader wants 64 bits
 *
 * where nothing is lost by it: the chips' vector units have no 64-bit lanes. A value is narrow when its range is proven
 * (positions, extents, small constants, widened small integers and what only moves or selects them), or when it serves only
 * to address something: an index is exact modulo 2^32 through additions and multiplications, and an input used so is
 * checked against 32 bits when it is passed in. In bodies likewise.
 *
 * Skipped for everything else, which keeps its 64 bits, and for what a body is given and gives back.
 */
export const narrowIntegers: Pass = {
  name: "narrow-integers",
  run: (graph, { isBody }) => {
    const narrowing = new Narrowing(new Names(graph), new Map(), new Set());
    return isBody === true ? narrowing.body(graph) : narrowing.whole(graph);
  },
};

function isWide(v: Value | undefined): boolean {
  return rankedType(v)?.dtype === "i64";
}

/** Rewrites one graph; bodies are rewritten with what is narrow around them. */
class Narrowing {
  readonly #names: Names;
  /** Narrow values, and those of the graphs around among them, by what they were. */
  readonly #now: Map<Value, Value>;
  readonly #narrow: Set<Value>;
  /** Constants that somebody wants as they were, too. */
  readonly #kept = new Map<Value, Value>();
  #nodes: Node[] = [];

  constructor(names: Names, now: ReadonlyMap<Value, Value>, narrow: ReadonlySet<Value>) {
    this.#names = names;
    this.#now = new Map(now);
    this.#narrow = new Set(narrow);
  }

  whole(graph: Graph): Graph {
    return this.#rewritten(graph, narrowValues(graph, this.#narrow));
  }

  /** What a body is given, gives back, or only hands on has the type that its node says. */
  body(body: Graph): Graph {
    const border = new Set([...body.inputs, ...body.outputs]);
    const narrow = [...narrowValues(body, this.#narrow)].filter((v) => !border.has(v));
    return this.#rewritten(body, new Set(narrow));
  }

  #rewritten(graph: Graph, own: ReadonlySet<Value>): Graph {
    for (const v of own) this.#retype(v);
    for (const node of graph.nodes) this.#node(node, graph.constants);
    const outputs = graph.outputs.map((v) => (own.has(v) || !this.#narrow.has(v) ? this.#of(v) : this.#cast(v, "i64", [v.name])));
    if (own.size === 0 && this.#nodes.every((n, i) => n === graph.nodes[i])) return graph;
    const constants = new Map([...graph.constants].map(([v, data]) => (own.has(v) ? [this.#of(v), narrowConstant(data)] : [v, data])));
    for (const [v, wide] of this.#kept) constants.set(wide, graph.constants.get(v) as ConstData);
    return { ...graph, nodes: this.#nodes, constants, inputs: graph.inputs.map((v) => this.#of(v)), outputs };
  }

  #retype(v: Value): void {
    const type = rankedType(v);
    this.#narrow.add(v);
    if (type) this.#now.set(v, { name: v.name, type: tensorType("i32", type.shape) });
  }

  #of(v: Value): Value {
    return this.#now.get(v) ?? v;
  }

  #keep(v: Value): Value {
    const kept = this.#kept.get(v) ?? { name: this.#names.fresh(v.name), type: v.type };
    this.#kept.set(v, kept);
    return kept;
  }

  #cast(v: Value, to: "i32" | "i64", origin: Node["origin"]): Value {
    const out: Value = { name: this.#names.fresh(v.name), type: tensorType(to, rankedType(v)?.shape) };
    const attrs = nodeAttrs("cast", { to, round: "trunc", overflow: "wrap" });
    this.#nodes.push({ op: "cast", inputs: [this.#of(v)], outputs: [out], attrs, origin });
    return out;
  }

  #node(node: Node, constants: Graph["constants"]): void {
    // How often a Loop goes round is the host's to know: nothing is launched to widen it.
    const own = (v: Value): boolean => node.op === "Loop" && constants.has(v) && this.#narrow.has(v);
    const inputs = node.inputs.map((v, i) => v && (own(v) ? this.#keep(v) : this.#operand(v, i, node)));
    const outputs = node.outputs.map((v) => v && this.#of(v));
    const attrs = this.#makesNarrow(node)
      ? narrowAttrs(node)
      : mapBodies(node.attrs, (body) => new Narrowing(this.#names, this.#now, this.#narrow).body(body));
    const isSame = attrs === node.attrs && [...inputs, ...outputs].every((v, i) => v === [...node.inputs, ...node.outputs][i]);
    this.#nodes.push(isSame ? node : { ...node, inputs, outputs, attrs });
  }

  #operand(v: Value, i: number, node: Node): Value {
    // A position says nothing of the values it was found among.
    if (this.#narrow.size === 0 || !isWide(v) || node.op === "argreduce") return this.#of(v);
    const isIndex = indexed.has(node.op) && i === 1;
    const compared = compares.has(node.op) || node.op === "cast";
    const wants = isIndex || this.#makesNarrow(node) || (compared && this.#readsNarrow(node));
    if (wants === this.#narrow.has(v)) return this.#of(v);
    return this.#cast(v, wants ? "i32" : "i64", node.origin);
  }

  #makesNarrow({ outputs }: Node): boolean {
    return outputs.some((v) => v && this.#narrow.has(v));
  }

  #readsNarrow({ inputs }: Node): boolean {
    return inputs.every((v) => !v || !isWide(v) || this.#narrow.has(v));
  }
}

/** Primitives that name their own element type. */
function narrowAttrs(node: Node): Node["attrs"] {
  const name = node.op === "cast" ? "to" : node.op === "iota" ? "dtype" : undefined;
  return name && textAttr(node, name) === "i64" ? { ...node.attrs, [name]: { kind: "text", value: "i32" } } : node.attrs;
}

function narrowConstant(data: ConstData): ConstData {
  return {
    dtype: "i32",
    shape: data.shape,
    load(): Tensor {
      const wide = data.load().data as BigInt64Array;
      return { dtype: "i32", shape: data.shape, data: Int32Array.from(wide, (x) => Number(BigInt.asIntN(32, x))) };
    },
  };
}

/** Those of the graph itself; `outer` are the narrow values of the graphs around a body. */
function narrowValues(graph: Graph, outer: ReadonlySet<Value>): Set<Value> {
  const given = new Set(capturesOf(graph));
  const narrow = new Set([...provenValues(graph, outer), ...addressValues(graph)].filter((v) => !given.has(v) && !outer.has(v)));
  // A sort gives its own elements beside their positions, and both have one type's width.
  for (const node of graph.nodes) if (node.op === "sort" && isWide(node.inputs[0])) node.outputs.forEach((v) => v && narrow.delete(v));
  return narrow;
}

/** Forward: values whose range is known to fit. */
function provenValues(graph: Graph, outer: ReadonlySet<Value>): Set<Value> {
  const proven = new Set(outer);
  for (const [v, data] of graph.constants) if (isWide(v) && constantFits(data)) proven.add(v);
  for (const node of graph.nodes) {
    const wide = node.outputs.filter((v): v is Value => isWide(v));
    if (wide.length === 0) continue;
    const fits =
      (makesPositions.has(node.op) && (node.op !== "sort" || !isWide(node.inputs[0]))) ||
      (node.op === "cast" && smallIntegers.has(rankedType(node.inputs[0])?.dtype ?? "")) ||
      (isExtreme(node) && proven.has(node.inputs[0] as Value)) ||
      (moves.has(node.op) && dataInputs(node).every((v) => !isWide(v) || proven.has(v)));
    if (fits) wide.forEach((v) => proven.add(v));
  }
  return proven;
}

/**
 * The least or the greatest of some elements; of none it is the end of the type, which is another in 32 bits, so an axis
 * that may turn out empty keeps its width.
 */
function isExtreme(node: Node): boolean {
  const fn = node.op === "reduce" ? textAttr(node, "fn") : undefined;
  const shape = rankedType(node.inputs[0])?.shape ?? [];
  const lengths = (intsAttr(node, "axes") ?? []).map((axis) => shape[axis]);
  return (fn === "max" || fn === "min") && !shape.includes(0) && lengths.every((d) => boundsOf(d, () => undefined).lo >= 1);
}

/** The operands whose values a moving primitive passes on; indices are not among them. */
function dataInputs(node: Node): Value[] {
  const inputs = indexed.has(node.op) ? node.inputs.slice(0, 1) : node.inputs;
  return inputs.filter((v): v is Value => v !== undefined);
}

function constantFits(data: ConstData): boolean {
  if (elementCount(data.shape) > mostElementsRead) return false;
  return (data.load().data as BigInt64Array).every((x) => x === BigInt.asIntN(32, x));
}

/** Backward: wide values that end only in index operands. */
function addressValues(graph: Graph): Set<Value> {
  const other = new Set<Value>(graph.outputs);
  const used = new Set<Value>();
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    for (const body of subgraphsOf(node)) capturesOf(body).forEach((v) => other.add(v));
    // A body gives out what it says.
    if (runsBodies(node)) node.outputs.forEach((v) => v && other.add(v));
    const outputs = node.outputs.filter((v): v is Value => v !== undefined);
    const passesOn = (moves.has(node.op) || arithmetic.has(node.op)) && outputs.every((v) => isWide(v) && used.has(v) && !other.has(v));
    node.inputs.forEach((v, k) => {
      if (!v || !isWide(v)) return;
      used.add(v);
      const isIndex = indexed.has(node.op) && k === 1;
      if (!isIndex && !passesOn && !compares.has(node.op)) other.add(v);
    });
  }
  // A comparison alone is no proof of addressing: it needs an index use beside it.
  const addresses = new Set<Value>();
  for (const node of [...graph.nodes].reverse()) {
    node.inputs.forEach((v, k) => {
      if (!v || !isWide(v) || other.has(v)) return;
      const isIndex = indexed.has(node.op) && k === 1;
      if (isIndex || node.outputs.some((y) => y && addresses.has(y))) addresses.add(v);
    });
  }
  return addresses;
}
