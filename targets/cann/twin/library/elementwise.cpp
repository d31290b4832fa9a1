// Pointwise operators with numpy's broadcasting, reductions, softmax, transposition and TopK of the twin's aclnn.
#include <math.h>

#include <algorithm>
#include <numeric>

#include "../device.h"
#include "../include/aclnnop/aclnn_add.h"
#include "../include/aclnnop/aclnn_amax.h"
#include "../include/aclnnop/aclnn_div.h"
#include "../include/aclnnop/aclnn_mean.h"
#include "../include/aclnnop/aclnn_mul.h"
#include "../include/aclnnop/aclnn_permute.h"
#include "../include/aclnnop/aclnn_relu.h"
#include "../include/aclnnop/aclnn_sigmoid.h"
#include "../include/aclnnop/aclnn_softmax.h"
#include "../include/aclnnop/aclnn_sub.h"
#include "../include/aclnnop/aclnn_tanh.h"
#include "../include/aclnnop/aclnn_topk.h"
#include "math/lines.h"
#include "tensor.h"

using namespace twin::aclnn;
using namespace twin::math;

namespace {

constexpr size_t most_dims = 8;

aclnnStatus pointwise(const char* call, const aclTensor* x, const aclTensor* y, uint64_t* size, aclOpExecutor** executor, float (*f)(float)) {
  Check check(call);
  if (!check.given(x, "self").given(y, "out")) return check.status();
  check.rank(x, "self", 0, most_dims).type(x, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16}).same_type(x, y).shape(y, "out", x->dims);
  if (!check) return check.status();
  return accept(call, 0, size, executor, [a = *x, b = *y, f] {
    std::vector<float> values = load(a);
    for (float& v : values) v = f(v);
    store(b, values.data());
  });
}

template <class F, class I>
aclnnStatus combine(const char* call, const aclTensor* a, const aclTensor* b, const aclTensor* y, uint64_t* size, aclOpExecutor** executor, F f, I integer) {
  Check check(call);
  if (!check.given(a, "self").given(b, "other").given(y, "out")) return check.status();
  Dims out;
  check.rank(a, "self", 0, most_dims).rank(b, "other", 0, most_dims).type(a, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16, ACL_INT32, ACL_INT64, ACL_INT8, ACL_UINT8, ACL_INT16});
  // Types may differ by promotion; the twin takes what generated code says: one type throughout.
  check.same_type(a, b).same_type(a, y).that(broadcast(a->dims, b->dims, out), "%s with %s", show(a->dims).c_str(), show(b->dims).c_str()).shape(y, "out", out);
  if (!check) return check.status();
  return accept(call, 0, size, executor, [x = expanded(*a, out), z = expanded(*b, out), t = *y, f, integer] {
    if (is_float(t.type)) {
      std::vector<float> left = load(x);
      const std::vector<float> right = load(z);
      for (size_t i = 0; i < left.size(); ++i) left[i] = f(left[i], right[i]);
      store(t, left.data());
      return;
    }
    std::vector<int64_t> left = load_integers(x);
    const std::vector<int64_t> right = load_integers(z);
    for (size_t i = 0; i < left.size(); ++i) left[i] = integer(left[i], right[i]);
    store_integers(t, left.data());
  });
}

// Integer sums wrap; they are formed without a sign.
int64_t wrapped(uint64_t x) { return static_cast<int64_t>(x); }

}  // namespace

extern "C" aclnnStatus aclnnReluGetWorkspaceSize(const aclTensor* self, const aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor) {
  return pointwise("aclnnRelu", self, out, workspaceSize, executor, [](float x) { return x > 0 || x != x ? x : 0.0f; });
}
TWIN_SECOND_PHASE(aclnnRelu)

extern "C" aclnnStatus aclnnSigmoidGetWorkspaceSize(const aclTensor* self, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor) {
  return pointwise("aclnnSigmoid", self, out, workspaceSize, executor, [](float x) { return 1.0f / (1.0f + expf(-x)); });
}
TWIN_SECOND_PHASE(aclnnSigmoid)

extern "C" aclnnStatus aclnnTanhGetWorkspaceSize(const aclTensor* self, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor) {
  return pointwise("aclnnTanh", self, out, workspaceSize, executor, [](float x) { return tanhf(x); });
}
TWIN_SECOND_PHASE(aclnnTanh)

extern "C" aclnnStatus aclnnAddGetWorkspaceSize(const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out, uint64_t* workspaceSize,
                                                aclOpExecutor** executor) {
  if (!alpha) return twin::reject(null_pointer, "aclnnAdd", "alpha is null");
  const double k = alpha->value;
  return combine("aclnnAdd", self, other, out, workspaceSize, executor, [k](float a, float b) { return a + (float)k * b; },
                 [k](int64_t a, int64_t b) { return wrapped((uint64_t)a + (uint64_t)(int64_t)k * (uint64_t)b); });
}
TWIN_SECOND_PHASE(aclnnAdd)

