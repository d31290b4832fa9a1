import { intsAttr, rankedType, type Node } from "../../../src/ir/graph.js";
import type { Chip, ClaimRow } from "../../../src/claim/target.js";
import { groupOf, hasEvenPads, padsByAxis, padsItself, windowOf, type Window } from "../../kit/node.js";
import { imageFormat, precisionOf, step } from "./step.js";

/** One number a dimension where both sides are alike, else begin and end of each dimension in turn. */
function pairedPads(window: Window): readonly number[] {
  return hasEvenPads(window) ? window.begins : padsByAxis(window);
}

const convolution = (transposed: boolean) =>
  step((s) => {
    const { node, inputs } = s.site;
    const [x, w, y] = [s.input(0), s.input(1), s.output];
    const format = imageFormat(x.shape.length);
    const window = windowOf(node);
    const outputPadding = intsAttr(node, "outputpadding") ?? intsAttr(node, "output_padding") ?? window.strides.map(() => 0);
    const bias = inputs[2] ? s.tensor("bias", inputs[2]) : "nullptr";
    s.call("aclnnConvolution", [
      s.tensor("x", x, format),
      s.tensor("w", w, format),
      bias,
      s.ints("stride", window.strides),
      s.ints("padding", pairedPads(window)),
      s.ints("dilation", window.dilations),
      transposed ? "true" : "false",
      s.ints("output_padding", outputPadding),
      `${groupOf(node)}`,
      s.tensor("y", y, format),
      precisionOf(s.site),
    ]);
  });

function accepts(node: Node, chip: Chip): true | string {
  const [x, w, b] = node.inputs.map(rankedType);
  if (!x || !w) return "the ranks of its operands are unknown";
  const primitive = node.op === "conv" || node.op === "convtranspose";
  if (primitive && node.inputs[2]) return "zero points";
  const rank = x.shape.length;
  if (rank < 3 || rank > 5) return `${rank - 2} spatial dimensions`;
  if (x.dtype !== w.dtype || (b && b.dtype !== x.dtype)) return "operands of different types";
  if (x.dtype === "bf16" && !chip.contractTypes.includes("bf16")) return `${chip.caps.chip} has no bf16`;
  if (padsItself(node)) return "auto_pad was not resolved";
  const window = windowOf(node);
  if (padsByAxis(window).some((p) => p < 0)) return "negative pads";
  const even = hasEvenPads(window);
  if (rank === 5 && !even) return "pads that differ between the sides of three dimensions";
  if (isTransposed(node) && !even) return "pads that differ between the sides of a transposed convolution";
  return true;
}

function isTransposed(node: Node): boolean {
  return node.op === "ConvTranspose" || node.op === "convtranspose";
}

const floats = ["f32", "f16", "bf16"] as const;
const row = (op: string, transposed: boolean): ClaimRow => ({ op, types: floats, role: "library", accepts, emit: convolution(transposed) });

export const convRows: readonly ClaimRow[] = [
  row("Conv", false),
  row("conv", false),
  row("ConvTranspose", true),
  row("convtranspose", true),
];
