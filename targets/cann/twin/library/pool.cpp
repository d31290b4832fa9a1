// Pooling and resizing: aclnnMaxPool, aclnnAvgPool2d, aclnnGlobalAveragePool, aclnnUpsampleNearest2d, aclnnUpsampleBilinear2d.
#include <math.h>

#include <algorithm>

#include "../include/aclnnop/aclnn_avgpool2d.h"
#include "../include/aclnnop/aclnn_global_average_pool.h"
#include "../include/aclnnop/aclnn_max_pool.h"
#include "../include/aclnnop/aclnn_upsample_bilinear_2d.h"
#include "../include/aclnnop/aclnn_upsample_nearest_2d.h"
#include "../device.h"
#include "math/image.h"
#include "tensor.h"

using namespace twin::aclnn;
using namespace twin::math;

namespace {

struct Window {
  int64_t planes, in[2], out[2], kernel[2], stride[2], before[2], after[2];
};

// Extents of planes; rank 3 is one image without a batch.
Window planes_of(const aclTensor& x, const aclTensor& y) {
  const size_t r = x.dims.size();
  Window w{};
  w.planes = count_of(Dims(x.dims.begin(), x.dims.end() - 2));
  w.in[0] = x.dims[r - 2];
  w.in[1] = x.dims[r - 1];
  w.out[0] = y.dims[r - 2];
  w.out[1] = y.dims[r - 1];
  return w;
}

Plane plane_of(const Window& w, const std::vector<float>& in, int64_t p) { return {in.data() + p * w.in[0] * w.in[1], w.in[1], 1}; }

Dims pooled(const aclTensor& x, const Window& w) {
  Dims out = x.dims;
  for (int i = 0; i < 2; ++i) out[out.size() - 2 + i] = (w.in[i] + w.before[i] + w.after[i] - w.kernel[i]) / w.stride[i] + 1;
  return out;
}

// The number f(plane, the part of the window that lies inside) for each output.
template <class F>
std::vector<float> each_window(const Window& w, const std::vector<float>& in, F f) {
  std::vector<float> out;
  for (int64_t p = 0; p < w.planes; ++p)
    for (int64_t h = 0; h < w.out[0]; ++h)
      for (int64_t i = 0; i < w.out[1]; ++i) {
        const int64_t top = h * w.stride[0] - w.before[0], left = i * w.stride[1] - w.before[1];
        out.push_back(f(plane_of(w, in, p), inside_image(top, left, w.kernel[0], w.kernel[1], w.in[0], w.in[1])));
      }
  return out;
}

bool two(const aclIntArray* a) { return a->values.size() == 2; }

}  // namespace

extern "C" aclnnStatus aclnnMaxPoolGetWorkspaceSize(const aclTensor* self, const aclIntArray* kernelShape, const aclIntArray* strides, const int64_t autoPad,
                                                    const aclIntArray* pads, const aclIntArray* dilations, const int64_t ceilMode, aclTensor* out,
                                                    uint64_t* workspaceSize, aclOpExecutor** executor) {
  Check check("aclnnMaxPool");
  check.given(self, "self").given(kernelShape, "kernelShape").given(strides, "strides").given(pads, "pads").given(dilations, "dilations");
  if (!check.given(out, "out")) return check.status();
  check.rank(self, "self", 3, 4);
  check.type(self, "self", {ACL_FLOAT, ACL_FLOAT16}).same_type(self, out).that(out->dims.size() == self->dims.size(), "ranks differ");
  check.that(autoPad == 0, "autoPad %lld; only 0 is taken", (long long)autoPad).that(two(kernelShape) && two(strides) && pads->values.size() == 4, "kernelShape and strides need 2 values, pads 4");
  for (const int64_t d : dilations->values) check.that(d == 1, "dilation %lld; only 1 is taken", (long long)d);
  check.that(ceilMode == 0, "the twin takes ceilMode 0");
  if (!check) return check.status();
  Window w = planes_of(*self, *out);
  for (int i = 0; i < 2; ++i) {
    w.kernel[i] = kernelShape->values[i];
    w.stride[i] = strides->values[i];
    w.before[i] = pads->values[i];
    w.after[i] = pads->values[2 + i];
    check.that(w.kernel[i] >= 1 && w.stride[i] >= 1 && w.before[i] >= 0 && w.after[i] >= 0, "kernel %lld, stride %lld", (long long)w.kernel[i], (long long)w.stride[i]);
    if (!check) return check.status();
  }
  if (!check.shape(out, "out", pooled(*self, w))) return check.status();
  return accept("aclnnMaxPool", 0, workspaceSize, executor, [w, x = *self, y = *out] {
    const auto best = [](const Plane& plane, const Box& box) {
      const Largest found = largest_in(plane, box);
      return found.has_nan ? NAN : found.value;
    };
    store(y, each_window(w, load(x), best).data());
  });
}
TWIN_SECOND_PHASE(aclnnMaxPool)

