// Pooling, 128-byte sums, arg-reductions and the index sequence.
#include <math.h>
#include <string.h>

#include "core-state.h"
#include "include/bang.h"

using namespace twin::bang;

namespace {

// src is [height][width][channel], dst [out_h][out_w][channel]; windows lie inside the image.
template <class F>
void pool(float* dst, const float* src, int channel, int height, int width, int kernel_h, int kernel_w, int stride_x, int stride_y, int line,
          float first, F f) {
  if (channel <= 0 || height <= 0 || width <= 0) return;
  if (kernel_h < 1 || kernel_w < 1 || kernel_h > height || kernel_w > width || stride_x < 1 || stride_y < 1)
    twin::violation("vector-rule", line, "pooling %dx%d by a %dx%d window with strides %d, %d", height, width, kernel_h, kernel_w, stride_y, stride_x);
  const int out_h = (height - kernel_h) / stride_y + 1, out_w = (width - kernel_w) / stride_x + 1;
  const size_t from_bytes = sizeof(float) * channel * height * width, to_bytes = sizeof(float) * channel * out_h * out_w;
  const uint8_t* from = compute_read(src, from_bytes, alignof(float), line);
  uint8_t* to = compute_write(dst, to_bytes, alignof(float), line);
  refuse_partial_overlap(dst, to_bytes, src, from_bytes, true, line);
  require_defined(from, from_bytes, line, "pooling");
  for (int y = 0; y < out_h; y++)
    for (int x = 0; x < out_w; x++)
      for (int c = 0; c < channel; c++) {
        float acc = first;
        for (int ky = 0; ky < kernel_h; ky++)
          for (int kx = 0; kx < kernel_w; kx++) acc = f(acc, src[((size_t)(y * stride_y + ky) * width + x * stride_x + kx) * channel + c]);
        dst[((size_t)y * out_w + x) * channel + c] = acc;
      }
  memset(to, 1, to_bytes);
  count_lanes((size_t)channel * height * width, sizeof(float));
}

template <class F>
void arg_reduce(float* dst, const float* src, uint32_t n, int line, F better) {
  if (n == 0) twin::violation("vector-rule", line, "an arg-reduction over no lanes");
  const uint8_t* from = compute_read(src, n * sizeof(float), alignof(float), line);
  uint8_t* to = compute_write(dst, 128, alignof(float), line);
  require_defined(from, n * sizeof(float), line, "an arg-reduction");
  uint32_t at = 0;
  for (uint32_t i = 1; i < n; i++)
    if (better(src[i], src[at])) at = i;
  dst[0] = src[at];
  memcpy(dst + 1, &at, 4);
  memset(to, 1, 8);
  count_lanes(n, sizeof(float));
}

}  // namespace

void __bang_sumpool(float* dst, const float* src, int channel, int height, int width, int kernel_height, int kernel_width, int stride_x, int stride_y,
                    int line) {
  pool(dst, src, channel, height, width, kernel_height, kernel_width, stride_x, stride_y, line, 0, [](float a, float b) { return a + b; });
}
void __bang_maxpool(float* dst, const float* src, int channel, int height, int width, int kernel_height, int kernel_width, int stride_x, int stride_y,
                    int line) {
  pool(dst, src, channel, height, width, kernel_height, kernel_width, stride_x, stride_y, line, -INFINITY, fmaxf);
}
void __bang_minpool(float* dst, const float* src, int channel, int height, int width, int kernel_height, int kernel_width, int stride_x, int stride_y,
                    int line) {
  pool(dst, src, channel, height, width, kernel_height, kernel_width, stride_x, stride_y, line, INFINITY, fminf);
}

void __bang_reduce_sum(float* dst, const float* src, uint32_t n, int line) {
  if (n % 32) twin::violation("vector-rule", line, "__bang_reduce_sum over %u floats, not a multiple of 128 bytes", n);
  const uint8_t* from = compute_read(src, n * sizeof(float), alignof(float), line);
  uint8_t* to = compute_write(dst, n * sizeof(float), alignof(float), line);
  refuse_partial_overlap(dst, n * sizeof(float), src, n * sizeof(float), true, line);
  require_defined(from, n * sizeof(float), line, "a sum");
  for (uint32_t at = 0; at < n; at += 32) {
    float sum = 0;
    for (uint32_t i = 0; i < 32; i++) sum += src[at + i];
    dst[at] = sum;
    // Only the first of the 32 is promised; the others are left undefined.
    memset(to + at * 4, 0, 128);
    memset(to + at * 4, 1, 4);
  }
  count_lanes(n, sizeof(float));
}

void __bang_argmax(float* dst, const float* src, uint32_t n, int line) {
  arg_reduce(dst, src, n, line, [](float a, float b) { return a > b; });
}
void __bang_argmin(float* dst, const float* src, uint32_t n, int line) {
  arg_reduce(dst, src, n, line, [](float a, float b) { return a < b; });
}

// mlu-ops uses it above mtp_592 and builds sequences by hand elsewhere, so it is refused there.
void __bang_incseq(int32_t* dst, uint32_t n, int line) {
  require_arch(state().arch > 592, "__bang_incseq", line);
  memset(compute_write(dst, n * sizeof(int32_t), alignof(int32_t), line), 1, n * sizeof(int32_t));
  for (uint32_t i = 0; i < n; i++) dst[i] = (int32_t)i;
  count_lanes(n, sizeof(int32_t));
}
