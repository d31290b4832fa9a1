/**
 * Where onnxruntime and the ONNX standard are known to give different numbers. Portolan follows the standard; a difference
 * that such a node explains is no fault of the port. Each row says where it can be looked up.
 */
import type { Attr, Graph, Node, Value } from "../ir/graph.js";
import { toNumbers } from "../base/float-formats.js";
import { eachGraph } from "../ir/walk.js";

interface Dispute {
  readonly op: string;
  /** Whether a node of that operator is in dispute; `constant` gives the values of a constant operand. */
  readonly applies: (node: Node, constant: (v: Value | undefined) => readonly number[] | undefined) => boolean;
  readonly what: string;
  readonly source: string;
  /** Only over NaN: the standard's numbers then hold some that onnxruntime's do not. */
  readonly overNaN?: boolean;
}

const textOf = (attr: Attr | undefined, otherwise: string): string => (attr?.kind === "text" ? attr.value : otherwise);

/** Maxima and minima of elements among which is a NaN. */
const dropsNaN = (op: string, source: string): Dispute => ({
  op,
  applies: () => true,
  what: "of elements among which is a NaN the standard's reference gives NaN, and onnxruntime drops the NaN",
  source,
  overNaN: true,
});

const reduced = "onnx/onnx onnx/reference/ops/op_reduce_max.py and op_reduce_min.py, which fold as numpy does";
const pooled = "onnx/onnx onnx/reference/ops/op_pool_common.py, microsoft/onnxruntime core/providers/cpu/nn/pool_functors.h";

export const disputes: readonly Dispute[] = [
  dropsNaN("MaxPool", pooled),
  dropsNaN("GlobalMaxPool", pooled),
  dropsNaN("ReduceMax", reduced),
  dropsNaN("ReduceMin", reduced),
  {
    op: "Resize",
    applies: (node, constant) =>
      textOf(node.attrs.mode, "nearest") === "nearest" && (constant(node.inputs[2])?.some((s) => Math.fround(1 / s) !== 1 / s) ?? false),
    what: "onnxruntime divides positions by the scale in f32 and the standard's reference in f64, so that a nearest position on a whole number falls to either side",
    source: "onnx/onnx onnx/reference/ops/op_resize.py, microsoft/onnxruntime core/providers/cpu/tensor/upsamplebase.h",
  },
  {
    op: "Resize",
    applies: (node, constant) =>
      textOf(node.attrs.mode, "nearest") !== "nearest" &&
      textOf(node.attrs.coordinate_transformation_mode, "half_pixel") === "align_corners" &&
      (constant(node.inputs[2])?.some((s) => s < 1) ?? false),
    what: "with align_corners and a scale below 1 the standard stretches to the unrounded length, onnxruntime to the rounded one",
    source: "onnx backend tests test_resize_downsample_scales_linear_align_corners and _cubic_align_corners, which onnxruntime fails",
  },
  {
    op: "MaxUnpool",
    applies: (node) => node.inputs[2] !== undefined,
    what: "with output_shape the standard takes indices as positions in the shape without it, onnxruntime in output_shape",
    source: "onnx backend test test_maxunpool_export_with_output_shape, which onnxruntime fails",
  },
  {
    op: "Attention",
    applies: (node) => node.outputs[3] !== undefined,
    what: "masked scores that are given out are -inf in the standard and the lowest finite number in onnxruntime",
    source: "onnx backend tests test_attention_4d_with_past_and_present_qk_matmul_bias_3d_mask_causal and _4d_, which onnxruntime fails",
  },
];

interface Disputed {
  readonly node: Node;
  readonly dispute: Dispute;
}

/** The nodes of a graph, those in bodies included, over which onnxruntime and the standard differ. */
export function disputedNodes(graph: Graph): Disputed[] {
  const found: Disputed[] = [];
  const constants = new Map<Value, () => readonly number[]>();
  eachGraph(graph, (g) => g.constants.forEach((data, v) => constants.set(v, () => [...toNumbers(data.load())])));
  const constant = (v: Value | undefined): readonly number[] | undefined => (v ? constants.get(v)?.() : undefined);
  eachGraph(graph, (g) => {
    for (const node of g.nodes) {
      const dispute = disputes.find((d) => d.op === node.op && d.applies(node, constant));
      if (dispute) found.push({ node, dispute });
    }
  });
  return found;
}
