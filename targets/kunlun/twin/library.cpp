// Operands and the multiply of the library half: see library.h.
#include "library.h"

#include <math.h>
#include <string.h>

#include <algorithm>

#include "math/numbers.h"

namespace library {

namespace tag = baidu::xpu::api::tagged;

const char* type_name(Type t) {
  static const char* const names[] = {"float", "float16", "bfloat16", "int8_t", "int16_t", "int", "int64_t", "tfloat32", "bool", "another type"};
  return names[t];
}

size_t type_bytes(Type t) {
  static const size_t bytes[] = {4, 2, 2, 1, 2, 4, 8, 4, 1, 1};
  return bytes[t];
}

Floats read(const void* p, Type t, int64_t count) {
  Floats out((size_t)count);
  twin::gm_read(p, (size_t)count * type_bytes(t), 0);
  if (t == tag::f32) {
    memcpy(out.data(), p, (size_t)count * 4);
  } else if (t == tag::i8) {
    std::copy_n(static_cast<const int8_t*>(p), count, out.begin());
  } else {
    const auto* h = static_cast<const uint16_t*>(p);
    for (int64_t i = 0; i < count; i++) out[(size_t)i] = twin::xpu::half_to_float(h[i]);
  }
  return out;
}

void write(void* p, Type t, const float* values, int64_t count) {
  twin::gm_write(p, (size_t)count * type_bytes(t), 0);
  if (t == tag::f32) {
    memcpy(p, values, (size_t)count * 4);
  } else {
    auto* h = static_cast<uint16_t*>(p);
    for (int64_t i = 0; i < count; i++) h[i] = twin::xpu::float_to_half(values[i]);
  }
}

float unspecified(const char* call, const char* what) {
  twin::unspecified(call, what);
  return -6259853398707798016.0f;
}

namespace {

float largest(const Floats& values, const float* maxptr) {
  // One a cluster: a reader takes the largest.
  if (maxptr) {
    const int clusters = baidu::xpu::api::Context().max_ptr_size();
    twin::gm_read(maxptr, clusters * sizeof(float), 0);
    return *std::max_element(maxptr, maxptr + clusters);
  }
  float m = 1e-30f;  // the library's lower bound
  for (const float v : values) m = fabsf(v) > m ? fabsf(v) : m;
  return m;
}

// Symmetric, to nearest even, clamped to +-range.
void quantise(Floats& values, double range, const float* maxptr) {
  for (const float v : values)
    if (!(fabsf(v) <= 3.402823466e38f)) {
      const float open = unspecified("TGEMM of integers", "a product with an infinity or a NaN among its operands");
      for (float& each : values) each = open;
      return;
    }
  const double t = range / largest(values, maxptr);
  for (float& v : values) {
    double q = (double)v * t;
    q = q > range ? range : q < -range ? -range : nearbyint(q);
    v = (float)(q / t);
  }
}

}  // namespace

bool is_of_levels(const Gemm& g) { return g.w == tag::i8; }

Floats as_reals(const std::vector<int64_t>& sums, const Gemm& g) {
  const float step = largest({}, g.x_maxptr) / 127.0f * (largest({}, g.w_maxptr) / 127.0f);
  Floats out(sums.size());
  for (size_t i = 0; i < sums.size(); i++) out[i] = static_cast<float>(sums[i]) * step;
  return out;
}

void as_gemm_operand(Floats& values, Type gemm, const float* maxptr) {
  if (gemm == tag::i32) quantise(values, 1073741823.0, maxptr);
  if (gemm == tag::i16) quantise(values, 32767.0, maxptr);
  if (gemm == tag::i8) quantise(values, 127.0, maxptr);
  if (gemm == tag::tf32)
    for (float& v : values) v = twin::math::with_fraction(v, 10);
  if (gemm == tag::f16)
    for (float& v : values) v = twin::xpu::half_to_float(twin::xpu::float_to_half(v));
}

int check_types(const char* call, const Gemm& g) {
  if (is_of_levels(g)) {
    if (g.x != tag::i8 || g.y != tag::f32 || g.gemm != tag::i8)
      return twin::reject(INVALID_PARAM, call, "of products of levels the twin knows int8_t times int8_t as float, TGEMM int8_t");
    return g.x_maxptr && g.w_maxptr ? 0 : twin::reject(INVALID_PARAM, call, "int8_t operands need x_maxptr and w_maxptr");
  }
  const bool data = (g.x == tag::f32 || g.x == tag::f16) && g.x == g.w && g.x == g.y;
  if (!data)
    return twin::reject(INVALID_PARAM, call, "storage types %s, %s, %s are not all float or all float16", type_name(g.x), type_name(g.w), type_name(g.y));
  const bool gemm = g.gemm == tag::f32 || g.gemm == tag::i32 || g.gemm == tag::i16 || g.gemm == tag::tf32 || g.gemm == tag::f16;
  if (!gemm) return twin::reject(INVALID_PARAM, call, "TGEMM %s is no multiply type of floats", type_name(g.gemm));
  if (g.x == tag::f16 && (g.gemm == tag::i32 || g.gemm == tag::tf32))
    return twin::reject(INVALID_PARAM, call, "float16 data with TGEMM %s is refused", type_name(g.gemm));
  if (g.x == tag::f32 && g.gemm == tag::f16 && !g.xre5)
    return twin::reject(INVALID_PARAM, call, "float data with TGEMM float16 is refused before XRE 5");
  return 0;
}

float activate(const Activation_t& act, float x) {
  switch (act.type) {
    case Activation_t::RELU:
      return x > 0 ? x : x != x ? x : 0;
    case Activation_t::SIGMOID:
      return 1.0f / (1.0f + expf(-x));
    case Activation_t::TANH:
      return tanhf(x);
    case Activation_t::GELU:
      return 0.5f * x * (1.0f + erff(x * 0.70710678f));
    case Activation_t::LEAKY_RELU:
      return x > 0 ? x : x * act.leaky_alpha;
    case Activation_t::RELU6:
      return x > 6 ? 6 : x > 0 ? x : 0;
    default:
      return x;
  }
}

int64_t product(const Shape& s) {
  int64_t p = 1;
  for (const int64_t d : s) p *= d;
  return p;
}

}  // namespace library
