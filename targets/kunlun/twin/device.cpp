// The chip's side of the twin that kernels do not inline: copies, fences, barriers, launches.
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "xpu/kernel/cluster.h"
#include "xpu/kernel/cluster_simd.h"

namespace twin {
namespace xpu {

// ---- copies in flight -----------------------------------------------------------------------------------------------

void refuse_in_flight(const void* p, size_t bytes, bool writing, int line) {
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (const Copy& c : here().copies->list)
    if ((writing || c.to_chip) && begin < c.chip_end && end > c.chip_begin) {
      if (lenient()) return complete_copies(7, line);
      violation("in-flight-read", line, "%s bytes that the copy of line %d may still %s: mfence() first", writing ? "overwrites" : "reads", c.line,
                c.to_chip ? "write" : "read");
    }
}

void refuse_variable_in_flight(const void* p, size_t bytes, int line) {
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (const Copy& c : here().copies->list)
    if (c.variable && c.to_chip && begin < c.chip_end && end > c.chip_begin) {
      if (lenient()) return complete_copies(7, line);
      violation("in-flight-read", line, "a variable is used that the copy of line %d may still write: mfence() first", c.line);
    }
}

namespace {

bool touches(const Copy& c, const Span& used) {
  if (!used.meets({c.gm_begin, c.gm_end}) || c.rows.empty()) return used.meets({c.gm_begin, c.gm_end});
  for (const Span& row : c.rows)
    if (used.meets(row)) return true;
  return false;
}

}  // namespace

void refuse_gm_in_flight(const void* p, size_t bytes, bool writing, int line) {
  const auto begin = reinterpret_cast<uintptr_t>(p);
  for (const Copy& c : here().copies->list)
    if ((writing || !c.to_chip) && touches(c, {begin, begin + bytes})) {
      if (lenient()) return complete_copies(7, line);
      violation("in-flight-read", line, "%s device memory that the copy of line %d may still %s: mfence() first", writing ? "writes" : "reads", c.line,
                c.to_chip ? "read" : "write");
    }
}

namespace {

constexpr uint8_t arriving = 0xA5;  // what a variable holds until its copy has arrived

void begin_copy(Copy copy) {
  CoreState& core = here();
  std::vector<Copy>& list = core.copies->list;
  // Rows of one tile lie a few bytes apart: they make one entry where both sides go on.
  if (!list.empty() && !copy.variable) {
    Copy& last = list.back();
    if (!last.variable && last.to_chip == copy.to_chip && last.line == copy.line && last.chip_begin < last.chip_end && copy.chip_begin >= last.chip_end &&
        copy.chip_begin <= last.chip_end + 128) {
      if (last.rows.empty()) last.rows.push_back({last.gm_begin, last.gm_end});
      last.rows.push_back({copy.gm_begin, copy.gm_end});
      last.chip_end = copy.chip_end;
      last.gm_begin = last.gm_begin < copy.gm_begin ? last.gm_begin : copy.gm_begin;
      last.gm_end = last.gm_end > copy.gm_end ? last.gm_end : copy.gm_end;
      return;
    }
  }
  list.push_back(static_cast<Copy&&>(copy));
  core.copy_count = (int)list.size();
}

Copy copy_of(const void* chip, const void* gm, int bytes, bool to_chip, int side, int line) {
  const auto c = reinterpret_cast<uintptr_t>(chip), g = reinterpret_cast<uintptr_t>(gm);
  return {c, c + (size_t)bytes, g, g + (size_t)bytes, to_chip, line, side, nullptr, {}, {}};
}

// A variable of the stack has no states: what arrives is put there by the fence, and what leaves must still be there then.
void settle_variable(const Copy& c, int line) {
  const auto* now = static_cast<const uint8_t*>(c.variable);
  for (size_t i = 0; i < c.bytes.size(); i++)
    if (now[i] != (c.to_chip ? arriving : c.bytes[i]) && (c.to_chip || !lenient()))
      violation("in-flight-read", line, "a variable was overwritten while the copy of line %d could still %s it: mfence() first", c.line, c.to_chip ? "write" : "read");
  if (c.to_chip) memcpy(c.variable, c.bytes.data(), c.bytes.size());
}

}  // namespace

// A copy to the chip has passed when its side there has: what arrived was read before. A copy from the chip leaves its source
// free after a fence over that, and has passed after one over global memory.
void complete_copies(int spaces, int line) {
  CoreState& core = here();
  std::vector<Copy>& list = core.copies->list;
  size_t kept = 0;
  for (Copy& c : list) {
    const bool chip = spaces & c.side, passed = c.to_chip ? chip : (spaces & 4) != 0;
    if (c.variable && (chip || passed)) {
      settle_variable(c, line);
      c.variable = nullptr;
    }
    if (passed) continue;
    if (chip) c.chip_end = c.chip_begin;
    if (&list[kept] != &c) list[kept] = static_cast<Copy&&>(c);
    kept++;
  }
  list.resize(kept);
  core.copy_count = (int)kept;
}

namespace {

void fence_local(CoreState& core) {
  Memory& m = core.lm;
  m.fence_code = (uint8_t)(m.fence_code + 2);
  if (m.fence_code < 252) return;
  for (int i = 0; i < m.top; i++)
    if (m.shadow[i] > settled) m.shadow[i] = settled;
  m.fence_code = 2;
}

}  // namespace

void fence(int spaces, int line) {
  CoreState& core = here();
  core.last_line = line;
  counters().syncs++;
  if (spaces & 1) fence_local(core);
  if (spaces & 2) core.shared_dirty = false;
  if (core.copy_count) complete_copies(spaces, line);
}

namespace {

// ---- DMA --------------------------------------------------------------------------------------------------------------

void refuse_unsettled(const Memory& m, const void* p, size_t bytes, int line, const char* what) {
  const uint8_t* s = m.shadow + (static_cast<const uint8_t*>(p) - m.base);
  for (size_t i = 0; i < bytes; i++) {
    if (s[i] == undefined) violation("uninitialised-read", line, "%s byte %zu of %zu, which nothing defined, of %s", what, i, bytes, m.space);
    if (s[i] >= m.fence_code && !lenient())
      violation("in-flight-read", line, "%s byte %zu of %zu, which was written since the last mfence_lm()", what, i, bytes);
  }
}

void count_copy(int bytes, bool async) {
  Counters& c = counters();
  c.dma_bytes += (uint64_t)bytes;
  c.dma_transfers++;
  // A blocking copy of one element is a scalar access in all but name.
  if (!async && bytes <= 8) c.scalar_global++;
}

struct Transfer {
  const char* call;
  char space;  // L, S, G
  bool async;
  int bytes, line;
  int side() const { return space == 'S' ? 2 : 1; }
};

void begin_transfer(const Transfer& t) {
  here().last_line = t.line;
  if (t.bytes <= 0) violation("dma-rule", t.line, "%s of %d bytes", t.call, t.bytes);
  // Copies run in the order in which they were issued, and this one is waited for: code of others counts on it.
  if (!t.async && lenient()) complete_copies(7, t.line);
}

// Bytes that a copy brings. A few behind the end of an allocation are read where that is granted, and nothing defines them.
size_t bytes_there(const void* gm, size_t bytes) {
  constexpr size_t burst = 64;
  const size_t left = lenient() ? gm_left(gm) : bytes;
  return left < bytes && left > 0 && bytes - left < burst ? left : bytes;
}

void copy_in(const Transfer& t, const void* gm, void* chip) {
  begin_transfer(t);
  const auto bytes = (size_t)t.bytes;
  const size_t there = bytes_there(gm, bytes);
  const bool variable = t.space == 'L' && on_core_stack(chip);
  refuse_in_flight(chip, bytes, true, t.line);
  if (!variable) {
    Memory& m = memory_of(chip, t.space == 'L' ? "LM" : t.space == 'S' ? "SM" : "GSM", t.line);
    require_object(m, chip, bytes, t.line, t.call);
    if (&m != &here().lm) {
      // Where that is granted, what lies there already is no change that another core could see.
      const bool same = lenient() && gm_left(gm) >= there && memcmp(chip, gm, there) == 0;
      if (!same) log_shared(m, chip, bytes, true, Way::plain, t.line);
      if (t.async) here().shared_dirty = true;
    }
    uint8_t* const s = m.shadow + (static_cast<uint8_t*>(chip) - m.base);
    memset(s, settled, there);
    memset(s + there, undefined, bytes - there);
    memset(static_cast<uint8_t*>(chip) + there, 0xFF, bytes - there);
  }
  refuse_gm_in_flight(gm, bytes, false, t.line);
  gm_read(gm, variable ? bytes : there, t.line);
  count_copy(t.bytes, t.async);
  Copy copy = copy_of(chip, gm, t.bytes, true, t.side(), t.line);
  if (variable && t.async) {
    const auto* from = static_cast<const uint8_t*>(gm);
    copy.variable = chip;
    copy.bytes.assign(from, from + bytes);
    memset(chip, arriving, bytes);
  } else {
    memcpy(chip, gm, there);
  }
  if (t.async) begin_copy(static_cast<Copy&&>(copy));
}

void copy_out(const Transfer& t, const void* chip, void* gm) {
  begin_transfer(t);
  const auto bytes = (size_t)t.bytes;
  const bool variable = t.space == 'L' && on_core_stack(chip);
  refuse_in_flight(chip, bytes, false, t.line);
  if (!variable) {
    const Memory& m = memory_of(chip, t.space == 'L' ? "LM" : t.space == 'S' ? "SM" : "GSM", t.line);
    require_object(m, chip, bytes, t.line, t.call);
    if (&m != &here().lm) log_shared(m, chip, bytes, false, Way::plain, t.line);
    refuse_unsettled(m, chip, bytes, t.line, "copies out");
  }
  refuse_gm_in_flight(gm, bytes, true, t.line);
  gm_write(gm, bytes, t.line);
  count_copy(t.bytes, t.async);
  memcpy(gm, chip, bytes);
  if (!t.async) return;
  Copy copy = copy_of(chip, gm, t.bytes, false, t.side(), t.line);
  if (variable) {
    const auto* from = static_cast<const uint8_t*>(chip);
    copy.variable = const_cast<void*>(chip);
    copy.bytes.assign(from, from + bytes);
  }
  begin_copy(static_cast<Copy&&>(copy));
}

// ---- launches -----------------------------------------------------------------------------------------------------------

struct Body {
  void (*run)(void*);
  void* body;
};

void core_end(Core& core) {
  auto* state = static_cast<CoreState*>(core.local);
  if (cluster().lock_holder == core.in_cluster) violation("atomic-rule", state->last_line, "the core returned with the cluster's lock taken");
  if (lenient()) complete_copies(7, state->last_line);
  if (state->copy_count > 0)
    violation("dma-rule", state->copies->list[0].line, "the core returned with %d copies in flight: mfence() before the end", state->copy_count);
}

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

}  // namespace xpu

int start_cores(const char* kernel, void (*run)(void*), void* body, int clusters, int cores, int arch) {
  constexpr int invalid_parameter = 707;
  if (clusters < 1 || clusters > xpu::max_clusters || cores < 1 || cores > xpu::cores_per_cluster)
    return reject(invalid_parameter, kernel, "<<<%d, %d>>> wants 1..%d clusters of 1..%d cores", clusters, cores, xpu::max_clusters, xpu::cores_per_cluster);
  xpu::Cluster& c = xpu::cluster();
  c.clusters = clusters;
  c.cores_launched = cores;
  c.arch = arch;
  c.current = -1;
  xpu::Body argument = {run, body};
  Launch l = {};
  l.kernel = kernel;
  l.cores = clusters * cores;
  l.per_cluster = cores;
  l.entry = [](void* b) { static_cast<xpu::Body*>(b)->run(static_cast<xpu::Body*>(b)->body); };
  l.argument = &argument;
  l.core_begin = xpu::begin_core;
  l.core_end = xpu::core_end;
  l.without_returned = xpu::lenient();
  const xpu::Subnormals as_asked;
  launch(l);
  return 0;
}

}  // namespace twin

using namespace twin;
using namespace twin::xpu;

// ---- the kernel's own names ---------------------------------------------------------------------------------------------

#define PTL_TWIN_COPIES(SPACE, LETTER, NAME, ASYNC)                                                                                               \
  void GM2##SPACE##NAME(const void* src, void* dst, int bytes, int line) { copy_in({"GM2" #SPACE #NAME, LETTER, ASYNC, bytes, line}, src, dst); } \
  void SPACE##2GM##NAME(const void* src, void* dst, int bytes, int line) { copy_out({#SPACE "2GM" #NAME, LETTER, ASYNC, bytes, line}, src, dst); }
PTL_TWIN_COPIES(LM, 'L', , false)
PTL_TWIN_COPIES(LM, 'L', _ASYNC, true)
PTL_TWIN_COPIES(SM, 'S', , false)
PTL_TWIN_COPIES(SM, 'S', _ASYNC, true)
PTL_TWIN_COPIES(GSM, 'G', , false)
PTL_TWIN_COPIES(GSM, 'G', _ASYNC, true)

namespace {

void barrier_of(int key, int participants, int line) {
  CoreState& core = here();
  core.last_line = line;
  if (lenient()) fence(7, line);
  if (core.copy_count) violation("dma-rule", line, "a barrier with %d copies in flight: a barrier is no fence", core.copy_count);
  if (core.shared_dirty) violation("in-flight-read", line, "a barrier publishes shared memory that no mfence_sm() completed");
  if (cluster().lock_holder == self().in_cluster) violation("divergent-barrier", line, "a barrier under the cluster's lock: no other core can take it to come here");
  counters().syncs++;
  meet(key, participants, line);
}

// Cores of the launch that belong to the groups of a mask.
int cores_of(int mask16) {
  int count = 0;
  for (int core = 0; core < here().cores; core++) count += mask16 >> (core & 15) & 1;
  return count;
}

}  // namespace

void mfence(int line) { fence(7, line); }
void mfence_lm(int line) { fence(1, line); }
void mfence_sm(int line) { fence(2, line); }
void mfence_gm(int line) { fence(4, line); }
void mfence_lm_sm(int line) { fence(3, line); }
void mfence_lm_gm(int line) { fence(5, line); }
void mfence_sm_gm(int line) { fence(6, line); }
void xpu_mfence(int mask, int line) { fence(mask, line); }

void sync_cluster(int line) { barrier_of(0, here().cores, line); }
void sync_all(int line) { sync_cluster(line); }
void sync_local(int line) { barrier_of(1 + group_of(self()), cores_of(1 << group_of(self())), line); }
void sync_group(int mask16, int line) {
  if (!(mask16 >> group_of(self()) & 1)) violation("divergent-barrier", line, "sync_group(%#x) by a core of group %d, which is not in the mask", mask16, group_of(self()));
  // All groups of the cluster are the cluster's own barrier.
  const int key = (mask16 & 0xffff) == 0xffff ? 0 : 32 + (mask16 & 0xffff);
  barrier_of(key, cores_of(mask16), line);
}
