/**
 * Every BANG C intrinsic and CNRT function that generated code may use: signature, where it was read, how sure we are.
 * Kernels are printed through `bang(...)` below, which takes no name that is not listed here.
 */
import { invariant } from "../../src/base/diagnostic.js";
import type { SymbolRecord } from "../../src/plan/target.js";
import { confirmed } from "../../src/plan/witness.js";

interface IntrinsicRecord extends SymbolRecord {
  readonly params: readonly string[];
}

const guide = "Cambricon/mlu-ops docs/BANG-C-OPS-Develop-Guide.md";
const mluOps = "Cambricon/mlu-ops kernels";
const core = "InfiniTensor/InfiniCore src/infiniop";
/** Generators of BANG C that were run: on an MLU370, and on an MLU590 (475 tests). */
const intent = "zzyu5/Intent BangC emitter";
const ninetoothed = "InfiniTensor/ninetoothed bangc emitter (pull request 221)";
const dragon = "seetaresearch/dragon dragon/utils/conversions.h";
/** Headers of the vendor's compiler as others keep them. */
const header2018 = "__clang_bang_math.h (2018)";
const header2020 = "bang_device_functions.h (2020)";
const bangMode = "public list of BANG intrinsics (bang-mode)";

/** `witnesses` are independent of each other: documents of the vendor, and programs of others that use it so. */
function intrinsic(signature: string, ...witnesses: readonly [string, ...string[]]): IntrinsicRecord {
  const params = /\((.*)\)/.exec(signature)?.[1].split(", ") ?? [];
  return {
    kind: "intrinsic",
    header: "bang.h",
    signature,
    since: "NeuWare 4.6",
    evidence: "E1",
    seen: witnesses[0],
    params,
    witness: confirmed(...witnesses),
  };
}

type Witnesses = readonly [string, ...string[]];
const binary = (name: string, ...by: Witnesses) =>
  intrinsic(`void ${name}(T* dst, const T* src0, const T* src1, uint32_t elem_count)`, ...by);
const scalar = (name: string, ...by: Witnesses) => intrinsic(`void ${name}(T* dst, const T* src, T value, uint32_t elem_count)`, ...by);
const cycle = (name: string, ...by: Witnesses) =>
  intrinsic(`void ${name}(T* dst, const T* src, const T* seg, uint32_t src_elem_count, uint32_t seg_elem_count)`, ...by);
const unary = (name: string, ...by: Witnesses) => intrinsic(`void ${name}(T* dst, const T* src, uint32_t elem_count)`, ...by);
const fixed = (name: string, dst: string, src: string, ...by: Witnesses) =>
  intrinsic(`void ${name}(${dst}* dst, const ${src}* src, uint32_t elem_count, int fix_position)`, ...by);

const arithmetic: Witnesses = [header2018, `${mluOps}/roi_align_rotated`, intent, ninetoothed];
const nanRule = {
  assumption: "A1: __bang_nan_maximum and __bang_nan_minimum give NaN when either operand is NaN (mlu-ops logsumexp kernels rely on it).",
};
const maskRule = { assumption: "A2: comparisons write 1.0 or 0.0 in the operands' type, 1 or 0 for int32." };
const masked: Witnesses = [`${mluOps}/yolo_box`, `${mluOps}/sparse_conv/get_indice_pairs`, `${mluOps}/focal_loss_sigmoid`, header2018];
/** Bytes as int8_t and their number: a change of mlu-ops for the newer compiler (f7a325ab, #1102) made it so in 93 places. */
const bytewise: Witnesses = [`${mluOps}/mutual_information_forward`, `${mluOps}/roiaware_pool3d`];

