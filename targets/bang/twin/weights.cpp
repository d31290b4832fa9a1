// Products with operands in WRAM: channel c of the weights lies in lane c % 64 at row c / 64 (bangc.md section 8).
#include <math.h>
#include <string.h>

#include <limits>

#include "core-state.h"
#include "include/bang.h"

using namespace twin::bang;
using twin::violation;

namespace {

constexpr int row_bytes = 64;

// One row of `k` elements for each of `n` channels.
template <class T>
class Weights {
 public:
  Weights(const T* p, int k, int n, int line) : p_(p), k_(k) {
    const size_t bytes = (size_t)k * sizeof(T);
    if (!in_wram(p)) violation("wrong-space", line, "weights lie in WRAM, and this address does not");
    if (bytes % row_bytes) violation("vector-rule", line, "a channel of %d weights takes %zu bytes, not a multiple of %d", k, bytes, row_bytes);
    if (n % (int)wram_lanes) violation("vector-rule", line, "%d channels of weights do not fill the 64 lanes of WRAM", n);
    const Space& wram = state().wram;
    stride_ = wram.lane_bytes();
    for (int c = 0; c < n; c++) require_defined(locate_in(wram, row(c), bytes, row_bytes, line, "read"), bytes, line, "a product");
  }
  const T* row(int c) const {
    return reinterpret_cast<const T*>(reinterpret_cast<const uint8_t*>(p_) + (size_t)(c % (int)wram_lanes) * stride_) + (size_t)(c / (int)wram_lanes) * k_;
  }

 private:
  const T* p_;
  size_t k_, stride_ = 0;
};

template <class T>
const T* image(const T* p, size_t n, int line) {
  require_defined(compute_read(p, n * sizeof(T), alignof(T), line), n * sizeof(T), line, "a product");
  return p;
}

template <class D>
D stored(double x) {
  if (std::numeric_limits<D>::is_integer) {
    const double lo = (double)std::numeric_limits<D>::min(), hi = (double)std::numeric_limits<D>::max(), whole = nearbyint(x);
    return (D)(whole < lo ? lo : whole > hi ? hi : whole);
  }
  return (D)(float)x;
}

// Sums of floats are float, of integers exact; fix: the sum of the operands' positions.
template <class D, class A, class B>
void conv(D* dst, const A* src, const B* kernel, const D* bias, int ci, int h, int w, int kh, int kw, int stride_x, int stride_y, int co, int fix, int line) {
  if (ci < 1 || h < 1 || w < 1 || kh < 1 || kw < 1 || kh > h || kw > w || stride_x < 1 || stride_y < 1 || co < 1)
    violation("vector-rule", line, "a convolution of %dx%dx%d by %dx%d with strides %d, %d to %d channels", h, w, ci, kh, kw, stride_y, stride_x, co);
  const int out_h = (h - kh) / stride_y + 1, out_w = (w - kw) / stride_x + 1;
  const size_t to_bytes = (size_t)out_h * out_w * co * sizeof(D), from = (size_t)h * w * ci;
  image(src, from, line);
  const Weights<B> weights(kernel, kh * kw * ci, co, line);
  if (bias) image(bias, co, line);
  uint8_t* to = compute_write(dst, to_bytes, alignof(D), line);
  refuse_partial_overlap(dst, to_bytes, src, from * sizeof(A), false, line);
  constexpr bool exact = std::numeric_limits<A>::is_integer;
  for (int y = 0; y < out_h; y++)
    for (int x = 0; x < out_w; x++)
      for (int c = 0; c < co; c++) {
        const B* k = weights.row(c);
        double whole = 0;
        float sum = 0;
        for (int i = 0; i < kh; i++)
          for (int j = 0; j < kw; j++) {
            const A* a = src + ((size_t)(y * stride_y + i) * w + x * stride_x + j) * ci;
            const B* b = k + ((size_t)i * kw + j) * ci;
            for (int d = 0; d < ci; d++) exact ? whole += (double)(float)a[d] * (double)(float)b[d] : sum += (float)a[d] * (float)b[d];
          }
        const double result = (exact ? ldexp(whole, fix) : (double)sum) + (bias ? (double)(float)bias[c] : 0);
        dst[((size_t)y * out_w + x) * co + c] = stored<D>(result);
      }
  memset(to, 1, to_bytes);
  count_lanes((size_t)out_h * out_w * co, sizeof(D));
}

// [n][h][w][c] in the order that a linear copy spreads over WRAM: of every lane its channels one after the other.
template <class T>
void reshape_filter(T* dst, const T* src, int n, int h, int w, int c, int line) {
  const int lanes = (int)wram_lanes, row = h * w * c;
  if (n < 1 || row < 1 || n % lanes) violation("vector-rule", line, "__bang_reshape_filter of %d channels, which do not fill the 64 lanes of WRAM", n);
  const size_t bytes = (size_t)n * row * sizeof(T);
  require_defined(compute_read(src, bytes, alignof(T), line), bytes, line, "__bang_reshape_filter");
  memset(compute_write(dst, bytes, alignof(T), line), 1, bytes);
  refuse_partial_overlap(dst, bytes, src, bytes, false, line);
  for (int channel = 0; channel < n; channel++) {
    const size_t place = (size_t)(channel % lanes) * (n / lanes) + channel / lanes;
    memcpy((void*)(dst + place * row), src + (size_t)channel * row, row * sizeof(T));
  }
  count_lanes((size_t)n * row, sizeof(T));
}

// [n][a][b] to [n][b][a].
template <class T>
void exchange(T* dst, const T* src, int n, int a, int b, int line) {
  const size_t bytes = (size_t)n * a * b * sizeof(T);
  require_defined(compute_read(src, bytes, alignof(T), line), bytes, line, "a reshape");
  memset(compute_write(dst, bytes, alignof(T), line), 1, bytes);
  refuse_partial_overlap(dst, bytes, src, bytes, false, line);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < a; j++)
      for (int k = 0; k < b; k++) dst[((size_t)i * b + k) * a + j] = src[((size_t)i * a + j) * b + k];
  count_lanes((size_t)n * a * b, sizeof(T));
}

}  // namespace

