// What the CNNL entry points share: descriptors, operands as float arrays, and the checks every call makes.
#pragma once
#include <stdint.h>

#include <atomic>
#include <memory>
#include <vector>

#include "core.h"
#include "include/cnnl.h"

struct cnnlContext {
  cnrtQueue_t queue = nullptr;
};
struct cnnlTensorStruct {
  bool set = false;
  cnnlTensorLayout_t layout = CNNL_LAYOUT_ARRAY;
  cnnlDataType_t dtype = CNNL_DTYPE_INVALID;
  std::vector<int64_t> dims;
};
struct cnnlQuantizeExStruct {
  bool set = false;
  cnnlDataType_t dtype = CNNL_DTYPE_INVALID;
  float step = 0;  // of levels: what one of them is; 0 where they are none
};
struct cnnlMatMulStruct {
  cnnlQuantizeExStruct a_quant, b_quant;
  bool trans_a = false, trans_b = false, use_beta = false;
  // The library's own default; programs that want fp32 must say so.
  bool allow_tf32 = true;
  cnnlDataType_t compute = CNNL_DTYPE_INVALID;
  // What the result accumulates in when it is of halves; INVALID: nobody said.
  cnnlDataType_t onchip = CNNL_DTYPE_INVALID;
};
struct cnnlMatMulAlgoStruct {
  bool chosen = false;
};
struct cnnlMatMulHeuristicResultStruct {
  bool filled = false;
  size_t workspace = 0;
};
struct cnnlConvolutionStruct {
  cnnlQuantizeExStruct x_quant, w_quant;
  bool set = false, allow_tf32 = true;
  int rank = 0, groups = 1;
  std::vector<int> pad, stride, dilation;
  cnnlDataType_t compute = CNNL_DTYPE_INVALID, onchip = CNNL_DTYPE_INVALID;
};
struct cnnlPoolingStruct {
  bool set = false, ceil_mode = false;
  cnnlPoolingMode_t mode = CNNL_POOLING_MAX;
  int kernel[2], pad[4], stride[2], dilation[2];
};
struct cnnlReduceStruct {
  bool set = false;
  std::vector<int> axes;
  cnnlReduceOp_t op = CNNL_REDUCE_ADD;
};
struct cnnlOpTensorStruct {
  bool set = false;
  cnnlOpTensorDesc_t op = CNNL_OP_TENSOR_ADD;
  cnnlDataType_t compute = CNNL_DTYPE_INVALID;
};
struct cnnlActivationStruct {
  bool set = false;  // the mode
  cnnlActivationMode_t mode = CNNL_ACTIVATION_RELU;
  cnnlActivationPreference_t preference = CNNL_ACTIVATION_FAST;
};
struct cnnlTransposeStruct {
  std::vector<int> perm;
};

namespace twin::cnnl {

// Live descriptors; what is left when the last handle goes is a leak.
extern std::atomic<int64_t> live_descriptors;

template <class T>
cnnlStatus_t create(T** out) {
  *out = new T;
  ++live_descriptors;
  return CNNL_STATUS_SUCCESS;
}
template <class T>
cnnlStatus_t destroy(T* d) {
  if (!d) return CNNL_STATUS_BAD_PARAM;
  delete d;
  --live_descriptors;
  return CNNL_STATUS_SUCCESS;
}

size_t size_of(cnnlDataType_t t);
int64_t count(const cnnlTensorStruct& d);
bool is_float(cnnlDataType_t t);
// Whether two operands are levels whose steps are known, which give a result of FLOAT.
bool are_levels(const cnnlTensorStruct& a, const cnnlTensorStruct& b, const cnnlTensorStruct& y, const cnnlQuantizeExStruct& qa, const cnnlQuantizeExStruct& qb);

// Makes a call's checks readable: the first that fails gives the status and the text of the refusal.
class Check {
 public:
  explicit Check(const char* call, cnnlHandle_t handle) : call_(call) {
    need(handle != nullptr, "no handle");
    counters().library_calls++;
  }
  bool need(bool ok, const char* why, cnnlStatus_t status = CNNL_STATUS_BAD_PARAM);
  bool tensor(cnnlTensorDescriptor_t d, const char* what);
  bool float_tensor(cnnlTensorDescriptor_t d, const char* what);
  // A device pointer for a tensor; read means it must have been written.
  bool input(cnnlTensorDescriptor_t d, const void* p, const char* what);
  bool output(cnnlTensorDescriptor_t d, void* p, const char* what);
  bool workspace(void* p, size_t given, size_t wanted);
  bool ok() const { return status_ == CNNL_STATUS_SUCCESS; }
  cnnlStatus_t status() const { return status_; }

 private:
  const char* call_;
  cnnlStatus_t status_ = CNNL_STATUS_SUCCESS;
};

// The values of an operand as floats: f32 in place, halves and levels widened once.
class Values {
 public:
  Values(cnnlTensorDescriptor_t d, const void* p, bool tf32);
  const float* data() const { return data_; }

 private:
  const float* data_;
  std::vector<float> copy_;
};

// A result computed in float; `store` rounds it once into the tensor.
class Result {
 public:
  Result(cnnlTensorDescriptor_t d, void* p);
  float* data() { return data_; }
  void store();

 private:
  cnnlTensorDescriptor_t desc_;
  void* to_;
  float* data_;
  std::vector<float> copy_;
};

// One number in a half or bfloat16 accumulator: what a sum becomes where nobody asked for float.
float rounded_to(cnnlDataType_t dtype, float x);
// What stands where the vendor leaves a result open: the bytes DEADBEEF, and a note of it.
float unspecified(const char* call, const char* what);

// A buffer of device scratch every call of some kind asks for, so that programs that forget the workspace are caught.
constexpr size_t scratch_bytes = 1024;

}  // namespace twin::cnnl
