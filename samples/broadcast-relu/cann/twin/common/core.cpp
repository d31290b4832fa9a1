// The shared half of the twins: see core.h for what each part promises.
#include "core.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fiber.h"

namespace twin {

namespace {

struct Allocation {
  size_t bytes;
  void* block;                        // with its guards
  std::unique_ptr<uint8_t[]> shadow;  // one byte a byte: written since allocated
};

constexpr size_t guard_bytes = 256;
constexpr uint8_t poison = 0xA5, canary = 0xC3;

struct Interval {
  uintptr_t begin, end;
  int core, cluster, epoch, line;
  bool write;
};

struct RunningCore {
  Core core;
  Fiber fiber;
  int epoch = 0;
  int waiting_key = -1;
  bool started = false, ended = false;
};

struct State {
  std::map<uintptr_t, Allocation> live;
  std::map<uintptr_t, size_t> freed;
  const Launch* launch = nullptr;
  RunningCore* running = nullptr;
  std::vector<Interval> races;
  Counters totals{};
  std::map<std::string, Counters> by_kernel;
  std::string rejection;
};

// Never destroyed: what a program does at its exit (a search for leaks) still finds it.
State& state() {
  static State* const s = new State;
  return *s;
}

std::string escaped(const char* text) {
  std::string out;
  for (const char* c = text; *c; ++c) {
    if (*c == '"' || *c == '\\') out += '\\';
    if ((unsigned char)*c >= 0x20) out += *c;
  }
  return out;
}

}  // namespace

// ---- violations -------------------------------------------------------------------------------------------------

void violation(const char* rule, int line, const char* format, ...) {
  char detail[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(detail, sizeof detail, format, args);
  va_end(args);
  const State& s = state();
  fflush(stdout);
  fprintf(stderr, "{\"violation\":\"%s\",\"kernel\":\"%s\",\"line\":%d,\"core\":%d,\"detail\":\"%s\"}\n", rule, escaped(kernel_name()).c_str(), line,
          s.running ? s.running->core.index : -1, escaped(detail).c_str());
  fflush(stderr);
  _exit(86);
}

// ---- device memory ----------------------------------------------------------------------------------------------

void* gm_alloc(size_t bytes, size_t align) {
  const size_t alignment = std::max<size_t>(align, guard_bytes);
  const size_t body = (bytes + alignment - 1) / alignment * alignment;
  void* block = nullptr;
  if (posix_memalign(&block, alignment, body + alignment + guard_bytes) != 0) return nullptr;
  uint8_t* p = static_cast<uint8_t*>(block) + alignment;
  memset(p - guard_bytes, canary, guard_bytes);
  memset(p, poison, bytes);
  memset(p + bytes, canary, guard_bytes);
  const auto at = reinterpret_cast<uintptr_t>(p);
  state().freed.erase(at);
  state().live[at] = {bytes, block, std::unique_ptr<uint8_t[]>(new uint8_t[bytes + 1]())};
  return p;
}

void gm_free(void* p) {
  if (!p) return;
  State& s = state();
  const auto found = s.live.find(reinterpret_cast<uintptr_t>(p));
  if (found == s.live.end()) violation("use-after-free", 0, "release of %p, which is not a live allocation", p);
  const Allocation& a = found->second;
  const uint8_t* bytes = static_cast<const uint8_t*>(p);
  for (size_t i = 0; i < guard_bytes; ++i)
    if (bytes[-1 - (ptrdiff_t)i] != canary || bytes[a.bytes + i] != canary)
      violation("out-of-bounds", 0, "bytes around an allocation of %zu were overwritten", a.bytes);
  s.freed[found->first] = a.bytes;
  free(a.block);
  s.live.erase(found);
}

namespace {

std::pair<const uintptr_t, Allocation>* owner_of(uintptr_t at) {
  auto& live = state().live;
  auto next = live.upper_bound(at);
  if (next == live.begin()) return nullptr;
  --next;
  return at < next->first + std::max<size_t>(next->second.bytes, 1) ? &*next : nullptr;
}

// The allocation that holds the whole range, or a violation that says what the range hit instead.
std::pair<const uintptr_t, Allocation>& require(const void* p, size_t bytes, int line, const char* what) {
  const auto at = reinterpret_cast<uintptr_t>(p);
  auto* owner = owner_of(at);
  if (!owner) {
    const State& s = state();
    auto next = s.freed.upper_bound(at);
    if (next != s.freed.begin() && at < (--next)->first + next->second) violation("use-after-free", line, "%s of %zu bytes of released device memory", what, bytes);
    violation("out-of-bounds", line, "%s of %zu bytes at %p, which is not device memory", what, bytes, p);
  }
  const size_t offset = at - owner->first;
  if (offset + bytes > owner->second.bytes)
    violation("out-of-bounds", line, "%s of %zu bytes at offset %zu of an allocation of %zu", what, bytes, offset, owner->second.bytes);
  return *owner;
}

}  // namespace

bool gm_owns(const void* p) { return owner_of(reinterpret_cast<uintptr_t>(p)) != nullptr; }

void gm_read(const void* p, size_t bytes, int line) {
  if (bytes == 0) return;
  auto& owner = require(p, bytes, line, "read");
  const size_t offset = reinterpret_cast<uintptr_t>(p) - owner.first;
  if (const void* hole = memchr(owner.second.shadow.get() + offset, 0, bytes))
    violation("uninitialised-read", line, "device memory byte %td of %zu read before it was written",
              static_cast<const uint8_t*>(hole) - owner.second.shadow.get() - (ptrdiff_t)offset, bytes);
  race_log(p, bytes, false, false, line);
}

void gm_write(void* p, size_t bytes, int line) {
  if (bytes == 0) return;
  auto& owner = require(p, bytes, line, "write");
  memset(owner.second.shadow.get() + (reinterpret_cast<uintptr_t>(p) - owner.first), 1, bytes);
  race_log(p, bytes, true, false, line);
}

void gm_touch(const void* p, size_t bytes, int line, const char* what) {
  if (bytes > 0) require(p, bytes, line, what);
}

size_t gm_live() {
  size_t sum = 0;
  for (const auto& [at, a] : state().live) sum += a.bytes;
  return sum;
}

// ---- cores --------------------------------------------------------------------------------------------------------

Core& self() {
  if (!state().running) violation("wrong-space", 0, "a kernel function was called outside a launch");
  return state().running->core;
}

bool in_kernel() { return state().running != nullptr; }

bool on_core_stack(const void* p) { return state().running && state().running->fiber.holds(p); }

const char* kernel_name() { return state().launch ? state().launch->kernel : ""; }

namespace {

void sweep_races(const Launch& launch);

void core_main(void* argument) {
  RunningCore& me = *static_cast<RunningCore*>(argument);
  const Launch& launch = *state().launch;
  launch.entry(launch.argument);
  if (launch.core_end) launch.core_end(me.core);
  me.ended = true;
  // Returning switches back to the scheduler.
}

void resume(RunningCore& core, const Launch& launch) {
  State& s = state();
  s.running = &core;
  if (!core.started) {
    core.started = true;
    if (launch.core_begin) launch.core_begin(core.core);
    core.fiber.start(core_main, &core);
  } else {
    core.fiber.resume();
  }
  s.running = nullptr;
  if (core.ended) core.fiber.recycle();
}

// A cluster's cores run round robin until all have ended; cores without a cluster simply one after the other.
void run_cluster(std::vector<RunningCore>& cores, const Launch& launch) {
  for (size_t left = cores.size(); left > 0;) {
    bool moved = false;
    for (RunningCore& core : cores) {
      if (core.ended || core.waiting_key >= 0) continue;
      resume(core, launch);
      moved = true;
      if (core.ended) --left;
    }
    if (!moved) {
      size_t ended = 0;
      for (const RunningCore& core : cores) ended += core.ended;
      violation("divergent-barrier", 0, "%zu cores wait at a barrier that the others never reach (%zu of %zu have returned)", left, ended, cores.size());
    }
  }
}

std::vector<RunningCore>* current_cluster = nullptr;

}  // namespace

void launch(const Launch& launch) {
  State& s = state();
  if (s.launch) violation("wrong-space", 0, "a launch inside a kernel");
  s.launch = &launch;
  s.races.clear();
  const Counters before = s.totals;
  const int per_cluster = std::max(launch.per_cluster, 1);
  for (int first = 0; first < launch.cores; first += per_cluster) {
    std::vector<RunningCore> cores(std::min(per_cluster, launch.cores - first));
    for (size_t i = 0; i < cores.size(); ++i) cores[i].core = {first + (int)i, first / per_cluster, (int)i, launch.kind, nullptr};
    current_cluster = &cores;
    run_cluster(cores, launch);
  }
  current_cluster = nullptr;
  sweep_races(launch);
  ++s.totals.launches;
  // Per-kernel figures are differences of the totals; both are plain arrays of 64-bit counts.
  auto* into = reinterpret_cast<uint64_t*>(&s.by_kernel[launch.kernel]);
  const auto* now = reinterpret_cast<const uint64_t*>(&s.totals);
  const auto* then = reinterpret_cast<const uint64_t*>(&before);
  for (size_t i = 0; i < sizeof(Counters) / sizeof(uint64_t); ++i) into[i] += now[i] - then[i];
  s.launch = nullptr;
}

void barrier(int key, int participants, int line) {
  State& s = state();
  if (!s.running) violation("wrong-space", line, "a barrier outside a kernel");
  ++s.totals.barriers;
  RunningCore& me = *s.running;
  me.waiting_key = key;
  int arrived = 0;
  for (const RunningCore& core : *current_cluster) arrived += !core.ended && core.waiting_key == key;
  if (arrived > participants) violation("divergent-barrier", line, "%d cores at a barrier for %d", arrived, participants);
  if (arrived == participants) {
    const bool whole = participants == (int)current_cluster->size();
    for (RunningCore& core : *current_cluster) {
      if (core.waiting_key != key) continue;
      core.waiting_key = -1;
      if (whole) ++core.epoch;
    }
    return;
  }
  me.fiber.yield();
}

// ---- races --------------------------------------------------------------------------------------------------------

void race_log(const void* p, size_t bytes, bool write, bool line64, int line) {
  State& s = state();
  if (!s.running || s.launch->cores == 1) return;
  auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  if (line64) {
    begin = begin / 64 * 64;
    end = (end + 63) / 64 * 64;
  }
  const RunningCore& me = *s.running;
  // Neighbouring accesses of one core merge, which keeps streaming kernels short.
  for (size_t i = s.races.size(), tries = 0; i-- > 0 && tries < 4; ++tries) {
    Interval& last = s.races[i];
    if (last.core == me.core.index && last.write == write && last.epoch == me.epoch && begin <= last.end && end >= last.begin) {
      last.begin = std::min(last.begin, begin);
      last.end = std::max(last.end, end);
      return;
    }
  }
  s.races.push_back({begin, end, me.core.index, me.core.cluster, me.epoch, line, write});
}

namespace {

// The two furthest-reaching intervals seen so far that belong to different owners.
struct Furthest {
  const Interval* first = nullptr;
  const Interval* second = nullptr;
  template <class Owner>
  const Interval* other_than(int owner, Owner owner_of) const {
    return first && owner_of(*first) != owner ? first : second;
  }
  template <class Owner>
  void add(const Interval& x, Owner owner_of) {
    if (first && owner_of(*first) == owner_of(x)) {
      if (x.end > first->end) first = &x;
    } else if (!first || x.end > first->end) {
      second = first;
      first = &x;
    } else if (!second || x.end > second->end) {
      second = &x;
    }
  }
};

template <class Owner>
void sweep(const Interval* begin, const Interval* end, Owner owner_of) {
  Furthest any, writes;
  for (const Interval* x = begin; x != end; ++x) {
    const Interval* clash = (x->write ? any : writes).other_than(owner_of(*x), owner_of);
    if (clash && clash->end > x->begin)
      violation("race", x->line, "cores %d and %d %s the same device memory (lines %d and %d) without a barrier between them", clash->core, x->core,
                x->write && clash->write ? "write" : "read and write", clash->line, x->line);
    any.add(*x, owner_of);
    if (x->write) writes.add(*x, owner_of);
  }
}

void sweep_races(const Launch& launch) {
  std::vector<Interval>& log = state().races;
  const auto by_begin = [](const Interval& a, const Interval& b) { return a.begin < b.begin; };
  const auto core_of = [](const Interval& x) { return x.core; };
  if (launch.per_cluster <= 1) {
    std::sort(log.begin(), log.end(), by_begin);
    sweep(log.data(), log.data() + log.size(), core_of);
    return;
  }
  // Clusters are never ordered among themselves; inside one, a full barrier separates epochs.
  std::sort(log.begin(), log.end(), by_begin);
  sweep(log.data(), log.data() + log.size(), [](const Interval& x) { return x.cluster; });
  std::stable_sort(log.begin(), log.end(), [](const Interval& a, const Interval& b) { return std::make_pair(a.cluster, a.epoch) < std::make_pair(b.cluster, b.epoch); });
  for (size_t i = 0, j; i < log.size(); i = j) {
    for (j = i; j < log.size() && log[j].cluster == log[i].cluster && log[j].epoch == log[i].epoch; ++j) {
    }
    sweep(log.data() + i, log.data() + j, core_of);
  }
}

}  // namespace

// ---- scratchpads --------------------------------------------------------------------------------------------------

Scratch* scratch_create(size_t bytes) {
  auto* s = new Scratch{};
  void* base = nullptr;
  if (posix_memalign(&base, 512, bytes + 512) != 0) abort();
  s->base = static_cast<uint8_t*>(base);
  s->size = bytes;
  s->shadow = static_cast<uint8_t*>(malloc(bytes));
  scratch_reset(*s);
  return s;
}

void scratch_reset(Scratch& s) {
  // 0xFF bytes are NaN in every float type, so garbage shows in results even where a check is missing.
  memset(s.base, 0xFF, s.size);
  memset(s.shadow, 0, s.size);
  s.pending_count = 0;
}

void scratch_destroy(Scratch* s) {
  free(s->base);
  free(s->shadow);
  delete s;
}

bool scratch_owns(const Scratch& s, const void* p) {
  const auto* at = static_cast<const uint8_t*>(p);
  return at >= s.base && at < s.base + s.size;
}

namespace {

size_t scratch_offset(const Scratch& s, const void* p, size_t bytes, size_t align, int line, const char* what) {
  const auto* at = static_cast<const uint8_t*>(p);
  if (at < s.base || at + bytes > s.base + s.size)
    violation("out-of-bounds", line, "%s of %zu bytes at scratchpad offset %td of %zu", what, bytes, at - s.base, s.size);
  const size_t offset = at - s.base;
  if (align > 1 && offset % align) violation("misaligned", line, "%s at scratchpad offset %zu, which must be a multiple of %zu", what, offset, align);
  return offset;
}

void refuse_in_flight(const Scratch& s, const void* p, size_t bytes, bool writing, int line) {
  const auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  for (int i = 0; i < s.pending_count; ++i) {
    const Scratch::Pending& copy = s.pending[i];
    if ((writing || copy.write) && begin < copy.end && end > copy.begin)
      violation("in-flight-read", line, "%s scratchpad bytes %zu..%zu while the copy of line %d may still %s them", writing ? "overwrites" : "reads",
                (size_t)(begin - (uintptr_t)s.base), (size_t)(end - (uintptr_t)s.base), copy.line, copy.write ? "write" : "read");
  }
}

}  // namespace

void scratch_read(Scratch& s, const void* p, size_t bytes, size_t align, int line) {
  if (bytes == 0) return;
  const size_t offset = scratch_offset(s, p, bytes, align, line, "read");
  if (s.pending_count) refuse_in_flight(s, p, bytes, false, line);
  if (const void* hole = memchr(s.shadow + offset, 0, bytes))
    violation("uninitialised-read", line, "scratchpad byte %td read before it was written", static_cast<const uint8_t*>(hole) - s.shadow);
}

void scratch_write(Scratch& s, void* p, size_t bytes, size_t align, int line) {
  if (bytes == 0) return;
  const size_t offset = scratch_offset(s, p, bytes, align, line, "write");
  if (s.pending_count) refuse_in_flight(s, p, bytes, true, line);
  memset(s.shadow + offset, 1, bytes);
}

void scratch_in_flight(Scratch& s, const void* p, size_t bytes, bool write, int queue, int line) {
  if (bytes == 0) return;
  if (s.pending_count == (int)(sizeof s.pending / sizeof s.pending[0]))
    violation("dma-rule", line, "%d copies are in flight on one core without a wait", s.pending_count);
  const auto begin = reinterpret_cast<uintptr_t>(p);
  s.pending[s.pending_count++] = {begin, begin + bytes, write, queue, line};
}

void scratch_wait(Scratch& s, unsigned queue_mask) {
  int kept = 0;
  for (int i = 0; i < s.pending_count; ++i)
    if (!(queue_mask >> s.pending[i].queue & 1u)) s.pending[kept++] = s.pending[i];
  s.pending_count = kept;
}

// ---- counters -------------------------------------------------------------------------------------------------------

namespace {

void print_counters(FILE* out, const Counters& c) {
  fprintf(out,
          "{\"dmaBytes\":%llu,\"dmaTransfers\":%llu,\"lanesBusy\":%llu,\"lanesIdle\":%llu,\"laneLoopLanes\":%llu,\"scalarGlobal\":%llu,"
          "\"syncs\":%llu,\"barriers\":%llu,\"libraryCalls\":%llu,\"launches\":%llu}",
          (unsigned long long)c.dma_bytes, (unsigned long long)c.dma_transfers, (unsigned long long)c.lanes_busy, (unsigned long long)c.lanes_idle,
          (unsigned long long)c.lane_loop_lanes, (unsigned long long)c.scalar_global, (unsigned long long)c.syncs, (unsigned long long)c.barriers,
          (unsigned long long)c.library_calls, (unsigned long long)c.launches);
}

void write_profile() {
  const char* path = getenv("PORTOLAN_PROFILE");
  FILE* out = path ? fopen(path, "w") : nullptr;
  if (!out) return;
  fprintf(out, "{\"total\":");
  print_counters(out, state().totals);
  fprintf(out, ",\"kernels\":{");
  const char* comma = "";
  for (const auto& [name, c] : state().by_kernel) {
    fprintf(out, "%s\"%s\":", comma, escaped(name.c_str()).c_str());
    print_counters(out, c);
    comma = ",";
  }
  fprintf(out, "}}\n");
  fclose(out);
}

}  // namespace

Counters& counters() {
  static const int registered = (state(), atexit(write_profile));
  (void)registered;
  return state().totals;
}

int reject(int status, const char* call, const char* format, ...) {
  char detail[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(detail, sizeof detail, format, args);
  va_end(args);
  state().rejection = std::string(call) + ": " + detail;
  return status;
}

void unspecified(const char* call, const char* what) {
  static std::map<std::string, bool> told;
  if (std::exchange(told[std::string(call) + what], true)) return;
  fflush(stdout);
  fprintf(stderr, "{\"unspecified\":\"%s\",\"detail\":\"%s\"}\n", escaped(call).c_str(), escaped(what).c_str());
}

const char* last_rejection() { return state().rejection.c_str(); }

}  // namespace twin
