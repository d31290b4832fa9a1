/**
 * Every CNNL call that generated programs make: parameters in order, types and names as the fact record has them
 * (facts/bang/cnnl.json), where the record was read, and how sure it is. Rows in lower/ call nothing else.
 */
import { invariant } from "../../src/base/diagnostic.js";
import type { Evidence } from "../../src/plan/program.js";
import type { SymbolRecord } from "../../src/plan/target.js";

type Param = readonly [type: string, name: string];

export interface CallRecord extends SymbolRecord {
  readonly params: readonly Param[];
}

const returns: Readonly<Record<string, string>> = { cnnlGetErrorString: "const char*" };

function record(name: string, params: readonly Param[], seen: string, evidence: Evidence, assumption?: string): CallRecord {
  const list = params.map(([type, param]) => `${type} ${param}`).join(", ");
  const signature = `${returns[name] ?? "cnnlStatus_t"} ${name}(${list})`;
  return { kind: "call", header: "cnnl.h", signature, since: "NeuWare 4.6", evidence, seen, params, ...(assumption && { assumption }) };
}

/** Stands in a header that is public. */
const documented = (name: string, params: readonly Param[], seen: string) => record(name, params, seen, "E1");
/** Put together from public call sites that agree on it. */
const inferred = (name: string, params: readonly Param[], seen: string) =>
  record(name, params, seen, "E0", "A4: the CNNL signature is the one that public call sites agree on.");

