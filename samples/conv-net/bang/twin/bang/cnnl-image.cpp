// Pooling by window, interpolation, reduction to one value.
#include <math.h>

#include <algorithm>

#include "cnnl-core.h"

using namespace twin::cnnl;

cnnlStatus_t cnnlCreatePoolingDescriptor(cnnlPoolingDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyPoolingDescriptor(cnnlPoolingDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetPooling2dDescriptor_v2(cnnlPoolingDescriptor_t desc, cnnlPoolingMode_t mode, cnnlNanPropagation_t nan_opt, int kernel_h, int kernel_w,
                                           int pad_up, int pad_down, int pad_left, int pad_right, int stride_h, int stride_w, int dilation_h,
                                           int dilation_w, bool ceil_mode) {
  if (!desc || kernel_h < 1 || kernel_w < 1 || stride_h < 1 || stride_w < 1 || dilation_h < 1 || dilation_w < 1 || pad_up < 0 || pad_down < 0 ||
      pad_left < 0 || pad_right < 0)
    return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetPooling2dDescriptor_v2", "a size out of range");
  *desc = {true, ceil_mode, mode, nan_opt, {kernel_h, kernel_w}, {pad_up, pad_down, pad_left, pad_right}, {stride_h, stride_w}, {dilation_h, dilation_w}};
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlGetPoolingWorkspaceSize(cnnlHandle_t handle, cnnlPoolingMode_t, int output_w, int output_h, size_t* size) {
  Check check("cnnlGetPoolingWorkspaceSize", handle);
  if (!check.need(output_w > 0 && output_h > 0 && size, "no output size")) return check.status();
  *size = scratch_bytes;
  return CNNL_STATUS_SUCCESS;
}

namespace {

struct Window {
  int64_t begin_y, begin_x;
};

float pool_at(const cnnlPoolingStruct& d, const float* image, int64_t h, int64_t w, int64_t c, int64_t channel, Window at) {
  const bool max = d.mode == CNNL_POOLING_MAX, include = d.mode == CNNL_POOLING_AVERAGE_COUNT_INCLUDE_PADDING;
  float best = -INFINITY, sum = 0;
  int64_t taken = 0, covered = 0;
  for (int ky = 0; ky < d.kernel[0]; ky++)
    for (int kx = 0; kx < d.kernel[1]; kx++) {
      const int64_t y = at.begin_y + ky * d.dilation[0], x = at.begin_x + kx * d.dilation[1];
      covered += y < h + d.pad[1] && x < w + d.pad[3];
      if (y < 0 || y >= h || x < 0 || x >= w) continue;
      const float v = image[(y * w + x) * c + channel];
      if (v != v && d.nan == CNNL_PROPAGATE_NAN) best = v;
      if (v > best) best = v;
      sum += v;
      taken++;
    }
  return max ? best : sum / (float)(include ? covered : taken);
}

bool pooled_size(const cnnlPoolingStruct& d, int axis, int64_t in, int64_t out) {
  const int64_t room = in + d.pad[2 * axis] + d.pad[2 * axis + 1] - (d.dilation[axis] * (d.kernel[axis] - 1) + 1);
  if (room < 0) return false;
  int64_t size = (room + (d.ceil_mode ? d.stride[axis] - 1 : 0)) / d.stride[axis] + 1;
  // A window that would begin in the padding after the end is not taken.
  if (d.ceil_mode && (size - 1) * d.stride[axis] >= in + d.pad[2 * axis]) size--;
  return size == out;
}

}  // namespace

cnnlStatus_t cnnlPoolingForward(cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const void* alpha, const cnnlTensorDescriptor_t x_desc,
                                const void* x, const void* beta, const cnnlTensorDescriptor_t y_desc, void* y, void* workspace, size_t workspace_size) {
  Check check("cnnlPoolingForward", handle);
  const cnnlPoolingStruct* d = pooling_desc;
  if (!check.need(d && d->set, "the pooling descriptor is not set") || !check.float_tensor(x_desc, "x") || !check.float_tensor(y_desc, "y")) return check.status();
  check.need(!alpha && !beta, "alpha and beta must be null");
  check.need(x_desc->layout == CNNL_LAYOUT_NHWC && y_desc->layout == CNNL_LAYOUT_NHWC, "x and y must be NHWC", CNNL_STATUS_NOT_SUPPORTED);
  check.need(x_desc->dtype == y_desc->dtype, "operands of different types");
  if (!check.ok()) return check.status();
  const int64_t n = x_desc->dims[0], h = x_desc->dims[1], w = x_desc->dims[2], c = x_desc->dims[3], oh = y_desc->dims[1], ow = y_desc->dims[2];
  check.need(y_desc->dims[0] == n && y_desc->dims[3] == c && pooled_size(*d, 0, h, oh) && pooled_size(*d, 1, w, ow), "the result's size is not the pooling's");
  if (!check.ok() || !check.input(x_desc, x, "x") || !check.output(y_desc, y, "y") || !check.workspace(workspace, workspace_size, scratch_bytes)) return check.status();
  const Values in(x_desc, x, false);
  Result out(y_desc, y);
  for (int64_t b = 0; b < n; b++)
    for (int64_t oy = 0; oy < oh; oy++)
      for (int64_t ox = 0; ox < ow; ox++)
        for (int64_t k = 0; k < c; k++)
          out.data()[((b * oh + oy) * ow + ox) * c + k] =
              pool_at(*d, in.data() + b * h * w * c, h, w, c, k, {oy * d->stride[0] - d->pad[0], ox * d->stride[1] - d->pad[2]});
  out.store();
  return CNNL_STATUS_SUCCESS;
}

// ---- interpolation ----------------------------------------------------------------------------------------------------

namespace {

struct Tap {
  int64_t low, high;
  float weight;  // of high
};

Tap tap(int64_t at, int64_t in, int64_t out, bool align_corners, bool half_pixel, bool nearest) {
  const float scale = align_corners ? (out > 1 ? (float)(in - 1) / (float)(out - 1) : 0.0f) : (float)in / (float)out;
  float x = half_pixel ? ((float)at + 0.5f) * scale - 0.5f : (float)at * scale;
  if (nearest) {
    const int64_t k = std::min<int64_t>((int64_t)floorf(x), in - 1);
    return {k, k, 0};
  }
  x = std::max(0.0f, std::min(x, (float)(in - 1)));
  const int64_t low = (int64_t)floorf(x);
  return {low, std::min(low + 1, in - 1), x - (float)low};
}

}  // namespace

cnnlStatus_t cnnlInterp_v2(cnnlHandle_t handle, bool align_corners, bool half_pixel_centers, cnnlInterpMode_t mode, const float* scale_factors,
                           bool recompute_scale_factor, const cnnlTensorDescriptor_t input_desc, const void* input,
                           const cnnlTensorDescriptor_t output_desc, void* output) {
  Check check("cnnlInterp_v2", handle);
  if (!check.float_tensor(input_desc, "the input") || !check.float_tensor(output_desc, "the output")) return check.status();
  check.need(input_desc->layout == CNNL_LAYOUT_NHWC && output_desc->layout == CNNL_LAYOUT_NHWC, "operands must be NHWC", CNNL_STATUS_NOT_SUPPORTED);
  check.need(mode == CNNL_INTERP_NEAREST || mode == CNNL_INTERP_BILINEAR, "NHWC is for NEAREST and BILINEAR", CNNL_STATUS_NOT_SUPPORTED);
  check.need(!scale_factors && recompute_scale_factor, "this twin takes the scale from the sizes", CNNL_STATUS_NOT_SUPPORTED);
  check.need(!(align_corners && half_pixel_centers), "align_corners and half_pixel_centers exclude each other");
  check.need(input_desc->dtype == output_desc->dtype, "operands of different types");
  if (!check.ok()) return check.status();
  const auto &from = input_desc->dims, &to = output_desc->dims;
  check.need(from[0] == to[0] && from[3] == to[3], "batch or channels differ");
  if (!check.ok() || !check.input(input_desc, input, "the input") || !check.output(output_desc, output, "the output")) return check.status();
  const Values in(input_desc, input, false);
  Result out(output_desc, output);
  const bool nearest = mode == CNNL_INTERP_NEAREST;
  const int64_t h = from[1], w = from[2], c = from[3];
  for (int64_t b = 0; b < to[0]; b++)
    for (int64_t y = 0; y < to[1]; y++) {
      const Tap ty = tap(y, h, to[1], align_corners, half_pixel_centers, nearest);
      for (int64_t x = 0; x < to[2]; x++) {
        const Tap tx = tap(x, w, to[2], align_corners, half_pixel_centers, nearest);
        const auto at = [&](int64_t iy, int64_t ix) { return in.data() + ((b * h + iy) * w + ix) * c; };
        const float *p00 = at(ty.low, tx.low), *p01 = at(ty.low, tx.high), *p10 = at(ty.high, tx.low), *p11 = at(ty.high, tx.high);
        float* o = out.data() + ((b * to[1] + y) * to[2] + x) * c;
        for (int64_t k = 0; k < c; k++) {
          if (nearest) {
            o[k] = p00[k];
            continue;
          }
          const float top = p00[k] * (1 - tx.weight) + p01[k] * tx.weight, bottom = p10[k] * (1 - tx.weight) + p11[k] * tx.weight;
          o[k] = top * (1 - ty.weight) + bottom * ty.weight;
        }
      }
    }
  out.store();
  return CNNL_STATUS_SUCCESS;
}

// ---- reduction --------------------------------------------------------------------------------------------------------

cnnlStatus_t cnnlCreateReduceDescriptor(cnnlReduceDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyReduceDescriptor(cnnlReduceDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetReduceDescriptor_v2(cnnlReduceDescriptor_t desc, int axis[], int axis_num, cnnlReduceOp_t op, cnnlDataType_t tensor_type,
                                        cnnlNanPropagation_t, cnnlReduceIndices_t indices_mode, cnnlIndicesType_t, float) {
  if (!desc || !axis || axis_num < 1 || axis_num > CNNL_DIM_MAX || tensor_type != CNNL_DTYPE_FLOAT || indices_mode != CNNL_REDUCE_NO_INDICES)
    return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetReduceDescriptor_v2", "this twin reduces floats over 1 to 8 axes, without indices");
  desc->axes.assign(axis, axis + axis_num);
  desc->op = op;
  desc->set = true;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlGetReduceOpWorkspaceSize(cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const cnnlTensorDescriptor_t output_desc,
                                          const cnnlReduceDescriptor_t reduce_desc, size_t* size) {
  Check check("cnnlGetReduceOpWorkspaceSize", handle);
  if (!check.tensor(input_desc, "the input") || !check.tensor(output_desc, "the output") || !check.need(reduce_desc && reduce_desc->set && size, "the descriptor is not set"))
    return check.status();
  *size = scratch_bytes;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlReduce(cnnlHandle_t handle, const cnnlReduceDescriptor_t reduce_desc, void* workspace, size_t workspace_size, const void* alpha,
                        const cnnlTensorDescriptor_t input_desc, const void* input, size_t indices_size_inbytes, void* indices, const void* beta,
                        const cnnlTensorDescriptor_t output_desc, void* output) {
  Check check("cnnlReduce", handle);
  if (!check.float_tensor(input_desc, "the input") || !check.float_tensor(output_desc, "the output")) return check.status();
  check.need(reduce_desc && reduce_desc->set, "the descriptor is not set");
  check.need(indices_size_inbytes == 0 && !indices, "indices without an index mode");
  check.need(alpha && beta && *static_cast<const float*>(alpha) == 1 && *static_cast<const float*>(beta) == 0, "alpha is 1 and beta 0");
  check.need(input_desc->dtype == output_desc->dtype, "operands of different types");
  if (!check.ok()) return check.status();
  auto kept = input_desc->dims;
  for (const int a : reduce_desc->axes)
    if (!check.need(a >= 0 && a < (int)kept.size(), "an axis out of range")) return check.status();
  for (const int a : reduce_desc->axes) kept[a] = 1;
  check.need(kept == output_desc->dims, "the output keeps reduced axes with extent 1");
  if (!check.ok() || !check.input(input_desc, input, "the input") || !check.output(output_desc, output, "the output") ||
      !check.workspace(workspace, workspace_size, scratch_bytes))
    return check.status();
  const Values in(input_desc, input, false);
  Result out(output_desc, output);
  const int64_t results = count(*output_desc), total = count(*input_desc);
  const cnnlReduceOp_t op = reduce_desc->op;
  std::vector<double> sums(results, op == CNNL_REDUCE_MAX ? -INFINITY : op == CNNL_REDUCE_MIN ? INFINITY : op == CNNL_REDUCE_MUL ? 1 : 0);
  std::vector<int64_t> at(input_desc->dims.size(), 0);
  for (int64_t i = 0; i < total; i++) {
    int64_t to = 0;
    for (size_t d = 0; d < at.size(); d++) to = to * kept[d] + (kept[d] == 1 ? 0 : at[d]);
    const double v = in.data()[i];
    double& acc = sums[to];
    if (op == CNNL_REDUCE_MAX) acc = v != v || v > acc ? v : acc;
    else if (op == CNNL_REDUCE_MIN) acc = v != v || v < acc ? v : acc;
    else acc = op == CNNL_REDUCE_MUL ? acc * v : acc + v;
    for (size_t d = at.size(); d-- > 0 && ++at[d] == input_desc->dims[d];) at[d] = 0;
  }
  for (int64_t i = 0; i < results; i++) out.data()[i] = (float)(op == CNNL_REDUCE_AVG ? sums[i] * results / total : sums[i]);
  out.store();
  return CNNL_STATUS_SUCCESS;
}
