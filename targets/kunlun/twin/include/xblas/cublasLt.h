// The twin's xblas/cublasLt.h: the matrix products of XRE 5, as Paddle's calls show them (phi/kernels/xpu/xpu_api_wrapper.h).
#pragma once
#include "xpu/xdnn.h"

namespace baidu {
namespace xpu {
namespace xblas {

using api::Activation_t;
using api::Context;

// A matrix as it is stored: rows, columns, elements from row to row, and whether the product takes it turned.
template <typename T>
struct FcFusionTensor {
  T* ptr;
  const float* maxptr;
  int64_t rows, cols, ld;
  bool trans;
};

template <typename TGEMM, typename TGEMM_O, typename TINTER_RES>
struct FcFusionDesc {
  float alpha, beta;
};

template <typename TBIAS, typename TSCALE>
struct FcFusionEpilogue {
  Activation_t act;
  const TBIAS* bias;
  const TSCALE *scale_x, *scale_w;
  int scale_x_mode, scale_w_mode;
  float* y_maxptr;
};

#include "cublasLt.gen.h"

// d = act(alpha * a * b + beta * c + bias)
template <typename TA, typename TB, typename TC, typename TD, typename TGEMM, typename TGEMM_O, typename TINTER_RES, typename TBIAS, typename TSCALE>
int fc_fusion(Context* ctx, FcFusionTensor<const TA> a, FcFusionTensor<const TB> b, FcFusionTensor<const TC> c, FcFusionTensor<TD> d,
              FcFusionDesc<TGEMM, TGEMM_O, TINTER_RES> desc, FcFusionEpilogue<TBIAS, TSCALE> epilogue) {
  using namespace api::tagged;
  const Gemm g = {tag<TA>(), tag<TB>(), tag<TD>(), tag<TGEMM>(), a.maxptr, b.maxptr, epilogue.y_maxptr, true};
  const Product p = {a.trans ? a.cols : a.rows, b.trans ? b.rows : b.cols, a.trans ? a.rows : a.cols, b.trans ? b.cols : b.rows,
                     c.rows, c.cols, d.rows, d.cols};
  if (const int refused = check_product(p, epilogue.scale_x || epilogue.scale_w, c.trans || d.trans)) return refused;
  return fc(ctx, g, a.ptr, b.ptr, d.ptr, p.m, p.n, p.k, a.trans, b.trans, a.ld, b.ld, d.ld, desc.alpha, desc.beta, epilogue.bias, epilogue.act);
}

template <typename TX, typename TW, typename TY, typename TGEMM, typename TGEMM_OUT, int MAX_PTR_TYPE>
int fc_batched(Context* ctx, int64_t batch_size, bool x_trans, bool w_trans, int64_t m, int64_t n, int64_t k, float alpha, const TX* x,
               int64_t stride_a, const TW* w, int64_t stride_b, float beta, TY* y, int64_t stride_c, const float* x_maxptr, const float* w_maxptr) {
  using namespace api;
  const tagged::Gemm g = {tagged::tag<TX>(), tagged::tag<TW>(), tagged::tag<TY>(), tagged::tag<TGEMM>(), x_maxptr, w_maxptr, nullptr, true};
  return tagged::fc_batched(ctx, g, batch_size, x_trans, w_trans, m, n, k, alpha, x, stride_a, w, stride_b, beta, y, stride_c);
}

}  // namespace xblas
}  // namespace xpu
}  // namespace baidu
