// What one MLU core of the twin is made of: its NRAM with named objects, a definedness byte for every byte, copies in
// flight by segment, and what the compute queue has touched since the last wait.
#pragma once
#include <stdint.h>

#include <vector>

#include "core.h"

namespace twin::bang {

struct Object {
  const char* name;
  int line;
  uint8_t* begin;
  size_t bytes;
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

struct CoreState {
  int arch = 592;
  size_t capacity = 0;  // NRAM bytes a kernel may declare
  size_t declared = 0;
  int last_line = 0;  // of an instruction, for accesses that have none
  Scratch* nram = nullptr;
  ~CoreState() {
    if (nram) scratch_destroy(nram);
  }
  size_t used = 0;  // bytes of the scratch that objects and the gaps between them take
  std::vector<Object> objects;
  std::vector<Pending> pending;
  // Since the last wait: what vector instructions read and wrote, and what the scalar unit wrote.
  std::vector<Touched> computed, scalar;
};

CoreState& state();

// NRAM checks. All give the definedness bytes of the range.
uint8_t* locate(const void* p, size_t bytes, size_t align, int line, const char* what);
const uint8_t* compute_read(const void* p, size_t bytes, size_t align, int line);
uint8_t* compute_write(void* p, size_t bytes, size_t align, int line);
// The scalar unit's accesses: bounds, defined bytes, nothing in flight, and nothing that a vector instruction may hold.
void scalar_read(const void* p, size_t bytes, size_t align, int line);
void scalar_write(void* p, size_t bytes, size_t align, int line);
// A copy or a vector instruction may overtake a store of the scalar unit.
void refuse_scalar(const void* p, size_t bytes, int line);
bool in_nram(const void* p);
// Every byte must be defined: what leaves the chip, steers control or is reduced.
void require_defined(const uint8_t* shadow, size_t bytes, int line, const char* what);
void require_some_defined(const uint8_t* shadow, size_t bytes, int line);
// Same start or no common byte.
void refuse_partial_overlap(const void* dst, size_t dst_bytes, const void* src, size_t src_bytes, bool same_start_allowed, int line);
void count_lanes(size_t lanes, size_t bytes_each);
// MLU arch rules: intrinsics that start or end with an architecture.
void require_arch(bool has, const char* intrinsic, int line);

}  // namespace twin::bang
