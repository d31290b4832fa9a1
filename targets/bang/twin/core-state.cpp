// Cores, NRAM objects and their checks.
#include "core-state.h"

#include <string.h>

#include <algorithm>

#include "include/bang.h"

namespace twin {

namespace bang {

namespace {

// Declared objects lie this far apart, so that running over one's end meets no neighbour.
constexpr size_t gap = 256;
constexpr size_t vector_bytes = 128;

// Of the thread: a launch runs its cores there, one after the other.
thread_local CoreState core_state;
thread_local BangTask task;

// All of a core's NRAM. What the compiler takes of it for its stack is up to the kernel's author, and generated kernels leave it
// what mlu-ops does.
size_t capacity_of(int arch) { return (arch == 372 || arch == 322 ? 768 : 512) * 1024; }

}  // namespace

CoreState& state() {
  if (!in_kernel()) violation("wrong-space", 0, "a device function was called outside a kernel");
  return core_state;
}

namespace {

const Object* object_of(const void* p) {
  const auto* at = static_cast<const uint8_t*>(p);
  for (const Object& o : core_state.objects)
    if (at >= o.begin && at < o.begin + o.bytes) return &o;
  return nullptr;
}

bool walk_touches(const Walk& w, uintptr_t begin, uintptr_t end) {
  for (int64_t j = 0; j < w.count2; j++)
    for (int64_t i = 0; i < w.count1; i++) {
      const uintptr_t at = w.base + j * w.stride2 + i * w.stride1;
      if (begin < at + w.bytes && end > at) return true;
    }
  return false;
}

void refuse_in_flight(const void* p, size_t bytes, bool writing, int line) {
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (const Pending& copy : core_state.pending)
    if ((writing || copy.write) && walk_touches(copy.walk, begin, end))
      violation("in-flight-read", line, "%s NRAM while the copy of line %d may still %s it", writing ? "overwrites" : "reads", copy.line,
                copy.write ? "write" : "read");
}

void note(std::vector<Touched>& log, const void* p, size_t bytes, bool write, int line) {
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (size_t i = log.size(), tries = 0; i-- > 0 && tries < 8; ++tries)
    if (log[i].write == write && begin <= log[i].end && end >= log[i].begin) {
      log[i].begin = std::min(log[i].begin, begin);
      log[i].end = std::max(log[i].end, end);
      return;
    }
  log.push_back({begin, end, write, line});
}

// A mode for kernels of others, many of which leave this to the compiler: PORTOLAN_TWIN=lenient-scalar.
bool units_ordered() {
  static const bool lenient = mode("lenient-scalar");
  return lenient;
}

void refuse_computed(const void* p, size_t bytes, bool writing, int line) {
  if (units_ordered()) return;
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (const Touched& t : core_state.computed)
    if ((writing || t.write) && begin < t.end && end > t.begin)
      violation("in-flight-read", line, "the scalar unit %s NRAM that the vector instruction of line %d may still %s: no wait stands between",
                writing ? "overwrites" : "reads", t.line, t.write ? "write" : "read");
}

}  // namespace

void refuse_scalar(const void* p, size_t bytes, int line) {
  if (core_state.scalar.empty() || units_ordered()) return;
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (const Touched& t : core_state.scalar)
    if (begin < t.end && end > t.begin)
      violation("in-flight-read", line, "takes NRAM that the scalar unit wrote at line %d: no wait stands between", t.line);
}

bool in_nram(const void* p) {
  const Scratch* nram = core_state.nram;
  const auto* at = static_cast<const uint8_t*>(p);
  return nram && at >= nram->base && at < nram->base + nram->size;
}

void scalar_read(const void* p, size_t bytes, size_t align, int line) {
  const uint8_t* shadow = locate(p, bytes, align, line, "read");
  if (!core_state.pending.empty()) refuse_in_flight(p, bytes, false, line);
  refuse_computed(p, bytes, false, line);
  require_defined(shadow, bytes, line, "a scalar read");
}

void scalar_write(void* p, size_t bytes, size_t align, int line) {
  uint8_t* shadow = locate(p, bytes, align, line, "write");
  if (!core_state.pending.empty()) refuse_in_flight(p, bytes, true, line);
  refuse_computed(p, bytes, true, line);
  note(core_state.scalar, p, bytes, true, line);
  memset(shadow, 1, bytes);
}

uint8_t* locate(const void* p, size_t bytes, size_t align, int line, const char* what) {
  CoreState& s = state();
  s.last_line = line;
  const Object* o = object_of(p);
  if (!o) violation(gm_owns(p) ? "wrong-space" : "out-of-bounds", line, "%s of %zu bytes at an address outside every __nram__ object", what, bytes);
  const size_t offset = static_cast<const uint8_t*>(p) - o->begin;
  if (offset + bytes > o->bytes) violation("out-of-bounds", line, "%s of %zu bytes at byte %zu of %s, which has %zu", what, bytes, offset, o->name, o->bytes);
  if (reinterpret_cast<uintptr_t>(p) % align) violation("misaligned", line, "%s at byte %zu of %s, not a multiple of %zu", what, offset, o->name, align);
  return s.nram->shadow + (static_cast<const uint8_t*>(p) - s.nram->base);
}

const uint8_t* compute_read(const void* p, size_t bytes, size_t align, int line) {
  const uint8_t* shadow = locate(p, bytes, align, line, "read");
  if (!core_state.pending.empty()) refuse_in_flight(p, bytes, false, line);
  refuse_scalar(p, bytes, line);
  note(core_state.computed, p, bytes, false, line);
  return shadow;
}

uint8_t* compute_write(void* p, size_t bytes, size_t align, int line) {
  uint8_t* shadow = locate(p, bytes, align, line, "write");
  if (!core_state.pending.empty()) refuse_in_flight(p, bytes, true, line);
  refuse_scalar(p, bytes, line);
  note(core_state.computed, p, bytes, true, line);
  return shadow;
}

void require_defined(const uint8_t* shadow, size_t bytes, int line, const char* what) {
  if (const void* hole = memchr(shadow, 0, bytes))
    violation("uninitialised-read", line, "%s takes NRAM byte %td of %zu, which was never written", what, static_cast<const uint8_t*>(hole) - shadow, bytes);
}

// Lanes between a row's end and its pitch may be garbage; a whole operand of garbage is a mistake.
void require_some_defined(const uint8_t* shadow, size_t bytes, int line) {
  if (bytes > 0 && !memchr(shadow, 1, bytes)) violation("uninitialised-read", line, "none of the %zu bytes of an operand was written before", bytes);
}

void refuse_partial_overlap(const void* dst, size_t dst_bytes, const void* src, size_t src_bytes, bool same_start_allowed, int line) {
  const auto d = reinterpret_cast<uintptr_t>(dst), s = reinterpret_cast<uintptr_t>(src);
  if (d == s && same_start_allowed) return;
  if (d < s + src_bytes && s < d + dst_bytes) violation("overlap", line, "destination and source of one instruction share bytes");
}

void count_lanes(size_t lanes, size_t bytes_each) {
  const size_t step = vector_bytes / bytes_each;
  counters().lanes_busy += lanes;
  counters().lanes_idle += (lanes + step - 1) / step * step - lanes;
}

void require_arch(bool has, const char* intrinsic, int line) {
  if (!has) violation("unsupported-intrinsic", line, "%s does not exist on mtp_%d", intrinsic, core_state.arch);
}

namespace {

struct Start {
  int arch;
  cnrtDim3_t dim;
  void (*entry)(void*);
  void* argument;
};
thread_local const Start* current;

void begin_core(Core& core) {
  const cnrtDim3_t d = current->dim;
  const int id = core.index;
  task = {id, (int)(id % d.x), (int)(id / d.x % d.y), (int)(id / d.x / d.y), (int)(d.x * d.y * d.z), (int)d.x, (int)d.y, (int)d.z, 0, 0, id % 4, 4};
  CoreState& s = core_state;
  s.arch = current->arch;
  s.capacity = capacity_of(s.arch);
  if (!s.nram) s.nram = scratch_create(1024 * 1024);
  memset(s.nram->base, 0xFF, s.used);
  memset(s.nram->shadow, 0, s.used);
  s.used = s.declared = 0;
  s.last_line = 0;
  s.objects.clear();
  s.pending.clear();
  s.computed.clear();
  s.scalar.clear();
}

void end_core(Core&) {
  if (!core_state.pending.empty())
    violation("in-flight-read", core_state.pending[0].line, "the kernel ends while %zu copies are in flight", core_state.pending.size());
}

}  // namespace

}  // namespace bang

namespace {

// Subnormal numbers become 0 on the way in and out while kernels run, as on an MLU370: PORTOLAN_TWIN=flush-to-zero.
class FlushToZero {
 public:
  FlushToZero() : before_(control()) {
    if (mode("flush-to-zero")) set_control(before_ | flush);
  }
  ~FlushToZero() { set_control(before_); }

