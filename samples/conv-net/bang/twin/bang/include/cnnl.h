// CNNL for the twin: the calls that generated programs make, with the parameters of the fact record (facts/bang/cnnl.json).
// Enumerators whose numbers no public header shows are numbered by this twin; programs use their names only.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "cnrt.h"

#define CNNL_DIM_MAX 8

enum cnnlStatus_t {
  CNNL_STATUS_SUCCESS = 0,
  CNNL_STATUS_NOT_INITIALIZED = 1,
  CNNL_STATUS_ALLOC_FAILED = 2,
  CNNL_STATUS_BAD_PARAM = 3,
  CNNL_STATUS_INTERNAL_ERROR = 4,
  CNNL_STATUS_ARCH_MISMATCH = 5,
  CNNL_STATUS_EXECUTION_FAILED = 6,
  CNNL_STATUS_NOT_SUPPORTED = 7,
  CNNL_STATUS_NUMERICAL_OVERFLOW = 8,
};

enum cnnlDataType_t {
  CNNL_DTYPE_INVALID = 0,
  CNNL_DTYPE_HALF = 1,
  CNNL_DTYPE_FLOAT = 2,
  CNNL_DTYPE_INT8 = 3,
  CNNL_DTYPE_INT16 = 4,
  CNNL_DTYPE_INT32 = 6,
  CNNL_DTYPE_UINT8 = 7,
  CNNL_DTYPE_BOOL = 8,
  CNNL_DTYPE_INT64 = 9,
  CNNL_DTYPE_UINT32 = 11,
  CNNL_DTYPE_UINT16 = 13,
  CNNL_DTYPE_BFLOAT16 = 17,
};

enum cnnlTensorLayout_t {
  CNNL_LAYOUT_NCHW = 0,
  CNNL_LAYOUT_NHWC = 1,
  CNNL_LAYOUT_HWCN = 2,
  CNNL_LAYOUT_NDHWC = 3,
  CNNL_LAYOUT_ARRAY = 4,
  CNNL_LAYOUT_NCDHW = 5,
  CNNL_LAYOUT_TNC = 6,
  CNNL_LAYOUT_NTC = 7,
  CNNL_LAYOUT_NC = 8,
  CNNL_LAYOUT_NLC = 9,
};

enum cnnlComputationPreference_t { CNNL_COMPUTATION_FAST = 0, CNNL_COMPUTATION_HIGH_PRECISION = 1 };
enum cnnlNanPropagation_t { CNNL_NOT_PROPAGATE_NAN, CNNL_PROPAGATE_NAN };
enum cnnlMatMulDescAttribute_t {
  CNNL_MATMUL_DESC_TRANSA,
  CNNL_MATMUL_DESC_TRANSB,
  CNNL_MATMUL_DESC_COMPUTE_TYPE,
  CNNL_MATMUL_ALLOW_TF32,
  CNNL_MATMUL_USE_BETA,
};
enum cnnlConvolutionFwdPreference_t { CNNL_CONVOLUTION_FWD_FASTEST };
enum cnnlConvolutionForwardAlgo_t { CNNL_CONVOLUTION_FWD_ALGO_TWIN = 1 };
enum cnnlConvolutionBwdDataPreference_t { CNNL_CONVOLUTION_BWD_DATA_FASTEST };
enum cnnlConvolutionBwdDataAlgo_t { CNNL_CONVOLUTION_BWD_DATA_ALGO_TWIN = 1 };
enum cnnlPoolingMode_t { CNNL_POOLING_MAX, CNNL_POOLING_AVERAGE_COUNT_INCLUDE_PADDING, CNNL_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING };
enum cnnlInterpMode_t { CNNL_INTERP_NEAREST, CNNL_INTERP_LINEAR, CNNL_INTERP_BILINEAR };
enum cnnlReduceOp_t { CNNL_REDUCE_ADD, CNNL_REDUCE_AVG, CNNL_REDUCE_MUL, CNNL_REDUCE_MAX, CNNL_REDUCE_MIN };
enum cnnlReduceIndices_t { CNNL_REDUCE_NO_INDICES, CNNL_REDUCE_FLATTENED_INDICES, CNNL_REDUCE_ONLY_INDICES };
enum cnnlIndicesType_t { CNNL_16BIT_INDICES, CNNL_32BIT_INDICES, CNNL_64BIT_INDICES };
enum cnnlOpTensorDesc_t { CNNL_OP_TENSOR_ADD, CNNL_OP_TENSOR_SUB, CNNL_OP_TENSOR_MUL };
enum cnnlActivationMode_t { CNNL_ACTIVATION_SIGMOID, CNNL_ACTIVATION_RELU, CNNL_ACTIVATION_TANH };
enum cnnlActivationPreference_t { CNNL_ACTIVATION_FAST, CNNL_ACTIVATION_HIGH_PRECISION };
enum cnnlSoftmaxAlgorithm_t { CNNL_SOFTMAX_ACCURATE, CNNL_SOFTMAX_LOG };
enum cnnlSoftmaxMode_t { CNNL_SOFTMAX_MODE_HIGH_DIMENSION, CNNL_SOFTMAX_MODE_MEDIUM_DIMENSION, CNNL_SOFTMAX_MODE_LOW_DIMENSION };

