/** Pooling by window, pooling to one value, and resizing in the modes whose coordinates CNNL's flags fix. */
import { isConst } from "../../../src/base/dim.js";
import type { Dim } from "../../../src/base/dim.js";
import { floatAttr, intAttr, intsAttr, rankedType, textAttr } from "../../../src/ir/graph.js";
import type { Node } from "../../../src/ir/graph.js";
import type { CallSite, ClaimRow, Emitted } from "../../../src/plan/target.js";
import { withHeight } from "./conv.js";
import { list, step } from "./step.js";

const channelsLast = (node: Node): ReturnType<NonNullable<ClaimRow["layout"]>> => {
  const rank = rankedType(node.inputs[0])?.shape.length ?? 4;
  const last = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
  return { inputs: [last], outputs: [last] };
};

const two = (values: readonly number[], fill: number): readonly number[] => (values.length === 1 ? [fill, ...values] : values);

const emitPool =
  (kind: "max" | "average") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      const { node } = site;
      const [x, y] = [s.input(0), s.output];
      const kernel = intsAttr(node, "kernel_shape") ?? [];
      const spatial = kernel.length;
      const ones = new Array<number>(spatial).fill(1);
      const pads = intsAttr(node, "pads") ?? new Array<number>(2 * spatial).fill(0);
      const [begin, end] = [two(pads.slice(0, spatial), 0), two(pads.slice(spatial), 0)];
      const window = [
        two(kernel, 1),
        [begin[0], end[0], begin[1], end[1]],
        two(intsAttr(node, "strides") ?? ones, 1),
        two(intsAttr(node, "dilations") ?? ones, 1),
      ];
      const included = intAttr(node, "count_include_pad") === 1 ? "INCLUDE" : "EXCLUDE";
      const mode = kind === "max" ? "CNNL_POOLING_MAX" : `CNNL_POOLING_AVERAGE_COUNT_${included}_PADDING`;
      s.tensor("x", "NHWC", x.dtype, withHeight(x.shape)).tensor("y", "NHWC", y.dtype, withHeight(y.shape)).hold("Pooling", "pool");
      const ceil = intAttr(node, "ceil_mode") === 1 ? "true" : "false";
      s.call("cnnlSetPooling2dDescriptor_v2", "pool", mode, "CNNL_PROPAGATE_NAN", ...window.flat().map(String), ceil);
      const out = withHeight(y.shape);
      s.workspace(() =>
        s.call("cnnlGetPoolingWorkspaceSize", "handle", mode, `(int)(${site.dim(out[2])})`, `(int)(${site.dim(out[1])})`, "&bytes"),
      );
      s.call("cnnlPoolingForward", "handle", "pool", "nullptr", "x", x.ptr, "nullptr", "y", y.ptr, "workspace", "bytes");
    });

function acceptsPool(node: Node): true | string {
  const spatial = intsAttr(node, "kernel_shape")?.length;
  if (spatial !== 1 && spatial !== 2) return "windows of one or two dimensions";
  if (rankedType(node.inputs[0])?.shape.length !== spatial + 2) return "an operand of unknown rank";
  if (node.outputs[1]) return "positions of the maxima are counted another way";
  if (node.op === "MaxPool") return true;
  if (intAttr(node, "ceil_mode") === 1) return "what an average divides by in windows beyond the edge stands in no public document";
  return (intsAttr(node, "dilations") ?? []).every((d) => d === 1) ? true : "dilated averages";
}

const emitGlobal =
  (op: "CNNL_REDUCE_MAX" | "CNNL_REDUCE_AVG") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      const [x, y] = [s.input(0), s.output];
      const axes = x.shape.map((_, i) => i).slice(1, -1);
      s.tensor("x", "ARRAY", x.dtype, x.shape).tensor("y", "ARRAY", y.dtype, y.shape).hold("Reduce", "reduce");
      s.line(`int axes[] = ${list(axes)};`);
      const settings = [op, "CNNL_DTYPE_FLOAT", "CNNL_PROPAGATE_NAN", "CNNL_REDUCE_NO_INDICES", "CNNL_32BIT_INDICES", "0.0f"];
      s.call("cnnlSetReduceDescriptor_v2", "reduce", "axes", `${axes.length}`, ...settings);
      s.line("const float alpha = 1.0f, beta = 0.0f;");
      s.workspace(() => s.call("cnnlGetReduceOpWorkspaceSize", "handle", "x", "y", "reduce", "&bytes"));
      s.call("cnnlReduce", "handle", "reduce", "workspace", "bytes", "&alpha", "x", x.ptr, "0", "nullptr", "&beta", "y", y.ptr);
    });

