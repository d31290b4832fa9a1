// Products of levels. aclnnQuantMatmulV4: int8 times int8, summed in int32. Of the page's table of types these: a scale of FLOAT, which is
// not applied where the result is INT32, and one of UINT64 with a result of FLOAT16, (sum + bias) * scale. The others are refused here: nothing
// made calls them. A word of UINT64 holds a float's sign, exponent and 10 digits, and bit 46, as aclnnTransQuantParamV2 writes it; how the
// product becomes a half no page says (assumption C3: rounded once, to the nearest, ties to even, beyond f16's range to an infinity).
#include <string.h>

#include <cmath>

#include "../device.h"
#include "../include/aclnnop/aclnn_quant_matmul_v4.h"
#include "../include/aclnnop/aclnn_weight_quant_batch_matmul_v2.h"
#include "half.h"
#include "math/levels.h"
#include "math/numbers.h"
#include "tensor.h"

using namespace twin::aclnn;
using twin::math::gemm_levels;

namespace {

struct Product {
  aclTensor a, b;
  Dims batch, out;
  int64_t m = 0, n = 0, k = 0;
  bool fits = false;
};

aclTensor swapped(aclTensor t, bool swap) {
  const size_t r = t.dims.size();
  if (!swap) return t;
  std::swap(t.dims[r - 2], t.dims[r - 1]);
  std::swap(t.strides[r - 2], t.strides[r - 1]);
  return t;
}

Product product_of(const aclTensor& x1, const aclTensor& x2, bool transpose1, bool transpose2) {
  Product p{swapped(x1, transpose1), swapped(x2, transpose2), {}, {}};
  const Dims &a = p.a.dims, &b = p.b.dims;
  p.m = a[a.size() - 2];
  p.k = a.back();
  p.n = b.back();
  p.fits = b[b.size() - 2] == p.k && broadcast(Dims(a.begin(), a.end() - 2), Dims(b.begin(), b.end() - 2), p.batch);
  p.out = p.batch;
  p.out.push_back(p.m);
  p.out.push_back(p.n);
  return p;
}

aclTensor over(const Dims& batch, const aclTensor& t) {
  Dims dims = batch;
  dims.insert(dims.end(), t.dims.end() - 2, t.dims.end());
  return expanded(t, dims);
}

std::vector<int64_t> sums_of(const Product& p) {
  const std::vector<float> a = load(over(p.batch, p.a)), b = load(over(p.batch, p.b));
  std::vector<int64_t> all;
  for (int64_t i = 0; i < count_of(p.batch); ++i) {
    const std::vector<int64_t> one = gemm_levels(p.m, p.n, p.k, a.data() + i * p.m * p.k, b.data() + i * p.k * p.n);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

// The number that a word of aclnnTransQuantParamV2 stands for; an offset in it is for results of INT8.
float scale_in(int64_t word) {
  const uint64_t bits = static_cast<uint64_t>(word);
  const uint32_t low = static_cast<uint32_t>(bits);
  float scale;
  memcpy(&scale, &low, sizeof scale);
  if (bits != ((uint64_t{1} << 46) | (low & 0xFFFFE000u)) || !std::isfinite(scale))
    twin::violation("library-argument", 0, "aclnnQuantMatmulV4: %#llx is no scale as aclnnTransQuantParamV2 writes it", (unsigned long long)bits);
  return scale;
}

std::vector<float> scaled(const std::vector<int64_t>& sums, const std::vector<float>& scales, const std::vector<int64_t>& bias, int64_t n) {
  std::vector<float> y(sums.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    const int64_t sum = sums[i] + (bias.empty() ? 0 : bias[i % n]);
    if (sum != static_cast<int32_t>(sum)) twin::violation("library-argument", 0, "a sum with its bias, %lld, leaves int32", (long long)sum);
    y[i] = static_cast<float>(static_cast<half>(static_cast<float>(sum) * scales[scales.size() == 1 ? 0 : i % n]));
  }
  return y;
}

}  // namespace

extern "C" aclnnStatus aclnnQuantMatmulV4GetWorkspaceSize(const aclTensor* x1, const aclTensor* x2, const aclTensor* scale, const aclTensor* offset,
                                                          const aclTensor* pertokenScaleOptional, const aclTensor* bias, bool transposeX1, bool transposeX2,
                                                          const aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor) {
  Check check("aclnnQuantMatmulV4");
  if (!check.given(x1, "x1").given(x2, "x2").given(scale, "scale").given(out, "out")) return check.status();
  check.that(!offset && !pertokenScaleOptional, "offset and pertokenScaleOptional: the twin knows neither");
  check.type(x1, "x1", {ACL_INT8}).type(x2, "x2", {ACL_INT8}).rank(x1, "x1", 2, 6).rank(x2, "x2", 2, 6).rank(scale, "scale", 1, 1);
  const bool halves = out->type == ACL_FLOAT16;
  check.type(scale, "scale", {halves ? ACL_UINT64 : ACL_FLOAT}).type(out, "out", {ACL_INT32, ACL_FLOAT16}).dense(x1, "x1").dense(x2, "x2").dense(out, "out");
  check.that(halves || twin::cann::chip().has(twin::cann::levels_as_sums), "a result of INT32 on %s", twin::cann::chip().name);
  check.that(halves || !bias, "bias: the twin does not know it where the result is INT32");
  if (!check) return check.status();
  for (const aclTensor* x : {x1, x2}) check.that(x->dims.back() <= 65535, "%ld elements along the last dim", (long)x->dims.back());
  const Product p = product_of(*x1, *x2, transposeX1, transposeX2);
  check.that(p.fits, "%s times %s", show(p.a.dims).c_str(), show(p.b.dims).c_str()).shape(out, "out", p.out);
  check.that(scale->dims[0] == 1 || scale->dims[0] == p.n, "%ld scales for %ld columns", (long)scale->dims[0], (long)p.n);
  check.that(count_of(p.out) > 0 && p.k > 0, "an operand or the result has no elements");
  if (bias) check.type(bias, "bias", {ACL_INT32}).shape(bias, "bias", {p.n});
  if (!check) return check.status();
  if (!halves) return accept("aclnnQuantMatmulV4", 512, workspaceSize, executor, [p, y = *out] { store_integers(y, sums_of(p).data()); });
  return accept("aclnnQuantMatmulV4", 512, workspaceSize, executor, [p, y = *out, s = *scale, b = bias ? *bias : aclTensor(), has = bias != nullptr] {
    std::vector<float> scales;
    for (const int64_t word : load_integers(s)) scales.push_back(scale_in(word));
    store(y, scaled(sums_of(p), scales, has ? load_integers(b) : std::vector<int64_t>(), p.n).data());
  });
}
TWIN_SECOND_PHASE(aclnnQuantMatmulV4)

// ---- a product by a packed weight ---------------------------------------------------------------------------------------------

namespace {

// int8 [k, n], or 8 int4 in each int32 [k, n / 8], the first in the lowest bits.
std::vector<float> weight_levels(const aclTensor& t) {
  if (t.type == ACL_INT8) return load(t);
  std::vector<float> out;
  for (const int64_t word : load_integers(t))
    for (int i = 0; i < 8; ++i) out.push_back(static_cast<float>(static_cast<int8_t>(static_cast<uint32_t>(word) >> (4 * i) << 4) >> 4));
  return out;
}

// w = (level + offset) * scale, rounded to the type of the activations (assumption C2).
std::vector<float> dequantised(const aclTensor& weight, const aclTensor& scale, const aclTensor* offset, int64_t k, int64_t n, int64_t group, aclDataType type) {
  std::vector<float> w = weight_levels(weight);
  const std::vector<float> scales = load(scale), offsets = offset ? load(*offset) : std::vector<float>();
  for (int64_t i = 0; i < k; ++i)
    for (int64_t j = 0; j < n; ++j) {
      const size_t at = static_cast<size_t>((group == 0 ? 0 : i / group) * n + j);
      const float real = (w[i * n + j] + (offset ? offsets[at] : 0.0f)) * scales[at];
      w[i * n + j] = type == ACL_FLOAT16 ? static_cast<float>(static_cast<half>(real)) : twin::math::float_of_bfloat(twin::math::bfloat_of_float(real));
    }
  return w;
}

}  // namespace

extern "C" aclnnStatus aclnnWeightQuantBatchMatmulV2GetWorkspaceSize(const aclTensor* x, const aclTensor* weight, const aclTensor* antiquantScale,
                                                                     const aclTensor* antiquantOffsetOptional, const aclTensor* quantScaleOptional,
                                                                     const aclTensor* quantOffsetOptional, const aclTensor* biasOptional, int antiquantGroupSize,
                                                                     const aclTensor* y, uint64_t* workspaceSize, aclOpExecutor** executor) {
  Check check("aclnnWeightQuantBatchMatmulV2");
  if (!check.given(x, "x").given(weight, "weight").given(antiquantScale, "antiquantScale").given(y, "y")) return check.status();
  check.that(!quantScaleOptional && !quantOffsetOptional, "quantScaleOptional and quantOffsetOptional: the twin knows neither");
  check.rank(x, "x", 2, 2).rank(weight, "weight", 2, 2).rank(antiquantScale, "antiquantScale", 1, 2).rank(y, "y", 2, 2);
  check.type(x, "x", {ACL_FLOAT16, ACL_BF16}).same_type(x, antiquantScale).same_type(x, y).type(weight, "weight", {ACL_INT8, ACL_INT32});
  check.dense(x, "x").dense(weight, "weight").dense(antiquantScale, "antiquantScale").dense(y, "y");
  if (!check) return check.status();
  const bool half_family = !strcmp(twin::cann::chip().family, "310p");
  check.that(weight->type == ACL_INT8 || !half_family, "weights of 4 bits on %s", twin::cann::chip().name);
  const int64_t m = x->dims[0], k = x->dims[1], n = weight->dims[1] * (weight->type == ACL_INT8 ? 1 : 8), group = antiquantGroupSize;
  check.that(weight->dims[0] == k, "%s times a weight of %ld rows", show(x->dims).c_str(), (long)weight->dims[0]).shape(y, "y", {m, n});
  check.that(group == 0 || (group % 32 == 0 && group >= 32 && group < k), "a group of %ld of %ld", (long)group, (long)k);
  // One scale a column: (n), and (1, n) but for 310P, which has (n, 1).
  if (group == 0 && (half_family || antiquantScale->dims.size() == 1)) check.shape(antiquantScale, "antiquantScale", {n});
  else check.shape(antiquantScale, "antiquantScale", {group == 0 ? 1 : (k + group - 1) / group, n});
  check.that(m > 0 && k > 0 && n > 0 && k <= 65535 && n <= 65535, "extents of %ld, %ld and %ld", (long)m, (long)k, (long)n);
  if (check && antiquantOffsetOptional) check.same_type(x, antiquantOffsetOptional).shape(antiquantOffsetOptional, "antiquantOffsetOptional", antiquantScale->dims);
  if (check && biasOptional) check.type(biasOptional, "biasOptional", {x->type == ACL_BF16 ? ACL_FLOAT : ACL_FLOAT16}).shape(biasOptional, "biasOptional", {n});
  if (!check) return check.status();
  const bool moved = antiquantOffsetOptional, biased = biasOptional;
  return accept("aclnnWeightQuantBatchMatmulV2", 512, workspaceSize, executor,
                [m, k, n, group, moved, biased, a = *x, w = *weight, s = *antiquantScale, o = moved ? *antiquantOffsetOptional : *x, b = biased ? *biasOptional : *x, out = *y] {
                  const std::vector<float> left = load(a), right = dequantised(w, s, moved ? &o : nullptr, k, n, group, a.type);
                  std::vector<float> result(m * n);
                  twin::math::gemm(m, n, k, left.data(), right.data(), false, result.data());
                  const std::vector<float> add = biased ? load(b) : std::vector<float>();
                  for (size_t i = 0; biased && i < result.size(); ++i) result[i] += add[i % n];
                  store(out, result.data());
                });
}
TWIN_SECOND_PHASE(aclnnWeightQuantBatchMatmulV2)
