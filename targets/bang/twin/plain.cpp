// Plain accesses of kernels, `nram[i] = x` and `*p`: kernels are compiled so that every load and store of theirs calls one of the
// functions below first (src/verify/twin-library.ts has the flags, which compilers know from their own checker of kernels). They have
// no line of their own: a violation names the line of the instruction before.
#include <string.h>

#include "core-state.h"

namespace twin::bang {

namespace {

// Beyond this a variable of the kernel's own frame is looked up like any other address.
constexpr uintptr_t frame_bytes = 16 * 1024;

void access(const void* p, size_t bytes, bool write) {
  if (!in_kernel()) return;
  CoreState& s = state();
  if (in_nram(p)) {
    counters().lane_loop_lanes += write;
    return write ? scalar_write(const_cast<void*>(p), bytes, 1, s.last_line) : scalar_read(p, bytes, 1, s.last_line);
  }
  if (in_wram(p)) violation("wrong-space", s.last_line, "the scalar unit %s WRAM", write ? "writes" : "reads");
  if (in_sram(p)) {
    uint8_t* shadow = locate_in(s.cluster->sram, p, bytes, 1, s.last_line, write ? "write" : "read");
    race_log(p, bytes, write, false, s.last_line);
    if (write) memset(shadow, 1, bytes);
    return write ? void() : require_defined(shadow, bytes, s.last_line, "a scalar read");
  }
  const auto at = reinterpret_cast<uintptr_t>(p), here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (at - here < frame_bytes || !gm_owns(p)) return;
  counters().scalar_global++;
  write ? gm_write(const_cast<void*>(p), bytes, s.last_line) : gm_read(p, bytes, s.last_line);
}

}  // namespace

}  // namespace twin::bang

#define ACCESS(bytes) \
  void __asan_load##bytes##_noabort(const void* p) { twin::bang::access(p, bytes, false); } \
  void __asan_store##bytes##_noabort(void* p) { twin::bang::access(p, bytes, true); }

extern "C" {
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __asan_loadN_noabort(const void* p, size_t bytes) { twin::bang::access(p, bytes, false); }
void __asan_storeN_noabort(void* p, size_t bytes) { twin::bang::access(p, bytes, true); }
// What else such a unit may call: nothing of the stack or of globals is watched.
void __asan_handle_no_return() {}
void __asan_before_dynamic_init(const char*) {}
void __asan_after_dynamic_init() {}
}
