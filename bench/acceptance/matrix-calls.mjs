/**
 * What a library step may call when kernels are preferred: contractions and convolutions, and what sets these up. Vendor
 * names in full; a name that merely looks like one of them is none.
 */

const computing = {
  cann: /^aclnn(Addmm|Convolution|Matmul|Mm|QuantMatmulV4|WeightQuantBatchMatmulV2)$/,
  // cnnlOpTensor adds the bias of a Gemm within its step.
  bang: /^cnnl(MatMul_v2|BatchMatMulEx|ConvolutionForward|ConvolutionBackwardData|OpTensor)$/,
  kunlun:
    /^(fc_fusion|fc_batched|conv1d_fusion|conv2d_fusion|conv2d_transpose_fusion_v2|xblas::fc_(fusion|batched)|xpudnn::conv2d_(transpose_)?fusion(_v2)?)$/,
};

const settingUp = {
  cann: /^acl(Create|Destroy)(IntArray|Scalar|Tensor)$/,
  bang: new RegExp(
    "^cnnl(" +
      "(Create|Destroy|Set)(Convolution|OpTensor|Tensor)Descriptor|(Create|Destroy)QuantizeExDescriptor|" +
      "SetConvolutionDescriptor(AllowTF32|Quant)|SetQuantizeExDescriptor(QuantSchemeAndDtype|ScalarQuant)|" +
      "(Create|Destroy)MatMul(Algo|Descriptor|HeuristicResult)|SetMatMulDescAttr|" +
      "Get(MatMul|BatchMatMulEx)(AlgoHeuristic|HeuristicResult)|" +
      "GetConvolution(Forward|BackwardData)WorkspaceSize|GetOpTensorWorkspaceSize)$" +
      "|^CNNL_MATMUL_[ABD]_QUANT$",
  ),
  kunlun: /^(?!)/,
};

/** A result's key may name the chip after a colon. */
const ofTarget = (table, key) => table[key.split(":")[0]];

/** Names among `calls` that are allowed and compute, each once, sorted. */
export function matrixCalls(target, calls) {
  return [...new Set(calls)].filter((name) => ofTarget(computing, target).test(name)).sort();
}

/** Names among `calls` that are not allowed, each once, sorted. */
export function strayCalls(target, calls) {
  const allowed = (name) => ofTarget(computing, target).test(name) || ofTarget(settingUp, target).test(name);
  return [...new Set(calls)].filter((name) => !allowed(name)).sort();
}
