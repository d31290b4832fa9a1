/**
 * The primitives: the small closed vocabulary every ONNX operator with a formula comes down to. Names and attributes
 * here are the contract between the formulas above them and the schedules below.
 *
 * Rules that hold for all of them:
 * - pointwise primitives take operands of exactly equal shape; broadcasting is an explicit `expand`;
 * - there is no dtype promotion: operands share one dtype, `cast` is explicit;
 * - reductions keep their axes with extent 1; `reshape` drops them;
 * - attributes of kind "dims" may be symbolic, attributes of kind "ints" never are;
 * - axes are non-negative.
 */

/** One operand, one result of the same dtype (predicates give bool). */
export const unaryFns = [
  "neg",
  "abs",
  "sign",
  "floor",
  "ceil",
  "round",
  "trunc",
  "sqrt",
  "rsqrt",
  "reciprocal",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "erf",
  "bitnot",
  "not",
  "isnan",
  "isinf",
] as const;

/**
 * Two operands of one dtype. `div` is for floats only; integers say `truncdiv`, `floordiv`, `mod` (sign of the
 * divisor) or `fmod` (sign of the dividend). `round` is half to even. `min` and `max` propagate NaN.
 */
export const binaryFns = [
  "add",
  "sub",
  "mul",
  "div",
  "truncdiv",
  "floordiv",
  "mod",
  "fmod",
  "pow",
  "min",
  "max",
  "and",
  "or",
  "xor",
  "bitand",
  "bitor",
  "bitxor",
  "shl",
  "shr",
] as const;

/** Two operands of one dtype, a bool result. */
export const compareFns = ["eq", "ne", "lt", "le", "gt", "ge"] as const;

export type UnaryFn = (typeof unaryFns)[number];
export type BinaryFn = (typeof binaryFns)[number];
export type CompareFn = (typeof compareFns)[number];

/**
 * The rest, with their inputs and attributes (kind of attribute after the colon):
 *
 * | op               | inputs          | attributes | result |
 * | ---------------- | --------------- | ---------- | ------ |
 * | cast             | x               | to:text (DType), round:text "trunc"(float to int, default) or "rint", overflow:text "wrap" or "saturate" | x's shape |
 * | select           | cond, a, b      |            | cond ? a : b, lane by lane |
 * | iota             |                 | shape:dims, axis:int, dtype:text | the index along axis |
 * | dims             |                 | value:dims | i64[n]: extents known to the host as a tensor |
 * | read             | x               | value:dims | x of integers, which the host knows as these symbols from here on |
 * | reshape          | x               | shape:dims | same elements, row-major |
 * | transpose        | x               | perm:ints  | y.shape[i] = x.shape[perm[i]] |
 * | expand           | x               | shape:dims | same rank; extents 1 are repeated |
 * | slice            | x               | starts:dims, sizes:dims, steps:ints | y[i] = x[start + i * step] on every axis; steps may be negative |
 * | pad              | x, value        | low:dims, high:dims | value is a scalar (shape []); amounts are >= 0 |
 * | concat           | x...            | axis:int   | |
 * | window           | x               | axes:ints, sizes:ints, strides:ints, dilations:ints | sliding windows: axis k becomes the window count, and one axis a window size is appended at the end, in the order of axes: y[.., o, .., k] = x[.., o*stride + k*dilation, ..] |
 * | reduce           | x               | fn:text sum prod max min (and any, all on bool), axes:ints | axes kept with extent 1 |
 * | argreduce        | x               | fn:text max min, axis:int, last:int 0/1 | i64 positions, axis kept with extent 1 |
 * | scan             | x               | fn:text sum prod max min, axis:int, exclusive:int, reverse:int | x's shape |
 * | sort             | x               | axis:int, descending:int | (sorted values, i64 indices), stable, ties by lower index |
 * | gather           | x, indices      | axis:int   | x.shape[:axis] + indices.shape + x.shape[axis+1:]; indices are in range and >= 0 |
 * | gatherelements   | x, indices      | axis:int   | indices' shape |
 * | gathernd         | x, indices      | batchdims:int | |
 * | scatterelements  | x, indices, u   | axis:int, reduction:text none add mul max min | x's shape |
 * | scatternd        | x, indices, u   | reduction:text | x's shape |
 * | contract         | a, b            | transa:int, transb:int, acc:text (DType of accumulation and result) | batched matrix product [..., m, k] x [..., k, n]; b may be rank 2 (shared); else batch dims are equal |
 * | conv             | x, w            | strides, pads (all begins, then all ends), dilations: ints, group:int, acc:text | N C spatial..., w is M C/group spatial... |
 * | convtranspose    | x, w            | strides, pads, dilations, outputpadding: ints, group:int, acc:text | w is C M/group spatial... |
 * | if               | cond            | then:graph, else:graph | |
 * | loop             | trip, cond, v.. | body:graph | as ONNX Loop |
 *
 * Integer contract and conv take two further optional inputs, the zero points of a and b.
 */
const structuralOps = [
  "cast",
  "select",
  "iota",
  "dims",
  "read",
  "reshape",
  "transpose",
  "expand",
  "slice",
  "pad",
  "concat",
  "window",
  "reduce",
  "argreduce",
  "scan",
  "sort",
  "gather",
  "gatherelements",
  "gathernd",
  "scatterelements",
  "scatternd",
  "contract",
  "conv",
  "convtranspose",
  "if",
  "loop",
] as const;

export type PrimitiveName = UnaryFn | BinaryFn | CompareFn | (typeof structuralOps)[number];

const names: ReadonlySet<string> = new Set([...unaryFns, ...binaryFns, ...compareFns, ...structuralOps]);

export function isPrimitive(op: string): op is PrimitiveName {
  return names.has(op);
}
