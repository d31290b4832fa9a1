import { isConst, product, sameDim, type Dim } from "../../../src/base/dim.js";
import { rankedType, type Node } from "../../../src/ir/graph.js";
import type { CallSite, ClaimRow, Emitted } from "../../../src/claim/target.js";
import { xdnn } from "../calls.js";
import { factorsOf, levelsAs, outputShape, shapeOf, type Factors } from "../../kit/node.js";
import { inputOf, outputOf } from "../../kit/step.js";
import { emitted, floatTypes, gemmType, hasXre5, isEmpty, maximaOf, ofLevels, optionalFloats, source, target, typeName } from "./step.js";

/** One product or a batch of them: [batch] of (m x k) * (k x n). */
interface Product {
  readonly batch: Dim;
  readonly m: Dim;
  readonly n: Dim;
  readonly k: Dim;
  readonly transA: boolean;
  readonly transB: boolean;
}

/** The product two shapes make, or why XDNN has no call for it. Rows of all batches are one matrix when b is shared. */
function productOf(a: readonly Dim[], b: readonly Dim[], { transA, transB }: Factors): Product | string {
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const [rows, cols] = left.slice(-2);
  const [m, k] = transA ? [cols, rows] : [rows, cols];
  const n = right[right.length - (transB ? 2 : 1)];
  const [batchA, batchB] = [left.slice(0, -2), right.slice(0, -2)];
  if (isConst(k) && k === 0) return "an inner extent of 0 is refused by XDNN";
  if (batchB.every((d) => d === 1)) {
    if (transA && !batchA.every((d) => d === 1)) return "a transposed first operand of several matrices with a shared second one";
    return { batch: 1, m: product([...batchA, m]), n, k, transA, transB };
  }
  const equal = batchA.length === batchB.length && batchA.every((d, i) => sameDim(d, batchB[i]));
  if (!equal) return "broadcast batches: fc_batched with a stride of 0 is not documented";
  return { batch: product(batchA), m, n, k, transA, transB };
}

type Kind = "MatMul" | "Gemm" | "contract";

const accepts =
  (kind: Kind) =>
  (node: Node): true | string => {
    const [a, b] = [shapeOf(node, 0), shapeOf(node, 1)];
    if (!a || !b || a.length === 0 || b.length === 0) return "an operand without rank";
    const [x, y] = [rankedType(node.inputs[0]), rankedType(node.outputs[0])];
    if (x?.dtype !== rankedType(node.inputs[1])?.dtype || x?.dtype !== y?.dtype) return "operands and result of different types";
    if (isEmpty(a) || isEmpty(b)) return "an operand is empty";
    if (node.inputs.length > 2 && kind === "contract") return "zero points";
    const found = productOf(a, b, factorsOf(node));
    return typeof found === "string" ? found : kind === "Gemm" ? acceptsBias(node) : true;
  };

function acceptsProductOfLevels(node: Node): true | string {
  const [a, b] = [shapeOf(node, 0), shapeOf(node, 1)];
  if (!a || !b) return "an operand without rank";
  const found = productOf(a, b, factorsOf(node));
  return typeof found === "string" ? found : levelsAs("f32", node);
}

/** C of a Gemm is fc_fusion's bias when it is one row of n values. */
function acceptsBias(node: Node): true | string {
  const c = shapeOf(node, 2);
  const { beta } = factorsOf(node);
  if (!node.inputs[2] || beta === 0) return true;
  const y = outputShape(node);
  const row = !!c && !!y && (c.length === 1 || (c.length === 2 && c[0] === 1)) && sameDim(c[c.length - 1], y[1]);
  if (!row) return "C is no row of n values";
  return beta === 1 ? true : "beta other than 1 with a bias";
}

/** What fc_fusion applies to the sum: the members of Activation_t whose meaning is confirmed. */
const activations: Readonly<Record<string, string>> = { Relu: "RELU", Sigmoid: "SIGMOID", Tanh: "TANH" };

function activation({ then }: CallSite): string {
  return `xdnn::Activation_t::${then === undefined ? "LINEAR" : activations[then]}`;
}

