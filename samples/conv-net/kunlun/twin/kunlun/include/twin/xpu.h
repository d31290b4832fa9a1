// What the twin's XPU headers stand on: the memories of one cluster and what is known of every byte in them.
//
// A core has 8 KB of local memory (LM), of which kernels are seen to use 7 KB beside their stack; a cluster has 256 KB of shared
// memory (SM); four cores whose ids agree modulo 16 form a group with group shared memory (GSM) out of the same chips as
// their LM. Every byte carries a state: undefined, settled, or written by the vector unit or the scalar unit since the
// core's last fence. Copies that nobody waited for are kept with their ranges. See facts of the vendor's guide, chapters
// on memory fences; DESIGN.md section 6 lists what must be noticed.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "core.h"
#include "on-chip.h"

namespace twin {
namespace xpu {

constexpr int lm_bytes = 8192;          // per core when all four of a group are active
constexpr int lm_usable_bytes = 7168;   // the most that a kernel is seen to hold beside its stack
constexpr int sm_bytes = 256 * 1024;    // per cluster
constexpr int group_bytes = 32768;      // LM and GSM of four cores together
constexpr int max_clusters = 255;
constexpr int cores_per_cluster = 64;

// One byte's state. Above `settled`: written since a fence, by which unit and in which fence epoch (see Memory::epoch).
constexpr uint8_t undefined = 0, settled = 1;

// An on-chip memory with the objects placed in it.
struct Memory {
  Scratch* bytes;
  uint8_t* owner;       // by 4-byte word: 1 + index of the object, 0: nobody's
  const char* space;    // "LM", "SM", "GSM"
  int usable;           // bytes that objects may take
  int taken;            // bytes that they take, by their alignment
  int extent;           // bytes of the twin's own memory: gaps lie between objects, where nothing may be read or written
  int top;              // first free byte
  int object_count;
  struct Object {
    const char* name;
    int line, begin, size, taken_before;
  } objects[96];
  uint8_t fence_code;   // code of bytes the vector unit wrote in this fence epoch; + 1: the scalar unit
};

struct Copy {
  uintptr_t chip_begin, chip_end, gm_begin, gm_end;
  bool to_chip;
  int line;
};

// What a core knows of itself.
struct CoreState {
  Memory lm;
  Copy copies[256];
  int copy_count;
  bool shared_dirty;    // wrote SM or GSM since the last fence over it
  int cores, clusters;  // of the launch
};

inline CoreState& here() { return *static_cast<CoreState*>(self().local); }

// ---- checks, out of line ----------------------------------------------------------------------------------------------
// Where p lies: this core's LM, its cluster's SM, its group's GSM; violation wrong-space otherwise.
Memory& memory_of(const void* p, const char* wanted, int line);
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
// What prepare.cpp puts at the head of a function for each pointer it is given: where it must not point.
void local_pointer(const void* p, const char* name, int line);
void global_pointer(const void* p, const char* name, int line);

// ---- vector loads and stores, the fast path inline --------------------------------------------------------------------
// 64 bytes at p; gives their definedness, one bit each.
inline uint64_t load64(const void* p, int lanes, int line, Memory& m) {
  const uint8_t* at = static_cast<const uint8_t*>(p);
  const size_t offset = (size_t)(at - m.bytes->base);
  if (offset + 64 > (size_t)m.extent || offset % 64) {
    if (offset % 64 && offset < (size_t)m.extent) violation("misaligned", line, "vload of %s offset %zu: vector addresses are multiples of 64 bytes", m.space, offset);
    violation("out-of-bounds", line, "vload of 64 bytes at an address that is not %s", m.space);
  }
  counters().lanes_busy += (unsigned)lanes;
  const uint8_t* s = m.bytes->shadow + offset;
  const uint8_t first = s[0];
  if (first != undefined && first != m.fence_code + 1 && here().copy_count == 0 && __builtin_memcmp(s, s + 1, 63) == 0) return ~0ull;
  return bytes_defined(m, at, 64, line);
}

inline void store64(void* p, int lanes, uint64_t defined, int line, Memory& m) {
  uint8_t* at = static_cast<uint8_t*>(p);
  const size_t offset = (size_t)(at - m.bytes->base);
  if (offset + 64 > (size_t)m.extent || offset % 64) {
    if (offset % 64 && offset < (size_t)m.extent) violation("misaligned", line, "vstore to %s offset %zu: vector addresses are multiples of 64 bytes", m.space, offset);
    violation("out-of-bounds", line, "vstore of 64 bytes at an address that is not %s", m.space);
  }
  if (defined == 0) violation("uninitialised-read", line, "vstore of a register in which nothing is defined: a pass too many");
  vector_written(m, at, 64, defined, lanes, line);
}

inline Memory& local_memory(const void*, int) { return here().lm; }
inline Memory& shared_memory(const void* p, int line) { return memory_of(p, "SM", line); }

// ---- scalar access ------------------------------------------------------------------------------------------------------
template <class T>
struct ChipPtr;

template <class T>
struct Ref {
  T* p;
  int line;
  operator T() const {
    scalar_read(p, sizeof(T), line);
    return *p;
  }
  // `(float)t[i]` of a tile of halves.
  template <class U>
  explicit operator U() const {
    return (U)(T)*this;
  }
  Ref& operator=(T v) {
    scalar_written(p, sizeof(T), line);
    *p = v;
    return *this;
  }
  Ref& operator=(const Ref& other) { return *this = (T)other; }
  Ref(T* at, int l) : p(at), line(l) {}
  Ref(const Ref&) = default;
  ChipPtr<T> operator&() const;
#define PTL_TWIN_ASSIGN(OP)                \
  template <class U>                       \
  Ref& operator OP##=(U v) {               \
    return *this = (T)((T)*this OP v);     \
  }
  PTL_TWIN_ASSIGN(+)
  PTL_TWIN_ASSIGN(-)
  PTL_TWIN_ASSIGN(*)
  PTL_TWIN_ASSIGN(/)
  PTL_TWIN_ASSIGN(&)
  PTL_TWIN_ASSIGN(|)
  PTL_TWIN_ASSIGN(^)
#undef PTL_TWIN_ASSIGN
  Ref& operator++() { return *this += 1; }
  Ref& operator--() { return *this -= 1; }
  T operator++(int) {
    const T before = *this;
    *this = (T)(before + 1);
    return before;
  }
  T operator--(int) {
    const T before = *this;
    *this = (T)(before - 1);
    return before;
  }
};

// An index that remembers the line it was written on.
struct Index {
  ptrdiff_t i;
  int line;
  template <class I>
  Index(I at, int l = __builtin_LINE()) : i((ptrdiff_t)at), line(l) {}
};

// Declares the conversion of an object that wraps T* to every pointer T* converts to. A template, so that subscripts do
// not consider it and the checked operator[] is the only one.
#define PTL_TWIN_POINTER(T)                                                            \
  template <class U, class = decltype(((void (*)(U*))nullptr)(static_cast<T*>(nullptr)))> \
  operator U*() const {                                                                \
    return p;                                                                          \
  }

// A pointer into on-chip memory: plain in kernels, checked here when the scalar unit follows it.
template <class T>
struct ChipPtr {
  T* p;
  PTL_TWIN_POINTER(T)
  Ref<T> operator[](Index at) const { return Ref<T>(p + at.i, at.line); }
  Ref<T> operator*() const { return Ref<T>(p, 0); }
  template <class I>
  ChipPtr operator+(I n) const {
    return {p + n};
  }
  template <class I>
  ChipPtr operator-(I n) const {
    return {p - n};
  }
  template <class I>
  ChipPtr& operator+=(I n) {
    p += n;
    return *this;
  }
  ChipPtr& operator++() { return *this += 1; }
  ChipPtr operator++(int) {
    const ChipPtr before = *this;
    ++p;
    return before;
  }
};

template <class T>
ChipPtr<T> Ref<T>::operator&() const {
  return {p};
}

}  // namespace xpu

