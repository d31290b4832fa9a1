// What one MLU core of the twin is made of: its NRAM and WRAM with named objects, a definedness byte for every byte, copies in
// flight by segment, and what the compute queue has touched since the last wait. Cores of a cluster share its SRAM.
#pragma once
#include <stdint.h>
#include <string.h>

#include <vector>

#include "core.h"
#include "include/bang.h"

namespace twin::bang {

// Where an object is declared: `owner` is the function, with its template arguments, or "".
struct Declared {
  const char* name;
  int line;
  const char* owner;
};

struct Object : Declared {
  uint8_t* begin;
  size_t bytes;  // in WRAM, of each lane

  bool is(const Declared& d) const { return line == d.line && !strcmp(name, d.name) && (owner == d.owner || !strcmp(owner, d.owner)); }
};

// One on-chip memory: of a core, or of a cluster.
struct Space {
  const char* const qualifier;
  const size_t gap;    // between objects, so that running over one's end meets no neighbour
  const size_t lanes;  // WRAM lies in 64 lanes, each `lane_bytes` long, and an object takes its share of every one
  size_t capacity = 0;  // bytes a kernel may declare
  size_t room = 0;      // with the gaps; taken when the first object is declared
  size_t declared = 0;
  size_t used = 0;  // bytes of a lane that objects and the gaps between them take
  Scratch* scratch = nullptr;
  std::vector<Object> objects;

  explicit Space(const char* qualifier, size_t gap, size_t lanes = 1) : qualifier(qualifier), gap(gap), lanes(lanes) {}
  ~Space();
  size_t lane_bytes() const { return scratch->size / lanes; }
  // Empty and poisoned.
  void begin(size_t bytes, size_t with_gaps);
  // The object's place; a new one holds `value`, or garbage where that is null.
  uint8_t* place(const Declared& declared, size_t bytes, size_t align, const void* value, int arch);
  bool holds(const void* p) const { return scratch && scratch_owns(*scratch, p); }
  uint8_t* shadow(const void* p) const { return scratch->shadow + (static_cast<const uint8_t*>(p) - scratch->base); }
  const Object* object(const void* p) const;
};

// Up to three nested loops of `bytes`-long segments.
struct Walk {
  uintptr_t base;
  size_t bytes;
  int64_t stride1, count1, stride2, count2;
};

struct Pending {
  Walk walk;
  bool write;
  bool move;  // the Move queue; else IO
  int line;
};

struct Touched {
  uintptr_t begin, end;
  bool write;
  int line;
};

// A byte of bits for lanes of which only the first `known` followed from lanes that somebody wrote: a row ended there.
struct RaggedBits {
  const uint8_t* at;
  int known;
};

struct Cluster {
  Space sram{"mlu_shared", 256};
};

constexpr size_t wram_lanes = 64;

struct CoreState {
  int arch = 592;
  int last_line = 0;  // of an instruction, for accesses that have none
  BangTask task;
  // The memory core of a cluster: it copies between GDRAM and SRAM, and what kernels say of NRAM goes nowhere.
  bool memory_core = false;
  Space nram{"nram", 256}, wram{"wram", 0, wram_lanes};
  Cluster* cluster = nullptr;  // none in a Block task
  std::vector<Object> ldram;  // of device memory, for the core alone
  std::vector<Pending> pending;
  // Since the last wait: what vector instructions read and wrote, and what the scalar unit wrote.
  std::vector<Touched> computed, scalar;
  std::vector<RaggedBits> ragged;
};

CoreState& state();

// NRAM checks. All give the definedness bytes of the range.
uint8_t* locate(const void* p, size_t bytes, size_t align, int line, const char* what);
const uint8_t* compute_read(const void* p, size_t bytes, size_t align, int line);
uint8_t* compute_write(void* p, size_t bytes, size_t align, int line);
// An operand of a vector instruction. Before arch 300 it begins at a multiple of 64 bytes and fills multiples of 128.
const uint8_t* vector_read(const void* p, size_t bytes, size_t align, int line);
uint8_t* vector_write(void* p, size_t bytes, size_t align, int line);
// The scalar unit's accesses: bounds, defined bytes, nothing in flight, and nothing that a vector instruction may hold.
void scalar_read(const void* p, size_t bytes, size_t align, int line);
void scalar_write(void* p, size_t bytes, size_t align, int line);
// A copy or a vector instruction may overtake a store of the scalar unit.
void refuse_scalar(const void* p, size_t bytes, int line);
bool in_nram(const void* p);
bool in_sram(const void* p);
bool in_wram(const void* p);
// Bounds and alignment in one of the memories of the running core; gives the definedness bytes.
uint8_t* locate_in(const Space& space, const void* p, size_t bytes, size_t align, int line, const char* what);
// Every byte must be defined: what leaves the chip, steers control or is reduced.
void require_defined(const uint8_t* shadow, size_t bytes, int line, const char* what);
void require_some_defined(const uint8_t* shadow, size_t bytes, int line);
// The same of n bits, the first in the lowest bit of the first byte.
void require_bits(const void* mask, uint32_t n, int line, const char* what);
// Same start or no common byte.
void refuse_partial_overlap(const void* dst, size_t dst_bytes, const void* src, size_t src_bytes, bool same_start_allowed, int line);
void count_lanes(size_t lanes, size_t bytes_each);
// MLU arch rules: intrinsics that start or end with an architecture.
void require_arch(bool has, const char* intrinsic, int line);

bool lenient();
bool memory_cores_idle();

}  // namespace twin::bang
