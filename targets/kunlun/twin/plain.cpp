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
  if (on_core_stack(p))
    refuse_variable_in_flight(p, bytes, here().last_line);
  else if (gm_concerns(p))
    global_access(p, bytes, write, here());
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

#define TWIN_ACCESS twin::xpu::access
#define TWIN_COPIED twin::xpu::bytes_copied
#define TWIN_SET twin::xpu::bytes_set
#include "watched.h"
