// Races in memory that cores share. Two accesses of which one writes must be ordered: by a barrier at which both cores (or
// others between them) met, or because both are atomic, or both made under the cluster's lock. Seen on one order of
// execution: cores run one after another from barrier to barrier.
#include <string.h>

#include <algorithm>

#include "cluster.h"

namespace twin {
namespace xpu {

namespace {

bool knows(const Order& o, int me, int other, uint32_t stamp) { return me == other || o.seen[me][other] >= stamp; }

// A core among those of the mask whose access with this stamp `me` does not know; -1: none.
int unknown(const Order& o, int me, uint64_t cores, uint32_t stamp) {
  for (uint64_t left = cores; left; left &= left - 1) {
    const int other = __builtin_ctzll(left);
    if (!knows(o, me, other, stamp)) return other;
  }
  return -1;
}

Access* accesses_of(const Memory& m) {
  Cluster& c = cluster();
  if (&m == &c.shared) return c.accesses;
  return c.accesses + c.shared.extent + (&m - c.groups) * c.groups[0].extent;
}

[[noreturn]] void race(const Memory& m, int me, bool write, int other, const char* did, int line) {
  violation("race", line, "core %d %s %s that core %d %s without a barrier between them", me, write ? "writes" : "reads",
            &m == &cluster().shared ? "shared memory" : "group shared memory", other, did);
}

// Forgets readers that the newest of them is ordered after.
void note(const Order& o, int me, uint64_t& cores, uint32_t& stamp) {
  uint64_t kept = 1ull << me;
  for (uint64_t left = cores & ~kept; left; left &= left - 1)
    if (!knows(o, me, __builtin_ctzll(left), stamp)) kept |= left & -left;
  cores = kept;
  stamp = o.now;
}

}  // namespace

void log_shared(const Memory& m, const void* p, size_t bytes, bool write, Way way, int line) {
  const Order& o = cluster().order;
  const int me = self().in_cluster;
  Access* a = accesses_of(m) + (static_cast<const uint8_t*>(p) - m.base);
  for (Access* const end = a + bytes; a != end; a++) {
    if (a->writer && !knows(o, me, a->writer - 1, a->written)) race(m, me, write, a->writer - 1, "wrote", line);
    int other = write ? unknown(o, me, a->readers, a->read) : -1;
    if (other >= 0) race(m, me, write, other, "read", line);
    const bool together = way != Way::plain && (Way)a->way == way;
    if (!together && (write || a->shared_written)) other = unknown(o, me, a->sharers, a->shared);
    if (other >= 0) race(m, me, write, other, (Way)a->way == Way::atomic ? "used atomically" : "used under the lock", line);
    if (way != Way::plain) {
      const bool again = together && a->sharers;
      note(o, me, a->sharers, a->shared);
      a->way = (uint8_t)way;
      a->shared_written = write || (again && a->shared_written);
    } else if (write) {
      a->writer = (int16_t)(me + 1);
      a->written = o.now;
    } else {
      note(o, me, a->readers, a->read);
    }
  }
}

void meet(int key, int participants, int line) {
  Order& o = cluster().order;
  const int me = self().in_cluster;
  Order::Gate& gate = o.gates[key];
  const uint32_t round = gate.round;
  const auto close = [&] {
    memcpy(gate.told, gate.known, sizeof gate.told);
    memset(gate.known, 0, sizeof gate.known);
    gate.arrived = 0;
    gate.round++;
    o.now++;
  };
  for (int c = 0; c < cores_per_cluster; c++) gate.known[c] = std::max(gate.known[c], o.seen[me][c]);
  gate.known[me] = o.now;
  if (++gate.arrived == participants) close();
  barrier(key, participants, line);
  // Those who returned from the kernel do not come: the barrier opened without them.
  if (gate.round == round) close();
  for (int c = 0; c < cores_per_cluster; c++) o.seen[me][c] = std::max(o.seen[me][c], gate.told[c]);
}

}  // namespace xpu
}  // namespace twin
