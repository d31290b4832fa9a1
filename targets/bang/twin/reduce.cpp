// Pooling, 128-byte sums, arg-reductions and the index sequence.
#include <math.h>
#include <string.h>

#include <type_traits>
#include <vector>

#include "core-state.h"
#include "include/bang.h"

using namespace twin::bang;

namespace {

// The channels of an image that were written, by sizeof(T) bytes: those behind the last one of a padded pixel may be nobody's (smarsu/smnet-eager
// smnet/third_party/mlu/kernel/pool.h, mmcv roi_pool_mlu_kernel.mlu), but one that is written here and there is a mistake.
template <class T>
std::vector<uint8_t> written_channels(const uint8_t* from, int pixels, int channel, int line) {
  require_some_defined(from, sizeof(T) * channel * pixels, line);
  const std::vector<uint8_t> out(from, from + sizeof(T) * channel);
  for (int p = 1; p < pixels; p++)
    if (memcmp(from + p * out.size(), out.data(), out.size())) require_defined(from, pixels * out.size(), line, "pooling");
  return out;
}

struct Window {
  int channel, height, width, kernel_h, kernel_w, stride_x, stride_y;
  int out_h() const { return (height - kernel_h) / stride_y + 1; }
  int out_w() const { return (width - kernel_w) / stride_x + 1; }
};

// src is [height][width][channel], dst [out_h][out_w][channel]; windows lie inside the image. over(pixel) is a lane's value, where pixel(ky, kx)
// is one of its window.
template <class D, class T, class F>
void windows(D* dst, const T* src, const Window& w, int line, F over) {
  if (w.channel <= 0 || w.height <= 0 || w.width <= 0) return;
  if (w.kernel_h < 1 || w.kernel_w < 1 || w.kernel_h > w.height || w.kernel_w > w.width || w.stride_x < 1 || w.stride_y < 1)
    twin::violation("vector-rule", line, "pooling %dx%d by a %dx%d window with strides %d, %d", w.height, w.width, w.kernel_h, w.kernel_w, w.stride_y, w.stride_x);
  const int pixels = w.height * w.width, places = w.out_h() * w.out_w();
  const size_t from_bytes = sizeof(T) * w.channel * pixels, to_bytes = sizeof(D) * w.channel * places;
  const uint8_t* from = compute_read(src, from_bytes, alignof(T), line);
  uint8_t* to = compute_write(dst, to_bytes, alignof(D), line);
  refuse_partial_overlap(dst, to_bytes, src, from_bytes, true, line);
  const std::vector<uint8_t> written = written_channels<T>(from, pixels, w.channel, line);
  for (int place = 0; place < places; place++)
    for (int c = 0; c < w.channel; c++) {
      const T* first = src + ((size_t)(place / w.out_w() * w.stride_y) * w.width + place % w.out_w() * w.stride_x) * w.channel + c;
      dst[(size_t)place * w.channel + c] = (D)over([=](int ky, int kx) { return (float)first[((size_t)ky * w.width + kx) * w.channel]; });
      memset(to + ((size_t)place * w.channel + c) * sizeof(D), written[c * sizeof(T)], sizeof(D));
    }
  count_lanes((size_t)w.channel * pixels, sizeof(T));
}

template <class T, class F>
void pool(T* dst, const T* src, const Window& w, int line, float first, F f, bool mean = false) {
  windows(dst, src, w, line, [&](auto pixel) {
    float acc = first;
    for (int ky = 0; ky < w.kernel_h; ky++)
      for (int kx = 0; kx < w.kernel_w; kx++) acc = f(acc, pixel(ky, kx));
    return mean ? acc / (float)(w.kernel_h * w.kernel_w) : acc;
  });
}

// A14: where in the window the largest is, row by row, the first of equals. Whether it counts in the window or in the image shows in no public
// kernel, since mmcv roi_pool's windows are whole images: others are refused.
template <class D, class T>
void pool_index(D* dst, const T* src, const Window& w, int line) {
  if (w.kernel_h != w.height || w.kernel_w != w.width)
    twin::violation("undocumented", line, "__bang_maxpool_index of %dx%d windows in %dx%d: what its index counts stands nowhere", w.kernel_h, w.kernel_w, w.height, w.width);
  windows(dst, src, w, line, [&](auto pixel) {
    int best = 0;
    for (int at = 1; at < w.kernel_h * w.kernel_w; at++)
      if (pixel(at / w.kernel_w, at % w.kernel_w) > pixel(best / w.kernel_w, best % w.kernel_w)) best = at;
    return best;
  });
}

template <class T>
const T* all_of(const T* src, uint32_t n, int line, const char* what) {
  if (n == 0) twin::violation("vector-rule", line, "%s over no lanes", what);
  require_defined(compute_read(src, n * sizeof(T), alignof(T), line), n * sizeof(T), line, what);
  count_lanes(n, sizeof(T));
  return src;
}

// The index stands behind the value. A15: from mtp_300 on it has four bytes behind a half too (mlu-ops three_nn_forward reads them so; the low
// two are what older kernels take). The documents want room for 128 bytes; kernels of others that were run give it two floats (InfiniTensor
// bangSoftmax_device.mlu).
template <class Index, class T, class F>
void arg_reduce(T* dst, const T* src, uint32_t n, int line, F better) {
  all_of(src, n, line, "an arg-reduction");
  uint8_t* to = compute_write(dst, lenient() ? sizeof(T) + sizeof(Index) : 128, alignof(T), line);
  uint32_t at = 0;
  for (uint32_t i = 1; i < n; i++)
    if (better(src[i], src[at])) at = i;
  dst[0] = src[at];
  memcpy((void*)(dst + 1), &at, sizeof(Index));
  memset(to, 1, sizeof(T) + sizeof(Index));
}

template <class T>
using OldIndex = std::conditional_t<sizeof(T) == 2, uint16_t, uint32_t>;

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

#define WINDOW int channel, int height, int width, int kernel_height, int kernel_width, int stride_x, int stride_y, int line
#define POOL(T, name, ...) \
  void __bang_##name(T* dst, const T* src, WINDOW) { \
    pool(dst, src, {channel, height, width, kernel_height, kernel_width, stride_x, stride_y}, line, __VA_ARGS__); \
  }
