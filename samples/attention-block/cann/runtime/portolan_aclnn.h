// What steps that call aclnn operators lean on: descriptors that destroy themselves and the two phases of a call.
#pragma once
#include <initializer_list>

#include "acl/acl.h"
#include "aclnn/acl_meta.h"
#include "portolan.h"

namespace portolan {
inline namespace v1 {

// A view of device memory. Without strides it is dense; with strides (in elements) `storage` says what is behind it.
class AclTensor {
 public:
  using Dims = std::initializer_list<int64_t>;
  AclTensor(void* data, aclDataType type, aclFormat format, Dims dims) {
    int64_t strides[most_dims], count = 1;
    for (size_t i = dims.size(); i-- > 0;) {
      strides[i] = count;
      count *= dims.begin()[i];
    }
    tensor_ = aclCreateTensor(dims.begin(), dims.size(), type, strides, 0, format, dims.begin(), dims.size(), data);
  }
  AclTensor(void* data, aclDataType type, aclFormat format, Dims dims, Dims strides, Dims storage)
      : tensor_(aclCreateTensor(dims.begin(), dims.size(), type, strides.begin(), 0, format, storage.begin(), storage.size(), data)) {}
  ~AclTensor() {
    if (tensor_) aclDestroyTensor(tensor_);
  }
  AclTensor(const AclTensor&) = delete;
  AclTensor& operator=(const AclTensor&) = delete;
  operator aclTensor*() const { return tensor_; }

 private:
  static constexpr size_t most_dims = 8;
  aclTensor* tensor_;
};

class AclInts {
 public:
  explicit AclInts(std::initializer_list<int64_t> values) : array_(aclCreateIntArray(values.begin(), values.size())) {}
  ~AclInts() {
    if (array_) aclDestroyIntArray(array_);
  }
  AclInts(const AclInts&) = delete;
  AclInts& operator=(const AclInts&) = delete;
  operator aclIntArray*() const { return array_; }

 private:
  aclIntArray* array_;
};

class AclScalar {
 public:
  explicit AclScalar(float value) : scalar_(aclCreateScalar(&value, ACL_FLOAT)) {}
  explicit AclScalar(int64_t value) : scalar_(aclCreateScalar(&value, ACL_INT64)) {}
  ~AclScalar() {
    if (scalar_) aclDestroyScalar(scalar_);
  }
  AclScalar(const AclScalar&) = delete;
  AclScalar& operator=(const AclScalar&) = delete;
  operator aclScalar*() const { return scalar_; }

 private:
  aclScalar* scalar_;
};

// What the first phase of a call gives and the second takes. The workspace is the context's, grown to fit.
struct AclCall {
  explicit AclCall(const Run& run) : run(run), stream(run.stream) {}
  const Run& run;
  aclrtStream stream;
  uint64_t bytes = 0;
  aclOpExecutor* executor = nullptr;
  void* workspace = nullptr;

  // 0, or the runtime's "out of memory" when the workspace cannot be had.
  int reserve() {
    workspace = bytes > 0 ? run.workspace(static_cast<size_t>(bytes)) : nullptr;
    return bytes > 0 && !workspace ? 207001 : 0;
  }
};

}  // namespace v1
}  // namespace portolan
