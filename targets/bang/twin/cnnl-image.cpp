// Pooling by window, reduction to one value.
#include <math.h>
#include <string.h>

#include <algorithm>

#include "cnnl-core.h"
#include "math/image.h"
#include "math/lines.h"

using namespace twin::cnnl;
using namespace twin::math;

cnnlStatus_t cnnlCreatePoolingDescriptor(cnnlPoolingDescriptor_t* desc) { return create(desc); }
cnnlStatus_t cnnlDestroyPoolingDescriptor(cnnlPoolingDescriptor_t desc) { return destroy(desc); }

cnnlStatus_t cnnlSetPooling2dDescriptor_v2(cnnlPoolingDescriptor_t desc, cnnlPoolingMode_t mode, cnnlNanPropagation_t nan_opt, int kernel_h, int kernel_w,
                                           int pad_up, int pad_down, int pad_left, int pad_right, int stride_h, int stride_w, int dilation_h,
                                           int dilation_w, bool ceil_mode) {
  if (!desc || kernel_h < 1 || kernel_w < 1 || stride_h < 1 || stride_w < 1 || dilation_h < 1 || dilation_w < 1 || pad_up < 0 || pad_down < 0 ||
      pad_left < 0 || pad_right < 0)
    return (cnnlStatus_t)twin::reject(CNNL_STATUS_BAD_PARAM, "cnnlSetPooling2dDescriptor_v2", "a size out of range");
  if (nan_opt != CNNL_NOT_PROPAGATE_NAN)
    return (cnnlStatus_t)twin::reject(CNNL_STATUS_NOT_SUPPORTED, "cnnlSetPooling2dDescriptor_v2", "only CNNL_NOT_PROPAGATE_NAN is supported");
  *desc = {true, ceil_mode, mode, {kernel_h, kernel_w}, {pad_up, pad_down, pad_left, pad_right}, {stride_h, stride_w}, {dilation_h, dilation_w}};
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlGetPoolingWorkspaceSize_v2(cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const cnnlTensorDescriptor_t x_desc,
                                            const cnnlTensorDescriptor_t y_desc, size_t* size) {
  Check check("cnnlGetPoolingWorkspaceSize_v2", handle);
  if (!check.need(pooling_desc && pooling_desc->set && size, "the pooling descriptor is not set") || !check.tensor(x_desc, "x") || !check.tensor(y_desc, "y"))
    return check.status();
  *size = scratch_bytes;
  return CNNL_STATUS_SUCCESS;
}

namespace {

// What averages read beside their input on some cards. Its content is the library's own affair: here a mark that only
// cnnlInitPoolingExtraInput writes, so that a program which leaves the table out, or unwritten, is caught.
constexpr uint64_t table_mark = 0x706F6F6C65787472;

size_t table_bytes(cnnlPoolingMode_t mode) { return mode == CNNL_POOLING_MAX ? 0 : sizeof table_mark; }

}  // namespace

cnnlStatus_t cnnlGetPoolingExtraInputSize(cnnlHandle_t handle, cnnlPoolingMode_t mode, int out_w_size, int out_h_size, size_t* extra_input_size) {
  Check check("cnnlGetPoolingExtraInputSize", handle);
  if (!check.need(out_w_size > 0 && out_h_size > 0 && extra_input_size, "no output size")) return check.status();
  *extra_input_size = table_bytes(mode);
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlInitPoolingExtraInput(cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const cnnlTensorDescriptor_t x_desc,
                                       const cnnlTensorDescriptor_t y_desc, void* extra_host_input) {
  Check check("cnnlInitPoolingExtraInput", handle);
  if (!check.need(pooling_desc && pooling_desc->set, "the pooling descriptor is not set") || !check.tensor(x_desc, "x") || !check.tensor(y_desc, "y"))
    return check.status();
  if (!check.need(extra_host_input && !twin::gm_owns(extra_host_input), "the table is written on the host")) return check.status();
  memcpy(extra_host_input, &table_mark, table_bytes(pooling_desc->mode));
  return CNNL_STATUS_SUCCESS;
}

namespace {

struct Window {
  int64_t begin_y, begin_x;
};

// Sums of halves stay halves: no call of CNNL 2 asks for more.
float pool_at(const cnnlPoolingStruct& d, cnnlDataType_t type, const float* image, int64_t h, int64_t w, int64_t c, int64_t channel, Window at) {
  const Box box = inside_image(at.begin_y, at.begin_x, d.kernel[0], d.kernel[1], h, w);
  const Plane plane = {image + channel, w, c};
  if (d.mode == CNNL_POOLING_MAX) {
    const Largest found = largest_in(plane, box);
    // MLU300 gives NaN for the last value of a window only, else the largest after the last NaN; MLU200 gives NaN.
    return found.has_nan ? unspecified("cnnlPoolingForward_v2", "the maximum of a window that holds NaN") : found.value;
  }
  // What of the window lies in the image or its padding.
  const int64_t rows = std::min<int64_t>(d.kernel[0], h + d.pad[1] - at.begin_y), cols = std::min<int64_t>(d.kernel[1], w + d.pad[3] - at.begin_x);
  const float sum = sum_in(plane, box, [type](float x) { return rounded_to(type, x); });
  return sum / (float)(d.mode == CNNL_POOLING_AVERAGE_COUNT_INCLUDE_PADDING ? rows * cols : box.size());
}

bool pooled_size(const cnnlPoolingStruct& d, int axis, int64_t in, int64_t out) {
  const int64_t room = in + d.pad[2 * axis] + d.pad[2 * axis + 1] - d.kernel[axis];
  if (room < 0) return false;
  int64_t size = (room + (d.ceil_mode ? d.stride[axis] - 1 : 0)) / d.stride[axis] + 1;
  // A window that would begin in the padding after the end is not taken.
  if (d.ceil_mode && (size - 1) * d.stride[axis] >= in + d.pad[2 * axis]) size--;
  return size == out;
}

}  // namespace

cnnlStatus_t cnnlPoolingForward_v2(cnnlHandle_t handle, const cnnlPoolingDescriptor_t pooling_desc, const void* alpha, const cnnlTensorDescriptor_t x_desc,
                                   const void* x, const void* beta, const void* extra_input, const cnnlTensorDescriptor_t y_desc, void* y, void* workspace,
                                   size_t workspace_size) {
  Check check("cnnlPoolingForward_v2", handle);
  const cnnlPoolingStruct* d = pooling_desc;
  if (!check.need(d && d->set, "the pooling descriptor is not set") || !check.float_tensor(x_desc, "x") || !check.float_tensor(y_desc, "y")) return check.status();
  check.need(!alpha && !beta, "alpha and beta must be null");
  check.need(x_desc->layout == CNNL_LAYOUT_NHWC && y_desc->layout == CNNL_LAYOUT_NHWC, "x and y must be NHWC", CNNL_STATUS_NOT_SUPPORTED);
  check.need(x_desc->dtype == y_desc->dtype, "operands of different types");
  check.need(d->dilation[0] == 1 && d->dilation[1] == 1, "only a dilation of 1 is supported", CNNL_STATUS_NOT_SUPPORTED);
  if (!check.ok()) return check.status();
  const int64_t n = x_desc->dims[0], h = x_desc->dims[1], w = x_desc->dims[2], c = x_desc->dims[3], oh = y_desc->dims[1], ow = y_desc->dims[2];
  check.need(y_desc->dims[0] == n && y_desc->dims[3] == c && pooled_size(*d, 0, h, oh) && pooled_size(*d, 1, w, ow), "the result's size is not the pooling's");
  if (!check.ok() || !check.input(x_desc, x, "x") || !check.output(y_desc, y, "y") || !check.workspace(workspace, workspace_size, scratch_bytes)) return check.status();
  if (const size_t bytes = table_bytes(d->mode)) {
    if (!check.need(extra_input && twin::gm_owns(extra_input), "the extra input is not in device memory")) return check.status();
    twin::gm_read(extra_input, bytes, 0);
    if (!check.need(memcmp(extra_input, &table_mark, bytes) == 0, "the extra input is not what cnnlInitPoolingExtraInput wrote")) return check.status();
  }
  const Values in(x_desc, x, false);
  Result out(y_desc, y);
  for (int64_t b = 0; b < n; b++)
    for (int64_t oy = 0; oy < oh; oy++)
      for (int64_t ox = 0; ox < ow; ox++)
        for (int64_t k = 0; k < c; k++)
          out.data()[((b * oh + oy) * ow + ox) * c + k] =
              pool_at(*d, x_desc->dtype, in.data() + b * h * w * c, h, w, c, k, {oy * d->stride[0] - d->pad[0], ox * d->stride[1] - d->pad[2]});
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

cnnlStatus_t cnnlGetReduceOpWorkspaceSize_v2(cnnlHandle_t handle, const cnnlTensorDescriptor_t input_desc, const cnnlTensorDescriptor_t output_desc,
                                             const cnnlTensorDescriptor_t, const cnnlReduceDescriptor_t reduce_desc, size_t* size) {
  Check check("cnnlGetReduceOpWorkspaceSize_v2", handle);
  if (!check.tensor(input_desc, "the input") || !check.tensor(output_desc, "the output") || !check.need(reduce_desc && reduce_desc->set && size, "the descriptor is not set"))
    return check.status();
  *size = scratch_bytes;
  return CNNL_STATUS_SUCCESS;
}

cnnlStatus_t cnnlReduce_v2(cnnlHandle_t handle, const cnnlReduceDescriptor_t reduce_desc, const cnnlTensorDescriptor_t input_desc, const void* input,
                           const void* alpha, const void* beta, void* workspace, size_t workspace_size, const cnnlTensorDescriptor_t output_desc, void* output,
                           const cnnlTensorDescriptor_t indices_desc, void* indices) {
  Check check("cnnlReduce_v2", handle);
  if (!check.float_tensor(input_desc, "the input") || !check.float_tensor(output_desc, "the output")) return check.status();
  check.need(reduce_desc && reduce_desc->set, "the descriptor is not set");
  check.need(!indices_desc && !indices, "indices without an index mode");
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
  const Fold fold = op == CNNL_REDUCE_MAX ? Fold::largest : op == CNNL_REDUCE_MIN ? Fold::smallest : op == CNNL_REDUCE_MUL ? Fold::product : Fold::sum;
  std::vector<bool> gone(input_desc->dims.size());
  for (const int a : reduce_desc->axes) gone[a] = true;
  const std::vector<double> sums = reduced(fold, in.data(), input_desc->dims, gone);
  // "Different with IEEE 754" is all that is said of NaN on MLU300.
  for (int64_t i = 0; i < results; i++) {
    const bool extreme = op == CNNL_REDUCE_MAX || op == CNNL_REDUCE_MIN;
    out.data()[i] = extreme && sums[i] != sums[i] ? unspecified("cnnlReduce_v2", "the largest or smallest of values that hold NaN")
                                                  : (float)(op == CNNL_REDUCE_AVG ? sums[i] * results / total : sums[i]);
  }
  out.store();
  return CNNL_STATUS_SUCCESS;
}
