/**
 * Every kernel intrinsic and runtime function generated code may use, with where it was read and who else uses it so. The
 * printer spells them through the page, whose names are keys of these records: an invented one does not compile.
 */
import type { SymbolRecord } from "../../src/claim/target.js";
import { confirmed } from "../../src/claim/witness.js";
import { drivers, fastDeploy, flagGems, flagTree, guide, infiniCore, kernels, reduceHeader } from "./sources.js";

export type RegisterType = "float32x16" | "int32x16" | "uint32x16";

const since = "XTDK 2.0";

interface Read {
  readonly header?: string;
  /** Where the signature stands. */
  readonly seen: string;
  /** Who else uses or documents it so; `seen` itself counts where it is the vendor's. */
  readonly also?: readonly string[];
}

/** An intrinsic that `seen` and others show in use as we use it. */
function simd(signature: string, { header = "xpu/kernel/xtdk_simd.h", seen, also = [] }: Read): SymbolRecord {
  return { kind: "intrinsic", header, signature, since, evidence: "E1", seen, witness: confirmed(seen, ...also) };
}

const template = `${kernels}/cluster_simd_with_template.h`;
const primitives = `${kernels}/cluster_primitive.h`;
const pointers = `${kernels}/cluster_primitive_template.h`;
const simd3 = `${kernels}/cluster3_simd.h`;

const arithmetic = (signature: string, ...also: readonly string[]): SymbolRecord => simd(signature, { seen: `${guide} 5.4.1`, also });
const load = (signature: string, ...also: readonly string[]): SymbolRecord => simd(signature, { seen: `${guide} 5.2.32-38`, also });
const store = (signature: string, ...also: readonly string[]): SymbolRecord => simd(signature, { seen: `${guide} 5.2.56-70`, also });
const masked = (signature: string, ...also: readonly string[]): SymbolRecord =>
  simd(signature, { seen: `${guide} 5.4.1 (c is kept where the mask's bit is 0)`, also });
const bitwise = (signature: string, seen: string, ...also: readonly string[]): SymbolRecord => simd(signature, { seen, also });
/** Bits 16 and up of the result are anything: ne_raw.xpu says so of the chip, FlagTree masks them. */
const compare = (signature: string, ...also: readonly string[]): SymbolRecord =>
  simd(signature, { seen: `${guide} 5.4.3, 5.4.7`, also: [...also, flagTree("LoadStoreOpToLLVM, VectorizedOpToLLVM")] });
const f = "float32x16_t";
const i = "int32x16_t";
const u = "uint32x16_t";

