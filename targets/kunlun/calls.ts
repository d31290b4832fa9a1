/**
 * The XDNN operators generated models call: template and function parameters in the vendor's order, exactly as the
 * declarations read. `xdnn` spells a call from arguments by name, so that an invented operator or parameter, or a
 * forgotten one, does not compile.
 */
import type { Evidence } from "../../src/plan/program.js";
import type { SymbolRecord } from "../../src/plan/target.js";

/** Name, type, and the default where the declaration gives one. */
type Param = readonly [name: string, type: string, fallback?: string];

interface Call {
  readonly header: string;
  readonly since: string;
  readonly evidence: Evidence;
  readonly template: readonly string[];
  readonly params: readonly Param[];
  readonly seen: string;
}

function call<const P extends readonly Param[], const T extends readonly string[]>(c: { template: T; params: P; seen: string }) {
  return { header: "xpu/xdnn.h", since: "XDNN 2.0", evidence: "E1", ...c } as const;
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/fusion.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/fusion.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/fusion.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/fusion.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_pool.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_pool.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_pool.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_pool.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_activation.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_activation.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_activation.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_activation.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/nn_activation.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/math.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/math.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/math.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/math.h",
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
    seen: "mobius/kunlun_k200 xdnn-ubuntu_x86_64/include/xpu/refactor/math.h",
  }),
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof calls;

type Params<N extends CallName> = (typeof calls)[N]["params"][number];
type Required<N extends CallName> = Exclude<Params<N>, readonly [string, string, string]>[0];
type Optional<N extends CallName> = Extract<Params<N>, readonly [string, string, string]>[0];

/** C++ expressions by parameter name; `ctx` is the step's context, parameters with a default may be left out from the end. */
export type Arguments<N extends CallName> = { readonly [K in Exclude<Required<N>, "ctx">]: string } & {
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
  return `PTL_TRY((xdnn::${name}<${types.join(", ")}>(${text.join(", ")})));`;
}

/** The records as contract.json shows them. */
export function callSymbols(): Record<string, SymbolRecord> {
  const records: readonly [string, Call][] = Object.entries(calls);
  return Object.fromEntries(
    records.map(([name, c]) => {
      const params = c.params.map(([p, type, fallback]) => `${type} ${p}${fallback === undefined ? "" : ` = ${fallback}`}`);
      const signature = `template <${c.template.map((t) => `typename ${t.replace("=", " = ")}`).join(", ")}> int baidu::xpu::api::${name}(${params.join(", ")})`;
      return [name, { kind: "call", header: c.header, signature, since: c.since, evidence: c.evidence, seen: c.seen }];
    }),
  );
}
