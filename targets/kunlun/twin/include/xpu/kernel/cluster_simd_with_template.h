// The twin's xpu/kernel/cluster_simd_with_template.h (XDNN): instructions by their element type.
#pragma once
#include "xpu/kernel/cluster_simd.h"

// What elements are computed as, and the register that holds them.
template <class T>
struct simd_type_trait {};
template <>
struct simd_type_trait<float> {
  typedef float IntOrFloat;
  typedef float32x16_t VT;
};
template <>
struct simd_type_trait<int> {
  typedef int IntOrFloat;
  typedef int32x16_t VT;
};
template <>
struct simd_type_trait<float16> {
  typedef float IntOrFloat;
};
template <>
struct simd_type_trait<bfloat16> {
  typedef float IntOrFloat;
};
template <class T>
using VType = typename simd_type_trait<T>::VT;

#define PTL_TWIN_TEMPLATE(OP)                                                                                   \
  template <class T>                                                                                            \
  VType<T> vv##OP(VType<T> a, VType<T> b);                                                                      \
  template <class T>                                                                                            \
  VType<T> sv##OP(T a, VType<T> b);                                                                             \
  template <>                                                                                                   \
  inline float32x16_t vv##OP<float>(float32x16_t a, float32x16_t b) { return vv##OP##_float32x16(a, b); }       \
  template <>                                                                                                   \
  inline int32x16_t vv##OP<int>(int32x16_t a, int32x16_t b) { return vv##OP##_int32x16(a, b); }                 \
  template <>                                                                                                   \
  inline float32x16_t sv##OP<float>(float a, float32x16_t b) { return sv##OP##_float32x16(a, b); }              \
  template <>                                                                                                   \
  inline int32x16_t sv##OP<int>(int a, int32x16_t b) { return sv##OP##_int32x16(a, b); }
PTL_TWIN_TEMPLATE(add)
PTL_TWIN_TEMPLATE(sub)
PTL_TWIN_TEMPLATE(mul)
PTL_TWIN_TEMPLATE(min)
PTL_TWIN_TEMPLATE(max)
#undef PTL_TWIN_TEMPLATE

template <class T>
VType<T> vzero() {
  return VType<T>((T)0);
}
template <class T>
VType<T> vone() {
  return VType<T>((T)1);
}
