// aclnnConvolution, both ways round: im2col and a matrix product, depthwise as shifted rows; one to three spatial dims.
#include <string.h>

#include <algorithm>

#include "../include/aclnnop/aclnn_convolution.h"
#include "tensor.h"

using namespace twin::aclnn;

namespace {

// Everything in three spatial dims; missing ones in front have extent 1.
struct Geometry {
  int64_t batch, group, in_channels, out_channels;  // channels of all groups
  int64_t in[3], out[3], kernel[3], stride[3], dilation[3], before[3];
};

void in_front(const Dims& from, int64_t (&to)[3], int64_t fill) {
  for (size_t i = 0; i < 3; ++i) to[i] = i + from.size() < 3 ? fill : from[i + from.size() - 3];
}

// Pads as begins and ends a dimension: one number each, or begin and end in turn.
bool read_pads(const Dims& pads, size_t spatial, Dims& before, Dims& after) {
  if (pads.size() == spatial) {
    before = after = pads;
    return true;
  }
  if (spatial == 1 && pads.size() == 1) return before = after = pads, true;
  if (pads.size() != 2 * spatial || spatial == 3) return false;
  before.clear();
  after.clear();
  for (size_t i = 0; i < spatial; ++i) {
    before.push_back(pads[2 * i]);
    after.push_back(pads[2 * i + 1]);
  }
  return true;
}

// The input positions a row of outputs reads with one kernel column: [first, last) lie inside.
void inside(int64_t out, int64_t in, int64_t stride, int64_t shift, int64_t& first, int64_t& last) {
  first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
  last = in - shift <= 0 ? 0 : (in - shift + stride - 1) / stride;
  if (first > out) first = out;
  if (last > out) last = out;
  if (last < first) last = first;
}

// cols[(c, kd, kh, kw)][(d, h, w)]
void im2col(const Geometry& g, const float* x, int64_t channels, float* cols) {
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
void depthwise(const Geometry& g, const float* x, const float* w, float* y) {
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

void forward(const Geometry& g, const float* x, const float* w, float* y) {
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
        depthwise(g, from, filter, to);
      } else {
        if (!pointwise) im2col(g, from, ci, cols.data());
        multiply(co, out_plane, ci * taps, filter, pointwise ? from : cols.data(), to);
      }
    }
}

// Every input adds its filter to the outputs it reaches: y[o] += x[i] * w with o = i * stride + k * dilation - before.
void backward(const Geometry& g, const float* x, const float* w, float* y) {
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
      std::fill(cols.begin(), cols.end(), 0.0f);
      multiply(co * taps, in_plane, ci, turned.data(), x + (n * g.in_channels + k * ci) * in_plane, cols.data());
      const float* col = cols.data();
      for (int64_t o = 0; o < co; ++o) {
        float* to = y + (n * g.out_channels + k * co + o) * out_plane;
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

}  // namespace

extern "C" aclnnStatus aclnnConvolutionGetWorkspaceSize(const aclTensor* input, const aclTensor* weight, const aclTensor* bias, const aclIntArray* stride,
                                                        const aclIntArray* padding, const aclIntArray* dilation, bool transposed,
                                                        const aclIntArray* outputPadding, const int64_t groups, aclTensor* output, int8_t cubeMathType,
                                                        uint64_t* workspaceSize, aclOpExecutor** executor) {
  Check check("aclnnConvolution");
  check.given(input, "input").given(weight, "weight").given(stride, "stride").given(padding, "padding").given(dilation, "dilation");
  if (!check.given(outputPadding, "outputPadding").given(output, "output")) return check.status();
  check.rank(input, "input", 3, 5).type(input, "input", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16}).same_type(input, weight).same_type(input, output);
  check.format(input, "input").format(weight, "weight").format(output, "output").cube(input, cubeMathType);
  check.that(weight->dims.size() == input->dims.size() && output->dims.size() == input->dims.size(), "ranks differ");
  check.that(groups >= 1 && groups <= 65535, "groups %lld", (long long)groups);
  if (!check) return check.status();
  const size_t spatial = input->dims.size() - 2;
  Dims before, after;
  check.that(stride->values.size() == spatial && dilation->values.size() == spatial && outputPadding->values.size() == spatial,
             "stride, dilation and outputPadding need %zu values", spatial);
  check.that(read_pads(padding->values, spatial, before, after), "padding of %zu values for %zu dims", padding->values.size(), spatial);
  if (!check) return check.status();
  Geometry g{};
  g.batch = input->dims[0];
  g.group = groups;
  g.in_channels = input->dims[1];
  g.out_channels = transposed ? weight->dims[1] * groups : weight->dims[0];
  const int64_t expected = transposed ? weight->dims[0] : weight->dims[1] * groups;
  check.that(g.in_channels == expected && g.out_channels % groups == 0, "input of %lld channels, filter %s, %lld groups", (long long)g.in_channels,
             show(weight->dims).c_str(), (long long)groups);
  Dims out = {g.batch, g.out_channels};
  for (size_t i = 0; i < spatial; ++i) {
    const int64_t s = stride->values[i], d = dilation->values[i], k = weight->dims[i + 2], in = input->dims[i + 2];
    check.that(s >= 1 && d >= 1 && before[i] >= 0 && after[i] >= 0, "stride %lld, dilation %lld", (long long)s, (long long)d);
    if (!check) return check.status();
    const int64_t reach = d * (k - 1) + 1;
    out.push_back(transposed ? (in - 1) * s - before[i] - after[i] + reach + outputPadding->values[i] : (in + before[i] + after[i] - reach) / s + 1);
  }
  check.shape(output, "output", out);
  if (bias) check.same_type(input, bias).that(count_of(bias->dims) == g.out_channels, "bias %s for %lld channels", show(bias->dims).c_str(), (long long)g.out_channels);
  if (!check) return check.status();
  in_front(Dims(input->dims.begin() + 2, input->dims.end()), g.in, 1);
  in_front(Dims(output->dims.begin() + 2, output->dims.end()), g.out, 1);
  in_front(Dims(weight->dims.begin() + 2, weight->dims.end()), g.kernel, 1);
  in_front(stride->values, g.stride, 1);
  in_front(dilation->values, g.dilation, 1);
  in_front(before, g.before, 0);
  const bool has_bias = bias != nullptr;
  return accept("aclnnConvolution", 1024, workspaceSize, executor,
                [g, transposed, has_bias, cubeMathType, x = *input, w = *weight, b = has_bias ? *bias : aclTensor{}, y = *output] {
                  const std::vector<float> values = load_cube(x, cubeMathType), filter = load_cube(w, cubeMathType);
                  const int64_t plane = g.out[0] * g.out[1] * g.out[2];
                  std::vector<float> out(g.batch * g.out_channels * plane, 0.0f);
                  if (has_bias) {
                    const std::vector<float> add = load(b);
                    for (int64_t i = 0; i < g.batch * g.out_channels; ++i) std::fill_n(out.begin() + i * plane, plane, add[i % g.out_channels]);
                  }
                  (transposed ? backward : forward)(g, values.data(), filter.data(), out.data());
                  store(y, out.data());
                });
}
TWIN_SECOND_PHASE(aclnnConvolution)