extern "C" aclnnStatus aclnnAvgPool2dGetWorkspaceSize(const aclTensor* self, const aclIntArray* kernelSize, const aclIntArray* strides,
                                                      const aclIntArray* paddings, const bool ceilMode, const bool countIncludePad,
                                                      const int64_t divisorOverride, const int8_t cubeMathType, aclTensor* out, uint64_t* workspaceSize,
                                                      aclOpExecutor** executor) {
  Check check("aclnnAvgPool2d");
  check.given(self, "self").given(kernelSize, "kernelSize").given(strides, "strides").given(paddings, "paddings");
  if (!check.given(out, "out")) return check.status();
  check.rank(self, "self", 3, 4).type(self, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16}).same_type(self, out);
  check.that(out->dims.size() == self->dims.size(), "ranks differ").that(two(kernelSize) && two(strides) && two(paddings), "kernelSize, strides and paddings need 2 values");
  check.that(!ceilMode && divisorOverride == 0, "the twin takes ceilMode false and divisorOverride 0").that(cubeMathType >= 0 && cubeMathType <= 3, "cubeMathType %d", cubeMathType);
  if (!check) return check.status();
  Window w = planes_of(*self, *out);
  for (int i = 0; i < 2; ++i) {
    w.kernel[i] = kernelSize->values[i];
    w.stride[i] = strides->values[i];
    w.before[i] = w.after[i] = paddings->values[i];
    check.that(w.kernel[i] >= 1 && w.stride[i] >= 1 && w.before[i] >= 0 && 2 * w.before[i] <= w.kernel[i], "padding %lld of a kernel of %lld", (long long)w.before[i], (long long)w.kernel[i]);
    if (!check) return check.status();
  }
  if (!check.shape(out, "out", pooled(*self, w))) return check.status();
  return accept("aclnnAvgPool2d", 0, workspaceSize, executor, [w, countIncludePad, x = *self, y = *out] {
    const auto average = [&](const Plane& plane, const Box& box) {
      return sum_in(plane, box) / (float)(countIncludePad ? w.kernel[0] * w.kernel[1] : box.size());
    };
    store(y, each_window(w, load(x), average).data());
  });
}
TWIN_SECOND_PHASE(aclnnAvgPool2d)

extern "C" aclnnStatus aclnnGlobalAveragePoolGetWorkspaceSize(const aclTensor* self, aclTensor* out, uint64_t* workspaceSize, aclOpExecutor** executor) {
  Check check("aclnnGlobalAveragePool");
  if (!check.given(self, "self").given(out, "out")) return check.status();
  check.rank(self, "self", 4, 8).type(self, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16}).same_type(self, out);
  if (!check) return check.status();
  Dims wanted = self->dims;
  std::fill(wanted.begin() + 2, wanted.end(), 1);
  if (!check.shape(out, "out", wanted)) return check.status();
  return accept("aclnnGlobalAveragePool", 0, workspaceSize, executor, [x = *self, y = *out] {
    const std::vector<float> in = load(x);
    const int64_t planes = x.dims[0] * x.dims[1], plane = planes ? count_of(x.dims) / planes : 0;
    std::vector<float> result(planes);
    for (int64_t p = 0; p < planes; ++p) {
      double sum = 0;
      for (int64_t i = 0; i < plane; ++i) sum += in[p * plane + i];
      result[p] = (float)(sum / plane);
    }
    store(y, result.data());
  });
}
TWIN_SECOND_PHASE(aclnnGlobalAveragePool)

