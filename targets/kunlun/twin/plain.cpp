// Plain accesses of kernels, `row[i] = x` and `*p`: kernels are compiled so that every load and store of theirs calls one of the
// functions below first (src/verify/twin-library.ts has the flags, which compilers know from their own checker of kernels). They have
// no line of their own: a violation names the line of the instruction before.
#include "cluster.h"

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

}  // namespace xpu
}  // namespace twin

#define ACCESS(bytes) \
  void __asan_load##bytes##_noabort(const void* p) { twin::xpu::access(p, bytes, false); } \
  void __asan_store##bytes##_noabort(void* p) { twin::xpu::access(p, bytes, true); }

extern "C" {
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __asan_loadN_noabort(const void* p, size_t bytes) { twin::xpu::access(p, bytes, false); }
void __asan_storeN_noabort(void* p, size_t bytes) { twin::xpu::access(p, bytes, true); }
// clang calls these for memcpy and its kin.
void* __asan_memcpy(void* to, const void* from, size_t bytes) {
  if (bytes) twin::xpu::access(from, bytes, false), twin::xpu::access(to, bytes, true);
  return __builtin_memcpy(to, from, bytes);
}
void* __asan_memmove(void* to, const void* from, size_t bytes) {
  if (bytes) twin::xpu::access(from, bytes, false), twin::xpu::access(to, bytes, true);
  return __builtin_memmove(to, from, bytes);
}
void* __asan_memset(void* to, int value, size_t bytes) {
  if (bytes) twin::xpu::access(to, bytes, true);
  return __builtin_memset(to, value, bytes);
}
// What else such a unit may call: nothing of the stack or of globals is watched.
void __asan_handle_no_return() {}
void __asan_before_dynamic_init(const char*) {}
void __asan_after_dynamic_init() {}
}
