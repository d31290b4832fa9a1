import { intAttr, intsAttr, rankedType, type Node } from "../../../src/ir/graph.js";
import type { CallSite, ClaimRow, Emitted } from "../../../src/claim/target.js";
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
      s.call("cnnlSetPooling2dDescriptor_v2", "pool", mode, "CNNL_NOT_PROPAGATE_NAN", ...window.flat().map(String), ceil);
      const out = withHeight(y.shape);
      s.line("portolan::bang::PoolingTable table;").line("size_t bytes = 0;");
      s.call("cnnlGetPoolingWorkspaceSize_v2", "handle", "pool", "x", "y", "&bytes");
      s.call("cnnlGetPoolingExtraInputSize", "handle", mode, `(int)(${site.dim(out[2])})`, `(int)(${site.dim(out[1])})`, "&table.bytes");
      s.line("void* workspace = r.workspace(table.behind(bytes));");
      s.line("if (table.behind(bytes) > 0 && !workspace) return portolan::no_memory;");
      s.uses("cnnlInitPoolingExtraInput").line("PTL_TRY(table.fill(r, handle, pool, x, y, workspace, bytes));");
      s.call("cnnlPoolingForward_v2", "handle", "pool", "nullptr", "x", x.ptr, "nullptr", "table.at", "y", y.ptr, "workspace", "bytes");
    });

function acceptsPool(node: Node): true | string {
  const spatial = intsAttr(node, "kernel_shape")?.length;
  if (spatial !== 1 && spatial !== 2) return "windows of one or two dimensions";
  if (rankedType(node.inputs[0])?.shape.length !== spatial + 2) return "an operand of unknown rank";
  if (node.outputs[1]) return "positions of the maxima are counted another way";
  if ((intsAttr(node, "dilations") ?? []).some((d) => d !== 1)) return "CNNL pools without dilation only";
  if (node.op === "MaxPool" || intAttr(node, "ceil_mode") !== 1) return true;
  return "what an average divides by in windows beyond the edge stands in no public document";
}

const emitGlobal =
  (op: "CNNL_REDUCE_MAX" | "CNNL_REDUCE_AVG") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      const [x, y] = [s.input(0), s.output];
      const axes = x.shape.map((_, i) => i).slice(1, -1);
      s.tensor("x", "ARRAY", x.dtype, x.shape).tensor("y", "ARRAY", y.dtype, y.shape).hold("Reduce", "reduce");
      s.line(`int axes[] = ${list(axes)};`);
      const settings = [op, "CNNL_DTYPE_FLOAT", "CNNL_NOT_PROPAGATE_NAN", "CNNL_REDUCE_NO_INDICES", "CNNL_32BIT_INDICES", "0.0f"];
      s.call("cnnlSetReduceDescriptor_v2", "reduce", "axes", `${axes.length}`, ...settings);
      s.line("const float alpha = 1.0f, beta = 0.0f;");
      s.workspace((bytes) => s.call("cnnlGetReduceOpWorkspaceSize_v2", "handle", "x", "y", "nullptr", "reduce", bytes));
      const operands = ["x", x.ptr, "&alpha", "&beta", "workspace", "bytes", "y", y.ptr, "nullptr", "nullptr"];
      s.call("cnnlReduce_v2", "handle", "reduce", ...operands);
    });

function acceptsGlobal(node: Node): true | string {
  const rank = rankedType(node.inputs[0])?.shape.length ?? 0;
  return rank >= 3 && rank <= 8 ? true : "3 to 8 dims";
}

const halves = ["f32", "f16"] as const;

export const imageRows: readonly ClaimRow[] = [
  { op: "MaxPool", types: halves, role: "library", layout: channelsLast, accepts: acceptsPool, emit: emitPool("max") },
  { op: "AveragePool", types: ["f32"], role: "library", layout: channelsLast, accepts: acceptsPool, emit: emitPool("average") },
  {
    op: "GlobalAveragePool",
    types: ["f32"],
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
];
