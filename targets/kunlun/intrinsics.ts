/**
 * Every kernel intrinsic and runtime function generated code may use, with where it was read. The printer spells them
 * through `Spelling`, whose names are keys of these records: an invented one does not compile.
 */
import type { SymbolRecord } from "../../src/plan/target.js";

export const registerTypes = ["float32x16", "int32x16", "uint32x16"] as const;
export type RegisterType = (typeof registerTypes)[number];

const scalarOf: Readonly<Record<RegisterType, string>> = { float32x16: "float", int32x16: "int32_t", uint32x16: "uint32_t" };

const guide = "XPU C/C++ development guide 2.2";
const since = "XTDK 2.0";

type RegisterOp = "add" | "sub" | "mul" | "max" | "min" | "and" | "or" | "xor";
type CompareOp = "eq" | "neq" | "lt" | "le";
type Shift = "sll" | "srl";

type RegisterName =
  | `v${"load" | "store"}_lm_${RegisterType}`
  | `vgather_lm_${"float32x16" | "int32x16"}`
  | "vscatter_lm_int32x16_mh"
  | `${"vv" | "sv"}${RegisterOp}_${RegisterType}`
  | `${"vv" | "sv"}${RegisterOp}_${RegisterType}_mh`
  | `${"vv" | "sv"}${CompareOp}_${RegisterType}`
  | `sv${Shift}_${"int32x16" | "uint32x16"}`
  | `sv${Shift}_${"int32x16" | "uint32x16"}_mh`
  | "vabs_float32x16"
  | `vextract_${"float32x16" | "int32x16"}`
  | `vsrlp_${"float32x16" | "int32x16"}`;

function simd(signature: string, seen: string, header = "xpu/kernel/xtdk_simd.h"): SymbolRecord {
  return { kind: "intrinsic", header, signature, since, evidence: "E1", seen };
}

/** The families of the guide's grammar, one record a name. */
function families(): Record<RegisterName, SymbolRecord> {
  const out = new Map<string, SymbolRecord>();
  for (const t of registerTypes) {
    const [v, s] = [`${t}_t`, scalarOf[t]];
    out.set(`vload_lm_${t}`, simd(`${v} vload_lm_${t}(const void* src_ptr)`, `${guide} 5.2.32-38`));
    out.set(`vstore_lm_${t}`, simd(`void vstore_lm_${t}(void* dst_ptr, ${v} src_data)`, `${guide} 5.2.56-70`));
    for (const op of ["add", "sub", "mul", "max", "min", "and", "or", "xor"] as const) {
      const section = op === "and" || op === "or" || op === "xor" ? `${guide} 5.4.2` : `${guide} 5.4.1`;
      out.set(`vv${op}_${t}`, simd(`${v} vv${op}_${t}(${v} a, ${v} b)`, section));
      out.set(`vv${op}_${t}_mh`, simd(`${v} vv${op}_${t}_mh(${v} a, ${v} b, ${v} c, int mask)`, section));
      out.set(`sv${op}_${t}`, simd(`${v} sv${op}_${t}(${s} a, ${v} b)`, section));
      out.set(`sv${op}_${t}_mh`, simd(`${v} sv${op}_${t}_mh(${s} a, ${v} b, ${v} c, int mask)`, section));
    }
    for (const op of ["eq", "neq", "lt", "le"] as const) {
      out.set(`vv${op}_${t}`, simd(`int vv${op}_${t}(${v} a, ${v} b)`, `${guide} 5.4.7`));
      out.set(`sv${op}_${t}`, simd(`int sv${op}_${t}(${s} a, ${v} b)`, `${guide} 5.4.7`));
    }
  }
  for (const t of ["int32x16", "uint32x16"] as const)
    for (const op of ["sll", "srl"] as const) {
      const seen = "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/kernel/cluster3_simd.h (uint32x16), " + guide + " 5.4.2";
      out.set(`sv${op}_${t}`, simd(`${t}_t sv${op}_${t}(${scalarOf[t]} a, ${t}_t b)`, seen));
      out.set(`sv${op}_${t}_mh`, simd(`${t}_t sv${op}_${t}_mh(${scalarOf[t]} a, ${t}_t b, ${t}_t c, int mask)`, seen));
    }
  for (const t of ["float32x16", "int32x16"] as const) {
    out.set(`vgather_lm_${t}`, simd(`${t}_t vgather_lm_${t}(const void* src_ptr, int32x16_t offset)`, `${guide} 5.2.95`));
    out.set(`vextract_${t}`, simd(`${scalarOf[t]} vextract_${t}(${t}_t a, int mask)`, `${guide} 5.4.5.7`));
    out.set(
      `vsrlp_${t}`,
      simd(`${t}_t vsrlp_${t}(int shift, ${t}_t v)`, "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/kernel (v_reduce)"),
    );
  }
  out.set("vabs_float32x16", simd("float32x16_t vabs_float32x16(float32x16_t a)", `${guide} 5.4.1`));
  out.set(
    "vscatter_lm_int32x16_mh",
    simd("void vscatter_lm_int32x16_mh(void* dst_ptr, int32x16_t src_data, int32x16_t offset, int mask)", `${guide} 5.2.110-112`),
  );
  return Object.fromEntries(out) as Record<RegisterName, SymbolRecord>;
}