const registers = {
  vload_lm_float32x16: load(`${f} vload_lm_float32x16(const void* src_ptr)`, primitives, flagGems("searchsorted_raw.xpu")),
  vload_lm_int32x16: load(`${i} vload_lm_int32x16(const void* src_ptr)`, primitives, flagGems("searchsorted_raw.xpu")),
  vload_lm_uint32x16: load(`${u} vload_lm_uint32x16(const void* src_ptr)`, pointers),
  vstore_lm_float32x16: store(`void vstore_lm_float32x16(void* dst_ptr, ${f} src_data)`, primitives),
  vstore_lm_int32x16: store(`void vstore_lm_int32x16(void* dst_ptr, ${i} src_data)`, flagGems("searchsorted_raw.xpu")),
  vstore_lm_uint32x16: store(`void vstore_lm_uint32x16(void* dst_ptr, ${u} src_data)`, pointers),
  vgather_lm_int32x16: simd(`${i} vgather_lm_int32x16(const void* src_ptr, ${i} offset)`, {
    seen: `${guide} 5.2.98`,
    also: [primitives, flagGems("searchsorted_raw.xpu")],
  }),
  vscatter_lm_int32x16_mh: simd(`void vscatter_lm_int32x16_mh(void* dst_ptr, ${i} src_data, ${i} offset, int mask)`, {
    seen: `${guide} 5.2.112`,
    also: [`${primitives} (int16x32)`, flagTree("LoadStoreOpToLLVM")],
  }),
  vvadd_float32x16: arithmetic(`${f} vvadd_float32x16(${f} a, ${f} b)`, pointers, template),
  vvadd_int32x16: arithmetic(`${i} vvadd_int32x16(${i} a, ${i} b)`, pointers, template),
  vvsub_float32x16: arithmetic(`${f} vvsub_float32x16(${f} a, ${f} b)`, template, fastDeploy("vvsub, svmul with _mh")),
  vvsub_int32x16: arithmetic(`${i} vvsub_int32x16(${i} a, ${i} b)`, template),
  vvmul_float32x16: arithmetic(`${f} vvmul_float32x16(${f} a, ${f} b)`, pointers, template),
  vvmul_int32x16: arithmetic(`${i} vvmul_int32x16(${i} a, ${i} b)`, pointers, template),
  vvmax_float32x16: arithmetic(`${f} vvmax_float32x16(${f} a, ${f} b)`, template, fastDeploy("quant2d_per_channel.xpu")),
  vvmax_int32x16: arithmetic(`${i} vvmax_int32x16(${i} a, ${i} b)`, template),
  vvmin_float32x16: arithmetic(`${f} vvmin_float32x16(${f} a, ${f} b)`, template),
  vvmin_int32x16: arithmetic(`${i} vvmin_int32x16(${i} a, ${i} b)`, template),
  vvadd_float32x16_mh: masked(`${f} vvadd_float32x16_mh(${f} a, ${f} b, ${f} c, int mask)`, primitives),
  vvadd_int32x16_mh: masked(`${i} vvadd_int32x16_mh(${i} a, ${i} b, ${i} c, int mask)`),
  vvmul_float32x16_mh: masked(`${f} vvmul_float32x16_mh(${f} a, ${f} b, ${f} c, int mask)`),
  vvmul_int32x16_mh: masked(`${i} vvmul_int32x16_mh(${i} a, ${i} b, ${i} c, int mask)`),
  vvmax_float32x16_mh: masked(`${f} vvmax_float32x16_mh(${f} a, ${f} b, ${f} c, int mask)`, `${kernels} (vvmax with hold)`),
  vvmax_int32x16_mh: masked(`${i} vvmax_int32x16_mh(${i} a, ${i} b, ${i} c, int mask)`),
  vvmin_float32x16_mh: masked(`${f} vvmin_float32x16_mh(${f} a, ${f} b, ${f} c, int mask)`),
  vvmin_int32x16_mh: masked(`${i} vvmin_int32x16_mh(${i} a, ${i} b, ${i} c, int mask)`),
  svadd_float32x16: arithmetic(`${f} svadd_float32x16(float a, ${f} b)`, pointers, template),
  svadd_int32x16: arithmetic(`${i} svadd_int32x16(int32_t a, ${i} b)`, pointers, flagGems("searchsorted_raw.xpu")),
  svadd_int32x16_mh: masked(`${i} svadd_int32x16_mh(int32_t a, ${i} b, ${i} c, int mask)`, pointers, flagGems("searchsorted_raw.xpu")),
  svsub_int32x16: arithmetic(`${i} svsub_int32x16(int32_t a, ${i} b)`, template),
  svmul_float32x16: arithmetic(`${f} svmul_float32x16(float a, ${f} b)`, pointers, template),
  svmul_int32x16: arithmetic(`${i} svmul_int32x16(int32_t a, ${i} b)`, pointers, flagGems("searchsorted_raw.xpu")),
  svmax_float32x16: arithmetic(`${f} svmax_float32x16(float a, ${f} b)`, template),
  svmax_int32x16: arithmetic(`${i} svmax_int32x16(int32_t a, ${i} b)`, template),
  svmin_float32x16: arithmetic(`${f} svmin_float32x16(float a, ${f} b)`, template),
  svmin_int32x16: arithmetic(`${i} svmin_int32x16(int32_t a, ${i} b)`, template, flagGems("searchsorted_raw.xpu")),
  vabs_float32x16: arithmetic(`${f} vabs_float32x16(${f} a)`, fastDeploy("quant2d_per_channel.xpu")),
  svor_float32x16: bitwise(`${f} svor_float32x16(float a, ${f} b)`, `${simd3} (uint32x16)`, flagTree("trigonometric.xpu")),
  svand_int32x16: bitwise(`${i} svand_int32x16(int32_t a, ${i} b)`, simd3, flagTree("trigonometric.xpu")),
  svor_uint32x16: bitwise(`${u} svor_uint32x16(uint32_t a, ${u} b)`, simd3),
  svxor_uint32x16: bitwise(
    `${u} svxor_uint32x16(uint32_t a, ${u} b)`,
    `${kernels} (the Philox generator's header, text-index id 57730349360)`,
  ),
  vvor_uint32x16: bitwise(`${u} vvor_uint32x16(${u} a, ${u} b)`, simd3),
  vvxor_int32x16: bitwise(`${i} vvxor_int32x16(${i} a, ${i} b)`, pointers),
  vvand_float32x16_mh: bitwise(
    `${f} vvand_float32x16_mh(${f} a, ${f} b, ${f} c, int mask)`,
    flagGems("nan_to_num_raw.xpu"),
    flagGems("masked_fill_raw.xpu"),
  ),
  vvor_float32x16_mh: bitwise(
    `${f} vvor_float32x16_mh(${f} a, ${f} b, ${f} c, int mask)`,
    flagTree("VectorizedOpToLLVM (VSelect)"),
    flagTree("trigonometric.xpu"),
  ),
  vvor_int32x16_mh: bitwise(`${i} vvor_int32x16_mh(${i} a, ${i} b, ${i} c, int mask)`, flagTree("VectorizedOpToLLVM (VSelect)")),
  svsll_uint32x16: bitwise(`${u} svsll_uint32x16(uint32_t a, ${u} b)`, simd3, flagTree("trigonometric.xpu")),
  svsrl_uint32x16: bitwise(`${u} svsrl_uint32x16(uint32_t a, ${u} b)`, simd3, flagTree("trigonometric.xpu")),
  vveq_float32x16: compare(`int vveq_float32x16(${f} a, ${f} b)`, flagGems("nan_to_num_raw.xpu")),
  vvneq_float32x16: compare(`int vvneq_float32x16(${f} a, ${f} b)`, flagGems("nan_to_num_raw.xpu"), flagGems("masked_fill_raw.xpu")),
  vvlt_float32x16: compare(`int vvlt_float32x16(${f} a, ${f} b)`, flagGems("searchsorted_raw.xpu")),
  vvle_float32x16: compare(`int vvle_float32x16(${f} a, ${f} b)`, flagGems("searchsorted_raw.xpu")),
  vveq_int32x16: compare(`int vveq_int32x16(${i} a, ${i} b)`),
  vvneq_int32x16: compare(`int vvneq_int32x16(${i} a, ${i} b)`),
  vvlt_int32x16: compare(`int vvlt_int32x16(${i} a, ${i} b)`, flagGems("searchsorted_raw.xpu")),
  vvle_int32x16: compare(`int vvle_int32x16(${i} a, ${i} b)`, flagGems("searchsorted_raw.xpu")),
  sveq_float32x16: compare(`int sveq_float32x16(float a, ${f} b)`),
  svneq_float32x16: compare(`int svneq_float32x16(float a, ${f} b)`, flagGems("ne_raw.xpu")),
  svlt_float32x16: compare(`int svlt_float32x16(float a, ${f} b)`, flagGems("gt_raw.xpu"), primitives),
  svle_float32x16: compare(`int svle_float32x16(float a, ${f} b)`, fastDeploy("svle(0, x) for x >= 0")),
  sveq_int32x16: compare(`int sveq_int32x16(int32_t a, ${i} b)`),
  svneq_int32x16: compare(`int svneq_int32x16(int32_t a, ${i} b)`),
  svlt_int32x16: compare(`int svlt_int32x16(int32_t a, ${i} b)`, flagGems("searchsorted_raw.xpu")),
  svle_int32x16: compare(`int svle_int32x16(int32_t a, ${i} b)`, primitives),
  vextract_float32x16: simd(`float vextract_float32x16(${f} a, int mask)`, { seen: `${guide} 5.4.5.7`, also: [reduceHeader] }),
  vextract_int32x16: simd(`int32_t vextract_int32x16(${i} a, int mask)`, {
    seen: `${guide} 5.4.5.8`,
    also: [fastDeploy("get_padding_offset.xpu")],
  }),
  // Bits of the 512, towards lane 0.
  vsrlp_float32x16: bitwise(
    `${f} vsrlp_float32x16(int bits, ${f} v)`,
    reduceHeader,
    `${simd3} (vsrl.p by 16 moves a 16-bit lane to its neighbour)`,
  ),
  vsrlp_int32x16: bitwise(
    `${i} vsrlp_int32x16(int bits, ${i} v)`,
    fastDeploy("get_padding_offset.xpu"),
    `${simd3} (vsrl.p)`,
    flagTree("svsrlp"),
  ),
} as const satisfies Record<string, SymbolRecord>;

