// aclnnMatmul, aclnnMm, aclnnAddmm: numpy's rules up to six dims, accumulated in float, the output dense.
#include "../include/aclnnop/aclnn_matmul.h"
#include "../include/aclnnop/aclnn_addmm.h"
#include "../include/aclnnop/aclnn_mm.h"
#include "math/gemm.h"
#include "tensor.h"

using namespace twin::aclnn;
using twin::math::gemm;

namespace {

// Vectors as matrices; batch dims in front.
struct Product {
  Dims batch, a_dims, b_dims, out;
  int64_t m = 0, n = 0, k = 0;
  bool fits = false;
};

Product product_of(const Dims& a, const Dims& b) {
  Product p;
  if (a.empty() || b.empty()) return p;
  p.a_dims = a.size() == 1 ? Dims{1, a[0]} : a;
  p.b_dims = b.size() == 1 ? Dims{b[0], 1} : b;
  p.m = p.a_dims[p.a_dims.size() - 2];
  p.k = p.a_dims.back();
  p.n = p.b_dims.back();
  const bool inner = p.b_dims[p.b_dims.size() - 2] == p.k;
  p.fits = inner && broadcast(Dims(p.a_dims.begin(), p.a_dims.end() - 2), Dims(p.b_dims.begin(), p.b_dims.end() - 2), p.batch);
  p.out = p.batch;
  if (a.size() > 1) p.out.push_back(p.m);
  if (b.size() > 1) p.out.push_back(p.n);
  return p;
}

std::vector<float> run_product(const Product& p, aclTensor a, aclTensor b, int8_t cube) {
  const auto as_matrix = [](aclTensor& t, const Dims& dims, bool row) {
    if (t.dims.size() != 1) return;
    t.strides = row ? Dims{0, t.strides[0]} : Dims{t.strides[0], 0};
    t.dims = dims;
  };
  as_matrix(a, p.a_dims, true);
  as_matrix(b, p.b_dims, false);
  const auto batched = [&](const aclTensor& t) {
    Dims dims = p.batch;
    dims.insert(dims.end(), t.dims.end() - 2, t.dims.end());
    return expanded(t, dims);
  };
  const int64_t batches = count_of(p.batch);
  const bool one_b = count_of(Dims(p.b_dims.begin(), p.b_dims.end() - 2)) == 1;
  const std::vector<float> x = load_cube(batched(a), cube);
  const std::vector<float> y = one_b ? load_cube(expanded(b, p.b_dims), cube) : load_cube(batched(b), cube);
  std::vector<float> out(batches * p.m * p.n);
  if (one_b) gemm(batches * p.m, p.n, p.k, x.data(), y.data(), false, out.data());
  else
    for (int64_t i = 0; i < batches; ++i) gemm(p.m, p.n, p.k, &x[i * p.m * p.k], &y[i * p.k * p.n], false, &out[i * p.m * p.n]);
  return out;
}

Check check_product(const char* call, const aclTensor* a, const aclTensor* b, const aclTensor* out, int8_t cube, size_t low, size_t high, const Product& p) {
  Check check(call);
  check.rank(a, "self", low, high).rank(b, "mat2", low, high).type(a, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16});
  check.same_type(a, b).same_type(a, out).cube(a, cube);
  check.that(p.fits, "%s times %s", show(a->dims).c_str(), show(b->dims).c_str()).shape(out, "out", p.out).dense(out, "out");
  return check;
}

}  // namespace

extern "C" aclnnStatus aclnnMatmulGetWorkspaceSize(const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType, uint64_t* workspaceSize,
                                                   aclOpExecutor** executor) {
  Check given("aclnnMatmul");
  if (!given.given(self, "self").given(mat2, "mat2").given(out, "out")) return given.status();
  const Product p = product_of(self->dims, mat2->dims);
  const Check check = check_product("aclnnMatmul", self, mat2, out, cubeMathType, 1, 6, p);
  if (!check) return check.status();
  // The library may ask for memory of its own; the twin does, so that callers provide it.
  return accept("aclnnMatmul", 512, workspaceSize, executor, [p, cubeMathType, a = *self, b = *mat2, y = *out] { store(y, run_product(p, a, b, cubeMathType).data()); });
}
TWIN_SECOND_PHASE(aclnnMatmul)

extern "C" aclnnStatus aclnnMmGetWorkspaceSize(const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType, uint64_t* workspaceSize,
                                               aclOpExecutor** executor) {
  Check given("aclnnMm");
  if (!given.given(self, "self").given(mat2, "mat2").given(out, "out")) return given.status();
  const Product p = product_of(self->dims, mat2->dims);
  const Check check = check_product("aclnnMm", self, mat2, out, cubeMathType, 2, 2, p);
  if (!check) return check.status();
  return accept("aclnnMm", 512, workspaceSize, executor, [p, cubeMathType, a = *self, b = *mat2, y = *out] { store(y, run_product(p, a, b, cubeMathType).data()); });
}
TWIN_SECOND_PHASE(aclnnMm)

extern "C" aclnnStatus aclnnAddmmGetWorkspaceSize(const aclTensor* self, const aclTensor* mat1, const aclTensor* mat2, const aclScalar* beta,
                                                  const aclScalar* alpha, aclTensor* out, int8_t cubeMathType, uint64_t* workspaceSize,
                                                  aclOpExecutor** executor) {
  Check given("aclnnAddmm");
  if (!given.given(self, "self").given(mat1, "mat1").given(mat2, "mat2").given(beta, "beta").given(alpha, "alpha").given(out, "out")) return given.status();
  const Product p = product_of(mat1->dims, mat2->dims);
  Check check = check_product("aclnnAddmm", mat1, mat2, out, cubeMathType, 2, 2, p);
  Dims both;
  check.rank(self, "self", 1, 2).same_type(self, mat1).that(broadcast(self->dims, p.out, both) && both == p.out, "self %s does not broadcast to %s", show(self->dims).c_str(), show(p.out).c_str());
  if (!check) return check.status();
  return accept("aclnnAddmm", 512, workspaceSize, executor, [p, cubeMathType, c = *self, a = *mat1, b = *mat2, y = *out, al = (float)alpha->value, be = (float)beta->value] {
    std::vector<float> result = run_product(p, a, b, cubeMathType);
    const std::vector<float> add = load(expanded(c, p.out));
    for (size_t i = 0; i < result.size(); ++i) result[i] = al * result[i] + be * add[i];
    store(y, result.data());
  });
}
TWIN_SECOND_PHASE(aclnnAddmm)