const cluster = "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/kernel/cluster3_simd.h";
const xtdk = (signature: string, section: string): SymbolRecord => simd(signature, `${guide} ${section}`, "xpu/kernel/xtdk.h");
const maths = (signature: string): SymbolRecord =>
  simd(signature, "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/kernel/cluster_math.h", "xpu/kernel/xtdk_math.h");

/** Instructions without a function of their own: portolan_xpu.h spells them as XDNN's primitive_cast does. */
const instruction = (signature: string): SymbolRecord => ({
  kind: "intrinsic",
  header: "xpu/kernel/cluster_primitive.h",
  signature,
  since,
  evidence: "E0",
  seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/kernel/heap.h (primitive_cast<float, int>)",
  assumption: "K1: the instruction writes a register (%0) as it is seen to write vr0",
});

const named = {
  core_id: xtdk("int core_id()", "5.1"),
  core_num: xtdk("int core_num()", "5.1"),
  cluster_id: xtdk("int cluster_id()", "5.1"),
  cluster_num: xtdk("int cluster_num()", "5.1"),
  GM2LM_ASYNC: xtdk("void GM2LM_ASYNC(__global_ptr__ const void* src, void* dst, int size)", "5.2"),
  LM2GM_ASYNC: xtdk("void LM2GM_ASYNC(const void* src, __global_ptr__ void* dst, int size)", "5.2"),
  mfence: xtdk("void mfence()", "5.2"),
  mfence_lm: xtdk("void mfence_lm()", "5.2"),
  vset_zero: simd("float32x16_t vset_zero()", cluster, "xpu/kernel/cluster_simd.h"),
  vset_zero_int: simd("int32x16_t vset_zero_int()", cluster, "xpu/kernel/cluster_simd.h"),
  vload2_lm: simd("void vload2_lm(const T* ptr, float32x16_t& vl, float32x16_t& vh)", cluster, "xpu/kernel/cluster_simd.h"),
  vstore2_lm: simd("void vstore2_lm(T* ptr, float32x16_t& vl, float32x16_t& vh)", cluster, "xpu/kernel/cluster_simd.h"),
  vfloat2fp16_lh: simd("float16x32_t vfloat2fp16_lh(float32x16_t a, float32x16_t b)", `${guide} 5.4.6.6`),
  vfp162float_l: simd("float32x16_t vfp162float_l(float16x32_t a)", `${guide} 5.4.6.7`),
  "vfloat2fix.rn": instruction("vfloat2fix.rn vd, vs"),
  "vfloat2fix.rz": instruction("vfloat2fix.rz vd, vs"),
  "vfix2float.rn": instruction("vfix2float.rn vd, vs"),
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
  "kernel<<<>>>": {
    kind: "intrinsic",
    header: "",
    signature: "int kernel<<<int clusters, int cores, XPUStream stream>>>(...)",
    since,
    evidence: "E0",
    seen: "PaddlePaddle/FastDeploy custom_ops/xpu_ops/src/plugin (flag -fxpu-launch-return)",
    assumption: "K2: with -fxpu-launch-return the launch is an expression of type int, 0 on success",
  },
} as const satisfies Record<string, SymbolRecord>;

const runtimeCall = (signature: string, header = "xpu/runtime.h"): SymbolRecord => ({
  kind: "runtime",
  header,
  signature,
  since,
  evidence: "E1",
  seen: `mobius/kunlun_k200 kunlun-driver/include/${header}`,
});

/** What runtime/device.cpp calls. */
export const runtime = {
  xpu_set_device: runtimeCall("int xpu_set_device(int devid)"),
  xpu_malloc: runtimeCall("int xpu_malloc(void** pdevptr, uint64_t sz, XPUMemoryKind kind)"),
  xpu_free: runtimeCall("int xpu_free(void* devptr)"),
  xpu_memcpy: runtimeCall("int xpu_memcpy(void* dst, const void* src, uint64_t sz, XPUMemcpyKind kind)"),
  xpu_memcpy_async: runtimeCall(
    "int xpu_memcpy_async(void* dst, const void* src, uint64_t sz, XPUMemcpyKind kind, XPUStream stream)",
    "xpu/runtime_ex.h",
  ),
  xpu_stream_create: runtimeCall("int xpu_stream_create(XPUStream* pstream)"),
  xpu_stream_destroy: runtimeCall("int xpu_stream_destroy(XPUStream stream)"),
  xpu_wait: runtimeCall("int xpu_wait(XPUStream stream)"),
  xpu_strerror: runtimeCall("const char* xpu_strerror(int err)"),
} as const satisfies Record<string, SymbolRecord>;

