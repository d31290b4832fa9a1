// The memories of a cluster: where they lie, the objects in them, and the states of their bytes.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cluster.h"
#include "fiber.h"

namespace twin {
namespace xpu {

namespace {

// Built for ThreadSanitizer, whose own runtime hears of plain accesses in the twin's place.
#if defined(TWIN_WATCHED_BY_TSAN)
constexpr bool hears_accesses = false;
#else
constexpr bool hears_accesses = true;
#endif

}  // namespace

bool lenient() {
  static const bool on = !hears_accesses || mode("lenient");
  return on;
}

namespace {

// The scalar unit may move values of local memory that nothing defined: PORTOLAN_TWIN=undefined-scalars.
bool moves_undefined() {
  static const bool on = mode("undefined-scalars");
  return on;
}

// Between two objects: more than one vector, so that the next one past an end meets no neighbour.
constexpr int gap_bytes = 128;
constexpr int most_objects = (int)(sizeof Memory::objects / sizeof(Memory::Object));

int extent_of(int usable) { return (usable + most_objects * (gap_bytes + 64) + 63) / 64 * 64; }
constexpr int gsm_usable = group_bytes - 4 * 1024;

size_t arena_bytes() {
  return (size_t)(cores_per_cluster * extent_of(cores_per_group * lm_usable_bytes) + extent_of(sm_bytes) + 16 * extent_of(gsm_usable));
}

// One range holds all of them, so that one comparison tells an address of the chip from any other.
__thread uintptr_t chip_base = 0;
__thread size_t chip_bytes = 0;

void create(Memory& m, uint8_t*& at, const char* space, int usable) {
  m.extent = extent_of(usable);
  m.base = at;
  at += m.extent;
  m.shadow = static_cast<uint8_t*>(calloc((size_t)m.extent, 1));
  m.owner = static_cast<uint8_t*>(calloc((size_t)m.extent / 4, 1));
  m.space = space;
  m.usable = usable;
  m.fence_code = 2;
}

void reset(Memory& m) {
  if (m.top > 0) {
    memset(m.base, 0xFF, (size_t)m.top);
    memset(m.shadow, 0, (size_t)m.top);
    memset(m.owner, 0, (size_t)(m.top + 3) / 4);
  }
  m.top = 0;
  m.taken = 0;
  m.object_count = 0;
  m.fence_code = 2;
}

void destroy(Memory& m) {
  free(m.shadow);
  free(m.owner);
}

thread_local Cluster* of_thread = nullptr;

Cluster* make_cluster() {
  thread_local Cluster c;
  return &c;
}

}  // namespace

Cluster::Cluster() {
  void* mapped = mmap(nullptr, arena_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) abort();
  arena = static_cast<uint8_t*>(mapped);
  // 0xFF bytes are NaN in every float type, so garbage shows in results even where a check is missing.
  memset(arena, 0xFF, arena_bytes());
  uint8_t* at = arena;
  for (CoreState& core : cores) {
    create(core.lm, at, "LM", cores_per_group * lm_usable_bytes);
    core.copies = new Copies;
  }
  create(shared, at, "SM", sm_bytes);
  for (Memory& group : groups) create(group, at, "GSM", gsm_usable);
  accesses = static_cast<Access*>(calloc((size_t)(shared.extent + 16 * groups[0].extent), sizeof(Access)));
  chip_base = reinterpret_cast<uintptr_t>(arena);
  chip_bytes = arena_bytes();
}

Cluster::~Cluster() {
  for (CoreState& core : cores) {
    destroy(core.lm);
    delete core.copies;
  }
  destroy(shared);
  for (Memory& group : groups) destroy(group);
  for (int i = 0; i < shared.extent + 16 * groups[0].extent; i++) {
    free(accesses[i].readers.each);
    free(accesses[i].sharers.each);
  }
  free(accesses);
  munmap(arena, arena_bytes());
  chip_bytes = 0;
  of_thread = nullptr;
}

// Asked at every access: a plain pointer is quicker than an object whose making must be checked.
Cluster& cluster() {
  if (!of_thread) of_thread = make_cluster();
  return *of_thread;
}

bool on_chip_address(const void* p) { return reinterpret_cast<uintptr_t>(p) - chip_base < chip_bytes; }

void begin_core(Core& core) {
  Cluster& c = cluster();
  if (c.current != core.cluster) {
    c.current = core.cluster;
    // Whatever the cluster before did is ordered before all that this one does.
    c.order.now++;
    for (auto& row : c.order.seen)
      for (uint32_t& stamp : row) stamp = c.order.now - 1;
    c.order.gates.clear();
    c.lock_holder = -1;
    reset(c.shared);
    for (Memory& group : c.groups) reset(group);
  }
  CoreState& state = c.cores[(size_t)core.in_cluster];
  reset(state.lm);
  // A group's memory is its active cores' (guide 2.3; InfiniTensor/InfiniLM rms_norm_kernel.xpu has 12 KB a core on 32 cores).
  const int active = (c.cores_launched - group_of(core) + groups_per_cluster - 1) / groups_per_cluster;
  state.lm.usable = cores_per_group * lm_usable_bytes / active / 64 * 64;
  state.copies->list.clear();
  state.copy_count = 0;
  state.shared_dirty = false;
  state.cores = c.cores_launched;
  state.clusters = c.clusters;
  state.arch = c.arch;
  state.last_line = 0;
  core.local = &state;
}

// ---- objects ----------------------------------------------------------------------------------------------------------

namespace {

void* place(Memory& m, const char* name, size_t bytes, size_t align, int line, const char* function) {
  if (align < 4) align = 4;  // owners are told apart by words
  if (lenient() && align < 64) align = 64;
  if (bytes == 0) bytes = 4;  // of an extent that came to nothing
  if (bytes > (size_t)m.usable)
    violation("capacity", line, "%s of %zu bytes: %s has %d", name, bytes, m.space, m.usable);
  const int taken = (m.taken + (int)align - 1) / (int)align * (int)align + (int)bytes;
  if (taken > m.usable || m.object_count == most_objects)
    violation("capacity", line, "%s of %zu bytes does not fit: %d of %d bytes of %s are taken", name, bytes, m.taken, m.usable, m.space);
  int begin = (m.top + (m.object_count > 0 ? gap_bytes : 0) + (int)align - 1) / (int)align * (int)align;
  // An object that asked for no vector alignment does not get it by luck.
  if (align < 64 && begin % 64 == 0) begin += (int)align;
  const int end = begin + (int)bytes;
  memset(m.base + m.top, 0xFF, (size_t)(end - m.top));
  memset(m.shadow + m.top, hears_accesses ? undefined : settled, (size_t)(end - m.top));
  m.objects[m.object_count++] = {name, function, line, begin, (int)bytes, m.taken, m.top};
  m.taken = taken;
  for (int at = begin / 4; at < (end + 3) / 4; at++) m.owner[at] = (uint8_t)m.object_count;
  m.top = end;
  return m.base + begin;
}

// Every core of the cluster, or of the group, comes by the same declaration: the first one makes the object.
void* place_once(Memory& m, const char* name, size_t bytes, size_t align, int line, const char* function) {
  for (int i = 0; i < m.object_count; i++) {
    const Memory::Object& o = m.objects[i];
    if (o.line == line && strcmp(o.name, name) == 0 && (o.function == function || strcmp(o.function, function) == 0)) return m.base + o.begin;
  }
  return place(m, name, bytes, align, line, function);
}

}  // namespace

void require_object(const Memory& m, const void* p, size_t bytes, int line, const char* what) {
  const auto offset = static_cast<const uint8_t*>(p) - m.base;
  if (offset < 0 || offset + (ptrdiff_t)bytes > m.extent) violation("out-of-bounds", line, "%s of %zu bytes at an address that is not %s", what, bytes, m.space);
  const int first = m.owner[offset / 4], last = m.owner[(offset + (ptrdiff_t)bytes - 1) / 4];
  if (first == 0) violation("out-of-bounds", line, "%s of %zu bytes at %s offset %td, where no variable lies", what, bytes, m.space, offset);
  const Memory::Object& o = m.objects[first - 1];
  if (first != last || offset + (ptrdiff_t)bytes > o.begin + o.size)
    violation("out-of-bounds", line, "%s of %zu bytes at offset %td of %s, which has %d", what, bytes, offset - o.begin, o.name, o.size);
}

Memory& memory_of(const void* p, const char* wanted, int line) {
  Cluster& c = cluster();
  if (*wanted == 'L' && owns(here().lm, p)) return here().lm;
  if (*wanted == 'S' && owns(c.shared, p)) return c.shared;
  Memory& group = c.groups[group_of(self())];
  // The group's memory is local memory of its four cores, and LM instructions reach it.
  if (*wanted != 'S' && owns(group, p)) return group;
  const char* actual = gm_owns(p) ? "global memory" : owns(c.shared, p) ? "SM" : owns(here().lm, p) ? "LM" : "another core's or the host's memory";
  violation("wrong-space", line, "an address of %s was used as one of %s", actual, wanted);
}

Memory& chip_memory(const void* p, int line) {
  if (owns(here().lm, p)) return here().lm;
  return memory_of(p, owns(cluster().shared, p) ? "SM" : "GSM", line);
}

// ---- states -------------------------------------------------------------------------------------------------------------

uint64_t bytes_defined(const Memory& m, const uint8_t* p, int bytes, int line) {
  require_object(m, p, (size_t)bytes, line, "vload");
  const uint8_t* s = m.shadow + (p - m.base);
  const bool local = &m == &here().lm;
  if (!local) log_shared(m, p, (size_t)bytes, false, Way::plain, line);
  if (here().copy_count) refuse_in_flight(p, (size_t)bytes, false, line);
  uint64_t defined = 0;
  for (int i = 0; i < bytes; i++) {
    if (local && s[i] == m.fence_code + 1 && !lenient())
      violation("in-flight-read", line, "vload of byte %d, which the scalar unit wrote since the last mfence_lm()", i);
    defined |= (uint64_t)(s[i] != undefined) << i;
  }
  return defined;
}

void vector_written(Memory& m, uint8_t* p, int bytes, uint64_t defined, int lanes, int line) {
  require_object(m, p, (size_t)bytes, line, "vstore");
  if (here().copy_count) refuse_in_flight(p, (size_t)bytes, true, line);
  const bool local = &m == &here().lm;
  if (!local) {
    here().shared_dirty = true;
    log_shared(m, p, (size_t)bytes, true, Way::plain, line);
  }
  const uint8_t code = local ? m.fence_code : settled;
  uint8_t* s = m.shadow + (p - m.base);
  const uint64_t all = bytes == 64 ? ~0ull : (1ull << bytes) - 1;
  Counters& c = counters();
  const int busy = __builtin_popcountll(defined & all) * lanes / bytes;
  c.lanes_busy += (unsigned)busy;
  c.lanes_idle += (unsigned)(lanes - busy);
  if ((defined & all) == all)
    memset(s, code, (size_t)bytes);
  else
    for (int i = 0; i < bytes; i++) s[i] = defined >> i & 1 ? code : undefined;
}

uint64_t gather_word(const uint8_t* p, int line) {
  const Memory& m = memory_of(p, "LM", line);
  require_object(m, p, 4, line, "vgather");
  return bytes_defined(m, p, 4, line);
}

namespace {

// Under the cluster's lock the cores are in turn.
Way way_now() { return cluster().lock_holder == self().in_cluster ? Way::locked : Way::plain; }

}  // namespace

void scalar_read(const void* p, size_t bytes, int line) {
  Memory& m = chip_memory(p, line);
  require_object(m, p, bytes, line, "scalar read");
  if (here().copy_count) refuse_in_flight(p, bytes, false, line);
  const bool local = &m == &here().lm;
  if (!local) log_shared(m, p, bytes, false, way_now(), line);
  const uint8_t* s = m.shadow + (static_cast<const uint8_t*>(p) - m.base);
  const bool ordered = !local || lenient();
  for (size_t i = 0; i < bytes; i++) {
    if (s[i] == undefined && !(local && moves_undefined())) violation("uninitialised-read", line, "scalar read of a %s byte that nothing defined", m.space);
    if (!ordered && s[i] == m.fence_code)
      violation("in-flight-read", line, "scalar read of a byte that the vector unit wrote since the last mfence_lm()");
  }
  counters().lane_loop_lanes++;
}

void scalar_written(void* p, size_t bytes, int line) {
  Memory& m = chip_memory(p, line);
  require_object(m, p, bytes, line, "scalar write");
  if (here().copy_count) refuse_in_flight(p, bytes, true, line);
  const bool local = &m == &here().lm;
  if (!local) {
    here().shared_dirty = true;
    log_shared(m, p, bytes, true, way_now(), line);
  }
  memset(m.shadow + (static_cast<uint8_t*>(p) - m.base), local ? m.fence_code + 1 : settled, bytes);
}

void local_pointer(const void* p, const char* name, int line) {
  const char* where = gm_owns(p) ? "global memory" : owns(cluster().shared, p) ? "shared memory" : nullptr;
  if (where)
    violation("wrong-space", line, "%s is a pointer without a qualifier, which in a __device__ function points into local memory, and is given an address of %s", name, where);
}

void global_pointer(const void* p, const char* name, int line) {
  if (on_chip_address(p) || on_core_stack(p)) violation("wrong-space", line, "%s points into global memory and is given an address on the chip", name);
}

void shared_pointer(const void* p, const char* name, int line) {
  const char* where = gm_owns(p) ? "global memory" : owns(here().lm, p) || on_core_stack(p) ? "local memory" : nullptr;
  if (where) violation("wrong-space", line, "%s points into memory that cores share and is given an address of %s", name, where);
}

void refuse_undefined_lane(int lane, int line) {
  violation("uninitialised-read", line, "lane %d of a register is taken, and nothing defined it", lane);
}

void require_lane(int lane, int count, uint64_t defined_bytes, int lane_bytes) {
  const int line = here().last_line;
  if (lane < 0 || lane >= count) violation("out-of-bounds", line, "lane %d of a register of %d", lane, count);
  const uint64_t bytes = (1ull << lane_bytes) - 1;
  if ((defined_bytes >> (lane * lane_bytes) & bytes) != bytes) refuse_undefined_lane(lane, line);
}

}  // namespace xpu

void* chip_object(const char* space, const char* name, size_t bytes, size_t align, int line, const char* function) {
  using namespace xpu;
  here().last_line = line;
  if (*space == 'l') return place(here().lm, name, bytes, align, line, function);
  if (*space == 's') return place_once(cluster().shared, name, bytes, align, line, function);
  return place_once(cluster().groups[group_of(self())], name, bytes, align, line, function);
}

// The end of an object's scope: the last one placed gives its bytes back.
void off_chip(const void* p) {
  using namespace xpu;
  Memory& m = here().lm;
  if (m.object_count == 0) return;
  const Memory::Object& last = m.objects[m.object_count - 1];
  if (m.base + last.begin != p) return;
  const int words = (last.begin + last.size + 3) / 4;
  memset(m.owner + last.begin / 4, 0, (size_t)(words - last.begin / 4));
  memset(m.shadow + last.begin, 0, (size_t)last.size);
  m.top = last.top_before;
  m.taken = last.taken_before;
  m.object_count--;
}

}  // namespace twin
