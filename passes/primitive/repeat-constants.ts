import { tensorType } from "../../src/base/value-type.js";
import { allocate, elementCount, rowMajor, type Tensor } from "../../src/base/tensor.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { readsOf } from "../../src/ir/walk.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import type { ConstData, Graph, Node, Value } from "../../src/ir/graph.js";
import { isPoint } from "../../src/kernel/group/build.js";
import { definePass } from "../pass.js";

/** Larger constants are not looked at: folding does not make them (fold-constants keeps up to 64 KiB). */
const mostBytes = 64 * 1024;

/**
 * f(x, c)  =>  f(x, expand(c'))   where c repeats itself along some axes and c' is c without the repetitions
 *
 * Undoes what folding `expand` did: a kernel repeats a scalar or a row on loading for nothing, and a scalar becomes
 * part of its expression, where a full-size constant would be read from memory on every run.
 *
 * Skipped for constants that lie unchanged in the model's file, and when anything but arithmetic reads the constant: a
 * library or a gather wants it in memory as it is.
 */
export const repeatConstants = definePass("repeat-constants", (graph) => graph.with(repeat(graph.graph)));

function repeat(graph: Graph): Graph {
  const readers = arithmeticReaders(graph);
  const names = new Names(graph);
  const constants = new Map(graph.constants);
  const expands: Node[] = [];
  for (const [v, data] of graph.constants) {
    const reader = readers.get(v);
    const less = reader && withoutRepetition(data);
    if (!less) continue;
    const small: Value = { name: names.fresh(v.name), type: tensorType(less.dtype, less.shape) };
    constants.delete(v);
    constants.set(small, less);
    expands.push({
      op: "expand",
      inputs: [small],
      outputs: [v],
      attrs: nodeAttrs("expand", { shape: data.shape }),
      origin: reader.origin,
    });
  }
  return expands.length === 0 ? graph : { ...graph, constants, nodes: [...expands, ...graph.nodes] };
}

/** The first reader of each value that nothing but arithmetic reads. */
function arithmeticReaders(graph: Graph): ReadonlyMap<Value, Node> {
  const out = new Map<Value, Node>();
  const other = new Set<Value>(graph.outputs);
  for (const node of graph.nodes)
    for (const v of readsOf(node))
      if (!isPoint(node.op)) other.add(v);
      else if (!out.has(v)) out.set(v, node);
  for (const v of other) out.delete(v);
  return out;
}

function withoutRepetition(data: ConstData): ConstData | undefined {
  const elements = elementCount(data.shape);
  if (data.at || elements < 2 || elements > mostBytes || data.dtype === "string") return undefined;
  const full = data.load();
  if (full.data.length !== elements) return undefined;
  const shape = data.shape.map((extent, axis) => (extent > 1 && repeatsAlong(full, axis) ? 1 : extent));
  if (elementCount(shape) === elements) return undefined;
  const small = corner(full, shape);
  return { dtype: data.dtype, shape, load: () => small };
}

/** Whether every element equals its neighbour before it along the axis, NaN and -0 told apart. */
function repeatsAlong({ data, shape }: Tensor, axis: number): boolean {
  const stride = rowMajor(shape)[axis];
  for (let i = 0; i < data.length; i++) if (Math.floor(i / stride) % shape[axis] > 0 && !Object.is(data[i], data[i - stride])) return false;
  return true;
}

/** The elements of the box [0, shape). */
function corner(t: Tensor, shape: readonly number[]): Tensor {
  const out = allocate(t.dtype, elementCount(shape));
  const [from, to] = [rowMajor(t.shape), rowMajor(shape)];
  for (let i = 0; i < out.length; i++) {
    const at = to.reduce((sum, stride, axis) => sum + (Math.floor(i / stride) % shape[axis]) * from[axis], 0);
    (out as { [i: number]: number | bigint | string })[i] = t.data[at];
  }
  return { dtype: t.dtype, shape, data: out };
}