namespace {

Check check_resize(const char* call, const aclTensor* self, const aclIntArray* size, const aclTensor* out) {
  Check check(call);
  if (!check.given(self, "self").given(size, "outputSize").given(out, "out")) return check;
  check.rank(self, "self", 4, 4).rank(out, "out", 4, 4).format(self, "self").format(out, "out").same_type(self, out).that(two(size), "outputSize needs 2 values");
  if (!check) return check;
  check.shape(out, "out", {self->dims[0], self->dims[1], size->values[0], size->values[1]}).that(count_of(self->dims) > 0 && size->values[0] > 0 && size->values[1] > 0, "an empty image");
  return check;
}

}  // namespace

extern "C" aclnnStatus aclnnUpsampleNearest2dGetWorkspaceSize(const aclTensor* self, const aclIntArray* outputSize, aclTensor* out, uint64_t* workspaceSize,
                                                              aclOpExecutor** executor) {
  Check check = check_resize("aclnnUpsampleNearest2d", self, outputSize, out);
  if (!check) return check.status();
  if (!check.type(self, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16, ACL_UINT8})) return check.status();
  return accept("aclnnUpsampleNearest2d", 0, workspaceSize, executor, [x = *self, y = *out] {
    const std::vector<float> in = load(x);
    const Window w = planes_of(x, y);
    std::vector<float> result(count_of(y.dims));
    for (int64_t p = 0; p < w.planes; ++p)
      for (int64_t h = 0; h < w.out[0]; ++h)
        for (int64_t i = 0; i < w.out[1]; ++i)
          result[(p * w.out[0] + h) * w.out[1] + i] = in[(p * w.in[0] + h * w.in[0] / w.out[0]) * w.in[1] + i * w.in[1] / w.out[1]];
    store(y, result.data());
  });
}
TWIN_SECOND_PHASE(aclnnUpsampleNearest2d)

extern "C" aclnnStatus aclnnUpsampleBilinear2dGetWorkspaceSize(const aclTensor* self, const aclIntArray* outputSize, const bool alignCorners,
                                                               const double scalesH, const double scalesW, aclTensor* out, uint64_t* workspaceSize,
                                                               aclOpExecutor** executor) {
  Check check = check_resize("aclnnUpsampleBilinear2d", self, outputSize, out);
  if (!check) return check.status();
  if (!check.type(self, "self", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16})) return check.status();
  return accept("aclnnUpsampleBilinear2d", 0, workspaceSize, executor, [alignCorners, scalesH, scalesW, x = *self, y = *out] {
    const std::vector<float> in = load(x);
    const Window w = planes_of(x, y);
    const double given[2] = {scalesH, scalesW};
    // The source position of an output pixel: its centre, or corner to corner; never before the first pixel.
    const auto source = [&](int axis, int64_t at) {
      const double from = (double)w.in[axis], to = (double)w.out[axis];
      if (alignCorners) return to > 1 ? at * (from - 1) / (to - 1) : 0.0;
      const double step = given[axis] > 0 ? 1.0 / given[axis] : from / to;
      return std::max(0.0, (at + 0.5) * step - 0.5);
    };
    std::vector<float> result(count_of(y.dims));
    for (int64_t p = 0; p < w.planes; ++p)
      for (int64_t h = 0; h < w.out[0]; ++h)
        for (int64_t i = 0; i < w.out[1]; ++i) {
          const Mix rows = mix_at(source(0, h), w.in[0]), columns = mix_at(source(1, i), w.in[1]);
          result[(p * w.out[0] + h) * w.out[1] + i] = bilinear(plane_of(w, in, p), rows, columns);
        }
    store(y, result.data());
  });
}
TWIN_SECOND_PHASE(aclnnUpsampleBilinear2d)
