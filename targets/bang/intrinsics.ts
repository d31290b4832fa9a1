/**
 * Every BANG C intrinsic and CNRT function that generated code may use: signature, where it was read, how sure we are.
 * Kernels are printed through `bang(...)` below, which takes no name that is not listed here.
 */
import { invariant } from "../../src/base/diagnostic.js";
import type { SymbolRecord } from "../../src/plan/target.js";
import type { Evidence } from "../../src/plan/program.js";
import { confirmed } from "../../src/plan/witness.js";

export interface IntrinsicRecord extends SymbolRecord {
  readonly params: readonly string[];
}

const guide = "Cambricon/mlu-ops docs/BANG-C-OPS-Develop-Guide.md";
const mluOps = "Cambricon/mlu-ops kernels";

function intrinsic(signature: string, seen: string, evidence: Evidence = "E1", assumption?: string): IntrinsicRecord {
  const params = /\((.*)\)/.exec(signature)?.[1].split(", ") ?? [];
  return {
    kind: "intrinsic",
    header: "bang.h",
    signature,
    since: "NeuWare 4.6",
    evidence,
    seen,
    params,
    ...(assumption && { assumption }),
  };
}

const binary = (name: string, seen: string) => intrinsic(`void ${name}(T* dst, const T* src0, const T* src1, uint32_t elem_count)`, seen);
const scalar = (name: string, seen: string) => intrinsic(`void ${name}(T* dst, const T* src, T value, uint32_t elem_count)`, seen);
const cycle = (name: string, seen: string) =>
  intrinsic(`void ${name}(T* dst, const T* src, const T* seg, uint32_t src_elem_count, uint32_t seg_elem_count)`, seen);
const unary = (name: string, seen: string) => intrinsic(`void ${name}(T* dst, const T* src, uint32_t elem_count)`, seen);
const fixed = (name: string, dst: string, src: string, seen: string, evidence: Evidence = "E1") =>
  intrinsic(`void ${name}(${dst}* dst, const ${src}* src, uint32_t elem_count, int fix_position)`, seen, evidence);

const roiKernels = `${mluOps}/roi_align_rotated, ${mluOps}/box_iou_rotated`;
const arithmetic = `${guide}; ${roiKernels}`;
const dragon = "seetaresearch/dragon dragon/utils/conversions.h";
const nanRule = "A1: __bang_nan_maximum and __bang_nan_minimum give NaN when either operand is NaN (mlu-ops logsumexp kernels rely on it).";
const maskRule = "A2: comparisons write 1.0 or 0.0 in the operands' type, 1 or 0 for int32.";

