// XDNN's pooling, resizing, activations, element-wise operators, reductions and transposes: checked, then plain loops.
#include <math.h>
#include <string.h>

#include "library.h"
#include "math/image.h"
#include "math/lines.h"

using namespace library;
using namespace twin::math;

namespace baidu {
namespace xpu {
namespace api {
namespace tagged {
namespace {

int begin(Context* ctx, const char* call, Type t, const void* x, const void* y) {
  twin::counters().library_calls++;
  if (!ctx) return twin::reject(INVALID_PARAM, call, "the context is null");
  if (!x || !y) return twin::reject(INVALID_PARAM, call, "an operand is null");
  if (t != f32 && t != f16) return twin::reject(INVALID_PARAM, call, "type %s is not modelled", type_name(t));
  return 0;
}

int64_t begin_of(int64_t o, int64_t n_in, int64_t n_out) { return o * n_in / n_out; }
int64_t end_of(int64_t o, int64_t n_in, int64_t n_out) { return ((o + 1) * n_in + n_out - 1) / n_out; }

float pooled(const char* call, const float* image, int64_t w, const Box& box, bool is_max, int64_t divisor) {
  const Plane plane = {image, w, 1};
  if (!is_max) return sum_in(plane, box) / (float)divisor;
  const Largest found = largest_in(plane, box);
  return found.has_nan ? unspecified(call, "the maximum of a window that holds NaN") : found.value;
}

bool check_shape(const Shape& s) {
  for (const int64_t d : s)
    if (d < 1) return false;
  return !s.empty();
}

}  // namespace

int pool2d(Context* ctx, const char* call, Type t, bool is_max, const void* x, void* y, void* indices, int64_t n, int64_t c, int64_t h, int64_t w,
           const Shape& ksize, const Shape& stride, const Shape& pad, bool count_include_pad, bool is_nchw) {
  if (const int s = begin(ctx, call, t, x, y)) return s;
  if (!is_nchw) return twin::reject(INVALID_PARAM, call, "the twin models NCHW");
  if (indices) return twin::reject(INVALID_PARAM, call, "the convention of indices is not documented");
  if (ksize.size() != 2 || stride.size() != 2 || (pad.size() != 2 && pad.size() != 4)) return twin::reject(INVALID_PARAM, call, "ksize, stride or pad has the wrong length");
  if (n < 1 || c < 1 || h < 1 || w < 1 || !check_shape(ksize) || !check_shape(stride)) return twin::reject(INVALID_PARAM, call, "an extent below 1");
  const bool four = pad.size() == 4;
  const int64_t top = pad[0], bottom = four ? pad[1] : pad[0], left = four ? pad[2] : pad[1], right = four ? pad[3] : pad[1];
  if (top < 0 || bottom < 0 || left < 0 || right < 0) return twin::reject(INVALID_PARAM, call, "a negative pad");
  if (h + top + bottom < ksize[0] || w + left + right < ksize[1]) return twin::reject(INVALID_PARAM, call, "the window is larger than the padded image");
  const int64_t oh = (h + top + bottom - ksize[0]) / stride[0] + 1, ow = (w + left + right - ksize[1]) / stride[1] + 1;
  const Floats in = read(x, t, n * c * h * w);
  Floats out((size_t)(n * c * oh * ow));
  for (int64_t i = 0; i < n * c; i++)
    for (int64_t oy = 0; oy < oh; oy++)
      for (int64_t ox = 0; ox < ow; ox++) {
        const Box b = inside_image(oy * stride[0] - top, ox * stride[1] - left, ksize[0], ksize[1], h, w);
        const int64_t divisor = count_include_pad ? ksize[0] * ksize[1] : b.size();
        out[(size_t)((i * oh + oy) * ow + ox)] = pooled(call, in.data() + i * h * w, w, b, is_max, divisor);
      }
  write(y, t, out.data(), (int64_t)out.size());
  return 0;
}

int adaptive_pool2d(Context* ctx, const char* call, Type t, bool is_max, const void* x, void* y, void* indices, int64_t n, int64_t c, int64_t xh,
                    int64_t xw, int64_t yh, int64_t yw, bool is_nchw) {
  if (const int s = begin(ctx, call, t, x, y)) return s;
  if (!is_nchw) return twin::reject(INVALID_PARAM, call, "the twin models NCHW");
  if (indices) return twin::reject(INVALID_PARAM, call, "the convention of indices is not documented");
  if (n < 1 || c < 1 || xh < 1 || xw < 1 || yh < 1 || yw < 1) return twin::reject(INVALID_PARAM, call, "an extent below 1");
  const Floats in = read(x, t, n * c * xh * xw);
  Floats out((size_t)(n * c * yh * yw));
  for (int64_t i = 0; i < n * c; i++)
    for (int64_t oy = 0; oy < yh; oy++)
      for (int64_t ox = 0; ox < yw; ox++) {
        const Box b = {begin_of(oy, xh, yh), end_of(oy, xh, yh), begin_of(ox, xw, yw), end_of(ox, xw, yw)};
        out[(size_t)((i * yh + oy) * yw + ox)] = pooled(call, in.data() + i * xh * xw, xw, b, is_max, b.size());
      }
  write(y, t, out.data(), (int64_t)out.size());
  return 0;
}

namespace {

// Where output position o lies in the input: 0 align_corners, 1 half pixel, 2 asymmetric.
float source_of(int64_t o, int64_t n_in, int64_t n_out, int64_t trans_mode) {
  const float scale = (float)n_in / (float)n_out;
  if (trans_mode == 0) return n_out > 1 ? (float)o * (float)(n_in - 1) / (float)(n_out - 1) : 0.0f;
  return trans_mode == 1 ? ((float)o + 0.5f) * scale - 0.5f : (float)o * scale;
}

// Nearest is documented only without half pixels in the way: floor of the asymmetric position.
int64_t nearest_of(int64_t o, int64_t n_in, int64_t n_out, int64_t trans_mode) {
  const float at = source_of(o, n_in, n_out, trans_mode);
  const auto i = (int64_t)(trans_mode == 0 ? floorf(at + 0.5f) : floorf(at));
  return i < 0 ? 0 : i >= n_in ? n_in - 1 : i;
}

}  // namespace

int interpolate2d(Context* ctx, Type t, const void* x, void* y, int64_t n, int64_t c, int64_t xh, int64_t xw, int64_t yh, int64_t yw, bool is_nearest,
                  int64_t trans_mode, bool is_nchw, int64_t ld_out_c) {
  const char* call = "interpolate2d";
  if (const int s = begin(ctx, call, t, x, y)) return s;
  if (!is_nchw || ld_out_c != -1) return twin::reject(INVALID_PARAM, call, "the twin models dense NCHW");
  if (trans_mode < 0 || trans_mode > 2) return twin::reject(INVALID_PARAM, call, "trans_mode %lld", (long long)trans_mode);
  if (n < 1 || c < 1 || xh < 1 || xw < 1 || yh < 1 || yw < 1) return twin::reject(INVALID_PARAM, call, "an extent below 1");
  const Floats in = read(x, t, n * c * xh * xw);
  Floats out((size_t)(n * c * yh * yw));
  for (int64_t i = 0; i < n * c; i++) {
    const float* image = in.data() + i * xh * xw;
    for (int64_t oy = 0; oy < yh; oy++)
      for (int64_t ox = 0; ox < yw; ox++) {
        float& o = out[(size_t)((i * yh + oy) * yw + ox)];
        if (is_nearest) {
          o = image[nearest_of(oy, xh, yh, trans_mode) * xw + nearest_of(ox, xw, yw, trans_mode)];
          continue;
        }
        o = bilinear({image, xw, 1}, mix_at(source_of(oy, xh, yh, trans_mode), xh), mix_at(source_of(ox, xw, yw, trans_mode), xw));
      }
  }
  write(y, t, out.data(), (int64_t)out.size());
  return 0;
}

int unary(Context* ctx, const char* call, Type t, const void* x, void* y, int64_t len) {
  if (const int s = begin(ctx, call, t, x, y)) return s;
  if (len < 1) return twin::reject(INVALID_PARAM, call, "length %lld", (long long)len);
  Floats v = read(x, t, len);
  const Activation_t::act_enum kind = *call == 'r'   ? Activation_t::RELU
                                      : *call == 's' ? Activation_t::SIGMOID
                                      : *call == 't' ? Activation_t::TANH
                                                     : Activation_t::GELU;
  const Activation_t act(kind);
  for (float& e : v) e = activate(act, e);
  write(y, t, v.data(), len);
  return 0;
}

int softmax(Context* ctx, Type t, const void* x, void* y, const Shape& xshape, int64_t axis) {
  const char* call = "softmax";
  if (const int s = begin(ctx, call, t, x, y)) return s;
  if (!check_shape(xshape)) return twin::reject(INVALID_PARAM, call, "an extent below 1");
  if (axis < 0) axis += (int64_t)xshape.size();
  if (axis < 0 || axis >= (int64_t)xshape.size()) return twin::reject(INVALID_PARAM, call, "axis %lld of rank %zu", (long long)axis, xshape.size());
  const int64_t count = product(xshape), n = xshape[(size_t)axis];
  const int64_t inner = product(Shape(xshape.begin() + axis + 1, xshape.end()));
  Floats v = read(x, t, count);
  each_line(count / (n * inner), n, inner, [&](int64_t at) { softmax_line(&v[(size_t)at], &v[(size_t)at], n, inner); });
  write(y, t, v.data(), count);
  return 0;
}

int broadcast(Context* ctx, const char* call, Type t, const void* x, const void* y, void* z, const Shape& xshape, const Shape& yshape) {
  if (const int s = begin(ctx, call, t, x, y)) return s;
  if (!z) return twin::reject(INVALID_PARAM, call, "the result is null");
  if (xshape.size() != yshape.size()) return twin::reject(INVALID_PARAM, call, "ranks %zu and %zu: pad the shorter shape with ones", xshape.size(), yshape.size());
  if (!check_shape(xshape) || !check_shape(yshape)) return twin::reject(INVALID_PARAM, call, "an extent below 1");
  Shape zshape(xshape.size());
  for (size_t d = 0; d < xshape.size(); d++) {
    if (xshape[d] != yshape[d] && xshape[d] != 1 && yshape[d] != 1)
      return twin::reject(INVALID_PARAM, call, "extents %lld and %lld do not broadcast", (long long)xshape[d], (long long)yshape[d]);
    zshape[d] = xshape[d] > yshape[d] ? xshape[d] : yshape[d];
  }
  const Floats a = read(x, t, product(xshape)), b = read(y, t, product(yshape));
  Floats out((size_t)product(zshape));
  for (int64_t i = 0; i < (int64_t)out.size(); i++) {
    int64_t left = i, ai = 0, bi = 0, as = 1, bs = 1;
    for (size_t d = zshape.size(); d-- > 0;) {
      const int64_t at = left % zshape[d];
      left /= zshape[d];
      ai += (xshape[d] == 1 ? 0 : at) * as;
      bi += (yshape[d] == 1 ? 0 : at) * bs;
      as *= xshape[d];
      bs *= yshape[d];
    }
    const float p = a[(size_t)ai], q = b[(size_t)bi];
    const char op = call[10];  // broadcast_?
    out[(size_t)i] = op == 'a' ? p + q : op == 's' ? p - q : op == 'm' ? p * q : p / q;
  }
  write(z, t, out.data(), (int64_t)out.size());
  return 0;
}

int reduce(Context* ctx, const char* call, Type t, const void* x, void* y, const Shape& xshape, const Shape& rdims) {
  if (const int s = begin(ctx, call, t, x, y)) return s;
  if (!check_shape(xshape)) return twin::reject(INVALID_PARAM, call, "an extent below 1");
  std::vector<bool> gone(xshape.size());
  for (const int64_t d : rdims) {
    if (d < 0 || d >= (int64_t)xshape.size()) return twin::reject(INVALID_PARAM, call, "axis %lld of rank %zu: give it non-negative", (long long)d, xshape.size());
    gone[(size_t)d] = true;
  }
  const Floats in = read(x, t, product(xshape));
  const bool is_max = call[7] == 'm' && call[8] == 'a';
  const std::vector<double> acc = reduced(is_max ? Fold::largest : Fold::sum, in.data(), xshape, gone);
  Floats out(acc.begin(), acc.end());
  const auto kept = (int64_t)out.size();
  if (strcmp(call, "reduce_mean") == 0)
    for (float& v : out) v = v * (float)kept / (float)in.size();
  write(y, t, out.data(), kept);
  return 0;
}

int transpose(Context* ctx, Type t, const void* x, void* y, const Shape& xshape, const Shape& permute) {
  const char* call = "transpose";
  twin::counters().library_calls++;
  if (!ctx || !x || !y) return twin::reject(INVALID_PARAM, call, "null argument");
  if (!check_shape(xshape) || permute.size() != xshape.size()) return twin::reject(INVALID_PARAM, call, "shape of rank %zu, permutation of %zu", xshape.size(), permute.size());
  std::vector<bool> seen(xshape.size());
  for (const int64_t p : permute) {
    if (p < 0 || p >= (int64_t)xshape.size() || seen[(size_t)p]) return twin::reject(INVALID_PARAM, call, "no permutation");
    seen[(size_t)p] = true;
  }
  const size_t bytes = type_bytes(t);
  const int64_t count = product(xshape);
  twin::gm_read(x, (size_t)count * bytes, 0);
  twin::gm_write(y, (size_t)count * bytes, 0);
  Shape strides(xshape.size(), 1);
  for (size_t d = xshape.size() - 1; d-- > 0;) strides[d] = strides[d + 1] * xshape[d + 1];
  for (int64_t i = 0; i < count; i++) {
    int64_t left = i, at = 0;
    for (size_t d = permute.size(); d-- > 0;) {
      const auto from = (size_t)permute[d];
      at += left % xshape[from] * strides[from];
      left /= xshape[from];
    }
    memcpy(static_cast<char*>(y) + (size_t)i * bytes, static_cast<const char*>(x) + (size_t)at * bytes, bytes);
  }
  return 0;
}

}  // namespace tagged
}  // namespace api
}  // namespace xpu
}  // namespace baidu
