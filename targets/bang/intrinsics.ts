/**
 * Every BANG C intrinsic and CNRT function that generated code may use: signature, where it was read, how sure we are.
 * Kernels are printed through `bang(...)` below, which takes no name that is not listed here.
 */
import type { SymbolRecord } from "../../src/claim/target.js";
import { confirmed } from "../../src/claim/witness.js";
import { rows, type Form, type InstructionName, type VectorRow } from "./instructions.js";
import { core, guide, header2018, header2020, intent, mluOps, ninetoothed, type Witnesses } from "./sources.js";

interface IntrinsicRecord extends SymbolRecord {
  readonly params: readonly string[];
}

/** What stands between the outer parentheses of a prototype. */
function parametersOf(signature: string): readonly string[] {
  const list = signature.slice(signature.indexOf("(") + 1, signature.lastIndexOf(")"));
  return list === "" ? [] : list.split(", ");
}

/** `witnesses` are independent of each other: documents of the vendor, and programs of others that use it so. */
function intrinsic(signature: string, ...witnesses: Witnesses): IntrinsicRecord {
  const params = parametersOf(signature);
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

/** The C parameters of each form of vector instruction. */
const formParams: Readonly<Record<Form, string>> = {
  binary: "T* dst, const T* src0, const T* src1, uint32_t elem_count",
  scalar: "T* dst, const T* src, T value, uint32_t elem_count",
  cycle: "T* dst, const T* src, const T* seg, uint32_t src_elem_count, uint32_t seg_elem_count",
  unary: "T* dst, const T* src, uint32_t elem_count",
  bits: "T* dst, const T* src0, const T* src1, uint32_t elem_count",
  convert: "D* dst, const S* src, uint32_t elem_count",
  convertAt: "D* dst, const S* src, uint32_t elem_count, int fix_position",
  convertBetween: "D* dst, const S* src, uint32_t elem_count, int dst_position, int src_position",
};

const recordOf = (name: string, { form, types, by, assumption }: VectorRow): IntrinsicRecord => {
  const params = form.startsWith("convert")
    ? formParams[form].replace("D*", `${types[0]}*`).replace("S*", `${types[1]}*`)
    : formParams[form];
  return { ...intrinsic(`void ${name}(${params})`, ...by), ...(assumption && { assumption }) };
};

/** Kernel side: memory, waits and the scalar unit. T is float unless the note says otherwise. */
const named = {
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
  __bang_maskmove: intrinsic("void __bang_maskmove(T* dst, const T* src, const T* mask, int elem_count)", header2018),
  __bang_transpose: intrinsic("void __bang_transpose(T* dst, const T* src, int height, int width)", `${mluOps}/nms_rotated`, guide, intent),
  __load_nram: intrinsic("T __load_nram(const T* ptr)", header2020, `${mluOps}/sparse_conv/get_indice_pairs`, intent),
  __store_nram: intrinsic("void __store_nram(T* ptr, T value)", header2020, intent),
  __load_gdram: intrinsic("T __load_gdram(const T* ptr)", header2020, `${mluOps}/sparse_conv/get_indice_pairs`),
  __store_gdram: intrinsic("void __store_gdram(T* ptr, T value)", header2020, `${mluOps}/sparse_conv/get_indice_pairs`),
  __half2float: intrinsic("float __half2float(half x)", core, ninetoothed),
  __float2half_rn: intrinsic("half __float2half_rn(float x)", core, ninetoothed),
  __bfloat162float: intrinsic("float __bfloat162float(bfloat16_t x)", core, ninetoothed, intent),
  __float2bfloat16_rn: intrinsic("bfloat16_t __float2bfloat16_rn(float x)", core, ninetoothed, intent),
} as const satisfies Readonly<Record<string, IntrinsicRecord>>;

export type IntrinsicName = keyof typeof named | InstructionName;

/** Those of the rows among them. */
export const intrinsics = {
  ...named,
  ...Object.fromEntries(rows.map(([name, row]) => [name, recordOf(name, row)])),
} as Readonly<Record<IntrinsicName, IntrinsicRecord>>;

/** The vendor's header, CNRT 6.14.1. */
const cnrtHeader = "heyong919/llama.cpp ggml/src/ggml-mlu/mlu_include/cnrt.h";

/** A function that stands in the vendor's header; `caller` is who calls it so. */
function runtime(signature: string, caller: string): IntrinsicRecord {
  const params = parametersOf(signature);
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

const torchMlu = (file: string): string => `Cambricon/torch_mlu torch_mlu/csrc/${file}`;

/** Host side: what device.cpp and the launchers use. Types and names as in the fact record of each call. */
export const runtimeCalls = {
  cnrtSetDevice: runtime("cnrtRet_t cnrtSetDevice(int ordinal)", torchMlu("framework/core/device_utils.h")),
  cnrtGetDevice: runtime("cnrtRet_t cnrtGetDevice(int* ordinal)", torchMlu("framework/core/device_utils.h")),
  cnrtDeviceGetAttribute: runtime(
    "cnrtRet_t cnrtDeviceGetAttribute(int* value, cnrtDeviceAttr_t attr, int ordinal)",
    "InfiniTensor/InfiniCore src/infiniop/devices/bang/bang_handle.cc",
  ),
  cnrtMalloc: runtime("cnrtRet_t cnrtMalloc(void** ptr, size_t bytes)", torchMlu("framework/core/caching_allocator.cpp")),
  cnrtFree: runtime("cnrtRet_t cnrtFree(void* ptr)", torchMlu("framework/core/caching_allocator.cpp")),
  cnrtQueueCreate: runtime("cnrtRet_t cnrtQueueCreate(cnrtQueue_t* queue)", "InfiniTensor/InfiniTensor include/bang/bang_runtime.h"),
  cnrtQueueDestroy: runtime("cnrtRet_t cnrtQueueDestroy(cnrtQueue_t queue)", "InfiniTensor/InfiniTensor include/bang/bang_runtime.h"),
  cnrtQueueSync: runtime("cnrtRet_t cnrtQueueSync(cnrtQueue_t queue)", torchMlu("framework/core/MLUStream.h")),
  cnrtMemcpyAsync_V2: runtime(
    "cnrtRet_t cnrtMemcpyAsync_V2(void* dst, void* src, size_t bytes, cnrtQueue_t queue, cnrtMemTransDir_t dir)",
    torchMlu("aten/utils/tensor_util.cpp"),
  ),
  cnrtGetLastError: runtime("cnrtRet_t cnrtGetLastError()", torchMlu("aten/utils/exceptions.h")),
  cnrtGetErrorStr: runtime("const char* cnrtGetErrorStr(cnrtRet_t __err)", torchMlu("aten/utils/exceptions.h")),
} as const satisfies Readonly<Record<string, IntrinsicRecord>>;

export type RuntimeCall = keyof typeof runtimeCalls;
