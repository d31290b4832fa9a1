// Cores, NRAM objects and their checks.
#include "core-state.h"

#include <string.h>

#include <algorithm>
#include <memory>
#include <string>

#include "include/bang.h"

namespace twin {

namespace bang {

namespace {

constexpr size_t vector_bytes = 128;
constexpr int cores_per_cluster = 4;

}  // namespace

CoreState& state() {
  if (!in_kernel()) violation("wrong-space", 0, "a device function was called outside a kernel");
  return *static_cast<CoreState*>(self().local);
}

Space::~Space() {
  if (scratch) scratch_destroy(scratch);
}

void Space::begin(size_t bytes, size_t with_gaps) {
  if (scratch && scratch->size != with_gaps) {
    scratch_destroy(scratch);
    scratch = nullptr;
  }
  for (size_t lane = 0; scratch && lane < lanes; lane++) {
    memset(scratch->base + lane * lane_bytes(), 0xFF, used);
    memset(scratch->shadow + lane * lane_bytes(), 0, used);
  }
  capacity = bytes;
  room = with_gaps;
  used = declared = 0;
  objects.clear();
}

uint8_t* Space::place(const Declared& d, size_t bytes, size_t align, const void* value, int arch) {
  for (const Object& o : objects)
    if (o.is(d)) return o.begin;
  if (!scratch) scratch = scratch_create(room);
  declared += (bytes + vector_bytes - 1) / vector_bytes * vector_bytes;
  if (declared > capacity)
    violation("capacity", d.line, "%s brings the __%s__ objects to %zu bytes; mtp_%d has %zu", d.name, qualifier, declared, arch, capacity);
  const size_t granule = lanes > 1 ? lanes : std::max(align, vector_bytes);
  const size_t at = (used + granule - 1) / granule * granule, share = (bytes + lanes - 1) / lanes;
  used = at + share + gap;
  objects.push_back({d, scratch->base + at, share});
  if (value) {
    memcpy(scratch->base + at, value, bytes);
    memset(scratch->shadow + at, 1, bytes);
  }
  return objects.back().begin;
}

const Object* Space::object(const void* p) const {
  const auto* at = static_cast<const uint8_t*>(p);
  if (lanes > 1 && holds(p)) at = scratch->base + (at - scratch->base) % lane_bytes();
  for (const Object& o : objects)
    if (at >= o.begin && at < o.begin + o.bytes) return &o;
  return nullptr;
}

namespace {

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
  for (const Pending& copy : state().pending)
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

// A mode for kernels of others, many of which leave this to the compiler: PORTOLAN_TWIN=lenient-scalar, or lenient.
bool units_ordered() {
  static const bool ordered = lenient() || mode("lenient-scalar");
  return ordered;
}

void refuse_computed(const void* p, size_t bytes, bool writing, int line) {
  if (units_ordered()) return;
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (const Touched& t : state().computed)
    if ((writing || t.write) && begin < t.end && end > t.begin)
      violation("in-flight-read", line, "the scalar unit %s NRAM that the vector instruction of line %d may still %s: no wait stands between",
                writing ? "overwrites" : "reads", t.line, t.write ? "write" : "read");
}

}  // namespace

void refuse_scalar(const void* p, size_t bytes, int line) {
  if (state().scalar.empty() || units_ordered()) return;
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (const Touched& t : state().scalar)
    if (begin < t.end && end > t.begin)
      violation("in-flight-read", line, "takes NRAM that the scalar unit wrote at line %d: no wait stands between", t.line);
}

bool in_nram(const void* p) { return state().nram.holds(p); }
bool in_wram(const void* p) { return state().wram.holds(p); }
bool in_sram(const void* p) {
  const Cluster* cluster = state().cluster;
  return cluster && cluster->sram.holds(p);
}

void scalar_read(const void* p, size_t bytes, size_t align, int line) {
  const uint8_t* shadow = locate(p, bytes, align, line, "read");
  if (!state().pending.empty()) refuse_in_flight(p, bytes, false, line);
  refuse_computed(p, bytes, false, line);
  require_defined(shadow, bytes, line, "a scalar read");
}

void scalar_write(void* p, size_t bytes, size_t align, int line) {
  uint8_t* shadow = locate(p, bytes, align, line, "write");
  if (!state().pending.empty()) refuse_in_flight(p, bytes, true, line);
  refuse_computed(p, bytes, true, line);
  note(state().scalar, p, bytes, true, line);
  memset(shadow, 1, bytes);
}

uint8_t* locate_in(const Space& space, const void* p, size_t bytes, size_t align, int line, const char* what) {
  state().last_line = line;
  const Object* o = space.object(p);
  if (!o)
    violation(gm_owns(p) ? "wrong-space" : "out-of-bounds", line, "%s of %zu bytes at an address outside every __%s__ object", what, bytes, space.qualifier);
  const size_t offset = (static_cast<const uint8_t*>(p) - o->begin) % (space.lanes > 1 ? space.lane_bytes() : SIZE_MAX);
  if (offset + bytes > o->bytes) violation("out-of-bounds", line, "%s of %zu bytes at byte %zu of %s, which has %zu", what, bytes, offset, o->name, o->bytes);
  if (reinterpret_cast<uintptr_t>(p) % align) violation("misaligned", line, "%s at byte %zu of %s, not a multiple of %zu", what, offset, o->name, align);
  return space.shadow(p);
}

uint8_t* locate(const void* p, size_t bytes, size_t align, int line, const char* what) {
  return locate_in(state().nram, p, bytes, align, line, what);
}

const uint8_t* compute_read(const void* p, size_t bytes, size_t align, int line) {
  const uint8_t* shadow = locate(p, bytes, align, line, "read");
  if (!state().pending.empty()) refuse_in_flight(p, bytes, false, line);
  refuse_scalar(p, bytes, line);
  note(state().computed, p, bytes, false, line);
  return shadow;
}

uint8_t* compute_write(void* p, size_t bytes, size_t align, int line) {
  uint8_t* shadow = locate(p, bytes, align, line, "write");
  auto& ragged = state().ragged;
  if (!ragged.empty())
    ragged.erase(std::remove_if(ragged.begin(), ragged.end(), [=](const RaggedBits& r) { return r.at >= p && r.at < (uint8_t*)p + bytes; }), ragged.end());
  if (!state().pending.empty()) refuse_in_flight(p, bytes, true, line);
  refuse_scalar(p, bytes, line);
  note(state().computed, p, bytes, true, line);
  return shadow;
}

namespace {

constexpr int first_of_any_count = 300;
constexpr size_t old_alignment = 64, old_run = 128;

void require_whole_runs(const void* p, size_t bytes, int line) {
  if (state().arch >= first_of_any_count) return;
  if (reinterpret_cast<uintptr_t>(p) % old_alignment)
    violation("misaligned", line, "a vector operand at %p begins at no multiple of %zu bytes, which mtp_%d asks for", p, old_alignment, state().arch);
  if (bytes % old_run)
    violation("vector-rule", line, "%zu bytes of a vector operand are no multiple of %zu, which mtp_%d asks for", bytes, old_run, state().arch);
}

}  // namespace

const uint8_t* vector_read(const void* p, size_t bytes, size_t align, int line) {
  require_whole_runs(p, bytes, line);
  return compute_read(p, bytes, align, line);
}

uint8_t* vector_write(void* p, size_t bytes, size_t align, int line) {
  require_whole_runs(p, bytes, line);
  return compute_write(p, bytes, align, line);
}

void require_defined(const uint8_t* shadow, size_t bytes, int line, const char* what) {
  if (state().memory_core) return;
  if (const void* hole = memchr(shadow, 0, bytes))
    violation("uninitialised-read", line, "%s takes NRAM byte %td of %zu, which was never written", what, static_cast<const uint8_t*>(hole) - shadow, bytes);
}

// Lanes between a row's end and its pitch may be garbage; a whole operand of garbage is a mistake. Where `lenient` is asked for, its
// result is garbage as well (mlu-ops dynamic_point_to_voxel_mask converts what it then writes anew).
void require_bits(const void* mask, uint32_t n, int line, const char* what) {
  const auto* at = static_cast<const uint8_t*>(mask);
  const uint8_t* shadow = compute_read(mask, (n + 7) / 8, 1, line);
  bool known = false;
  for (const RaggedBits& r : state().ragged) known |= n % 8 && r.at == at + n / 8 && r.known >= (int)(n % 8);
  require_defined(shadow, known ? n / 8 : (n + 7) / 8, line, what);
}

void require_some_defined(const uint8_t* shadow, size_t bytes, int line) {
  if (state().memory_core || lenient()) return;
  if (bytes > 0 && !memchr(shadow, 1, bytes)) violation("uninitialised-read", line, "none of the %zu bytes of an operand was written before", bytes);
}

// A mode for kernels that their authors have run on cards, and that count on what no document grants: PORTOLAN_TWIN=lenient.
bool lenient() {
  static const bool granted = mode("lenient");
  return granted;
}

// A mode for kernels of others that neither use SRAM nor send the memory core home, and store by the scalar unit:
// PORTOLAN_TWIN=idle-memory-cores. Whether the chip's memory core does those stores a second time stands nowhere.
bool memory_cores_idle() {
  static const bool idle = mode("idle-memory-cores");
  return idle;
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
  if (!has) violation("unsupported-intrinsic", line, "%s does not exist on mtp_%d", intrinsic, state().arch);
}

namespace {

struct Start {
  int arch;
  cnrtDim3_t dim;
  int clusters;  // of one union task; 0: Block
  void (*entry)(void*);
  void* argument;
};
thread_local const Start* current;

// Of the thread that launches: kept from launch to launch. In a Block task cores run one after the other in the first state; those of
// a union task all live until the last has ended.
struct Kept {
  std::vector<std::unique_ptr<CoreState>> cores;
  std::vector<std::unique_ptr<Cluster>> clusters;
};
thread_local Kept kept;

template <class T>
T& kept_at(std::vector<std::unique_ptr<T>>& all, size_t i) {
  while (all.size() <= i) all.push_back(std::make_unique<T>());
  return *all[i];
}

// A union task has four cores and a memory core a cluster, in that order.
constexpr int participants = cores_per_cluster + 1;

BangTask task_of(int id, int cluster, int core) {
  const cnrtDim3_t d = current->dim;
  const int x = (int)d.x, y = (int)d.y;
  return {id, id % x, id / x % y, id / x / y, x * y * (int)d.z, x, y, (int)d.z, cluster, current->clusters, core, cores_per_cluster};
}

void begin_core(Core& core) {
  CoreState& s = kept_at(kept.cores, core.in_cluster);
  core.local = &s;
  s.arch = current->arch;
  s.memory_core = false;
  if (current->clusters == 0) {
    s.task = task_of(core.index, 0, core.index % cores_per_cluster);
    s.cluster = nullptr;
  } else {
    const int cluster = core.index / participants, in_cluster = core.index % participants;
    s.memory_core = in_cluster == cores_per_cluster;
    core.kind = s.memory_core;
    const int id = cluster * cores_per_cluster + (s.memory_core ? 0 : in_cluster);
    s.task = task_of(id, cluster % current->clusters, s.memory_core ? memory_core_id : in_cluster);
    s.cluster = &kept_at(kept.clusters, cluster);
    // The first of a cluster to run finds what the launch before left there.
    if (in_cluster == 0) s.cluster->sram.begin(sram_bytes(s.arch), 2 * sram_bytes(s.arch));
  }
  s.last_line = 0;
  s.nram.begin(nram_bytes(s.arch), 1024 * 1024);
  s.wram.begin(wram_bytes(s.arch), wram_bytes(s.arch));
  s.pending.clear();
  s.computed.clear();
  s.scalar.clear();
  s.ragged.clear();
}

void run_core(void*) {
  if (!state().memory_core || !memory_cores_idle()) current->entry(current->argument);
}

void end_core(Core&) {
  CoreState& s = state();
  if (!s.pending.empty() && !lenient()) violation("in-flight-read", s.pending[0].line, "the kernel ends while %zu copies are in flight", s.pending.size());
  for (const Object& o : s.ldram) gm_free(o.begin);
  s.ldram.clear();
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

const BangTask& bang_task() { return bang::state().task; }

namespace {

int clusters_of(cnrtFunctionType_t type) {
  switch (type) {
    case cnrtFuncTypeUnion1: return 1;
    case cnrtFuncTypeUnion2: return 2;
    case cnrtFuncTypeUnion4: return 4;
    case cnrtFuncTypeUnion8: return 8;
    case cnrtFuncTypeUnion16: return 16;
    default: return 0;
  }
}

}  // namespace

int start_raw(const char* kernel, int arch, cnrtDim3_t dim, cnrtFunctionType_t type, cnrtQueue_t queue, void (*entry)(void*), void* argument, int line) {
  if (!queue) violation("library-argument", line, "launch of %s without a queue", kernel);
  const int clusters = clusters_of(type), cores = (int)(dim.x * dim.y * dim.z), each = bang::cores_per_cluster * clusters;
  if (type != cnrtFuncTypeBlock && clusters == 0) violation("unsupported-task", line, "this twin runs Block and Union tasks");
  if (cores == 0) violation("library-argument", line, "launch of %s with an empty dimension", kernel);
  if (clusters && dim.x % each) violation("library-argument", line, "Union%d tasks take a multiple of %d in the first dimension, not %u", clusters, each, dim.x);
  const bang::Start start{arch, dim, clusters, entry, argument};
  bang::current = &start;
  const FlushToZero flushing;
  const int all = clusters ? cores / bang::cores_per_cluster * bang::participants : cores;
  launch({kernel, all, clusters ? clusters * bang::participants : 1, 0, bang::run_core, nullptr, bang::begin_core, bang::end_core, bang::participants});
  bang::current = nullptr;
  return 0;
}

void unknown_assembly(const char* text, int line) {
  violation("undocumented", line, "what the assembly \"%s\" does stands in no document", text);
}

void* on_chip(const char* space, const char* name, size_t bytes, size_t align, int line, const char* owner, const void* value) {
  using namespace bang;
  CoreState& s = state();
  const Declared declared{name, line, owner};
  const std::string qualifier = space;
  if (qualifier == "nram") return s.nram.place(declared, bytes, align, value, s.arch);
  if (qualifier == "wram") return s.wram.place(declared, bytes, align, value, s.arch);
  if (qualifier == "mlu_shared") {
    if (!s.cluster) violation("wrong-space", line, "%s: a Block task has no cluster and so no __mlu_shared__ memory", name);
    return s.cluster->sram.place(declared, bytes, align, value, s.arch);
  }
  if (qualifier == "ldram") {
    for (const Object& o : s.ldram)
      if (o.is(declared)) return o.begin;
    s.ldram.push_back({declared, static_cast<uint8_t*>(gm_alloc(bytes, vector_bytes)), bytes});
    return s.ldram.back().begin;
  }
  violation("unsupported-task", line, "%s: an MLU has no __%s__ memory", name, space);
}

}  // namespace twin
