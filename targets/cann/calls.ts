/**
 * The aclnn operators generated code may call, parameters in the vendor's order. Every operator is two calls: the first
 * (GetWorkspaceSize) takes these parameters and gives a workspace size and an executor, the second runs it on a stream.
 * Read from the operators' public headers (hicann/ops-*), whose parameter types CANN 8.1.RC1 shares.
 */
import type { SymbolRecord } from "../../src/plan/target.js";
import { confirmed } from "../../src/plan/witness.js";

export type Param = readonly [name: string, type: string];

interface AclnnRecord extends SymbolRecord {
  readonly params: readonly Param[];
  /** Documented SoC families: 910b and A3 are arch 2201, 310p is arch 2002. */
  readonly socs: readonly string[];
}

type Aclnn<P extends readonly Param[]> = AclnnRecord & { readonly params: P };

function aclnn<const P extends readonly Param[]>(
  name: string,
  header: string,
  seen: string,
  socs: string,
  params: P,
  assumption?: string,
): Aclnn<P> {
  const first = `${name}GetWorkspaceSize(${[...params.map(([n, t]) => `${t} ${n}`), "uint64_t* workspaceSize", "aclOpExecutor** executor"].join(", ")})`;
  return {
    kind: "call",
    header: `aclnnop/${header}`,
    signature: `aclnnStatus ${first}; aclnnStatus ${name}(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream)`,
    since: "8.1.RC1",
    evidence: "E1",
    seen,
    params,
    socs: socs.split(" "),
    witness: confirmed("CANN 8.1.RC1 aclnnop headers: the same parameter types", seen),
    ...(assumption && { assumption }),
  };
}

