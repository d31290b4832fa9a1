// Windows of pooling and places of resizing, in images of rows and columns. What a vendor's call does with NaN, how its sums round
// and where it takes a pixel from is the vendor's.
#pragma once
#include <math.h>
#include <stdint.h>

#include <algorithm>

namespace twin {
namespace math {

// The part of a window that lies inside an image.
struct Box {
  int64_t y0, y1, x0, x1;
  int64_t size() const { return (y1 - y0) * (x1 - x0); }
};

// A window that begins at (top, left), which may lie outside.
inline Box inside_image(int64_t top, int64_t left, int64_t rows, int64_t cols, int64_t height, int64_t width) {
  return {std::max<int64_t>(top, 0), std::min(top + rows, height), std::max<int64_t>(left, 0), std::min(left + cols, width)};
}

// An image whose pixels lie `step` apart: 1 in planes, the channels where those come last.
struct Plane {
  const float* at;
  int64_t width, step;
  float operator()(int64_t y, int64_t x) const { return at[(y * width + x) * step]; }
};

struct Largest {
  float value;  // of what is a number
  bool has_nan;
};

inline Largest largest_in(const Plane& plane, const Box& box) {
  Largest out = {-INFINITY, false};
  for (int64_t y = box.y0; y < box.y1; ++y)
    for (int64_t x = box.x0; x < box.x1; ++x) {
      const float v = plane(y, x);
      out.has_nan |= v != v;
      if (v > out.value) out.value = v;
    }
  return out;
}

// `rounded` is what an accumulator makes of each sum.
template <class Round>
float sum_in(const Plane& plane, const Box& box, Round rounded) {
  float sum = 0;
  for (int64_t y = box.y0; y < box.y1; ++y)
    for (int64_t x = box.x0; x < box.x1; ++x) sum = rounded(sum + plane(y, x));
  return sum;
}
inline float sum_in(const Plane& plane, const Box& box) {
  return sum_in(plane, box, [](float x) { return x; });
}

// Two neighbours along an axis, and the share of the second.
struct Mix {
  int64_t low, high;
  float share;
};

// The neighbours of a place, held inside the axis.
template <class Real>
Mix mix_at(Real place, int64_t extent) {
  const Real held = std::min(std::max(place, Real(0)), Real(extent - 1));
  const int64_t low = static_cast<int64_t>(held);
  return {low, std::min(low + 1, extent - 1), static_cast<float>(held - low)};
}

inline float bilinear(const Plane& plane, const Mix& y, const Mix& x) {
  const float top = plane(y.low, x.low) * (1 - x.share) + plane(y.low, x.high) * x.share;
  const float bottom = plane(y.high, x.low) * (1 - x.share) + plane(y.high, x.high) * x.share;
  return top * (1 - y.share) + bottom * y.share;
}

}  // namespace math
}  // namespace twin