typedef struct cnnlContext* cnnlHandle_t;
typedef struct cnnlTensorStruct* cnnlTensorDescriptor_t;
typedef struct cnnlMatMulStruct* cnnlMatMulDescriptor_t;
typedef struct cnnlMatMulAlgoStruct* cnnlMatMulAlgo_t;
typedef struct cnnlMatMulPreferStruct* cnnlMatMulPrefer_t;
typedef struct cnnlMatMulHeuristicResultStruct* cnnlMatMulHeuristicResult_t;
typedef struct cnnlConvolutionStruct* cnnlConvolutionDescriptor_t;
typedef struct cnnlPoolingStruct* cnnlPoolingDescriptor_t;
typedef struct cnnlReduceStruct* cnnlReduceDescriptor_t;
typedef struct cnnlOpTensorStruct* cnnlOpTensorDescriptor_t;
typedef struct cnnlActivationStruct* cnnlActivationDescriptor_t;
typedef struct cnnlTransposeStruct* cnnlTransposeDescriptor_t;

extern "C" {
cnnlStatus_t cnnlCreate(cnnlHandle_t * handle);
cnnlStatus_t cnnlDestroy(cnnlHandle_t handle);
cnnlStatus_t cnnlSetQueue(cnnlHandle_t handle, cnrtQueue_t queue);
const char* cnnlGetErrorString(cnnlStatus_t status);
cnnlStatus_t cnnlCreateTensorDescriptor(cnnlTensorDescriptor_t* desc);
cnnlStatus_t cnnlSetTensorDescriptor(cnnlTensorDescriptor_t desc, cnnlTensorLayout_t layout, cnnlDataType_t dtype, int dimNb, const int dimSize[]);
cnnlStatus_t cnnlSetTensorDescriptorOnchipDataType(cnnlTensorDescriptor_t desc, cnnlDataType_t on_chip_type);
cnnlStatus_t cnnlDestroyTensorDescriptor(cnnlTensorDescriptor_t desc);
cnnlStatus_t cnnlMatMulDescCreate(cnnlMatMulDescriptor_t* desc);
cnnlStatus_t cnnlSetMatMulDescAttr(cnnlMatMulDescriptor_t desc, cnnlMatMulDescAttribute_t attr, const void* buf, size_t size_in_bytes);
cnnlStatus_t cnnlMatMulDescDestroy(cnnlMatMulDescriptor_t desc);
cnnlStatus_t cnnlMatMulAlgoCreate(cnnlMatMulAlgo_t* algo);
cnnlStatus_t cnnlMatMulAlgoDestroy(cnnlMatMulAlgo_t algo);
cnnlStatus_t cnnlCreateMatMulHeuristicResult(cnnlMatMulHeuristicResult_t* result);
cnnlStatus_t cnnlDestroyMatMulHeuristicResult(cnnlMatMulHeuristicResult_t desc);
cnnlStatus_t cnnlGetMatMulAlgoHeuristic(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, const cnnlTensorDescriptor_t d_desc, cnnlMatMulPrefer_t preference, int requested_algo_count, cnnlMatMulHeuristicResult_t results[], int* return_algo_count);
cnnlStatus_t cnnlGetMatMulHeuristicResult(cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size);
cnnlStatus_t cnnlMatMul_v2(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlMatMulAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b, const void* beta, const cnnlTensorDescriptor_t c_desc, const void* c, void* workspace, size_t workspace_size, const cnnlTensorDescriptor_t d_desc, void* d);
cnnlStatus_t cnnlGetBatchMatMulAlgoHeuristic(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, cnnlMatMulPrefer_t preference, int requested_algo_count, cnnlMatMulHeuristicResult_t results[], int* return_algo_count);
cnnlStatus_t cnnlGetBatchMatMulHeuristicResult(cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size);
cnnlStatus_t cnnlBatchMatMulBCast_v2(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlMatMulAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b, const void* beta, const cnnlTensorDescriptor_t c_desc, void* c, void* workspace, size_t workspace_size);
cnnlStatus_t cnnlCreateConvolutionDescriptor(cnnlConvolutionDescriptor_t* desc);
cnnlStatus_t cnnlSetConvolutionDescriptor(cnnlConvolutionDescriptor_t desc, int dims, const int pad[], const int stride[], const int dilation[], int group_count, cnnlDataType_t compute_type);
cnnlStatus_t cnnlSetConvolutionDescriptorAllowTF32(cnnlConvolutionDescriptor_t desc, bool allow_tf32);
cnnlStatus_t cnnlDestroyConvolutionDescriptor(cnnlConvolutionDescriptor_t desc);
cnnlStatus_t cnnlGetConvolutionForwardAlgorithm(cnnlHandle_t handle, const cnnlConvolutionDescriptor_t conv_desc, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t w_desc, const cnnlTensorDescriptor_t y_desc, cnnlConvolutionFwdPreference_t preference, cnnlConvolutionForwardAlgo_t* algo);
cnnlStatus_t cnnlGetConvolutionForwardWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t w_desc, const cnnlTensorDescriptor_t y_desc, const cnnlTensorDescriptor_t bias_desc, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionForwardAlgo_t algo, size_t* size);
cnnlStatus_t cnnlConvolutionForward(cnnlHandle_t handle, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionForwardAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const cnnlTensorDescriptor_t w_desc, const void* w, const cnnlTensorDescriptor_t bias_desc, const void* bias, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y);
cnnlStatus_t cnnlGetConvolutionBackwardDataAlgorithm(cnnlHandle_t handle, cnnlTensorDescriptor_t filter_desc, cnnlTensorDescriptor_t out_backprop_desc, cnnlConvolutionDescriptor_t conv_desc, cnnlTensorDescriptor_t in_backprop_desc, cnnlConvolutionBwdDataPreference_t pre_t, cnnlConvolutionBwdDataAlgo_t* algo_t);
cnnlStatus_t cnnlGetConvolutionBackwardDataWorkspaceSize(cnnlHandle_t handle, cnnlTensorDescriptor_t filter_desc, cnnlTensorDescriptor_t out_backprop_desc, cnnlConvolutionDescriptor_t conv_desc, cnnlTensorDescriptor_t in_backprop_desc, cnnlConvolutionBwdDataAlgo_t algo_t, size_t* workspace_size);
cnnlStatus_t cnnlConvolutionBackwardData(cnnlHandle_t handle, const void* alpha, const cnnlTensorDescriptor_t w_desc, const void* w, const cnnlTensorDescriptor_t diff_y_desc, const void* diff_y, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionBwdDataAlgo_t algo, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t diff_x_desc, void* diff_x);
cnnlStatus_t cnnlCreatePoolingDescriptor(cnnlPoolingDescriptor_t* desc);
cnnlStatus_t cnnlSetPooling2dDescriptor_v2(cnnlPoolingDescriptor_t desc, cnnlPoolingMode_t mode, cnnlNanPropagation_t nan_opt, int kernel_h, int kernel_w, int pad_up, int pad_down, int pad_left, int pad_right, int stride_h, int stride_w, int dilation_h, int dilation_w, bool ceil_mode);
cnnlStatus_t cnnlDestroyPoolingDescriptor(cnnlPoolingDescriptor_t desc);
cnnlStatus_t cnnlGetPoolingWorkspaceSize(cnnlHandle_t handle, cnnlPoolingMode_t mode, int output_w, int output_h, size_t* size);
cnnlStatus_t cnnlPoolingForward(cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y, void* workspace, size_t workspace_size);
cnnlStatus_t cnnlInterp_v2(cnnlHandle_t handle, bool align_corners, bool half_pixel_centers, cnnlInterpMode_t mode, const float* scale_factors, bool recompute_scale_factor, const cnnlTensorDescriptor_t input_desc, const void* input, const cnnlTensorDescriptor_t output_desc, void* output);
cnnlStatus_t cnnlCreateReduceDescriptor(cnnlReduceDescriptor_t* desc);
cnnlStatus_t cnnlSetReduceDescriptor_v2(cnnlReduceDescriptor_t desc, int axis[], int axis_num, cnnlReduceOp_t op, cnnlDataType_t tensor_type, cnnlNanPropagation_t nan_opt, cnnlReduceIndices_t indices_mode, cnnlIndicesType_t indices_type, float p);
cnnlStatus_t cnnlDestroyReduceDescriptor(cnnlReduceDescriptor_t desc);
cnnlStatus_t cnnlGetReduceOpWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const cnnlTensorDescriptor_t output_desc, const cnnlReduceDescriptor_t reduce_desc, size_t* size);
cnnlStatus_t cnnlReduce(cnnlHandle_t handle, const cnnlReduceDescriptor_t reduce_desc, void* workspace, size_t workspace_size, const void* alpha, const cnnlTensorDescriptor_t input_desc, const void* input, size_t indices_size_inbytes, void* indices, const void* beta, const cnnlTensorDescriptor_t output_desc, void* output);
cnnlStatus_t cnnlCreateOpTensorDescriptor(cnnlOpTensorDescriptor_t* desc);
cnnlStatus_t cnnlSetOpTensorDescriptor(cnnlOpTensorDescriptor_t desc, cnnlOpTensorDesc_t op, cnnlDataType_t compute_type, cnnlNanPropagation_t nan_opt);
cnnlStatus_t cnnlDestroyOpTensorDescriptor(cnnlOpTensorDescriptor_t desc);
cnnlStatus_t cnnlGetOpTensorWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, size_t* size);
cnnlStatus_t cnnlOpTensor(cnnlHandle_t handle, const cnnlOpTensorDescriptor_t op_tensor_desc, const void* alpha1, const cnnlTensorDescriptor_t a_desc, const void* a, const void* alpha2, const cnnlTensorDescriptor_t b_desc, const void* b, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t c_desc, void* c);
cnnlStatus_t cnnlGetDivWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, size_t* size);
cnnlStatus_t cnnlDiv_v2(cnnlHandle_t handle, cnnlComputationPreference_t prefer, const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b, void* workspace, size_t workspace_size, const cnnlTensorDescriptor_t c_desc, void* c);
cnnlStatus_t cnnlCreateActivationDescriptor(cnnlActivationDescriptor_t* desc);
cnnlStatus_t cnnlSetActivationDescriptor_v5(cnnlActivationDescriptor_t desc, cnnlActivationMode_t mode, cnnlActivationPreference_t prefer, cnnlNanPropagation_t nan_opt, float coef, int sliced_dim, float gamma, float scale, bool is_result);
cnnlStatus_t cnnlDestroyActivationDescriptor(cnnlActivationDescriptor_t desc);
cnnlStatus_t cnnlActivationForward(cnnlHandle_t handle, const cnnlActivationDescriptor_t activation_desc, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y);
cnnlStatus_t cnnlSoftmaxForward_v2(cnnlHandle_t handle, cnnlSoftmaxAlgorithm_t algorithm, cnnlSoftmaxMode_t mode, cnnlComputationPreference_t prefer, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y);
cnnlStatus_t cnnlExp_v2(cnnlHandle_t handle, cnnlComputationPreference_t prefer, const cnnlTensorDescriptor_t input_desc, const void* input, const cnnlTensorDescriptor_t output_desc, void* output);
cnnlStatus_t cnnlSqrt_v2(cnnlHandle_t handle, cnnlComputationPreference_t prefer, const cnnlTensorDescriptor_t input_desc, const void* input, const cnnlTensorDescriptor_t output_desc, void* output);
cnnlStatus_t cnnlCreateTransposeDescriptor(cnnlTransposeDescriptor_t* desc);
cnnlStatus_t cnnlSetTransposeDescriptor(cnnlTransposeDescriptor_t desc, int dims, const int permute[]);
cnnlStatus_t cnnlDestroyTransposeDescriptor(cnnlTransposeDescriptor_t desc);
cnnlStatus_t cnnlGetTransposeWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t x_desc, const cnnlTransposeDescriptor_t desc, size_t* size);
cnnlStatus_t cnnlTranspose_v2(cnnlHandle_t handle, const cnnlTransposeDescriptor_t desc, const cnnlTensorDescriptor_t x_desc, const void* x, const cnnlTensorDescriptor_t y_desc, void* y, void* workspace, size_t workspace_size);
}
