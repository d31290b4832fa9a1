// Arithmetic with broadcasting, activations, unary functions, softmax and transposition.
#include <math.h>
#include <string.h>

#include <algorithm>

#include "cnnl-core.h"
#include "math/lines.h"

using namespace twin::cnnl;

namespace {

// Offset of element `at` (row-major in `out`) in an operand of equal rank whose extents of 1 repeat.
int64_t offset_in(const std::vector<int64_t>& out, const std::vector<int64_t>& in, int64_t at) {
  int64_t offset = 0, step = 1;
  for (size_t d = out.size(); d-- > 0;) {
    if (in[d] != 1) offset += at % out[d] * step;
    at /= out[d];
    step *= in[d];
  }
  return offset;
}

bool broadcasts(const std::vector<int64_t>& a, const std::vector<int64_t>& b, const std::vector<int64_t>& out) {
  if (a.size() != out.size() || b.size() != out.size()) return false;
  for (size_t d = 0; d < out.size(); d++) {
    const int64_t joint = a[d] == 1 ? b[d] : a[d];
    if ((a[d] != 1 && a[d] != joint) || (b[d] != 1 && b[d] != joint) || out[d] != joint) return false;
  }
  return true;
}

struct Binary {
  cnnlTensorDescriptor_t a_desc, b_desc, c_desc;
  const void *a, *b;
  void* c;
};

bool check_binary(Check& check, const Binary& x, void* workspace, size_t workspace_size) {
  if (!check.tensor(x.a_desc, "a") || !check.tensor(x.b_desc, "b") || !check.tensor(x.c_desc, "c")) return false;
  check.need(x.a_desc->dtype == x.b_desc->dtype && x.a_desc->dtype == x.c_desc->dtype, "operands of different types", CNNL_STATUS_NOT_SUPPORTED);
  check.need(broadcasts(x.a_desc->dims, x.b_desc->dims, x.c_desc->dims), "operands need equal rank and extents that broadcast");
  return check.ok() && check.input(x.a_desc, x.a, "a") && check.input(x.b_desc, x.b, "b") && check.output(x.c_desc, x.c, "c") &&
         check.workspace(workspace, workspace_size, scratch_bytes);
}

template <class F>
void each_pair(const Binary& x, F f) {
  const auto &out = x.c_desc->dims, &a = x.a_desc->dims, &b = x.b_desc->dims;
  const bool same = a == out && b == out;
  const int64_t n = count(*x.c_desc);
  for (int64_t i = 0; i < n; i++) f(i, same ? i : offset_in(out, a, i), same ? i : offset_in(out, b, i));
}

}  // namespace

