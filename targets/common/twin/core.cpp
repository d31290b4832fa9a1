// The shared half of the twins: see core.h for what each part promises.
#include "core.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "fiber.h"

namespace twin {

namespace {

struct Allocation {
  size_t bytes;
  int device;                         // that was set when it was made
  void* block;                        // with its guards
  std::unique_ptr<uint8_t[]> shadow;  // one byte a byte: written since allocated
};

constexpr size_t guard_bytes = 256;
constexpr uint8_t poison = 0xA5, canary = 0xC3;

struct Interval {
  uintptr_t begin, end;
  int core, cluster, epoch, group, group_epoch, line;
  bool write, atomic;
};

struct RunningCore {
  Core core;
  Fiber fiber;
  int epoch = 0;
  int group = 0, group_epoch = 0;  // of the cores that meet more often than their cluster does
  int waiting_key = -1;
  int pauses = 0;
  bool started = false, ended = false;
};

// What all threads of the host share: device memory, and the figures of launches that have ended.
struct Process {
  std::mutex mutex;
  std::map<uintptr_t, Allocation> live;
  std::map<uintptr_t, size_t> freed;
  size_t live_bytes = 0;
  std::atomic<uint64_t> generation{1};  // of `live`: what a thread remembers of it holds while this is the same
  Counters totals{};
  std::map<std::string, Counters> by_kernel;
  std::atomic<bool> rejected{false};
};

// Never destroyed: what runs at exit may still ask it.
Process& process() {
  static Process& p = *new Process;
  return p;
}

using Owner = std::pair<const uintptr_t, Allocation>;

// A launch runs whole on the thread that makes it. Two threads may launch at once: none of this is shared.
struct Thread {
  const Launch* launch;
  RunningCore* running;
  std::vector<RunningCore>* cluster;
  int device;
  uint64_t generation;  // of the owners remembered
  Owner* owners[4];
  unsigned next_owner;
  Counters totals;
};
thread_local Thread thread;

void add(Counters& to, const Counters& what) {
  // Plain arrays of 64-bit counts.
  auto* into = reinterpret_cast<uint64_t*>(&to);
  const auto* from = reinterpret_cast<const uint64_t*>(&what);
  for (size_t i = 0; i < sizeof(Counters) / sizeof(uint64_t); ++i) into[i] += from[i];
}

// Kept from launch to launch; when the thread ends, its counts join those of the process.
struct Tally {
  std::vector<Interval> races;
  std::string rejection;
  bool used = false;  // what a thread never touches is never made, and joins nothing

