/**
 * Softmax, LogSoftmax and Hardmax before opset 13 worked on the input flattened to two dimensions at `axis` (default 1).
 *
 * Softmax-1(x, axis)  =>  Reshape(Softmax(Flatten(x, axis), -1), Shape(x))
 *
 * and simply Softmax(x, -1) where the axis is the last.
 */
import type { Rewrite } from "./draft.js";
import { int, intOf } from "./rewrites.js";

export const flattened: Rewrite = (node, make) => {
  const [x] = node.inputs;
  const axis = intOf(node, "axis", 1);
  const rank = make.rankOf(x);
  const last = { ...node.attrs, axis: int(-1) };
  if (axis === -1 || (rank !== undefined && axis === rank - 1)) return { ...node, attrs: last };
  const flat = make.before("Flatten", [x], { axis: int(axis) });
  const result = make.fresh(node.outputs[0]);
  make.after("Reshape", [result, make.before("Shape", [x])], node.outputs, { allowzero: int(1) });
  return { ...node, inputs: [flat], outputs: [result], attrs: last };
};
