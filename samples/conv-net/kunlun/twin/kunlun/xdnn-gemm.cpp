// XDNN's matrix products and convolutions, from their parameter lists and the notes on TGEMM types: every argument is
// checked, then im2col and one multiply.
#include <string.h>

#include "library.h"

using namespace library;

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

struct Window {
  int64_t c, h, w, oh, ow, kh, kw, sh, sw, dh, dw, top, left;
};

// cols[(c, kh, kw), (oh, ow)] of one image's channels.
void im2col(const float* x, const Window& v, float* cols) {
  for (int64_t c = 0; c < v.c; c++)
    for (int64_t i = 0; i < v.kh; i++)
      for (int64_t j = 0; j < v.kw; j++)
        for (int64_t oy = 0; oy < v.oh; oy++) {
          const int64_t iy = oy * v.sh + i * v.dh - v.top;
          for (int64_t ox = 0; ox < v.ow; ox++, cols++) {
            const int64_t ix = ox * v.sw + j * v.dw - v.left;
            *cols = iy >= 0 && iy < v.h && ix >= 0 && ix < v.w ? x[(c * v.h + iy) * v.w + ix] : 0.0f;
          }
        }
}

// The reverse: adds columns back into an image.
void col2im(const float* cols, const Window& v, float* x) {
  for (int64_t c = 0; c < v.c; c++)
    for (int64_t i = 0; i < v.kh; i++)
      for (int64_t j = 0; j < v.kw; j++)
        for (int64_t oy = 0; oy < v.oh; oy++) {
          const int64_t iy = oy * v.sh + i * v.dh - v.top;
          for (int64_t ox = 0; ox < v.ow; ox++, cols++) {
            const int64_t ix = ox * v.sw + j * v.dw - v.left;
            if (iy >= 0 && iy < v.h && ix >= 0 && ix < v.w) x[(c * v.h + iy) * v.w + ix] += *cols;
          }
        }
}

