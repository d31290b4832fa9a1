// The chip's side of the twin that kernels do not inline: memories, fences, barriers, DMA, launches.
#include <stdlib.h>
#include <string.h>

#include <vector>

#include "xpu/kernel/cluster.h"
#include "xpu/kernel/cluster_simd.h"

namespace twin {
namespace xpu {
namespace {

struct Word {
  int16_t writer, reader;  // core + 1; 0 nobody, -1 several readers
  uint32_t write_epoch, read_epoch;
};

// The memories of the cluster that runs; a launch's clusters run one after the other on its thread, so one set serves all.
struct Cluster {
  std::vector<CoreState> cores = std::vector<CoreState>(cores_per_cluster);
  Memory shared = {};
  Memory groups[16] = {};
  std::vector<Word> shared_words = std::vector<Word>(sm_bytes / 4);
  uint32_t epoch = 1;
  int clusters = 0, cores_launched = 0;
  int current = -1;  // cluster whose memories these are
  int arrived = 0;   // cores at the barrier of the whole cluster
  Cluster();
  ~Cluster();
};

// Between two objects: more than one vector, so that the next one past an end meets no neighbour.
constexpr int gap_bytes = 128;
constexpr int most_objects = (int)(sizeof Memory::objects / sizeof(Memory::Object));

void create(Memory& m, const char* space, int usable) {
  m.extent = (usable + most_objects * (gap_bytes + 64) + 63) / 64 * 64;
  m.bytes = scratch_create((size_t)m.extent);
  m.owner = static_cast<uint8_t*>(calloc((size_t)m.extent / 4, 1));
  m.space = space;
  m.usable = usable;
  m.fence_code = 2;
}

void reset(Memory& m) {
  if (m.top > 0) {
    memset(m.bytes->base, 0xFF, (size_t)m.top);
    memset(m.bytes->shadow, 0, (size_t)m.top);
    memset(m.owner, 0, (size_t)(m.top + 3) / 4);
  }
  m.top = 0;
  m.taken = 0;
  m.object_count = 0;
  m.fence_code = 2;
}

void destroy(Memory& m) {
  scratch_destroy(m.bytes);
  free(m.owner);
}

Cluster::Cluster() {
  for (CoreState& core : cores) create(core.lm, "LM", lm_usable_bytes);
  create(shared, "SM", sm_bytes);
  for (Memory& group : groups) create(group, "GSM", group_bytes - 4 * 1024);
}

Cluster::~Cluster() {
  for (CoreState& core : cores) destroy(core.lm);
  destroy(shared);
  for (Memory& group : groups) destroy(group);
}

thread_local Cluster* of_thread = nullptr;

Cluster* make_cluster() {
  thread_local Cluster c;
  return &c;
}

// Asked at every access: a plain pointer is quicker than an object whose making must be checked.
Cluster& cluster() {
  if (!of_thread) of_thread = make_cluster();
  return *of_thread;
}

bool owns(const Memory& m, const void* p) { return scratch_owns(*m.bytes, p); }

int group_of(const Core& core) { return core.in_cluster & 15; }

// ---- objects ----------------------------------------------------------------------------------------------------------

void* place(Memory& m, const char* name, size_t bytes, size_t align, int line) {
  for (int i = 0; i < m.object_count; i++)
    if (m.objects[i].line == line && strcmp(m.objects[i].name, name) == 0) return m.bytes->base + m.objects[i].begin;
  if (align < 4) align = 4;  // owners are told apart by words
  const int taken = (m.taken + (int)align - 1) / (int)align * (int)align + (int)bytes;
  if (taken > m.usable || m.object_count == most_objects)
    violation("capacity", line, "%s of %zu bytes does not fit: %d of %d bytes of %s are taken", name, bytes, m.taken, m.usable, m.space);
  int begin = (m.top + (m.object_count > 0 ? gap_bytes : 0) + (int)align - 1) / (int)align * (int)align;
  // An object that asked for no vector alignment does not get it by luck.
  if (align < 64 && begin % 64 == 0) begin += (int)align;
  const int end = begin + (int)bytes;
  memset(m.bytes->base + m.top, 0xFF, (size_t)(end - m.top));
  memset(m.bytes->shadow + m.top, 0, (size_t)(end - m.top));
  m.objects[m.object_count++] = {name, line, begin, (int)bytes, m.taken};
  m.taken = taken;
  for (int at = begin / 4; at < (end + 3) / 4; at++) m.owner[at] = (uint8_t)m.object_count;
  m.top = end;
  return m.bytes->base + begin;
}

// The bytes lie in one object, or a violation that names the neighbour.
void require_object(const Memory& m, const void* p, size_t bytes, int line, const char* what) {
  const auto offset = static_cast<const uint8_t*>(p) - m.bytes->base;
  if (offset < 0 || offset + (ptrdiff_t)bytes > m.extent) violation("out-of-bounds", line, "%s of %zu bytes at an address that is not %s", what, bytes, m.space);
  const int first = m.owner[offset / 4], last = m.owner[(offset + (ptrdiff_t)bytes - 1) / 4];
  if (first == 0) violation("out-of-bounds", line, "%s of %zu bytes at %s offset %td, where no variable lies", what, bytes, m.space, offset);
  const Memory::Object& o = m.objects[first - 1];
  if (first != last || offset + (ptrdiff_t)bytes > o.begin + o.size)
    violation("out-of-bounds", line, "%s of %zu bytes at offset %td of %s, which has %d", what, bytes, offset - o.begin, o.name, o.size);
}

// ---- copies in flight -----------------------------------------------------------------------------------------------

void refuse_in_flight(const void* p, size_t bytes, bool writing, int line) {
  const CoreState& core = here();
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (int i = 0; i < core.copy_count; i++) {
    const Copy& c = core.copies[i];
    if ((writing || c.to_chip) && begin < c.chip_end && end > c.chip_begin)
      violation("in-flight-read", line, "%s bytes that the copy of line %d may still %s: mfence() first", writing ? "overwrites" : "reads", c.line,
                c.to_chip ? "write" : "read");
  }
}

void refuse_gm_in_flight(const void* p, size_t bytes, bool writing, int line) {
  const CoreState& core = here();
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (int i = 0; i < core.copy_count; i++) {
    const Copy& c = core.copies[i];
    if ((writing || !c.to_chip) && begin < c.gm_end && end > c.gm_begin)
      violation("in-flight-read", line, "%s device memory that the copy of line %d may still %s: mfence() first", writing ? "writes" : "reads", c.line,
                c.to_chip ? "read" : "write");
  }
}

void begin_copy(const void* chip, const void* gm, size_t bytes, bool to_chip, int line) {
  CoreState& core = here();
  const auto c = reinterpret_cast<uintptr_t>(chip), g = reinterpret_cast<uintptr_t>(gm);
  // Rows of one tile lie a few bytes apart: they make one entry where both sides go on.
  if (core.copy_count > 0) {
    Copy& last = core.copies[core.copy_count - 1];
    if (last.to_chip == to_chip && last.line == line && c >= last.chip_end && c <= last.chip_end + 128) {
      last.chip_end = c + bytes;
      last.gm_begin = last.gm_begin < g ? last.gm_begin : g;
      last.gm_end = last.gm_end > g + bytes ? last.gm_end : g + bytes;
      return;
    }
  }
  if (core.copy_count == (int)(sizeof core.copies / sizeof core.copies[0]))
    violation("dma-rule", line, "%d copies are in flight on one core without a fence", core.copy_count);
  core.copies[core.copy_count++] = {c, c + bytes, g, g + bytes, to_chip, line};
}

// ---- shared memory between cores ----------------------------------------------------------------------------------------

void log_shared(const void* p, size_t bytes, bool write, int line) {
  Cluster& c = cluster();
  const auto offset = static_cast<const uint8_t*>(p) - c.shared.bytes->base;
  const auto me = (int16_t)(self().in_cluster + 1);
  for (size_t w = (size_t)offset / 4; w < ((size_t)offset + bytes + 3) / 4; w++) {
    Word& word = c.shared_words[w];
    const bool written = word.write_epoch == c.epoch && word.writer != me;
    const bool read = word.read_epoch == c.epoch && word.reader != me;
    if (written || (write && read))
      violation("race", line, "core %d %s shared memory that core %d %s without a barrier between them", me - 1, write ? "writes" : "reads",
                written ? word.writer - 1 : word.reader - 1, written ? "wrote" : "read");
    if (write) {
      word.writer = me;
      word.write_epoch = c.epoch;
    } else {
      word.reader = word.read_epoch == c.epoch && word.reader != me ? (int16_t)-1 : me;
      word.read_epoch = c.epoch;
    }
  }
}

void fence_local(CoreState& core) {
  Memory& m = core.lm;
  m.fence_code = (uint8_t)(m.fence_code + 2);
  if (m.fence_code < 252) return;
  for (int i = 0; i < m.top; i++)
    if (m.bytes->shadow[i] > settled) m.bytes->shadow[i] = settled;
  m.fence_code = 2;
}

void refuse_unsettled(const Memory& m, const void* p, size_t bytes, int line, const char* what) {
  const uint8_t* s = m.bytes->shadow + (static_cast<const uint8_t*>(p) - m.bytes->base);
  for (size_t i = 0; i < bytes; i++) {
    if (s[i] == undefined) violation("uninitialised-read", line, "%s byte %zu of %zu, which nothing defined, of %s", what, i, bytes, m.space);
    if (s[i] >= m.fence_code)
      violation("in-flight-read", line, "%s byte %zu of %zu, which was written since the last mfence_lm()", what, i, bytes);
  }
}

// ---- DMA --------------------------------------------------------------------------------------------------------------

void copy_checks(const Memory& m, const char* call, const void* chip, int bytes, bool to_chip, int line) {
  if (bytes <= 0) violation("dma-rule", line, "%s of %d bytes", call, bytes);
  require_object(m, chip, (size_t)bytes, line, call);
  refuse_in_flight(chip, (size_t)bytes, to_chip, line);
  if (!to_chip) refuse_unsettled(m, chip, (size_t)bytes, line, "copies out");
}

void count_copy(int bytes, bool async) {
  Counters& c = counters();
  c.dma_bytes += (uint64_t)bytes;
  c.dma_transfers++;
  // A blocking copy of one element is a scalar access in all but name.
  if (!async && bytes <= 8) c.scalar_global++;
}

void copy_in(const char* call, Memory& m, const void* gm, void* chip, int bytes, bool async, int line) {
  copy_checks(m, call, chip, bytes, true, line);
  refuse_gm_in_flight(gm, (size_t)bytes, false, line);
  gm_read(gm, (size_t)bytes, line);
  memcpy(chip, gm, (size_t)bytes);
  memset(m.bytes->shadow + (static_cast<uint8_t*>(chip) - m.bytes->base), settled, (size_t)bytes);
  if (async) begin_copy(chip, gm, (size_t)bytes, true, line);
  count_copy(bytes, async);
}

void copy_out(const char* call, const Memory& m, const void* chip, void* gm, int bytes, bool async, int line) {
  copy_checks(m, call, chip, bytes, false, line);
  refuse_gm_in_flight(gm, (size_t)bytes, true, line);
  gm_write(gm, (size_t)bytes, line);
  memcpy(gm, chip, (size_t)bytes);
  if (async) begin_copy(chip, gm, (size_t)bytes, false, line);
  count_copy(bytes, async);
}

// The far side of a copy is a variable on the core's stack, which lies in LM too; the compiler keeps its bytes.
void stack_in(const char* call, const void* gm, void* chip, int bytes, int line) {
  if (bytes <= 0) violation("dma-rule", line, "%s of %d bytes", call, bytes);
  refuse_gm_in_flight(gm, (size_t)bytes, false, line);
  gm_read(gm, (size_t)bytes, line);
  memcpy(chip, gm, (size_t)bytes);
  count_copy(bytes, false);
}

void stack_out(const char* call, const void* chip, void* gm, int bytes, int line) {
  if (bytes <= 0) violation("dma-rule", line, "%s of %d bytes", call, bytes);
  refuse_gm_in_flight(gm, (size_t)bytes, true, line);
  gm_write(gm, (size_t)bytes, line);
  memcpy(gm, chip, (size_t)bytes);
  count_copy(bytes, false);
}

void local_in(const char* call, const void* gm, void* chip, int bytes, bool async, int line) {
  if (on_core_stack(chip)) {
    if (async) violation("dma-rule", line, "%s into a variable on the stack: only the blocking form is modelled there", call);
    return stack_in(call, gm, chip, bytes, line);
  }
  copy_in(call, memory_of(chip, "LM", line), gm, chip, bytes, async, line);
}

void local_out(const char* call, const void* chip, void* gm, int bytes, bool async, int line) {
  if (on_core_stack(chip)) {
    if (async) violation("dma-rule", line, "%s from a variable on the stack: only the blocking form is modelled there", call);
    return stack_out(call, chip, gm, bytes, line);
  }
  copy_out(call, memory_of(chip, "LM", line), chip, gm, bytes, async, line);
}

void shared_in(const char* call, const void* gm, void* chip, int bytes, bool async, int line) {
  Memory& m = memory_of(chip, "SM", line);
  if (bytes > 0) log_shared(chip, (size_t)bytes, true, line);
  here().shared_dirty = true;
  copy_in(call, m, gm, chip, bytes, async, line);
}

void shared_out(const char* call, const void* chip, void* gm, int bytes, bool async, int line) {
  const Memory& m = memory_of(chip, "SM", line);
  if (bytes > 0) log_shared(chip, (size_t)bytes, false, line);
  copy_out(call, m, chip, gm, bytes, async, line);
}

// ---- launches -----------------------------------------------------------------------------------------------------------

struct Body {
  void (*run)(void*);
  void* body;
};

void core_begin(Core& core) {
  Cluster& c = cluster();
  if (c.current != core.cluster) {
    c.current = core.cluster;
    c.epoch++;
    reset(c.shared);
    for (Memory& group : c.groups) reset(group);
  }
  CoreState& state = c.cores[(size_t)core.in_cluster];
  reset(state.lm);
  state.copy_count = 0;
  state.shared_dirty = false;
  state.cores = c.cores_launched;
  state.clusters = c.clusters;
  core.local = &state;
}

void core_end(Core& core) {
  const auto* state = static_cast<const CoreState*>(core.local);
  if (state->copy_count > 0) violation("dma-rule", state->copies[0].line, "the core returned with %d copies in flight: mfence() before the end", state->copy_count);
}

}  // namespace

Memory& memory_of(const void* p, const char* wanted, int line) {
  Cluster& c = cluster();
  if (*wanted == 'L' && owns(here().lm, p)) return here().lm;
  if (*wanted == 'S' && owns(c.shared, p)) return c.shared;
  if (*wanted == 'G' && owns(c.groups[group_of(self())], p)) return c.groups[group_of(self())];
  const char* actual = gm_owns(p) ? "global memory" : owns(c.shared, p) ? "SM" : owns(here().lm, p) ? "LM" : "another core's or the host's memory";
  violation("wrong-space", line, "an address of %s was used as one of %s", actual, wanted);
}

uint64_t bytes_defined(const Memory& m, const uint8_t* p, int bytes, int line) {
  require_object(m, p, (size_t)bytes, line, "vload");
  const uint8_t* s = m.bytes->shadow + (p - m.bytes->base);
  const bool local = &m == &here().lm;
  if (&m == &cluster().shared) log_shared(p, (size_t)bytes, false, line);
  if (here().copy_count) refuse_in_flight(p, (size_t)bytes, false, line);
  uint64_t defined = 0;
  for (int i = 0; i < bytes; i++) {
    if (local && s[i] == m.fence_code + 1)
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
    if (&m == &cluster().shared) log_shared(p, (size_t)bytes, true, line);
  }
  const uint8_t code = local ? m.fence_code : settled;
  uint8_t* s = m.bytes->shadow + (p - m.bytes->base);
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

Memory& any_memory(const void* p, int line) {
  if (owns(here().lm, p)) return here().lm;
  return memory_of(p, owns(cluster().shared, p) ? "SM" : "GSM", line);
}

}  // namespace

void scalar_read(const void* p, size_t bytes, int line) {
  Memory& m = any_memory(p, line);
  require_object(m, p, bytes, line, "scalar read");
  if (here().copy_count) refuse_in_flight(p, bytes, false, line);
  if (&m == &cluster().shared) log_shared(p, bytes, false, line);
  const uint8_t* s = m.bytes->shadow + (static_cast<const uint8_t*>(p) - m.bytes->base);
  for (size_t i = 0; i < bytes; i++) {
    if (s[i] == undefined) violation("uninitialised-read", line, "scalar read of a %s byte that nothing defined", m.space);
    if (&m == &here().lm && s[i] == m.fence_code)
      violation("in-flight-read", line, "scalar read of a byte that the vector unit wrote since the last mfence_lm()");
  }
  counters().lane_loop_lanes++;
}

void scalar_written(void* p, size_t bytes, int line) {
  Memory& m = any_memory(p, line);
  require_object(m, p, bytes, line, "scalar write");
  if (here().copy_count) refuse_in_flight(p, bytes, true, line);
  const bool local = &m == &here().lm;
  if (!local) here().shared_dirty = true;
  if (&m == &cluster().shared) log_shared(p, bytes, true, line);
  memset(m.bytes->shadow + (static_cast<uint8_t*>(p) - m.bytes->base), local ? m.fence_code + 1 : settled, bytes);
}

void local_pointer(const void* p, const char* name, int line) {
  const char* where = gm_owns(p) ? "global memory" : owns(cluster().shared, p) ? "shared memory" : nullptr;
  if (where)
    violation("wrong-space", line, "%s is a pointer without a qualifier, which in a __device__ function points into local memory, and is given an address of %s", name, where);
}

void global_pointer(const void* p, const char* name, int line) {
  if (owns(here().lm, p) || owns(cluster().shared, p) || on_core_stack(p)) violation("wrong-space", line, "%s points into global memory and is given an address on the chip", name);
}

void refuse_undefined_lane(int lane, int line) {
  violation("uninitialised-read", line, "lane %d of a register is taken, and nothing defined it", lane);
}

}  // namespace xpu

void* on_chip(const char* space, const char* name, size_t bytes, size_t align, int line, const void*) {
  using namespace xpu;
  if (*space == 'l') return place(here().lm, name, bytes, align, line);
  if (*space == 's') return place(cluster().shared, name, bytes, align, line);
  return place(cluster().groups[group_of(self())], name, bytes, align, line);
}

// The end of an object's scope: the last one placed gives its bytes back.
void off_chip(const void* p) {
  using namespace xpu;
  Memory& m = here().lm;
  if (!owns(m, p) || m.object_count == 0) return;
  const Memory::Object& last = m.objects[m.object_count - 1];
  if (m.bytes->base + last.begin != p) return;
  const int words = (last.begin + last.size + 3) / 4;
  memset(m.owner + last.begin / 4, 0, (size_t)(words - last.begin / 4));
  memset(m.bytes->shadow + last.begin, 0, (size_t)last.size);
  m.top = last.begin;
  m.taken = last.taken_before;
  m.object_count--;
  // Gaps are between objects, not before the next one alone.
  if (m.object_count > 0) m.top = m.objects[m.object_count - 1].begin + m.objects[m.object_count - 1].size;
}

namespace {

// No document says whether the units keep numbers below 2^-126: PORTOLAN_FLUSH_SUBNORMALS=1 runs kernels as if they did not.
class Subnormals {
 public:
  Subnormals() : before_(mode()) {
    static const bool flush = getenv("PORTOLAN_FLUSH_SUBNORMALS") && *getenv("PORTOLAN_FLUSH_SUBNORMALS") == '1';
    if (flush) set(before_ | flushing);
  }
  Subnormals(const Subnormals&) = delete;
  ~Subnormals() { set(before_); }

