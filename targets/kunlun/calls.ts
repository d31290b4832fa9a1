/**
 * The XDNN operators generated models call, and those of xblas and xpudnn that take their place under XRE 5: template and
 * function parameters in the vendor's order, exactly as the declarations read. `xdnn` spells a call from arguments by name,
 * so that an invented operator or parameter, or a forgotten one, does not compile.
 */
import type { Evidence } from "../../src/plan/program.js";
import type { SymbolRecord } from "../../src/plan/target.js";
import { confirmed, unwitnessed, type Witness } from "../../src/plan/witness.js";
import { infiniTensor, paddle, paddleLite, refactor } from "./sources.js";

/** Name, type, and the default where the declaration gives one. */
type Param = readonly [name: string, type: string, fallback?: string];

interface Call {
  readonly header: string;
  readonly since: string;
  readonly evidence: Evidence;
  readonly template: readonly string[];
  readonly params: readonly Param[];
  readonly seen: string;
  readonly witness: Witness;
  readonly assumption?: string;
}

interface Declared<P, T> {
  readonly template: T;
  readonly params: P;
  readonly seen: string;
  readonly witness: Witness;
  readonly assumption?: string;
}

function call<const P extends readonly Param[], const T extends readonly string[]>(c: Declared<P, T>) {
  return { header: "xpu/xdnn.h", since: "XDNN 2.0", evidence: "E1", ...c } as const;
}

/** Libraries of XRE 5, whose headers are not public: Paddle's calls show their parameters. */
function xre5<const P extends readonly Param[], const T extends readonly string[]>(header: string, c: Declared<P, T>) {
  const assumption = "K1: the declaration is the one that Paddle's calls under XRE 5 agree on";
  return { header, since: "XRE 5", evidence: "E0", assumption, ...c } as const;
}

