/** A graph that also computes the sums of products of an activation's channels, over all its rows. */
import { fromNumbers } from "../base/float-formats.js";
import { constData, makeNode, tensorValue } from "../ir/build.js";
import { rankedType, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { Names } from "../ir/rewrite/names.js";

/** Neighbouring channels of activations that have `k` along their last axis. */
export interface Columns {
  readonly xs: readonly Value[];
  readonly k: number;
  readonly from: number;
  readonly count: number;
}

interface WithMoments {
  readonly graph: Graph;
  /** [count, count] in f32: one for each of a unit's activations, unit by unit. */
  readonly values: readonly Value[];
}

export function withMoments(graph: Graph, units: readonly Columns[]): WithMoments {
  const names = new Names(graph);
  const nodes: Node[] = [...graph.nodes];
  const constants = new Map(graph.constants);
  const add = (
    op: string,
    inputs: readonly Value[],
    like: string,
    shape: readonly number[] | undefined,
    attrs: Node["attrs"] = {},
  ): Value => {
    const out = tensorValue(names.fresh(like), "f32", shape);
    nodes.push(makeNode(op, inputs, [out], attrs));
    return out;
  };
  const indices = (like: string, ...values: readonly number[]): Value => {
    const v = tensorValue(names.fresh(like), "i64", [values.length]);
    constants.set(v, indicesData(values));
    return v;
  };
  const values = units.flatMap(({ xs, k, from, count }) =>
    xs.map((x) => {
      const like = `${x.name}_moments`;
      const float = rankedType(x)?.dtype === "f32" ? x : add("Cast", [x], like, undefined, { to: { kind: "int", value: 1n } });
      const rows = add("Reshape", [float, indices(like, -1, k)], like, undefined);
      const ends = [indices(like, from), indices(like, from + count), indices(like, 1)];
      const part = count === k ? rows : add("Slice", [rows, ...ends], like, undefined);
      return add("Gemm", [part, part], like, [count, count], { transA: { kind: "int", value: 1n } });
    }),
  );
  return { graph: { ...graph, nodes, constants }, values };
}

function indicesData(values: readonly number[]): ConstData {
  return constData(fromNumbers("i64", [values.length], values));
}
