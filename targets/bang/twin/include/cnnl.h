// CNNL for the twin: the calls that generated programs make, with the parameters and the numbers of the vendor's documented
// header (CNNL 1.28.6). Names that this header marks as deprecated are not here, so that a program that calls one does not
// build: CNNL 2 has dropped them.
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

enum cnnlNanPropagation_t { CNNL_NOT_PROPAGATE_NAN = 0, CNNL_PROPAGATE_NAN = 1 };
enum cnnlQuantizeScheme_t {
  CNNL_QUANTIZE_NONE = 0,
  CNNL_QUANTIZE_PER_TENSOR = 1,
  CNNL_QUANTIZE_PER_CHANNEL = 2,
  CNNL_QUANTIZE_PER_TOKEN = 3,
  CNNL_QUANTIZE_GROUP_WISE = 4,
};
enum cnnlMatMulDescAttribute_t {
  CNNL_MATMUL_DESC_COMPUTE_TYPE = 0,
  CNNL_MATMUL_DESC_TRANSA = 3,
  CNNL_MATMUL_DESC_TRANSB = 4,
  CNNL_MATMUL_ALLOW_TF32 = 10,
  CNNL_MATMUL_USE_BETA = 11,
  CNNL_MATMUL_USE_STRIDE = 13,
  CNNL_MATMUL_A_QUANT = 21,
  CNNL_MATMUL_B_QUANT = 22,
  CNNL_MATMUL_D_QUANT = 23,
};
enum cnnlConvolutionForwardAlgo_t { CNNL_CONVOLUTION_FWD_ALGO_DIRECT = 0, CNNL_CONVOLUTION_FWD_ALGO_GEMM = 1 };
enum cnnlConvolutionBwdDataAlgo_t { CNNL_CONVOLUTION_BWD_DATA_ALGO_DIRECT = 0 };
enum cnnlPoolingMode_t {
  CNNL_POOLING_MAX = 0,
  CNNL_POOLING_AVERAGE_COUNT_INCLUDE_PADDING = 1,
  CNNL_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING = 2,
};
enum cnnlReduceOp_t { CNNL_REDUCE_ADD = 0, CNNL_REDUCE_AVG = 1, CNNL_REDUCE_MUL = 2, CNNL_REDUCE_MAX = 3, CNNL_REDUCE_MIN = 4 };
enum cnnlReduceIndices_t { CNNL_REDUCE_NO_INDICES = 0, CNNL_REDUCE_FLATTENED_INDICES = 1, CNNL_REDUCE_ONLY_INDICES = 2 };
enum cnnlIndicesType_t { CNNL_32BIT_INDICES = 0, CNNL_16BIT_INDICES = 1, CNNL_64BIT_INDICES = 2 };
enum cnnlOpTensorDesc_t { CNNL_OP_TENSOR_ADD = 0, CNNL_OP_TENSOR_SUB = 1, CNNL_OP_TENSOR_MUL = 2 };
enum cnnlActivationMode_t { CNNL_ACTIVATION_SIGMOID = 0, CNNL_ACTIVATION_RELU = 1, CNNL_ACTIVATION_TANH = 3 };
enum cnnlActivationPreference_t { CNNL_ACTIVATION_FAST = 0, CNNL_ACTIVATION_HIGH_PRECISION = 1 };
enum cnnlActivationDescAttribute_t {
  CNNL_ACTIVATION_MODE = 0,
  CNNL_ACTIVATION_PREFERENCE = 1,
  CNNL_ACTIVATION_NAN_PROP = 2,
  CNNL_ACTIVATION_COEF = 3,
};
enum cnnlSoftmaxAlgorithm_t { CNNL_SOFTMAX_FAST = 0, CNNL_SOFTMAX_ACCURATE = 1, CNNL_SOFTMAX_LOG = 2 };
enum cnnlSoftmaxMode_t { CNNL_SOFTMAX_MODE_HIGH_DIMENSION = 0, CNNL_SOFTMAX_MODE_MEDIUM_DIMENSION = 1, CNNL_SOFTMAX_MODE_LOW_DIMENSION = 2 };

