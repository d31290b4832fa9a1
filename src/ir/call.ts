/** What a library's call means: its operator, between the orders in which the call wants operands and results to lie. */
import { tensorType } from "../base/value-type.js";
import { rankedType, type Graph, type Node, type Value } from "./graph.js";
import { nodeAttrs } from "./primitive-node.js";
import { Names } from "./rewrite/names.js";

export function isCall(node: Node): boolean {
  return node.call !== undefined;
}

/** The operator that a call carries out, without what only the call reads; any other node is its own. */
export function operatorOf({ call, ...node }: Node): Node {
  return call ? { ...node, op: call.op, inputs: node.inputs.slice(0, call.inputs.length) } : node;
}

/** What a call then does with the result, as a node that reads what its operator reads. */
export function sequelOf({ call, ...node }: Node): Node | undefined {
  return call?.then === undefined ? undefined : { ...node, op: call.then, attrs: {} };
}

/** The order that undoes one. */
export function inverseOf(order: readonly number[] | undefined): number[] | undefined {
  return order?.map((_, axis) => order.indexOf(axis));
}

/** A call alone, as a graph of operators: transposes back to the operator's order, what the call carries out, transposes forth. */
export function operatorGraph(node: Node, graph: Graph): Graph {
  const names = new Names(graph);
  const before: Node[] = [];
  const after: Node[] = [];
  const operands = operatorOf(node).inputs;
  const inputs = operands.map((v, i) => {
    const back = inverseOf(node.call?.inputs[i]);
    if (!v || !back) return v;
    const x = transposed(v, back, names);
    before.push(transpose(v, x, back, node));
    return x;
  });
  const outputs = node.outputs.map((v, i) => {
    const order = node.call?.outputs[i];
    const back = inverseOf(order);
    if (!v || !order || !back) return v;
    const y = transposed(v, back, names);
    after.push(transpose(y, v, order, node));
    return y;
  });
  const read = [...new Set(operands.filter((v): v is Value => v !== undefined))];
  return {
    ...graph,
    guards: [],
    inputs: read.filter((v) => !graph.constants.has(v)),
    outputs: node.outputs.filter((v): v is Value => v !== undefined),
    constants: new Map([...graph.constants].filter(([v]) => read.includes(v))),
    nodes: [...before, ...carriedOut(node, inputs, outputs, names), ...after],
  };
}

function carriedOut(node: Node, inputs: Node["inputs"], outputs: Node["outputs"], names: Names): Node[] {
  const [operator, sequel] = [operatorOf(node), sequelOf(node)];
  if (!sequel) return [{ ...operator, inputs, outputs }];
  const between = outputs.map((v) => v && { name: names.fresh(v.name), type: v.type });
  return [
    { ...operator, inputs, outputs: between },
    { ...sequel, inputs: between, outputs },
  ];
}

function transposed(v: Value, perm: readonly number[], names: Names): Value {
  const type = rankedType(v);
  const shape = type && perm.map((p) => type.shape[p]);
  return { name: names.fresh(v.name), type: type ? tensorType(type.dtype, shape) : v.type };
}

function transpose(x: Value, y: Value, perm: readonly number[], { origin }: Node): Node {
  return { op: "transpose", inputs: [x], outputs: [y], attrs: nodeAttrs("transpose", { perm }), origin };
}
