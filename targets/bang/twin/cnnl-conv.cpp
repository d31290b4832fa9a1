// Convolutions and the gradient used for transposed ones: checked, laid out in planes, and what common/twin/math makes of them.
#include <algorithm>

#include "cnnl-core.h"
#include "math/levels.h"

using namespace twin::cnnl;

cnnlStatus_t cnnlCreateConvolutionDescriptor(cnnlConvolutionDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyConvolutionDescriptor(cnnlConvolutionDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetConvolutionDescriptor(cnnlConvolutionDescriptor_t desc, int dims, const int pad[], const int stride[], const int dilation[],
                                          int group_count, cnnlDataType_t compute_type) {
  const auto refuse = [](const char* why) { return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetConvolutionDescriptor", "%s", why); };
  if (!desc) return refuse("no descriptor");
  if (dims != 4) return refuse("this twin convolves two spatial dimensions");
  if (group_count < 1) return refuse("no groups");
  if (!is_float(compute_type)) return refuse("the compute type is no float");
  desc->pad.assign(pad, pad + 4);
  desc->stride.assign(stride, stride + 2);
  desc->dilation.assign(dilation, dilation + 2);
  for (const int p : desc->pad)
    if (p < 0) return refuse("a negative pad");
  for (int i = 0; i < 2; i++)
    if (desc->stride[i] < 1 || desc->dilation[i] < 1) return refuse("a stride or dilation below 1");
  desc->groups = group_count;
  desc->compute = compute_type;
  desc->rank = dims;
  desc->set = true;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlSetConvolutionDescriptorQuant(cnnlConvolutionDescriptor_t desc, cnnlQuantizeExDescriptor_t x_quant_desc,
                                               cnnlQuantizeExDescriptor_t w_quant_desc, cnnlQuantizeExDescriptor_t y_quant_desc) {
  const auto refuse = [](const char* why) { return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetConvolutionDescriptorQuant", "%s", why); };
  if (!desc) return refuse("no descriptor");
  for (const cnnlQuantizeExDescriptor_t quant : {x_quant_desc, w_quant_desc, y_quant_desc})
    if (quant && !quant->set) return refuse("a descriptor is not set");
  if (x_quant_desc) desc->x_quant = *x_quant_desc;
  if (w_quant_desc) desc->w_quant = *w_quant_desc;
  desc->onchip = y_quant_desc ? y_quant_desc->dtype : CNNL_DTYPE_INVALID;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlSetConvolutionDescriptorAllowTF32(cnnlConvolutionDescriptor_t desc, bool allow_tf32) {
  if (!desc) return CNNL_STATUS_BAD_PARAM;
  desc->allow_tf32 = allow_tf32;
  return CNNL_STATUS_SUCCESS;
}

namespace {

// Sizes of a forward convolution, whichever way it is run.
struct Shape {
  int64_t n, h, w, c;      // x, NHWC
  int64_t oh, ow, m;       // y, NHWC
  int64_t kh, kw, cg, mg;  // filter, channels and filters of a group
  int64_t groups;
  bool depthwise;
};

bool shape_of(Check& check, const cnnlConvolutionStruct* d, cnnlTensorDescriptor_t x, cnnlTensorDescriptor_t w, cnnlTensorDescriptor_t y, Shape& s) {
  if (!check.need(d && d->set, "the convolution descriptor is not set")) return false;
  if (!check.tensor(x, "x") || !check.tensor(w, "w") || !check.float_tensor(y, "y")) return false;
  if (!are_levels(*x, *w, *y, d->x_quant, d->w_quant)) {
    if (!check.float_tensor(x, "x") || !check.float_tensor(w, "w")) return false;
    if (!check.need(x->dtype == w->dtype && x->dtype == y->dtype, "operands of different types", CNNL_STATUS_NOT_SUPPORTED)) return false;
  }
  if (!check.need(x->layout == CNNL_LAYOUT_NHWC && y->layout == CNNL_LAYOUT_NHWC, "x and y must be NHWC", CNNL_STATUS_NOT_SUPPORTED)) return false;
  s.depthwise = w->layout == CNNL_LAYOUT_HWCN;
  if (!check.need(s.depthwise || w->layout == CNNL_LAYOUT_NHWC, "the filter must be NHWC, or HWCN when depthwise", CNNL_STATUS_NOT_SUPPORTED)) return false;
  s.n = x->dims[0], s.h = x->dims[1], s.w = x->dims[2], s.c = x->dims[3];
  s.oh = y->dims[1], s.ow = y->dims[2], s.m = y->dims[3];
  s.groups = d->groups;
  const int64_t filters = s.depthwise ? w->dims[3] : w->dims[0];
  s.kh = s.depthwise ? w->dims[0] : w->dims[1];
  s.kw = s.depthwise ? w->dims[1] : w->dims[2];
  s.cg = s.depthwise ? w->dims[2] : w->dims[3];
  s.mg = s.m / s.groups;
  const auto extent = [&](int64_t in, int64_t k, int i) {
    return (in + d->pad[2 * i] + d->pad[2 * i + 1] - (d->dilation[i] * (k - 1) + 1)) / d->stride[i] + 1;
  };
  return check.need(y->dims[0] == s.n && filters == s.m, "batch or filters do not match the result") &&
         check.need(s.c % s.groups == 0 && s.m % s.groups == 0 && s.cg == s.c / s.groups, "channels do not match the groups") &&
         check.need(!s.depthwise || (s.groups == s.c && s.m == s.c), "HWCN is for one filter a channel") &&
         check.need(extent(s.h, s.kh, 0) == s.oh && extent(s.w, s.kw, 1) == s.ow, "the result's size is not the convolution's");
}

// A filter's taps of one channel in planes: NHWC has channels last, HWCN one channel of each filter.
std::vector<float> filter_in_planes(const Shape& s, const float* w) {
  const int64_t taps = s.kh * s.kw;
  return s.depthwise ? twin::math::turned(1, taps, s.c, w) : twin::math::turned(s.m, taps, s.cg, w);
}

// As a convolution from x to y.
twin::math::Geometry geometry_of(const Shape& s, const cnnlConvolutionStruct& d) {
  return {s.n, s.groups, s.c, s.m, {1, s.h, s.w}, {1, s.oh, s.ow}, {1, s.kh, s.kw}, {1, d.stride[0], d.stride[1]}, {1, d.dilation[0], d.dilation[1]}, {0, d.pad[0], d.pad[2]}};
}

// With a compute type of FLOAT the type on chip of a result of halves must be FLOAT too; a result of floats needs none.
bool accumulates(Check& check, const cnnlConvolutionStruct& d, cnnlTensorDescriptor_t y) {
  const cnnlDataType_t onchip = d.onchip == CNNL_DTYPE_INVALID ? y->dtype : d.onchip;
  return check.need(onchip == d.compute, "the type of y on chip is not the compute type", CNNL_STATUS_NOT_SUPPORTED);
}

bool tf32(const cnnlConvolutionStruct& d, cnnlTensorDescriptor_t x) { return d.allow_tf32 && x->dtype == CNNL_DTYPE_FLOAT; }

}  // namespace

cnnlStatus_t cnnlGetConvolutionForwardWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t x_desc, const cnnlTensorDescriptor_t w_desc,
                                                    const cnnlTensorDescriptor_t y_desc, const cnnlTensorDescriptor_t,
                                                    const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionForwardAlgo_t algo, size_t* size) {
  Check check("cnnlGetConvolutionForwardWorkspaceSize", handle);
  Shape s{};
  if (!shape_of(check, conv_desc, x_desc, w_desc, y_desc, s) || !check.need(algo == CNNL_CONVOLUTION_FWD_ALGO_DIRECT, "an algorithm nobody chose")) return check.status();
  *size = scratch_bytes;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlConvolutionForward(cnnlHandle_t handle, const cnnlConvolutionDescriptor_t conv_desc, cnnlConvolutionForwardAlgo_t algo, const void* alpha,
                                    const cnnlTensorDescriptor_t x_desc, const void* x, const cnnlTensorDescriptor_t w_desc, const void* w,
                                    const cnnlTensorDescriptor_t bias_desc, const void* bias, void* workspace, size_t workspace_size, const void* beta,
                                    const cnnlTensorDescriptor_t y_desc, void* y) {
  Check check("cnnlConvolutionForward", handle);
  Shape s{};
  if (!shape_of(check, conv_desc, x_desc, w_desc, y_desc, s)) return check.status();
  check.need(algo == CNNL_CONVOLUTION_FWD_ALGO_DIRECT, "an algorithm nobody chose");
  accumulates(check, *conv_desc, y_desc);
  check.need(!alpha && !beta, "alpha and beta must be null");
  if (!check.ok() || !check.input(x_desc, x, "x") || !check.input(w_desc, w, "w") || !check.output(y_desc, y, "y")) return check.status();
  if (!check.workspace(workspace, workspace_size, scratch_bytes)) return check.status();
  if (bias && (!check.float_tensor(bias_desc, "bias") || !check.input(bias_desc, bias, "bias") ||
               !check.need(bias_desc->dims == std::vector<int64_t>{s.m}, "the bias has one value a filter") ||
               !check.need(bias_desc->dtype == CNNL_DTYPE_FLOAT || bias_desc->dtype == x_desc->dtype, "the bias has another type")))
    return check.status();

  const Values xv(x_desc, x, tf32(*conv_desc, x_desc)), wv(w_desc, w, tf32(*conv_desc, x_desc));
  Result out(y_desc, y);
  const int64_t plane = s.oh * s.ow;
  std::vector<float> found(s.n * s.m * plane);
  const std::vector<float> planes = twin::math::turned(s.n, s.h * s.w, s.c, xv.data()), filter = filter_in_planes(s, wv.data());
  if (x_desc->dtype == CNNL_DTYPE_INT8) {
    const std::vector<int64_t> sums = twin::math::convolve_levels(geometry_of(s, *conv_desc), planes.data(), filter.data());
    for (size_t i = 0; i < sums.size(); i++) found[i] = static_cast<float>(sums[i]) * (conv_desc->x_quant.step * conv_desc->w_quant.step);
  } else {
    twin::math::convolve(geometry_of(s, *conv_desc), planes.data(), filter.data(), found.data());
  }
  if (bias) twin::math::add_bias(s.n, s.m, plane, Values(bias_desc, bias, false).data(), found.data());
  found = twin::math::turned(s.n, s.m, plane, found.data());
  std::copy(found.begin(), found.end(), out.data());
  out.store();
  return CNNL_STATUS_SUCCESS;
}

// ---- gradient with respect to x -------------------------------------------------------------------------------------

cnnlStatus_t cnnlGetConvolutionBackwardDataWorkspaceSize(cnnlHandle_t handle, cnnlTensorDescriptor_t filter_desc, cnnlTensorDescriptor_t out_backprop_desc,
                                                         cnnlConvolutionDescriptor_t conv_desc, cnnlTensorDescriptor_t in_backprop_desc,
                                                         cnnlConvolutionBwdDataAlgo_t algo_t, size_t* workspace_size) {
  Check check("cnnlGetConvolutionBackwardDataWorkspaceSize", handle);
  Shape s{};
  if (!shape_of(check, conv_desc, in_backprop_desc, filter_desc, out_backprop_desc, s) ||
      !check.need(algo_t == CNNL_CONVOLUTION_BWD_DATA_ALGO_DIRECT, "an algorithm nobody chose"))
    return check.status();
  *workspace_size = scratch_bytes;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlConvolutionBackwardData(cnnlHandle_t handle, const void* alpha, const cnnlTensorDescriptor_t w_desc, const void* w,
                                         const cnnlTensorDescriptor_t diff_y_desc, const void* diff_y, const cnnlConvolutionDescriptor_t conv_desc,
                                         cnnlConvolutionBwdDataAlgo_t algo, void* workspace, size_t workspace_size, const void* beta,
                                         const cnnlTensorDescriptor_t diff_x_desc, void* diff_x) {
  Check check("cnnlConvolutionBackwardData", handle);
  Shape s{};
  if (!shape_of(check, conv_desc, diff_x_desc, w_desc, diff_y_desc, s)) return check.status();
  check.need(algo == CNNL_CONVOLUTION_BWD_DATA_ALGO_DIRECT, "an algorithm nobody chose");
  check.need(!alpha && !beta, "alpha and beta must be null");
  check.need(!s.depthwise, "this twin takes the gradient of NHWC filters", CNNL_STATUS_NOT_SUPPORTED);
  // A result of halves with a type of its own on chip fails a check inside the library (torch_mlu's note).
  check.need(diff_x_desc->dtype != CNNL_DTYPE_HALF, "a gradient of halves accumulated in float", CNNL_STATUS_NOT_SUPPORTED);
  if (s.groups == s.c) {
    const auto taps = [&](int i) { return ((i ? s.kw : s.kh) + conv_desc->stride[i] - 1) / conv_desc->stride[i]; };
    check.need(conv_desc->dilation[0] == 1 && conv_desc->dilation[1] == 1, "a dilated depthwise gradient", CNNL_STATUS_NOT_SUPPORTED);
    check.need(taps(0) * taps(1) <= 2016, "a depthwise gradient of more than 2016 taps", CNNL_STATUS_NOT_SUPPORTED);
  }
  if (!check.ok() || !check.input(w_desc, w, "w") || !check.input(diff_y_desc, diff_y, "diff_y") || !check.output(diff_x_desc, diff_x, "diff_x")) return check.status();
  if (!check.workspace(workspace, workspace_size, scratch_bytes)) return check.status();

  const Values wv(w_desc, w, tf32(*conv_desc, w_desc)), gy(diff_y_desc, diff_y, tf32(*conv_desc, w_desc));
  Result out(diff_x_desc, diff_x);
  // From y to x, over the filter turned round.
  twin::math::Geometry g = geometry_of(s, *conv_desc);
  std::swap(g.in_channels, g.out_channels);
  std::swap(g.in, g.out);
  std::vector<float> found(s.n * s.c * s.h * s.w);
  twin::math::convolve_transposed(g, twin::math::turned(s.n, s.oh * s.ow, s.m, gy.data()).data(), filter_in_planes(s, wv.data()).data(), found.data());
  found = twin::math::turned(s.n, s.c, s.h * s.w, found.data());
  std::copy(found.begin(), found.end(), out.data());
  out.store();
  return CNNL_STATUS_SUCCESS;
}
