// What the twin's XPU headers stand on: the memories of one cluster and what is known of every byte in them.
//
// A core has 8 KB of local memory (LM), of which kernels are seen to use 7 KB beside their stack; a cluster has 256 KB of shared
// memory (SM); four cores whose ids agree modulo 16 form a group with group shared memory (GSM) out of the same chips as
// their LM. Every byte carries a state: undefined, settled, or written by the vector unit or the scalar unit since the
// core's last fence. Copies that nobody waited for are kept with their ranges. See facts of the vendor's guide, chapters
// on memory fences; DESIGN.md section 6 lists what must be noticed.
//
// Arrays of a kernel are plain references into these memories (prepare.cpp), so that any C++ of other people's kernels means
// what it says; their loads and stores are seen because each calls plain.cpp first.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "core.h"

#if !defined(__XPU2__) && !defined(__XPU3__)
#define __XPU3__ 1
#endif
#if defined(__XPU2__)
#define PTL_TWIN_ARCH 2
#else
#define PTL_TWIN_ARCH 3
#endif

namespace twin {
namespace xpu {

constexpr int lm_bytes = 8192;          // per core when all four of a group are active
constexpr int lm_usable_bytes = 7168;   // the most that a kernel on all cores is seen to hold beside its stack
constexpr int sm_bytes = 256 * 1024;    // per cluster
constexpr int group_bytes = 32768;      // LM and GSM of four cores together
constexpr int max_clusters = 255;
constexpr int cores_per_cluster = 64;
constexpr int cores_per_group = 4, groups_per_cluster = 16;

// One byte's state. Above `settled`: written since a fence, by which unit and in which fence epoch (see Memory::fence_code).
constexpr uint8_t undefined = 0, settled = 1;

// An on-chip memory with the objects placed in it.
struct Memory {
  uint8_t* base;
  uint8_t* shadow;      // one state a byte
  uint8_t* owner;       // by 4-byte word: 1 + index of the object, 0: nobody's
  const char* space;    // "LM", "SM", "GSM"
  int usable;           // bytes that objects may take
  int taken;            // bytes that they take, by their alignment
  int extent;           // bytes of the twin's own memory: gaps lie between objects, where nothing may be read or written
  int top;              // first free byte
  int object_count;
  struct Object {
    const char* name;
    const char* function;
    int line, begin, size, taken_before, top_before;
  } objects[128];
  uint8_t fence_code;   // code of bytes the vector unit wrote in this fence epoch; + 1: the scalar unit
};

struct Copies;

// What a core knows of itself.
struct CoreState {
  Memory lm;
  Copies* copies;
  int copy_count;       // in flight
  bool shared_dirty;    // wrote SM or GSM since the last fence over it
  int cores, clusters;  // of the launch
  int arch;             // 2 or 3
  int last_line;        // of an instruction, for plain accesses, which have none
};

inline CoreState& here() { return *static_cast<CoreState*>(self().local); }

// PORTOLAN_TWIN=lenient: kernels of others rely on what no document grants (docs/twins.md lists it).
bool lenient();

// ---- checks, out of line ----------------------------------------------------------------------------------------------
// Where p lies: this core's LM, its cluster's SM, its group's GSM; violation wrong-space otherwise.
Memory& memory_of(const void* p, const char* wanted, int line);
// Whichever of the three it is.
Memory& chip_memory(const void* p, int line);
bool on_chip_address(const void* p);
// State of the bytes at p for a vector load: bit i set when byte i is defined. Refuses bytes the scalar unit wrote
// without a fence, and copies in flight.
uint64_t bytes_defined(const Memory& m, const uint8_t* p, int bytes, int line);
// Marks the bytes a vector store wrote as their register says; `lanes` only counts.
void vector_written(Memory& m, uint8_t* p, int bytes, uint64_t defined, int lanes, int line);
// State of the four bytes a gather takes at p, which must lie in one object of LM.
uint64_t gather_word(const uint8_t* p, int line);
void scalar_read(const void* p, size_t bytes, int line);
void scalar_written(void* p, size_t bytes, int line);
void refuse_undefined_lane(int lane, int line);
// A lane of a register that the scalar unit takes: there is one of that index, and something defined it.
void require_lane(int lane, int count, uint64_t defined_bytes, int lane_bytes);
// What prepare.cpp puts at the head of a function for each pointer it is given: where it must not point.
void local_pointer(const void* p, const char* name, int line);
void global_pointer(const void* p, const char* name, int line);
void shared_pointer(const void* p, const char* name, int line);

// memcpy and memset of a kernel, whatever their length.
void* bytes_copied(void* to, const void* from, size_t bytes);
void* bytes_set(void* to, int value, size_t bytes);

// A register was copied: from or to memory of the chip that is a vector load or store (`*(float32x16_t*)(row + 16)`).
void copy_register(void* to, const void* from);

// ---- vector loads and stores, the fast path inline --------------------------------------------------------------------
// 64 bytes at p; gives their definedness, one bit each.
inline uint64_t load64(const void* p, int lanes, int line, Memory& m) {
  const uint8_t* at = static_cast<const uint8_t*>(p);
  const size_t offset = (size_t)(at - m.base);
  CoreState& core = here();
  core.last_line = line;
  if (offset + 64 > (size_t)m.extent || offset % 64) {
    if (offset % 64 && offset < (size_t)m.extent) violation("misaligned", line, "vload of %s offset %zu: vector addresses are multiples of 64 bytes", m.space, offset);
    violation("out-of-bounds", line, "vload of 64 bytes at an address that is not %s", m.space);
  }
  counters().lanes_busy += (unsigned)lanes;
  const uint8_t* s = m.shadow + offset;
  const uint8_t first = s[0];
  if (&m == &core.lm && first != undefined && first != m.fence_code + 1 && core.copy_count == 0 && __builtin_memcmp(s, s + 1, 63) == 0) return ~0ull;
  return bytes_defined(m, at, 64, line);
}

// `partner`: what the other register of a pair defines; only where both are empty is the store one too many.
inline void store64(void* p, int lanes, uint64_t defined, int line, Memory& m, uint64_t partner = 0) {
  uint8_t* at = static_cast<uint8_t*>(p);
  const size_t offset = (size_t)(at - m.base);
  here().last_line = line;
  if (offset + 64 > (size_t)m.extent || offset % 64) {
    if (offset % 64 && offset < (size_t)m.extent) violation("misaligned", line, "vstore to %s offset %zu: vector addresses are multiples of 64 bytes", m.space, offset);
    violation("out-of-bounds", line, "vstore of 64 bytes at an address that is not %s", m.space);
  }
  if (defined == 0 && partner == 0 && !lenient()) violation("uninitialised-read", line, "vstore of a register in which nothing is defined: a pass too many");
  vector_written(m, at, 64, defined, lanes, line);
}

// The group's memory is local memory of its four cores, and LM instructions reach it.
inline Memory& local_memory(const void* p, int line) {
  Memory& own = here().lm;
  return (size_t)(static_cast<const uint8_t*>(p) - own.base) < (size_t)own.extent || !on_chip_address(p) ? own : memory_of(p, "LM", line);
}
inline Memory& shared_memory(const void* p, int line) { return memory_of(p, "SM", line); }
inline Memory& group_memory(const void* p, int line) { return memory_of(p, "GSM", line); }

// ---- the order of accesses to memory that cores share (order.cpp) ---------------------------------------------------------
enum class Way { plain, atomic, locked };
void log_shared(const Memory& m, const void* p, size_t bytes, bool write, Way way, int line);

}  // namespace xpu

// ---- objects, as prepare.cpp declares them ----------------------------------------------------------------------------
// The place of an object. `function` tells apart what one line declares in several instances of a template.
void* chip_object(const char* space, const char* name, size_t bytes, size_t align, int line, const char* function);
void off_chip(const void* p);

// `__simd__ float t[512];` of a kernel lives in local memory as long as its scope; `__shared__` and `__group_shared__` objects
// as long as the launch.
struct Held {
  void* p;
  bool local;
  Held(const char* space, const char* name, size_t bytes, size_t align, int line, const char* function)
      : p(chip_object(space, name, bytes, align, line, function)), local(*space == 'l') {}
  // With the values of an initialiser, which the scalar unit writes.
  Held(const char* space, const char* name, size_t bytes, size_t align, int line, const char* function, const void* values)
      : Held(space, name, bytes, align, line, function) {
    xpu::scalar_written(p, bytes, line);
    __builtin_memcpy(p, values, bytes);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (local) off_chip(p);
  }
};

// `k<<<clusters, cores, stream>>>(...)`, after prepare.cpp.
int start_cores(const char* kernel, void (*run)(void*), void* body, int clusters, int cores, int arch);

template <class Kernel, class... Values>
auto with(Kernel kernel, Values... values) {
  return [=] { kernel(values...); };
}

template <int Arch, class Body>
int start(const char* kernel, const Body& body, int clusters, int cores, void* = nullptr) {
  return start_cores(kernel, [](void* b) { (*static_cast<const Body*>(b))(); }, const_cast<Body*>(&body), clusters, cores, Arch);
}

}  // namespace twin