const xtdk = (signature: string, section: string, ...also: readonly string[]): SymbolRecord =>
  simd(signature, { header: "xpu/kernel/xtdk.h", seen: `${guide} ${section}`, also });
const maths = (signature: string): SymbolRecord =>
  simd(signature, { header: "xpu/kernel/xtdk_math.h", seen: `${guide} 5.3, 5.4.4.9-12`, also: [`${kernels}/cluster_math.h`] });
const cluster = (signature: string, seen: string, ...also: readonly string[]): SymbolRecord =>
  simd(signature, { header: "xpu/kernel/cluster_simd.h", seen, also });

const copied = [infiniCore("kunlun_kernel_common.h"), flagGems("searchsorted_raw.xpu")] as const;

const named = {
  core_id: xtdk("int core_id()", "5.1", fastDeploy("get_padding_offset.xpu")),
  core_num: xtdk("int core_num()", "5.1", fastDeploy("get_padding_offset.xpu")),
  cluster_id: xtdk("int cluster_id()", "5.1", fastDeploy("get_padding_offset.xpu")),
  cluster_num: xtdk("int cluster_num()", "5.1", fastDeploy("get_padding_offset.xpu")),
  GM2LM: xtdk("void GM2LM(__global_ptr__ const void* src, void* dst, int size)", "5.2.1", ...copied),
  LM2GM: xtdk("void LM2GM(const void* src, __global_ptr__ void* dst, int size)", "5.2.1", ...copied),
  GM2LM_ASYNC: xtdk("void GM2LM_ASYNC(__global_ptr__ const void* src, void* dst, int size)", "5.2.5", flagGems("ne_raw.xpu")),
  LM2GM_ASYNC: xtdk("void LM2GM_ASYNC(const void* src, __global_ptr__ void* dst, int size)", "5.2.5", flagGems("ne_raw.xpu")),
  mfence: xtdk("void mfence()", "5.5", flagGems("searchsorted_raw.xpu")),
  mfence_lm: xtdk("void mfence_lm()", "5.5", primitives),
  vset_zero: cluster(`${f} vset_zero()`, simd3, fastDeploy("quant2d_per_channel.xpu")),
  vset_zero_int: cluster(`${i} vset_zero_int()`, simd3, fastDeploy("get_padding_offset.xpu")),
  vload2_lm: cluster(`void vload2_lm(const T* ptr, ${f}& vl, ${f}& vh)`, simd3, fastDeploy("quant2d_per_channel.xpu")),
  vstore2_lm: cluster(`void vstore2_lm(T* ptr, ${f}& vl, ${f}& vh)`, simd3, primitives),
  vfloat2fp16_lh: cluster(`float16x32_t vfloat2fp16_lh(${f} a, ${f} b)`, `${guide} 5.4.6.6`, simd3),
  vfp162float_l: cluster(`${f} vfp162float_l(float16x32_t a)`, `${guide} 5.4.6.7`, simd3),
  vfix2float: cluster(`${f} vfix2float(${i} a)`, primitives, fastDeploy("do_cast")),
  // A register form without a function of its own: portolan_xpu.h spells it as XDNN's primitive_cast does.
  "vfloat2fix.rz": simd("vfloat2fix.rz vd, vs", {
    header: "xpu/kernel/cluster_primitive.h",
    seen: primitives,
    also: [infiniCore("sort/kunlun/heap.h")],
  }),
  min: maths("int min(int a, int b)"),
  max: maths("int max(int a, int b)"),
  fmin: maths("float fmin(float a, float b)"),
  fmax: maths("float fmax(float a, float b)"),
  fabs: maths("float fabs(float t)"),
  sqrt: maths("float sqrt(float input)"),
  floor: maths("float floor(float input)"),
  ceil: maths("float ceil(float input)"),
  rint: maths("float rint(float input)"),
  trunc: maths("float trunc(float input)"),
  // With -fxpu-launch-return the launch is an expression of type int, 0 on success.
  "kernel<<<>>>": {
    kind: "intrinsic",
    header: "",
    signature: "int kernel<<<int clusters, int cores, XPUStream stream>>>(...)",
    since,
    evidence: "E1",
    seen: `${guide} 3.2.1`,
    witness: confirmed(
      `${guide} 3.2.1`,
      "PaddlePaddle/FastDeploy custom_ops/xpu_ops/src/plugin/CMakeLists.txt and the wrappers that compare its result with XPU_SUCCESS",
    ),
  },
} as const satisfies Record<string, SymbolRecord>;

