// The device's library of functions: of one value on the scalar unit, and of n lanes on the vector unit.
#include <math.h>

#include <limits>
#include <type_traits>

#include "core-state.h"
#include "include/bang.h"
#include "lanes.h"

using namespace twin::bang;

namespace {

float within_half(float x) { return fminf(fmaxf(x, -65504.0f), 65504.0f); }

// Out of range the nearest integer there is; of NaN the sign decides.
template <class D>
D saturated(float x) {
  constexpr D lo = std::numeric_limits<D>::min(), hi = std::numeric_limits<D>::max();
  if (x != x) return signbit(x) ? lo : hi;
  return x < (float)lo ? lo : x >= (float)hi ? hi : (D)x;
}

}  // namespace

#define LIBRARY_UNARY(D, T, name, suffix, ...) \
  D __cn_scalar_##name##suffix(T x) { \
    const auto a = (Lane<T>::Wide)x; \
    return (D)(__VA_ARGS__); \
  } \
  void __cn_vector_##name##suffix(int n, D* dst, const T* x, int line) { convert(dst, x, n, line, __cn_scalar_##name##suffix); }
// The scalar forms fill with their value what the other operand brings lanes for.
#define LIBRARY_BINARY(T, name, suffix, ...) \
  T __cn_scalar_##name##suffix(T x, T y) { \
    const auto a = (Lane<T>::Wide)x, b = (Lane<T>::Wide)y; \
    return (T)(__VA_ARGS__); \
  } \
  void __cn_vector_##name##suffix(int n, T* dst, const T* x, const T* y, int line) { \
    binary(dst, x, y, n, line, [](Lane<T>::Wide a, Lane<T>::Wide b) { return __VA_ARGS__; }); \
  } \
  void __cn_vector_##name##_scalar##suffix(int n, T* dst, const T* x, T y, int line) { \
    unary(dst, x, n, line, [b = (Lane<T>::Wide)y](Lane<T>::Wide a) { return __VA_ARGS__; }); \
  } \
  void __cn_scalar_##name##_vector##suffix(int n, T* dst, T x, const T* y, int line) { \
    unary(dst, y, n, line, [a = (Lane<T>::Wide)x](Lane<T>::Wide b) { return __VA_ARGS__; }); \
  }
#include "include/library.gen.h"