export const calls = {
  aclnnMatmul: aclnn(
    "aclnnMatmul",
    "aclnn_matmul.h",
    "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_matmul.h",
    "950 A3 910b 310p 910",
    [
      ["self", "const aclTensor*"],
      ["mat2", "const aclTensor*"],
      ["out", "aclTensor*"],
      ["cubeMathType", "int8_t"],
    ],
  ),
  aclnnMm: aclnn("aclnnMm", "aclnn_mm.h", "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_mm.h", "950 A3 910b 310p 910", [
    ["self", "const aclTensor*"],
    ["mat2", "const aclTensor*"],
    ["out", "aclTensor*"],
    ["cubeMathType", "int8_t"],
  ]),
  aclnnAddmm: aclnn("aclnnAddmm", "aclnn_addmm.h", "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_addmm.h", "950 A3 910b 310p 910", [
    ["self", "const aclTensor*"],
    ["mat1", "const aclTensor*"],
    ["mat2", "const aclTensor*"],
    ["beta", "const aclScalar*"],
    ["alpha", "const aclScalar*"],
    ["out", "aclTensor*"],
    ["cubeMathType", "int8_t"],
  ]),
  aclnnConvolution: aclnn(
    "aclnnConvolution",
    "aclnn_convolution.h",
    "hicann/ops-nn conv/convolution_forward/op_host/op_api/aclnn_convolution.h",
    "950 A3 910b 310b 310p",
    [
      ["input", "const aclTensor*"],
      ["weight", "const aclTensor*"],
      ["bias", "const aclTensor*"],
      ["stride", "const aclIntArray*"],
      ["padding", "const aclIntArray*"],
      ["dilation", "const aclIntArray*"],
      ["transposed", "bool"],
      ["outputPadding", "const aclIntArray*"],
      ["groups", "const int64_t"],
      ["output", "aclTensor*"],
      ["cubeMathType", "int8_t"],
    ],
    "C1: cubeMathType 0 (KEEP_DTYPE) convolves f32 in f32; the page promises the type of the data, not that of the products",
  ),
  aclnnMaxPool: aclnn("aclnnMaxPool", "aclnn_max_pool.h", "hicann/ops-nn pooling/max_pool_v3/op_api/aclnn_max_pool.h", "950 A3 910b 910", [
    ["self", "const aclTensor*"],
    ["kernelShape", "const aclIntArray*"],
    ["strides", "const aclIntArray*"],
    ["autoPad", "const int64_t"],
    ["pads", "const aclIntArray*"],
    ["dilations", "const aclIntArray*"],
    ["ceilMode", "const int64_t"],
    ["out", "aclTensor*"],
  ]),
  aclnnAvgPool2d: aclnn(
    "aclnnAvgPool2d",
    "aclnn_avgpool2d.h",
    "hicann/ops-nn pooling/avg_pool3_d/op_api/aclnn_avgpool2d.h",
    "950 A3 910b 310p 910",
    [
      ["self", "const aclTensor*"],
      ["kernelSize", "const aclIntArray*"],
      ["strides", "const aclIntArray*"],
      ["paddings", "const aclIntArray*"],
      ["ceilMode", "const bool"],
      ["countIncludePad", "const bool"],
      ["divisorOverride", "const int64_t"],
      ["cubeMathType", "const int8_t"],
      ["out", "aclTensor*"],
    ],
  ),
  aclnnGlobalAveragePool: aclnn(
    "aclnnGlobalAveragePool",
    "aclnn_global_average_pool.h",
    "hicann/ops-math math/reduce_mean/op_api/aclnn_global_average_pool.h",
    "950 A3 910b 310p 910",
    [
      ["self", "const aclTensor*"],
      ["out", "aclTensor*"],
    ],
  ),
  aclnnMean: aclnn("aclnnMean", "aclnn_mean.h", "hicann/ops-math math/reduce_mean/op_api/aclnn_mean.h", "950 A3 910b 310p 910", [
    ["self", "const aclTensor*"],
    ["dim", "const aclIntArray*"],
    ["keepDim", "bool"],
    ["dtype", "aclDataType"],
    ["out", "aclTensor*"],
  ]),
  aclnnAmax: aclnn("aclnnAmax", "aclnn_amax.h", "hicann/ops-math math/reduce_max/op_api/aclnn_amax.h", "950 A3 910b 310p 910", [
    ["self", "const aclTensor*"],
    ["dim", "const aclIntArray*"],
    ["keepDim", "bool"],
    ["out", "aclTensor*"],
  ]),
  aclnnUpsampleNearest2d: aclnn(
    "aclnnUpsampleNearest2d",
    "aclnn_upsample_nearest_2d.h",
    "hicann/ops-cv image/resize_nearest_neighbor_v2/op_api/aclnn_upsample_nearest_2d.h",
    "950 A3 910b 310p 910",
    [
      ["self", "const aclTensor*"],
      ["outputSize", "const aclIntArray*"],
      ["out", "aclTensor*"],
    ],
  ),
  aclnnUpsampleBilinear2d: aclnn(
    "aclnnUpsampleBilinear2d",
    "aclnn_upsample_bilinear_2d.h",
    "hicann/ops-cv image/upsample_bilinear2d/op_host/op_api/aclnn_upsample_bilinear_2d.h",
    "950 A3 910b 310p 910",
    [
      ["self", "const aclTensor*"],
      ["outputSize", "const aclIntArray*"],
      ["alignCorners", "const bool"],
      ["scalesH", "const double"],
      ["scalesW", "const double"],
      ["out", "aclTensor*"],
    ],
  ),
  aclnnTopk: aclnn("aclnnTopk", "aclnn_topk.h", "hicann/ops-nn index/gather_elements/op_api/aclnn_topk.h", "950 A3 910b 310p 910", [
    ["self", "const aclTensor*"],
    ["k", "int64_t"],
    ["dim", "int64_t"],
    ["largest", "bool"],
    ["sorted", "bool"],
    ["valuesOut", "aclTensor*"],
    ["indicesOut", "aclTensor*"],
  ]),
  aclnnRelu: aclnn("aclnnRelu", "aclnn_relu.h", "hicann/ops-nn activation/relu/op_api/aclnn_relu.h", "950 A3 910b 910", [
    ["self", "const aclTensor*"],
    ["out", "const aclTensor*"],
  ]),
  aclnnSigmoid: aclnn(
    "aclnnSigmoid",
    "aclnn_sigmoid.h",
    "hicann/ops-nn activation/sigmoid/op_api/aclnn_sigmoid.h",
    "950 A3 910b 310p 910",
    [
      ["self", "const aclTensor*"],
      ["out", "aclTensor*"],
    ],
  ),
  aclnnTanh: aclnn("aclnnTanh", "aclnn_tanh.h", "hicann/ops-math math/tanh/op_api/aclnn_tanh.h", "950 A3 910b 910", [
    ["self", "const aclTensor*"],
    ["out", "aclTensor*"],
  ]),
  aclnnSoftmax: aclnn(
    "aclnnSoftmax",
    "aclnn_softmax.h",
    "hicann/ops-nn activation/softmax_v2/op_api/aclnn_softmax.h",
    "950 A3 910b 310b 310p 910",
    [
      ["self", "const aclTensor*"],
      ["dim", "int64_t"],
      ["out", "aclTensor*"],
    ],
  ),
  aclnnAdd: aclnn("aclnnAdd", "aclnn_add.h", "hicann/ops-math math/add/op_api/aclnn_add.h", "950 A3 910b 910", [
    ["self", "const aclTensor*"],
    ["other", "const aclTensor*"],
    ["alpha", "const aclScalar*"],
    ["out", "aclTensor*"],
  ]),
  aclnnSub: aclnn("aclnnSub", "aclnn_sub.h", "hicann/ops-math math/sub/op_api/aclnn_sub.h", "950 A3 910b 310b 910", [
    ["self", "const aclTensor*"],
    ["other", "const aclTensor*"],
    ["alpha", "const aclScalar*"],
    ["out", "aclTensor*"],
  ]),
  aclnnMul: aclnn("aclnnMul", "aclnn_mul.h", "hicann/ops-math math/mul/op_api/aclnn_mul.h", "950 A3 910b 310p 910", [
    ["self", "const aclTensor*"],
    ["other", "const aclTensor*"],
    ["out", "aclTensor*"],
  ]),
  aclnnDiv: aclnn("aclnnDiv", "aclnn_div.h", "hicann/ops-math math/div/op_api/aclnn_div.h", "950 A3 910b 310b 910", [
    ["self", "const aclTensor*"],
    ["other", "const aclTensor*"],
    ["out", "aclTensor*"],
  ]),
  aclnnPermute: aclnn("aclnnPermute", "aclnn_permute.h", "hicann/ops-math conversion/transpose/op_api/aclnn_permute.h", "950 A3 910b 910", [
    ["self", "const aclTensor*"],
    ["dims", "const aclIntArray*"],
    ["out", "aclTensor*"],
  ]),
};

export type CallName = keyof typeof calls;

type Texts<P extends readonly unknown[]> = { readonly [K in keyof P]: string };

/** One C++ expression for each parameter of a call, in order. */
export type ArgsOf<N extends CallName> = Texts<(typeof calls)[N]["params"]>;
