// aclnnConvolution, both ways round: checked, then the convolution of common/twin/math.
#include "../include/aclnnop/aclnn_convolution.h"
#include "math/conv.h"
#include "tensor.h"

using namespace twin::aclnn;
using namespace twin::math;

namespace {

void in_front(const Dims& from, int64_t (&to)[3], int64_t fill) {
  for (size_t i = 0; i < 3; ++i) to[i] = i + from.size() < 3 ? fill : from[i + from.size() - 3];
}

// Pads as begins and ends a dimension: one number each, or begin and end in turn.
bool read_pads(const Dims& pads, size_t spatial, Dims& before, Dims& after) {
  if (pads.size() == spatial) {
    before = after = pads;
    return true;
  }
  if (spatial == 1 && pads.size() == 1) return before = after = pads, true;
  if (pads.size() != 2 * spatial || spatial == 3) return false;
  before.clear();
  after.clear();
  for (size_t i = 0; i < spatial; ++i) {
    before.push_back(pads[2 * i]);
    after.push_back(pads[2 * i + 1]);
  }
  return true;
}

}  // namespace

extern "C" aclnnStatus aclnnConvolutionGetWorkspaceSize(const aclTensor* input, const aclTensor* weight, const aclTensor* bias, const aclIntArray* stride,
                                                        const aclIntArray* padding, const aclIntArray* dilation, bool transposed,
                                                        const aclIntArray* outputPadding, const int64_t groups, aclTensor* output, int8_t cubeMathType,
                                                        uint64_t* workspaceSize, aclOpExecutor** executor) {
  Check check("aclnnConvolution");
  check.given(input, "input").given(weight, "weight").given(stride, "stride").given(padding, "padding").given(dilation, "dilation");
  if (!check.given(outputPadding, "outputPadding").given(output, "output")) return check.status();
  check.rank(input, "input", 3, 5).type(input, "input", {ACL_FLOAT, ACL_FLOAT16, ACL_BF16}).same_type(input, weight).same_type(input, output);
  check.format(input, "input").format(weight, "weight").format(output, "output").cube(input, cubeMathType);
  check.that(weight->dims.size() == input->dims.size() && output->dims.size() == input->dims.size(), "ranks differ");
  check.that(groups >= 1 && groups <= 65535, "groups %lld", (long long)groups);
  if (!check) return check.status();
  const size_t spatial = input->dims.size() - 2;
  Dims before, after;
  check.that(stride->values.size() == spatial && dilation->values.size() == spatial && outputPadding->values.size() == spatial,
             "stride, dilation and outputPadding need %zu values", spatial);
  check.that(read_pads(padding->values, spatial, before, after), "padding of %zu values for %zu dims", padding->values.size(), spatial);
  if (!check) return check.status();
  Geometry g{};
  g.batch = input->dims[0];
  g.group = groups;
  g.in_channels = input->dims[1];
  g.out_channels = transposed ? weight->dims[1] * groups : weight->dims[0];
  const int64_t expected = transposed ? weight->dims[0] : weight->dims[1] * groups;
  check.that(g.in_channels == expected && g.out_channels % groups == 0, "input of %lld channels, filter %s, %lld groups", (long long)g.in_channels,
             show(weight->dims).c_str(), (long long)groups);
  Dims out = {g.batch, g.out_channels};
  for (size_t i = 0; i < spatial; ++i) {
    const int64_t s = stride->values[i], d = dilation->values[i], k = weight->dims[i + 2], in = input->dims[i + 2];
    check.that(s >= 1 && d >= 1 && before[i] >= 0 && after[i] >= 0, "stride %lld, dilation %lld", (long long)s, (long long)d);
    if (!check) return check.status();
    const int64_t reach = d * (k - 1) + 1;
    out.push_back(transposed ? (in - 1) * s - before[i] - after[i] + reach + outputPadding->values[i] : (in + before[i] + after[i] - reach) / s + 1);
  }
  check.shape(output, "output", out);
  if (bias) check.same_type(input, bias).that(count_of(bias->dims) == g.out_channels, "bias %s for %lld channels", show(bias->dims).c_str(), (long long)g.out_channels);
  if (!check) return check.status();
  in_front(Dims(input->dims.begin() + 2, input->dims.end()), g.in, 1);
  in_front(Dims(output->dims.begin() + 2, output->dims.end()), g.out, 1);
  in_front(Dims(weight->dims.begin() + 2, weight->dims.end()), g.kernel, 1);
  in_front(stride->values, g.stride, 1);
  in_front(dilation->values, g.dilation, 1);
  in_front(before, g.before, 0);
  const bool has_bias = bias != nullptr;
  return accept("aclnnConvolution", 1024, workspaceSize, executor,
                [g, transposed, has_bias, cubeMathType, x = *input, w = *weight, b = has_bias ? *bias : aclTensor{}, y = *output] {
                  const std::vector<float> values = load_cube(x, cubeMathType), filter = load_cube(w, cubeMathType);
                  const int64_t plane = g.out[0] * g.out[1] * g.out[2];
                  std::vector<float> out(g.batch * g.out_channels * plane);
                  (transposed ? convolve_transposed : convolve)(g, values.data(), filter.data(), out.data());
                  if (has_bias) add_bias(g.batch, g.out_channels, plane, load(b).data(), out.data());
                  store(y, out.data());
                });
}
TWIN_SECOND_PHASE(aclnnConvolution)
