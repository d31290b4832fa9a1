// Plain accesses of kernels, `nram[i] = x` and `*p`: kernels are compiled so that every load and store of theirs calls one of the
// functions below first (src/verify/twin-library.ts has the flags, which compilers know from their own checker of kernels). They have
// no line of their own: a violation names the line of the instruction before.
#include <string.h>

#include "core-state.h"

namespace twin::bang {

namespace {

// A variable of the kernel's own frame is told by this alone.
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
  if (at - here < frame_bytes || on_core_stack(p) || !gm_concerns(p)) return;
  counters().scalar_global++;
  write ? gm_write(const_cast<void*>(p), bytes, s.last_line) : gm_read(p, bytes, s.last_line);
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

}  // namespace twin::bang

#define TWIN_ACCESS twin::bang::access
#define TWIN_COPIED twin::bang::bytes_copied
#define TWIN_SET twin::bang::bytes_set
#include "watched.h"