export const calls = {
  fc_fusion: call({
    template: ["TX", "TW", "TY", "TGEMM"],
    params: [
      ["ctx", "Context*"],
      ["x", "const TX*"],
      ["w", "const TW*"],
      ["y", "TY*"],
      ["m", "int64_t"],
      ["n", "int64_t"],
      ["k", "int64_t"],
      ["x_trans", "bool"],
      ["w_trans", "bool"],
      ["x_maxptr", "const float*"],
      ["w_maxptr", "const float*"],
      ["y_maxptr", "float*"],
      ["ldx", "int64_t"],
      ["ldw", "int64_t"],
      ["ldy", "int64_t"],
      ["alpha", "float"],
      ["beta", "float"],
      ["bias", "const float*"],
      ["act", "const Activation_t&"],
      ["scale", "const float*", "nullptr"],
      ["scale_x", "const float*", "nullptr"],
      ["scale_w", "const float*", "nullptr"],
    ],
    seen: `${refactor}/fusion.h`,
    witness: confirmed(
      `${refactor}/fusion.h`,
      paddleLite("__xpu__fc_compute.cc"),
      infiniTensor("matmul.cc"),
      paddle("xpu/xpu_api_wrapper.h (KL2)"),
    ),
  }),
  fc_batched: call({
    template: ["TX", "TW", "TY", "TGEMM", "MAX_PTR_TYPE=0"],
    params: [
      ["ctx", "Context*"],
      ["batch_size", "int64_t"],
      ["x_trans", "bool"],
      ["w_trans", "bool"],
      ["m", "int64_t"],
      ["n", "int64_t"],
      ["k", "int64_t"],
      ["alpha", "float"],
      ["x", "const TX*"],
      ["stride_a", "int64_t"],
      ["w", "const TW*"],
      ["stride_b", "int64_t"],
      ["beta", "float"],
      ["y", "TY*"],
      ["stride_c", "int64_t"],
      ["x_maxptr", "const float*"],
      ["w_maxptr", "const float*"],
    ],
    seen: `${refactor}/nn.h`,
    witness: confirmed(`${refactor}/nn.h`, infiniTensor("matmul.cc"), paddle("xpu/xpu_api_wrapper.h (KL2)")),
  }),
  conv2d_fusion: call({
    template: ["TX", "TW", "TY", "TGEMM"],
    params: [
      ["ctx", "Context*"],
      ["x", "const TX*"],
      ["weight", "const TW*"],
      ["y", "TY*"],
      ["n", "int64_t"],
      ["c", "int64_t"],
      ["h", "int64_t"],
      ["w", "int64_t"],
      ["f", "int64_t"],
      ["ksize", "const std::vector<int64_t>&"],
      ["stride", "const std::vector<int64_t>&"],
      ["pad", "const std::vector<int64_t>&"],
      ["dilation", "const std::vector<int64_t>&"],
      ["group", "int64_t"],
      ["x_maxptr", "const float*"],
      ["weight_maxptr", "const float*"],
      ["y_maxptr", "float*"],
      ["is_nchw", "bool"],
      ["bias", "const float*"],
      ["branch", "const TY*"],
      ["act", "const Activation_t&"],
      ["branch_maxptr", "const float*", "nullptr"],
      ["scale", "const float*", "nullptr"],
      ["ld_out_f", "int64_t", "-1"],
    ],
    seen: `${refactor}/fusion.h`,
    witness: confirmed(`${refactor}/fusion.h`, paddleLite("__xpu__conv2d_compute.cc"), infiniTensor("conv.cc")),
  }),
  conv1d_fusion: call({
    template: ["TX", "TW", "TY", "TGEMM"],
    params: [
      ["ctx", "Context*"],
      ["x", "const TX*"],
      ["weight", "const TW*"],
      ["y", "TY*"],
      ["n", "int64_t"],
      ["c", "int64_t"],
      ["w", "int64_t"],
      ["f", "int64_t"],
      ["ksize_w", "int64_t"],
      ["stride_w", "int64_t"],
      ["pad", "const std::vector<int64_t>&"],
      ["dilation_w", "int64_t"],
      ["group", "int64_t"],
      ["x_maxptr", "const float*"],
      ["weight_maxptr", "const float*"],
      ["y_maxptr", "float*"],
      ["is_nchw", "bool"],
      ["bias", "const float*"],
      ["branch", "const TY*"],
      ["act", "const Activation_t&"],
      ["branch_maxptr", "const float*", "nullptr"],
    ],
    seen: `${refactor}/fusion.h`,
    witness: confirmed(`${refactor}/fusion.h`, paddle("fusion/xpu (conv1d, by its argument comments)")),
  }),
  conv2d_transpose_fusion_v2: call({
    template: ["TY", "TW", "TX", "TGEMM"],
    params: [
      ["ctx", "Context*"],
      ["y", "const TY*"],
      ["weight", "const TW*"],
      ["x", "TX*"],
      ["n", "int64_t"],
      ["yc", "int64_t"],
      ["xh", "int64_t"],
      ["xw", "int64_t"],
      ["xc", "int64_t"],
      ["ksize", "const std::vector<int64_t>&"],
      ["stride", "const std::vector<int64_t>&"],
      ["pad", "const std::vector<int64_t>&"],
      ["dilation", "const std::vector<int64_t>&"],
      ["group", "int64_t"],
      ["y_maxptr", "const float*"],
      ["w_maxptr", "const float*"],
      ["x_maxptr", "float*"],
      ["bias", "const float*"],
      ["act", "const Activation_t&"],
      ["is_nchw", "bool"],
      ["scale", "const float*", "nullptr"],
    ],
    seen: `${refactor}/fusion.h`,
    witness: confirmed(`${refactor}/fusion.h`, paddleLite("conv2d_transpose_compute.cc")),
  }),
  max_pool2d: call({
    template: ["T", "TID=int"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["indices", "TID*"],
      ["n", "int64_t"],
      ["c", "int64_t"],
      ["h", "int64_t"],
      ["w", "int64_t"],
      ["ksize", "const std::vector<int64_t>&"],
      ["stride", "const std::vector<int64_t>&"],
      ["pad", "const std::vector<int64_t>&"],
      ["is_nchw", "bool"],
      ["x_maxptr", "const float*", "nullptr"],
      ["y_maxptr", "float*", "nullptr"],
      ["xpu1_pad", "bool", "true"],
      ["ld_out_c", "int64_t", "-1"],
    ],
    seen: `${refactor}/nn_pool.h`,
    witness: confirmed(`${refactor}/nn_pool.h`, paddle("xpu/pool_kernel.cc"), paddleLite("pool_compute.cc")),
  }),
  avg_pool2d: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["n", "int64_t"],
      ["c", "int64_t"],
      ["h", "int64_t"],
      ["w", "int64_t"],
      ["ksize", "const std::vector<int64_t>&"],
      ["stride", "const std::vector<int64_t>&"],
      ["pad", "const std::vector<int64_t>&"],
      ["count_include_pad", "bool"],
      ["is_nchw", "bool"],
      ["x_maxptr", "const float*", "nullptr"],
      ["y_maxptr", "float*", "nullptr"],
    ],
    seen: `${refactor}/nn_pool.h`,
    witness: confirmed(`${refactor}/nn_pool.h`, paddle("xpu/pool_kernel.cc"), paddleLite("pool_compute.cc")),
  }),
  adaptive_avg_pool2d: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["n", "int64_t"],
      ["c", "int64_t"],
      ["xh", "int64_t"],
      ["xw", "int64_t"],
      ["yh", "int64_t"],
      ["yw", "int64_t"],
      ["is_nchw", "bool"],
      ["x_maxptr", "const float*", "nullptr"],
      ["y_maxptr", "float*", "nullptr"],
    ],
    seen: `${refactor}/nn_pool.h`,
    witness: confirmed(`${refactor}/nn_pool.h`, paddleLite("pool_compute.cc")),
  }),
  adaptive_max_pool2d: call({
    template: ["T", "TID=int"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["indices", "TID*"],
      ["n", "int64_t"],
      ["c", "int64_t"],
      ["xh", "int64_t"],
      ["xw", "int64_t"],
      ["yh", "int64_t"],
      ["yw", "int64_t"],
      ["is_nchw", "bool"],
      ["x_maxptr", "const float*", "nullptr"],
      ["y_maxptr", "float*", "nullptr"],
    ],
    seen: `${refactor}/nn_pool.h`,
    witness: confirmed(`${refactor}/nn_pool.h`, paddleLite("pool_compute.cc")),
  }),
  interpolate2d: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["n", "int64_t"],
      ["c", "int64_t"],
      ["xh", "int64_t"],
      ["xw", "int64_t"],
      ["yh", "int64_t"],
      ["yw", "int64_t"],
      ["is_nearest", "bool"],
      ["trans_mode", "int64_t"],
      ["is_nchw", "bool"],
      ["max_x", "const float*", "nullptr"],
      ["max_y", "float*", "nullptr"],
      ["ld_out_c", "int64_t", "-1"],
    ],
    seen: `${refactor}/nn.h`,
    witness: confirmed(`${refactor}/nn.h`, paddle("xpu/interpolate_kernel.cc"), paddleLite("interpolate_compute.cc")),
  }),
  relu: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["len", "int64_t"],
      ["max_x", "const float*", "nullptr"],
      ["max_y", "float*", "nullptr"],
    ],
    seen: `${refactor}/nn_activation.h`,
    witness: confirmed(`${refactor}/nn_activation.h`, infiniTensor("unary.cc")),
  }),
  sigmoid: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["len", "int64_t"],
      ["max_x", "const float*", "nullptr"],
      ["max_y", "float*", "nullptr"],
    ],
    seen: `${refactor}/nn_activation.h`,
    witness: confirmed(`${refactor}/nn_activation.h`, infiniTensor("unary.cc")),
  }),
  tanh: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["len", "int64_t"],
      ["max_x", "const float*", "nullptr"],
      ["max_y", "float*", "nullptr"],
    ],
    seen: `${refactor}/nn_activation.h`,
    witness: confirmed(`${refactor}/nn_activation.h`, infiniTensor("unary.cc")),
  }),
  gelu: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["len", "int64_t"],
      ["max_x", "const float*", "nullptr"],
      ["max_y", "float*", "nullptr"],
    ],
    seen: `${refactor}/nn_activation.h`,
    witness: unwitnessed(`${refactor}/nn_activation.h declares it`, infiniTensor("unary.cc calls it")),
    assumption: "K2: gelu is the exact one, by erf, and not its tanh form",
  }),
  softmax: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["xshape", "const std::vector<int64_t>&"],
      ["axis", "int64_t"],
    ],
    seen: `${refactor}/nn_activation.h`,
    witness: confirmed(`${refactor}/nn_activation.h`, infiniTensor("softmax.cc"), paddleLite("softmax_compute.cc")),
  }),
  broadcast_add: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "const T*"],
      ["z", "T*"],
      ["xshape", "const std::vector<int64_t>&"],
      ["yshape", "const std::vector<int64_t>&"],
    ],
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("element_wise.cc"), paddleLite("elementwise_compute.cc")),
  }),
  broadcast_sub: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "const T*"],
      ["z", "T*"],
      ["xshape", "const std::vector<int64_t>&"],
      ["yshape", "const std::vector<int64_t>&"],
    ],
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("element_wise.cc")),
  }),
  broadcast_mul: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "const T*"],
      ["z", "T*"],
      ["xshape", "const std::vector<int64_t>&"],
      ["yshape", "const std::vector<int64_t>&"],
    ],
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("element_wise.cc"), paddle("xpu/addmm_kernel.cc")),
  }),
  broadcast_div: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "const T*"],
      ["z", "T*"],
      ["xshape", "const std::vector<int64_t>&"],
      ["yshape", "const std::vector<int64_t>&"],
    ],
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("element_wise.cc")),
  }),
  transpose: call({
    template: ["T"],
    params: [
      ["ctx", "Context*"],
      ["x", "const T*"],
      ["y", "T*"],
      ["xshape", "const std::vector<int64_t>&"],
      ["permute", "const std::vector<int64_t>&"],
    ],
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("transpose.cc"), paddle("xpu/conv_kernel.cc")),
  }),
  "xblas::fc_fusion": xre5("xblas/cublasLt.h", {
    template: ["TA", "TB", "TC", "TD", "TGEMM", "TALPHA(float)", "TC2", "TEPI1(float)", "TEPI2(float)"],
    params: [
      ["ctx", "Context*"],
      ["a", "FcFusionTensor<const TA>"],
      ["b", "FcFusionTensor<const TB>"],
      ["c", "FcFusionTensor<const TC>"],
      ["d", "FcFusionTensor<TD>"],
      ["desc", "FcFusionDesc<TGEMM, float, TC>"],
      ["epilogue", "FcFusionEpilogue<float, float>"],
    ],
    seen: paddle("fusion/xpu/fc_xpu_kernel.cc"),
    witness: confirmed(
      paddle("xpu/xpu_api_wrapper.h (PADDLE_WITH_XPU_XRE5)"),
      paddle("xpu/addmm_kernel.cc"),
      "PaddlePaddle/FastDeploy custom_ops/xpu_ops (weight_only_linear)",
    ),
  }),
  "xblas::fc_batched": xre5("xblas/cublasLt.h", {
    template: ["TX", "TW", "TY", "TGEMM", "TGEMM_OUT", "MAX_PTR_TYPE=0"],
    params: [
      ["ctx", "Context*"],
      ["batch_size", "int64_t"],
      ["x_trans", "bool"],
      ["w_trans", "bool"],
      ["m", "int64_t"],
      ["n", "int64_t"],
      ["k", "int64_t"],
      ["alpha", "float"],
      ["x", "const TX*"],
      ["stride_a", "int64_t"],
      ["w", "const TW*"],
      ["stride_b", "int64_t"],
      ["beta", "float"],
      ["y", "TY*"],
      ["stride_c", "int64_t"],
      ["x_maxptr", "const float*"],
      ["w_maxptr", "const float*"],
    ],
    seen: paddle("xpu/xpu_api_wrapper.h"),
    witness: confirmed(paddle("xpu/xpu_api_wrapper.h (PADDLE_WITH_XPU_XRE5)"), "PaddlePaddle/FastDeploy custom_ops/xpu_ops (Bmm)"),
  }),
  "xpudnn::conv2d_fusion": xre5("xpudnn/xpudnn.h", {
    template: ["TX", "TW", "TY", "TGEMM"],
    params: [
      ["ctx", "Context*"],
      ["x", "const TX*"],
      ["weight", "const TW*"],
      ["y", "TY*"],
      ["n", "int64_t"],
      ["c", "int64_t"],
      ["h", "int64_t"],
      ["w", "int64_t"],
      ["f", "int64_t"],
      ["ksize", "const std::vector<int64_t>&"],
      ["stride", "const std::vector<int64_t>&"],
      ["pad", "const std::vector<int64_t>&"],
      ["dilation", "const std::vector<int64_t>&"],
      ["group", "int64_t"],
      ["x_maxptr", "const float*"],
      ["weight_maxptr", "const float*"],
      ["y_maxptr", "float*"],
      ["is_nchw", "bool"],
      ["bias", "const float*"],
      ["branch", "const TY*"],
      ["act", "const Activation_t&"],
      ["branch_maxptr", "const float*", "nullptr"],
      ["scale", "const float*", "nullptr"],
      ["ld_out_f", "int64_t", "-1"],
    ],
    seen: paddle("xpu/conv_kernel.cc (PADDLE_WITH_XPU_XRE5)"),
    witness: confirmed(paddle("xpu/conv_kernel.cc (PADDLE_WITH_XPU_XRE5)")),
  }),
  "xpudnn::conv2d_transpose_fusion_v2": xre5("xpudnn/xpudnn.h", {
    template: ["TY", "TW", "TX", "TGEMM"],
    params: [
      ["ctx", "Context*"],
      ["y", "const TY*"],
      ["weight", "const TW*"],
      ["x", "TX*"],
      ["n", "int64_t"],
      ["yc", "int64_t"],
      ["xh", "int64_t"],
      ["xw", "int64_t"],
      ["xc", "int64_t"],
      ["ksize", "const std::vector<int64_t>&"],
      ["stride", "const std::vector<int64_t>&"],
      ["pad", "const std::vector<int64_t>&"],
      ["dilation", "const std::vector<int64_t>&"],
      ["group", "int64_t"],
      ["y_maxptr", "const float*"],
      ["w_maxptr", "const float*"],
      ["x_maxptr", "float*"],
      ["bias", "const float*"],
      ["act", "const Activation_t&"],
      ["is_nchw", "bool"],
      ["scale", "const float*", "nullptr"],
    ],
    seen: paddle("xpu/conv_transpose_kernel.cc (PADDLE_WITH_XPU_XRE5)"),
    witness: confirmed(paddle("xpu/conv_transpose_kernel.cc (PADDLE_WITH_XPU_XRE5)")),
  }),
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof calls;

