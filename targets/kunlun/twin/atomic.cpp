// Atomic accesses to shared memory and the cluster's ticket lock (xtdk.h, xtdk_atomic_sm_xpu3.h). A store fails now and then,
// where another core used the word since the last barrier: loops that never look at the answer give wrong numbers here too.
#include <string.h>

#include "cluster.h"
#include "xpu/kernel/xtdk.h"
#include "xpu/kernel/xtdk_atomic_sm_xpu3.h"

using namespace twin;
using namespace twin::xpu;

namespace {

struct Reservation {
  const void* word = nullptr;
  int loads = 0;  // of this word, without a store between
};
Reservation& reservation() {
  thread_local Reservation of_core[cores_per_cluster];
  return of_core[self().in_cluster];
}

// Checks that the word is one of shared memory which something defined.
Memory& atomic_word(const void* p, bool write, int line) {
  here().last_line = line;
  Memory& m = memory_of(p, "SM", line);
  if (reinterpret_cast<uintptr_t>(p) % 4) violation("misaligned", line, "an atomic access is to a whole word of shared memory");
  require_object(m, p, 4, line, "atomic access");
  if (here().copy_count) refuse_in_flight(p, 4, write, line);
  log_shared(m, p, 4, write, Way::atomic, line);
  const uint8_t* s = m.shadow + (static_cast<const uint8_t*>(p) - m.base);
  for (int i = 0; i < 4; i++)
    if (s[i] == undefined) violation("uninitialised-read", line, "an atomic access to shared memory that nothing defined");
  return m;
}

template <class T>
T load(const T* p, int line) {
  atomic_word(p, false, line);
  Reservation& r = reservation();
  r.loads = r.word == p ? r.loads + 1 : 1;
  r.word = p;
  // Someone waits for a word to change: the others run.
  if (r.loads > 64) pause(line);
  return *p;
}

// 0: stored, 1: not.
template <class T>
int store(T* p, T value, int line) {
  Reservation& r = reservation();
  if (r.word != p) violation("atomic-rule", line, "REG2SM_atomic without an SM2REG_atomic of the same word before it: what it would answer is not documented");
  Memory& m = atomic_word(p, true, line);
  r.word = nullptr;
  if (++cluster().tries % 3 == 0) return 1;
  *p = value;
  memset(m.shadow + (reinterpret_cast<const uint8_t*>(p) - m.base), settled, 4);
  here().shared_dirty = true;
  return 0;
}

template <class T>
T add(T* p, T value, int line) {
  atomic_word(p, true, line);
  const T old = *p;
  *p = old + value;
  here().shared_dirty = true;
  return old;
}

}  // namespace

float SM2REG_atomic(const float* p, int line) { return load(p, line); }
int SM2REG_atomic(const int* p, int line) { return load(p, line); }
unsigned SM2REG_atomic(const unsigned* p, int line) { return load(p, line); }
int REG2SM_atomic(float* p, float value, int line) { return store(p, value, line); }
int REG2SM_atomic(int* p, int value, int line) { return store(p, value, line); }
int REG2SM_atomic(unsigned* p, unsigned value, int line) { return store(p, value, line); }

float atomicadd(float* p, float value, int line) { return add(p, value, line); }
int atomicadd(int* p, int value, int line) { return (int)add((unsigned*)p, (unsigned)value, line); }
unsigned atomicadd(unsigned* p, unsigned value, int line) { return add(p, value, line); }

void ticket_lock_mix(int line) {
  here().last_line = line;
  Cluster& c = cluster();
  if (c.lock_holder == self().in_cluster) violation("atomic-rule", line, "the core holds the cluster's lock already: it waits for itself");
  while (c.lock_holder >= 0) pause(line);
  c.lock_holder = self().in_cluster;
}

void ticket_unlock_mix(int line) {
  here().last_line = line;
  Cluster& c = cluster();
  if (c.lock_holder != self().in_cluster) violation("atomic-rule", line, "the cluster's lock is given back by a core that does not hold it");
  if (here().shared_dirty && !lenient()) violation("in-flight-read", line, "the lock passes on shared memory that no mfence_sm() completed");
  c.lock_holder = -1;
}