#define WEIGHTS(T) \
  void __bang_reshape_filter(T* dst, const T* src, int n, int h, int w, int c, int line) { reshape_filter(dst, src, n, h, w, c, line); } \
  void __bang_reshape_nchw2nhwc(T* dst, const T* src, int n, int h, int w, int c, int line) { exchange(dst, src, n, c, h * w, line); } \
  void __bang_reshape_nhwc2nchw(T* dst, const T* src, int n, int h, int w, int c, int line) { exchange(dst, src, n, h * w, c, line); }
WEIGHTS(float)
WEIGHTS(half)
WEIGHTS(int8_t)
WEIGHTS(int16_t)

#define PRODUCT(D, A, B) \
  void __bang_conv(D* dst, const A* src, const B* kernel, int ci, int h, int w, int kh, int kw, int sx, int sy, int co, int fix, int line) { \
    conv<D>(dst, src, kernel, nullptr, ci, h, w, kh, kw, sx, sy, co, fix, line); \
  } \
  void __bang_conv(D* dst, const A* src, const B* kernel, const D* bias, int ci, int h, int w, int kh, int kw, int sx, int sy, int co, int fix, int line) { \
    conv(dst, src, kernel, bias, ci, h, w, kh, kw, sx, sy, co, fix, line); \
  } \
  void __bang_mlp(D* dst, const A* src, const D* bias, const B* weight, int height, int width, int fix, int line) { \
    conv(dst, src, weight, bias, height, 1, 1, 1, 1, 1, 1, width, fix, line); \
  }
PRODUCT(half, int8_t, int8_t)
PRODUCT(half, int16_t, int8_t)
PRODUCT(half, int16_t, int16_t)
PRODUCT(float, int8_t, int8_t)
PRODUCT(float, int16_t, int8_t)
PRODUCT(float, int16_t, int16_t)
PRODUCT(int16_t, int8_t, int8_t)
PRODUCT(int16_t, int16_t, int8_t)
PRODUCT(int16_t, int16_t, int16_t)
#define FLOAT_PRODUCT(D, T) \
  void __bang_conv(D* dst, const T* src, const T* kernel, int ci, int h, int w, int kh, int kw, int sx, int sy, int co, int line) { \
    require_arch(state().arch >= 300, "__bang_conv of floats", line); \
    conv<D>(dst, src, kernel, nullptr, ci, h, w, kh, kw, sx, sy, co, 0, line); \
  } \
  void __bang_conv(D* dst, const T* src, const T* kernel, const D* bias, int ci, int h, int w, int kh, int kw, int sx, int sy, int co, int line) { \
    require_arch(state().arch >= 300, "__bang_conv of floats", line); \
    conv(dst, src, kernel, bias, ci, h, w, kh, kw, sx, sy, co, 0, line); \
  } \
  void __bang_matmul(D* dst, const T* a, const T* b, int m, int k, int n, int line) { \
    require_arch(state().arch >= 300, "__bang_matmul", line); \
    conv<D>(dst, a, b, nullptr, k, m, 1, 1, 1, 1, 1, n, 0, line); \
  } \
  void __bang_mlp(D* dst, const T* src, const T* weight, int height, int width, int line) { \
    require_arch(state().arch >= 300, "__bang_mlp of floats", line); \
    conv<D>(dst, src, weight, nullptr, height, 1, 1, 1, 1, 1, 1, width, 0, line); \
  }
FLOAT_PRODUCT(float, float)
FLOAT_PRODUCT(half, half)
FLOAT_PRODUCT(float, half)