export const calls = {
  cnnlCreate: documented("cnnlCreate", [["cnnlHandle_t *", "handle"]], "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHandle.cpp"),
  cnnlDestroy: documented("cnnlDestroy", [["cnnlHandle_t", "handle"]], "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHandle.cpp"),
  cnnlSetQueue: documented(
    "cnnlSetQueue",
    [
      ["cnnlHandle_t", "handle"],
      ["cnrtQueue_t", "queue"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHandle.cpp",
  ),
  cnnlGetErrorString: documented(
    "cnnlGetErrorString",
    [["cnnlStatus_t", "status"]],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/utils/exceptions.h",
  ),
  cnnlCreateTensorDescriptor: documented(
    "cnnlCreateTensorDescriptor",
    [["cnnlTensorDescriptor_t*", "desc"]],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlTensorDesc.cpp",
  ),
  cnnlSetTensorDescriptor: documented(
    "cnnlSetTensorDescriptor",
    [
      ["cnnlTensorDescriptor_t", "desc"],
      ["cnnlTensorLayout_t", "layout"],
      ["cnnlDataType_t", "dtype"],
      ["int", "dimNb"],
      ["const int[]", "dimSize"],
    ],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetTensorDescriptorOnchipDataType: inferred(
    "cnnlSetTensorDescriptorOnchipDataType",
    [
      ["cnnlTensorDescriptor_t", "desc"],
      ["cnnlDataType_t", "on_chip_type"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlTensorDesc.cpp",
  ),
  cnnlDestroyTensorDescriptor: documented(
    "cnnlDestroyTensorDescriptor",
    [["cnnlTensorDescriptor_t", "desc"]],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlTensorDesc.h",
  ),
  cnnlMatMulDescCreate: inferred(
    "cnnlMatMulDescCreate",
    [["cnnlMatMulDescriptor_t*", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetMatMulDescAttr: inferred(
    "cnnlSetMatMulDescAttr",
    [
      ["cnnlMatMulDescriptor_t", "desc"],
      ["cnnlMatMulDescAttribute_t", "attr"],
      ["const void*", "buf"],
      ["size_t", "size_in_bytes"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlMatMulDescDestroy: inferred(
    "cnnlMatMulDescDestroy",
    [["cnnlMatMulDescriptor_t", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlMatMulAlgoCreate: inferred(
    "cnnlMatMulAlgoCreate",
    [["cnnlMatMulAlgo_t*", "algo"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlMatMulAlgoDestroy: inferred(
    "cnnlMatMulAlgoDestroy",
    [["cnnlMatMulAlgo_t", "algo"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlCreateMatMulHeuristicResult: inferred(
    "cnnlCreateMatMulHeuristicResult",
    [["cnnlMatMulHeuristicResult_t*", "result"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlDestroyMatMulHeuristicResult: inferred(
    "cnnlDestroyMatMulHeuristicResult",
    [["cnnlMatMulHeuristicResult_t", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetMatMulAlgoHeuristic: inferred(
    "cnnlGetMatMulAlgoHeuristic",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlMatMulDescriptor_t", "desc"],
      ["const cnnlTensorDescriptor_t", "a_desc"],
      ["const cnnlTensorDescriptor_t", "b_desc"],
      ["const cnnlTensorDescriptor_t", "c_desc"],
      ["const cnnlTensorDescriptor_t", "d_desc"],
      ["cnnlMatMulPrefer_t", "preference"],
      ["int", "requested_algo_count"],
      ["cnnlMatMulHeuristicResult_t[]", "results"],
      ["int*", "return_algo_count"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHeuristicResult.cpp",
  ),
  cnnlGetMatMulHeuristicResult: inferred(
    "cnnlGetMatMulHeuristicResult",
    [
      ["cnnlMatMulHeuristicResult_t", "result"],
      ["cnnlMatMulAlgo_t", "algo"],
      ["size_t*", "workspace_size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/addmm_internal.cpp",
  ),
  cnnlMatMul_v2: inferred(
    "cnnlMatMul_v2",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlMatMulDescriptor_t", "desc"],
      ["const cnnlMatMulAlgo_t", "algo"],
      ["const void*", "alpha"],
      ["const cnnlTensorDescriptor_t", "a_desc"],
      ["const void*", "a"],
      ["const cnnlTensorDescriptor_t", "b_desc"],
      ["const void*", "b"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "c_desc"],
      ["const void*", "c"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
      ["const cnnlTensorDescriptor_t", "d_desc"],
      ["void*", "d"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/addmm_internal.cpp",
  ),
  cnnlGetBatchMatMulAlgoHeuristic: inferred(
    "cnnlGetBatchMatMulAlgoHeuristic",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlMatMulDescriptor_t", "desc"],
      ["const cnnlTensorDescriptor_t", "a_desc"],
      ["const cnnlTensorDescriptor_t", "b_desc"],
      ["const cnnlTensorDescriptor_t", "c_desc"],
      ["cnnlMatMulPrefer_t", "preference"],
      ["int", "requested_algo_count"],
      ["cnnlMatMulHeuristicResult_t[]", "results"],
      ["int*", "return_algo_count"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlHeuristicResult.cpp",
  ),
  cnnlGetBatchMatMulHeuristicResult: inferred(
    "cnnlGetBatchMatMulHeuristicResult",
    [
      ["cnnlMatMulHeuristicResult_t", "result"],
      ["cnnlMatMulAlgo_t", "algo"],
      ["size_t*", "workspace_size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/baddbmm_internal.cpp",
  ),
  cnnlBatchMatMulBCast_v2: inferred(
    "cnnlBatchMatMulBCast_v2",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlMatMulDescriptor_t", "desc"],
      ["const cnnlMatMulAlgo_t", "algo"],
      ["const void*", "alpha"],
      ["const cnnlTensorDescriptor_t", "a_desc"],
      ["const void*", "a"],
      ["const cnnlTensorDescriptor_t", "b_desc"],
      ["const void*", "b"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "c_desc"],
      ["void*", "c"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/baddbmm_internal.cpp",
  ),
  cnnlCreateConvolutionDescriptor: inferred(
    "cnnlCreateConvolutionDescriptor",
    [["cnnlConvolutionDescriptor_t*", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetConvolutionDescriptor: inferred(
    "cnnlSetConvolutionDescriptor",
    [
      ["cnnlConvolutionDescriptor_t", "desc"],
      ["int", "dims"],
      ["const int[]", "pad"],
      ["const int[]", "stride"],
      ["const int[]", "dilation"],
      ["int", "group_count"],
      ["cnnlDataType_t", "compute_type"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.h",
  ),
  cnnlSetConvolutionDescriptorAllowTF32: inferred(
    "cnnlSetConvolutionDescriptorAllowTF32",
    [
      ["cnnlConvolutionDescriptor_t", "desc"],
      ["bool", "allow_tf32"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.h",
  ),
  cnnlDestroyConvolutionDescriptor: inferred(
    "cnnlDestroyConvolutionDescriptor",
    [["cnnlConvolutionDescriptor_t", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetConvolutionForwardAlgorithm: inferred(
    "cnnlGetConvolutionForwardAlgorithm",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlConvolutionDescriptor_t", "conv_desc"],
      ["const cnnlTensorDescriptor_t", "x_desc"],
      ["const cnnlTensorDescriptor_t", "w_desc"],
      ["const cnnlTensorDescriptor_t", "y_desc"],
      ["cnnlConvolutionFwdPreference_t", "preference"],
      ["cnnlConvolutionForwardAlgo_t*", "algo"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_forward_internal.cpp",
  ),
  cnnlGetConvolutionForwardWorkspaceSize: inferred(
    "cnnlGetConvolutionForwardWorkspaceSize",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlTensorDescriptor_t", "x_desc"],
      ["const cnnlTensorDescriptor_t", "w_desc"],
      ["const cnnlTensorDescriptor_t", "y_desc"],
      ["const cnnlTensorDescriptor_t", "bias_desc"],
      ["const cnnlConvolutionDescriptor_t", "conv_desc"],
      ["cnnlConvolutionForwardAlgo_t", "algo"],
      ["size_t*", "size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_forward_internal.cpp",
  ),
  cnnlConvolutionForward: inferred(
    "cnnlConvolutionForward",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlConvolutionDescriptor_t", "conv_desc"],
      ["cnnlConvolutionForwardAlgo_t", "algo"],
      ["const void*", "alpha"],
      ["const cnnlTensorDescriptor_t", "x_desc"],
      ["const void*", "x"],
      ["const cnnlTensorDescriptor_t", "w_desc"],
      ["const void*", "w"],
      ["const cnnlTensorDescriptor_t", "bias_desc"],
      ["const void*", "bias"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "y_desc"],
      ["void*", "y"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_forward_internal.cpp",
  ),
  cnnlGetConvolutionBackwardDataAlgorithm: inferred(
    "cnnlGetConvolutionBackwardDataAlgorithm",
    [
      ["cnnlHandle_t", "handle"],
      ["cnnlTensorDescriptor_t", "filter_desc"],
      ["cnnlTensorDescriptor_t", "out_backprop_desc"],
      ["cnnlConvolutionDescriptor_t", "conv_desc"],
      ["cnnlTensorDescriptor_t", "in_backprop_desc"],
      ["cnnlConvolutionBwdDataPreference_t", "pre_t"],
      ["cnnlConvolutionBwdDataAlgo_t*", "algo_t"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_input_backward_internal.cpp",
  ),
  cnnlGetConvolutionBackwardDataWorkspaceSize: inferred(
    "cnnlGetConvolutionBackwardDataWorkspaceSize",
    [
      ["cnnlHandle_t", "handle"],
      ["cnnlTensorDescriptor_t", "filter_desc"],
      ["cnnlTensorDescriptor_t", "out_backprop_desc"],
      ["cnnlConvolutionDescriptor_t", "conv_desc"],
      ["cnnlTensorDescriptor_t", "in_backprop_desc"],
      ["cnnlConvolutionBwdDataAlgo_t", "algo_t"],
      ["size_t*", "workspace_size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_input_backward_internal.cpp",
  ),
  cnnlConvolutionBackwardData: inferred(
    "cnnlConvolutionBackwardData",
    [
      ["cnnlHandle_t", "handle"],
      ["const void*", "alpha"],
      ["const cnnlTensorDescriptor_t", "w_desc"],
      ["const void*", "w"],
      ["const cnnlTensorDescriptor_t", "diff_y_desc"],
      ["const void*", "diff_y"],
      ["const cnnlConvolutionDescriptor_t", "conv_desc"],
      ["cnnlConvolutionBwdDataAlgo_t", "algo"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "diff_x_desc"],
      ["void*", "diff_x"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/convolution_input_backward_internal.cpp",
  ),
  cnnlCreatePoolingDescriptor: inferred(
    "cnnlCreatePoolingDescriptor",
    [["cnnlPoolingDescriptor_t*", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetPooling2dDescriptor_v2: inferred(
    "cnnlSetPooling2dDescriptor_v2",
    [
      ["cnnlPoolingDescriptor_t", "desc"],
      ["cnnlPoolingMode_t", "mode"],
      ["cnnlNanPropagation_t", "nan_opt"],
      ["int", "kernel_h"],
      ["int", "kernel_w"],
      ["int", "pad_up"],
      ["int", "pad_down"],
      ["int", "pad_left"],
      ["int", "pad_right"],
      ["int", "stride_h"],
      ["int", "stride_w"],
      ["int", "dilation_h"],
      ["int", "dilation_w"],
      ["bool", "ceil_mode"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyPoolingDescriptor: inferred(
    "cnnlDestroyPoolingDescriptor",
    [["cnnlPoolingDescriptor_t", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetPoolingWorkspaceSize: inferred(
    "cnnlGetPoolingWorkspaceSize",
    [
      ["cnnlHandle_t", "handle"],
      ["cnnlPoolingMode_t", "mode"],
      ["int", "output_w"],
      ["int", "output_h"],
      ["size_t*", "size"],
    ],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlPoolingForward: inferred(
    "cnnlPoolingForward",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlPoolingDescriptor_t", "pooling_desc"],
      ["const void*", "alpha"],
      ["const cnnlTensorDescriptor_t", "x_desc"],
      ["const void*", "x"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "y_desc"],
      ["void*", "y"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/pooling_internal.cpp",
  ),
  cnnlInterp_v2: inferred(
    "cnnlInterp_v2",
    [
      ["cnnlHandle_t", "handle"],
      ["bool", "align_corners"],
      ["bool", "half_pixel_centers"],
      ["cnnlInterpMode_t", "mode"],
      ["const float*", "scale_factors"],
      ["bool", "recompute_scale_factor"],
      ["const cnnlTensorDescriptor_t", "input_desc"],
      ["const void*", "input"],
      ["const cnnlTensorDescriptor_t", "output_desc"],
      ["void*", "output"],
    ],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlCreateReduceDescriptor: inferred(
    "cnnlCreateReduceDescriptor",
    [["cnnlReduceDescriptor_t*", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetReduceDescriptor_v2: inferred(
    "cnnlSetReduceDescriptor_v2",
    [
      ["cnnlReduceDescriptor_t", "desc"],
      ["int[]", "axis"],
      ["int", "axis_num"],
      ["cnnlReduceOp_t", "op"],
      ["cnnlDataType_t", "tensor_type"],
      ["cnnlNanPropagation_t", "nan_opt"],
      ["cnnlReduceIndices_t", "indices_mode"],
      ["cnnlIndicesType_t", "indices_type"],
      ["float", "p"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyReduceDescriptor: inferred(
    "cnnlDestroyReduceDescriptor",
    [["cnnlReduceDescriptor_t", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetReduceOpWorkspaceSize: inferred(
    "cnnlGetReduceOpWorkspaceSize",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlTensorDescriptor_t", "input_desc"],
      ["const cnnlTensorDescriptor_t", "output_desc"],
      ["const cnnlReduceDescriptor_t", "reduce_desc"],
      ["size_t*", "size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/reduceOps_internal.cpp",
  ),
  cnnlReduce: inferred(
    "cnnlReduce",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlReduceDescriptor_t", "reduce_desc"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
      ["const void*", "alpha"],
      ["const cnnlTensorDescriptor_t", "input_desc"],
      ["const void*", "input"],
      ["size_t", "indices_size_inbytes"],
      ["void*", "indices"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "output_desc"],
      ["void*", "output"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/reduceOps_internal.cpp",
  ),
  cnnlCreateOpTensorDescriptor: inferred(
    "cnnlCreateOpTensorDescriptor",
    [["cnnlOpTensorDescriptor_t*", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetOpTensorDescriptor: inferred(
    "cnnlSetOpTensorDescriptor",
    [
      ["cnnlOpTensorDescriptor_t", "desc"],
      ["cnnlOpTensorDesc_t", "op"],
      ["cnnlDataType_t", "compute_type"],
      ["cnnlNanPropagation_t", "nan_opt"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyOpTensorDescriptor: inferred(
    "cnnlDestroyOpTensorDescriptor",
    [["cnnlOpTensorDescriptor_t", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetOpTensorWorkspaceSize: inferred(
    "cnnlGetOpTensorWorkspaceSize",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlTensorDescriptor_t", "a_desc"],
      ["const cnnlTensorDescriptor_t", "b_desc"],
      ["const cnnlTensorDescriptor_t", "c_desc"],
      ["size_t*", "size"],
    ],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlOpTensor: inferred(
    "cnnlOpTensor",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlOpTensorDescriptor_t", "op_tensor_desc"],
      ["const void*", "alpha1"],
      ["const cnnlTensorDescriptor_t", "a_desc"],
      ["const void*", "a"],
      ["const void*", "alpha2"],
      ["const cnnlTensorDescriptor_t", "b_desc"],
      ["const void*", "b"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "c_desc"],
      ["void*", "c"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/optensor_internal.cpp",
  ),
  cnnlGetDivWorkspaceSize: inferred(
    "cnnlGetDivWorkspaceSize",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlTensorDescriptor_t", "a_desc"],
      ["const cnnlTensorDescriptor_t", "b_desc"],
      ["const cnnlTensorDescriptor_t", "c_desc"],
      ["size_t*", "size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/div_internal.cpp",
  ),
  cnnlDiv_v2: inferred(
    "cnnlDiv_v2",
    [
      ["cnnlHandle_t", "handle"],
      ["cnnlComputationPreference_t", "prefer"],
      ["const cnnlTensorDescriptor_t", "a_desc"],
      ["const void*", "a"],
      ["const cnnlTensorDescriptor_t", "b_desc"],
      ["const void*", "b"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
      ["const cnnlTensorDescriptor_t", "c_desc"],
      ["void*", "c"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/div_internal.cpp",
  ),
  cnnlCreateActivationDescriptor: inferred(
    "cnnlCreateActivationDescriptor",
    [["cnnlActivationDescriptor_t*", "desc"]],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/native_batch_norm_internal.cpp",
  ),
  cnnlSetActivationDescriptor_v5: inferred(
    "cnnlSetActivationDescriptor_v5",
    [
      ["cnnlActivationDescriptor_t", "desc"],
      ["cnnlActivationMode_t", "mode"],
      ["cnnlActivationPreference_t", "prefer"],
      ["cnnlNanPropagation_t", "nan_opt"],
      ["float", "coef"],
      ["int", "sliced_dim"],
      ["float", "gamma"],
      ["float", "scale"],
      ["bool", "is_result"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/native_batch_norm_internal.cpp",
  ),
  cnnlDestroyActivationDescriptor: inferred(
    "cnnlDestroyActivationDescriptor",
    [["cnnlActivationDescriptor_t", "desc"]],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/native_batch_norm_internal.cpp",
  ),
  cnnlActivationForward: inferred(
    "cnnlActivationForward",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlActivationDescriptor_t", "activation_desc"],
      ["const void*", "alpha"],
      ["const cnnlTensorDescriptor_t", "x_desc"],
      ["const void*", "x"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "y_desc"],
      ["void*", "y"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/erfc_internal.cpp",
  ),
  cnnlSoftmaxForward_v2: inferred(
    "cnnlSoftmaxForward_v2",
    [
      ["cnnlHandle_t", "handle"],
      ["cnnlSoftmaxAlgorithm_t", "algorithm"],
      ["cnnlSoftmaxMode_t", "mode"],
      ["cnnlComputationPreference_t", "prefer"],
      ["const void*", "alpha"],
      ["const cnnlTensorDescriptor_t", "x_desc"],
      ["const void*", "x"],
      ["const void*", "beta"],
      ["const cnnlTensorDescriptor_t", "y_desc"],
      ["void*", "y"],
    ],
    "InfiniTensor/InfiniTensor src/kernels/bang/activation.cc",
  ),
  cnnlExp_v2: inferred(
    "cnnlExp_v2",
    [
      ["cnnlHandle_t", "handle"],
      ["cnnlComputationPreference_t", "prefer"],
      ["const cnnlTensorDescriptor_t", "input_desc"],
      ["const void*", "input"],
      ["const cnnlTensorDescriptor_t", "output_desc"],
      ["void*", "output"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/exp_internal.cpp",
  ),
  cnnlSqrt_v2: inferred(
    "cnnlSqrt_v2",
    [
      ["cnnlHandle_t", "handle"],
      ["cnnlComputationPreference_t", "prefer"],
      ["const cnnlTensorDescriptor_t", "input_desc"],
      ["const void*", "input"],
      ["const cnnlTensorDescriptor_t", "output_desc"],
      ["void*", "output"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/sqrt_internal.cpp",
  ),
  cnnlCreateTransposeDescriptor: inferred(
    "cnnlCreateTransposeDescriptor",
    [["cnnlTransposeDescriptor_t*", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlSetTransposeDescriptor: inferred(
    "cnnlSetTransposeDescriptor",
    [
      ["cnnlTransposeDescriptor_t", "desc"],
      ["int", "dims"],
      ["const int[]", "permute"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/cnnl/cnnlOpDescriptors.cpp",
  ),
  cnnlDestroyTransposeDescriptor: inferred(
    "cnnlDestroyTransposeDescriptor",
    [["cnnlTransposeDescriptor_t", "desc"]],
    "PaddlePaddle/PaddleCustomDevice backends/mlu/kernels/funcs/mlu_baseop.cc",
  ),
  cnnlGetTransposeWorkspaceSize: inferred(
    "cnnlGetTransposeWorkspaceSize",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlTensorDescriptor_t", "x_desc"],
      ["const cnnlTransposeDescriptor_t", "desc"],
      ["size_t*", "size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/permute_internal.cpp",
  ),
  cnnlTranspose_v2: inferred(
    "cnnlTranspose_v2",
    [
      ["cnnlHandle_t", "handle"],
      ["const cnnlTransposeDescriptor_t", "desc"],
      ["const cnnlTensorDescriptor_t", "x_desc"],
      ["const void*", "x"],
      ["const cnnlTensorDescriptor_t", "y_desc"],
      ["void*", "y"],
      ["void*", "workspace"],
      ["size_t", "workspace_size"],
    ],
    "Cambricon/torch_mlu torch_mlu/csrc/aten/operators/cnnl/internal/permute_internal.cpp",
  ),
} as const satisfies Readonly<Record<string, CallRecord>>;

export type CallName = keyof typeof calls;

/** Text of a call that returns a status, and a note that it was made. */
export type Cnnl = (name: CallName, ...args: readonly string[]) => string;

export function cnnlCalls(uses: Set<string>): Cnnl {
  return (name, ...args) => {
    const { params } = calls[name];
    invariant(args.length === params.length, `${name} takes ${params.length} arguments, got ${args.length}`);
    uses.add(name);
    return `PTL_TRY(${name}(${args.join(", ")}));`;
  };
}