const runtimeCall = (signature: string, ...also: readonly string[]): SymbolRecord => ({
  kind: "runtime",
  header: "xpu/runtime.h",
  signature,
  since,
  evidence: "E1",
  seen: `${drivers}/runtime.h`,
  witness: confirmed(`${drivers}/runtime.h`, ...also),
});

/** What runtime/device.cpp calls. */
export const runtime = {
  xpu_set_device: runtimeCall("int xpu_set_device(int devid)", `${guide} 3.1.1.1`),
  xpu_malloc: runtimeCall("int xpu_malloc(void** pdevptr, uint64_t sz, XPUMemoryKind kind)", `${guide} 3.1.1.1`),
  xpu_free: runtimeCall("int xpu_free(void* devptr)", `${guide} 3.1.1.1`),
  xpu_memcpy_async: {
    ...runtimeCall("int xpu_memcpy_async(void* dst, const void* src, uint64_t sz, XPUMemcpyKind kind, XPUStream stream)"),
    header: "xpu/runtime_ex.h",
    seen: infiniCore("infinirt_kunlun.cc"),
    witness: confirmed(infiniCore("infinirt_kunlun.cc"), "PaddlePaddle/Paddle XPU backends", flagTree("driver")),
  },
  xpu_stream_create: runtimeCall("int xpu_stream_create(XPUStream* pstream)", `${guide} 3.1.1.1`),
  xpu_stream_destroy: runtimeCall("int xpu_stream_destroy(XPUStream stream)", `${guide} 3.1.1.1`),
  xpu_wait: runtimeCall("int xpu_wait(XPUStream stream)", `${guide} 3.1.1.1`),
  xpu_strerror: {
    ...runtimeCall("const char* xpu_strerror(int err)"),
    seen: `${drivers}/defs.h`,
    witness: confirmed(`${drivers}/defs.h`),
  },
} as const satisfies Record<string, SymbolRecord>;

