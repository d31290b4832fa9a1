// cnnlMatMul_v2 and cnnlBatchMatMulEx.
#include <algorithm>

#include "cnnl-core.h"
#include "math/levels.h"

using namespace twin::cnnl;

cnnlStatus_t cnnlCreateMatMulDescriptor(cnnlMatMulDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyMatMulDescriptor(cnnlMatMulDescriptor_t desc) { return destroy(desc); }
cnnlStatus_t cnnlCreateMatMulAlgo(cnnlMatMulAlgo_t* algo) { return create(algo); }
cnnlStatus_t cnnlDestroyMatMulAlgo(cnnlMatMulAlgo_t algo) { return destroy(algo); }
cnnlStatus_t cnnlCreateMatMulHeuristicResult(cnnlMatMulHeuristicResult_t* result) { return create(result); }
cnnlStatus_t cnnlDestroyMatMulHeuristicResult(cnnlMatMulHeuristicResult_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetMatMulDescAttr(cnnlMatMulDescriptor_t desc, cnnlMatMulDescAttribute_t attr, const void* buf, size_t size_in_bytes) {
  const auto refuse = [](const char* why) { return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetMatMulDescAttr", "%s", why); };
  if (!desc || !buf) return refuse("no descriptor or no value");
  if (attr == CNNL_MATMUL_A_QUANT || attr == CNNL_MATMUL_B_QUANT || attr == CNNL_MATMUL_D_QUANT) {
    if (size_in_bytes != sizeof(cnnlQuantizeExDescriptor_t)) return refuse("this attribute takes the address of a descriptor");
    const cnnlQuantizeExDescriptor_t quant = *static_cast<const cnnlQuantizeExDescriptor_t*>(buf);
    if (!quant || !quant->set) return refuse("the descriptor is not set");
    if (attr == CNNL_MATMUL_D_QUANT) desc->onchip = quant->dtype;
    else (attr == CNNL_MATMUL_A_QUANT ? desc->a_quant : desc->b_quant) = *quant;
    return CNNL_STATUS_SUCCESS;
  }
  if (size_in_bytes != sizeof(int32_t)) return refuse("attributes are 4-byte values");
  const int32_t value = *static_cast<const int32_t*>(buf);
  switch (attr) {
    case CNNL_MATMUL_DESC_TRANSA: desc->trans_a = value; break;
    case CNNL_MATMUL_DESC_TRANSB: desc->trans_b = value; break;
    case CNNL_MATMUL_ALLOW_TF32: desc->allow_tf32 = value; break;
    case CNNL_MATMUL_USE_BETA: desc->use_beta = value; break;
    case CNNL_MATMUL_DESC_COMPUTE_TYPE: desc->compute = (cnnlDataType_t)value; break;
    default: return refuse("this twin does not know the attribute");
  }
  return CNNL_STATUS_SUCCESS;
}

namespace {

struct Sizes {
  int64_t m, n, k;
};

bool matrices(Check& c, const cnnlMatMulStruct& d, cnnlTensorDescriptor_t a, cnnlTensorDescriptor_t b, cnnlTensorDescriptor_t out, Sizes& s) {
  if (!c.tensor(a, "a") || !c.tensor(b, "b") || !c.float_tensor(out, "the result")) return false;
  if (!are_levels(*a, *b, *out, d.a_quant, d.b_quant)) {
    if (!c.float_tensor(a, "a") || !c.float_tensor(b, "b")) return false;
    if (!c.need(a->dtype == b->dtype && a->dtype == out->dtype, "operands of different types", CNNL_STATUS_NOT_SUPPORTED)) return false;
  }
  if (!c.need(is_float(d.compute), "the compute type is not set")) return false;
  // bfloat16 multiplies only with a result that is float on chip; half does either way, and sums in what was asked for.
  if (!c.need(out->dtype != CNNL_DTYPE_BFLOAT16 || d.onchip == CNNL_DTYPE_FLOAT, "bfloat16 needs a result that is FLOAT on chip", CNNL_STATUS_NOT_SUPPORTED)) return false;
  if (!c.need(a->dims.size() >= 2 && b->dims.size() >= 2 && out->dims.size() >= 2, "a matrix of rank below 2")) return false;
  const auto at = [](const cnnlTensorStruct& t, int back) { return t.dims[t.dims.size() - back]; };
  s.m = at(*a, d.trans_a ? 1 : 2);
  s.k = at(*a, d.trans_a ? 2 : 1);
  s.n = at(*b, d.trans_b ? 2 : 1);
  return c.need(at(*b, d.trans_b ? 1 : 2) == s.k, "the inner dims differ") && c.need(at(*out, 2) == s.m && at(*out, 1) == s.n, "the result has another shape");
}

cnnlStatus_t heuristic(Check& c, cnnlMatMulHeuristicResult_t results[], int requested, int* returned) {
  if (!c.need(requested >= 1 && results && results[0] && returned, "no room for a result")) return c.status();
  results[0]->filled = true;
  results[0]->workspace = scratch_bytes;
  *returned = 1;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t unpack(const char* call, cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size) {
  if (!result || !result->filled || !algo || !workspace_size) return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, call, "no heuristic result");
  algo->chosen = true;
  *workspace_size = result->workspace;
  return CNNL_STATUS_SUCCESS;
}

// Sums in halves, one rounding a step: what a product of halves is when nobody asks for float.
void product_in_half(const cnnlMatMulStruct& d, const Sizes& s, const float* a, const float* b, float* out) {
  for (int64_t i = 0; i < s.m; i++)
    for (int64_t j = 0; j < s.n; j++) {
      float sum = 0;
      for (int64_t k = 0; k < s.k; k++)
        sum = rounded_to(CNNL_DTYPE_HALF, sum + (d.trans_a ? a[k * s.m + i] : a[i * s.k + k]) * (d.trans_b ? b[j * s.k + k] : b[k * s.n + j]));
      out[i * s.n + j] = sum;
    }
}

void product(const cnnlMatMulStruct& d, cnnlDataType_t type, const Sizes& s, const float* a, const float* b, float* out) {
  if (type == CNNL_DTYPE_HALF && d.onchip != CNNL_DTYPE_FLOAT) return product_in_half(d, s, a, b, out);
  std::vector<float> rows, columns;
  if (d.trans_a) {
    rows = twin::math::turned(1, s.k, s.m, a);
    a = rows.data();
  }
  if (type == CNNL_DTYPE_INT8) {
    if (d.trans_b) columns = twin::math::turned(1, s.n, s.k, b);
    const std::vector<int64_t> sums = twin::math::gemm_levels(s.m, s.n, s.k, a, d.trans_b ? columns.data() : b);
    for (size_t i = 0; i < sums.size(); i++) out[i] = static_cast<float>(sums[i]) * (d.a_quant.step * d.b_quant.step);
    return;
  }
  twin::math::gemm(s.m, s.n, s.k, a, b, d.trans_b, out);
}

bool tf32(const cnnlMatMulStruct& d, cnnlTensorDescriptor_t a) { return d.allow_tf32 && a->dtype == CNNL_DTYPE_FLOAT; }

}  // namespace

cnnlStatus_t cnnlGetMatMulAlgoHeuristic(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlTensorDescriptor_t a_desc,
                                        const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t, const cnnlTensorDescriptor_t d_desc,
                                        cnnlMatMulPrefer_t, int requested_algo_count, cnnlMatMulHeuristicResult_t results[], int* return_algo_count) {
  Check c("cnnlGetMatMulAlgoHeuristic", handle);
  Sizes s{};
  if (!c.need(desc, "no descriptor") || !matrices(c, *desc, a_desc, b_desc, d_desc, s)) return c.status();
  return heuristic(c, results, requested_algo_count, return_algo_count);
}

cnnlStatus_t cnnlGetMatMulHeuristicResult(cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size) {
  return unpack("cnnlGetMatMulHeuristicResult", result, algo, workspace_size);
}

cnnlStatus_t cnnlMatMul_v2(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlMatMulAlgo_t algo, const void* alpha,
                           const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b, const void* beta,
                           const cnnlTensorDescriptor_t c_desc, const void* c, void* workspace, size_t workspace_size, const cnnlTensorDescriptor_t d_desc,
                           void* d) {
  Check check("cnnlMatMul_v2", handle);
  Sizes s{};
  if (!check.need(desc, "no descriptor") || !matrices(check, *desc, a_desc, b_desc, d_desc, s)) return check.status();
  check.need(a_desc->dims.size() == 2 && b_desc->dims.size() == 2, "operands are not of rank 2");
  check.need(algo && algo->chosen, "no algorithm was chosen");
  check.need(alpha && beta, "alpha and beta are host pointers to float");
  if (!check.ok() || !check.input(a_desc, a, "a") || !check.input(b_desc, b, "b") || !check.output(d_desc, d, "d")) return check.status();
  if (!check.workspace(workspace, workspace_size, scratch_bytes)) return check.status();
  const float scale = *static_cast<const float*>(alpha), keep = *static_cast<const float*>(beta);
  if (!check.need(desc->use_beta || keep == 0, "beta without CNNL_MATMUL_USE_BETA")) return check.status();
  if (keep != 0 && (!check.float_tensor(c_desc, "c") || !check.input(c_desc, c, "c") || !check.need(c_desc->dims == d_desc->dims, "c is not of the result's shape")))
    return check.status();

  const Values av(a_desc, a, tf32(*desc, a_desc)), bv(b_desc, b, tf32(*desc, a_desc));
  std::vector<float> out(s.m * s.n);
  product(*desc, a_desc->dtype, s, av.data(), bv.data(), out.data());
  Result result(d_desc, d);
  if (keep != 0) {
    const Values cv(c_desc, c, false);
    for (size_t i = 0; i < out.size(); i++) result.data()[i] = scale * out[i] + keep * cv.data()[i];
  } else {
    for (size_t i = 0; i < out.size(); i++) result.data()[i] = scale * out[i];
  }
  result.store();
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlGetBatchMatMulExAlgoHeuristic(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlTensorDescriptor_t a_desc,
                                             const cnnlTensorDescriptor_t b_desc, const cnnlTensorDescriptor_t c_desc, cnnlMatMulPrefer_t,
                                             int requested_algo_count, cnnlMatMulHeuristicResult_t results[], int* return_algo_count) {
  Check c("cnnlGetBatchMatMulExAlgoHeuristic", handle);
  Sizes s{};
  if (!c.need(desc, "no descriptor") || !matrices(c, *desc, a_desc, b_desc, c_desc, s)) return c.status();
  return heuristic(c, results, requested_algo_count, return_algo_count);
}

cnnlStatus_t cnnlGetBatchMatMulExHeuristicResult(cnnlMatMulHeuristicResult_t result, cnnlMatMulAlgo_t algo, size_t* workspace_size) {
  return unpack("cnnlGetBatchMatMulExHeuristicResult", result, algo, workspace_size);
}

namespace {

// Offset of batch `index` of the result in an operand whose batch dims broadcast.
int64_t batch_offset(const std::vector<int64_t>& out, const std::vector<int64_t>& in, int64_t index) {
  int64_t offset = 0, step = in[in.size() - 1] * in[in.size() - 2];
  for (size_t back = 3; back <= out.size(); back++) {
    const int64_t extent = out[out.size() - back], at = index % extent;
    index /= extent;
    if (back > in.size()) continue;
    const int64_t own = in[in.size() - back];
    if (own != 1) offset += at * step;
    step *= own;
  }
  return offset;
}

bool broadcasts(const std::vector<int64_t>& in, const std::vector<int64_t>& out) {
  if (in.size() > out.size()) return false;
  for (size_t back = 3; back <= in.size(); back++)
    if (in[in.size() - back] != 1 && in[in.size() - back] != out[out.size() - back]) return false;
  return true;
}

}  // namespace

cnnlStatus_t cnnlBatchMatMulEx(cnnlHandle_t handle, const cnnlMatMulDescriptor_t desc, const cnnlMatMulAlgo_t algo, const void* alpha,
                                     const cnnlTensorDescriptor_t a_desc, const void* a, const cnnlTensorDescriptor_t b_desc, const void* b,
                                     const void* beta, const cnnlTensorDescriptor_t c_desc, void* c, void* workspace, size_t workspace_size) {
  Check check("cnnlBatchMatMulEx", handle);
  Sizes s{};
  if (!check.need(desc, "no descriptor") || !matrices(check, *desc, a_desc, b_desc, c_desc, s)) return check.status();
  check.need(algo && algo->chosen, "no algorithm was chosen");
  check.need(alpha && beta && *static_cast<const float*>(beta) == 0, "beta must be 0");
  check.need(broadcasts(a_desc->dims, c_desc->dims) && broadcasts(b_desc->dims, c_desc->dims), "batch dims do not broadcast to the result's");
  if (!check.ok() || !check.input(a_desc, a, "a") || !check.input(b_desc, b, "b") || !check.output(c_desc, c, "c")) return check.status();
  if (!check.workspace(workspace, workspace_size, scratch_bytes)) return check.status();
  const float scale = *static_cast<const float*>(alpha);
  const Values av(a_desc, a, tf32(*desc, a_desc)), bv(b_desc, b, tf32(*desc, a_desc));
  Result result(c_desc, c);
  const int64_t batches = count(*c_desc) / (s.m * s.n);
  for (int64_t i = 0; i < batches; i++)
    product(*desc, a_desc->dtype, s, av.data() + batch_offset(c_desc->dims, a_desc->dims, i), bv.data() + batch_offset(c_desc->dims, b_desc->dims, i),
            result.data() + i * s.m * s.n);
  if (scale != 1)
    for (int64_t i = 0; i < count(*c_desc); i++) result.data()[i] *= scale;
  result.store();
  return CNNL_STATUS_SUCCESS;
}