function acceptsGlobal(node: Node): true | string {
  const rank = rankedType(node.inputs[0])?.shape.length ?? 0;
  return rank >= 3 && rank <= 8 ? true : "3 to 8 dims";
}

interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixel: boolean;
  readonly mode: "NEAREST" | "BILINEAR";
}

/** The flags of cnnlInterp_v2 for an ONNX Resize, where they say the same. */
function samplingOf(node: Node): Sampling | undefined {
  const mode = textAttr(node, "mode") ?? "nearest";
  const coordinates = textAttr(node, "coordinate_transformation_mode") ?? "half_pixel";
  if (mode === "nearest") {
    const floors = coordinates === "asymmetric" && textAttr(node, "nearest_mode") === "floor";
    return floors ? { alignCorners: false, halfPixel: false, mode: "NEAREST" } : undefined;
  }
  if (mode !== "linear") return undefined;
  if (coordinates === "half_pixel") return { alignCorners: false, halfPixel: true, mode: "BILINEAR" };
  if (coordinates === "align_corners") return { alignCorners: true, halfPixel: false, mode: "BILINEAR" };
  return coordinates === "asymmetric" ? { alignCorners: false, halfPixel: false, mode: "BILINEAR" } : undefined;
}

/** With the scale left to CNNL it is output over input, so ONNX's must be just that. */
function scaleIsRatio(node: Node, x: readonly Dim[], y: readonly Dim[]): boolean {
  const scales = node.attrs.scales?.kind === "floats" ? node.attrs.scales.value : undefined;
  if (!scales) return true;
  return scales.every((scale, i) => {
    const [from, to] = [x[i], y[i]];
    return isConst(from) && isConst(to) ? Math.abs(from * scale - to) < 1e-6 : Number.isInteger(scale);
  });
}

function acceptsResize(node: Node): true | string {
  const [x, y] = [rankedType(node.inputs[0])?.shape, rankedType(node.outputs[0])?.shape];
  if (x?.length !== 4 || y?.length !== 4) return "four dims";
  if (!samplingOf(node)) return "this coordinate mode has no certain flag";
  if (intAttr(node, "antialias") === 1 || intAttr(node, "exclude_outside") === 1 || floatAttr(node, "extrapolation_value"))
    return "antialias or extrapolation";
  if (node.attrs.axes !== undefined) return "axes were not resolved";
  const same = (i: number) => (isConst(x[i]) && isConst(y[i]) ? x[i] === y[i] : String(x[i]) === String(y[i]));
  if (!same(0) || !same(1)) return "batch or channels are resized";
  return scaleIsRatio(node, x, y) ? true : "the scale is not output over input";
}

function emitResize(site: CallSite): Emitted {
  return step(site, (s) => {
    const [x, y] = [s.input(0), s.output];
    const how = samplingOf(site.node);
    s.tensor("x", "NHWC", x.dtype, x.shape).tensor("y", "NHWC", y.dtype, y.shape);
    s.call(
      "cnnlInterp_v2",
      "handle",
      `${how?.alignCorners}`,
      `${how?.halfPixel}`,
      `CNNL_INTERP_${how?.mode}`,
      "nullptr",
      "true",
      "x",
      x.ptr,
      "y",
      y.ptr,
    );
  });
}

const halves = ["f32", "f16"] as const;

export const imageRows: readonly ClaimRow[] = [
  { op: "MaxPool", types: halves, role: "library", layout: channelsLast, accepts: acceptsPool, emit: emitPool("max") },
  { op: "AveragePool", types: halves, role: "library", layout: channelsLast, accepts: acceptsPool, emit: emitPool("average") },
  {
    op: "GlobalAveragePool",
    types: halves,
    role: "library",
    layout: channelsLast,
    accepts: acceptsGlobal,
    emit: emitGlobal("CNNL_REDUCE_AVG"),
  },
  {
    op: "GlobalMaxPool",
    types: halves,
    role: "library",
    layout: channelsLast,
    accepts: acceptsGlobal,
    emit: emitGlobal("CNNL_REDUCE_MAX"),
  },
  { op: "Resize", types: halves, role: "library", layout: channelsLast, accepts: acceptsResize, emit: emitResize },
];
