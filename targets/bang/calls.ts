/**
 * Every CNNL call that generated programs make: parameters in order, types and names as the fact record has them
 * (facts/bang/cnnl.json) and as the vendor's documented header of CNNL 1.28.6 has them. No name is used that this header
 * marks as deprecated: CNNL 2 is free of those, and what replaces them exists in both. Rows in lower/ call nothing else.
 */
import { invariant } from "../../src/base/diagnostic.js";
import type { SymbolRecord } from "../../src/claim/target.js";
import { confirmed, unwitnessed } from "../../src/claim/witness.js";
import { named, paramsOf, type Param } from "../kit/signature.js";

interface CallRecord extends SymbolRecord {
  readonly params: readonly Param[];
}

const returns: Readonly<Record<string, string>> = { cnnlGetErrorString: "const char*" };

/** The vendor's header with all its documentation, CNNL 1.28.6. */
export const cnnlHeader = "heyong919/llama.cpp ggml/src/ggml-mlu/mlu_include/cnnl.h";

/** A call that stands in the vendor's header with these parameters; `callers` are who makes it so. */
function call(list: string, ...callers: readonly string[]): (name: string) => CallRecord {
  return (name) => ({
    kind: "call",
    header: "cnnl.h",
    signature: `${returns[name] ?? "cnnlStatus_t"} ${name}(${list})`,
    since: "NeuWare 4.6",
    evidence: "E1",
    seen: callers[0] ?? cnnlHeader,
    params: paramsOf(list),
    witness: confirmed(cnnlHeader, ...callers),
  });
}

/** An attribute of cnnlMatMulDescriptor_t that stands in the vendor's header and is set by no public program. */
function attribute(name: string, assumption: string): SymbolRecord {
  const signature = `cnnlMatMulDescAttribute_t ${name}`;
  const witness = unwitnessed(cnnlHeader);
  return { kind: "call", header: "cnnl.h", signature, since: "NeuWare 4.6", evidence: "E1", seen: cnnlHeader, assumption, witness };
}

const ofOperand =
  "A8: CNNL_MATMUL_A_QUANT and CNNL_MATMUL_B_QUANT take the address of a cnnlQuantizeExDescriptor_t, as torch_mlu gives one to CNNL_MATMUL_EX_A_QUANT; INT8 of position 0 and scale 1 is multiplied as it is, and the sum rounded to FLOAT once.";

const ofConvolution =
  "A9: cnnlSetConvolutionDescriptorQuant takes descriptors of x and w as it takes that of y; INT8 of position 0 and scale 1 is convolved as it is, and the sum rounded to FLOAT once.";

/** Constants whose use rests on more than their name: that an attribute takes the address of a descriptor is how every other value is set. */
export const constants = {
  CNNL_MATMUL_D_QUANT: attribute(
    "CNNL_MATMUL_D_QUANT",
    "A7: the attribute CNNL_MATMUL_D_QUANT takes the address of a cnnlQuantizeExDescriptor_t, which sets the result's type on chip.",
  ),
  CNNL_MATMUL_A_QUANT: attribute("CNNL_MATMUL_A_QUANT", ofOperand),
  CNNL_MATMUL_B_QUANT: attribute("CNNL_MATMUL_B_QUANT", ofOperand),
} as const satisfies Readonly<Record<string, SymbolRecord>>;

