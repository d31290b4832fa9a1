// Atomic operations of a core on GDRAM. Two cores may meet in one place: only with another kind of access is that a race.
#include <string.h>

#include "core-state.h"
#include "include/bang.h"

using namespace twin::bang;

namespace {

// dst: where the old values go, in NRAM; null: nowhere.
template <class T, class F>
void each(T* dst, T* gdram, uint32_t n, int line, F next) {
  if (n == 0 || state().memory_core) return;
  uint8_t* to = dst ? compute_write(dst, n * sizeof(T), alignof(T), line) : nullptr;
  twin::gm_atomic(gdram, n * sizeof(T), line);
  for (uint32_t i = 0; i < n; i++) {
    const T old = gdram[i];
    gdram[i] = next(old, i);
    if (dst) dst[i] = old;
  }
  if (to) memset(to, 1, n * sizeof(T));
  twin::counters().scalar_global += n;
}

template <class T>
const T* operand(const T* p, uint32_t n, int line) {
  require_defined(compute_read(p, n * sizeof(T), alignof(T), line), n * sizeof(T), line, "an atomic operation");
  return p;
}

void refuse_many(uint32_t n, int line) {
  if (n != 1) twin::violation("undocumented", line, "an atomic operation of one value and %u places: what it does stands nowhere", n);
}

}  // namespace

#define ATOMIC(T, name, ...) \
  void __bang_atomic_##name(T* dst, T* gdram, const T* src, uint32_t n, int line) { \
    operand(src, n, line); \
    each(dst, gdram, n, line, [src](T a, uint32_t i) -> T { const T b = src[i]; (void)a; return (T)(__VA_ARGS__); }); \
  } \
  void __bang_atomic_##name(T* dst, T* gdram, T b, uint32_t n, int line) { \
    refuse_many(n, line); \
    each(dst, gdram, 1, line, [b](T a, uint32_t) -> T { (void)a; return (T)(__VA_ARGS__); }); \
  }
// The lanes have left and arrived; src is not free before the next wait for copies.
template <class T>
void in_flight(const T* src, uint32_t n, int line) {
  if (n && !state().memory_core) state().pending.push_back({{reinterpret_cast<uintptr_t>(src), n * sizeof(T), 0, 1, 0, 1}, false, false, line});
}

#define OF_ONE(T, suffix, name, ...) \
  T __cn_scalar_atomic_##name##_##suffix(T* place, T b, int line) { \
    T before{}; \
    each<T>(nullptr, place, 1, line, [&](T a, uint32_t) -> T { return before = a, (T)(__VA_ARGS__); }); \
    return before; \
  }
#define REDUCE(T, name, ...) \
  void __bang_atomic_reduce_##name(T* gdram, const T* src, uint32_t n, int line) { \
    operand(src, n, line); \
    each<T>(nullptr, gdram, n, line, [src](T a, uint32_t i) -> T { const T b = src[i]; return (T)(__VA_ARGS__); }); \
  }
#define SUM(T, ...) \
  REDUCE(T, add, __VA_ARGS__) \
  void __bang_atomic_reduce_add_async(T* gdram, const T* src, uint32_t n, int line) { \
    __bang_atomic_reduce_add(gdram, src, n, line); \
    in_flight(src, n, line); \
  }
#define ATOMICS(T) \
  ATOMIC(T, add, a + b) \
  ATOMIC(T, max, a < b ? b : a) \
  ATOMIC(T, min, b < a ? b : a) \
  ATOMIC(T, exch, b) \
  SUM(T, a + b) \
  REDUCE(T, max, a < b ? b : a) \
  REDUCE(T, min, b < a ? b : a) \
  void __bang_atomic_cas(T* dst, T* gdram, const T* compare, const T* value, uint32_t n, int line) { \
    operand(compare, n, line); \
    operand(value, n, line); \
    each(dst, gdram, n, line, [=](T a, uint32_t i) { return a == compare[i] ? value[i] : a; }); \
  } \
  T __bang_atomic_cas(T* dst, T* gdram, T compare, T value, uint32_t n, int line) { \
    refuse_many(n, line); \
    T before{}; \
    each(dst, gdram, 1, line, [&](T a, uint32_t) { return before = a, a == compare ? value : a; }); \
    return before; \
  }
#define INTEGER_ATOMICS(T) \
  ATOMIC(T, and, a & b) \
  ATOMIC(T, or, a | b) \
  ATOMIC(T, xor, a ^ b)
ATOMICS(float)
ATOMICS(half)
ATOMICS(int32_t)
ATOMICS(uint32_t)
ATOMICS(int16_t)
ATOMICS(uint16_t)
SUM(bfloat16_t, (float)a + (float)b)
INTEGER_ATOMICS(int32_t)
INTEGER_ATOMICS(uint32_t)
INTEGER_ATOMICS(int16_t)
INTEGER_ATOMICS(uint16_t)

#define ATOMICS_OF_ONE(T, suffix) \
  OF_ONE(T, suffix, add, a + b) \
  OF_ONE(T, suffix, exch, b) \
  OF_ONE(T, suffix, max, a < b ? b : a) \
  OF_ONE(T, suffix, min, b < a ? b : a)
#define INTEGER_ATOMICS_OF_ONE(T, suffix) \
  ATOMICS_OF_ONE(T, suffix) \
  OF_ONE(T, suffix, and, a & b) \
  OF_ONE(T, suffix, or, a | b) \
  OF_ONE(T, suffix, xor, a ^ b) \
  T __cn_scalar_atomic_cas_##suffix(T* a, T compare, T value, int line) { return __bang_atomic_cas(static_cast<T*>(nullptr), a, compare, value, 1, line); }
#define COUNTING_ATOMICS_OF_ONE(T, suffix) \
  OF_ONE(T, suffix, inc, a >= b ? 0 : a + 1) \
  OF_ONE(T, suffix, dec, a == 0 || a > b ? b : a - 1)
ATOMICS_OF_ONE(float, f32)
ATOMICS_OF_ONE(half, f16)
INTEGER_ATOMICS_OF_ONE(int32_t, s32)
INTEGER_ATOMICS_OF_ONE(uint32_t, u32)
INTEGER_ATOMICS_OF_ONE(int16_t, s16)
INTEGER_ATOMICS_OF_ONE(uint16_t, u16)
COUNTING_ATOMICS_OF_ONE(uint32_t, u32)
COUNTING_ATOMICS_OF_ONE(uint16_t, u16)