void off_chip(const void* p);

// `__simd__ float t[512];` of a kernel, after prepare.cpp. An array of local memory lives as long as its scope; a copy of it
// is a pointer, as in C.
template <class A>
struct Checked;

template <class T>
struct OwnArray {
  T* p;
  bool local;
  OwnArray(const OnChip& o, size_t bytes) : p(static_cast<T*>(on_chip(o.space, o.name, bytes, o.align > alignof(T) ? o.align : alignof(T), o.line))), local(*o.space == 'l') {}
  OwnArray(const OwnArray& other) : p(other.p), local(false) {}
  OwnArray& operator=(const OwnArray&) = delete;
  ~OwnArray() {
    if (local) off_chip(p);
  }
};

template <class T, size_t N>
struct Checked<T[N]> : OwnArray<T> {
  using OwnArray<T>::p;
  Checked(const OnChip& o) : OwnArray<T>(o, sizeof(T[N])) {}
  PTL_TWIN_POINTER(T)
  xpu::Ref<T> operator[](xpu::Index at) const { return xpu::Ref<T>(p + at.i, at.line); }
  xpu::Ref<T> operator*() const { return xpu::Ref<T>(p, 0); }
  template <class I>
  xpu::ChipPtr<T> operator+(I n) const {
    return {p + n};
  }
};

template <class T, size_t R, size_t N>
struct Checked<T[R][N]> : OwnArray<T> {
  using OwnArray<T>::p;
  Checked(const OnChip& o) : OwnArray<T>(o, sizeof(T[R][N])) {}
  xpu::ChipPtr<T> operator[](int row) const { return {p + (size_t)row * N}; }
};

// A scalar variable in shared memory.
template <class T>
struct Checked {
  T* p;
  Checked(const OnChip& o) : p(static_cast<T*>(on_chip(o.space, o.name, sizeof(T), o.align > alignof(T) ? o.align : alignof(T), o.line))) {}
  operator T() const { return xpu::Ref<T>(p, 0); }
  Checked& operator=(T v) {
    xpu::Ref<T>(p, 0) = v;
    return *this;
  }
};

// `k<<<clusters, cores, stream>>>(...)`, after prepare.cpp.
int start_cores(const char* kernel, void (*run)(void*), void* body, int clusters, int cores, void* stream);

template <class Body>
int start(const char* kernel, const Body& body, int clusters, int cores, void* stream = nullptr) {
  return start_cores(kernel, [](void* b) { (*static_cast<const Body*>(b))(); }, const_cast<Body*>(&body), clusters, cores, stream);
}

}  // namespace twin