/** Kernel side. T is float unless the note says otherwise. */
export const intrinsics = {
  __memcpy: intrinsic("void __memcpy(void* dst, const void* src, int size, mluMemcpyDirection_t dir, ...)", guide),
  __memcpy_async: intrinsic("void __memcpy_async(void* dst, const void* src, int size, mluMemcpyDirection_t dir, ...)", guide),
  __sync: intrinsic("void __sync()", guide),
  __sync_io: intrinsic("void __sync_io()", guide),
  __bang_move: intrinsic("void __bang_move(void* dst, const void* src, int size, ...)", `${mluOps}/ms_deform_attn, ${guide}`),
  __bang_write_value: intrinsic("void __bang_write_value(void* dst, int elem_count, T value)", roiKernels),
  __bang_transpose: intrinsic("void __bang_transpose(T* dst, const T* src, int height, int width)", `${guide}; ${roiKernels}`),
  __load_nram: intrinsic("T __load_nram(const T* ptr)", "public reproduction of __clang_bang_intrinsics.h (2020)"),
  __store_nram: intrinsic("void __store_nram(T* ptr, T value)", "public reproduction of __clang_bang_intrinsics.h (2020)"),
  __load_gdram: intrinsic("T __load_gdram(const T* ptr)", "public reproduction of __clang_bang_intrinsics.h (2020)"),
  __store_gdram: intrinsic("void __store_gdram(T* ptr, T value)", "public reproduction of __clang_bang_intrinsics.h (2020)"),
  __bang_add: binary("__bang_add", arithmetic),
  __bang_sub: binary("__bang_sub", arithmetic),
  __bang_mul: binary("__bang_mul", arithmetic),
  __bang_div: binary("__bang_div", `${mluOps}/box_iou_rotated (arch >= 300 except 372)`),
  __bang_nan_maximum: { ...binary("__bang_nan_maximum", `${mluOps}/mutual_information_forward`), assumption: nanRule },
  __bang_nan_minimum: { ...binary("__bang_nan_minimum", `${mluOps}/mutual_information_forward`), assumption: nanRule },
  __bang_add_scalar: scalar("__bang_add_scalar", arithmetic),
  __bang_sub_scalar: scalar("__bang_sub_scalar", arithmetic),
  __bang_mul_scalar: scalar("__bang_mul_scalar", arithmetic),
  __bang_cycle_add: cycle("__bang_cycle_add", roiKernels),
  __bang_cycle_sub: cycle("__bang_cycle_sub", roiKernels),
  __bang_cycle_mul: cycle("__bang_cycle_mul", roiKernels),
  __bang_eq: { ...binary("__bang_eq", arithmetic), assumption: maskRule },
  __bang_ne: { ...binary("__bang_ne", arithmetic), assumption: maskRule },
  __bang_lt: { ...binary("__bang_lt", arithmetic), assumption: maskRule },
  __bang_le: { ...binary("__bang_le", arithmetic), assumption: maskRule },
  __bang_gt: { ...binary("__bang_gt", arithmetic), assumption: maskRule },
  __bang_ge: { ...binary("__bang_ge", arithmetic), assumption: maskRule },
  __bang_eq_scalar: { ...scalar("__bang_eq_scalar", arithmetic), assumption: maskRule },
  __bang_ne_scalar: { ...scalar("__bang_ne_scalar", arithmetic), assumption: maskRule },
  __bang_lt_scalar: { ...scalar("__bang_lt_scalar", arithmetic), assumption: maskRule },
  __bang_le_scalar: { ...scalar("__bang_le_scalar", arithmetic), assumption: maskRule },
  __bang_gt_scalar: { ...scalar("__bang_gt_scalar", arithmetic), assumption: maskRule },
  __bang_ge_scalar: { ...scalar("__bang_ge_scalar", arithmetic), assumption: maskRule },
  __bang_cycle_eq: cycle("__bang_cycle_eq", guide),
  __bang_cycle_ne: cycle("__bang_cycle_ne", guide),
  __bang_cycle_lt: cycle("__bang_cycle_lt", guide),
  __bang_cycle_le: cycle("__bang_cycle_le", guide),
  __bang_cycle_gt: cycle("__bang_cycle_gt", guide),
  __bang_cycle_ge: cycle("__bang_cycle_ge", guide),
  __bang_and: binary("__bang_and", roiKernels),
  __bang_or: binary("__bang_or", roiKernels),
  __bang_xor: binary("__bang_xor", guide),
  __bang_not: unary("__bang_not", roiKernels),
  __bang_band: binary("__bang_band", `${mluOps}/roiaware_pool3d, ${mluOps}/mutual_information_forward (T char, counted in bytes)`),
  __bang_bor: binary("__bang_bor", "public reproduction of __clang_bang_intrinsics.h (2020); T char, counted in bytes"),
  __bang_bxor: binary("__bang_bxor", "public reproduction of __clang_bang_intrinsics.h (2020); T char, counted in bytes"),
  __bang_bnot: unary("__bang_bnot", "public reproduction of __clang_bang_intrinsics.h (2020); T char, counted in bytes"),
  __bang_neg: unary("__bang_neg", guide),
  __bang_abs: unary("__bang_abs", `${guide} (arch >= 300)`),
  __bang_floor: unary("__bang_floor", `${mluOps}/ms_deform_attn, docs/design_docs/roiaware_pool3d`),
  __bang_recip: unary("__bang_recip", `${mluOps}/box_iou_rotated`),
  __bang_sqrt: unary("__bang_sqrt", guide),
  __bang_log2: unary("__bang_log2", `${mluOps}/common.h`),
  __bang_pow2: unary("__bang_pow2", `${mluOps}/common.h`),
  __bang_sin: unary("__bang_sin", guide),
  __bang_cos: unary("__bang_cos", guide),
  __bang_half2float: intrinsic("void __bang_half2float(float* dst, const half* src, uint32_t elem_count)", arithmetic),
  __bang_float2half_rn: intrinsic(
    "void __bang_float2half_rn(half* dst, const float* src, uint32_t elem_count)",
    `${arithmetic}; ${dragon}`,
  ),
  __bang_bfloat162float: intrinsic(
    "void __bang_bfloat162float(float* dst, const bfloat16_t* src, uint32_t elem_count)",
    "InfiniTensor/InfiniCore src/infiniop/reduce/bang/reduce_bang.h",
  ),
  __bang_float2bfloat16_rn: intrinsic(
    "void __bang_float2bfloat16_rn(bfloat16_t* dst, const float* src, uint32_t elem_count)",
    "InfiniTensor/InfiniCore src/infiniop (arch >= 500)",
  ),
  __bang_float2int32_tz: fixed("__bang_float2int32_tz", "int32_t", "float", `${mluOps}/indice_convolution`),
  __bang_float2int32_rn: fixed("__bang_float2int32_rn", "int32_t", "float", guide),
  __bang_int322float_rn: fixed("__bang_int322float_rn", "float", "int32_t", `${mluOps}/get_indice_pairs`),
  __bang_int82float: fixed("__bang_int82float", "float", "int8_t", dragon),
  __bang_int162float: fixed("__bang_int162float", "float", "int16_t", "public list of BANG intrinsics (bang-mode, 2020)"),
  __bang_float2int16_rn: fixed("__bang_float2int16_rn", "int16_t", "float", guide),
  __bang_float2int16_tz: fixed("__bang_float2int16_tz", "int16_t", "float", "public list of BANG intrinsics (bang-mode, 2020)"),
  __bang_uchar2float: intrinsic("void __bang_uchar2float(float* dst, const uint8_t* src, uint32_t elem_count)", dragon),
  __bang_uchar2int32: fixed("__bang_uchar2int32", "int32_t", "uint8_t", dragon),
  __bang_int322uchar: fixed("__bang_int322uchar", "uint8_t", "int32_t", dragon),
  __bang_int82int32: intrinsic(
    "void __bang_int82int32(int32_t* dst, const int8_t* src, uint32_t elem_count, int dst_position, int src_position)",
    dragon,
  ),
  __bang_int322int8: intrinsic(
    "void __bang_int322int8(int8_t* dst, const int32_t* src, uint32_t elem_count, int dst_position, int src_position)",
    dragon,
  ),
  __half2float: intrinsic("float __half2float(half x)", guide),
  __float2half_rn: intrinsic("half __float2half_rn(float x)", guide),
  __bfloat162float: intrinsic("float __bfloat162float(bfloat16_t x)", guide),
  __float2bfloat16_rn: intrinsic("bfloat16_t __float2bfloat16_rn(float x)", guide),
} as const satisfies Readonly<Record<string, IntrinsicRecord>>;

