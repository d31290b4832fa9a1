import { product } from "../../../src/base/dim.js";
import { rankedType, type Node } from "../../../src/ir/graph.js";
import type { CallSite, ClaimRow, Emitted } from "../../../src/claim/target.js";
import { axisOf, padded, permutationOf, rankOf } from "../../kit/node.js";
import { alternateRow } from "../../kit/row.js";
import { braced } from "../../kit/step.js";
import { step, type Step } from "./step.js";
/** Operands a, b and result y, all of the result's rank. */
function broadcastOperands(s: Step): void {
  const [a, b, y] = [s.input(0), s.input(1), s.output];
  const rank = Math.max(1, y.shape.length);
  s.tensor("a", "ARRAY", a.dtype, padded(a.shape, rank))
    .tensor("b", "ARRAY", b.dtype, padded(b.shape, rank))
    .tensor("y", "ARRAY", y.dtype, padded(y.shape, rank));
}

const opTensor =
  (op: "ADD" | "SUB" | "MUL") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      const [a, b, y] = [s.input(0), s.input(1), s.output];
      const compute = y.dtype === "i32" ? "CNNL_DTYPE_INT32" : "CNNL_DTYPE_FLOAT";
      broadcastOperands(s);
      s.hold("OpTensor", "op").call("cnnlSetOpTensorDescriptor", "op", `CNNL_OP_TENSOR_${op}`, compute, "CNNL_PROPAGATE_NAN");
      s.line(y.dtype === "i32" ? "const int one = 1, none = 0;" : "const float one = 1.0f, none = 0.0f;");
      s.workspace((bytes) => s.call("cnnlGetOpTensorWorkspaceSize", "handle", "a", "b", "y", bytes));
      s.call("cnnlOpTensor", "handle", "op", "&one", "a", a.ptr, "&one", "b", b.ptr, "workspace", "bytes", "&none", "y", y.ptr);
    });

/** x and y seen as one long vector. */
function flat(s: Step): void {
  const [x, y] = [s.input(0), s.output];
  s.tensor("x", "ARRAY", x.dtype, [product(x.shape)]).tensor("y", "ARRAY", y.dtype, [product(y.shape)]);
}

const activation =
  (mode: "RELU" | "SIGMOID" | "TANH") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      flat(s);
      const settings = [
        ["MODE", "cnnlActivationMode_t", `CNNL_ACTIVATION_${mode}`],
        ["PREFERENCE", "cnnlActivationPreference_t", "CNNL_ACTIVATION_HIGH_PRECISION"],
        ["NAN_PROP", "cnnlNanPropagation_t", "CNNL_PROPAGATE_NAN"],
      ] as const;
      s.hold("Activation", "activation");
      for (const [attribute, type, value] of settings) {
        const name = attribute.toLowerCase();
        s.line(`const ${type} ${name} = ${value};`);
        s.call("cnnlSetActivationDescAttr", "activation", `CNNL_ACTIVATION_${attribute}`, `&${name}`, `sizeof(${name})`);
      }
      s.call("cnnlActivationForward", "handle", "activation", "nullptr", "x", s.input(0).ptr, "nullptr", "y", s.output.ptr);
    });

const unary =
  (call: "cnnlExp" | "cnnlSqrt") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      flat(s);
      s.call(call, "handle", "x", s.input(0).ptr, "y", s.output.ptr);
    });

/** A view (outer, axis, inner): the last is the axis itself when nothing lies inside it. */
const softmax =
  (algorithm: "ACCURATE" | "LOG") =>
  (site: CallSite): Emitted =>
    step(site, (s) => {
      const [x, y] = [s.input(0), s.output];
      const axis = axisOf(site.node, x.shape.length);
      const inner = product(x.shape.slice(axis + 1));
      const last = inner === 1;
      const view = last ? [1, product(x.shape.slice(0, axis)), x.shape[axis]] : [product(x.shape.slice(0, axis)), x.shape[axis], inner];
      s.tensor("x", "ARRAY", x.dtype, view).tensor("y", "ARRAY", y.dtype, view);
      const mode = `CNNL_SOFTMAX_MODE_${last ? "LOW" : "MEDIUM"}_DIMENSION`;
      const operands = ["nullptr", "x", x.ptr, "nullptr", "y", y.ptr];
      s.call("cnnlSoftmaxForward", "handle", `CNNL_SOFTMAX_${algorithm}`, mode, ...operands);
    });

function emitTranspose(site: CallSite): Emitted {
  return step(site, (s) => {
    const [x, y] = [s.input(0), s.output];
    const perm = permutationOf(site.node, x.shape.length);
    s.tensor("x", "ARRAY", x.dtype, x.shape).tensor("y", "ARRAY", y.dtype, y.shape).hold("Transpose", "transpose");
    s.line(`const int perm[] = ${braced(perm)};`).call("cnnlSetTransposeDescriptor", "transpose", `${perm.length}`, "perm");
    s.workspace((bytes) => s.call("cnnlGetTransposeWorkspaceSize", "handle", "x", "transpose", bytes));
    s.call("cnnlTranspose_v2", "handle", "transpose", "x", x.ptr, "y", y.ptr, "workspace", "bytes");
  });
}

function ranked(node: Node): true | string {
  const ranks = [...node.inputs, ...node.outputs].map((v) => rankedType(v)?.shape.length ?? 9);
  return ranks.every((r) => r <= 8) ? true : "CNNL descriptors have at most 8 dims";
}

const hasAxis = (node: Node): true | string => ((rankOf(node) ?? 0) > 0 ? ranked(node) : "a scalar has no axis");

const halves = ["f32", "f16"] as const;
export const elementwiseRows: readonly ClaimRow[] = [
  alternateRow("Add", ["f32", "f16", "i32"], ranked, opTensor("ADD")),
  alternateRow("Sub", ["f32", "f16", "i32"], ranked, opTensor("SUB")),
  alternateRow("Mul", ["f32", "f16", "i32"], ranked, opTensor("MUL")),
  alternateRow("Relu", halves, ranked, activation("RELU")),
  alternateRow("Sigmoid", halves, ranked, activation("SIGMOID")),
  alternateRow("Tanh", halves, ranked, activation("TANH")),
  alternateRow("Exp", halves, ranked, unary("cnnlExp")),
  alternateRow("Sqrt", halves, ranked, unary("cnnlSqrt")),
  alternateRow("Softmax", halves, hasAxis, softmax("ACCURATE")),
  alternateRow("LogSoftmax", halves, hasAxis, softmax("LOG")),
  alternateRow("Transpose", ["f32", "f16", "i32", "i8", "u8", "bool"], hasAxis, emitTranspose),
];
