import { intAttr, intsAttr, type Node } from "../../../src/ir/graph.js";
import type { CallSite, ClaimRow, Emitted } from "../../../src/claim/target.js";
import { withHeight } from "./conv.js";
import { isDilated, padsByAxis, planar, rankOf, windowOf } from "../../kit/node.js";
import { libraryRow } from "../../kit/row.js";
import { braced } from "../../kit/step.js";
import type { CallName } from "../calls.js";
import { step } from "./step.js";

const channelsLast = (node: Node): ReturnType<NonNullable<ClaimRow["layout"]>> => {
  const rank = rankOf(node) ?? 4;
  const last = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
  return { inputs: [last], outputs: [last] };
};

const emitPool =
  (kind: "max" | "average") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      const { node } = site;
      const [x, y] = [s.input(0), s.output];
      const plane = planar(windowOf(node));
      const window = [plane.kernel, padsByAxis(plane), plane.strides, plane.dilations];
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
      s.use("cnnlInitPoolingExtraInput" satisfies CallName).line("PTL_TRY(table.fill(r, handle, pool, x, y, workspace, bytes));");
      s.call("cnnlPoolingForward_v2", "handle", "pool", "nullptr", "x", x.ptr, "nullptr", "table.at", "y", y.ptr, "workspace", "bytes");
    });

function acceptsPool(node: Node): true | string {
  const spatial = intsAttr(node, "kernel_shape")?.length;
  if (spatial !== 1 && spatial !== 2) return "windows of one or two dimensions";
  if (rankOf(node) !== spatial + 2) return "an operand of unknown rank";
  if (node.outputs[1]) return "positions of the maxima are counted another way";
  if (isDilated(node)) return "CNNL pools without dilation only";
  if (node.op === "MaxPool" || intAttr(node, "ceil_mode") !== 1) return true;
  return "what an average divides by in windows beyond the edge stands in no public document";
}

const emitGlobal =
  (op: "CNNL_REDUCE_MAX" | "CNNL_REDUCE_AVG") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      const [x, y] = [s.input(0), s.output];
      const axes = [...x.shape.keys()].slice(1, -1);
      s.tensor("x", "ARRAY", x.dtype, x.shape).tensor("y", "ARRAY", y.dtype, y.shape).hold("Reduce", "reduce");
      s.line(`int axes[] = ${braced(axes)};`);
      const settings = [op, "CNNL_DTYPE_FLOAT", "CNNL_NOT_PROPAGATE_NAN", "CNNL_REDUCE_NO_INDICES", "CNNL_32BIT_INDICES", "0.0f"];
      s.call("cnnlSetReduceDescriptor_v2", "reduce", "axes", `${axes.length}`, ...settings);
      s.line("const float alpha = 1.0f, beta = 0.0f;");
      s.workspace((bytes) => s.call("cnnlGetReduceOpWorkspaceSize_v2", "handle", "x", "y", "nullptr", "reduce", bytes));
      const operands = ["x", x.ptr, "&alpha", "&beta", "workspace", "bytes", "y", y.ptr, "nullptr", "nullptr"];
      s.call("cnnlReduce_v2", "handle", "reduce", ...operands);
    });

function acceptsGlobal(node: Node): true | string {
  const rank = rankOf(node) ?? 0;
  return rank >= 3 && rank <= 8 ? true : "3 to 8 dims";
}

const halves = ["f32", "f16"] as const;

export const imageRows: readonly ClaimRow[] = [
  libraryRow("MaxPool", halves, acceptsPool, emitPool("max"), { layout: channelsLast }),
  libraryRow("AveragePool", ["f32"], acceptsPool, emitPool("average"), { layout: channelsLast }),
  libraryRow("GlobalAveragePool", ["f32"], acceptsGlobal, emitGlobal("CNNL_REDUCE_AVG"), { layout: channelsLast }),
  libraryRow("GlobalMaxPool", halves, acceptsGlobal, emitGlobal("CNNL_REDUCE_MAX"), { layout: channelsLast }),
];