 private:
#if defined(__x86_64__)
  static constexpr uint64_t flushing = 0x8040;
  static uint64_t mode() {
    unsigned word;
    __asm__ __volatile__("stmxcsr %0" : "=m"(word));
    return word;
  }
  static void set(uint64_t mode) {
    const unsigned word = (unsigned)mode;
    __asm__ __volatile__("ldmxcsr %0" : : "m"(word));
  }
#elif defined(__aarch64__)
  static constexpr uint64_t flushing = 1u << 24;
  static uint64_t mode() {
    uint64_t word;
    __asm__ __volatile__("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void set(uint64_t word) { __asm__ __volatile__("msr fpcr, %0" : : "r"(word)); }
#else
  static constexpr uint64_t flushing = 0;
  static uint64_t mode() { return 0; }
  static void set(uint64_t) {}
#endif
  uint64_t before_;
};

}  // namespace

int start_cores(const char* kernel, void (*run)(void*), void* body, int clusters, int cores, void*) {
  constexpr int invalid_parameter = 707;
  if (clusters < 1 || clusters > xpu::max_clusters || cores < 1 || cores > xpu::cores_per_cluster)
    return reject(invalid_parameter, kernel, "<<<%d, %d>>> wants 1..%d clusters of 1..%d cores", clusters, cores, xpu::max_clusters, xpu::cores_per_cluster);
  xpu::Cluster& c = xpu::cluster();
  c.clusters = clusters;
  c.cores_launched = cores;
  c.current = -1;
  xpu::Body argument = {run, body};
  Launch l = {};
  l.kernel = kernel;
  l.cores = clusters * cores;
  l.per_cluster = cores;
  l.entry = [](void* b) { static_cast<xpu::Body*>(b)->run(static_cast<xpu::Body*>(b)->body); };
  l.argument = &argument;
  l.core_begin = xpu::core_begin;
  l.core_end = xpu::core_end;
  const Subnormals as_asked;
  launch(l);
  return 0;
}

}  // namespace twin

using namespace twin;
using namespace twin::xpu;

// ---- the kernel's own names ---------------------------------------------------------------------------------------------

#define PTL_TWIN_LOCAL_DMA(NAME, ASYNC)                                                                                              \
  void GM2LM##NAME(const void* src, void* dst, int bytes, int line) { local_in("GM2LM" #NAME, src, dst, bytes, ASYNC, line); } \
  void LM2GM##NAME(const void* src, void* dst, int bytes, int line) { local_out("LM2GM" #NAME, src, dst, bytes, ASYNC, line); } \
  void GM2SM##NAME(const void* src, void* dst, int bytes, int line) { shared_in("GM2SM" #NAME, src, dst, bytes, ASYNC, line); }       \
  void SM2GM##NAME(const void* src, void* dst, int bytes, int line) { shared_out("SM2GM" #NAME, src, dst, bytes, ASYNC, line); }      \
  void GM2GSM##NAME(const void* src, void* dst, int bytes, int line) { copy_in("GM2GSM" #NAME, memory_of(dst, "GSM", line), src, dst, bytes, ASYNC, line); } \
  void GSM2GM##NAME(const void* src, void* dst, int bytes, int line) { copy_out("GSM2GM" #NAME, memory_of(src, "GSM", line), src, dst, bytes, ASYNC, line); }
PTL_TWIN_LOCAL_DMA(, false)
PTL_TWIN_LOCAL_DMA(_ASYNC, true)

namespace {

// Bits as in __builtin_xpu2_mfence: 1 LM, 2 SM, 4 GM. A copy has passed when both its sides have.
void fence(int spaces) {
  CoreState& core = here();
  counters().syncs++;
  if (spaces & 1) fence_local(core);
  if (spaces & 2) core.shared_dirty = false;
  if ((spaces & 5) == 5) core.copy_count = 0;
}

void barrier_of(int key, int participants, int line) {
  const CoreState& core = here();
  if (core.copy_count) violation("dma-rule", line, "a barrier with %d copies in flight: a barrier is no fence", core.copy_count);
  if (core.shared_dirty) violation("in-flight-read", line, "a barrier publishes shared memory that no mfence_sm() completed");
  counters().syncs++;
  barrier(key, participants, line);
}

}  // namespace

void mfence() { fence(7); }
void mfence_lm() { fence(1); }
void mfence_sm() { fence(2); }
void mfence_gm() { fence(4); }
void mfence_lm_sm() { fence(3); }
void mfence_lm_gm() { fence(5); }
void mfence_sm_gm() { fence(6); }

void sync_cluster(int line) {
  const int cores = here().cores;
  // The last core to arrive returns at once, the others later: the epoch turns when it does.
  Cluster& c = cluster();
  if (++c.arrived == cores) {
    c.arrived = 0;
    c.epoch++;
  }
  barrier_of(0, cores, line);
}
void sync_all(int line) { sync_cluster(line); }
void sync_local(int line) { barrier_of(1 + group_of(self()), 4, line); }
void sync_group(int mask16, int line) { barrier_of(32 + mask16, 4 * __builtin_popcount((unsigned)mask16 & 0xffffu), line); }

// ---- halves -----------------------------------------------------------------------------------------------------------------

namespace twin {
namespace xpu {

float half_to_float(uint16_t h) {
  uint32_t bits = (uint32_t)(h & 0x7fff) << 13;
  float f;
  memcpy(&f, &bits, 4);
  f *= 5.192296858534828e33f;  // 2^112: the difference of the exponent biases
  memcpy(&bits, &f, 4);
  if ((h & 0x7c00) == 0x7c00) bits |= 0x7f800000u;
  bits |= (uint32_t)(h & 0x8000) << 16;
  memcpy(&f, &bits, 4);
  return f;
}

// Nearest, ties to even; beyond 65504 by half a step: infinity.
uint16_t float_to_half(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  const uint32_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return (uint16_t)(sign | 0x7e00);
  if (bits >= 0x47800000) return (uint16_t)(sign | 0x7c00);
  if (bits < 0x38800000) {
    // Subnormal: adding a half lets the float unit round at the right bit.
    float a;
    memcpy(&a, &bits, 4);
    a += 0.5f;
    memcpy(&bits, &a, 4);
    return (uint16_t)(sign | (bits - 0x3f000000));
  }
  bits += 0xfff + (bits >> 13 & 1);
  return (uint16_t)(sign | ((bits - 0x38000000) >> 13));
}

float bfloat_to_float(uint16_t h) {
  const uint32_t wide = (uint32_t)h << 16;
  float f;
  memcpy(&f, &wide, 4);
  return f;
}

uint16_t float_to_bfloat(float f) {
  uint32_t wide;
  memcpy(&wide, &f, 4);
  return f != f ? 0x7fc0 : (uint16_t)((wide + 0x7fff + (wide >> 16 & 1)) >> 16);
}

}  // namespace xpu
}  // namespace twin
