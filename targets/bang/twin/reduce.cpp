// Pooling, 128-byte sums, arg-reductions and the index sequence.
#include <math.h>
#include <string.h>

#include "core-state.h"
#include "include/bang.h"

using namespace twin::bang;

namespace {

// src is [height][width][channel], dst [out_h][out_w][channel]; windows lie inside the image.
template <class T, class F>
void pool(T* dst, const T* src, int channel, int height, int width, int kernel_h, int kernel_w, int stride_x, int stride_y, int line, float first, F f,
          bool mean = false) {
  if (channel <= 0 || height <= 0 || width <= 0) return;
  if (kernel_h < 1 || kernel_w < 1 || kernel_h > height || kernel_w > width || stride_x < 1 || stride_y < 1)
    twin::violation("vector-rule", line, "pooling %dx%d by a %dx%d window with strides %d, %d", height, width, kernel_h, kernel_w, stride_y, stride_x);
  const int out_h = (height - kernel_h) / stride_y + 1, out_w = (width - kernel_w) / stride_x + 1;
  const size_t from_bytes = sizeof(T) * channel * height * width, to_bytes = sizeof(T) * channel * out_h * out_w;
  const uint8_t* from = compute_read(src, from_bytes, alignof(T), line);
  uint8_t* to = compute_write(dst, to_bytes, alignof(T), line);
  refuse_partial_overlap(dst, to_bytes, src, from_bytes, true, line);
  require_defined(from, from_bytes, line, "pooling");
  for (int y = 0; y < out_h; y++)
    for (int x = 0; x < out_w; x++)
      for (int c = 0; c < channel; c++) {
        float acc = first;
        for (int ky = 0; ky < kernel_h; ky++)
          for (int kx = 0; kx < kernel_w; kx++) acc = f(acc, (float)src[((size_t)(y * stride_y + ky) * width + x * stride_x + kx) * channel + c]);
        dst[((size_t)y * out_w + x) * channel + c] = (T)(mean ? acc / (float)(kernel_h * kernel_w) : acc);
      }
  memset(to, 1, to_bytes);
  count_lanes((size_t)channel * height * width, sizeof(T));
}

template <class T>
const T* all_of(const T* src, uint32_t n, int line, const char* what) {
  if (n == 0) twin::violation("vector-rule", line, "%s over no lanes", what);
  require_defined(compute_read(src, n * sizeof(T), alignof(T), line), n * sizeof(T), line, what);
  count_lanes(n, sizeof(T));
  return src;
}

// The index takes the bytes of an element: of a half, sixteen bits. The documents want room for 128 bytes; kernels of others that
// were run give it two elements (InfiniTensor bangSoftmax_device.mlu).
template <class T, class F>
void arg_reduce(T* dst, const T* src, uint32_t n, int line, F better) {
  all_of(src, n, line, "an arg-reduction");
  uint8_t* to = compute_write(dst, lenient() ? 2 * sizeof(T) : 128, alignof(T), line);
  uint32_t at = 0;
  for (uint32_t i = 1; i < n; i++)
    if (better(src[i], src[at])) at = i;
  dst[0] = src[at];
  memcpy(dst + 1, &at, sizeof(T));
  memset(to, 1, 2 * sizeof(T));
}

template <class T>
void sum_groups(T* dst, const T* src, uint32_t n, int line) {
  constexpr uint32_t group = 128 / sizeof(T);
  if (n % group) twin::violation("vector-rule", line, "__bang_reduce_sum over %u elements, not a multiple of 128 bytes", n);
  const size_t bytes = n * sizeof(T);
  const uint8_t* from = compute_read(src, bytes, alignof(T), line);
  uint8_t* to = compute_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, src, bytes, true, line);
  require_defined(from, bytes, line, "a sum");
  for (uint32_t at = 0; at < n; at += group) {
    float sum = 0;
    for (uint32_t i = 0; i < group; i++) sum += (float)src[at + i];
    dst[at] = (T)sum;
    // Only the first of the group is promised; the others are left undefined.
    memset(to + at * sizeof(T), 0, 128);
    memset(to + at * sizeof(T), 1, sizeof(T));
  }
  count_lanes(n, sizeof(T));
}

template <class T>
T sum_of(const T* src, uint32_t n, int line) {
  all_of(src, n, line, "a sum");
  float sum = 0;
  for (uint32_t i = 0; i < n; i++) sum += (float)src[i];
  return (T)sum;
}

}  // namespace

#define POOL(T, name, ...) \
  void __bang_##name(T* dst, const T* src, int channel, int height, int width, int kernel_height, int kernel_width, int stride_x, int stride_y, int line) { \
    pool(dst, src, channel, height, width, kernel_height, kernel_width, stride_x, stride_y, line, __VA_ARGS__); \
  }
#define REDUCTIONS(T) \
  POOL(T, sumpool, 0, [](float a, float b) { return a + b; }) \
  POOL(T, avgpool, 0, [](float a, float b) { return a + b; }, true) \
  POOL(T, maxpool, -INFINITY, fmaxf) \
  POOL(T, minpool, INFINITY, fminf) \
  void __bang_reduce_sum(T* dst, const T* src, uint32_t n, int line) { sum_groups(dst, src, n, line); } \
  T __bang_sum(const T* src, uint32_t n, int line) { \
    require_arch(state().arch >= 500, "__bang_sum", line); \
    return sum_of(src, n, line); \
  } \
  void __bang_argmax(T* dst, const T* src, uint32_t n, int line) { arg_reduce(dst, src, n, line, [](T a, T b) { return a > b; }); } \
  void __bang_argmin(T* dst, const T* src, uint32_t n, int line) { arg_reduce(dst, src, n, line, [](T a, T b) { return a < b; }); } \
  void __bang_max(T* dst, const T* src, uint32_t n, int line) { arg_reduce(dst, src, n, line, [](T a, T b) { return a > b; }); } \
  void __bang_min(T* dst, const T* src, uint32_t n, int line) { arg_reduce(dst, src, n, line, [](T a, T b) { return a < b; }); }
REDUCTIONS(float)
REDUCTIONS(half)

// mlu-ops uses it above mtp_592 and builds sequences by hand elsewhere, so it is refused there.
void __bang_incseq(int32_t* dst, uint32_t n, int line) {
  require_arch(state().arch > 592, "__bang_incseq", line);
  memset(compute_write(dst, n * sizeof(int32_t), alignof(int32_t), line), 1, n * sizeof(int32_t));
  for (uint32_t i = 0; i < n; i++) dst[i] = (int32_t)i;
  count_lanes(n, sizeof(int32_t));
}
