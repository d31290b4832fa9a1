// The twin's xpu/kernel/cluster_primitive.h (XDNN): whole arrays in local, shared or group memory. They work in blocks of 32
// elements and read up to 31 behind `len`, so that arrays must have room for whole blocks; a fence of their memory is at the end.
// What they compute is said in the vendor's header of that name. Casts between other types than halves, floats and int32 compile,
// as there, and are refused when they are called: that header leaves them empty, or spells them for bytes.
#pragma once
#include "xpu/kernel/cluster_simd.h"
#include "xpu/kernel/cluster_simd_with_template.h"

namespace twin {
namespace xpu {

// Loads and stores of 32 elements, by the memory they are in.
#define PTL_TWIN_SPACE(NAME, SPACE, FENCE)                                                                               \
  struct NAME {                                                                                                          \
    template <class E, class V>                                                                                          \
    static void load(const E* p, V& vl, V& vh, int line) { vload2_##SPACE(p, vl, vh, line); }                            \
    template <class E, class V>                                                                                          \
    static void store(E* p, const V& vl, const V& vh, int line) { vstore2_##SPACE(p, vl, vh, line); }                    \
    static void load_bytes(const void* p, int8x64_t& v, int line) { v = vload_##SPACE##_int8x64(p, line); }              \
    static void store_bytes(void* p, const int8x64_t& v, int line) { vstore_##SPACE##_int8x64(p, v, line); }             \
    static void done(int line) { FENCE(line); }                                                                          \
  };
PTL_TWIN_SPACE(Local, lm, mfence_lm)
PTL_TWIN_SPACE(Shared, sm, mfence_sm)
PTL_TWIN_SPACE(Group, gsm, mfence_lm)
#undef PTL_TWIN_SPACE

// A pair of registers from one element type to another: halves are floats in registers.
template <class E>
using PairOf = typename simd_type_trait<E>::IntOrFloat;
inline void convert(const float32x16_t& from, float32x16_t& to, int) { to = from; }
inline void convert(const int32x16_t& from, int32x16_t& to, int) { to = from; }
inline void convert(const float32x16_t& from, int32x16_t& to, int line) { to = vfloat2fix_rz(from, line); }
inline void convert(const int32x16_t& from, float32x16_t& to, int) { to = vfix2float(from); }

// From the end where the result is the wider: both may be one array. Registers in which nothing is defined are not stored.
template <class From, class To, class X, class Y>
void cast(const X* x, Y* y, int len, int line) {
  const int blocks = (len + 31) / 32;
  for (int k = 0; k < blocks; k++) {
    const int at = 32 * (sizeof(Y) > sizeof(X) ? blocks - 1 - k : k);
    VType<PairOf<X>> xl, xh;
    VType<PairOf<Y>> yl, yh;
    From::load(x + at, xl, xh, line);
    convert(xl, yl, line);
    convert(xh, yh, line);
    To::store(y + at, yl, yh, line);
  }
  To::done(line);
}

template <class T, class = void>
struct InPairs : std::false_type {};
template <class T>
struct InPairs<T, std::void_t<PairOf<T>>> : std::true_type {};
template <class From, class To, class X, class Y>
void cast_or_refuse(const X* x, Y* y, int len, int line) {
  if constexpr (InPairs<X>::value && InPairs<Y>::value)
    cast<From, To>(x, y, len, line);
  else
    violation("undocumented", line, "primitive_cast of these element types: XDNN's header has no cast of them, or one that the twin does not know");
}

template <class X, class Y, class Z, class Op>
void binary(const X* x, const Y* y, Z* z, int len, int line, Op op) {
  for (int at = 0; at < len; at += 32) {
    VType<PairOf<X>> xl, xh, yl, yh;
    Local::load(x + at, xl, xh, line);
    Local::load(y + at, yl, yh, line);
    yl = op(xl, yl);
    yh = op(xh, yh);
    if (at + 32 <= len) {
      Local::store(z + at, yl, yh, line);
      continue;
    }
    // What lies behind the end stays.
    Held room("local", "primitive", 32 * sizeof(Z), 64, line, "");
    Z* last = static_cast<Z*>(room.p);
    Local::store(last, yl, yh, line);
    mfence_lm(line);
    for (int i = at; i < len; i++) {
      scalar_read(last + i - at, sizeof(Z), line);
      scalar_written(z + i, sizeof(Z), line);
      __builtin_memcpy((void*)(z + i), last + i - at, sizeof(Z));
    }
  }
  mfence_lm(line);
}

template <class T, class Combine>
void reduce(const T* x, float* y, int len, float start, int line, Combine combine) {
  float total = start;
  for (int at = 0; at < len; at += 32) {
    float32x16_t l, h;
    Local::load(x + at, l, h, line);
    for (int i = 0; i < 32 && at + i < len; i++) {
      const float32x16_t& v = i < 16 ? l : h;
      if ((v.defined >> 4 * (i % 16) & 15) != 15) refuse_undefined_lane(i, line);
      total = combine(total, v.lanes[i % 16]);
    }
  }
  if (!on_core_stack(y)) scalar_written(y, sizeof(float), line);
  *y = total;
  mfence_lm(line);
}

template <class Each>
void each(const float* x, float* y, int len, int line, Each f) {
  for (int i = 0; i < len; i++) {
    scalar_read(x + i, sizeof(float), line);
    const float v = f(x[i]);
    scalar_written(y + i, sizeof(float), line);
    y[i] = v;
  }
  mfence_lm(line);
}

}  // namespace xpu
}  // namespace twin

#define PTL_TWIN_LINE int line = __builtin_LINE()

template <class T>
void primitive_constant(typename simd_type_trait<T>::IntOrFloat value, T* y, int len, PTL_TWIN_LINE) {
  using V = VType<typename simd_type_trait<T>::IntOrFloat>;
  const V v(value);
  int at = 0;
  for (; at + 32 <= len; at += 32) vstore2_lm(y + at, v, v, line);
  if (at < len) {
    twin::Held room("local", "primitive", 32 * sizeof(T), 64, line, "");
    T* last = static_cast<T*>(room.p);
    vstore2_lm(last, v, v, line);
    mfence_lm(line);
    for (int i = at; i < len; i++) {
      twin::xpu::scalar_written(y + i, sizeof(T), line);
      __builtin_memcpy((void*)(y + i), last + i - at, sizeof(T));
    }
  }
  mfence_lm(line);
}

// Two arrays, or a scalar first.
#define PTL_TWIN_PRIMITIVE(OP)                                                                                                    \
  template <class X, class Y, class Z>                                                                                            \
  void primitive_##OP(const X* x, const Y* y, Z* z, int len, PTL_TWIN_LINE) {                                                     \
    using M = typename simd_type_trait<X>::IntOrFloat;                                                                            \
    twin::xpu::binary(x, y, z, len, line, [](const VType<M>& a, const VType<M>& b) { return vv##OP<M>(a, b); });                  \
  }                                                                                                                               \
  template <class Y, class Z>                                                                                                     \
  void primitive_##OP(typename simd_type_trait<Y>::IntOrFloat x, const Y* y, Z* z, int len, PTL_TWIN_LINE) {                      \
    using M = typename simd_type_trait<Y>::IntOrFloat;                                                                            \
    twin::xpu::binary(y, y, z, len, line, [x](const VType<M>&, const VType<M>& b) { return sv##OP<M>(x, b); });                   \
  }
PTL_TWIN_PRIMITIVE(add)
PTL_TWIN_PRIMITIVE(sub)
PTL_TWIN_PRIMITIVE(mul)
PTL_TWIN_PRIMITIVE(min)
PTL_TWIN_PRIMITIVE(max)
#undef PTL_TWIN_PRIMITIVE

inline void primitive_div(const float* x, const float* y, float* z, int len, PTL_TWIN_LINE) {
  for (int i = 0; i < len; i++) {
    twin::xpu::scalar_read(x + i, sizeof(float), line);
    twin::xpu::scalar_read(y + i, sizeof(float), line);
    const float q = x[i] / y[i];
    twin::xpu::scalar_written(z + i, sizeof(float), line);
    z[i] = q;
  }
  mfence_lm(line);
}
inline void primitive_div(float x, const float* y, float* z, int len, PTL_TWIN_LINE) {
  twin::xpu::each(y, z, len, line, [x](float v) { return x / v; });
}

template <class T>
void primitive_reduce_sum(const T* x, float* y, int len, PTL_TWIN_LINE) {
  twin::xpu::reduce(x, y, len, 0.0f, line, [](float a, float b) { return a + b; });
}
template <class T>
void primitive_reduce_prod(const T* x, float* y, int len, PTL_TWIN_LINE) {
  twin::xpu::reduce(x, y, len, 1.0f, line, [](float a, float b) { return a * b; });
}
// They begin at 1e38 and -1e38, as the header does: what lies beyond is not found.
template <class T>
void primitive_reduce_min(const T* x, float* y, int len, PTL_TWIN_LINE) {
  twin::xpu::reduce(x, y, len, 1e38f, line, [](float a, float b) { return a < b ? a : b; });
}
template <class T>
void primitive_reduce_max(const T* x, float* y, int len, PTL_TWIN_LINE) {
  twin::xpu::reduce(x, y, len, -1e38f, line, [](float a, float b) { return a > b ? a : b; });
}

template <class T>
void primitive_exp(const T* x, T* y, int len, PTL_TWIN_LINE) {
  twin::xpu::each(x, y, len, line, [](float v) { return __builtin_expf(v); });
}
template <class T>
void primitive_exp_with_clip(const T* x, T* y, int len, PTL_TWIN_LINE) {
  twin::xpu::each(x, y, len, line, [](float v) { return __builtin_expf(v > -64.0f ? v : -64.0f); });
}
template <class T>
void primitive_log(const T* x, T* y, int len, PTL_TWIN_LINE) {
  twin::xpu::each(x, y, len, line, [](float v) { return __builtin_logf(v); });
}
template <class T>
void primitive_sqrt(const T* x, T* y, int len, PTL_TWIN_LINE) {
  twin::xpu::each(x, y, len, line, [](float v) { return __builtin_sqrtf(v); });
}

// One type to another; nothing where both are the same array of one type.
#define PTL_TWIN_CAST(NAME, FROM, TO)                                                                            \
  template <class X, class Y>                                                                                    \
  void NAME(const X* x, Y* y, int len, PTL_TWIN_LINE) {                                                          \
    if (std::is_same<X, Y>::value && (const void*)x == (const void*)y) return;                                   \
    twin::xpu::cast_or_refuse<twin::xpu::FROM, twin::xpu::TO>(x, y, len, line);                                           \
  }
PTL_TWIN_CAST(primitive_cast, Local, Local)
PTL_TWIN_CAST(primitive_cast_sm2lm, Shared, Local)
PTL_TWIN_CAST(primitive_cast_lm2sm, Local, Shared)
PTL_TWIN_CAST(primitive_cast_sm, Shared, Shared)
PTL_TWIN_CAST(primitive_cast_gsm, Group, Group)
#undef PTL_TWIN_CAST
#undef PTL_TWIN_LINE
