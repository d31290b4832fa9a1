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
enum cnnlQuantizeMode_t {
  CNNL_QUANTIZE_POSITION = 0,
  CNNL_QUANTIZE_POSITION_SCALE = 1,
  CNNL_QUANTIZE_POSITION_SCALE_OFFSET = 2,
  CNNL_QUANTIZE_SCALE = 3,
  CNNL_QUANTIZE_PARAM_NONE = 255,
};
enum cnnlPointerMode_t { CNNL_POINTER_MODE_HOST = 0, CNNL_POINTER_MODE_DEVICE = 1 };
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
#include "cnnl.gen.h"
// Programs of others ask a handle for its queue, to launch kernels on it.
cnnlStatus_t cnnlGetQueue(cnnlHandle_t handle, cnrtQueue_t* queue);
}
