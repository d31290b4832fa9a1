import { intAttr, intsAttr, rankedType, textAttr, type Node } from "../../../src/ir/graph.js";
import type { Chip, ClaimRow } from "../../../src/claim/target.js";
import { imageFormat, precisionOf, step } from "./step.js";

interface Window {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly outputPadding: readonly number[];
}

function windowOf(node: Node, spatial: number): Window {
  const filled = (name: string, value: number, count = spatial) => intsAttr(node, name) ?? new Array<number>(count).fill(value);
  return {
    strides: filled("strides", 1),
    pads: filled("pads", 0, 2 * spatial),
    dilations: filled("dilations", 1),
    outputPadding: intsAttr(node, "outputpadding") ?? filled("output_padding", 0),
  };
}

/** One number a dimension where both sides are alike, else begin and end of each dimension in turn. */
function pairedPads(pads: readonly number[]): readonly number[] {
  const spatial = pads.length / 2;
  const [begins, ends] = [pads.slice(0, spatial), pads.slice(spatial)];
  return begins.every((b, i) => b === ends[i]) ? begins : begins.flatMap((b, i) => [b, ends[i]]);
}

const convolution = (transposed: boolean) =>
  step((s) => {
    const { node, inputs } = s.site;
    const [x, w, y] = [s.input(0), s.input(1), s.output()];
    const spatial = x.shape.length - 2;
    const format = imageFormat(x.shape.length);
    const { strides, pads, dilations, outputPadding } = windowOf(node, spatial);
    const bias = inputs[2] ? s.tensor("bias", inputs[2]) : "nullptr";
    s.call("aclnnConvolution", [
      s.tensor("x", x, format),
      s.tensor("w", w, format),
      bias,
      s.ints("stride", strides),
      s.ints("padding", pairedPads(pads)),
      s.ints("dilation", dilations),
      transposed ? "true" : "false",
      s.ints("output_padding", outputPadding),
      `${intAttr(node, "group") ?? 1}`,
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
  if ((textAttr(node, "auto_pad") ?? "NOTSET") !== "NOTSET") return "auto_pad was not resolved";
  const { pads } = windowOf(node, rank - 2);
  if (pads.some((p) => p < 0)) return "negative pads";
  const even = pads.slice(0, rank - 2).every((p, i) => p === pads[i + rank - 2]);
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
