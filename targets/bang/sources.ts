/** Where symbols were read and who else uses them: independent code and documents, by repository and path. */

/** At least one; independent of each other: documents of the vendor, and programs of others that use it so. */
export type Witnesses = readonly [string, ...string[]];

export const guide = "Cambricon/mlu-ops docs/BANG-C-OPS-Develop-Guide.md";
export const mluOps = "Cambricon/mlu-ops kernels";
export const core = "InfiniTensor/InfiniCore src/infiniop";
/** Generators of BANG C that were run: on an MLU370, and on an MLU590 (475 tests). */
export const intent = "zzyu5/Intent BangC emitter";
export const ninetoothed = "InfiniTensor/ninetoothed bangc emitter (pull request 221)";
export const generators = "a public generator of BANG C";
export const dragon = "seetaresearch/dragon dragon/utils/conversions.h";
/** Headers of the vendor's compiler as others keep them. */
export const header2018 = "__clang_bang_math.h (2018)";
export const header2020 = "bang_device_functions.h (2020)";
export const bangMode = "public list of BANG intrinsics (bang-mode)";
