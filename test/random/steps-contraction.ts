/** Steps of matrix work: products, convolutions, and the windows of pooling. */
import { isFloat, type DType } from "../../src/base/dtype.js";
import type { Value } from "../../src/ir/graph.js";
import { float, int, ints, text, type Growing } from "./growing.js";
import type { Step } from "./step.js";

const widths = [1, 2, 3, 4, 5, 8, 15, 16, 17, 32, 33, 64];

function works(g: Growing, ...factors: number[]): boolean {
  return factors.reduce((a, b) => a * b, 1) <= g.limits.work;
}

const matmul: Step = (g, x) => {
  const shape = g.shape(x);
  const dtype = g.dtype(x);
  if (shape.length === 0 || !(isFloat(dtype) || dtype === "i32" || dtype === "i64")) return undefined;
  const last = shape.length - 1;
  const [k, n] = [shape[last], g.rng.pick(widths)];
  if (!works(g, ...shape, n)) return undefined;
  const dk = g.dims(x)[last];
  const how = g.rng.int(0, 5);
  if (how === 0) return g.node("MatMul", [x, g.other(dtype, [k], undefined, [dk])]);
  const batch =
    how === 1 && shape.length > 2 ? shape.slice(0, -2).map((d, i) => (g.isOpen(x, i) || g.rng.chance(0.3) ? 1 : d)) : how === 2 ? [2] : [];
  if (how === 3 && shape.length > 1) {
    // x from the right: [m, rows] x [.., rows, k].
    const rows = shape[last - 1];
    return g.node("MatMul", [g.other(dtype, [n, rows], undefined, [n, g.dims(x)[last - 1]]), x]);
  }
  const w = g.other(dtype, [...batch, k, n], undefined, [...batch, dk, n]);
  const y = g.node("MatMul", [x, w]);
  if (!y || g.rng.chance(0.6) || how === 0) return y;
  return g.node("Add", [y, g.other(dtype, [n])]);
};

const gemm: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length !== 2 || !isFloat(g.dtype(x))) return undefined;
  const [ta, tb] = [g.rng.int(0, 1), g.rng.int(0, 1)];
  const [m, k] = ta ? [shape[1], shape[0]] : shape;
  const dk = g.dims(x)[ta ? 0 : 1];
  const n = g.rng.pick(widths);
  if (!works(g, m, k, n)) return undefined;
  const w = g.other(g.dtype(x), tb ? [n, k] : [k, n], undefined, tb ? [n, dk] : [dk, n]);
  const c = g.rng.chance(0.6) ? g.other(g.dtype(x), g.rng.pick([[n], [1, n], [1], []])) : undefined;
  const attrs = { transA: int(ta), transB: int(tb), ...(g.rng.chance(0.4) ? { alpha: float(0.5), beta: float(1.5) } : {}) };
  return g.node("Gemm", c ? [x, w, c] : [x, w], attrs);
};

/** Equations over x of this rank; the second operand's letters follow from the text, `n` is new. */
const equations: Readonly<Record<number, readonly string[]>> = {
  1: ["i,i->", "i,n->in", "i,i->i", "i->"],
  2: ["ij,jn->in", "ij,nj->ni", "ij,ij->i", "ij->ji", "ij->j", "ij,j->ij", "ij,in->jn"],
  3: ["bij,bjn->bin", "bij,bnj->bin", "bij,bij->b", "bij,jn->nbi", "bij->jb", "bij,in->bjn"],
  4: ["bhid,bhnd->bhin", "bhid,dn->bhin", "bhid,hdn->bin", "bhid->bidh", "bhid,bhin->bhnd"],
};

const einsum: Step = (g, x) => {
  const shape = g.shape(x);
  if (!isFloat(g.dtype(x)) || !equations[shape.length]) return undefined;
  const equation = g.rng.pick(equations[shape.length]);
  const [a, b] = equation.split("->")[0].split(",");
  const n = g.rng.pick(widths);
  if (!works(g, ...shape, equation.includes("n") ? n : 1)) return undefined;
  if (b === undefined) return g.node("Einsum", [x], { equation: text(equation) });
  const at = (letter: string): number => a.indexOf(letter);
  const other = [...b].map((l) => (l === "n" ? n : shape[at(l)]));
  const dims = [...b].map((l) => (l === "n" ? n : g.dims(x)[at(l)]));
  return g.node("Einsum", [x, g.other(g.dtype(x), other, undefined, dims)], { equation: text(equation) });
};

const matmulInteger: Step = (g, x) => {
  const shape = g.shape(x);
  const dtype = g.dtype(x);
  if (shape.length < 2 || (dtype !== "i8" && dtype !== "u8")) return undefined;
  const n = g.rng.pick([1, 3, 8, 17]);
  if (!works(g, ...shape, n)) return undefined;
  const w = g.other("u8", [shape[shape.length - 1], n], undefined, [g.dims(x)[shape.length - 1], n]);
  if (g.rng.chance(0.5)) return g.node("MatMulInteger", [x, w]);
  return g.node("MatMulInteger", [x, w, g.numbers(dtype, [g.rng.int(0, 9)], []), g.numbers("u8", [g.rng.int(0, 9)], [])]);
};

interface Windows {
  readonly kernel: number[];
  readonly attrs: Record<string, ReturnType<typeof ints>>;
}

