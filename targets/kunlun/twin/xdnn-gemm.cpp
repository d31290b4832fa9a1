// XDNN's matrix products and convolutions, from their parameter lists and the notes on TGEMM types: every argument is
// checked, then what common/twin/math makes of it.
#include <string.h>

#include <utility>

#include "library.h"
#include "math/conv.h"
#include "math/levels.h"

using namespace library;
using namespace twin::math;

namespace baidu {
namespace xpu {
namespace api {

Context* create_context() { return new Context; }
void destroy_context(Context* ctx) { delete ctx; }

namespace tagged {
namespace {

int refuse_null(Context* ctx, const char* call, const void* a, const void* b, const void* c) {
  twin::counters().library_calls++;
  if (!ctx) return twin::reject(INVALID_PARAM, call, "the context is null");
  if (!a || !b || !c) return twin::reject(INVALID_PARAM, call, "an operand is null");
  return 0;
}

// rows x cols, dense, from a matrix stored with leading dimension ld, transposed when stored so.
Floats matrix(const void* p, Type t, int64_t rows, int64_t cols, bool transposed, int64_t ld) {
  const int64_t stored_rows = transposed ? cols : rows, stored_cols = transposed ? rows : cols;
  const Floats raw = read(p, t, (stored_rows - 1) * ld + stored_cols);
  Floats out((size_t)(rows * cols));
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++) out[(size_t)(r * cols + c)] = raw[(size_t)(transposed ? c * ld + r : r * ld + c)];
  return out;
}

void finish(Floats& y, int64_t rows, int64_t cols, const Floats& bias, bool by_row, const Activation_t& act) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++) {
      float& v = y[(size_t)(r * cols + c)];
      if (!bias.empty()) v += bias[(size_t)(by_row ? r : c)];
      v = activate(act, v);
    }
}

Floats product_of(const Gemm& g, int64_t m, int64_t n, int64_t k, Floats a, Floats b) {
  if (is_of_levels(g)) return as_reals(gemm_levels(m, n, k, a.data(), b.data()), g);
  as_gemm_operand(a, g.gemm, g.x_maxptr);
  as_gemm_operand(b, g.gemm, g.w_maxptr);
  Floats c((size_t)(m * n));
  gemm(m, n, k, a.data(), b.data(), false, c.data());
  return c;
}

bool all_positive(const Shape& s) {
  for (const int64_t v : s)
    if (v < 1) return false;
  return true;
}

// h_begin, h_end, w_begin, w_end from two entries (h, w symmetric) or four.
int expand_pad(const char* call, const Shape& pad, int64_t out[4]) {
  for (const int64_t p : pad)
    if (p < 0) return twin::reject(INVALID_PARAM, call, "a pad of %lld", (long long)p);
  if (pad.size() == 2) {
    out[0] = out[1] = pad[0];
    out[2] = out[3] = pad[1];
    return 0;
  }
  if (pad.size() != 4) return twin::reject(INVALID_PARAM, call, "pad has %zu entries, wants 2 or 4", pad.size());
  for (int i = 0; i < 4; i++) out[i] = pad[(size_t)i];
  return 0;
}

// A convolution of images with so many channels to results with so many; pad as expand_pad gives it. Its result's extents follow.
struct Convolution {
  Geometry g;
  bool fits;
};

Convolution convolution(int64_t n, int64_t group, int64_t c, int64_t f, int64_t h, int64_t w, const Shape& k, const Shape& stride, const Shape& dilation, const int64_t p[4]) {
  const int64_t room_h = h + p[0] + p[1] - (k[0] - 1) * dilation[0] - 1, room_w = w + p[2] + p[3] - (k[1] - 1) * dilation[1] - 1;
  const Geometry g = {n, group, c, f, {1, h, w}, {1, room_h / stride[0] + 1, room_w / stride[1] + 1}, {1, k[0], k[1]}, {1, stride[0], stride[1]}, {1, dilation[0], dilation[1]}, {0, p[0], p[2]}};
  return {g, room_h >= 0 && room_w >= 0};
}

Floats convolved(const Gemm& g, const Geometry& shape, Floats a, Floats b) {
  if (is_of_levels(g)) return as_reals(convolve_levels(shape, a.data(), b.data()), g);
  as_gemm_operand(a, g.gemm, g.x_maxptr);
  as_gemm_operand(b, g.gemm, g.w_maxptr);
  Floats out((size_t)(shape.batch * shape.out_channels * shape.out[0] * shape.out[1] * shape.out[2]));
  convolve(shape, a.data(), b.data(), out.data());
  return out;
}

Floats bias_of(const float* bias, int64_t n) { return bias ? read(bias, f32, n) : Floats(); }

}  // namespace

int check_product(const Product& p, bool scaled, bool turned) {
  const char* call = "xblas::fc_fusion";
  if (p.k != p.k_of_b) return twin::reject(INVALID_PARAM, call, "inner extents %lld and %lld", (long long)p.k, (long long)p.k_of_b);
  if (p.rows_of_c != p.m || p.rows_of_d != p.m || p.cols_of_c != p.n || p.cols_of_d != p.n)
    return twin::reject(INVALID_PARAM, call, "a result of %lld x %lld has tensors of other extents", (long long)p.m, (long long)p.n);
  if (scaled || turned) return twin::reject(INVALID_PARAM, call, "scales and a turned result are not modelled");
  return 0;
}

int fc(Context* ctx, const Gemm& g, const void* x, const void* w, void* y, int64_t m, int64_t n, int64_t k, bool x_trans, bool w_trans, int64_t ldx,
       int64_t ldw, int64_t ldy, float alpha, float beta, const float* bias, const Activation_t& act) {
  const char* call = "fc_fusion";
  if (const int s = refuse_null(ctx, call, x, w, y)) return s;
  if (const int s = check_types(call, g)) return s;
  if (m < 1 || n < 1 || k < 1) return twin::reject(INVALID_PARAM, call, "m %lld n %lld k %lld: empty products are refused", (long long)m, (long long)n, (long long)k);
  if (ldx < (x_trans ? m : k) || ldw < (w_trans ? k : n) || ldy < n)
    return twin::reject(INVALID_PARAM, call, "leading dimensions %lld %lld %lld are too short", (long long)ldx, (long long)ldw, (long long)ldy);
  Floats c = product_of(g, m, n, k, matrix(x, g.x, m, k, x_trans, ldx), matrix(w, g.w, k, n, w_trans, ldw));
  if (alpha != 1.0f)
    for (float& v : c) v *= alpha;
  if (beta != 0.0f) {
    const Floats old = matrix(y, g.y, m, n, false, ldy);
    for (size_t i = 0; i < c.size(); i++) c[i] += beta * old[i];
  }
  finish(c, m, n, bias_of(bias, n), false, act);
  for (int64_t r = 0; r < m; r++) write(static_cast<char*>(y) + (size_t)(r * ldy) * type_bytes(g.y), g.y, c.data() + r * n, n);
  return 0;
}

int fc_batched(Context* ctx, const Gemm& g, int64_t batch, bool x_trans, bool w_trans, int64_t m, int64_t n, int64_t k, float alpha, const void* x,
               int64_t stride_a, const void* w, int64_t stride_b, float beta, void* y, int64_t stride_c) {
  const char* call = "fc_batched";
  if (const int s = refuse_null(ctx, call, x, w, y)) return s;
  if (const int s = check_types(call, g)) return s;
  if (batch < 1 || m < 1 || n < 1 || k < 1) return twin::reject(INVALID_PARAM, call, "an extent below 1");
  if (stride_a < m * k || stride_b < k * n || stride_c < m * n)
    return twin::reject(INVALID_PARAM, call, "strides %lld %lld %lld overlap matrices (a stride of 0 is not documented)", (long long)stride_a,
                        (long long)stride_b, (long long)stride_c);
  if (beta != 0.0f) return twin::reject(INVALID_PARAM, call, "beta %g is not modelled", (double)beta);
  for (int64_t i = 0; i < batch; i++) {
    const char* xi = static_cast<const char*>(x) + (size_t)(i * stride_a) * type_bytes(g.x);
    const char* wi = static_cast<const char*>(w) + (size_t)(i * stride_b) * type_bytes(g.w);
    Floats c = product_of(g, m, n, k, matrix(xi, g.x, m, k, x_trans, x_trans ? m : k), matrix(wi, g.w, k, n, w_trans, w_trans ? k : n));
    if (alpha != 1.0f)
      for (float& v : c) v *= alpha;
    write(static_cast<char*>(y) + (size_t)(i * stride_c) * type_bytes(g.y), g.y, c.data(), m * n);
  }
  return 0;
}

int conv2d(Context* ctx, const char* call, const Gemm& g, const void* x, const void* weight, void* y, int64_t n, int64_t c, int64_t h, int64_t w, int64_t f,
           const Shape& ksize, const Shape& stride, const Shape& pad, const Shape& dilation, int64_t group, bool is_nchw, const float* bias,
           const void* branch, const Activation_t& act) {
  if (const int s = refuse_null(ctx, call, x, weight, y)) return s;
  if (const int s = check_types(call, g)) return s;
  if (!is_nchw) return twin::reject(INVALID_PARAM, call, "the twin models NCHW");
  if (ksize.size() != 2 || stride.size() != 2 || dilation.size() != 2) return twin::reject(INVALID_PARAM, call, "ksize, stride and dilation want 2 entries");
  if (!all_positive(ksize) || !all_positive(stride) || !all_positive(dilation) || n < 1 || c < 1 || h < 1 || w < 1 || f < 1 || group < 1)
    return twin::reject(INVALID_PARAM, call, "an extent below 1");
  if (c % group || f % group) return twin::reject(INVALID_PARAM, call, "%lld and %lld channels do not divide into %lld groups", (long long)c, (long long)f, (long long)group);
  int64_t p[4];
  if (const int s = expand_pad(call, pad, p)) return s;
  const auto [shape, fits] = convolution(n, group, c, f, h, w, ksize, stride, dilation, p);
  if (!fits) return twin::reject(INVALID_PARAM, call, "the kernel is larger than the padded image");

  const int64_t spots = shape.out[1] * shape.out[2];
  const Floats shift = bias_of(bias, f);
  const Floats add = branch ? read(branch, g.y, n * f * spots) : Floats();
  Floats out = convolved(g, shape, read(x, g.x, n * c * h * w), read(weight, g.w, f * (c / group) * ksize[0] * ksize[1]));
  for (int64_t i = 0; i < n * f; i++)
    for (int64_t j = 0; j < spots; j++) {
      float& o = out[(size_t)(i * spots + j)];
      if (bias) o += shift[(size_t)(i % f)];
      if (branch) o += add[(size_t)(i * spots + j)];
      o = activate(act, o);
    }
  write(y, g.y, out.data(), n * f * spots);
  return 0;
}

int conv2d_transpose(Context* ctx, const Gemm& g, const void* y, const void* weight, void* x, int64_t n, int64_t yc, int64_t xh, int64_t xw, int64_t xc,
                     const Shape& ksize, const Shape& stride, const Shape& pad, const Shape& dilation, int64_t group, const float* bias,
                     const Activation_t& act, bool is_nchw) {
  const char* call = "conv2d_transpose_fusion_v2";
  if (const int s = refuse_null(ctx, call, y, weight, x)) return s;
  if (const int s = check_types(call, g)) return s;
  if (is_of_levels(g)) return twin::reject(INVALID_PARAM, call, "the twin turns no convolution of levels round");
  if (!is_nchw) return twin::reject(INVALID_PARAM, call, "the twin models NCHW");
  if (ksize.size() != 2 || stride.size() != 2 || dilation.size() != 2) return twin::reject(INVALID_PARAM, call, "ksize, stride and dilation want 2 entries");
  if (!all_positive(ksize) || !all_positive(stride) || !all_positive(dilation) || n < 1 || yc < 1 || xh < 1 || xw < 1 || xc < 1 || group < 1)
    return twin::reject(INVALID_PARAM, call, "an extent below 1");
  if (yc % group || xc % group) return twin::reject(INVALID_PARAM, call, "channels do not divide into %lld groups", (long long)group);
  int64_t p[4];
  if (const int s = expand_pad(call, pad, p)) return s;
  // x is the output: y is what a convolution of x would give.
  auto [shape, fits] = convolution(n, group, xc, yc, xh, xw, ksize, stride, dilation, p);
  if (!fits) return twin::reject(INVALID_PARAM, call, "output %lld x %lld is smaller than the kernel", (long long)xh, (long long)xw);
  const int64_t spots = shape.out[1] * shape.out[2];
  Floats a = read(y, g.x, n * yc * spots), b = read(weight, g.w, yc * (xc / group) * ksize[0] * ksize[1]);
  as_gemm_operand(a, g.gemm, g.x_maxptr);
  as_gemm_operand(b, g.gemm, g.w_maxptr);
  const Floats shift = bias_of(bias, xc);
  Floats out((size_t)(n * xc * xh * xw));
  // The other way: from its results to its images.
  std::swap(shape.in_channels, shape.out_channels);
  std::swap(shape.in, shape.out);
  convolve_transposed(shape, a.data(), b.data(), out.data());
  for (int64_t i = 0; i < n * xc; i++)
    for (int64_t j = 0; j < xh * xw; j++) {
      float& o = out[(size_t)(i * xh * xw + j)];
      if (bias) o += shift[(size_t)(i % xc)];
      o = activate(act, o);
    }
  write(x, g.y, out.data(), n * xc * xh * xw);
  return 0;
}

}  // namespace tagged
}  // namespace api
}  // namespace xpu
}  // namespace baidu
