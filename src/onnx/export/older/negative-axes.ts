/** Before opset 11 axes did not count from the end. */
import { rankedType } from "../../../ir/graph.js";
import { int, ints } from "../../../ir/attr.js";
import type { Draft } from "./draft.js";

/** Operators whose axes are those of what they make. */
const countsInResult: ReadonlySet<string> = new Set(["OneHot", "Unsqueeze"]);

/** The node with negative `axis` and `axes` counted from the front, where the rank they count in is known. */
export function normalAxes(node: Draft): Draft {
  const { axis, axes } = node.attrs;
  const rank = rankedType(countsInResult.has(node.op) ? node.outputs[0] : node.inputs[0])?.shape.length;
  if (rank === undefined) return node;
  const positive = (a: bigint): bigint => (a < 0n ? a + BigInt(rank) : a);
  const one: Draft["attrs"] = axis?.kind === "int" ? { axis: int(positive(axis.value)) } : {};
  const all: Draft["attrs"] = axes?.kind === "ints" ? { axes: ints(axes.value.map(positive)) } : {};
  return { ...node, attrs: { ...node.attrs, ...one, ...all } };
}
