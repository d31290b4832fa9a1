/** A program as the tiles of one chip compute it: the steps Portolan would print, carried out by the interpreter. */
import { isFloat } from "../../src/base/dtype.js";
import { finishNow } from "../../src/base/steps.js";
import { elementCount, type Tensor, type TensorData } from "../../src/base/tensor.js";
import { tensorType } from "../../src/base/value-type.js";
import { operatorGraph } from "../../src/ir/call.js";
import { constData } from "../../src/ir/build.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { evaluateNode } from "../../src/ir/evaluate/node.js";
import { rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { evaluateCast } from "../../src/ops/evaluate/cast.js";
import { isPrimitive } from "../../src/ops/primitive.js";
import { unitsOf, type Units } from "../../src/plan/lower-graph.js";
import type { Chip, Target } from "../../src/claim/target.js";
import { runUnit, shapeUnder } from "../kernel/run-units.js";

export interface Machine {
  readonly target: Target;
  readonly chip: Chip;
}

export interface How {
  readonly precision: "fp32" | "fp16";
  readonly prefer: "library" | "kernels" | undefined;
  /** No row claims: matrix work becomes kernels as well. */
  readonly alone: boolean;
}

/** What a chip would do with the graph. Throws DiagnosticError. */
export function lowered(graph: Graph, { target, chip }: Machine, how: How): Units {
  const plain: Target = how.alone ? { ...target, rows: [] } : target;
  return finishNow(
    unitsOf(graph, {
      name: "random",
      prefix: "r",
      catalogue,
      target: plain,
      chip,
      sdk: target.profiles[0],
      precision: how.precision,
      prefer: how.prefer,
    }),
  );
}

/** The outputs, by position, in the types of the graph's border. Throws what the interpreter says. */
export function onTiles(
  graph: Graph,
  { ready, units }: Units,
  machine: Machine,
  inputs: ReadonlyMap<Value, Tensor>,
  symbols: Readonly<Record<string, number>>,
): Tensor[] {
  const data = new Map<Value, TensorData>();
  for (const [v, c] of ready.constants) data.set(v, c.load().data);
  ready.inputs.forEach((v, i) => data.set(v, stored((inputs.get(graph.inputs[i]) as Tensor).data, rankedType(v)?.dtype)));
  const node = (n: Node): void => call(n, ready, data, symbols);
  for (const unit of units) runUnit(unit, { caps: machine.chip.caps, symbols, data, node });
  return ready.outputs.map((v, i): Tensor => {
    const got = data.get(v);
    if (!got) throw new Error(`output ${v.name} was not computed`);
    const want = rankedType(graph.outputs[i])?.dtype ?? "f32";
    return { dtype: want, shape: shapeUnder(v, symbols), data: stored(got, want) };
  });
}

/** i64 may be held as i32. */
function stored(data: TensorData, dtype: string | undefined): TensorData {
  if (dtype === "i32" && data instanceof BigInt64Array) return Int32Array.from(data, (x) => Number(BigInt.asIntN(32, x)));
  if (dtype === "i64" && data instanceof Int32Array) return BigInt64Array.from(data, BigInt);
  // Kernels write in place.
  return data.slice() as TensorData;
}

/** A library node does what its operator says, between the layouts it asks for. */
function call(node: Node, graph: Graph, data: Map<Value, TensorData>, symbols: Readonly<Record<string, number>>): void {
  const tensorAt = (v: Value): Tensor => {
    const held = data.get(v);
    if (!held) throw new Error(`${node.op} reads ${v.name}, which is not there`);
    return { dtype: rankedType(v)?.dtype ?? "f32", shape: shapeUnder(v, symbols), data: held };
  };
  const outputs = node.call ? called(operatorGraph(node, graph), tensorAt) : computed(node, tensorAt);
  node.outputs.forEach((v, i) => {
    const t = outputs[i];
    if (!v || !t) return;
    if (t.data.length !== elementCount(shapeUnder(v, symbols))) throw new Error(`${node.op} gives [${t.shape.join(",")}] for ${v.name}`);
    // A call that accumulates in f32 stores what its output holds.
    data.set(v, evaluateCast(t, rankedType(v)?.dtype ?? t.dtype, { round: "trunc", overflow: "wrap" }).data);
  });
}

/** Floats meet in f32: a row may take a bias or give a result in another type than it multiplies. */
function called(graph: Graph, tensorAt: (v: Value) => Tensor): readonly (Tensor | undefined)[] {
  const values = new Map(graph.constants);
  const types = [...graph.inputs, ...values.keys()].map((v) => rankedType(v)?.dtype ?? "f32");
  const mixed = new Set(types.filter((t) => isFloat(t))).size > 1;
  const wide = (t: Tensor): Tensor => (mixed && isFloat(t.dtype) ? evaluateCast(t, "f32", { round: "trunc", overflow: "wrap" }) : t);
  const constants = new Map([...values].map(([v, c]) => [v, constData(wide(c.load()))] as const));
  const retyped = new Map<Value, Value>();
  const now = (v: Value | undefined): Value | undefined => {
    const type = rankedType(v);
    if (!mixed || !v || !type || !isFloat(type.dtype)) return v;
    const known = retyped.get(v) ?? { ...v, type: tensorType("f32", type.shape) };
    retyped.set(v, known);
    return known;
  };
  const list = (values: readonly (Value | undefined)[]): (Value | undefined)[] => values.map(now);
  const nodes = graph.nodes.map((n) => ({ ...n, inputs: list(n.inputs), outputs: list(n.outputs) }));
  const own: Graph = {
    ...graph,
    nodes,
    inputs: list(graph.inputs) as Value[],
    outputs: list(graph.outputs) as Value[],
    constants: new Map([...constants].map(([v, c]) => [now(v) as Value, c])),
  };
  const results = evaluateGraph(own, catalogue, new Map(graph.inputs.map((v) => [now(v) as Value, wide(tensorAt(v))])));
  return own.outputs.map((v) => results.get(v));
}

function computed(node: Node, tensorAt: (v: Value) => Tensor): readonly (Tensor | undefined)[] {
  if (!isPrimitive(node.op)) throw new Error(`${node.op} is neither a call nor a primitive`);
  return evaluateNode(
    node,
    new Map(),
    node.inputs.map((v) => v && tensorAt(v)),
  );
}
