// What is computed along axes of a dense tensor: softmax of lines, reductions.
#pragma once
#include <math.h>
#include <stdint.h>

#include <vector>

namespace twin {
namespace math {

// Calls f with the offset of the first element of each line of `extent` elements, which lie `inner` apart.
template <class F>
void each_line(int64_t outer, int64_t extent, int64_t inner, F f) {
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i) f(o * extent * inner + i);
}

// exp(x - max) over their sum, or with `logarithm` its logarithm, of n elements `step` apart; y may be x. NaN makes all of them NaN.
inline void softmax_line(const float* x, float* y, int64_t n, int64_t step, bool logarithm = false) {
  float top = n > 0 ? x[0] : 0;
  for (int64_t k = 1; k < n; ++k) top = x[k * step] > top || x[k * step] != x[k * step] ? x[k * step] : top;
  double sum = 0;
  for (int64_t k = 0; k < n; ++k) sum += expf(x[k * step] - top);
  for (int64_t k = 0; k < n; ++k)
    y[k * step] = logarithm ? x[k * step] - top - static_cast<float>(log(sum)) : static_cast<float>(expf(x[k * step] - top) / sum);
}

enum class Fold { sum, product, largest, smallest };

inline double neutral(Fold fold) { return fold == Fold::sum ? 0 : fold == Fold::product ? 1 : fold == Fold::largest ? -INFINITY : INFINITY; }

// In double; a NaN stays in what it meets.
inline double folded(Fold fold, double a, double x) {
  if (fold == Fold::sum) return a + x;
  if (fold == Fold::product) return a * x;
  if (x != x || a != a) return NAN;
  return (fold == Fold::largest) == (x > a) ? x : a;
}

// One value for each place of the dims that stay, in their order.
inline std::vector<double> reduced(Fold fold, const float* x, const std::vector<int64_t>& dims, const std::vector<bool>& gone) {
  int64_t total = 1, kept = 1;
  for (size_t d = 0; d < dims.size(); ++d) {
    total *= dims[d];
    if (!gone[d]) kept *= dims[d];
  }
  std::vector<double> out(kept, neutral(fold));
  for (int64_t i = 0; i < total; ++i) {
    int64_t left = i, at = 0, step = 1;
    for (size_t d = dims.size(); d-- > 0; left /= dims[d]) {
      if (gone[d]) continue;
      at += left % dims[d] * step;
      step *= dims[d];
    }
    out[at] = folded(fold, out[at], x[i]);
  }
  return out;
}

}  // namespace math
}  // namespace twin
