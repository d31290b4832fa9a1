// Element-wise arithmetic on NRAM. Undefined lanes stay undefined: a result lane is defined when all its operands are.
#include <math.h>
#include <string.h>

#include "core-state.h"
#include "include/bang.h"

using namespace twin::bang;

namespace {

// Half lanes compute in float and round once, as the vector unit does.
template <class T>
struct Lane {
  using Wide = T;
};
template <>
struct Lane<half> {
  using Wide = float;
};

void merge(uint8_t* to, const uint8_t* a, const uint8_t* b, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) to[i] = a[i] & b[i];
}

template <class T, class F>
void binary(T* dst, const T* a, const T* b, uint32_t n, int line, F f) {
  if (n == 0) return;
  const size_t bytes = n * sizeof(T);
  const uint8_t* sa = compute_read(a, bytes, alignof(T), line);
  const uint8_t* sb = compute_read(b, bytes, alignof(T), line);
  uint8_t* sd = compute_write(dst, bytes, alignof(T), line);
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
  const uint8_t* sa = compute_read(a, bytes, alignof(T), line);
  uint8_t* sd = compute_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, a, bytes, true, line);
  require_some_defined(sa, bytes, line);
  for (uint32_t i = 0; i < n; i++) dst[i] = (T)f((typename Lane<T>::Wide)a[i]);
  memmove(sd, sa, bytes);
  count_lanes(n, sizeof(T));
}

// b repeats: its `seg` lanes serve every `seg` lanes of a.
template <class T, class F>
void cycle(T* dst, const T* a, const T* b, uint32_t n, uint32_t seg, int line, F f) {
  if (n == 0) return;
  if (seg == 0 || n % seg) twin::violation("vector-rule", line, "a cycle form over %u lanes needs a segment that divides them, not %u", n, seg);
  const size_t bytes = n * sizeof(T), seg_bytes = seg * sizeof(T);
  const uint8_t* sa = compute_read(a, bytes, alignof(T), line);
  const uint8_t* sb = compute_read(b, seg_bytes, alignof(T), line);
  uint8_t* sd = compute_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, a, bytes, true, line);
  refuse_partial_overlap(dst, bytes, b, seg_bytes, false, line);
  require_some_defined(sa, bytes, line);
  require_some_defined(sb, seg_bytes, line);
  for (uint32_t at = 0; at < n; at += seg) {
    for (uint32_t i = 0; i < seg; i++) dst[at + i] = (T)f((typename Lane<T>::Wide)a[at + i], (typename Lane<T>::Wide)b[i]);
    merge(sd + at * sizeof(T), sa + at * sizeof(T), sb, seg_bytes);
  }
  count_lanes(n, sizeof(T));
}

// int32 wraps, as the hardware's adders do; unsigned arithmetic keeps that defined here.
template <class T>
T wrapped(T a, T b, char op) {
  return op == '+' ? a + b : op == '-' ? a - b : a * b;
}
template <>
int32_t wrapped(int32_t a, int32_t b, char op) {
  return (int32_t)wrapped((uint32_t)a, (uint32_t)b, op);
}