/** Kernel side. T is float unless the note says otherwise. */
export const intrinsics = {
  __memcpy: intrinsic(
    "void __memcpy(void* dst, const void* src, int size, mluMemcpyDirection_t dir, ...)",
    guide,
    header2020,
    `${mluOps}/ms_deform_attn`,
    intent,
  ),
  __memcpy_async: intrinsic(
    "void __memcpy_async(void* dst, const void* src, int size, mluMemcpyDirection_t dir, ...)",
    guide,
    `${mluOps}/three_nn_forward`,
  ),
  __sync: intrinsic("void __sync()", guide, header2020, intent),
  __sync_io: intrinsic("void __sync_io()", guide, `${mluOps}/ms_deform_attn`),
  __sync_compute: intrinsic("void __sync_compute()", guide, header2020, `${mluOps}/ms_deform_attn`),
  __bang_move: intrinsic("void __bang_move(void* dst, const void* src, int size)", `${mluOps}/ms_deform_attn`, guide),
  __bang_write_value: intrinsic(
    "void __bang_write_value(void* dst, int elem_count, T value)",
    `${mluOps}/roi_align_rotated`,
    core,
    ninetoothed,
  ),
  __bang_transpose: intrinsic("void __bang_transpose(T* dst, const T* src, int height, int width)", `${mluOps}/nms_rotated`, guide, intent),
  __load_nram: intrinsic("T __load_nram(const T* ptr)", header2020, `${mluOps}/sparse_conv/get_indice_pairs`, intent),
  __store_nram: intrinsic("void __store_nram(T* ptr, T value)", header2020, intent),
  __load_gdram: intrinsic("T __load_gdram(const T* ptr)", header2020, `${mluOps}/sparse_conv/get_indice_pairs`),
  __store_gdram: intrinsic("void __store_gdram(T* ptr, T value)", header2020, `${mluOps}/sparse_conv/get_indice_pairs`),
  __bang_add: binary("__bang_add", ...arithmetic),
  __bang_sub: binary("__bang_sub", ...arithmetic),
  __bang_mul: binary("__bang_mul", ...arithmetic),
  __bang_div: binary("__bang_div", `${mluOps}/box_iou_rotated`, `${mluOps}/utils/common.h`),
  __bang_nan_maximum: { ...binary("__bang_nan_maximum", `${mluOps}/mutual_information_forward`, intent), ...nanRule },
  __bang_nan_minimum: { ...binary("__bang_nan_minimum", `${mluOps}/mutual_information_forward`, intent), ...nanRule },
  __bang_add_scalar: scalar("__bang_add_scalar", ...arithmetic),
  __bang_sub_scalar: scalar("__bang_sub_scalar", ...arithmetic),
  __bang_mul_scalar: scalar("__bang_mul_scalar", ...arithmetic),
  __bang_cycle_add: cycle("__bang_cycle_add", header2018, `${mluOps}/roi_align_rotated`, intent),
  __bang_cycle_sub: cycle("__bang_cycle_sub", header2018, `${mluOps}/roi_align_rotated`, intent),
  __bang_cycle_mul: cycle("__bang_cycle_mul", header2018, `${mluOps}/roi_align_rotated`, intent),
  __bang_eq: { ...binary("__bang_eq", ...masked), ...maskRule },
  __bang_ne: { ...binary("__bang_ne", ...masked), ...maskRule },
  __bang_lt: { ...binary("__bang_lt", ...masked), ...maskRule },
  __bang_le: { ...binary("__bang_le", ...masked), ...maskRule },
  __bang_gt: { ...binary("__bang_gt", ...masked), ...maskRule },
  __bang_ge: { ...binary("__bang_ge", ...masked), ...maskRule },
  __bang_eq_scalar: { ...scalar("__bang_eq_scalar", ...masked), ...maskRule },
  __bang_ne_scalar: { ...scalar("__bang_ne_scalar", ...masked), ...maskRule },
  __bang_lt_scalar: { ...scalar("__bang_lt_scalar", ...masked), ...maskRule },
  __bang_le_scalar: { ...scalar("__bang_le_scalar", ...masked), ...maskRule },
  __bang_gt_scalar: { ...scalar("__bang_gt_scalar", ...masked), ...maskRule },
  __bang_ge_scalar: { ...scalar("__bang_ge_scalar", ...masked), ...maskRule },
  __bang_cycle_eq: cycle("__bang_cycle_eq", header2018, `${mluOps}/nms_rotated`),
  __bang_cycle_lt: cycle("__bang_cycle_lt", header2018, `${mluOps}/nms_rotated`),
  __bang_cycle_le: cycle("__bang_cycle_le", header2018, `${mluOps}/nms_rotated`),
  __bang_cycle_gt: cycle("__bang_cycle_gt", header2018, `${mluOps}/nms_rotated`),
  __bang_and: binary("__bang_and", `${mluOps}/box_iou_rotated`, header2018),
  __bang_or: binary("__bang_or", `${mluOps}/box_iou_rotated`, header2018),
  __bang_not: unary("__bang_not", `${mluOps}/box_iou_rotated`, header2018),
  __bang_band: binary("__bang_band", ...bytewise, "MLU370 contest kernels"),
  __bang_bor: binary("__bang_bor", ...bytewise, header2018),
  __bang_bxor: binary("__bang_bxor", ...bytewise, header2018),
  __bang_bnot: unary("__bang_bnot", ...bytewise, header2018),
  __bang_abs: unary("__bang_abs", guide, intent, ninetoothed),
  __bang_floor: unary("__bang_floor", `${mluOps}/ms_deform_attn`, header2018),
  __bang_recip: unary("__bang_recip", `${mluOps}/box_iou_rotated`, intent),
  __bang_sqrt: unary("__bang_sqrt", guide, ninetoothed),
  __bang_log2: unary("__bang_log2", `${mluOps}/utils/common.h`, ninetoothed),
  __bang_pow2: unary("__bang_pow2", `${mluOps}/utils/common.h`, ninetoothed),
  __bang_sin: unary("__bang_sin", header2018, ninetoothed),
  __bang_cos: unary("__bang_cos", header2018, ninetoothed),
  __bang_half2float: intrinsic(
    "void __bang_half2float(float* dst, const half* src, uint32_t elem_count)",
    `${mluOps}/utils/common.h`,
    core,
    intent,
  ),
  __bang_float2half_rn: intrinsic(
    "void __bang_float2half_rn(half* dst, const float* src, uint32_t elem_count)",
    `${mluOps}/utils/common.h`,
    core,
    intent,
  ),
  __bang_bfloat162float: intrinsic(
    "void __bang_bfloat162float(float* dst, const bfloat16_t* src, uint32_t elem_count)",
    `${core}/reduce/bang/reduce_bang.h`,
    intent,
  ),
  __bang_float2bfloat16_rn: intrinsic(
    "void __bang_float2bfloat16_rn(bfloat16_t* dst, const float* src, uint32_t elem_count)",
    core,
    intent,
  ),
  __bang_float2int32_tz: fixed("__bang_float2int32_tz", "int32_t", "float", `${mluOps}/sparse_conv/indice_convolution`, dragon),
  __bang_int322float_rn: fixed("__bang_int322float_rn", "float", "int32_t", `${mluOps}/sparse_conv/get_indice_pairs`, dragon),
  __bang_int82float: fixed("__bang_int82float", "float", "int8_t", dragon, "MLU370 contest kernels", bangMode),
  __bang_int162float: fixed("__bang_int162float", "float", "int16_t", bangMode, "MLU370 contest kernels"),
  // Of whole numbers in range, for which every rounding is the same.
  __bang_float2int8_rd: fixed(
    "__bang_float2int8_rd",
    "int8_t",
    "float",
    bangMode,
    "a public generator of BANG C (stored file 17255568753)",
  ),
  __bang_float2int16_rd: fixed(
    "__bang_float2int16_rd",
    "int16_t",
    "float",
    bangMode,
    "a public quantiser in BANG C (stored file 3927581353)",
  ),
  __half2float: intrinsic("float __half2float(half x)", core, ninetoothed),
  __float2half_rn: intrinsic("half __float2half_rn(float x)", core, ninetoothed),
  __bfloat162float: intrinsic("float __bfloat162float(bfloat16_t x)", core, ninetoothed, intent),
  __float2bfloat16_rn: intrinsic("bfloat16_t __float2bfloat16_rn(float x)", core, ninetoothed, intent),
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
