// The twin's xpu/xdnn.h: the operators of XDNN that generated models call, with the parameter lists of the vendor's
// headers (xpu/refactor/*.h of XDNN SDK 2.0), which xdnn.gen.h has from the records. Templates forward to one checked function an operator, types as tags.
//
// Shapes are std::vector<int64_t>. Some SDKs have overloads for std::vector<int> beside (xpu/deprecation), some also for
// std::initializer_list<int64_t>: PORTOLAN_XDNN_OVERLOADS is 1, 2 or 3 accordingly. 2 is the strictest, since bare braces
// are ambiguous there.
#pragma once
#include <stdint.h>

#include <initializer_list>
#include <vector>

#ifndef PORTOLAN_XDNN_OVERLOADS
#define PORTOLAN_XDNN_OVERLOADS 2
#endif

#include "twin/xpu-half.h"
#include "xpu/runtime.h"

namespace baidu {
namespace xpu {
namespace api {

enum Error_t { SUCCESS = 0, INVALID_PARAM = 1, RUNTIME_ERROR = 2, NO_ENOUGH_WORKSPACE = 3, NOT_IMPLEMENT = 4 };

struct Activation_t {
  enum act_enum { LINEAR = 0, RELU = 1, SIGMOID = 2, TANH = 3, GELU = 4, LEAKY_RELU = 5, RELU6 = 17 };
  act_enum type;
  float leaky_alpha = 0.0f;
  Activation_t(act_enum t) : type(t) {}
};

struct Context {
  XPUStream xpu_stream = nullptr;
  void set_stream(XPUStream s, bool destroy_new_stream_at_destruction = false) {
    (void)destroy_new_stream_at_destruction;
    xpu_stream = s;
  }
  int max_ptr_size() { return 12; }
};

Context* create_context();
void destroy_context(Context* ctx);

namespace tagged {
enum Type { f32, f16, bf16, i8, i16, i32, i64, tf32, boolean, other };
template <class T>
constexpr Type tag() {
  return other;
}
template <>
constexpr Type tag<float>() {
  return f32;
}
template <>
constexpr Type tag<float16>() {
  return f16;
}
template <>
constexpr Type tag<bfloat16>() {
  return bf16;
}
template <>
constexpr Type tag<int8_t>() {
  return i8;
}
template <>
constexpr Type tag<int16_t>() {
  return i16;
}
template <>
constexpr Type tag<int>() {
  return i32;
}
template <>
constexpr Type tag<int64_t>() {
  return i64;
}
template <>
constexpr Type tag<tfloat32>() {
  return tf32;
}
template <>
constexpr Type tag<bool>() {
  return boolean;
}

using Shape = std::vector<int64_t>;
struct Gemm {
  Type x, w, y, gemm;
  const float *x_maxptr, *w_maxptr;
  float* y_maxptr;
  bool xre5 = false;  // asked of xblas or xpudnn, which XRE 5 alone has
};

// What the operands of one product say of it, each by its own shape.
struct Product {
  int64_t m, n, k, k_of_b, rows_of_c, cols_of_c, rows_of_d, cols_of_d;
};
int check_product(const Product& p, bool scaled, bool turned);
int fc(Context*, const Gemm&, const void* x, const void* w, void* y, int64_t m, int64_t n, int64_t k, bool x_trans, bool w_trans, int64_t ldx,
       int64_t ldw, int64_t ldy, float alpha, float beta, const float* bias, const Activation_t& act);
int fc_batched(Context*, const Gemm&, int64_t batch, bool x_trans, bool w_trans, int64_t m, int64_t n, int64_t k, float alpha, const void* x,
               int64_t stride_a, const void* w, int64_t stride_b, float beta, void* y, int64_t stride_c);
int conv2d(Context*, const char* call, const Gemm&, const void* x, const void* weight, void* y, int64_t n, int64_t c, int64_t h, int64_t w, int64_t f,
           const Shape& ksize, const Shape& stride, const Shape& pad, const Shape& dilation, int64_t group, bool is_nchw, const float* bias,
           const void* branch, const Activation_t& act);
int conv2d_transpose(Context*, const Gemm&, const void* y, const void* weight, void* x, int64_t n, int64_t yc, int64_t xh, int64_t xw, int64_t xc,
                     const Shape& ksize, const Shape& stride, const Shape& pad, const Shape& dilation, int64_t group, const float* bias,
                     const Activation_t& act, bool is_nchw);
int pool2d(Context*, const char* call, Type t, bool is_max, const void* x, void* y, void* indices, int64_t n, int64_t c, int64_t h, int64_t w,
           const Shape& ksize, const Shape& stride, const Shape& pad, bool count_include_pad, bool is_nchw);
int adaptive_pool2d(Context*, const char* call, Type t, bool is_max, const void* x, void* y, void* indices, int64_t n, int64_t c, int64_t xh,
                    int64_t xw, int64_t yh, int64_t yw, bool is_nchw);
int interpolate2d(Context*, Type t, const void* x, void* y, int64_t n, int64_t c, int64_t xh, int64_t xw, int64_t yh, int64_t yw, bool is_nearest,
                  int64_t trans_mode, bool is_nchw, int64_t ld_out_c);
int unary(Context*, const char* call, Type t, const void* x, void* y, int64_t len);
int softmax(Context*, Type t, const void* x, void* y, const Shape& xshape, int64_t axis);
int broadcast(Context*, const char* call, Type t, const void* x, const void* y, void* z, const Shape& xshape, const Shape& yshape);
int reduce(Context*, const char* call, Type t, const void* x, void* y, const Shape& xshape, const Shape& rdims);
int transpose(Context*, Type t, const void* x, void* y, const Shape& xshape, const Shape& permute);
}  // namespace tagged

#include "xdnn.gen.h"

template <typename TX, typename TW, typename TY, typename TGEMM>
int fc_fusion(Context* ctx, const TX* x, const TW* w, TY* y, int64_t m, int64_t n, int64_t k, bool x_trans, bool w_trans, const float* x_maxptr,
              const float* w_maxptr, float* y_maxptr, int64_t ldx, int64_t ldw, int64_t ldy, float alpha, float beta, const float* bias,
              const Activation_t& act, const float*, const float*, const float*) {
  const tagged::Gemm g = {tagged::tag<TX>(), tagged::tag<TW>(), tagged::tag<TY>(), tagged::tag<TGEMM>(), x_maxptr, w_maxptr, y_maxptr};
  return tagged::fc(ctx, g, x, w, y, m, n, k, x_trans, w_trans, ldx, ldw, ldy, alpha, beta, bias, act);
}

template <typename TX, typename TW, typename TY, typename TGEMM, int MAX_PTR_TYPE>
int fc_batched(Context* ctx, int64_t batch_size, bool x_trans, bool w_trans, int64_t m, int64_t n, int64_t k, float alpha, const TX* x,
               int64_t stride_a, const TW* w, int64_t stride_b, float beta, TY* y, int64_t stride_c, const float* x_maxptr, const float* w_maxptr) {
  const tagged::Gemm g = {tagged::tag<TX>(), tagged::tag<TW>(), tagged::tag<TY>(), tagged::tag<TGEMM>(), x_maxptr, w_maxptr, nullptr};
  return tagged::fc_batched(ctx, g, batch_size, x_trans, w_trans, m, n, k, alpha, x, stride_a, w, stride_b, beta, y, stride_c);
}

template <typename TX, typename TW, typename TY, typename TGEMM>
int conv2d_fusion(Context* ctx, const TX* x, const TW* weight, TY* y, int64_t n, int64_t c, int64_t h, int64_t w, int64_t f,
                  const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad,
                  const std::vector<int64_t>& dilation, int64_t group, const float* x_maxptr, const float* weight_maxptr, float* y_maxptr, bool is_nchw,
                  const float* bias, const TY* branch, const Activation_t& act, const float*, const float*, int64_t) {
  const tagged::Gemm g = {tagged::tag<TX>(), tagged::tag<TW>(), tagged::tag<TY>(), tagged::tag<TGEMM>(), x_maxptr, weight_maxptr, y_maxptr};
  return tagged::conv2d(ctx, "conv2d_fusion", g, x, weight, y, n, c, h, w, f, ksize, stride, pad, dilation, group, is_nchw, bias, branch, act);
}

template <typename TX, typename TW, typename TY, typename TGEMM>
int conv1d_fusion(Context* ctx, const TX* x, const TW* weight, TY* y, int64_t n, int64_t c, int64_t w, int64_t f, int64_t ksize_w, int64_t stride_w,
                  const std::vector<int64_t>& pad, int64_t dilation_w, int64_t group, const float* x_maxptr, const float* weight_maxptr,
                  float* y_maxptr, bool is_nchw, const float* bias, const TY* branch, const Activation_t& act, const float*) {
  const tagged::Gemm g = {tagged::tag<TX>(), tagged::tag<TW>(), tagged::tag<TY>(), tagged::tag<TGEMM>(), x_maxptr, weight_maxptr, y_maxptr};
  std::vector<int64_t> both = {0, 0};
  for (const int64_t p : pad) both.push_back(p);
  if (pad.size() == 1) both.push_back(pad[0]);
  return tagged::conv2d(ctx, "conv1d_fusion", g, x, weight, y, n, c, 1, w, f, {1, ksize_w}, {1, stride_w}, both, {1, dilation_w}, group, is_nchw, bias,
                        branch, act);
}

template <typename TY, typename TW, typename TX, typename TGEMM>
int conv2d_transpose_fusion_v2(Context* ctx, const TY* y, const TW* weight, TX* x, int64_t n, int64_t yc, int64_t xh, int64_t xw, int64_t xc,
                               const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad,
                               const std::vector<int64_t>& dilation, int64_t group, const float* y_maxptr, const float* w_maxptr, float* x_maxptr,
                               const float* bias, const Activation_t& act, bool is_nchw, const float*) {
  const tagged::Gemm g = {tagged::tag<TY>(), tagged::tag<TW>(), tagged::tag<TX>(), tagged::tag<TGEMM>(), y_maxptr, w_maxptr, x_maxptr};
  return tagged::conv2d_transpose(ctx, g, y, weight, x, n, yc, xh, xw, xc, ksize, stride, pad, dilation, group, bias, act, is_nchw);
}

template <typename T>
int avg_pool2d(Context* ctx, const T* x, T* y, int64_t n, int64_t c, int64_t h, int64_t w, const std::vector<int64_t>& ksize,
               const std::vector<int64_t>& stride, const std::vector<int64_t>& pad, bool count_include_pad, bool is_nchw, const float*,
               float*) {
  return tagged::pool2d(ctx, "avg_pool2d", tagged::tag<T>(), false, x, y, nullptr, n, c, h, w, ksize, stride, pad, count_include_pad, is_nchw);
}

template <typename T, typename TID>
int max_pool2d(Context* ctx, const T* x, T* y, TID* indices, int64_t n, int64_t c, int64_t h, int64_t w, const std::vector<int64_t>& ksize,
               const std::vector<int64_t>& stride, const std::vector<int64_t>& pad, bool is_nchw, const float*, float*, bool,
               int64_t) {
  return tagged::pool2d(ctx, "max_pool2d", tagged::tag<T>(), true, x, y, indices, n, c, h, w, ksize, stride, pad, false, is_nchw);
}

template <typename T>
int adaptive_avg_pool2d(Context* ctx, const T* x, T* y, int64_t n, int64_t c, int64_t xh, int64_t xw, int64_t yh, int64_t yw, bool is_nchw,
                        const float*, float*) {
  return tagged::adaptive_pool2d(ctx, "adaptive_avg_pool2d", tagged::tag<T>(), false, x, y, nullptr, n, c, xh, xw, yh, yw, is_nchw);
}

template <typename T, typename TID>
int adaptive_max_pool2d(Context* ctx, const T* x, T* y, TID* indices, int64_t n, int64_t c, int64_t xh, int64_t xw, int64_t yh, int64_t yw,
                        bool is_nchw, const float*, float*) {
  return tagged::adaptive_pool2d(ctx, "adaptive_max_pool2d", tagged::tag<T>(), true, x, y, indices, n, c, xh, xw, yh, yw, is_nchw);
}

template <typename T>
int interpolate2d(Context* ctx, const T* x, T* y, int64_t n, int64_t c, int64_t xh, int64_t xw, int64_t yh, int64_t yw, bool is_nearest,
                  int64_t trans_mode, bool is_nchw, const float*, float*, int64_t ld_out_c) {
  return tagged::interpolate2d(ctx, tagged::tag<T>(), x, y, n, c, xh, xw, yh, yw, is_nearest, trans_mode, is_nchw, ld_out_c);
}

#define PTL_TWIN_UNARY(NAME)                                                                             \
  template <typename T>                                                                                  \
  int NAME(Context* ctx, const T* x, T* y, int64_t len, const float*, float*) {      \
    return tagged::unary(ctx, #NAME, tagged::tag<T>(), x, y, len);                                       \
  }
PTL_TWIN_UNARY(relu)
PTL_TWIN_UNARY(sigmoid)
PTL_TWIN_UNARY(tanh)
PTL_TWIN_UNARY(gelu)
#undef PTL_TWIN_UNARY

template <typename T>
int softmax(Context* ctx, const T* x, T* y, const std::vector<int64_t>& xshape, int64_t axis) {
  return tagged::softmax(ctx, tagged::tag<T>(), x, y, xshape, axis);
}

#define PTL_TWIN_BROADCAST(NAME)                                                                                                \
  template <typename T>                                                                                                         \
  int NAME(Context* ctx, const T* x, const T* y, T* z, const std::vector<int64_t>& xshape, const std::vector<int64_t>& yshape) { \
    return tagged::broadcast(ctx, #NAME, tagged::tag<T>(), x, y, z, xshape, yshape);                                            \
  }
PTL_TWIN_BROADCAST(broadcast_add)
PTL_TWIN_BROADCAST(broadcast_sub)
PTL_TWIN_BROADCAST(broadcast_mul)
PTL_TWIN_BROADCAST(broadcast_div)
#undef PTL_TWIN_BROADCAST

#define PTL_TWIN_REDUCE(NAME)                                                                                                    \
  template <typename T>                                                                                                          \
  int NAME(Context* ctx, const T* x, T* y, const std::vector<int64_t>& xshape, const std::vector<int64_t>& rdims) {              \
    return tagged::reduce(ctx, #NAME, tagged::tag<T>(), x, y, xshape, rdims);                                                    \
  }
PTL_TWIN_REDUCE(reduce_sum)
PTL_TWIN_REDUCE(reduce_mean)
PTL_TWIN_REDUCE(reduce_max)
#undef PTL_TWIN_REDUCE

template <typename T>
int transpose(Context* ctx, const T* x, T* y, const std::vector<int64_t>& xshape, const std::vector<int64_t>& permute) {
  return tagged::transpose(ctx, tagged::tag<T>(), x, y, xshape, permute);
}

// ---- the overloads beside ----
namespace tagged {
inline Shape wide(const std::vector<int>& v) { return Shape(v.begin(), v.end()); }
inline Shape wide(std::initializer_list<int64_t> v) { return Shape(v); }
}  // namespace tagged

#define PTL_TWIN_OVERLOADS(SHAPE)                                                                                                  \
  template <typename TX, typename TW, typename TY, typename TGEMM>                                                                 \
  int conv2d_fusion(Context* ctx, const TX* x, const TW* weight, TY* y, int64_t n, int64_t c, int64_t h, int64_t w, int64_t f,      \
                    SHAPE ksize, SHAPE stride, SHAPE pad, SHAPE dilation, int64_t group, const float* x_maxptr,                     \
                    const float* weight_maxptr, float* y_maxptr, bool is_nchw, const float* bias, const TY* branch,                 \
                    const Activation_t& act, const float* branch_maxptr = nullptr, const float* scale = nullptr) {                  \
    return conv2d_fusion<TX, TW, TY, TGEMM>(ctx, x, weight, y, n, c, h, w, f, tagged::wide(ksize), tagged::wide(stride),            \
                                            tagged::wide(pad), tagged::wide(dilation), group, x_maxptr, weight_maxptr, y_maxptr,    \
                                            is_nchw, bias, branch, act, branch_maxptr, scale);                                      \
  }                                                                                                                                \
  template <typename TX, typename TW, typename TY, typename TGEMM>                                                                 \
  int conv1d_fusion(Context* ctx, const TX* x, const TW* weight, TY* y, int64_t n, int64_t c, int64_t w, int64_t f, int64_t ksize_w, \
                    int64_t stride_w, SHAPE pad, int64_t dilation_w, int64_t group, const float* x_maxptr,                          \
                    const float* weight_maxptr, float* y_maxptr, bool is_nchw, const float* bias, const TY* branch,                 \
                    const Activation_t& act, const float* branch_maxptr = nullptr) {                                                \
    return conv1d_fusion<TX, TW, TY, TGEMM>(ctx, x, weight, y, n, c, w, f, ksize_w, stride_w, tagged::wide(pad), dilation_w, group,  \
                                            x_maxptr, weight_maxptr, y_maxptr, is_nchw, bias, branch, act, branch_maxptr);          \
  }                                                                                                                                \
  template <typename TY, typename TW, typename TX, typename TGEMM>                                                                 \
  int conv2d_transpose_fusion_v2(Context* ctx, const TY* y, const TW* weight, TX* x, int64_t n, int64_t yc, int64_t xh, int64_t xw, \
                                 int64_t xc, SHAPE ksize, SHAPE stride, SHAPE pad, SHAPE dilation, int64_t group,                    \
                                 const float* y_maxptr, const float* w_maxptr, float* x_maxptr, const float* bias,                  \
                                 const Activation_t& act, bool is_nchw, const float* scale = nullptr) {                             \
    return conv2d_transpose_fusion_v2<TY, TW, TX, TGEMM>(ctx, y, weight, x, n, yc, xh, xw, xc, tagged::wide(ksize),                 \
                                                         tagged::wide(stride), tagged::wide(pad), tagged::wide(dilation), group,    \
                                                         y_maxptr, w_maxptr, x_maxptr, bias, act, is_nchw, scale);                  \
  }                                                                                                                                \
  template <typename T>                                                                                                            \
  int avg_pool2d(Context* ctx, const T* x, T* y, int64_t n, int64_t c, int64_t h, int64_t w, SHAPE ksize, SHAPE stride, SHAPE pad,  \
                 bool count_include_pad, bool is_nchw, const float* x_maxptr = nullptr, float* y_maxptr = nullptr) {                \
    return avg_pool2d<T>(ctx, x, y, n, c, h, w, tagged::wide(ksize), tagged::wide(stride), tagged::wide(pad), count_include_pad,    \
                         is_nchw, x_maxptr, y_maxptr);                                                                              \
  }                                                                                                                                \
  template <typename T, typename TID = int>                                                                                        \
  int max_pool2d(Context* ctx, const T* x, T* y, TID* indices, int64_t n, int64_t c, int64_t h, int64_t w, SHAPE ksize,             \
                 SHAPE stride, SHAPE pad, bool is_nchw, const float* x_maxptr = nullptr, float* y_maxptr = nullptr,                 \
                 bool xpu1_pad = true) {                                                                                            \
    return max_pool2d<T, TID>(ctx, x, y, indices, n, c, h, w, tagged::wide(ksize), tagged::wide(stride), tagged::wide(pad),         \
                              is_nchw, x_maxptr, y_maxptr, xpu1_pad);                                                               \
  }                                                                                                                                \
  template <typename T>                                                                                                            \
  int softmax(Context* ctx, const T* x, T* y, SHAPE xshape, int64_t axis) {                                                        \
    return softmax<T>(ctx, x, y, tagged::wide(xshape), axis);                                                                       \
  }                                                                                                                                \
  PTL_TWIN_BROADCAST_OF(broadcast_add, SHAPE)                                                                                       \
  PTL_TWIN_BROADCAST_OF(broadcast_sub, SHAPE)                                                                                       \
  PTL_TWIN_BROADCAST_OF(broadcast_mul, SHAPE)                                                                                       \
  PTL_TWIN_BROADCAST_OF(broadcast_div, SHAPE)                                                                                       \
  template <typename T>                                                                                                            \
  int transpose(Context* ctx, const T* x, T* y, SHAPE xshape, SHAPE permute) {                                                     \
    return transpose<T>(ctx, x, y, tagged::wide(xshape), tagged::wide(permute));                                                    \
  }
#define PTL_TWIN_BROADCAST_OF(NAME, SHAPE)                                                     \
  template <typename T>                                                                        \
  int NAME(Context* ctx, const T* x, const T* y, T* z, SHAPE xshape, SHAPE yshape) {           \
    return NAME<T>(ctx, x, y, z, tagged::wide(xshape), tagged::wide(yshape));                  \
  }
#if PORTOLAN_XDNN_OVERLOADS >= 2
PTL_TWIN_OVERLOADS(const std::vector<int>&)
#endif
#if PORTOLAN_XDNN_OVERLOADS >= 3
PTL_TWIN_OVERLOADS(std::initializer_list<int64_t>)
#endif
#undef PTL_TWIN_OVERLOADS
#undef PTL_TWIN_BROADCAST_OF

}  // namespace api
}  // namespace xpu
}  // namespace baidu
