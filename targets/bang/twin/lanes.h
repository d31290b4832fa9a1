// Loops over the lanes of an instruction on NRAM, with its checks. Undefined lanes stay undefined: a result lane is defined when all
// its operands are.
#pragma once
#include <string.h>

#include <type_traits>

#include "core-state.h"
#include "include/bang.h"

namespace twin::bang {

// Lanes of two bytes compute in float and round once, as the vector unit does.
template <class T>
struct Lane {
  using Wide = T;
};
template <>
struct Lane<half> {
  using Wide = float;
};
template <>
struct Lane<bfloat16_t> {
  using Wide = float;
};

inline void merge(uint8_t* to, const uint8_t* a, const uint8_t* b, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) to[i] = a[i] & b[i];
}

template <class T, class F>
void binary(T* dst, const T* a, const T* b, uint32_t n, int line, F f) {
  if (n == 0) return;
  const size_t bytes = n * sizeof(T);
  const uint8_t* sa = vector_read(a, bytes, alignof(T), line);
  const uint8_t* sb = vector_read(b, bytes, alignof(T), line);
  uint8_t* sd = vector_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, a, bytes, true, line);
  refuse_partial_overlap(dst, bytes, b, bytes, true, line);
  require_some_defined(sa, bytes, line);
  require_some_defined(sb, bytes, line);
  for (uint32_t i = 0; i < n; i++) dst[i] = (T)f((typename Lane<T>::Wide)a[i], (typename Lane<T>::Wide)b[i]);
  merge(sd, sa, sb, bytes);
  count_lanes(n, sizeof(T));
}

template <class T, class F>
void unary(T* dst, const T* a, uint32_t n, int line, F f) {
  if (n == 0) return;
  const size_t bytes = n * sizeof(T);
  const uint8_t* sa = vector_read(a, bytes, alignof(T), line);
  uint8_t* sd = vector_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, a, bytes, true, line);
  require_some_defined(sa, bytes, line);
  for (uint32_t i = 0; i < n; i++) dst[i] = (T)f((typename Lane<T>::Wide)a[i]);
  memmove(sd, sa, bytes);
  count_lanes(n, sizeof(T));
}

template <class D, class S, class F>
void convert(D* dst, const S* src, uint32_t n, int line, F f) {
  if (n == 0) return;
  const size_t to_bytes = n * sizeof(D), from_bytes = n * sizeof(S);
  const uint8_t* from = vector_read(src, from_bytes, alignof(S), line);
  uint8_t* to = vector_write(dst, to_bytes, alignof(D), line);
  // Kernels load to the end of a buffer and widen to all of it (mlu-ops adam_w, torch_mlu fused_l2_norm): lanes not yet read
  // lie behind those written.
  const auto to_end = reinterpret_cast<uintptr_t>(dst) + to_bytes, from_end = reinterpret_cast<uintptr_t>(src) + from_bytes;
  // They narrow where a tile lies (mlu-ops lgamma, torch_mlu fused_sgd_internal).
  const bool ahead = (sizeof(D) > sizeof(S) && (const void*)src >= (const void*)dst && from_end >= to_end) ||
                     (sizeof(D) < sizeof(S) && (const void*)src == (const void*)dst);
  if (!ahead) refuse_partial_overlap(dst, to_bytes, src, from_bytes, sizeof(D) == sizeof(S), line);
  require_some_defined(from, from_bytes, line);
  for (uint32_t i = 0; i < n; i++) {
    uint8_t defined = 1;
    for (size_t b = 0; b < sizeof(S); b++) defined &= from[i * sizeof(S) + b];
    dst[i] = f(src[i]);
    memset(to + i * sizeof(D), defined, sizeof(D));
  }
  count_lanes(n, sizeof(D) > sizeof(S) ? sizeof(D) : sizeof(S));
}

// Integers wrap, as the hardware's adders do; unsigned arithmetic keeps that defined here.
template <class T>
T wrapped(T a, T b, char op) {
  using U = std::conditional_t<std::is_integral<T>::value, uint64_t, T>;
  return (T)(op == '+' ? (U)a + (U)b : op == '-' ? (U)a - (U)b : (U)a * (U)b);
}

// Of division by zero no document gives the result: DEADBEEF, as far as it fits.
template <class T>
T quotient(T a, T b) {
  if (b == 0) return (T)0xDEADBEEF;
  return b == (T)-1 ? wrapped((T)0, a, '-') : (T)(a / b);
}
template <class T>
T remainder(T a, T b) {
  return b == 0 ? (T)0xDEADBEEF : wrapped(a, wrapped(quotient(a, b), b, '*'), '-');
}

}  // namespace twin::bang