constexpr auto f_add = [](auto a, auto b) { return wrapped(a, b, '+'); };
constexpr auto f_sub = [](auto a, auto b) { return wrapped(a, b, '-'); };
constexpr auto f_mul = [](auto a, auto b) { return wrapped(a, b, '*'); };
constexpr auto f_eq = [](auto a, auto b) { return a == b; };
constexpr auto f_ne = [](auto a, auto b) { return a != b; };
constexpr auto f_lt = [](auto a, auto b) { return a < b; };
constexpr auto f_le = [](auto a, auto b) { return a <= b; };
constexpr auto f_gt = [](auto a, auto b) { return a > b; };
constexpr auto f_ge = [](auto a, auto b) { return a >= b; };
constexpr auto f_div = [](float a, float b) { return a / b; };
constexpr auto f_maximum = [](float a, float b) { return fmaxf(a, b); };
constexpr auto f_minimum = [](float a, float b) { return fminf(a, b); };
constexpr auto f_nan_maximum = [](float a, float b) { return a != a || b != b ? NAN : a > b ? a : b; };
constexpr auto f_nan_minimum = [](float a, float b) { return a != a || b != b ? NAN : a < b ? a : b; };
constexpr auto f_and = [](float a, float b) { return a != 0 && b != 0; };
constexpr auto f_or = [](float a, float b) { return a != 0 || b != 0; };
constexpr auto f_xor = [](float a, float b) { return (a != 0) != (b != 0); };
constexpr auto f_not = [](float a) { return a == 0; };
constexpr auto f_neg = [](float a) { return -a; };
constexpr auto f_abs = [](float a) { return fabsf(a); };
constexpr auto f_square = [](float a) { return a * a; };
constexpr auto f_floor = [](float a) { return floorf(a); };
constexpr auto f_recip = [](float a) { return 1.0f / a; };
constexpr auto f_sqrt = [](float a) { return sqrtf(a); };
constexpr auto f_log2 = [](float a) { return log2f(a); };
constexpr auto f_pow2 = [](float a) { return exp2f(a); };
constexpr auto f_sin = [](float a) { return sinf(a); };
constexpr auto f_cos = [](float a) { return cosf(a); };
constexpr auto f_band = [](int8_t a, int8_t b) { return (int8_t)(a & b); };
constexpr auto f_bor = [](int8_t a, int8_t b) { return (int8_t)(a | b); };
constexpr auto f_bxor = [](int8_t a, int8_t b) { return (int8_t)(a ^ b); };
constexpr auto f_bnot = [](int8_t a) { return (int8_t)~a; };

}  // namespace

#define BINARY(T, name) \
  void __bang_##name(T* dst, const T* a, const T* b, uint32_t n, int line) { binary(dst, a, b, n, line, f_##name); }
#define UNARY(T, name) \
  void __bang_##name(T* dst, const T* a, uint32_t n, int line) { unary(dst, a, n, line, f_##name); }
#define SCALAR(T, name) \
  void __bang_##name##_scalar(T* dst, const T* a, T b, uint32_t n, int line) { \
    const Lane<T>::Wide s = b; \
    unary(dst, a, n, line, [s](Lane<T>::Wide x) { return f_##name(x, s); }); \
  }
#define CYCLE(T, name) \
  void __bang_cycle_##name(T* dst, const T* a, const T* b, uint32_t n, uint32_t seg, int line) { cycle(dst, a, b, n, seg, line, f_##name); }
#define ALL_FORMS(T, name) BINARY(T, name) SCALAR(T, name) CYCLE(T, name)
#define EACH_FORM(T) \
  ALL_FORMS(T, add) ALL_FORMS(T, sub) ALL_FORMS(T, mul) ALL_FORMS(T, eq) ALL_FORMS(T, ne) ALL_FORMS(T, lt) ALL_FORMS(T, le) ALL_FORMS(T, gt) \
  ALL_FORMS(T, ge)
// mtp_372 has no division (bangc.md section 7).
#define FLOAT_ONLY(T) \
  void __bang_div(T* dst, const T* a, const T* b, uint32_t n, int line) { \
    require_arch(state().arch != 372, "__bang_div", line); \
    binary(dst, a, b, n, line, f_div); \
  } \
  BINARY(T, maximum) BINARY(T, minimum) BINARY(T, nan_maximum) BINARY(T, nan_minimum) BINARY(T, and) BINARY(T, or) BINARY(T, xor) UNARY(T, not) \
  UNARY(T, neg) UNARY(T, abs) UNARY(T, square) UNARY(T, floor) UNARY(T, recip) UNARY(T, sqrt) UNARY(T, log2) UNARY(T, pow2) UNARY(T, sin) UNARY(T, cos)

EACH_FORM(float)
EACH_FORM(half)
EACH_FORM(int32_t)
FLOAT_ONLY(float)
FLOAT_ONLY(half)
BINARY(int8_t, band)
BINARY(int8_t, bor)
BINARY(int8_t, bxor)
UNARY(int8_t, bnot)
