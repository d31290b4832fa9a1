// What the operators of the twin's aclnn share: descriptors taken apart, checks that refuse what the documents refuse,
// values as floats, and the executor that carries a call from its first phase to its second.
#pragma once
#include <stdint.h>

#include <functional>
#include <string>
#include <vector>

#include "../include/aclnn/acl_meta.h"
#include "core.h"

using Dims = std::vector<int64_t>;

struct aclTensor {
  Dims dims, strides, storage;  // strides in elements
  int64_t offset;
  aclDataType type;
  aclFormat format;
  char* data;
};
struct aclScalar {
  double value;
  aclDataType type;
};
struct aclIntArray {
  Dims values;
};
struct aclOpExecutor {
  std::string call;
  uint64_t workspace;
  std::function<void()> run;
};

namespace twin::aclnn {

constexpr aclnnStatus null_pointer = 161001, bad_parameter = 161002, no_kernel = 561103;

int64_t count_of(const Dims& dims);
size_t size_of(aclDataType type);
bool is_dense(const aclTensor& t);
std::string show(const Dims& dims);

// A call's checks: the first that fails decides its status, the rest are skipped.
class Check {
 public:
  // Refuses a call that is not documented for the chip.
  explicit Check(const char* call);
  Check& given(const void* p, const char* name);
  Check& that(bool holds, const char* format, ...) __attribute__((format(printf, 3, 4)));
  Check& type(const aclTensor* t, const char* name, std::initializer_list<aclDataType> allowed);
  Check& same_type(const aclTensor* a, const aclTensor* b);
  Check& rank(const aclTensor* t, const char* name, size_t low, size_t high);
  Check& dense(const aclTensor* t, const char* name);
  Check& shape(const aclTensor* t, const char* name, const Dims& wanted);
  Check& format(const aclTensor* t, const char* name);  // NCL, NCHW or NCDHW by rank
  // The matrix unit: cubeMathType 0 keeps types, and 2002 has no fp32 there.
  Check& cube(const aclTensor* t, int8_t cubeMathType);
  explicit operator bool() const { return status_ == ACLNN_SUCCESS; }
  aclnnStatus status() const { return status_; }

 private:
  aclnnStatus fail(aclnnStatus status, const std::string& why);
  const char* call_;
  aclnnStatus status_ = ACLNN_SUCCESS;
};

// Ends a first phase: the workspace the second will be asked for, and what it will do.
aclnnStatus accept(const char* call, uint64_t workspace, uint64_t* size, aclOpExecutor** executor, std::function<void()> run);
// A second phase.
aclnnStatus execute(const char* call, void* workspace, uint64_t size, aclOpExecutor* executor, aclrtStream stream);

// All elements in row-major order of the view, floats or integers as doubles would hold them; reads are checked.
std::vector<float> load(const aclTensor& t);
void store(const aclTensor& t, const float* values);
std::vector<int64_t> load_integers(const aclTensor& t);
void store_integers(const aclTensor& t, const int64_t* values);
// The operand of a product as the matrix unit takes it in this cubeMathType: whole, as HF32 (1 and 3) or as f16 (2; 1 where the unit takes no float).
std::vector<float> load_cube(const aclTensor& t, int8_t cubeMathType);
// Copies elements of any type, one view to another of the same dims.
void copy_elements(const aclTensor& from, const aclTensor& to);
bool is_float(aclDataType type);

// The shape both broadcast to, or nothing.
bool broadcast(const Dims& a, const Dims& b, Dims& out);
// A view of t repeated to these dims.
aclTensor expanded(const aclTensor& t, const Dims& dims);

}  // namespace twin::aclnn

// The two phases of one operator; the body of the first follows.
#define TWIN_SECOND_PHASE(Name)                                                                                        \
  extern "C" aclnnStatus Name(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream) { \
    return twin::aclnn::execute(#Name, workspace, workspaceSize, executor, stream);                                    \
  }
