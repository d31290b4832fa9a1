// The cluster that runs, of the twin's own: its memories, its cores, and who of them is ordered before whom.
#pragma once
#include <map>
#include <vector>

#include "twin/xpu.h"

namespace twin {
namespace xpu {

// Bytes that a copy touches in device memory.
struct Span {
  uintptr_t begin, end;
  bool meets(const Span& other) const { return begin < other.end && other.begin < end; }
};

// A copy that nobody waited for yet, or several of one line whose sides on the chip follow each other.
struct Copy {
  uintptr_t chip_begin, chip_end, gm_begin, gm_end;
  bool to_chip;
  int line;
  int side;                    // the fence that its side on the chip waits for: 1 LM and GSM, 2 SM
  void* variable;              // of the core's stack, which nobody watches; null: a memory with states
  std::vector<uint8_t> bytes;  // what arrives there at the fence, or what left
  std::vector<Span> rows;      // of several, each; gm_begin and gm_end are around all
};
struct Copies {
  std::vector<Copy> list;
};

// Accesses are stamped with a number that every barrier raises. `seen[a][b]`: up to which stamp core a knows b's accesses.
struct Order {
  uint32_t now = 1;
  uint32_t seen[cores_per_cluster][cores_per_cluster] = {};
  // A barrier by its key: what those who arrived know, and what those who left were told.
  struct Gate {
    int arrived = 0;
    uint32_t round = 0;
    uint32_t known[cores_per_cluster] = {}, told[cores_per_cluster] = {};
  };
  std::map<int, Gate> gates;
};

// Cores that did the same to a byte, each with the stamp of its last time.
struct Users {
  uint64_t cores;   // by bit
  uint32_t stamp;   // of the only one
  uint32_t* each;   // by core, once there were several
};
// Of a byte that cores share.
struct Access {
  Users readers, sharers;  // sharers: atomically or under the lock
  uint32_t written;
  int16_t writer;          // core + 1
  uint8_t way;             // of the sharers
  bool shared_written;
};

struct Cluster {
  std::vector<CoreState> cores = std::vector<CoreState>(cores_per_cluster);
  Memory shared = {};
  Memory groups[16] = {};
  Order order;
  uint8_t* arena = nullptr;
  Access* accesses = nullptr;  // of SM, then of each group's GSM
  int clusters = 0, cores_launched = 0, arch = 3;
  int current = -1;      // cluster whose memories these are
  int lock_holder = -1;  // of the cluster's ticket lock
  uint32_t tries = 0;    // of atomic stores
  Cluster();
  ~Cluster();
};

// The memories of the cluster that runs; a launch's clusters run one after the other on its thread, so one set serves all.
Cluster& cluster();
void begin_core(Core& core);

inline int group_of(const Core& core) { return core.in_cluster & 15; }
inline bool owns(const Memory& m, const void* p) {
  const auto* at = static_cast<const uint8_t*>(p);
  return at >= m.base && at < m.base + m.extent;
}

// The bytes lie in one object, or a violation that names the neighbour.
void require_object(const Memory& m, const void* p, size_t bytes, int line, const char* what);
void refuse_in_flight(const void* p, size_t bytes, bool writing, int line);
void refuse_gm_in_flight(const void* p, size_t bytes, bool writing, int line);
// Of a variable of the core's stack.
void refuse_variable_in_flight(const void* p, size_t bytes, int line);

// Fences: bits as in __builtin_xpu2_mfence, 1 LM, 2 SM, 4 GM.
void fence(int spaces, int line);
void complete_copies(int spaces, int line);
// Who meets at a barrier knows what the others did before.
void meet(int key, int participants, int line);

}  // namespace xpu
}  // namespace twin