export const intrinsics: Readonly<Record<keyof typeof registers | keyof typeof named, SymbolRecord>> = { ...registers, ...named };
export type Intrinsic = keyof typeof intrinsics;

const lanes = ["svadd_int32x16_mh", "vset_zero_int"] as const;
const select = ["vvor_float32x16_mh", "vvor_int32x16_mh"] as const;
const toInt = [
  "vabs_float32x16",
  "vvlt_float32x16",
  "svle_float32x16",
  "vvle_float32x16",
  "svadd_float32x16",
  "svand_int32x16",
  "vvor_uint32x16",
  "svor_float32x16",
  "svadd_int32x16",
  "vset_zero",
  "vset_zero_int",
  "vfloat2fix.rz",
  ...select,
] as const;
const words = ["vgather_lm_int32x16", "svsll_uint32x16", "svsrl_uint32x16", ...lanes] as const;
const narrowed = [
  "svand_int32x16",
  "svsll_uint32x16",
  "vvor_uint32x16",
  "vvor_int32x16_mh",
  "vsrlp_int32x16",
  "vscatter_lm_int32x16_mh",
  ...lanes,
] as const;
const moved = [
  ...words,
  "svand_int32x16",
  "svadd_int32x16",
  "svmin_int32x16",
  "svmul_int32x16",
  "vvadd_int32x16",
  "vstore_lm_int32x16",
] as const;
const picked = ["sveq_int32x16", "vvor_uint32x16", "vvor_int32x16_mh"] as const;

