/**
 * int64 stored as int32 where nothing is lost by it: the chips' vector units have no 64-bit lanes.
 *
 * A value is narrow when its range is proven (positions, extents, small constants, widened small integers and what only
 * moves or selects them), or when it serves only to address something: an index is exact modulo 2^32 through additions
 * and multiplications, and an input used so is checked against 32 bits when it is passed in. Everything else keeps its
 * 64 bits, and the two kinds meet at explicit casts.
 */
import { boundsOf } from "../base/dim-bounds.js";
import { elementCount, type Tensor } from "../base/tensor.js";
import { tensorType } from "../base/value-type.js";
import { nodeAttrs } from "../ir/primitive-node.js";
import { Names } from "../ir/rewrite/names.js";
import { intsAttr, rankedType, textAttr, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
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

export function isWide(v: Value | undefined): boolean {
  return rankedType(v)?.dtype === "i64";
}

export function narrowIntegers(graph: Graph): Graph {
  const narrow = narrowValues(graph);
  if (narrow.size === 0) return graph;
  const names = new Names(graph);
  const retyped = new Map<Value, Value>();
  for (const v of narrow) {
    const type = rankedType(v);
    if (type) retyped.set(v, { name: v.name, type: tensorType("i32", type.shape) });
  }
  const now = (v: Value): Value => retyped.get(v) ?? v;

  const nodes: Node[] = [];
  const cast = (v: Value, to: "i32" | "i64", node: Node): Value => {
    const type = rankedType(v);
    const out: Value = { name: names.fresh(v.name), type: tensorType(to, type?.shape) };
    nodes.push({
      op: "cast",
      inputs: [now(v)],
      outputs: [out],
      attrs: nodeAttrs("cast", { to, round: "trunc", overflow: "wrap" }),
      origin: node.origin,
    });
    return out;
  };
  for (const node of graph.nodes) {
    const outputNarrow = node.outputs.some((v) => v && narrow.has(v));
    const indexFrom = indexed.has(node.op) ? 1 : Infinity;
    const inputs = node.inputs.map((v, i) => {
      if (!v || !isWide(v)) return v;
      // A position says nothing of the values it was found among.
      if (node.op === "argreduce") return now(v);
      const want = i === indexFrom || outputNarrow || ((compares.has(node.op) || node.op === "cast") && allNarrow(node, narrow));
      if (want === narrow.has(v)) return now(v);
      return cast(v, want ? "i32" : "i64", node);
    });
    const attrs = outputNarrow ? narrowAttrs(node) : node.attrs;
    nodes.push({ ...node, inputs, outputs: node.outputs.map((v) => v && now(v)), attrs });
  }
  const constants = new Map([...graph.constants].map(([v, data]) => (narrow.has(v) ? [now(v), narrowConstant(data)] : [v, data])));
  return { ...graph, nodes, constants, inputs: graph.inputs.map(now), outputs: graph.outputs.map(now) };
}

function allNarrow(node: Node, narrow: ReadonlySet<Value>): boolean {
  return node.inputs.every((v) => !v || !isWide(v) || narrow.has(v));
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

function narrowValues(graph: Graph): Set<Value> {
  const narrow = new Set([...provenValues(graph), ...addressValues(graph)]);
  // A sort gives its own elements beside their positions, and both have one type's width.
  for (const node of graph.nodes) if (node.op === "sort" && isWide(node.inputs[0])) node.outputs.forEach((v) => v && narrow.delete(v));
  return narrow;
}

/** Forward: values whose range is known to fit. */
function provenValues(graph: Graph): Set<Value> {
  const proven = new Set<Value>();
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
