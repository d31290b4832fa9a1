/**
 * The aclnn operators generated code may call, parameters in the vendor's order. Every operator is two calls: the first
 * (GetWorkspaceSize) takes these parameters and gives a workspace size and an executor, the second runs it on a stream.
 * Read from the operators' public headers (hicann/ops-*), whose parameter types CANN 8.1.RC1 shares.
 */
import type { SymbolRecord } from "../../src/claim/target.js";
import { confirmed } from "../../src/claim/witness.js";
import { named, paramsOf, type Param, type ParamsOf } from "../kit/signature.js";

interface AclnnRecord extends SymbolRecord {
  readonly params: readonly Param[];
  /** Documented SoC families: 910b and A3 are arch 2201, 310p is arch 2002. */
  readonly socs: readonly string[];
}

type Aclnn<S extends string> = AclnnRecord & { readonly params: ParamsOf<S> };

function aclnn<const S extends string>(
  header: string,
  seen: string,
  socs: string,
  list: S,
  assumption?: string,
): (name: string) => Aclnn<S> {
  return (name) => ({
    kind: "call",
    header: `aclnnop/${header}`,
    signature:
      `aclnnStatus ${name}GetWorkspaceSize(${list}, uint64_t* workspaceSize, aclOpExecutor** executor); ` +
      `aclnnStatus ${name}(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream)`,
    since: "8.1.RC1",
    evidence: "E1",
    seen,
    params: paramsOf(list),
    socs: socs.split(" "),
    witness: confirmed("CANN 8.1.RC1 aclnnop headers: the same parameter types", seen),
    ...(assumption && { assumption }),
  });
}

export const calls = named({
  aclnnMatmul: aclnn(
    "aclnn_matmul.h",
    "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_matmul.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType",
  ),
  aclnnMm: aclnn(
    "aclnn_mm.h",
    "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_mm.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType",
  ),
  aclnnAddmm: aclnn(
    "aclnn_addmm.h",
    "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_addmm.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclTensor* mat1, const aclTensor* mat2, const aclScalar* beta, const aclScalar* alpha, aclTensor* out, int8_t cubeMathType",
  ),
  aclnnConvolution: aclnn(
    "aclnn_convolution.h",
    "hicann/ops-nn conv/convolution_forward/op_host/op_api/aclnn_convolution.h",
    "950 A3 910b 310b 310p",
    "const aclTensor* input, const aclTensor* weight, const aclTensor* bias, const aclIntArray* stride, const aclIntArray* padding, const aclIntArray* dilation, bool transposed, const aclIntArray* outputPadding, const int64_t groups, aclTensor* output, int8_t cubeMathType",
    "C1: cubeMathType 0 (KEEP_DTYPE) convolves f32 in f32; the page promises the type of the data, not that of the products",
  ),
  aclnnMaxPool: aclnn(
    "aclnn_max_pool.h",
    "hicann/ops-nn pooling/max_pool_v3/op_api/aclnn_max_pool.h",
    "950 A3 910b 910",
    "const aclTensor* self, const aclIntArray* kernelShape, const aclIntArray* strides, const int64_t autoPad, const aclIntArray* pads, const aclIntArray* dilations, const int64_t ceilMode, aclTensor* out",
  ),
  aclnnAvgPool2d: aclnn(
    "aclnn_avgpool2d.h",
    "hicann/ops-nn pooling/avg_pool3_d/op_api/aclnn_avgpool2d.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* kernelSize, const aclIntArray* strides, const aclIntArray* paddings, const bool ceilMode, const bool countIncludePad, const int64_t divisorOverride, const int8_t cubeMathType, aclTensor* out",
  ),
  aclnnGlobalAveragePool: aclnn(
    "aclnn_global_average_pool.h",
    "hicann/ops-math math/reduce_mean/op_api/aclnn_global_average_pool.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, aclTensor* out",
  ),
  aclnnMean: aclnn(
    "aclnn_mean.h",
    "hicann/ops-math math/reduce_mean/op_api/aclnn_mean.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* dim, bool keepDim, aclDataType dtype, aclTensor* out",
  ),
  aclnnAmax: aclnn(
    "aclnn_amax.h",
    "hicann/ops-math math/reduce_max/op_api/aclnn_amax.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* dim, bool keepDim, aclTensor* out",
  ),
  aclnnUpsampleNearest2d: aclnn(
    "aclnn_upsample_nearest_2d.h",
    "hicann/ops-cv image/resize_nearest_neighbor_v2/op_api/aclnn_upsample_nearest_2d.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* outputSize, aclTensor* out",
  ),
  aclnnUpsampleBilinear2d: aclnn(
    "aclnn_upsample_bilinear_2d.h",
    "hicann/ops-cv image/upsample_bilinear2d/op_host/op_api/aclnn_upsample_bilinear_2d.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* outputSize, const bool alignCorners, const double scalesH, const double scalesW, aclTensor* out",
  ),
  aclnnTopk: aclnn(
    "aclnn_topk.h",
    "hicann/ops-nn index/gather_elements/op_api/aclnn_topk.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, int64_t k, int64_t dim, bool largest, bool sorted, aclTensor* valuesOut, aclTensor* indicesOut",
  ),
  aclnnRelu: aclnn(
    "aclnn_relu.h",
    "hicann/ops-nn activation/relu/op_api/aclnn_relu.h",
    "950 A3 910b 910",
    "const aclTensor* self, const aclTensor* out",
  ),
  aclnnSigmoid: aclnn(
    "aclnn_sigmoid.h",
    "hicann/ops-nn activation/sigmoid/op_api/aclnn_sigmoid.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, aclTensor* out",
  ),
  aclnnTanh: aclnn(
    "aclnn_tanh.h",
    "hicann/ops-math math/tanh/op_api/aclnn_tanh.h",
    "950 A3 910b 910",
    "const aclTensor* self, aclTensor* out",
  ),
  aclnnSoftmax: aclnn(
    "aclnn_softmax.h",
    "hicann/ops-nn activation/softmax_v2/op_api/aclnn_softmax.h",
    "950 A3 910b 310b 310p 910",
    "const aclTensor* self, int64_t dim, aclTensor* out",
  ),
  aclnnAdd: aclnn(
    "aclnn_add.h",
    "hicann/ops-math math/add/op_api/aclnn_add.h",
    "950 A3 910b 910",
    "const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out",
  ),
  aclnnSub: aclnn(
    "aclnn_sub.h",
    "hicann/ops-math math/sub/op_api/aclnn_sub.h",
    "950 A3 910b 310b 910",
    "const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out",
  ),
  aclnnMul: aclnn(
    "aclnn_mul.h",
    "hicann/ops-math math/mul/op_api/aclnn_mul.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclTensor* other, aclTensor* out",
  ),
  aclnnDiv: aclnn(
    "aclnn_div.h",
    "hicann/ops-math math/div/op_api/aclnn_div.h",
    "950 A3 910b 310b 910",
    "const aclTensor* self, const aclTensor* other, aclTensor* out",
  ),
  aclnnPermute: aclnn(
    "aclnn_permute.h",
    "hicann/ops-math conversion/transpose/op_api/aclnn_permute.h",
    "950 A3 910b 910",
    "const aclTensor* self, const aclIntArray* dims, aclTensor* out",
  ),
});

export type CallName = keyof typeof calls;

type Texts<P extends readonly unknown[]> = { readonly [K in keyof P]: string };

/** One C++ expression for each parameter of a call, in order. */
export type ArgsOf<N extends CallName> = Texts<(typeof calls)[N]["params"]>;