extern "C" aclnnStatus aclnnSubGetWorkspaceSize(const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out, uint64_t* workspaceSize,
                                                aclOpExecutor** executor) {
  if (!alpha) return twin::reject(null_pointer, "aclnnSub", "alpha is null");
  const double k = alpha->value;
  return combine("aclnnSub", self, other, out, workspaceSize, executor, [k](float a, float b) { return a - (float)k * b; },
                 [k](int64_t a, int64_t b) { return wrapped((uint64_t)a - (uint64_t)(int64_t)k * (uint64_t)b); });
}
TWIN_SECOND_PHASE(aclnnSub)

extern "C" aclnnStatus aclnnMulGetWorkspaceSize(const aclTensor* self, const aclTensor* other, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor) {
  return combine("aclnnMul", self, other, out, workspaceSize, executor, [](float a, float b) { return a * b; },
                 [](int64_t a, int64_t b) { return wrapped((uint64_t)a * (uint64_t)b); });
}
TWIN_SECOND_PHASE(aclnnMul)

extern "C" aclnnStatus aclnnDivGetWorkspaceSize(const aclTensor* self, const aclTensor* other, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor) {
  if (self && !is_float(self->type)) return twin::reject(bad_parameter, "aclnnDiv", "integers divide as floats here; the twin takes float operands");
  return combine("aclnnDiv", self, other, out, workspaceSize, executor, [](float a, float b) { return a / b; }, [](int64_t, int64_t) { return int64_t{0}; });
}
TWIN_SECOND_PHASE(aclnnDiv)

namespace {

// The tensor with the reduced dims last, and how many elements each result takes in.
struct Reduced {
  aclTensor view;
  int64_t results, each;
};

Check check_reduction(const char* call, const aclTensor* x, const aclIntArray* dim, bool keep, const aclTensor* y, Reduced& r) {
  Check check(call);
  if (!check.given(x, "self").given(dim, "dim").given(y, "out")) return check;
  check.rank(x, "self", 1, most_dims).type(x, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16}).same_type(x, y);
  const int64_t rank = (int64_t)x->dims.size();
  std::vector<bool> gone(rank, false);
  for (int64_t d : dim->values) {
    check.that(d >= -rank && d < rank, "dim %lld of rank %lld", (long long)d, (long long)rank);
    if (!check) return check;
    gone[d < 0 ? d + rank : d] = true;
  }
  Dims out;
  r = {*x, 1, 1};
  r.view.dims.clear();
  r.view.strides.clear();
  for (const bool last : {false, true})
    for (int64_t i = 0; i < rank; ++i)
      if (gone[i] == last) {
        r.view.dims.push_back(x->dims[i]);
        r.view.strides.push_back(x->strides[i]);
        (last ? r.each : r.results) *= x->dims[i];
      }
  for (int64_t i = 0; i < rank; ++i)
    if (!gone[i]) out.push_back(x->dims[i]);
    else if (keep) out.push_back(1);
  check.shape(y, "out", out);
  return check;
}

template <class F>
void store_all(const aclTensor& y, const std::vector<double>& values, F f) {
  std::vector<float> out;
  for (const double v : values) out.push_back((float)f(v));
  store(y, out.data());
}

}  // namespace

extern "C" aclnnStatus aclnnMeanGetWorkspaceSize(const aclTensor* self, const aclIntArray* dim, bool keepDim, aclDataType dtype, aclTensor* out,
                                                 uint64_t* workspaceSize, aclOpExecutor** executor) {
  Reduced r;
  Check check = check_reduction("aclnnMean", self, dim, keepDim, out, r);
  if (!check) return check.status();
  if (!check.that(dtype == out->type, "dtype %d for an output of %d", dtype, out->type)) return check.status();
  return accept("aclnnMean", 0, workspaceSize, executor, [r, y = *out] {
    const std::vector<double> sums = reduced(Fold::sum, load(r.view).data(), {r.results, r.each}, {false, true});
    store_all(y, sums, [&](double sum) { return sum / (double)r.each; });
  });
}
TWIN_SECOND_PHASE(aclnnMean)

extern "C" aclnnStatus aclnnAmaxGetWorkspaceSize(const aclTensor* self, const aclIntArray* dim, bool keepDim, aclTensor* out, uint64_t* workspaceSize,
                                                 aclOpExecutor** executor) {
  Reduced r;
  Check check = check_reduction("aclnnAmax", self, dim, keepDim, out, r);
  if (!check) return check.status();
  if (!check.that(r.each > 0, "the maximum of nothing")) return check.status();
  return accept("aclnnAmax", 0, workspaceSize, executor, [r, y = *out] {
    store_all(y, reduced(Fold::largest, load(r.view).data(), {r.results, r.each}, {false, true}), [](double best) { return best; });
  });
}
TWIN_SECOND_PHASE(aclnnAmax)