#define POOL_INDEX(D, T) \
  void __bang_maxpool_index(D* dst, const T* src, WINDOW) { \
    pool_index(dst, src, {channel, height, width, kernel_height, kernel_width, stride_x, stride_y}, line); \
  }
POOL_INDEX(uint32_t, float)
POOL_INDEX(uint16_t, half)
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
  void __bang_argmax(T* dst, const T* src, uint32_t n, int line) { arg_reduce<uint32_t>(dst, src, n, line, [](T a, T b) { return a > b; }); } \
  void __bang_argmin(T* dst, const T* src, uint32_t n, int line) { arg_reduce<uint32_t>(dst, src, n, line, [](T a, T b) { return a < b; }); } \
  void __bang_max(T* dst, const T* src, uint32_t n, int line) { arg_reduce<OldIndex<T>>(dst, src, n, line, [](T a, T b) { return a > b; }); } \
  void __bang_min(T* dst, const T* src, uint32_t n, int line) { arg_reduce<OldIndex<T>>(dst, src, n, line, [](T a, T b) { return a < b; }); }
REDUCTIONS(float)
REDUCTIONS(half)

// mlu-ops uses it above mtp_592 and builds sequences by hand elsewhere, so it is refused there.
void __bang_incseq(int32_t* dst, uint32_t n, int line) {
  require_arch(state().arch > 592, "__bang_incseq", line);
  memset(compute_write(dst, n * sizeof(int32_t), alignof(int32_t), line), 1, n * sizeof(int32_t));
  for (uint32_t i = 0; i < n; i++) dst[i] = (int32_t)i;
  count_lanes(n, sizeof(int32_t));
}
