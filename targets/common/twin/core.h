// What the three twins share: device memory that is not host memory, cores as fibers, violations with a rule and a
// kernel line, the race log, and counters. Several threads may call and launch at once: a launch runs whole on its own
// thread and nothing but device memory is common. A twin's vendor-named headers are thin templates over this.
// Declarations only (stdint/stddef), so that a model compiles in milliseconds.
#pragma once
#include <stddef.h>
#include <stdint.h>

// One version of a function for each vector width, chosen when the program is loaded: before ThreadSanitizer can watch.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define TWIN_CLONES(...) __attribute__((target_clones(__VA_ARGS__, "default")))
#else
#define TWIN_CLONES(...)
#endif

namespace twin {

// ---- violations -------------------------------------------------------------------------------------------------
// Ends the process (exit code 86) after writing one JSON line to stderr:
// {"violation":RULE,"kernel":NAME,"line":N,"core":C,"detail":TEXT}. Rules are kebab-case: "out-of-bounds",
// "misaligned", "uninitialised-read", "in-flight-read", "race", "divergent-barrier", "use-after-free", "leak",
// "capacity", "wrong-space", "wrong-device", "dma-rule", "event", "library-argument".
[[noreturn]] void violation(const char* rule, int line, const char* format, ...) __attribute__((format(printf, 3, 4)));

// Whether PORTOLAN_TWIN, a list with commas, holds a mode's name.
bool mode(const char* name);

// ---- device (global) memory ---------------------------------------------------------------------------------------
// Shared by all threads; a violation "wrong-device" when the calling thread has set another device than the memory's.
int gm_devices();                                         // PORTOLAN_TWIN_DEVICES, by default 1
void gm_use_device(int ordinal);                          // of the calling thread; 0 at first
int gm_device();
// Poisoned, guarded on both sides. Null when the twin's memory is full: PORTOLAN_TWIN_MEMORY in MiB, by default half of
// the machine's.
void* gm_alloc(size_t bytes, size_t align);
void gm_free(void* p);                                    // unknown or twice: violation use-after-free
bool gm_owns(const void* p);
size_t gm_left(const void* p);                            // bytes from p to the end of its allocation; 0: in none
// Whether an access at p is one of device memory, right or wrong: in an allocation, beside one, or where one was.
bool gm_concerns(const void* p);
// Checks that [p, p + bytes) lies in one live allocation, and for reads that it was written before; logs it for the
// race check when a kernel runs.
void gm_read(const void* p, size_t bytes, int line);
void gm_write(void* p, size_t bytes, int line);
// An atomic read and write: of two cores' in one place only another access is a race.
void gm_atomic(void* p, size_t bytes, int line);
// Same without the initialised check (host copies, library calls that may overwrite).
void gm_touch(const void* p, size_t bytes, int line, const char* what);
size_t gm_live();                                         // bytes, for leak checks

// ---- cores --------------------------------------------------------------------------------------------------------
struct Core {
  int index;       // over the launch
  int cluster;
  int in_cluster;
  int kind;        // 0: the ordinary vector core; a second kind of core (cube, memory core) gets its own number
  void* local;     // the twin's own per-core state
};
Core& self();                     // the running core; outside a launch: violation wrong-space
bool in_kernel();
// Whether p lies on the running core's own stack.
bool on_core_stack(const void* p);
const char* kernel_name();

using Entry = void (*)(void* argument);
struct Launch {
  const char* kernel;
  int cores;                       // in all
  int per_cluster;                 // cores of a cluster (1: no clusters)
  int kind;
  Entry entry;
  void* argument;
  void (*core_begin)(Core&);       // fresh scratchpad; may be null
  void (*core_end)(Core&);         // checks nothing is in flight; may be null
  // A cluster's cores may meet in groups of so many, one after the other; 0: in one.
  int per_group = 0;
  bool without_returned = false;   // a barrier that the others wait at opens without cores that have returned
};
// Runs every core: each to its first barrier or its end, clusters in sequence. Deadlock or a core that returned before
// a barrier others wait at: violation divergent-barrier. Then sweeps the race log.
void launch(const Launch&);
// Blocks this core until `participants` cores of the launch called it with the same key. Starts a new race epoch for them.
void barrier(int key, int participants, int line);
// Lets the other cores run: this one waits for something that they do.
void pause(int line);

// ---- races --------------------------------------------------------------------------------------------------------
// Called by gm_read and gm_write; `line64` widens to the 64-byte line (scalar stores through a cache).
void race_log(const void* p, size_t bytes, bool write, bool line64, int line, bool atomic = false);

// ---- scratchpads ----------------------------------------------------------------------------------------------------
// One core's (or cluster's) on-chip memory: bounds, alignment, uninitialised lanes, copies in flight.
struct Scratch {
  uint8_t* base;
  size_t size;
  uint8_t* shadow;      // one byte a byte: 0 undefined, 1 written
  struct Pending { uintptr_t begin, end; bool write; int queue; int line; };
  Pending pending[64];
  int pending_count;
};
Scratch* scratch_create(size_t bytes);     // 512-byte aligned
void scratch_reset(Scratch&);              // poisons, forgets what is in flight
void scratch_destroy(Scratch*);
bool scratch_owns(const Scratch&, const void* p);
// Bounds, defined bytes, and no copy in flight over it. `align` in bytes (1: none).
void scratch_read(Scratch&, const void* p, size_t bytes, size_t align, int line);
void scratch_write(Scratch&, void* p, size_t bytes, size_t align, int line);
void scratch_in_flight(Scratch&, const void* p, size_t bytes, bool write, int queue, int line);   // an asynchronous copy began
void scratch_wait(Scratch&, unsigned queue_mask);                                                  // those queues are drained

// ---- counters -------------------------------------------------------------------------------------------------------
struct Counters {
  uint64_t dma_bytes, dma_transfers, lanes_busy, lanes_idle, lane_loop_lanes, scalar_global, syncs, barriers, library_calls, launches;
};
Counters& counters();             // of the calling thread
// Written as one JSON line to the file named by PORTOLAN_PROFILE when set, at exit: totals and per kernel.

// Reported by library entry points: a call the vendor's library would refuse. Returns the vendor's error code given.
int reject(int status, const char* call, const char* format, ...) __attribute__((format(printf, 3, 4)));
const char* last_rejection();     // of the calling thread
bool any_rejection();             // of any thread, also asked when the process ends: threads' own words are gone by then
// A library call came where the vendor leaves its result open: one line {"unspecified":CALL,"detail":TEXT} on stderr, once a
// call and text. The twin goes on, with a value in place of the result that nobody can take for one.
void unspecified(const char* call, const char* what);

}  // namespace twin
