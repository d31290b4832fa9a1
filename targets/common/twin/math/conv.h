// Convolutions of images in planes (NCHW), both ways round: im2col and a matrix product, depthwise as shifted rows; one to three
// spatial dims. What layouts, paddings and types a vendor's call takes is its own.
#pragma once
#include <stdint.h>
#include <string.h>

#include <algorithm>
#include <vector>

#include "math/gemm.h"

namespace twin {
namespace math {

// Everything in three spatial dims; missing ones in front have extent 1.
struct Geometry {
  int64_t batch, group, in_channels, out_channels;  // channels of all groups
  int64_t in[3], out[3], kernel[3], stride[3], dilation[3], before[3];
};

// The input positions a row of outputs reads with one kernel column: [first, last) lie inside.
inline void inside(int64_t out, int64_t in, int64_t stride, int64_t shift, int64_t& first, int64_t& last) {
  first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
  last = in - shift <= 0 ? 0 : (in - shift + stride - 1) / stride;
  if (first > out) first = out;
  if (last > out) last = out;
  if (last < first) last = first;
}

// cols[(c, kd, kh, kw)][(d, h, w)]
inline void im2col(const Geometry& g, const float* x, int64_t channels, float* cols) {
  const int64_t plane = g.out[0] * g.out[1] * g.out[2];
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t kd = 0; kd < g.kernel[0]; ++kd)
      for (int64_t kh = 0; kh < g.kernel[1]; ++kh)
        for (int64_t kw = 0; kw < g.kernel[2]; ++kw, cols += plane) {
          float* row = cols;
          const int64_t shift = kw * g.dilation[2] - g.before[2];
          int64_t first, last;
          inside(g.out[2], g.in[2], g.stride[2], shift, first, last);
          for (int64_t d = 0; d < g.out[0]; ++d)
            for (int64_t h = 0; h < g.out[1]; ++h, row += g.out[2]) {
              const int64_t id = d * g.stride[0] + kd * g.dilation[0] - g.before[0], ih = h * g.stride[1] + kh * g.dilation[1] - g.before[1];
              memset(row, 0, g.out[2] * sizeof(float));
              if (id < 0 || id >= g.in[0] || ih < 0 || ih >= g.in[1]) continue;
              const float* from = x + ((c * g.in[0] + id) * g.in[1] + ih) * g.in[2] + shift;
              if (g.stride[2] == 1) memcpy(row + first, from + first, (last - first) * sizeof(float));
              else
                for (int64_t w = first; w < last; ++w) row[w] = from[w * g.stride[2]];
            }
        }
}

// One output channel from one input channel: shifted rows, added up.
inline void depthwise(const Geometry& g, const float* x, const float* w, float* y) {
  for (int64_t kd = 0; kd < g.kernel[0]; ++kd)
    for (int64_t kh = 0; kh < g.kernel[1]; ++kh)
      for (int64_t kw = 0; kw < g.kernel[2]; ++kw) {
        const float factor = w[(kd * g.kernel[1] + kh) * g.kernel[2] + kw];
        const int64_t shift = kw * g.dilation[2] - g.before[2];
        int64_t first, last;
        inside(g.out[2], g.in[2], g.stride[2], shift, first, last);
        for (int64_t d = 0; d < g.out[0]; ++d)
          for (int64_t h = 0; h < g.out[1]; ++h) {
            const int64_t id = d * g.stride[0] + kd * g.dilation[0] - g.before[0], ih = h * g.stride[1] + kh * g.dilation[1] - g.before[1];
            if (id < 0 || id >= g.in[0] || ih < 0 || ih >= g.in[1]) continue;
            const float* from = x + (id * g.in[1] + ih) * g.in[2] + shift;
            float* to = y + (d * g.out[1] + h) * g.out[2];
            for (int64_t i = first; i < last; ++i) to[i] += factor * from[i * g.stride[2]];
          }
      }
}

// y = x convolved with w [out channels][in channels of a group][taps].
inline void convolve(const Geometry& g, const float* x, const float* w, float* y) {
  const int64_t ci = g.in_channels / g.group, co = g.out_channels / g.group;
  const int64_t in_plane = g.in[0] * g.in[1] * g.in[2], out_plane = g.out[0] * g.out[1] * g.out[2];
  const int64_t taps = g.kernel[0] * g.kernel[1] * g.kernel[2];
  bool pointwise = taps == 1;
  for (int i = 0; i < 3; ++i) pointwise = pointwise && g.stride[i] == 1 && g.before[i] == 0 && g.in[i] == g.out[i];
  const bool single = ci == 1 && co == 1;
  std::vector<float> cols(pointwise || single ? 0 : ci * taps * out_plane);
  for (int64_t n = 0; n < g.batch; ++n)
    for (int64_t k = 0; k < g.group; ++k) {
      const float* from = x + (n * g.in_channels + k * ci) * in_plane;
      const float* filter = w + k * co * ci * taps;
      float* to = y + (n * g.out_channels + k * co) * out_plane;
      if (single) {
        std::fill_n(to, out_plane, 0.0f);
        depthwise(g, from, filter, to);
      } else {
        if (!pointwise) im2col(g, from, ci, cols.data());
        gemm(co, out_plane, ci * taps, filter, pointwise ? from : cols.data(), false, to);
      }
    }
}

// The transposed convolution: w is [in channels][out channels of a group][taps]. Every input adds its filter to the outputs it reaches: y[o] += x[i] * w with o = i * stride + k * dilation - before.
inline void convolve_transposed(const Geometry& g, const float* x, const float* w, float* y) {
  const int64_t ci = g.in_channels / g.group, co = g.out_channels / g.group;
  const int64_t in_plane = g.in[0] * g.in[1] * g.in[2], out_plane = g.out[0] * g.out[1] * g.out[2];
  const int64_t taps = g.kernel[0] * g.kernel[1] * g.kernel[2];
  // cols[(oc, tap)][i] = sum over ic of w[ic][oc][tap] * x[ic][i], then spread.
  std::vector<float> cols(co * taps * in_plane), turned(co * taps * ci);
  for (int64_t n = 0; n < g.batch; ++n)
    for (int64_t k = 0; k < g.group; ++k) {
      const float* filter = w + k * ci * co * taps;
      for (int64_t c = 0; c < ci; ++c)
        for (int64_t i = 0; i < co * taps; ++i) turned[i * ci + c] = filter[c * co * taps + i];
      gemm(co * taps, in_plane, ci, turned.data(), x + (n * g.in_channels + k * ci) * in_plane, false, cols.data());
      const float* col = cols.data();
      for (int64_t o = 0; o < co; ++o) {
        float* to = y + (n * g.out_channels + k * co + o) * out_plane;
        std::fill_n(to, out_plane, 0.0f);
        for (int64_t kd = 0; kd < g.kernel[0]; ++kd)
          for (int64_t kh = 0; kh < g.kernel[1]; ++kh)
            for (int64_t kw = 0; kw < g.kernel[2]; ++kw)
              for (int64_t d = 0; d < g.in[0]; ++d)
                for (int64_t h = 0; h < g.in[1]; ++h)
                  for (int64_t i = 0; i < g.in[2]; ++i, ++col) {
                    const int64_t od = d * g.stride[0] + kd * g.dilation[0] - g.before[0], oh = h * g.stride[1] + kh * g.dilation[1] - g.before[1];
                    const int64_t ow = i * g.stride[2] + kw * g.dilation[2] - g.before[2];
                    if (od < 0 || od >= g.out[0] || oh < 0 || oh >= g.out[1] || ow < 0 || ow >= g.out[2]) continue;
                    to[(od * g.out[1] + oh) * g.out[2] + ow] += *col;
                  }
      }
    }
}

// Adds one number a channel to [batch][channels][plane].
inline void add_bias(int64_t batch, int64_t channels, int64_t plane, const float* bias, float* y) {
  for (int64_t i = 0; i < batch * channels; ++i)
    for (int64_t j = 0; j < plane; ++j) y[i * plane + j] += bias[i % channels];
}

}  // namespace math
}  // namespace twin