  ~Tally() {
    Process& p = process();
    const std::lock_guard<std::mutex> lock(p.mutex);
    add(p.totals, thread.totals);
  }
};
thread_local Tally tally;

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

bool mode(const char* name) {
  const char* modes = getenv("PORTOLAN_TWIN");
  return modes && ("," + std::string(modes) + ",").find("," + std::string(name) + ",") != std::string::npos;
}

void violation(const char* rule, int line, const char* format, ...) {
  char detail[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(detail, sizeof detail, format, args);
  va_end(args);
  fflush(stdout);
  fprintf(stderr, "{\"violation\":\"%s\",\"kernel\":\"%s\",\"line\":%d,\"core\":%d,\"detail\":\"%s\"}\n", rule, escaped(kernel_name()).c_str(), line,
          thread.running ? thread.running->core.index : -1, escaped(detail).c_str());
  fflush(stderr);
  _exit(86);
}

// ---- device memory ----------------------------------------------------------------------------------------------

namespace {

uint64_t mib_named(const char* variable, uint64_t without) {
  const char* text = getenv(variable);
  return text && *text ? strtoull(text, nullptr, 10) << 20 : without;
}

// A byte of device memory takes two here. The twin has what PORTOLAN_TWIN_MEMORY says in MiB, else half of the machine's.
size_t memory_bytes() {
  static const size_t bytes = mib_named("PORTOLAN_TWIN_MEMORY", (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2);
  return bytes;
}

bool reserve(size_t bytes) {
  Process& p = process();
  const std::lock_guard<std::mutex> lock(p.mutex);
  if (bytes > memory_bytes() || p.live_bytes > memory_bytes() - bytes) return false;
  p.live_bytes += bytes;
  return true;
}

}  // namespace

int gm_devices() {
  static const int count = [] {
    const char* text = getenv("PORTOLAN_TWIN_DEVICES");
    return text ? std::max(1, atoi(text)) : 1;
  }();
  return count;
}
void gm_use_device(int ordinal) { thread.device = ordinal; }
int gm_device() { return thread.device; }

void* gm_alloc(size_t bytes, size_t align) {
  if (!reserve(bytes)) return nullptr;
  const size_t alignment = std::max<size_t>(align, guard_bytes);
  const size_t body = (bytes + alignment - 1) / alignment * alignment;
  void* block = nullptr;
  Process& process = twin::process();
  if (posix_memalign(&block, alignment, body + alignment + guard_bytes) != 0) {
    const std::lock_guard<std::mutex> lock(process.mutex);
    process.live_bytes -= bytes;
    return nullptr;
  }
  uint8_t* p = static_cast<uint8_t*>(block) + alignment;
  memset(p - guard_bytes, canary, guard_bytes);
  memset(p, poison, bytes);
  memset(p + bytes, canary, guard_bytes);
  const auto at = reinterpret_cast<uintptr_t>(p);
  Allocation made{bytes, thread.device, block, std::unique_ptr<uint8_t[]>(new uint8_t[bytes + 1]())};
  const std::lock_guard<std::mutex> lock(process.mutex);
  process.freed.erase(at);
  process.live[at] = std::move(made);
  ++process.generation;
  return p;
}

namespace {

void require_device(const Allocation& a, int line, const char* what) {
  if (a.device != thread.device)
    violation("wrong-device", line, "%s of memory of device %d on a thread that has set device %d", what, a.device, thread.device);
}

}  // namespace

namespace {

// Gives the pages of a released block back, not their addresses: what the host made there next would pass for device memory.
void give_back(void* block, size_t bytes) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)), at = reinterpret_cast<uintptr_t>(block);
  const uintptr_t begin = (at + page - 1) / page * page, end = (at + bytes) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace

void gm_free(void* p) {
  if (!p) return;
  Process& process = twin::process();
  const std::lock_guard<std::mutex> lock(process.mutex);
  const auto found = process.live.find(reinterpret_cast<uintptr_t>(p));
  if (found == process.live.end()) violation("use-after-free", 0, "release of %p, which is not a live allocation", p);
  const Allocation& a = found->second;
  require_device(a, 0, "release");
  const uint8_t* bytes = static_cast<const uint8_t*>(p);
  for (size_t i = 0; i < guard_bytes; ++i)
    if (bytes[-1 - (ptrdiff_t)i] != canary || bytes[a.bytes + i] != canary)
      violation("out-of-bounds", 0, "bytes around an allocation of %zu were overwritten", a.bytes);
  process.freed[found->first] = a.bytes;
  process.live_bytes -= a.bytes;
  give_back(a.block, reinterpret_cast<uintptr_t>(p) + a.bytes + guard_bytes - reinterpret_cast<uintptr_t>(a.block));
  process.live.erase(found);
  ++process.generation;
}

namespace {

bool holds(const Owner& owner, uintptr_t at) { return at >= owner.first && at < owner.first + std::max<size_t>(owner.second.bytes, 1); }

Owner* look_up(uintptr_t at) {
  auto& live = process().live;
  auto next = live.upper_bound(at);
  return next != live.begin() && holds(*--next, at) ? &*next : nullptr;
}

// Kernels work on a few allocations at a time: those are remembered, and no lock is taken for them.
Owner* owner_of(uintptr_t at) {
  Process& p = process();
  if (thread.generation == p.generation.load(std::memory_order_acquire)) {
    for (Owner* owner : thread.owners)
      if (owner && holds(*owner, at)) return owner;
  } else {
    std::fill(std::begin(thread.owners), std::end(thread.owners), nullptr);
  }
  tally.used = true;
  const std::lock_guard<std::mutex> lock(p.mutex);
  thread.generation = p.generation.load(std::memory_order_relaxed);
  Owner* const owner = look_up(at);
  if (owner) thread.owners[thread.next_owner++ % 4] = owner;
  return owner;
}

bool was_freed(uintptr_t at) {
  Process& p = process();
  const std::lock_guard<std::mutex> lock(p.mutex);
  auto next = p.freed.upper_bound(at);
  return next != p.freed.begin() && at < (--next)->first + next->second;
}

// The allocation that holds the whole range, or a violation that says what the range hit instead.
Owner& require(const void* p, size_t bytes, int line, const char* what) {
  const auto at = reinterpret_cast<uintptr_t>(p);
  Owner* owner = owner_of(at);
  if (!owner) {
    if (was_freed(at)) violation("use-after-free", line, "%s of %zu bytes of released device memory", what, bytes);
    violation("out-of-bounds", line, "%s of %zu bytes at %p, which is not device memory", what, bytes, p);
  }
  const size_t offset = at - owner->first;
  if (bytes > owner->second.bytes || offset > owner->second.bytes - bytes)
    violation("out-of-bounds", line, "%s of %zu bytes at offset %zu of an allocation of %zu", what, bytes, offset, owner->second.bytes);
  require_device(owner->second, line, what);
  return *owner;
}

}  // namespace

bool gm_owns(const void* p) { return owner_of(reinterpret_cast<uintptr_t>(p)) != nullptr; }

size_t gm_left(const void* p) {
  const auto at = reinterpret_cast<uintptr_t>(p);
  const Owner* owner = owner_of(at);
  return owner ? owner->first + owner->second.bytes - at : 0;
}

namespace {

// Whether an allocation, with its guards, or one that was, meets the range.
bool meets_memory(uintptr_t begin, uintptr_t end) {
  Process& p = process();
  const std::lock_guard<std::mutex> lock(p.mutex);
  const auto live = p.live.upper_bound(end + guard_bytes);
  if (live != p.live.begin() && std::prev(live)->first + std::prev(live)->second.bytes + guard_bytes > begin) return true;
  const auto freed = p.freed.upper_bound(end);
  return freed != p.freed.begin() && std::prev(freed)->first + std::prev(freed)->second > begin;
}

}  // namespace

bool gm_concerns(const void* p) {
  // Pages of the host's own, which kernels read over and over: their arguments, constants.
  thread_local uintptr_t others[16];
  thread_local uint64_t generation;
  const auto at = reinterpret_cast<uintptr_t>(p), page = at / 4096 + 1;
  const uint64_t current = process().generation.load(std::memory_order_acquire);
  if (generation != current) std::fill(std::begin(others), std::end(others), 0);
  generation = current;
  if (others[page % 16] == page) return false;
  if (owner_of(at)) return true;
  if (meets_memory(at, at)) return true;
  if (!meets_memory((page - 1) * 4096, page * 4096)) others[page % 16] = page;
  return false;
}

namespace {

void require_written(const Owner& owner, const void* p, size_t bytes, int line) {
  const size_t offset = reinterpret_cast<uintptr_t>(p) - owner.first;
  if (const void* hole = memchr(owner.second.shadow.get() + offset, 0, bytes))
    violation("uninitialised-read", line, "device memory byte %td of %zu read before it was written",
              static_cast<const uint8_t*>(hole) - owner.second.shadow.get() - (ptrdiff_t)offset, bytes);
}

}  // namespace

void gm_read(const void* p, size_t bytes, int line) {
  if (bytes == 0) return;
  require_written(require(p, bytes, line, "read"), p, bytes, line);
  race_log(p, bytes, false, false, line);
}

void gm_atomic(void* p, size_t bytes, int line) {
  if (bytes == 0) return;
  require_written(require(p, bytes, line, "atomic operation"), p, bytes, line);
  race_log(p, bytes, true, false, line, true);
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
  Process& p = process();
  const std::lock_guard<std::mutex> lock(p.mutex);
  return p.live_bytes;
}

// ---- cores --------------------------------------------------------------------------------------------------------

Core& self() {
  if (!thread.running) violation("wrong-space", 0, "a kernel function was called outside a launch");
  return thread.running->core;
}

bool in_kernel() { return thread.running != nullptr; }

bool on_core_stack(const void* p) { return thread.running && thread.running->fiber.holds(p); }

const char* kernel_name() { return thread.launch ? thread.launch->kernel : ""; }

namespace {

void sweep_races(const Launch& launch);

void core_main(void* argument) {
  RunningCore& me = *static_cast<RunningCore*>(argument);
  const Launch& launch = *thread.launch;
  launch.entry(launch.argument);
  if (launch.core_end) launch.core_end(me.core);
  me.ended = true;
  // Returning switches back to the scheduler.
}

void resume(RunningCore& core) {
  thread.running = &core;
  if (!core.started) {
    core.started = true;
    core.fiber.start(core_main, &core);
  } else {
    core.fiber.resume();
  }
  thread.running = nullptr;
  if (core.ended) core.fiber.recycle();
}

// Nothing moves: the barrier that all who are left wait at opens, if some have returned.
bool open_barrier(std::vector<RunningCore>& cores) {
  const auto left = std::find_if(cores.begin(), cores.end(), [](const RunningCore& core) { return !core.ended; });
  const int key = left->waiting_key;
  bool returned = false;
  for (const RunningCore& core : cores) {
    if (!core.ended && core.waiting_key != key) return false;
    returned = returned || core.ended;
  }
  if (!returned) return false;
  for (RunningCore& core : cores) {
    core.waiting_key = -1;
    ++core.epoch;
  }
  return true;
}

// A cluster's cores run round robin until all have ended; cores without a cluster simply one after the other.
void run_cluster(std::vector<RunningCore>& cores, const Launch& launch) {
  for (RunningCore& core : cores) {
    if (!launch.core_begin) break;
    thread.running = &core;
    launch.core_begin(core.core);
  }
  thread.running = nullptr;
  for (size_t left = cores.size(); left > 0;) {
    bool moved = false;
    for (RunningCore& core : cores) {
      if (core.ended || core.waiting_key >= 0) continue;
      resume(core);
      moved = true;
      if (core.ended) --left;
    }
    if (!moved && launch.without_returned && open_barrier(cores)) continue;
    if (!moved) {
      size_t ended = 0;
      for (const RunningCore& core : cores) ended += core.ended;
      violation("divergent-barrier", 0, "%zu cores wait at a barrier that the others never reach (%zu of %zu have returned)", left, ended, cores.size());
    }
  }
}

// Per-kernel figures are differences of the thread's totals.
void count_kernel(const char* kernel, const Counters& then, const Counters& now) {
  Counters difference;
  auto* into = reinterpret_cast<uint64_t*>(&difference);
  const auto* after = reinterpret_cast<const uint64_t*>(&now);
  const auto* before = reinterpret_cast<const uint64_t*>(&then);
  for (size_t i = 0; i < sizeof(Counters) / sizeof(uint64_t); ++i) into[i] = after[i] - before[i];
  Process& p = process();
  const std::lock_guard<std::mutex> lock(p.mutex);
  add(p.by_kernel[kernel], difference);
}

}  // namespace

void launch(const Launch& launch) {
  if (thread.launch) violation("wrong-space", 0, "a launch inside a kernel");
  thread.launch = &launch;
  tally.races.clear();
  const Counters before = thread.totals;
  const int per_cluster = std::max(launch.per_cluster, 1);
  for (int first = 0; first < launch.cores; first += per_cluster) {
    std::vector<RunningCore> cores(std::min(per_cluster, launch.cores - first));
    for (size_t i = 0; i < cores.size(); ++i) {
      cores[i].core = {first + (int)i, first / per_cluster, (int)i, launch.kind, nullptr};
      if (launch.per_group) cores[i].group = (int)i / launch.per_group;
    }
    thread.cluster = &cores;
    run_cluster(cores, launch);
  }
  thread.cluster = nullptr;
  sweep_races(launch);
  ++thread.totals.launches;
  count_kernel(launch.kernel, before, thread.totals);
  thread.launch = nullptr;
}

void barrier(int key, int participants, int line) {
  if (!thread.running) violation("wrong-space", line, "a barrier outside a kernel");
  ++thread.totals.barriers;
  RunningCore& me = *thread.running;
  me.waiting_key = key;
  int arrived = 0;
  for (const RunningCore& core : *thread.cluster) arrived += !core.ended && core.waiting_key == key;
  if (arrived > participants) violation("divergent-barrier", line, "%d cores at a barrier for %d", arrived, participants);
  if (arrived == participants) {
    // Whole: it orders all that can still run; cores of another kind have work of their own.
    bool whole = true, whole_group = true;
    for (const RunningCore& core : *thread.cluster) {
      const bool ordered = core.ended || core.waiting_key == key || core.core.kind != me.core.kind;
      whole &= ordered;
      whole_group &= ordered || core.group != me.group;
    }
    for (RunningCore& core : *thread.cluster) {
      if (core.waiting_key == key) core.waiting_key = -1;
      else if (core.core.kind == me.core.kind) continue;
      if (whole) ++core.epoch;
      else if (whole_group && core.group == me.group) ++core.group_epoch;
    }
    return;
  }
  me.fiber.yield();
}

void pause(int line) {
  if (!thread.running) violation("wrong-space", line, "a core waits outside a kernel");
  RunningCore& me = *thread.running;
  if (++me.pauses > 1000000) violation("divergent-barrier", line, "the core waits for something that no other core does");
  me.fiber.yield();
}

// ---- races --------------------------------------------------------------------------------------------------------

void race_log(const void* p, size_t bytes, bool write, bool line64, int line, bool atomic) {
  if (!thread.running || thread.launch->cores == 1) return;
  auto begin = reinterpret_cast<uintptr_t>(p), end = begin + bytes;
  if (line64) {
    begin = begin / 64 * 64;
    end = (end + 63) / 64 * 64;
  }
  const RunningCore& me = *thread.running;
  std::vector<Interval>& races = tally.races;
  // Neighbouring accesses of one core merge, which keeps streaming kernels short.
  for (size_t i = races.size(), tries = 0; i-- > 0 && tries < 4; ++tries) {
    Interval& last = races[i];
    if (last.core == me.core.index && last.write == write && last.atomic == atomic && last.epoch == me.epoch &&
        last.group_epoch == me.group_epoch && begin <= last.end && end >= last.begin) {
      last.begin = std::min(last.begin, begin);
      last.end = std::max(last.end, end);
      return;
    }
  }
  races.push_back({begin, end, me.core.index, me.core.cluster, me.epoch, me.group, me.group_epoch, line, write, atomic});
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
  Furthest any, writes, plain;
  for (const Interval* x = begin; x != end; ++x) {
    const Interval* clash = (x->atomic ? plain : x->write ? any : writes).other_than(owner_of(*x), owner_of);
    if (clash && clash->end > x->begin)
      violation("race", x->line, "cores %d and %d %s the same device memory (lines %d and %d) without a barrier between them", clash->core, x->core,
                x->write && clash->write ? "write" : "read and write", clash->line, x->line);
    any.add(*x, owner_of);
    if (x->write) writes.add(*x, owner_of);
    if (!x->atomic) plain.add(*x, owner_of);
  }
}

// Each part of the log by itself; within a part the order by beginnings stays.
template <class Part, class Owner>
void sweep_parts(std::vector<Interval>& log, Part part_of, Owner owner_of) {
  std::stable_sort(log.begin(), log.end(), [part_of](const Interval& a, const Interval& b) { return part_of(a) < part_of(b); });
  for (size_t i = 0, j; i < log.size(); i = j) {
    for (j = i; j < log.size() && part_of(log[j]) == part_of(log[i]); ++j) {
    }
    sweep(log.data() + i, log.data() + j, owner_of);
  }
}

void sweep_races(const Launch& launch) {
  std::vector<Interval>& log = tally.races;
  const auto by_begin = [](const Interval& a, const Interval& b) { return a.begin < b.begin; };
  const auto core_of = [](const Interval& x) { return x.core; };
  if (launch.per_cluster <= 1) {
    std::sort(log.begin(), log.end(), by_begin);
    sweep(log.data(), log.data() + log.size(), core_of);
    return;
  }
  // Clusters are never ordered among themselves; inside one, a full barrier separates epochs, and inside an epoch of a group
  // its own barriers do.
  std::sort(log.begin(), log.end(), by_begin);
  sweep(log.data(), log.data() + log.size(), [](const Interval& x) { return x.cluster; });
  sweep_parts(log, [](const Interval& x) { return std::make_pair(x.cluster, x.epoch); }, [](const Interval& x) { return x.group; });
  sweep_parts(log, [](const Interval& x) { return std::make_tuple(x.cluster, x.epoch, x.group, x.group_epoch); }, core_of);
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

// At exit the counts of the thread that ends the process have joined the others already.
void write_profile() {
  const char* path = getenv("PORTOLAN_PROFILE");
  FILE* out = path ? fopen(path, "w") : nullptr;
  if (!out) return;
  Process& p = process();
  const std::lock_guard<std::mutex> lock(p.mutex);
  fprintf(out, "{\"total\":");
  print_counters(out, p.totals);
  fprintf(out, ",\"kernels\":{");
  const char* comma = "";
  for (const auto& [name, c] : p.by_kernel) {
    fprintf(out, "%s\"%s\":", comma, escaped(name.c_str()).c_str());
    print_counters(out, c);
    comma = ",";
  }
  fprintf(out, "}}\n");
  fclose(out);
}

const int profile_registered = atexit(write_profile);

}  // namespace

Counters& counters() { return thread.totals; }

int reject(int status, const char* call, const char* format, ...) {
  char detail[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(detail, sizeof detail, format, args);
  va_end(args);
  tally.rejection = std::string(call) + ": " + detail;
  process().rejected = true;
  return status;
}

void unspecified(const char* call, const char* what) {
  static std::mutex mutex;
  thread_local std::map<std::string, bool> told;
  const std::lock_guard<std::mutex> lock(mutex);
  if (std::exchange(told[std::string(call) + what], true)) return;
  fflush(stdout);
  fprintf(stderr, "{\"unspecified\":\"%s\",\"detail\":\"%s\"}\n", escaped(call).c_str(), escaped(what).c_str());
}

const char* last_rejection() { return tally.rejection.c_str(); }
bool any_rejection() { return process().rejected; }

}  // namespace twin