extern "C" aclnnStatus aclnnSoftmaxGetWorkspaceSize(const aclTensor* self, int64_t dim, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor) {
  Check check("aclnnSoftmax");
  if (!check.given(self, "self").given(out, "out")) return check.status();
  const int64_t rank = (int64_t)self->dims.size();
  check.rank(self, "self", 1, most_dims).type(self, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16}).same_type(self, out).shape(out, "out", self->dims);
  check.that(dim >= -rank && dim < rank, "dim %lld of rank %lld", (long long)dim, (long long)rank);
  if (!check) return check.status();
  const int64_t axis = dim < 0 ? dim + rank : dim;
  return accept("aclnnSoftmax", 0, workspaceSize, executor, [axis, x = *self, y = *out] {
    std::vector<float> v = load(x);
    const int64_t n = x.dims[axis], inner = count_of(Dims(x.dims.begin() + axis + 1, x.dims.end())), lines = n * inner, outer = lines > 0 ? count_of(x.dims) / lines : 0;
    each_line(outer, n, inner, [&](int64_t at) { softmax_line(&v[at], &v[at], n, inner); });
    store(y, v.data());
  });
}
TWIN_SECOND_PHASE(aclnnSoftmax)

extern "C" aclnnStatus aclnnPermuteGetWorkspaceSize(const aclTensor* self, const aclIntArray* dims, aclTensor* out, uint64_t* workspaceSize,
                                                    aclOpExecutor** executor) {
  Check check("aclnnPermute");
  if (!check.given(self, "self").given(dims, "dims").given(out, "out")) return check.status();
  check.rank(self, "self", 0, most_dims).same_type(self, out).that(dims->values.size() == self->dims.size(), "%zu dims for rank %zu", dims->values.size(), self->dims.size());
  if (!check) return check.status();
  aclTensor view = *self;
  std::vector<bool> seen(self->dims.size(), false);
  for (size_t i = 0; i < dims->values.size(); ++i) {
    const int64_t d = dims->values[i];
    check.that(d >= 0 && d < (int64_t)self->dims.size() && !seen[d], "dims %s are no permutation", show(dims->values).c_str());
    if (!check) return check.status();
    seen[d] = true;
    view.dims[i] = self->dims[d];
    view.strides[i] = self->strides[d];
  }
  if (!check.shape(out, "out", view.dims)) return check.status();
  return accept("aclnnPermute", 0, workspaceSize, executor, [view, y = *out] { copy_elements(view, y); });
}
TWIN_SECOND_PHASE(aclnnPermute)

extern "C" aclnnStatus aclnnTopkGetWorkspaceSize(const aclTensor* self, int64_t k, int64_t dim, bool largest, bool sorted, aclTensor* valuesOut,
                                                 aclTensor* indicesOut, uint64_t* workspaceSize, aclOpExecutor** executor) {
  Check check("aclnnTopk");
  if (!check.given(self, "self").given(valuesOut, "valuesOut").given(indicesOut, "indicesOut")) return check.status();
  const int64_t rank = (int64_t)self->dims.size();
  check.rank(self, "self", 1, most_dims).type(self, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16, ACL_INT32}).same_type(self, valuesOut);
  check.type(indicesOut, "indicesOut", {ACL_INT64}).that(dim >= -rank && dim < rank, "dim %lld of rank %lld", (long long)dim, (long long)rank).that(sorted, "the twin sorts");
  if (!check) return check.status();
  const int64_t axis = dim < 0 ? dim + rank : dim;
  Dims out = self->dims;
  check.that(k >= 0 && k <= out[axis], "k %lld of %lld", (long long)k, (long long)out[axis]);
  out[axis] = k;
  if (!check.shape(valuesOut, "valuesOut", out).shape(indicesOut, "indicesOut", out)) return check.status();
  return accept("aclnnTopk", 0, workspaceSize, executor, [k, axis, largest, x = *self, v = *valuesOut, p = *indicesOut] {
    const std::vector<float> in = load(x);
    const int64_t n = x.dims[axis], inner = count_of(Dims(x.dims.begin() + axis + 1, x.dims.end())), lines = n * inner, outer = lines > 0 ? count_of(x.dims) / lines : 0;
    std::vector<float> values(count_of(v.dims));
    std::vector<int64_t> places(values.size()), order(n);
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        const float* row = &in[o * n * inner + i];
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return largest ? row[a * inner] > row[b * inner] : row[a * inner] < row[b * inner]; });
        for (int64_t j = 0; j < k; ++j) {
          values[(o * k + j) * inner + i] = row[order[j] * inner];
          places[(o * k + j) * inner + i] = order[j];
        }
      }
    store(v, values.data());
    store_integers(p, places.data());
  });
}
TWIN_SECOND_PHASE(aclnnTopk)
