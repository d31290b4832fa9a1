/**
 * The tensor language: the functions that a formula uses beside infix arithmetic. Importable by users as
 * `portolan/formula`, which is why this one file gathers what the files of `lang/` define.
 *
 * `Num` stands for a tensor, an extent or a plain number. Operands broadcast as in numpy; numbers take the element type
 * of the tensor they meet; axes may be negative; reductions keep their axes with extent 1.
 */
export type { Num } from "./lang/value.js";
export type { DType } from "../base/dtype.js";
export type { Tensor } from "../base/tensor.js";
export { bool, float, formula, int, ints, maybe, optional, optionalShaping, required, shaping, text, variadic } from "./lang/declare.js";
export * from "./lang/elementwise.js";
export * from "./lang/questions.js";
export * from "./lang/make.js";
export * from "./lang/reductions.js";
export * from "./lang/movement.js";
export { distinctSlices, nonZeroPositions } from "./lang/counted.js";
export * from "./lang/indexing.js";
export * from "./lang/contraction.js";
