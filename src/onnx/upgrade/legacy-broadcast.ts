/**
 * Broadcasting before opset 7: `broadcast=1` matched B's dims against A's from `axis` on, or against A's last dims
 * without an axis (which is what numpy's rule does too). PRelu matched a one-dimensional slope against the channels.
 */
import type { Rewrite } from "./draft.js";
import { cannotUpgrade, i64, intOf, without } from "./rewrites.js";

/** C = A op B, axis=k  =>  C = A op Unsqueeze(B, trailing axes). */
export const arithmeticTo7: Rewrite = (node, make) => {
  const attrs = without(node.attrs, "broadcast", "axis");
  if (intOf(node, "broadcast", 0) === 0 || !node.attrs.axis) return { ...node, attrs };
  const [a, b] = node.inputs;
  const [rankA, rankB] = [make.rankOf(a), make.rankOf(b)];
  const axis = intOf(node, "axis", 0);
  if (rankB === 0 || (axis === -1 && rankB === 1)) return { ...node, attrs };
  if (rankA === undefined || rankB === undefined)
    cannotUpgrade(
      node,
      make,
      `broadcasts B from axis ${axis} of A, whose rank is not declared`,
      "Opset 6 aligned B by an axis; numpy's rule needs trailing dims instead.",
    );
  const trailing = rankA - rankB - (axis < 0 ? axis + rankA : axis);
  if (trailing < 0 || trailing > rankA - rankB)
    cannotUpgrade(node, make, `B of rank ${rankB} does not fit A of rank ${rankA} from axis ${axis}`, "B's dims must lie within A's.");
  if (trailing === 0) return { ...node, attrs };
  const axes = make.constant(i64(Array.from({ length: trailing }, (_, i) => rankB + i)));
  return { ...node, inputs: [a, make.before("Unsqueeze", [b, axes])], attrs };
};

/** slope[C]  =>  slope[C, 1, ...]; a slope of one element serves every channel as it is. */
export const channelSlope: Rewrite = (node, make) => {
  const [x, slope] = node.inputs;
  const [rank, slopeRank] = [make.rankOf(x), make.rankOf(slope)];
  const known = make.known(slope);
  if (known?.data.length === 1 || (slopeRank !== undefined && slopeRank !== 1)) return node;
  if (rank === undefined || slopeRank === undefined)
    cannotUpgrade(node, make, "the rank of its input is not declared", "Before opset 7 the slope was matched against axis 1.");
  if (rank <= 2) return node;
  const axes = make.constant(i64(Array.from({ length: rank - 2 }, (_, i) => i + 1)));
  return { ...node, inputs: [x, make.before("Unsqueeze", [slope, axes])] };
};
