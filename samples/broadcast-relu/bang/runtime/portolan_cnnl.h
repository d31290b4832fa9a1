// CNNL descriptors that destroy themselves on every path out of a step, and the few lines each call would repeat.
#pragma once
#include <cnnl.h>
#include <stdint.h>

#include <initializer_list>

#include "portolan.h"

namespace portolan {
namespace bang {

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
using MatMul = Held<cnnlMatMulDescriptor_t, cnnlMatMulDescCreate, cnnlMatMulDescDestroy>;
using MatMulAlgo = Held<cnnlMatMulAlgo_t, cnnlMatMulAlgoCreate, cnnlMatMulAlgoDestroy>;
using MatMulHeuristic = Held<cnnlMatMulHeuristicResult_t, cnnlCreateMatMulHeuristicResult, cnnlDestroyMatMulHeuristicResult>;
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

}  // namespace bang
}  // namespace portolan
