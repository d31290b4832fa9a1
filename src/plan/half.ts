/**
 * fp16 storage: every f32 value of the graph is stored as f16, arithmetic stays in f32 inside a kernel and inside the
 * matrix unit's accumulator. Inputs and outputs keep their types; casts stand at the border.
 *
 * Runs on the operator level before claiming, so that rows are asked for the types they will get. What only shapes the
 * program (Resize scales) keeps its precision.
 */
import { tensorType } from "../base/value-type.js";
import { fromNumbers, toNumbers } from "../base/float-formats.js";
import { Names } from "../ir/names.js";
import { rankedType, type Attr, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import type { Catalogue } from "../ops/op.js";

/** Codes of TensorProto.DataType as Cast, EyeLike and friends name them. */
const floatCode = 1n;
const halfCode = 10n;

export function storeHalves(graph: Graph, catalogue: Catalogue): Graph {
  const names = new Names(graph);
  const kept = shapingValues(graph, catalogue);
  const halves = new Map<Value, Value>();
  const nodes: Node[] = [];
  const half = (v: Value): Value => {
    if (v.type.kind !== "tensor" || v.type.dtype !== "f32" || kept.has(v)) return v;
    const known = halves.get(v);
    if (known) return known;
    const out: Value = { name: names.fresh(v.name), type: tensorType("f16", v.type.shape) };
    halves.set(v, out);
    return out;
  };
  for (const v of graph.inputs) if (half(v) !== v) nodes.push(castNode(v, half(v), halfCode));
  const constants = new Map<Value, ConstData>();
  for (const [v, data] of graph.constants) constants.set(half(v), half(v) === v ? data : halfConstant(data));
  for (const node of graph.nodes) {
    const attrs = Object.fromEntries(Object.entries(node.attrs).map(([name, a]) => [name, halfAttr(name, a)]));
    nodes.push({ ...node, attrs, inputs: node.inputs.map((v) => v && half(v)), outputs: node.outputs.map((v) => v && half(v)) });
  }
  const inputs = new Set(graph.inputs);
  for (const v of new Set(graph.outputs)) if (half(v) !== v && !inputs.has(v)) nodes.push(castNode(half(v), v, floatCode));
  return { ...graph, nodes, constants };
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