const folded = ["vsrlp_float32x16", "vsrlp_int32x16", "vextract_float32x16", "vextract_int32x16"] as const;
const part = [...words, "vvor_int32x16_mh", "svand_int32x16"] as const;
const signedPart = [...part, "svxor_uint32x16", "svadd_int32x16"] as const;

/** Functions of runtime/portolan_xpu.h and the vendor's intrinsics behind each. */
export const helpers = {
  block_begin: [],
  floordiv: [],
  floormod: [],
  gm_get: ["GM2LM"],
  gm_set: ["LM2GM", "mfence_lm"],
  first_lanes: [],
  int_power: [],
  widen: [],
  narrow_float16: [],
  narrow_bfloat16: [],
  rounded_float16: [],
  rounded_bfloat16: [],
  splat: ["svor_float32x16", "svadd_int32x16", "vset_zero", "vset_zero_int"],
  lane_numbers: lanes,
  choose: select,
  bits_and: ["vvand_float32x16_mh"],
  bits_or: ["vvor_uint32x16"],
  bits_or_scalar: ["svor_uint32x16"],
  bits_xor_scalar: ["svxor_uint32x16"],
  shift_left: ["svsll_uint32x16"],
  to_int_rint: toInt,
  to_int_trunc: toInt,
  to_float: ["vfix2float"],
  max_nan: ["vvmax_float32x16", "vvneq_float32x16", "vvor_float32x16_mh"],
  min_nan: ["vvmin_float32x16", "vvneq_float32x16", "vvor_float32x16_mh"],
  fold_sum: ["vvadd_float32x16", "vvadd_int32x16", ...folded],
  fold_prod: ["vvmul_float32x16", "vvmul_int32x16", ...folded],
  fold_max: ["vvmax_float32x16", "vvmax_int32x16", "vvneq_float32x16", "vvor_float32x16_mh", ...folded],
  fold_min: ["vvmin_float32x16", "vvmin_int32x16", "vvneq_float32x16", "vvor_float32x16_mh", ...folded],
  load_u8: part,
  load_i8: signedPart,
  load_u16: part,
  load_i16: signedPart,
  store_low8: narrowed,
  store_low16: narrowed,
  move_row: [...moved, ...picked],
  lookup_row: [...words, ...picked, ...narrowed, "svmul_int32x16", "vload_lm_int32x16", "vstore_lm_int32x16"],
  round_to_bfloat16: [
    "svand_int32x16",
    "svsrl_uint32x16",
    "vvadd_int32x16",
    "svadd_int32x16",
    "vvneq_float32x16",
    "svor_float32x16",
    "vset_zero",
    "vvor_float32x16_mh",
  ],
  round_to_float16: ["vfloat2fp16_lh", "vfp162float_l"],
} as const satisfies Record<string, readonly Intrinsic[]>;

export type Helper = keyof typeof helpers;