export type IntrinsicName = keyof typeof intrinsics;

const rest = "...";

/** Text of a call, and a note that it was made. The number of arguments is the record's. */
export type Bang = (name: IntrinsicName, ...args: readonly (string | number)[]) => string;

export function bangCalls(uses: Set<string>): Bang {
  return (name, ...args) => {
    const params = intrinsics[name].params.filter((p) => p !== "");
    const open = params[params.length - 1] === rest;
    const fits = open ? args.length >= params.length - 1 : args.length === params.length;
    invariant(fits, `${name} takes ${params.length} arguments, got ${args.length}`);
    uses.add(name);
    return `${name}(${args.join(", ")})`;
  };
}

/** The vendor's header, CNRT 6.14.1. */
const cnrtHeader = "heyong919/llama.cpp ggml/src/ggml-mlu/mlu_include/cnrt.h";

/** A function that stands in the vendor's header; `caller` is who calls it so. */
function runtime(signature: string, caller: string): IntrinsicRecord {
  const params = /\((.*)\)/.exec(signature)?.[1].split(", ") ?? [];
  return {
    kind: "runtime",
    header: "cnrt.h",
    signature,
    since: "NeuWare 4.6",
    evidence: "E1",
    seen: caller,
    params,
    witness: confirmed(cnrtHeader, caller),
  };
}

/** Host side: what device.cpp and the launchers use. Types and names as in the fact record of each call. */
export const runtimeCalls = {
  cnrtSetDevice: runtime("cnrtRet_t cnrtSetDevice(int ordinal)", "Cambricon/torch_mlu torch_mlu/csrc/framework/core/device_utils.h"),
  cnrtGetDevice: runtime("cnrtRet_t cnrtGetDevice(int* ordinal)", "Cambricon/torch_mlu torch_mlu/csrc/framework/core/device_utils.h"),
  cnrtDeviceGetAttribute: runtime(
    "cnrtRet_t cnrtDeviceGetAttribute(int* value, cnrtDeviceAttr_t attr, int ordinal)",
    "InfiniTensor/InfiniCore src/infiniop/devices/bang/bang_handle.cc",
  ),
  cnrtMalloc: runtime(
    "cnrtRet_t cnrtMalloc(void** ptr, size_t bytes)",
    "Cambricon/torch_mlu torch_mlu/csrc/framework/core/caching_allocator.cpp",
  ),
  cnrtFree: runtime("cnrtRet_t cnrtFree(void* ptr)", "Cambricon/torch_mlu torch_mlu/csrc/framework/core/caching_allocator.cpp"),
  cnrtQueueCreate: runtime("cnrtRet_t cnrtQueueCreate(cnrtQueue_t* queue)", "InfiniTensor/InfiniTensor include/bang/bang_runtime.h"),
  cnrtQueueDestroy: runtime("cnrtRet_t cnrtQueueDestroy(cnrtQueue_t queue)", "InfiniTensor/InfiniTensor include/bang/bang_runtime.h"),
  cnrtQueueSync: runtime("cnrtRet_t cnrtQueueSync(cnrtQueue_t queue)", "Cambricon/torch_mlu torch_mlu/csrc/framework/core/MLUStream.h"),
  cnrtMemcpyAsync_V2: runtime(
    "cnrtRet_t cnrtMemcpyAsync_V2(void* dst, void* src, size_t bytes, cnrtQueue_t queue, cnrtMemTransDir_t dir)",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/utils/tensor_util.cpp",
  ),
  cnrtGetLastError: runtime("cnrtRet_t cnrtGetLastError()", "Cambricon/torch_mlu torch_mlu/csrc/aten/utils/exceptions.h"),
  cnrtGetErrorStr: runtime("const char* cnrtGetErrorStr(cnrtRet_t __err)", "Cambricon/torch_mlu torch_mlu/csrc/aten/utils/exceptions.h"),
} as const satisfies Readonly<Record<string, IntrinsicRecord>>;
