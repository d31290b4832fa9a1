// CNNL descriptors that destroy themselves on every path out of a step, and the few lines each call would repeat.
#pragma once
#include <cnnl.h>
#include <stdint.h>
#include <stdlib.h>

#include <initializer_list>

#include "portolan.h"

namespace portolan {
inline namespace v1 {
namespace bang {

// CNRT and CNNL both count their errors from 1. A CNNL status leaves a step as this number plus itself, above all of CNRT's,
// so that the text that is given for it comes from the library that failed.
constexpr int cnnl_failure = 1000000;

// A CNNL object between its Create and Destroy calls.
template <class T, cnnlStatus_t (*Create)(T*), cnnlStatus_t (*Destroy)(T)>
class Held {
 public:
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (object_) Destroy(object_);
  }
  cnnlStatus_t create() { return Create(&object_); }
  operator T() const { return object_; }
  // For calls that take an array of objects.
  T* address() { return &object_; }

 private:
  T object_ = nullptr;
};

using Convolution = Held<cnnlConvolutionDescriptor_t, cnnlCreateConvolutionDescriptor, cnnlDestroyConvolutionDescriptor>;
using Pooling = Held<cnnlPoolingDescriptor_t, cnnlCreatePoolingDescriptor, cnnlDestroyPoolingDescriptor>;
using MatMul = Held<cnnlMatMulDescriptor_t, cnnlCreateMatMulDescriptor, cnnlDestroyMatMulDescriptor>;
using MatMulAlgo = Held<cnnlMatMulAlgo_t, cnnlCreateMatMulAlgo, cnnlDestroyMatMulAlgo>;
using MatMulHeuristic = Held<cnnlMatMulHeuristicResult_t, cnnlCreateMatMulHeuristicResult, cnnlDestroyMatMulHeuristicResult>;
using Quantize = Held<cnnlQuantizeExDescriptor_t, cnnlCreateQuantizeExDescriptor, cnnlDestroyQuantizeExDescriptor>;
using Reduce = Held<cnnlReduceDescriptor_t, cnnlCreateReduceDescriptor, cnnlDestroyReduceDescriptor>;
using OpTensor = Held<cnnlOpTensorDescriptor_t, cnnlCreateOpTensorDescriptor, cnnlDestroyOpTensorDescriptor>;
using Activation = Held<cnnlActivationDescriptor_t, cnnlCreateActivationDescriptor, cnnlDestroyActivationDescriptor>;
using Transpose = Held<cnnlTransposeDescriptor_t, cnnlCreateTransposeDescriptor, cnnlDestroyTransposeDescriptor>;

// A dense tensor. Dims are in the order of the layout; CNNL counts them in int.
class Tensor : public Held<cnnlTensorDescriptor_t, cnnlCreateTensorDescriptor, cnnlDestroyTensorDescriptor> {
 public:
  cnnlStatus_t set(cnnlTensorLayout_t layout, cnnlDataType_t type, std::initializer_list<int64_t> dims) {
    int sizes[CNNL_DIM_MAX];
    int rank = 0;
    for (const int64_t d : dims) {
      if (rank == CNNL_DIM_MAX || d > INT32_MAX) return CNNL_STATUS_NOT_SUPPORTED;
      sizes[rank++] = static_cast<int>(d);
    }
    const cnnlStatus_t status = create();
    return status == CNNL_STATUS_SUCCESS ? cnnlSetTensorDescriptor(*this, layout, type, rank, sizes) : status;
  }
};

// What some pooling modes read beside their input: CNNL writes it on the host, and it lies behind the workspace.
struct PoolingTable {
  size_t bytes = 0;
  void* at = nullptr;

  // Bytes of a workspace with the table behind it.
  size_t behind(size_t workspace_bytes) const { return bytes > 0 ? begin(workspace_bytes) + bytes : workspace_bytes; }
  int fill(const Run& r, cnnlHandle_t handle, cnnlPoolingDescriptor_t pool, cnnlTensorDescriptor_t x, cnnlTensorDescriptor_t y, void* workspace,
           size_t workspace_bytes) {
    if (bytes == 0) return ok;
    void* host = malloc(bytes);
    if (!host) return no_memory;
    at = static_cast<uint8_t*>(workspace) + begin(workspace_bytes);
    const cnnlStatus_t made = cnnlInitPoolingExtraInput(handle, pool, x, y, host);
    int status = made == CNNL_STATUS_SUCCESS ? ok : cnnl_failure + static_cast<int>(made);
    if (status == ok) status = device::copy_in(at, host, bytes, r.stream);
    // The copy reads `host` until the stream has passed it.
    if (status == ok) status = device::synchronize(r.stream);
    free(host);
    return status;
  }

 private:
  static size_t begin(size_t workspace_bytes) { return (workspace_bytes + 255) / 256 * 256; }
};

}  // namespace bang
}  // namespace v1
}  // namespace portolan

// Leaves a step with a CNNL status when it is not success, told apart from CNRT's.
#define PTL_CNNL(...)                                                                                 \
  do {                                                                                                \
    if (const int ptl_status = (int)(__VA_ARGS__)) return ::portolan::bang::cnnl_failure + ptl_status; \
  } while (0)