type Params<N extends CallName> = (typeof calls)[N]["params"][number];
type Required<N extends CallName> = Exclude<Params<N>, readonly [string, string, string]>[0];
type Optional<N extends CallName> = Extract<Params<N>, readonly [string, string, string]>[0];

/** C++ expressions by parameter name; `ctx` is the step's context, parameters with a default may be left out from the end. */
type Arguments<N extends CallName> = { readonly [K in Exclude<Required<N>, "ctx">]: string } & {
  readonly [K in Optional<N>]?: string;
};

/** `PTL_TRY((xdnn::name<types>(ctx, ...)));`, bracketed because a macro takes the commas of template arguments for its own. */
export function xdnn<N extends CallName>(name: N, types: readonly string[], args: Arguments<N>): string {
  const params: readonly Param[] = calls[name].params;
  const given = args as Readonly<Record<string, string | undefined>>;
  const used = params.filter(([p, , fallback]) => p === "ctx" || fallback === undefined || given[p] !== undefined);
  const last = params.findLastIndex(([p]) => p === "ctx" || given[p] !== undefined);
  if (used.length !== last + 1) throw new Error(`internal: ${name} is given a later default but not an earlier one`);
  const text = used.map(([p]) => (p === "ctx" ? "ctx" : (given[p] ?? "")));
  const spelled = name.includes("::") ? name : `xdnn::${name}`;
  return `PTL_TRY((${spelled}<${types.join(", ")}>(${text.join(", ")})));`;
}

/** The records as contract.json shows them. */
export function callSymbols(): Record<string, SymbolRecord> {
  const records: readonly [string, Call][] = Object.entries(calls);
  return Object.fromEntries(
    records.map(([name, c]) => {
      const params = c.params.map(([p, type, fallback]) => `${type} ${p}${fallback === undefined ? "" : ` = ${fallback}`}`);
      const space = name.includes("::") ? "baidu::xpu" : "baidu::xpu::api";
      const signature = `template <${c.template.map((t) => `typename ${t.replace("=", " = ")}`).join(", ")}> int ${space}::${name}(${params.join(", ")})`;
      const { header, since, evidence, seen, witness, assumption } = c;
      return [name, { kind: "call", header, signature, since, evidence, seen, witness, ...(assumption && { assumption }) }];
    }),
  );
}
