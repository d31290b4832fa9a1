// The twin's xpu/kernel/cluster_math.h (XDNN): minimum, maximum and rounding of extents, of any type.
#pragma once
#include "xpu/kernel/xtdk_math.h"

template <class T>
inline T min(T a, T b) {
  return a > b ? b : a;
}
template <class T>
inline T max(T a, T b) {
  return a > b ? a : b;
}
template <class N, class K>
inline N roundup_div(N n, K k) {
  return k < 1 ? 0 : (n + (N)k - 1) / (N)k;
}
template <class N, class K>
inline N roundup(N n, K k) {
  return roundup_div(n, k) * (N)k;
}
template <class N, class K>
inline N rounddown_div(N n, K k) {
  return n < 1 || k < 1 ? 0 : n / (N)k;
}
template <class N, class K>
inline N rounddown(N n, K k) {
  return rounddown_div(n, k) * (N)k;
}
template <class N>
inline N roundup16(N n) {
  return roundup(n, 16);
}
template <class N>
inline N roundup32(N n) {
  return roundup(n, 32);
}
template <class N>
inline N roundup64(N n) {
  return roundup(n, 64);
}
template <class N>
inline N roundup512(N n) {
  return roundup(n, 512);
}
