// Races in memory that cores share. Two accesses of which one writes must be ordered: by a barrier at which both cores (or
// others between them) met, or because both are atomic, or both made under the cluster's lock. Seen on one order of
// execution: cores run one after another from barrier to barrier.
#include <stdlib.h>
#include <string.h>

#include <algorithm>

#include "cluster.h"

namespace twin {
namespace xpu {

namespace {

bool knows(const Order& o, int me, int other, uint32_t stamp) { return me == other || o.seen[me][other] >= stamp; }

uint32_t stamp_of(const Users& u, int core) { return u.cores & (u.cores - 1) ? u.each[core] : u.stamp; }

// A core among the users whose use `me` does not know; -1: none.
int unknown(const Order& o, int me, const Users& u) {
  for (uint64_t left = u.cores; left; left &= left - 1) {
    const int other = __builtin_ctzll(left);
    if (!knows(o, me, other, stamp_of(u, other))) return other;
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

// Forgets users that this one is ordered after.
void note(const Order& o, int me, Users& u) {
  uint64_t kept = 1ull << me;
  if (u.cores & ~kept) {
    uint32_t stamps[cores_per_cluster];
    for (uint64_t left = u.cores & ~kept; left; left &= left - 1) {
      const int other = __builtin_ctzll(left);
      stamps[other] = stamp_of(u, other);
      if (!knows(o, me, other, stamps[other])) kept |= 1ull << other;
    }
    if (kept & (kept - 1)) {
      if (!u.each) u.each = static_cast<uint32_t*>(calloc(cores_per_cluster, sizeof(uint32_t)));
      for (uint64_t left = kept & ~(1ull << me); left; left &= left - 1) u.each[__builtin_ctzll(left)] = stamps[__builtin_ctzll(left)];
      u.each[me] = o.now;
    }
  }
  u.cores = kept;
  u.stamp = o.now;
}

}  // namespace

void log_shared(const Memory& m, const void* p, size_t bytes, bool write, Way way, int line) {
  const Order& o = cluster().order;
  const int me = self().in_cluster;
  Access* a = accesses_of(m) + (static_cast<const uint8_t*>(p) - m.base);
  for (Access* const end = a + bytes; a != end; a++) {
    if (a->writer && !knows(o, me, a->writer - 1, a->written)) race(m, me, write, a->writer - 1, "wrote", line);
    int other = write ? unknown(o, me, a->readers) : -1;
    if (other >= 0) race(m, me, write, other, "read", line);
    const bool together = way != Way::plain && (Way)a->way == way;
    if (!together && (write || a->shared_written)) other = unknown(o, me, a->sharers);
    if (other >= 0) race(m, me, write, other, (Way)a->way == Way::atomic ? "used atomically" : "used under the lock", line);
    if (way != Way::plain) {
      const bool again = together && a->sharers.cores;
      note(o, me, a->sharers);
      a->way = (uint8_t)way;
      a->shared_written = write || (again && a->shared_written);
    } else if (write) {
      a->writer = (int16_t)(me + 1);
      a->written = o.now;
    } else {
      note(o, me, a->readers);
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
