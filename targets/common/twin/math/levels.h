// Products of 8-bit levels as whole sums. A slice of 1,024 terms is at most 2^24 and exact in float; slices are added as integers.
#pragma once
#include <stdint.h>

#include <algorithm>
#include <vector>

#include "core.h"
#include "math/conv.h"
#include "math/gemm.h"

namespace twin {
namespace math {

constexpr int64_t exact_terms = 1024;

// c[m][n] = a[m][k] * b[k][n], row-major, the levels as floats.
inline std::vector<int64_t> gemm_levels(int64_t m, int64_t n, int64_t k, const float* a, const float* b) {
  std::vector<int64_t> sums(m * n);
  std::vector<float> slice, part(m * n);
  for (int64_t from = 0; from < k; from += exact_terms) {
    const int64_t terms = std::min(exact_terms, k - from);
    slice.resize(m * terms);
    for (int64_t i = 0; i < m; ++i) std::copy_n(a + i * k + from, terms, slice.data() + i * terms);
    gemm(m, n, terms, slice.data(), b + from * n, false, part.data());
    for (int64_t i = 0; i < m * n; ++i) sums[i] += static_cast<int64_t>(part[i]);
  }
  for (const int64_t sum : sums)
    if (sum != static_cast<int32_t>(sum)) violation("library-argument", 0, "a sum of products of levels, %lld, leaves int32", (long long)sum);
  return sums;
}

// y = x convolved with w [out channels][in channels of a group][taps].
inline std::vector<int64_t> convolve_levels(const Geometry& g, const float* x, const float* w) {
  const int64_t ci = g.in_channels / g.group, co = g.out_channels / g.group;
  const int64_t in_plane = g.in[0] * g.in[1] * g.in[2], out_plane = g.out[0] * g.out[1] * g.out[2];
  const int64_t terms = ci * g.kernel[0] * g.kernel[1] * g.kernel[2];
  std::vector<float> cols(terms * out_plane);
  std::vector<int64_t> y;
  for (int64_t n = 0; n < g.batch; ++n)
    for (int64_t group = 0; group < g.group; ++group) {
      im2col(g, x + (n * g.in_channels + group * ci) * in_plane, ci, cols.data());
      const std::vector<int64_t> one = gemm_levels(co, out_plane, terms, w + group * co * terms, cols.data());
      y.insert(y.end(), one.begin(), one.end());
    }
  return y;
}

}  // namespace math
}  // namespace twin
