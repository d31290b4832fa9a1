// Plain accesses of kernels, `row[i] = x` and `*p`: kernels are compiled so that every load and store of theirs calls one of the
// functions below first (src/verify/twin-library.ts has the flags, which compilers know from their own checker of kernels). They have
// no line of their own: a violation names the line of the instruction before.
#include "cluster.h"
#include "fiber.h"

namespace twin {
namespace xpu {

namespace {

// One element of global memory by the scalar unit: XPU3 alone has such an access (a copy of a few bytes that the compiler makes,
// done when it returns); on XPU2 no document knows of one.
void global_access(const void* p, size_t bytes, bool write, CoreState& core) {
  if (core.arch == 2) violation("wrong-space", core.last_line, "global memory is %s without a copy: XPU2's scalar unit does not reach it", write ? "written" : "read");
  counters().scalar_global++;
  refuse_gm_in_flight(p, bytes, write, core.last_line);
  write ? gm_write(const_cast<void*>(p), bytes, core.last_line) : gm_read(p, bytes, core.last_line);
}

void access(const void* p, size_t bytes, bool write) {
  if (!in_kernel()) return;
  if (on_chip_address(p)) {
    const int line = here().last_line;
    return write ? scalar_written(const_cast<void*>(p), bytes, line) : scalar_read(p, bytes, line);
  }
  if (!on_core_stack(p) && gm_concerns(p)) global_access(p, bytes, write, here());
}

}  // namespace

void* bytes_copied(void* to, const void* from, size_t bytes) {
  if (bytes) access(from, bytes, false), access(to, bytes, true);
  return __builtin_memmove(to, from, bytes);
}
void* bytes_set(void* to, int value, size_t bytes) {
  if (bytes) access(to, bytes, true);
  return __builtin_memset(to, value, bytes);
}

}  // namespace xpu
}  // namespace twin

// Where a real checker of threads is built in, it is asked instead.
#if !defined(TWIN_WATCHED_BY_TSAN)

#define ACCESS(bytes) \
  void __tsan_read##bytes(void* p) { twin::xpu::access(p, bytes, false); } \
  void __tsan_write##bytes(void* p) { twin::xpu::access(p, bytes, true); } \
  void __tsan_unaligned_read##bytes(void* p) { twin::xpu::access(p, bytes, false); } \
  void __tsan_unaligned_write##bytes(void* p) { twin::xpu::access(p, bytes, true); } \
  void __tsan_volatile_read##bytes(void* p) { twin::xpu::access(p, bytes, false); } \
  void __tsan_volatile_write##bytes(void* p) { twin::xpu::access(p, bytes, true); } \
  void __tsan_unaligned_volatile_read##bytes(void* p) { twin::xpu::access(p, bytes, false); } \
  void __tsan_unaligned_volatile_write##bytes(void* p) { twin::xpu::access(p, bytes, true); } \
  void __tsan_read##bytes##_pc(void* p, void*) { twin::xpu::access(p, bytes, false); } \
  void __tsan_write##bytes##_pc(void* p, void*) { twin::xpu::access(p, bytes, true); }

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
void __tsan_read_range(void* p, size_t bytes) { twin::xpu::access(p, bytes, false); }
void __tsan_write_range(void* p, size_t bytes) { twin::xpu::access(p, bytes, true); }
void* __tsan_memcpy(void* to, const void* from, size_t bytes) { return twin::xpu::bytes_copied(to, from, bytes); }
void* __tsan_memmove(void* to, const void* from, size_t bytes) { return twin::xpu::bytes_copied(to, from, bytes); }
void* __tsan_memset(void* to, int value, size_t bytes) { return twin::xpu::bytes_set(to, value, bytes); }
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