export const intrinsics: Readonly<Record<RegisterName | keyof typeof named, SymbolRecord>> = { ...families(), ...named };
export type Intrinsic = keyof typeof intrinsics;

/** Functions of runtime/portolan_xpu.h and the vendor's intrinsics behind each. */
export const helpers = {
  block_begin: [],
  floordiv: [],
  floormod: [],
  gm_get: [],
  gm_set: [],
  first_lanes: [],
  int_power: [],
  splat: ["svor_float32x16", "svor_int32x16", "vset_zero", "vset_zero_int"],
  lane_numbers: ["svadd_int32x16_mh", "vset_zero_int"],
  choose: ["vvor_float32x16_mh", "vvor_int32x16_mh"],
  choose_scalar: ["svor_float32x16_mh", "svor_int32x16_mh", "vset_zero", "vset_zero_int"],
  to_int_rint: ["vfloat2fix.rn"],
  to_int_trunc: ["vfloat2fix.rz"],
  to_float: ["vfix2float.rn"],
  max_nan: ["vvmax_float32x16", "vvneq_float32x16", "vvor_float32x16_mh"],
  min_nan: ["vvmin_float32x16", "vvneq_float32x16", "vvor_float32x16_mh"],
  fold_sum: ["vvadd_float32x16", "vvadd_int32x16", "vsrlp_float32x16", "vsrlp_int32x16", "vextract_float32x16", "vextract_int32x16"],
  fold_prod: ["vvmul_float32x16", "vvmul_int32x16", "vsrlp_float32x16", "vsrlp_int32x16", "vextract_float32x16", "vextract_int32x16"],
  fold_max: ["vvmax_float32x16", "vvmax_int32x16", "vsrlp_float32x16", "vsrlp_int32x16", "vextract_float32x16", "vextract_int32x16"],
  fold_min: ["vvmin_float32x16", "vvmin_int32x16", "vsrlp_float32x16", "vsrlp_int32x16", "vextract_float32x16", "vextract_int32x16"],
  load_u8: ["vgather_lm_int32x16", "svsll_int32x16", "svsrl_int32x16", "svsrl_int32x16_mh", "svand_int32x16"],
  load_i8: [
    "vgather_lm_int32x16",
    "svsll_int32x16",
    "svsrl_int32x16",
    "svsrl_int32x16_mh",
    "svand_int32x16",
    "svxor_int32x16",
    "svadd_int32x16",
  ],
  load_u16: ["vgather_lm_int32x16", "svsll_int32x16", "svsrl_int32x16", "svsrl_int32x16_mh", "svand_int32x16"],
  load_i16: [
    "vgather_lm_int32x16",
    "svsll_int32x16",
    "svsrl_int32x16",
    "svsrl_int32x16_mh",
    "svand_int32x16",
    "svxor_int32x16",
    "svadd_int32x16",
  ],
  store_low8: ["svand_int32x16", "svsll_int32x16_mh", "vvor_int32x16", "vsrlp_int32x16", "vscatter_lm_int32x16_mh"],
  store_low16: ["svand_int32x16", "svsll_int32x16", "svsll_int32x16_mh", "vvor_int32x16", "vsrlp_int32x16", "vscatter_lm_int32x16_mh"],
  move_row: ["vgather_lm_int32x16", "svmin_int32x16", "svmul_int32x16", "vvadd_int32x16", "vstore_lm_int32x16"],
  lookup_row: ["vload_lm_int32x16", "vgather_lm_int32x16", "svand_int32x16", "vstore_lm_int32x16", "vscatter_lm_int32x16_mh"],
  round_to_bfloat16: ["svand_int32x16", "svsrl_int32x16", "vvadd_int32x16", "svadd_int32x16", "vvneq_float32x16"],
  round_to_float16: ["vfloat2fp16_lh", "vfp162float_l"],
} as const satisfies Record<string, readonly Intrinsic[]>;

export type Helper = keyof typeof helpers;

/** Spells calls and remembers which vendor symbols they come down to. */
export class Spelling {
  readonly #used = new Set<Intrinsic>();

  call(name: Intrinsic, ...args: readonly string[]): string {
    this.#used.add(name);
    return `${name}(${args.join(", ")})`;
  }

  /** A function of portolan_xpu.h, with a template argument where it takes one. */
  help(name: Helper, args: readonly string[], template = ""): string {
    for (const i of helpers[name]) this.#used.add(i);
    return `${name}${template}(${args.join(", ")})`;
  }

  note(name: Intrinsic): void {
    this.#used.add(name);
  }

  uses(): readonly Intrinsic[] {
    return [...this.#used].sort();
  }
}