/** Sizes, strides, dilations and pads for the axes behind the channels; undefined where no window fits. */
function windows(g: Growing, x: Value, pooled: boolean): Windows | undefined {
  const space = g.shape(x).slice(2);
  const dilations = space.map((d, i) => (d > 4 && !g.isOpen(x, 2 + i) && g.rng.chance(0.3) ? g.rng.int(2, 3) : 1));
  const kernel = space.map((d, i) => g.rng.pick([1, 2, 3, 5].filter((k) => (k - 1) * dilations[i] + 1 <= Math.max(1, d))));
  if (space.includes(0) || kernel.some((k) => k === undefined)) return undefined;
  const strides = space.map(() => g.rng.pick([1, 1, 2, 3]));
  const half = kernel.map((k, i) => (pooled ? Math.min(k - 1, 2) : (k - 1) * dilations[i]));
  const pads = [...half, ...half].map((p) => (g.rng.chance(0.5) ? 0 : g.rng.int(0, p)));
  return {
    kernel,
    attrs: {
      ...(g.rng.chance(0.7) ? { strides: ints(strides) } : {}),
      ...(dilations.some((d) => d > 1) ? { dilations: ints(dilations) } : {}),
      ...(pads.some((p) => p > 0) ? { pads: ints(pads) } : {}),
    },
  };
}

const conv: Step = (g, x) => {
  const shape = g.shape(x);
  if (!isFloat(g.dtype(x)) || shape.length < 3 || shape.length > 5 || g.isOpen(x, 1) || shape[1] === 0) return undefined;
  const w = windows(g, x, false);
  if (!w) return undefined;
  const c = shape[1];
  const group = g.rng.pick([1, 1, c, ...[2, 3, 4].filter((n) => c % n === 0)]);
  const each = g.rng.pick([1, 2, 3, 8]);
  if (!works(g, ...shape, group * each, ...w.kernel)) return undefined;
  const transposed = g.rng.chance(0.2);
  const weight = transposed ? [c, each, ...w.kernel] : [group * each, c / group, ...w.kernel];
  const bias = g.rng.chance(0.5) ? g.other(g.dtype(x), [group * each]) : undefined;
  const attrs = { ...w.attrs, ...(group > 1 ? { group: int(group) } : {}), kernel_shape: ints(w.kernel) };
  const operands = [x, g.other(g.dtype(x), weight), ...(bias ? [bias] : [])];
  if (!transposed && !("pads" in attrs) && !("dilations" in attrs) && g.rng.chance(0.2))
    return g.node("Conv", operands, { ...attrs, auto_pad: text(g.rng.pick(["SAME_UPPER", "SAME_LOWER", "VALID"])) });
  return g.node(transposed ? "ConvTranspose" : "Conv", operands, attrs);
};

const pool: Step = (g, x) => {
  const shape = g.shape(x);
  const dtype = g.dtype(x);
  if (shape.length < 3 || shape.length > 5 || !(isFloat(dtype) || dtype === "u8" || dtype === "i8")) return undefined;
  const w = windows(g, x, true);
  if (!w || !works(g, ...shape, ...w.kernel)) return undefined;
  const attrs = { ...w.attrs, kernel_shape: ints(w.kernel), ...(g.rng.chance(0.2) ? { ceil_mode: int(1) } : {}) };
  if (!isFloat(dtype)) return g.node("MaxPool", [x], attrs);
  const op = g.rng.pick(["MaxPool", "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool"]);
  if (op.startsWith("Global")) return g.node(op, [x]);
  if (op === "AveragePool") return g.node(op, [x], { ...attrs, count_include_pad: int(g.rng.int(0, 1)) });
  if (op === "LpPool") return g.node(op, [x], { ...attrs, p: int(g.rng.int(1, 2)) });
  return g.node(op, [x], attrs);
};

const resize: Step = (g, x) => {
  const shape = g.shape(x);
  if (g.dtype(x) !== "f32" || shape.length !== 4 || shape.some((d, i) => d === 0 || g.isOpen(x, i))) return undefined;
  const scales = g.numbers("f32", [1, 1, g.rng.pick([1, 2, 0.5, 1.5]), g.rng.pick([2, 3, 0.5])]);
  const mode = g.rng.pick(["nearest", "linear", "cubic"]);
  const coordinates = g.rng.pick(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]);
  return g.node("Resize", [x, undefined, scales], {
    mode: text(mode),
    coordinate_transformation_mode: text(coordinates),
    ...(mode === "nearest" ? { nearest_mode: text(g.rng.pick(["round_prefer_floor", "floor", "ceil"])) } : {}),
  });
};

const integerConv: Step = (g, x) => {
  const shape = g.shape(x);
  const dtype: DType = g.dtype(x);
  if (shape.length !== 4 || dtype !== "u8" || g.isOpen(x, 1) || shape.includes(0)) return undefined;
  const w = windows(g, x, false);
  if (!w || !works(g, ...shape, 3, ...w.kernel)) return undefined;
  const weight = g.other("u8", [3, shape[1], ...w.kernel]);
  return g.node("ConvInteger", [x, weight, g.numbers("u8", [g.rng.int(0, 9)], []), g.numbers("u8", [g.rng.int(0, 9)], [])], w.attrs);
};

export const contraction: readonly (readonly [number, Step])[] = [
  [3, matmul],
  [1.5, gemm],
  [1, einsum],
  [1, matmulInteger],
];

export const window: readonly (readonly [number, Step])[] = [
  [3, conv],
  [3, pool],
  [0.5, resize],
  [0.5, integerConv],
];
