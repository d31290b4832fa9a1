/**
 * The XDNN operators generated models call, and those of xblas and xpudnn that take their place under XRE 5: template and
 * function parameters in the vendor's order, exactly as the declarations read. `xdnn` spells a call from arguments by name,
 * so that an invented operator or parameter, or a forgotten one, does not compile.
 */
import type { Evidence } from "../../src/program/program.js";
import type { SymbolRecord } from "../../src/claim/target.js";
import { confirmed, unwitnessed, type Witness } from "../../src/claim/witness.js";
import { generatedFrom } from "../kit/declare.js";
import { paramsOf, type Param } from "../kit/signature.js";
import { infiniTensor, paddle, paddleLite, refactor } from "./sources.js";

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

interface Declared<S extends string, T> {
  readonly template: T;
  readonly params: S;
  readonly seen: string;
  readonly witness: Witness;
  readonly assumption?: string;
}

function call<const S extends string, const T extends readonly string[]>({ params, ...c }: Declared<S, T>) {
  return { header: "xpu/xdnn.h", since: "XDNN 2.0", evidence: "E1", params: paramsOf(params), ...c } as const;
}

/** Libraries of XRE 5, whose headers are not public: Paddle's calls show their parameters. */
function xre5<const S extends string, const T extends readonly string[]>(header: string, { params, ...c }: Declared<S, T>) {
  const declared = "K1: the declaration is the one that Paddle's calls under XRE 5 agree on";
  const assumption = c.assumption === undefined ? declared : `${declared}; ${c.assumption}`;
  return { header, since: "XRE 5", evidence: "E0", params: paramsOf(params), ...c, assumption } as const;
}

const levels =
  "K3: int8_t operands are multiplied as they are, -128 too, which XDNN's own quantiser never makes, and their sum is rounded to float once";