export const calls = named({
  cnnlCreate: call("cnnlHandle_t * handle", "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHandle.cpp"),
  cnnlDestroy: call("cnnlHandle_t handle", "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHandle.cpp"),
  cnnlSetQueue: call("cnnlHandle_t handle, cnrtQueue_t queue", "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHandle.cpp"),
  cnnlGetErrorString: call("cnnlStatus_t status", "Cambricon/torch_mlu torch_mlu/csrc/aten/utils/exceptions.h"),
  cnnlCreateTensorDescriptor: call("cnnlTensorDescriptor_t* desc", "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlTensorDesc.cpp"),
  cnnlSetTensorDescriptor: call(
    "cnnlTensorDescriptor_t desc, cnnlTensorLayout_t layout, cnnlDataType_t dtype, int dimNb, const int dimSize[]",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlCreateQuantizeExDescriptor: call(
    "cnnlQuantizeExDescriptor_t* desc",
    "InfiniTensor/InfiniCore src/infiniop/ops/conv/bang/conv_bang.cc",
  ),
  cnnlSetQuantizeExDescriptorQuantSchemeAndDtype: call(
    "cnnlQuantizeExDescriptor_t desc, cnnlQuantizeScheme_t scheme, cnnlDataType_t dtype",
    "InfiniTensor/InfiniCore src/infiniop/ops/conv/bang/conv_bang.cc",
  ),
  // Type tables with INT8: the header at cnnlMatMul_v2 (int8, int8, float), cnnlBatchMatMulEx and cnnlConvolutionForward (MLU300 and MLU500).
  cnnlSetQuantizeExDescriptorScalarQuant: call(
    "cnnlQuantizeExDescriptor_t desc, const void* position_ptr, const void* scale_ptr, const void* offset_ptr, cnnlPointerMode_t pointer_mode, cnnlQuantizeScheme_t scheme, cnnlQuantizeMode_t mode, cnnlDataType_t onchip_dtype",
  ),
  cnnlDestroyQuantizeExDescriptor: call(
    "cnnlQuantizeExDescriptor_t desc",
    "InfiniTensor/InfiniCore src/infiniop/ops/conv/bang/conv_bang.cc",
  ),
  cnnlDestroyTensorDescriptor: call("cnnlTensorDescriptor_t desc", "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlTensorDesc.h"),
  cnnlCreateMatMulDescriptor: call(
    "cnnlMatMulDescriptor_t* desc",
    "InfiniTensor/InfiniCore src/infiniop/ops/gemm/bang/gemm_bang.cc",
    "Cambricon/mlu-ops kernels/fft/rfft/rfft_host.cpp",
  ),
  cnnlSetMatMulDescAttr: call(
    "cnnlMatMulDescriptor_t desc, cnnlMatMulDescAttribute_t attr, const void* buf, size_t size_in_bytes",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyMatMulDescriptor: call(
    "cnnlMatMulDescriptor_t desc",
    "InfiniTensor/InfiniCore src/infiniop/ops/gemm/bang/gemm_bang.cc",
    "Cambricon/mlu-ops kernels/fft/rfft/rfft_host.cpp",
  ),
  cnnlCreateMatMulAlgo: call(
    "cnnlMatMulAlgo_t* algo",
    "InfiniTensor/InfiniCore src/infiniop/ops/gemm/bang/gemm_bang.cc",
    "Cambricon/mlu-ops kernels/fft/rfft/rfft_host.cpp",
  ),
  cnnlDestroyMatMulAlgo: call(
    "cnnlMatMulAlgo_t desc",
    "InfiniTensor/InfiniCore src/infiniop/ops/gemm/bang/gemm_bang.cc",
    "Cambricon/mlu-ops kernels/fft/rfft/rfft_host.cpp",
  ),
  cnnlCreateMatMulHeuristicResult: call(
    "cnnlMatMulHeuristicResult_t* result",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlDestroyMatMulHeuristicResult: call(
    "cnnlMatMulHeuristicResult_t desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetMatMulAlgoHeuristic: call(
    "cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, const cnnlTensorDescriptor_t d_desc, cnnlMatMulPrefer_t preference, int requested_algo_count, cnnlMatMulHeuristicResult_t results[], int* return_algo_count",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHeuristicResult.cpp",
  ),
  cnnlGetMatMulHeuristicResult: call(
    "cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/addmm_internal.cpp",
  ),
  cnnlMatMul_v2: call(
    "cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlMatMulAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b, const void* beta, const cnnlTensorDescriptor_t c_desc, const void* c, void* workspace, size_t workspace_size, const cnnlTensorDescriptor_t d_desc, void* d",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/addmm_internal.cpp",
  ),
  cnnlGetBatchMatMulExAlgoHeuristic: call(
    "cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, cnnlMatMulPrefer_t preference, int requested_algo_count, cnnlMatMulHeuristicResult_t results[], int* return_algo_count",
    "InfiniTensor/InfiniCore src/infiniop/ops/gemm/bang/gemm_bang.cc",
    "Cambricon/mlu-ops kernels/fft/rfft/rfft_host.cpp",
  ),
  cnnlGetBatchMatMulExHeuristicResult: call(
    "cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size",
    "InfiniTensor/InfiniCore src/infiniop/ops/gemm/bang/gemm_bang.cc",
    "Cambricon/mlu-ops kernels/fft/rfft/rfft_host.cpp",
  ),
  cnnlBatchMatMulEx: call(
    "cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlMatMulAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b, const void* beta, const cnnlTensorDescriptor_t c_desc, void* c, void* workspace, size_t workspace_size",
    "InfiniTensor/InfiniCore src/infiniop/ops/gemm/bang/gemm_bang.cc",
    "Cambricon/mlu-ops kernels/fft/rfft/rfft_host.cpp",
  ),
  cnnlCreateConvolutionDescriptor: call(
    "cnnlConvolutionDescriptor_t* desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetConvolutionDescriptor: call(
    "cnnlConvolutionDescriptor_t desc, int dims, const int pad[], const int stride[], const int dilation[], int group_count, cnnlDataType_t compute_type",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.h",
  ),
  cnnlSetConvolutionDescriptorAllowTF32: call(
    "cnnlConvolutionDescriptor_t desc, bool allow_tf32",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.h",
  ),
  cnnlDestroyConvolutionDescriptor: call(
    "cnnlConvolutionDescriptor_t desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  // Public programs set it for y alone.
  cnnlSetConvolutionDescriptorQuant: (name) => ({
    ...call(
      "cnnlConvolutionDescriptor_t desc, cnnlQuantizeExDescriptor_t x_quant_desc, cnnlQuantizeExDescriptor_t w_quant_desc, cnnlQuantizeExDescriptor_t y_quant_desc",
      "InfiniTensor/InfiniCore src/infiniop/ops/conv/bang/conv_bang.cc",
    )(name),
    assumption: ofConvolution,
  }),
  cnnlGetConvolutionForwardWorkspaceSize: call(
    "cnnlHandle_t handle, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t w_desc, const cnnlTensorDescriptor_t y_desc, const cnnlTensorDescriptor_t bias_desc, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionForwardAlgo_t algo, size_t* size",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_forward_internal.cpp",
  ),
  cnnlConvolutionForward: call(
    "cnnlHandle_t handle, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionForwardAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const cnnlTensorDescriptor_t w_desc, const void* w, const cnnlTensorDescriptor_t bias_desc, const void* bias, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_forward_internal.cpp",
  ),
  cnnlGetConvolutionBackwardDataWorkspaceSize: call(
    "cnnlHandle_t handle, cnnlTensorDescriptor_t filter_desc, cnnlTensorDescriptor_t out_backprop_desc, cnnlConvolutionDescriptor_t conv_desc, cnnlTensorDescriptor_t in_backprop_desc, cnnlConvolutionBwdDataAlgo_t algo_t, size_t* workspace_size",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_input_backward_internal.cpp",
  ),
  cnnlConvolutionBackwardData: call(
    "cnnlHandle_t handle, const void* alpha, const cnnlTensorDescriptor_t w_desc, const void* w, const cnnlTensorDescriptor_t diff_y_desc, const void* diff_y, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionBwdDataAlgo_t algo, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t diff_x_desc, void* diff_x",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_input_backward_internal.cpp",
  ),
  cnnlCreatePoolingDescriptor: call(
    "cnnlPoolingDescriptor_t* desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetPooling2dDescriptor_v2: call(
    "cnnlPoolingDescriptor_t desc, cnnlPoolingMode_t mode, cnnlNanPropagation_t nan_opt, int kernel_h, int kernel_w, int pad_up, int pad_down, int pad_left, int pad_right, int stride_h, int stride_w, int dilation_h, int dilation_w, bool ceil_mode",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyPoolingDescriptor: call(
    "cnnlPoolingDescriptor_t desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetPoolingWorkspaceSize_v2: call(
    "cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t y_desc, size_t* size",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/pooling_internal.cpp",
  ),
  cnnlGetPoolingExtraInputSize: call(
    "cnnlHandle_t handle, cnnlPoolingMode_t mode, int out_w_size, int out_h_size, size_t* extra_input_size",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/pool2d_kernel.cc",
  ),
  cnnlInitPoolingExtraInput: call(
    "cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t y_desc, void* extra_host_input",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/pool2d_kernel.cc",
  ),
  cnnlPoolingForward_v2: call(
    "cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const void* extra_input, const cnnlTensorDescriptor_t y_desc, void* y, void* workspace, size_t workspace_size",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlCreateReduceDescriptor: call(
    "cnnlReduceDescriptor_t* desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetReduceDescriptor_v2: call(
    "cnnlReduceDescriptor_t desc, int axis[], int axis_num, cnnlReduceOp_t op, cnnlDataType_t tensor_type, cnnlNanPropagation_t nan_opt, cnnlReduceIndices_t indices_mode, cnnlIndicesType_t indices_type, float p",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyReduceDescriptor: call(
    "cnnlReduceDescriptor_t desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetReduceOpWorkspaceSize_v2: call(
    "cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const cnnlTensorDescriptor_t output_desc, const cnnlTensorDescriptor_t indices_desc, const cnnlReduceDescriptor_t reduce_desc, size_t* size",
    "Cambricon/mlu-ops kernels/sparse_conv/get_indice_pairs/normal_get_indice_pairs.cpp",
  ),
  cnnlReduce_v2: call(
    "cnnlHandle_t handle, const cnnlReduceDescriptor_t reduce_desc, const cnnlTensorDescriptor_t input_desc, const void* input, const void* alpha, const void* beta, void* workspace, size_t workspace_size, const cnnlTensorDescriptor_t output_desc, void* output, const cnnlTensorDescriptor_t indices_desc, void* indices",
    "Cambricon/mlu-ops kernels/sparse_conv/get_indice_pairs/normal_get_indice_pairs.cpp",
  ),
  cnnlCreateOpTensorDescriptor: call(
    "cnnlOpTensorDescriptor_t* desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetOpTensorDescriptor: call(
    "cnnlOpTensorDescriptor_t desc, cnnlOpTensorDesc_t op, cnnlDataType_t compute_type, cnnlNanPropagation_t nan_opt",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyOpTensorDescriptor: call(
    "cnnlOpTensorDescriptor_t desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetOpTensorWorkspaceSize: call(
    "cnnlHandle_t handle, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, size_t* size",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlOpTensor: call(
    "cnnlHandle_t handle, const cnnlOpTensorDescriptor_t op_tensor_desc, const void* alpha1, const cnnlTensorDescriptor_t a_desc, const void* a, const void* alpha2, const cnnlTensorDescriptor_t b_desc, const void* b, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t c_desc, void* c",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/optensor_internal.cpp",
  ),
  cnnlCreateActivationDescriptor: call(
    "cnnlActivationDescriptor_t* desc",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/native_batch_norm_internal.cpp",
  ),
  cnnlSetActivationDescAttr: call(
    "cnnlActivationDescriptor_t desc, cnnlActivationDescAttribute_t attr, const void* buf, size_t size_in_bytes",
  ),
  cnnlDestroyActivationDescriptor: call(
    "cnnlActivationDescriptor_t desc",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/native_batch_norm_internal.cpp",
  ),
  cnnlActivationForward: call(
    "cnnlHandle_t handle, const cnnlActivationDescriptor_t activation_desc, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/erfc_internal.cpp",
  ),
  cnnlSoftmaxForward: call(
    "cnnlHandle_t handle, cnnlSoftmaxAlgorithm_t algorithm, cnnlSoftmaxMode_t mode, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/softmax_internal.cpp",
    "InfiniTensor/InfiniCore src/infiniop/ops/softmax/bang/softmax_bang.cc",
  ),
  cnnlExp: call(
    "cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const void* input, const cnnlTensorDescriptor_t output_desc, void* output",
    "Cambricon/catch torch_mlu/csrc/aten/operators/cnnl/internal/exp_internal.cpp",
  ),
  cnnlSqrt: call(
    "cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const void* input, const cnnlTensorDescriptor_t output_desc, void* output",
    "Cambricon/catch torch_mlu/csrc/aten/operators/cnnl/internal/sqrt_internal.cpp",
  ),
  cnnlCreateTransposeDescriptor: call(
    "cnnlTransposeDescriptor_t* desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetTransposeDescriptor: call(
    "cnnlTransposeDescriptor_t desc, int dims, const int permute[]",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyTransposeDescriptor: call(
    "cnnlTransposeDescriptor_t desc",
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetTransposeWorkspaceSize: call(
    "cnnlHandle_t handle, const cnnlTensorDescriptor_t x_desc, const cnnlTransposeDescriptor_t desc, size_t* size",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/permute_internal.cpp",
  ),
  cnnlTranspose_v2: call(
    "cnnlHandle_t handle, const cnnlTransposeDescriptor_t desc, const cnnlTensorDescriptor_t x_desc, const void* x, const cnnlTensorDescriptor_t y_desc, void* y, void* workspace, size_t workspace_size",
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/permute_internal.cpp",
  ),
});

export type CallName = keyof typeof calls;

/** Text of a call that returns a status, and a note that it was made. */
type Cnnl = (name: CallName, ...args: readonly string[]) => string;

export function cnnlCalls(uses: Set<string>): Cnnl {
  return (name, ...args) => {
    const { params } = calls[name];
    invariant(args.length === params.length, `${name} takes ${params.length} arguments, got ${args.length}`);
    uses.add(name);
    return `PTL_CNNL(${name}(${args.join(", ")}));`;
  };
}