// One filter over one channel: no multiply of matrices gains anything there.
void depthwise(const float* x, const float* weight, const Window& v, float* y) {
  for (int64_t oy = 0; oy < v.oh; oy++)
    for (int64_t ox = 0; ox < v.ow; ox++) {
      float sum = 0.0f;
      for (int64_t i = 0; i < v.kh; i++) {
        const int64_t iy = oy * v.sh + i * v.dh - v.top;
        if (iy < 0 || iy >= v.h) continue;
        for (int64_t j = 0; j < v.kw; j++) {
          const int64_t ix = ox * v.sw + j * v.dw - v.left;
          if (ix >= 0 && ix < v.w) sum += x[iy * v.w + ix] * weight[i * v.kw + j];
        }
      }
      y[oy * v.ow + ox] = sum;
    }
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
  Floats a = matrix(x, g.x, m, k, x_trans, ldx), b = matrix(w, g.w, k, n, w_trans, ldw), c((size_t)(m * n));
  as_gemm_operand(a, g.gemm, g.x_maxptr);
  as_gemm_operand(b, g.gemm, g.w_maxptr);
  multiply(a.data(), b.data(), c.data(), m, n, k);
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
  Floats c((size_t)(m * n));
  for (int64_t i = 0; i < batch; i++) {
    const char* xi = static_cast<const char*>(x) + (size_t)(i * stride_a) * type_bytes(g.x);
    const char* wi = static_cast<const char*>(w) + (size_t)(i * stride_b) * type_bytes(g.w);
    Floats a = matrix(xi, g.x, m, k, x_trans, x_trans ? m : k), b = matrix(wi, g.w, k, n, w_trans, w_trans ? k : n);
    as_gemm_operand(a, g.gemm, g.x_maxptr);
    as_gemm_operand(b, g.gemm, g.w_maxptr);
    multiply(a.data(), b.data(), c.data(), m, n, k);
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
  Window v = {c / group, h, w, 0, 0, ksize[0], ksize[1], stride[0], stride[1], dilation[0], dilation[1], p[0], p[2]};
  v.oh = (h + p[0] + p[1] - (v.kh - 1) * v.dh - 1) / v.sh + 1;
  v.ow = (w + p[2] + p[3] - (v.kw - 1) * v.dw - 1) / v.sw + 1;
  if (h + p[0] + p[1] < (v.kh - 1) * v.dh + 1 || w + p[2] + p[3] < (v.kw - 1) * v.dw + 1)
    return twin::reject(INVALID_PARAM, call, "the kernel is larger than the padded image");

  const int64_t fg = f / group, k = v.c * v.kh * v.kw, spots = v.oh * v.ow;
  Floats a = read(x, g.x, n * c * h * w), b = read(weight, g.w, f * k);
  as_gemm_operand(a, g.gemm, g.x_maxptr);
  as_gemm_operand(b, g.gemm, g.w_maxptr);
  const Floats shift = bias_of(bias, f);
  const Floats add = branch ? read(branch, g.y, n * f * spots) : Floats();
  const bool plain = v.kh == 1 && v.kw == 1 && v.sh == 1 && v.sw == 1 && p[0] + p[1] + p[2] + p[3] == 0;
  Floats cols(plain || (fg == 1 && v.c == 1) ? 0 : (size_t)(k * spots)), out((size_t)(n * f * spots));
  for (int64_t i = 0; i < n; i++)
    for (int64_t q = 0; q < group; q++) {
      const float* image = a.data() + (i * c + q * v.c) * h * w;
      const float* filters = b.data() + q * fg * k;
      float* to = out.data() + (i * f + q * fg) * spots;
      if (fg == 1 && v.c == 1) {
        depthwise(image, filters, v, to);
        continue;
      }
      if (!plain) im2col(image, v, cols.data());
      multiply(filters, plain ? image : cols.data(), to, fg, spots, k);
    }
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
  if (!is_nchw) return twin::reject(INVALID_PARAM, call, "the twin models NCHW");
  if (ksize.size() != 2 || stride.size() != 2 || dilation.size() != 2) return twin::reject(INVALID_PARAM, call, "ksize, stride and dilation want 2 entries");
  if (!all_positive(ksize) || !all_positive(stride) || !all_positive(dilation) || n < 1 || yc < 1 || xh < 1 || xw < 1 || xc < 1 || group < 1)
    return twin::reject(INVALID_PARAM, call, "an extent below 1");
  if (yc % group || xc % group) return twin::reject(INVALID_PARAM, call, "channels do not divide into %lld groups", (long long)group);
  int64_t p[4];
  if (const int s = expand_pad(call, pad, p)) return s;
  // x is the output: y is what a convolution of x would give.
  Window v = {xc / group, xh, xw, 0, 0, ksize[0], ksize[1], stride[0], stride[1], dilation[0], dilation[1], p[0], p[2]};
  v.oh = (xh + p[0] + p[1] - (v.kh - 1) * v.dh - 1) / v.sh + 1;
  v.ow = (xw + p[2] + p[3] - (v.kw - 1) * v.dw - 1) / v.sw + 1;
  if (xh + p[0] + p[1] < (v.kh - 1) * v.dh + 1 || xw + p[2] + p[3] < (v.kw - 1) * v.dw + 1)
    return twin::reject(INVALID_PARAM, call, "output %lld x %lld is smaller than the kernel", (long long)xh, (long long)xw);
  const int64_t cg = yc / group, k = v.c * v.kh * v.kw, spots = v.oh * v.ow;
  Floats a = read(y, g.x, n * yc * spots), b = read(weight, g.w, yc * k);
  as_gemm_operand(a, g.gemm, g.x_maxptr);
  as_gemm_operand(b, g.gemm, g.w_maxptr);
  const Floats shift = bias_of(bias, xc);
  Floats turned((size_t)(k * cg)), cols((size_t)(k * spots)), out((size_t)(n * xc * xh * xw), 0.0f);
  for (int64_t i = 0; i < n; i++)
    for (int64_t q = 0; q < group; q++) {
      const float* filters = b.data() + q * cg * k;
      for (int64_t r = 0; r < cg; r++)
        for (int64_t s = 0; s < k; s++) turned[(size_t)(s * cg + r)] = filters[r * k + s];
      multiply(turned.data(), a.data() + (i * yc + q * cg) * spots, cols.data(), k, spots, cg);
      col2im(cols.data(), v, out.data() + (i * xc + q * v.c) * xh * xw);
    }
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
