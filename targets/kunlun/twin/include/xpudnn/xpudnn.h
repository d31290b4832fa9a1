// The twin's xpudnn/xpudnn.h: the convolutions of XRE 5, with the parameter order of XDNN's (Paddle's conv_kernel.cc and
// conv_transpose_kernel.cc under PADDLE_WITH_XPU_XRE5).
#pragma once
#include "xpu/xdnn.h"

namespace baidu {
namespace xpu {
namespace xpudnn {

using api::Activation_t;
using api::Context;

#include "xpudnn.gen.h"

template <typename TX, typename TW, typename TY, typename TGEMM>
int conv2d_fusion(Context* ctx, const TX* x, const TW* weight, TY* y, int64_t n, int64_t c, int64_t h, int64_t w, int64_t f,
                  const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad,
                  const std::vector<int64_t>& dilation, int64_t group, const float* x_maxptr, const float* weight_maxptr, float* y_maxptr, bool is_nchw,
                  const float* bias, const TY* branch, const Activation_t& act, const float*, const float*, int64_t) {
  using namespace api;
  const tagged::Gemm g = {tagged::tag<TX>(), tagged::tag<TW>(), tagged::tag<TY>(), tagged::tag<TGEMM>(), x_maxptr, weight_maxptr, y_maxptr, true};
  return tagged::conv2d(ctx, "conv2d_fusion", g, x, weight, y, n, c, h, w, f, ksize, stride, pad, dilation, group, is_nchw, bias, branch, act);
}

template <typename TY, typename TW, typename TX, typename TGEMM>
int conv2d_transpose_fusion_v2(Context* ctx, const TY* y, const TW* weight, TX* x, int64_t n, int64_t yc, int64_t xh, int64_t xw, int64_t xc,
                               const std::vector<int64_t>& ksize, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad,
                               const std::vector<int64_t>& dilation, int64_t group, const float* y_maxptr, const float* w_maxptr, float* x_maxptr,
                               const float* bias, const Activation_t& act, bool is_nchw, const float*) {
  using namespace api;
  const tagged::Gemm g = {tagged::tag<TY>(), tagged::tag<TW>(), tagged::tag<TX>(), tagged::tag<TGEMM>(), y_maxptr, w_maxptr, x_maxptr, true};
  return tagged::conv2d_transpose(ctx, g, y, weight, x, n, yc, xh, xw, xc, ksize, stride, pad, dilation, group, bias, act, is_nchw);
}

}  // namespace xpudnn
}  // namespace xpu
}  // namespace baidu
