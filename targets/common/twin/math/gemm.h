// Matrix products at a speed that lets a detector run in seconds: panels of 16 columns, four rows in registers. Each sum is
// formed in float in the order of the inner dimension.
#pragma once
#include <stdint.h>
#include <string.h>

#include <algorithm>
#include <vector>

#include "core.h"

#pragma GCC diagnostic push
// Vectors stay inside one inlined function, so how they would be passed is nobody's concern.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace twin {
namespace math {

constexpr int64_t panel_width = 16;
typedef float Lanes __attribute__((vector_size(32)));

static inline Lanes load_lanes(const float* p) {
  Lanes v;
  memcpy(&v, p, sizeof v);
  return v;
}

// rows (1 to 4) of a against one panel, the sums kept in registers over all of k.
template <int rows>
static inline __attribute__((always_inline)) void tile(int64_t k, const float* a, int64_t a_stride, const float* panel, float out[4][panel_width]) {
  Lanes low[rows] = {}, high[rows] = {};
  for (int64_t i = 0; i < k; i++) {
    const Lanes b0 = load_lanes(panel + i * panel_width), b1 = load_lanes(panel + i * panel_width + 8);
    for (int r = 0; r < rows; r++) {
      const float x = a[r * a_stride + i];
      low[r] += x * b0;
      high[r] += x * b1;
    }
  }
  for (int r = 0; r < rows; r++) {
    memcpy(out[r], &low[r], sizeof low[r]);
    memcpy(out[r] + 8, &high[r], sizeof high[r]);
  }
}

TWIN_CLONES("avx2") static inline void panel_product(int64_t m, int64_t k, const float* a, const float* panel, float* c, int64_t c_stride,
                                                                      int64_t columns) {
  float out[4][panel_width];
  for (int64_t i = 0; i < m; i += 4) {
    const int64_t rows = std::min<int64_t>(4, m - i);
    if (rows == 4)
      tile<4>(k, a + i * k, k, panel, out);
    else
      for (int64_t r = 0; r < rows; r++) {
        float one[4][panel_width];
        tile<1>(k, a + (i + r) * k, k, panel, one);
        memcpy(out[r], one[0], sizeof one[0]);
      }
    for (int64_t r = 0; r < rows; r++) memcpy(c + (i + r) * c_stride, out[r], columns * sizeof(float));
  }
}

// b once, many a: what a convolution wants.
class PackedB {
 public:
  // b is k x n, or n x k where it is given transposed.
  PackedB(int64_t n, int64_t k, const float* b, bool b_transposed) : n_(n), k_(k), panels_((n + panel_width - 1) / panel_width * panel_width * k, 0.0f) {
    for (int64_t j = 0; j < n; j++) {
      float* to = panels_.data() + j / panel_width * panel_width * k + j % panel_width;
      for (int64_t i = 0; i < k; i++) to[i * panel_width] = b_transposed ? b[j * k + i] : b[i * n + j];
    }
  }

  // c[m][n], its rows c_stride apart.
  void multiply(int64_t m, const float* a, float* c, int64_t c_stride) const {
    // Blocks of rows stay in cache while all panels pass over them.
    const int64_t block = std::max<int64_t>(4, (1 << 16) / std::max<int64_t>(k_, 1) / 4 * 4);
    for (int64_t i = 0; i < m; i += block)
      for (int64_t j = 0; j < n_; j += panel_width)
        panel_product(std::min(block, m - i), k_, a + i * k_, panels_.data() + j * k_, c + i * c_stride + j, c_stride, std::min(panel_width, n_ - j));
  }

 private:
  int64_t n_, k_;
  std::vector<float> panels_;
};

// c[m][n] = a[m][k] * b[k][n], row-major; b given as its transpose [n][k] when b_transposed.
inline void gemm(int64_t m, int64_t n, int64_t k, const float* a, const float* b, bool b_transposed, float* c) {
  PackedB(n, k, b, b_transposed).multiply(m, a, c, n);
}

// [outer][rows][cols] to [outer][cols][rows]: channels last to channels first and back.
inline std::vector<float> turned(int64_t outer, int64_t rows, int64_t cols, const float* from) {
  std::vector<float> to(outer * rows * cols);
  for (int64_t o = 0; o < outer; ++o, from += rows * cols)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; ++c) to[(o * cols + c) * rows + r] = from[r * cols + c];
  return to;
}

}  // namespace math
}  // namespace twin

#pragma GCC diagnostic pop