typedef struct cnnlContext* cnnlHandle_t;
typedef struct cnnlTensorStruct* cnnlTensorDescriptor_t;
typedef struct cnnlMatMulStruct* cnnlMatMulDescriptor_t;
typedef struct cnnlMatMulAlgoStruct* cnnlMatMulAlgo_t;
typedef struct cnnlMatMulPreferStruct* cnnlMatMulPrefer_t;
typedef struct cnnlMatMulHeuristicResultStruct* cnnlMatMulHeuristicResult_t;
typedef struct cnnlConvolutionStruct* cnnlConvolutionDescriptor_t;
typedef struct cnnlPoolingStruct* cnnlPoolingDescriptor_t;
typedef struct cnnlQuantizeExStruct* cnnlQuantizeExDescriptor_t;
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
cnnlStatus_t cnnlCreateQuantizeExDescriptor(cnnlQuantizeExDescriptor_t* desc);
cnnlStatus_t cnnlSetQuantizeExDescriptorQuantSchemeAndDtype(cnnlQuantizeExDescriptor_t desc, cnnlQuantizeScheme_t scheme, cnnlDataType_t dtype);
cnnlStatus_t cnnlDestroyQuantizeExDescriptor(cnnlQuantizeExDescriptor_t desc);
cnnlStatus_t cnnlDestroyTensorDescriptor(cnnlTensorDescriptor_t desc);
cnnlStatus_t cnnlCreateMatMulDescriptor(cnnlMatMulDescriptor_t* desc);
cnnlStatus_t cnnlSetMatMulDescAttr(cnnlMatMulDescriptor_t desc, cnnlMatMulDescAttribute_t attr, const void* buf, size_t size_in_bytes);
cnnlStatus_t cnnlDestroyMatMulDescriptor(cnnlMatMulDescriptor_t desc);
cnnlStatus_t cnnlCreateMatMulAlgo(cnnlMatMulAlgo_t* algo);
cnnlStatus_t cnnlDestroyMatMulAlgo(cnnlMatMulAlgo_t desc);
cnnlStatus_t cnnlCreateMatMulHeuristicResult(cnnlMatMulHeuristicResult_t* result);
cnnlStatus_t cnnlDestroyMatMulHeuristicResult(cnnlMatMulHeuristicResult_t desc);
cnnlStatus_t cnnlGetMatMulAlgoHeuristic(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, const cnnlTensorDescriptor_t d_desc, cnnlMatMulPrefer_t preference, int requested_algo_count, cnnlMatMulHeuristicResult_t results[], int* return_algo_count);
cnnlStatus_t cnnlGetMatMulHeuristicResult(cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size);
cnnlStatus_t cnnlMatMul_v2(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlMatMulAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b, const void* beta, const cnnlTensorDescriptor_t c_desc, const void* c, void* workspace, size_t workspace_size, const cnnlTensorDescriptor_t d_desc, void* d);
cnnlStatus_t cnnlGetBatchMatMulExAlgoHeuristic(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, cnnlMatMulPrefer_t preference, int requested_algo_count, cnnlMatMulHeuristicResult_t results[], int* return_algo_count);
cnnlStatus_t cnnlGetBatchMatMulExHeuristicResult(cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size);
cnnlStatus_t cnnlBatchMatMulEx(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlMatMulAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b, const void* beta, const cnnlTensorDescriptor_t c_desc, void* c, void* workspace, size_t workspace_size);
cnnlStatus_t cnnlCreateConvolutionDescriptor(cnnlConvolutionDescriptor_t* desc);
cnnlStatus_t cnnlSetConvolutionDescriptor(cnnlConvolutionDescriptor_t desc, int dims, const int pad[], const int stride[], const int dilation[], int group_count, cnnlDataType_t compute_type);
cnnlStatus_t cnnlSetConvolutionDescriptorAllowTF32(cnnlConvolutionDescriptor_t desc, bool allow_tf32);
cnnlStatus_t cnnlDestroyConvolutionDescriptor(cnnlConvolutionDescriptor_t desc);
cnnlStatus_t cnnlSetConvolutionDescriptorQuant(cnnlConvolutionDescriptor_t desc, cnnlQuantizeExDescriptor_t x_quant_desc, cnnlQuantizeExDescriptor_t w_quant_desc, cnnlQuantizeExDescriptor_t y_quant_desc);
cnnlStatus_t cnnlGetConvolutionForwardWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t w_desc, const cnnlTensorDescriptor_t y_desc, const cnnlTensorDescriptor_t bias_desc, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionForwardAlgo_t algo, size_t* size);
cnnlStatus_t cnnlConvolutionForward(cnnlHandle_t handle, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionForwardAlgo_t algo, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const cnnlTensorDescriptor_t w_desc, const void* w, const cnnlTensorDescriptor_t bias_desc, const void* bias, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y);
cnnlStatus_t cnnlGetConvolutionBackwardDataWorkspaceSize(cnnlHandle_t handle, cnnlTensorDescriptor_t filter_desc, cnnlTensorDescriptor_t out_backprop_desc, cnnlConvolutionDescriptor_t conv_desc, cnnlTensorDescriptor_t in_backprop_desc, cnnlConvolutionBwdDataAlgo_t algo_t, size_t* workspace_size);
cnnlStatus_t cnnlConvolutionBackwardData(cnnlHandle_t handle, const void* alpha, const cnnlTensorDescriptor_t w_desc, const void* w, const cnnlTensorDescriptor_t diff_y_desc, const void* diff_y, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionBwdDataAlgo_t algo, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t diff_x_desc, void* diff_x);
cnnlStatus_t cnnlCreatePoolingDescriptor(cnnlPoolingDescriptor_t* desc);
cnnlStatus_t cnnlSetPooling2dDescriptor_v2(cnnlPoolingDescriptor_t desc, cnnlPoolingMode_t mode, cnnlNanPropagation_t nan_opt, int kernel_h, int kernel_w, int pad_up, int pad_down, int pad_left, int pad_right, int stride_h, int stride_w, int dilation_h, int dilation_w, bool ceil_mode);
cnnlStatus_t cnnlDestroyPoolingDescriptor(cnnlPoolingDescriptor_t desc);
cnnlStatus_t cnnlGetPoolingWorkspaceSize_v2(cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t y_desc, size_t* size);
cnnlStatus_t cnnlGetPoolingExtraInputSize(cnnlHandle_t handle, cnnlPoolingMode_t mode, int out_w_size, int out_h_size, size_t* extra_input_size);
cnnlStatus_t cnnlInitPoolingExtraInput(cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t y_desc, void* extra_host_input);
cnnlStatus_t cnnlPoolingForward_v2(cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const void* extra_input, const cnnlTensorDescriptor_t y_desc, void* y, void* workspace, size_t workspace_size);
cnnlStatus_t cnnlCreateReduceDescriptor(cnnlReduceDescriptor_t* desc);
cnnlStatus_t cnnlSetReduceDescriptor_v2(cnnlReduceDescriptor_t desc, int axis[], int axis_num, cnnlReduceOp_t op, cnnlDataType_t tensor_type, cnnlNanPropagation_t nan_opt, cnnlReduceIndices_t indices_mode, cnnlIndicesType_t indices_type, float p);
cnnlStatus_t cnnlDestroyReduceDescriptor(cnnlReduceDescriptor_t desc);
cnnlStatus_t cnnlGetReduceOpWorkspaceSize_v2(cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const cnnlTensorDescriptor_t output_desc, const cnnlTensorDescriptor_t indices_desc, const cnnlReduceDescriptor_t reduce_desc, size_t* size);
cnnlStatus_t cnnlReduce_v2(cnnlHandle_t handle, const cnnlReduceDescriptor_t reduce_desc, const cnnlTensorDescriptor_t input_desc, const void* input, const void* alpha, const void* beta, void* workspace, size_t workspace_size, const cnnlTensorDescriptor_t output_desc, void* output, const cnnlTensorDescriptor_t indices_desc, void* indices);
cnnlStatus_t cnnlCreateOpTensorDescriptor(cnnlOpTensorDescriptor_t* desc);
cnnlStatus_t cnnlSetOpTensorDescriptor(cnnlOpTensorDescriptor_t desc, cnnlOpTensorDesc_t op, cnnlDataType_t compute_type, cnnlNanPropagation_t nan_opt);
cnnlStatus_t cnnlDestroyOpTensorDescriptor(cnnlOpTensorDescriptor_t desc);
cnnlStatus_t cnnlGetOpTensorWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, size_t* size);
cnnlStatus_t cnnlOpTensor(cnnlHandle_t handle, const cnnlOpTensorDescriptor_t op_tensor_desc, const void* alpha1, const cnnlTensorDescriptor_t a_desc, const void* a, const void* alpha2, const cnnlTensorDescriptor_t b_desc, const void* b, void* workspace, size_t workspace_size, const void* beta, const cnnlTensorDescriptor_t c_desc, void* c);
cnnlStatus_t cnnlCreateActivationDescriptor(cnnlActivationDescriptor_t* desc);
cnnlStatus_t cnnlSetActivationDescAttr(cnnlActivationDescriptor_t desc, cnnlActivationDescAttribute_t attr, const void* buf, size_t size_in_bytes);
cnnlStatus_t cnnlDestroyActivationDescriptor(cnnlActivationDescriptor_t desc);
cnnlStatus_t cnnlActivationForward(cnnlHandle_t handle, const cnnlActivationDescriptor_t activation_desc, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y);
cnnlStatus_t cnnlSoftmaxForward(cnnlHandle_t handle, cnnlSoftmaxAlgorithm_t algorithm, cnnlSoftmaxMode_t mode, const void* alpha, const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y);
cnnlStatus_t cnnlExp(cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const void* input, const cnnlTensorDescriptor_t output_desc, void* output);
cnnlStatus_t cnnlSqrt(cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const void* input, const cnnlTensorDescriptor_t output_desc, void* output);
cnnlStatus_t cnnlCreateTransposeDescriptor(cnnlTransposeDescriptor_t* desc);
cnnlStatus_t cnnlSetTransposeDescriptor(cnnlTransposeDescriptor_t desc, int dims, const int permute[]);
cnnlStatus_t cnnlDestroyTransposeDescriptor(cnnlTransposeDescriptor_t desc);
cnnlStatus_t cnnlGetTransposeWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t x_desc, const cnnlTransposeDescriptor_t desc, size_t* size);
cnnlStatus_t cnnlTranspose_v2(cnnlHandle_t handle, const cnnlTransposeDescriptor_t desc, const cnnlTensorDescriptor_t x_desc, const void* x, const cnnlTensorDescriptor_t y_desc, void* y, void* workspace, size_t workspace_size);
}