const emit =
  (kind: Kind) =>
  (site: CallSite): Emitted => {
    const [a, b, y] = [inputOf(site, 0), inputOf(site, 1), outputOf(site)];
    const factors = factorsOf(site.node);
    const p = productOf(a.shape, b.shape, factors);
    if (typeof p === "string") throw new Error(`internal: ${kind} was claimed although: ${p}`);
    const types = [a, b, y].map((o): string => typeName(o.dtype)).concat(gemmType(site, a.dtype));
    const [m, n, k] = [p.m, p.n, p.k].map((d) => site.dim(d));
    const alpha = spellFloat(factors.alpha);
    const common = {
      m,
      n,
      k,
      x_trans: `${p.transA}`,
      w_trans: `${p.transB}`,
      alpha,
      beta: "0.0f",
      x: source(a),
      w: source(b),
      y: target(y),
    };
    const maxima = maximaOf(site);
    const computed = { x_maxptr: maxima, w_maxptr: maxima };
    if (p.batch !== 1) {
      const strides = { stride_a: times(site, p.m, p.k), stride_b: times(site, p.k, p.n), stride_c: times(site, p.m, p.n) };
      const batched = { ...common, ...computed, ...strides, batch_size: site.dim(p.batch) };
      if (hasXre5(site)) return emitted("xblas::fc_batched", xdnn("xblas::fc_batched", [...types, "float", "0"], batched));
      return emitted("fc_batched", xdnn("fc_batched", types, batched));
    }
    const used = kind === "Gemm" && factors.beta !== 0 ? site.inputs[2] : undefined;
    if (hasXre5(site))
      return emitted("xblas::fc_fusion", fusedProduct(p, types, { ...common, maxima, bias: optionalFloats(used), act: activation(site) }));
    const leading = { ldx: p.transA ? m : k, ldw: p.transB ? k : n, ldy: n };
    const epilogue = { y_maxptr: "nullptr", bias: optionalFloats(used), act: activation(site) };
    return emitted("fc_fusion", xdnn("fc_fusion", types, { ...common, ...computed, ...leading, ...epilogue }));
  };

type Fused = Readonly<Record<"m" | "n" | "k" | "x" | "w" | "y" | "alpha" | "beta" | "maxima" | "bias" | "act", string>>;

/** One product of xblas: operands carry their stored rows, columns and leading dimension. */
function fusedProduct(p: Product, types: readonly string[], { m, n, k, x, w, y, alpha, beta, maxima, bias, act }: Fused): string {
  const [tx, tw, ty, gemm] = types;
  const tensor = (type: string, fields: readonly string[]): string => `xblas::FcFusionTensor<${type}>{${fields.join(", ")}}`;
  const stored = (rows: string, cols: string, turned: boolean): string[] =>
    turned ? [cols, rows, rows, "true"] : [rows, cols, cols, "false"];
  return xdnn("xblas::fc_fusion", [tx, tw, ty, ty, gemm, "float", "float", "float", "float"], {
    a: tensor(`const ${tx}`, [x, maxima, ...stored(m, k, p.transA)]),
    b: tensor(`const ${tw}`, [w, maxima, ...stored(k, n, p.transB)]),
    c: tensor(`const ${ty}`, [y, "nullptr", m, n, n, "false"]),
    d: tensor(ty, [y, "nullptr", m, n, n, "false"]),
    desc: `xblas::FcFusionDesc<${gemm}, float, float>{${alpha}, ${beta}}`,
    epilogue: `xblas::FcFusionEpilogue<float, float>{${act}, ${bias}, nullptr, nullptr, 0, 0, nullptr}`,
  });
}

const times = ({ dim }: CallSite, a: Dim, b: Dim) => [a, b].map((d) => (isConst(d) ? dim(d) : `(${dim(d)})`)).join(" * ");

function spellFloat(x: number): string {
  const value = Math.fround(x);
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0f` : `${value}f`;
}

export const contractionRows: readonly ClaimRow[] = [
  { op: "MatMul", types: floatTypes, role: "library", accepts: accepts("MatMul"), emit: emit("MatMul") },
  // The bias is float whatever the data is.
  {
    op: "Gemm",
    types: floatTypes,
    role: "library",
    epilogue: Object.keys(activations),
    accepts: accepts("Gemm"),
    operandTypes: (n) => (n.inputs[2] ? [undefined, undefined, "f32"] : undefined),
    emit: emit("Gemm"),
  },
  { op: "contract", types: floatTypes, role: "library", accepts: accepts("contract"), emit: emit("contract") },
  {
    op: "contract",
    name: "contract of levels",
    types: ["i8"],
    role: "library",
    ...ofLevels,
    accepts: acceptsProductOfLevels,
    emit: emit("contract"),
  },
];
