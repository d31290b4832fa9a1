// One Ascend vector core as the twin simulates it: the unified buffer, what is defined in it, and a vector clock a pipe.
//
// Work is done at once, in program order; what real pipes may do out of order is tracked beside it. Every instruction
// belongs to a pipe (S, V, MTE2, MTE3) and a generation of that pipe. `known[p][q]` is the last generation of q that p
// is certain has finished: set flags carry it from pipe to pipe, barriers raise a pipe's knowledge of itself. An access
// to bytes whose last conflicting access is not known to have finished is a violation.
// Source of the rules: asc-devkit docs/zh/api/SIMD-API, synchronisation control and data movement.
#pragma once
#include "core.h"
#include "include/kernel_operator.h"

namespace twin::cann {

enum Pipe : uint8_t { S, V, MTE2, MTE3, pipes };

// What only some chips have or do.
enum Trait : unsigned {
  float_cube = 1,              // a matrix unit that takes float
  event_ids = 2,               // FetchEventID, SetFlag, WaitFlag
  copies_inside = 4,           // DataCopy inside the unified buffer
  bfloat = 8,                  // bfloat16_t
  compares_int32 = 16,         // Compare of int32_t for equality
  casts_float_to_int32 = 32,   // and with that all conversions of arch 2201; without it those of 2002
  extremes_alone = 64,         // ReduceMax and ReduceMin write no index beside the value unless asked to
  flush_names_destination = 128, // DataCacheCleanAndInvalid with three template arguments
  levels_as_sums = 256           // aclnnQuantMatmulV4 gives INT32
};

// What the twin must know of a chip: chips.gen.h has it from ../caps.ts.
struct ChipModel {
  const char* name;
  const char* family;  // as the operators' documents name it
  int arch;            // __NPU_ARCH__
  int vector_cores;
  size_t ub_bytes;   // usable
  size_t widest_pad;  // bytes of an element that DataCopyPad takes; 0: there is none
  unsigned traits;
  bool has(Trait trait) const { return traits & trait; }
};
const ChipModel& chip_named(const char* name);
const ChipModel& chip();            // of the thread's last launch, else the last one registered
void register_model(const char* name);

struct Buffer {
  uint8_t* base;
  uint32_t bytes;
  uint32_t generation;  // raised at every release, so that stale tensors are recognised
  bool allocated;
  uint32_t known[pipes];  // event that travels with a queued or freed buffer
};

size_t size_of(Type type);
const char* name_of(Type type);

// Called once before the operands of an instruction are touched.
void next_instruction();
// Bounds, lifetime, alignment and hazards of one operand. Returns the shadow (one byte a byte: defined or not).
uint8_t* touch(const View& v, size_t bytes, Pipe pipe, bool write, size_t align, int line);
// An event inside an instruction: `to` waits for all that `from` has been given.
void pass_on(Pipe from, Pipe to);
// Marks `count` lanes of dst defined where all sources are; sources may be null.
struct Lanes {
  const uint8_t* shadow;
  size_t size;
};
void define(uint8_t* shadow, size_t size, int64_t count, const Lanes* sources, int how_many, int line);
// Violation when no byte is: a vector instruction may compute on lanes nobody wrote, not on them alone.
void require_some_defined(const uint8_t* shadow, size_t bytes, int line);
// Violation unless all bytes are defined.
void require_defined(const uint8_t* shadow, size_t bytes, const char* what, int line);
// Orders stores to and loads from global memory of one core.
void global_store(const void* p, size_t bytes, Pipe pipe, int line);
void global_load(const void* p, size_t bytes, Pipe pipe, int line);


}  // namespace twin::cann