 private:
#if defined(__x86_64__)
  static constexpr uint64_t flush = 0x8040;  // FTZ and DAZ
  static uint64_t control() { return __builtin_ia32_stmxcsr(); }
  static void set_control(uint64_t bits) { __builtin_ia32_ldmxcsr((uint32_t)bits); }
#elif defined(__aarch64__)
  static constexpr uint64_t flush = 1u << 24;  // FZ
  static uint64_t control() {
    uint64_t bits;
    asm volatile("mrs %0, fpcr" : "=r"(bits));
    return bits;
  }
  static void set_control(uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
#else
  static constexpr uint64_t flush = 0;
  static uint64_t control() {
    if (mode("flush-to-zero")) violation("unsupported-task", 0, "flush-to-zero is for x86-64 and aarch64");
    return 0;
  }
  static void set_control(uint64_t) {}
#endif
  uint64_t before_;
};

}  // namespace

const BangTask& bang_task() { return bang::task; }

int start_raw(const char* kernel, int arch, cnrtDim3_t dim, cnrtFunctionType_t type, cnrtQueue_t queue, void (*entry)(void*), void* argument, int line) {
  if (!queue) violation("library-argument", line, "launch of %s without a queue", kernel);
  if (type != cnrtFuncTypeBlock) violation("unsupported-task", line, "this twin runs Block tasks only");
  if (dim.x == 0 || dim.y == 0 || dim.z == 0) violation("library-argument", line, "launch of %s with an empty dimension", kernel);
  const bang::Start start{arch, dim, entry, argument};
  bang::current = &start;
  const FlushToZero flushing;
  launch({kernel, (int)(dim.x * dim.y * dim.z), 1, 0, entry, argument, bang::begin_core, bang::end_core});
  bang::current = nullptr;
  return 0;
}

void* on_chip(const char* space, const char* name, size_t bytes, size_t align, int line) {
  using namespace bang;
  CoreState& s = state();
  for (const Object& o : s.objects)
    if (o.line == line && !strcmp(o.name, name)) return o.begin;
  if (strcmp(space, "nram")) violation("unsupported-task", line, "%s: this twin has __nram__ only", name);
  s.declared += (bytes + vector_bytes - 1) / vector_bytes * vector_bytes;
  if (s.declared > s.capacity)
    violation("capacity", line, "%s brings the __nram__ objects to %zu bytes; mtp_%d has %zu", name, s.declared, s.arch, s.capacity);
  const size_t at = (s.used + std::max(align, vector_bytes) - 1) / vector_bytes * vector_bytes;
  s.used = at + bytes + gap;
  s.objects.push_back({name, line, s.nram->base + at, bytes});
  return s.objects.back().begin;
}

}  // namespace twin