export const calls = {
  fc_fusion: call({
    template: ["TX", "TW", "TY", "TGEMM"],
    params:
      "Context* ctx, const TX* x, const TW* w, TY* y, int64_t m, int64_t n, int64_t k, bool x_trans, bool w_trans, const float* x_maxptr, const float* w_maxptr, float* y_maxptr, int64_t ldx, int64_t ldw, int64_t ldy, float alpha, float beta, const float* bias, const Activation_t& act, const float* scale = nullptr, const float* scale_x = nullptr, const float* scale_w = nullptr",
    seen: `${refactor}/fusion.h`,
    witness: confirmed(
      `${refactor}/fusion.h`,
      paddleLite("__xpu__fc_compute.cc"),
      infiniTensor("matmul.cc"),
      paddle("xpu/xpu_api_wrapper.h (KL2)"),
    ),
    assumption: levels,
  }),
  fc_batched: call({
    template: ["TX", "TW", "TY", "TGEMM", "MAX_PTR_TYPE=0"],
    params:
      "Context* ctx, int64_t batch_size, bool x_trans, bool w_trans, int64_t m, int64_t n, int64_t k, float alpha, const TX* x, int64_t stride_a, const TW* w, int64_t stride_b, float beta, TY* y, int64_t stride_c, const float* x_maxptr, const float* w_maxptr",
    seen: `${refactor}/nn.h`,
    witness: confirmed(`${refactor}/nn.h`, infiniTensor("matmul.cc"), paddle("xpu/xpu_api_wrapper.h (KL2)")),
    assumption: levels,
  }),
  conv2d_fusion: call({
    template: ["TX", "TW", "TY", "TGEMM"],
    params:
      "Context* ctx, const TX* x, const TW* weight, TY* y, int64_t n, int64_t c, int64_t h, int64_t w, int64_t f, const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad, const std::vector<int64_t>& dilation, int64_t group, const float* x_maxptr, const float* weight_maxptr, float* y_maxptr, bool is_nchw, const float* bias, const TY* branch, const Activation_t& act, const float* branch_maxptr = nullptr, const float* scale = nullptr, int64_t ld_out_f = -1",
    seen: `${refactor}/fusion.h`,
    witness: confirmed(`${refactor}/fusion.h`, paddleLite("__xpu__conv2d_compute.cc"), infiniTensor("conv.cc")),
    assumption: levels,
  }),
  conv1d_fusion: call({
    template: ["TX", "TW", "TY", "TGEMM"],
    params:
      "Context* ctx, const TX* x, const TW* weight, TY* y, int64_t n, int64_t c, int64_t w, int64_t f, int64_t ksize_w, int64_t stride_w, const std::vector<int64_t>& pad, int64_t dilation_w, int64_t group, const float* x_maxptr, const float* weight_maxptr, float* y_maxptr, bool is_nchw, const float* bias, const TY* branch, const Activation_t& act, const float* branch_maxptr = nullptr",
    seen: `${refactor}/fusion.h`,
    witness: confirmed(`${refactor}/fusion.h`, paddle("fusion/xpu (conv1d, by its argument comments)")),
    assumption: levels,
  }),
  conv2d_transpose_fusion_v2: call({
    template: ["TY", "TW", "TX", "TGEMM"],
    params:
      "Context* ctx, const TY* y, const TW* weight, TX* x, int64_t n, int64_t yc, int64_t xh, int64_t xw, int64_t xc, const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad, const std::vector<int64_t>& dilation, int64_t group, const float* y_maxptr, const float* w_maxptr, float* x_maxptr, const float* bias, const Activation_t& act, bool is_nchw, const float* scale = nullptr",
    seen: `${refactor}/fusion.h`,
    witness: confirmed(`${refactor}/fusion.h`, paddleLite("conv2d_transpose_compute.cc")),
  }),
  max_pool2d: call({
    template: ["T", "TID=int"],
    params:
      "Context* ctx, const T* x, T* y, TID* indices, int64_t n, int64_t c, int64_t h, int64_t w, const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad, bool is_nchw, const float* x_maxptr = nullptr, float* y_maxptr = nullptr, bool xpu1_pad = true, int64_t ld_out_c = -1",
    seen: `${refactor}/nn_pool.h`,
    witness: confirmed(`${refactor}/nn_pool.h`, paddle("xpu/pool_kernel.cc"), paddleLite("pool_compute.cc")),
  }),
  avg_pool2d: call({
    template: ["T"],
    params:
      "Context* ctx, const T* x, T* y, int64_t n, int64_t c, int64_t h, int64_t w, const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad, bool count_include_pad, bool is_nchw, const float* x_maxptr = nullptr, float* y_maxptr = nullptr",
    seen: `${refactor}/nn_pool.h`,
    witness: confirmed(`${refactor}/nn_pool.h`, paddle("xpu/pool_kernel.cc"), paddleLite("pool_compute.cc")),
  }),
  adaptive_avg_pool2d: call({
    template: ["T"],
    params:
      "Context* ctx, const T* x, T* y, int64_t n, int64_t c, int64_t xh, int64_t xw, int64_t yh, int64_t yw, bool is_nchw, const float* x_maxptr = nullptr, float* y_maxptr = nullptr",
    seen: `${refactor}/nn_pool.h`,
    witness: confirmed(`${refactor}/nn_pool.h`, paddleLite("pool_compute.cc")),
  }),
  adaptive_max_pool2d: call({
    template: ["T", "TID=int"],
    params:
      "Context* ctx, const T* x, T* y, TID* indices, int64_t n, int64_t c, int64_t xh, int64_t xw, int64_t yh, int64_t yw, bool is_nchw, const float* x_maxptr = nullptr, float* y_maxptr = nullptr",
    seen: `${refactor}/nn_pool.h`,
    witness: confirmed(`${refactor}/nn_pool.h`, paddleLite("pool_compute.cc")),
  }),
  interpolate2d: call({
    template: ["T"],
    params:
      "Context* ctx, const T* x, T* y, int64_t n, int64_t c, int64_t xh, int64_t xw, int64_t yh, int64_t yw, bool is_nearest, int64_t trans_mode, bool is_nchw, const float* max_x = nullptr, float* max_y = nullptr, int64_t ld_out_c = -1",
    seen: `${refactor}/nn.h`,
    witness: confirmed(`${refactor}/nn.h`, paddle("xpu/interpolate_kernel.cc"), paddleLite("interpolate_compute.cc")),
  }),
  relu: call({
    template: ["T"],
    params: "Context* ctx, const T* x, T* y, int64_t len, const float* max_x = nullptr, float* max_y = nullptr",
    seen: `${refactor}/nn_activation.h`,
    witness: confirmed(`${refactor}/nn_activation.h`, infiniTensor("unary.cc")),
  }),
  sigmoid: call({
    template: ["T"],
    params: "Context* ctx, const T* x, T* y, int64_t len, const float* max_x = nullptr, float* max_y = nullptr",
    seen: `${refactor}/nn_activation.h`,
    witness: confirmed(`${refactor}/nn_activation.h`, infiniTensor("unary.cc")),
  }),
  tanh: call({
    template: ["T"],
    params: "Context* ctx, const T* x, T* y, int64_t len, const float* max_x = nullptr, float* max_y = nullptr",
    seen: `${refactor}/nn_activation.h`,
    witness: confirmed(`${refactor}/nn_activation.h`, infiniTensor("unary.cc")),
  }),
  gelu: call({
    template: ["T"],
    params: "Context* ctx, const T* x, T* y, int64_t len, const float* max_x = nullptr, float* max_y = nullptr",
    seen: `${refactor}/nn_activation.h`,
    witness: unwitnessed(`${refactor}/nn_activation.h declares it`, infiniTensor("unary.cc calls it")),
    assumption: "K2: gelu is the exact one, by erf, and not its tanh form",
  }),
  softmax: call({
    template: ["T"],
    params: "Context* ctx, const T* x, T* y, const std::vector<int64_t>& xshape, int64_t axis",
    seen: `${refactor}/nn_activation.h`,
    witness: confirmed(`${refactor}/nn_activation.h`, infiniTensor("softmax.cc"), paddleLite("softmax_compute.cc")),
  }),
  broadcast_add: call({
    template: ["T"],
    params: "Context* ctx, const T* x, const T* y, T* z, const std::vector<int64_t>& xshape, const std::vector<int64_t>& yshape",
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("element_wise.cc"), paddleLite("elementwise_compute.cc")),
  }),
  broadcast_sub: call({
    template: ["T"],
    params: "Context* ctx, const T* x, const T* y, T* z, const std::vector<int64_t>& xshape, const std::vector<int64_t>& yshape",
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("element_wise.cc")),
  }),
  broadcast_mul: call({
    template: ["T"],
    params: "Context* ctx, const T* x, const T* y, T* z, const std::vector<int64_t>& xshape, const std::vector<int64_t>& yshape",
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("element_wise.cc"), paddle("xpu/addmm_kernel.cc")),
  }),
  broadcast_div: call({
    template: ["T"],
    params: "Context* ctx, const T* x, const T* y, T* z, const std::vector<int64_t>& xshape, const std::vector<int64_t>& yshape",
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("element_wise.cc")),
  }),
  transpose: call({
    template: ["T"],
    params: "Context* ctx, const T* x, T* y, const std::vector<int64_t>& xshape, const std::vector<int64_t>& permute",
    seen: `${refactor}/math.h`,
    witness: confirmed(`${refactor}/math.h`, infiniTensor("transpose.cc"), paddle("xpu/conv_kernel.cc")),
  }),
  "xblas::fc_fusion": xre5("xblas/cublasLt.h", {
    template: ["TA", "TB", "TC", "TD", "TGEMM", "TALPHA(float)", "TC2", "TEPI1(float)", "TEPI2(float)"],
    params:
      "Context* ctx, FcFusionTensor<const TA> a, FcFusionTensor<const TB> b, FcFusionTensor<const TC> c, FcFusionTensor<TD> d, FcFusionDesc<TGEMM,float,TC> desc, FcFusionEpilogue<float,float> epilogue",
    seen: paddle("fusion/xpu/fc_xpu_kernel.cc"),
    witness: confirmed(
      paddle("xpu/xpu_api_wrapper.h (PADDLE_WITH_XPU_XRE5)"),
      paddle("xpu/addmm_kernel.cc"),
      "PaddlePaddle/FastDeploy custom_ops/xpu_ops (weight_only_linear)",
    ),
    assumption: levels,
  }),
  "xblas::fc_batched": xre5("xblas/cublasLt.h", {
    template: ["TX", "TW", "TY", "TGEMM", "TGEMM_OUT", "MAX_PTR_TYPE=0"],
    params:
      "Context* ctx, int64_t batch_size, bool x_trans, bool w_trans, int64_t m, int64_t n, int64_t k, float alpha, const TX* x, int64_t stride_a, const TW* w, int64_t stride_b, float beta, TY* y, int64_t stride_c, const float* x_maxptr, const float* w_maxptr",
    seen: paddle("xpu/xpu_api_wrapper.h"),
    witness: confirmed(paddle("xpu/xpu_api_wrapper.h (PADDLE_WITH_XPU_XRE5)"), "PaddlePaddle/FastDeploy custom_ops/xpu_ops (Bmm)"),
    assumption: levels,
  }),
  "xpudnn::conv2d_fusion": xre5("xpudnn/xpudnn.h", {
    template: ["TX", "TW", "TY", "TGEMM"],
    params:
      "Context* ctx, const TX* x, const TW* weight, TY* y, int64_t n, int64_t c, int64_t h, int64_t w, int64_t f, const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad, const std::vector<int64_t>& dilation, int64_t group, const float* x_maxptr, const float* weight_maxptr, float* y_maxptr, bool is_nchw, const float* bias, const TY* branch, const Activation_t& act, const float* branch_maxptr = nullptr, const float* scale = nullptr, int64_t ld_out_f = -1",
    seen: paddle("xpu/conv_kernel.cc (PADDLE_WITH_XPU_XRE5)"),
    witness: confirmed(paddle("xpu/conv_kernel.cc (PADDLE_WITH_XPU_XRE5)")),
  }),
  "xpudnn::conv2d_transpose_fusion_v2": xre5("xpudnn/xpudnn.h", {
    template: ["TY", "TW", "TX", "TGEMM"],
    params:
      "Context* ctx, const TY* y, const TW* weight, TX* x, int64_t n, int64_t yc, int64_t xh, int64_t xw, int64_t xc, const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad, const std::vector<int64_t>& dilation, int64_t group, const float* y_maxptr, const float* w_maxptr, float* x_maxptr, const float* bias, const Activation_t& act, bool is_nchw, const float* scale = nullptr",
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

/** `typename T`, or of a number with its default `int N = 0`. */
function templateParam(text: string): string {
  const [name, fallback] = text.split("=");
  if (fallback === undefined) return `typename ${name}`;
  return `${Number.isNaN(Number(fallback)) ? "typename" : "int"} ${name} = ${fallback}`;
}

/** The declaration of a call under a name, which may stand in a namespace. */
function prototype(name: string, { template, params }: Call): string {
  const declared = params.map(([p, type, fallback]) => `${type} ${p}${fallback === undefined ? "" : ` = ${fallback}`}`);
  return `template <${template.map(templateParam).join(", ")}> int ${name}(${declared.join(", ")})`;
}

const entries: readonly (readonly [string, Call])[] = Object.entries(calls);

/** The records as contract.json shows them. */
export function callSymbols(): Record<string, SymbolRecord> {
  return Object.fromEntries(
    entries.map(([name, c]) => {
      const signature = prototype(`${name.includes("::") ? "baidu::xpu" : "baidu::xpu::api"}::${name}`, c);
      const { header, since, evidence, seen, witness, assumption } = c;
      return [name, { kind: "call", header, signature, since, evidence, seen, witness, ...(assumption && { assumption }) }];
    }),
  );
}

/** Of fc_fusion of xblas only instances are seen: the twin's header has a declaration of its own that they fit. */
const declared = entries.filter(([, { template }]) => !template.some((t) => t.includes("(")));

/** What the twin's headers declare of a library, inside its namespace: by path of a file beside each. */
export function declaredCalls(): Readonly<Record<string, string>> {
  const headers = [...new Set(declared.map(([, c]) => c.header))];
  const lines = (header: string) =>
    declared.filter(([, c]) => c.header === header).map(([name, c]) => `${prototype(name.slice(name.lastIndexOf(":") + 1), c)};`);
  return Object.fromEntries(
    headers.map((header) => [
      `include/${header.slice(0, -".h".length)}.gen.h`,
      [generatedFrom("targets/kunlun/calls.ts"), ...lines(header), ""].join("\n"),
    ]),
  );
}