cnnlStatus_t cnnlCreateOpTensorDescriptor(cnnlOpTensorDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyOpTensorDescriptor(cnnlOpTensorDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetOpTensorDescriptor(cnnlOpTensorDescriptor_t desc, cnnlOpTensorDesc_t op, cnnlDataType_t compute_type, cnnlNanPropagation_t) {
  if (!desc) return CNNL_STATUS_BAD_PARAM;
  *desc = {true, op, compute_type};
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlGetOpTensorWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t a_desc, const cnnlTensorDescriptor_t b_desc,
                                          const cnnlTensorDescriptor_t c_desc, size_t* size) {
  Check check("cnnlGetOpTensorWorkspaceSize", handle);
  if (!check.tensor(a_desc, "a") || !check.tensor(b_desc, "b") || !check.tensor(c_desc, "c") || !check.need(size, "no place for the size")) return check.status();
  *size = scratch_bytes;
  return CNNL_STATUS_SUCCESS;
}

namespace {

template <class T>
T op_tensor(cnnlOpTensorDesc_t op, T a, T b) {
  return op == CNNL_OP_TENSOR_ADD ? a + b : op == CNNL_OP_TENSOR_SUB ? a - b : a * b;
}

}  // namespace

cnnlStatus_t cnnlOpTensor(cnnlHandle_t handle, const cnnlOpTensorDescriptor_t op_tensor_desc, const void* alpha1, const cnnlTensorDescriptor_t a_desc,
                          const void* a, const void* alpha2, const cnnlTensorDescriptor_t b_desc, const void* b, void* workspace, size_t workspace_size,
                          const void* beta, const cnnlTensorDescriptor_t c_desc, void* c) {
  Check check("cnnlOpTensor", handle);
  if (!check.need(op_tensor_desc && op_tensor_desc->set, "the descriptor is not set")) return check.status();
  const Binary x{a_desc, b_desc, c_desc, a, b, c};
  check.need(alpha1 && alpha2 && beta, "alpha1, alpha2 and beta are host pointers");
  if (!check_binary(check, x, workspace, workspace_size)) return check.status();
  const bool whole = a_desc->dtype == CNNL_DTYPE_INT32;
  check.need(op_tensor_desc->compute == (whole ? CNNL_DTYPE_INT32 : CNNL_DTYPE_FLOAT), "the compute type is INT32 for INT32 data, else FLOAT");
  check.need(whole || is_float(a_desc->dtype), "neither float nor INT32", CNNL_STATUS_NOT_SUPPORTED);
  check.need((a != c || a_desc->dims == c_desc->dims) && (b != c || b_desc->dims == c_desc->dims), "an operand that broadcasts cannot be the result");
  if (!check.ok()) return check.status();
  if (whole) {
    const int32_t s1 = *static_cast<const int32_t*>(alpha1), s2 = *static_cast<const int32_t*>(alpha2), keep = *static_cast<const int32_t*>(beta);
    if (!check.need(keep == 0, "beta is 0")) return check.status();
    const auto *av = static_cast<const uint32_t*>(a), *bv = static_cast<const uint32_t*>(b);
    std::vector<uint32_t> out(count(*c_desc));
    each_pair(x, [&](int64_t i, int64_t ia, int64_t ib) { out[i] = op_tensor(op_tensor_desc->op, s1 * av[ia], s2 * bv[ib]); });
    twin::gm_write(c, out.size() * 4, 0);
    memcpy(c, out.data(), out.size() * 4);
    return CNNL_STATUS_SUCCESS;
  }
  const float s1 = *static_cast<const float*>(alpha1), s2 = *static_cast<const float*>(alpha2), keep = *static_cast<const float*>(beta);
  if (!check.need(keep == 0, "beta is 0")) return check.status();
  const Values av(a_desc, a, false), bv(b_desc, b, false);
  Result out(c_desc, c);
  each_pair(x, [&](int64_t i, int64_t ia, int64_t ib) { out.data()[i] = op_tensor(op_tensor_desc->op, s1 * av.data()[ia], s2 * bv.data()[ib]); });
  out.store();
  return CNNL_STATUS_SUCCESS;
}

// ---- one operand ------------------------------------------------------------------------------------------------------

namespace {

template <class F>
cnnlStatus_t unary(Check& check, cnnlTensorDescriptor_t x_desc, const void* x, cnnlTensorDescriptor_t y_desc, void* y, F f) {
  if (!check.float_tensor(x_desc, "x") || !check.float_tensor(y_desc, "y")) return check.status();
  check.need(x_desc->dims == y_desc->dims && x_desc->dtype == y_desc->dtype, "x and y differ in shape or type");
  if (!check.ok() || !check.input(x_desc, x, "x") || !check.output(y_desc, y, "y")) return check.status();
  const Values in(x_desc, x, false);
  Result out(y_desc, y);
  const int64_t n = count(*x_desc);
  for (int64_t i = 0; i < n; i++) out.data()[i] = f(in.data()[i]);
  out.store();
  return CNNL_STATUS_SUCCESS;
}

}  // namespace

cnnlStatus_t cnnlCreateActivationDescriptor(cnnlActivationDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyActivationDescriptor(cnnlActivationDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetActivationDescAttr(cnnlActivationDescriptor_t desc, cnnlActivationDescAttribute_t attr, const void* buf, size_t size_in_bytes) {
  if (!desc || !buf || size_in_bytes != 4)
    return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetActivationDescAttr", "attributes are 4-byte values");
  int32_t value;
  memcpy(&value, buf, sizeof value);
  switch (attr) {
    case CNNL_ACTIVATION_MODE:
      desc->mode = (cnnlActivationMode_t)value;
      desc->set = true;
      break;
    case CNNL_ACTIVATION_PREFERENCE: desc->preference = (cnnlActivationPreference_t)value; break;
    case CNNL_ACTIVATION_NAN_PROP:
    case CNNL_ACTIVATION_COEF: break;  // of no effect in the modes of this twin
    default: return (cnnlStatus_t)twin::reject(CNNL_STATUS_NOT_SUPPORTED, "cnnlSetActivationDescAttr", "this twin does not know the attribute");
  }
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlActivationForward(cnnlHandle_t handle, const cnnlActivationDescriptor_t activation_desc, const void* alpha,
                                   const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y) {
  Check check("cnnlActivationForward", handle);
  check.need(activation_desc && activation_desc->set, "the descriptor is not set");
  check.need(!alpha && !beta, "alpha and beta must be null");
  if (check.ok()) check.need(activation_desc->preference == CNNL_ACTIVATION_HIGH_PRECISION, "what FAST gives stands in no document", CNNL_STATUS_NOT_SUPPORTED);
  if (!check.ok()) return check.status();
  switch (activation_desc->mode) {
    case CNNL_ACTIVATION_RELU: return unary(check, x_desc, x, y_desc, y, [](float v) { return v < 0 ? 0.0f : v; });
    case CNNL_ACTIVATION_SIGMOID: return unary(check, x_desc, x, y_desc, y, [](float v) { return 1.0f / (1.0f + expf(-v)); });
    case CNNL_ACTIVATION_TANH: return unary(check, x_desc, x, y_desc, y, [](float v) { return tanhf(v); });
  }
  return CNNL_STATUS_NOT_SUPPORTED;
}

cnnlStatus_t cnnlExp(cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const void* input,
                        const cnnlTensorDescriptor_t output_desc, void* output) {
  Check check("cnnlExp", handle);
  return unary(check, input_desc, input, output_desc, output, [](float v) { return expf(v); });
}

cnnlStatus_t cnnlSqrt(cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const void* input,
                         const cnnlTensorDescriptor_t output_desc, void* output) {
  Check check("cnnlSqrt", handle);
  return unary(check, input_desc, input, output_desc, output, [](float v) { return sqrtf(v); });
}

cnnlStatus_t cnnlSoftmaxForward(cnnlHandle_t handle, cnnlSoftmaxAlgorithm_t algorithm, cnnlSoftmaxMode_t mode, const void* alpha,
                                const cnnlTensorDescriptor_t x_desc, const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y) {
  Check check("cnnlSoftmaxForward", handle);
  if (!check.float_tensor(x_desc, "x") || !check.float_tensor(y_desc, "y")) return check.status();
  check.need(!alpha && !beta, "alpha and beta must be null");
  check.need(algorithm != CNNL_SOFTMAX_FAST, "what FAST gives stands in no document", CNNL_STATUS_NOT_SUPPORTED);
  check.need(x_desc->dims.size() == 3 && x_desc->dims == y_desc->dims && x_desc->dtype == y_desc->dtype, "x and y are one three-dimensional view");
  if (!check.ok() || !check.input(x_desc, x, "x") || !check.output(y_desc, y, "y")) return check.status();
  const auto& d = x_desc->dims;
  const int axis = mode == CNNL_SOFTMAX_MODE_HIGH_DIMENSION ? 0 : mode == CNNL_SOFTMAX_MODE_MEDIUM_DIMENSION ? 1 : 2;
  const int64_t extent = d[axis], inner = axis == 2 ? 1 : axis == 1 ? d[2] : d[1] * d[2], outer = count(*x_desc) / (extent * inner);
  const Values in(x_desc, x, false);
  Result out(y_desc, y);
  twin::math::each_line(outer, extent, inner, [&](int64_t at) {
    twin::math::softmax_line(in.data() + at, out.data() + at, extent, inner, algorithm == CNNL_SOFTMAX_LOG);
  });
  out.store();
  return CNNL_STATUS_SUCCESS;
}

// ---- transposition ------------------------------------------------------------------------------------------------------

cnnlStatus_t cnnlCreateTransposeDescriptor(cnnlTransposeDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyTransposeDescriptor(cnnlTransposeDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetTransposeDescriptor(cnnlTransposeDescriptor_t desc, int dims, const int permute[]) {
  if (!desc || dims < 1 || dims > CNNL_DIM_MAX) return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetTransposeDescriptor", "1 to 8 dims");
  std::vector<int> sorted(permute, permute + dims);
  std::sort(sorted.begin(), sorted.end());
  for (int i = 0; i < dims; i++)
    if (sorted[i] != i) return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetTransposeDescriptor", "not a permutation");
  desc->perm.assign(permute, permute + dims);
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlGetTransposeWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t x_desc, const cnnlTransposeDescriptor_t desc, size_t* size) {
  Check check("cnnlGetTransposeWorkspaceSize", handle);
  if (!check.tensor(x_desc, "x") || !check.need(desc && size, "no descriptor")) return check.status();
  *size = scratch_bytes;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlTranspose_v2(cnnlHandle_t handle, const cnnlTransposeDescriptor_t desc, const cnnlTensorDescriptor_t x_desc, const void* x,
                              const cnnlTensorDescriptor_t y_desc, void* y, void* workspace, size_t workspace_size) {
  Check check("cnnlTranspose_v2", handle);
  if (!check.tensor(x_desc, "x") || !check.tensor(y_desc, "y") || !check.need(desc && desc->perm.size() == x_desc->dims.size(), "the permutation has another rank"))
    return check.status();
  check.need(x_desc->dtype == y_desc->dtype && x != y, "x and y differ in type or are one");
  check.need(y_desc->dims.size() == desc->perm.size(), "y has another rank");
  for (size_t i = 0; check.ok() && i < desc->perm.size(); i++) check.need(y_desc->dims[i] == x_desc->dims[desc->perm[i]], "y is not x permuted");
  if (!check.ok() || !check.input(x_desc, x, "x") || !check.output(y_desc, y, "y") || !check.workspace(workspace, workspace_size, scratch_bytes)) return check.status();
  const size_t rank = desc->perm.size(), size = size_of(x_desc->dtype);
  std::vector<int64_t> strides(rank, 1), at(rank, 0);
  for (size_t d = rank - 1; d-- > 0;) strides[d] = strides[d + 1] * x_desc->dims[d + 1];
  const int64_t n = count(*y_desc);
  twin::gm_write(y, n * size, 0);
  for (int64_t i = 0, from = 0; i < n; i++) {
    memcpy(static_cast<char*>(y) + i * size, static_cast<const char*>(x) + from * size, size);
    for (size_t d = rank; d-- > 0;) {
      const int64_t step = strides[desc->perm[d]];
      from += step;
      if (++at[d] < y_desc->dims[d]) break;
      from -= step * y_desc->dims[d];
      at[d] = 0;
    }
  }
  return CNNL_STATUS_SUCCESS;
}
