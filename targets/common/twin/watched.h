// The calls that a compiler puts at every load and store for a checker of threads, which is not linked: the one file of a twin that
// includes this answers them by `TWIN_ACCESS(p, bytes, write)`, and copies and fills of bytes by `TWIN_COPIED(to, from, bytes)` and
// `TWIN_SET(to, value, bytes)`.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "fiber.h"

// Where a real checker of threads is built in, it is asked instead.
#if !defined(TWIN_WATCHED_BY_TSAN)

#define ACCESS(bytes) \
  void __tsan_read##bytes(void* p) { TWIN_ACCESS(p, bytes, false); } \
  void __tsan_write##bytes(void* p) { TWIN_ACCESS(p, bytes, true); } \
  void __tsan_unaligned_read##bytes(void* p) { TWIN_ACCESS(p, bytes, false); } \
  void __tsan_unaligned_write##bytes(void* p) { TWIN_ACCESS(p, bytes, true); } \
  void __tsan_volatile_read##bytes(void* p) { TWIN_ACCESS(p, bytes, false); } \
  void __tsan_volatile_write##bytes(void* p) { TWIN_ACCESS(p, bytes, true); } \
  void __tsan_unaligned_volatile_read##bytes(void* p) { TWIN_ACCESS(p, bytes, false); } \
  void __tsan_unaligned_volatile_write##bytes(void* p) { TWIN_ACCESS(p, bytes, true); } \
  void __tsan_read##bytes##_pc(void* p, void*) { TWIN_ACCESS(p, bytes, false); } \
  void __tsan_write##bytes##_pc(void* p, void*) { TWIN_ACCESS(p, bytes, true); }

// Atomics of a unit's host code, which such a compiler turns into calls.
#define ATOMIC(BITS)                                                                                                               \
  uint##BITS##_t __tsan_atomic##BITS##_load(const volatile uint##BITS##_t* p, int) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); } \
  void __tsan_atomic##BITS##_store(volatile uint##BITS##_t* p, uint##BITS##_t v, int) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); } \
  ATOMIC_OF(BITS, exchange, exchange_n)                                                                                            \
  ATOMIC_OF(BITS, fetch_add, fetch_add)                                                                                            \
  ATOMIC_OF(BITS, fetch_sub, fetch_sub)                                                                                            \
  ATOMIC_OF(BITS, fetch_and, fetch_and)                                                                                            \
  ATOMIC_OF(BITS, fetch_or, fetch_or)                                                                                              \
  ATOMIC_OF(BITS, fetch_xor, fetch_xor)                                                                                            \
  ATOMIC_SWAP(BITS, strong)                                                                                                        \
  ATOMIC_SWAP(BITS, weak)
#define ATOMIC_OF(BITS, NAME, BUILTIN) \
  uint##BITS##_t __tsan_atomic##BITS##_##NAME(volatile uint##BITS##_t* p, uint##BITS##_t v, int) { return __atomic_##BUILTIN(p, v, __ATOMIC_SEQ_CST); }
#define ATOMIC_SWAP(BITS, HOW)                                                                                                              \
  int __tsan_atomic##BITS##_compare_exchange_##HOW(volatile uint##BITS##_t* p, uint##BITS##_t* expected, uint##BITS##_t v, int, int) {      \
    return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                                          \
  }

extern "C" {
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __tsan_read_range(void* p, size_t bytes) { TWIN_ACCESS(p, bytes, false); }
void __tsan_write_range(void* p, size_t bytes) { TWIN_ACCESS(p, bytes, true); }
void* __tsan_memcpy(void* to, const void* from, size_t bytes) { return TWIN_COPIED(to, from, bytes); }
void* __tsan_memmove(void* to, const void* from, size_t bytes) { return TWIN_COPIED(to, from, bytes); }
void* __tsan_memset(void* to, int value, size_t bytes) { return TWIN_SET(to, value, bytes); }
ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int) {}
// What else such a unit may call.
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void*, void*) {}
void __tsan_vptr_read(void*) {}
}

#endif
