// What the twin's vector instructions share: masks of bytes, and operands that lie in the chip's memory.
#pragma once
#include <string.h>

#include "cluster.h"
#include "xpu/kernel/cluster.h"
#include "xpu/kernel/cluster_simd.h"

namespace twin {
namespace xpu {

constexpr uint64_t all_defined = ~0ull;

// A mask of lanes as one of bytes: every bit as often as a lane has bytes.
template <class V>
uint64_t byte_mask(uint64_t mask) {
  constexpr int bytes = 64 / V::count;
  if (bytes == 1) return mask;
  uint64_t out = 0;
  for (int i = 0; i < V::count; i++) out |= (mask >> i & 1) * ((1ull << bytes) - 1) << bytes * i;
  return out;
}
template <>
inline uint64_t byte_mask<float32x16_t>(uint64_t mask) {
  uint64_t x = mask & 0xffffu;
  x = (x | x << 24) & 0x000000ff000000ffull;
  x = (x | x << 12) & 0x000f000f000f000full;
  x = (x | x << 6) & 0x0303030303030303ull;
  x = (x | x << 3) & 0x1111111111111111ull;
  return x * 15;
}
template <>
inline uint64_t byte_mask<int32x16_t>(uint64_t mask) {
  return byte_mask<float32x16_t>(mask);
}
template <>
inline uint64_t byte_mask<uint32x16_t>(uint64_t mask) {
  return byte_mask<float32x16_t>(mask);
}

// Counts an instruction that computes in all lanes, as the twins of the memory machines count theirs.
inline void computed() {
  static thread_local uint64_t* busy = nullptr;
  if (!busy) busy = &twin::counters().lanes_busy;
  *busy += 16;
}

// Lanes of 32 bits all of whose bytes are defined; of 16.
inline uint64_t whole_lanes(uint64_t bytes) {
  if (bytes == all_defined) return bytes;
  bytes &= bytes >> 1;
  bytes &= bytes >> 2;
  return (bytes & 0x1111111111111111ull) * 15;
}
inline uint64_t whole_halves(uint64_t bytes) {
  if (bytes == all_defined) return bytes;
  bytes &= bytes >> 1;
  return (bytes & 0x5555555555555555ull) * 3;
}

inline uint64_t zero_bytes(const void* lanes) {
  uint64_t out = 0;
  const auto* p = static_cast<const unsigned char*>(lanes);
  for (int i = 0; i < 64; i++) out |= (uint64_t)(p[i] == 0) << i;
  return out;
}

template <class V>
inline uint64_t both_bytes(const V& a, const V& b) {
  return a.defined & b.defined;
}
// A register with itself: whatever it holds, the result is known.
template <class V>
inline uint64_t xor_bytes(const V& a, const V& b) {
  return &a == &b ? all_defined : a.defined & b.defined;
}
// A zero that is defined makes the result so.
template <class V>
uint64_t and_bytes(const V& a, const V& b) {
  const uint64_t both = a.defined & b.defined;
  if (both == all_defined) return both;
  return both | (a.defined & zero_bytes(a.lanes)) | (b.defined & zero_bytes(b.lanes));
}

// Whole bytes move with their state; zeros come in.
inline uint64_t shifted_bytes(uint64_t defined, int k, bool left) {
  if (defined == all_defined) return defined;
  if (k % 8) return whole_lanes(defined);
  const int n = k / 8;
  const uint64_t low = 0x1111111111111111ull * (uint64_t)((1 << n) - 1), high = 0x1111111111111111ull * (uint64_t)(15 & ~(15 >> n));
  return left ? ((defined << n) & ~low) | low : ((defined >> n) & ~high) | high;
}

// An operand as it is, or loaded where it is memory of the chip: `vvadd_float32x16(v, *(float32x16_t*)(row + 16))`.
template <class V>
struct Seen {
  V room;
  const V& v;
  Seen(const V& x) : v(on_chip_address(&x) ? room = x : x) {}
};

template <class V>
V splat(typename V::lane s) {
  V r;
  for (auto& lane : r.lanes) lane = s;
  r.defined = all_defined;
  return r;
}

template <class V>
V pick(uint64_t mask, const V& a, const V& b) {
  V r;
  for (int i = 0; i < V::count; i++) memcpy(r.lanes + i, (mask >> i & 1 ? a : b).lanes + i, sizeof(typename V::lane));
  const uint64_t chosen = byte_mask<V>(mask);
  r.defined = (a.defined & chosen) | (b.defined & ~chosen);
  return r;
}

template <class V>
V load_lanes(const void* p, int line, Memory& m) {
  V r;
  r.defined = load64(p, V::count, line, m);
  memcpy(r.lanes, p, 64);
  return r;
}

// Lanes of a mask, the others as in `rest`. A mask without lanes reads nothing where kernels count on it.
template <class V>
V load_chosen(const void* p, uint64_t mask, const V& rest, int line, Memory& m) {
  if (lenient() && byte_mask<V>(mask) == 0) return rest;
  return pick(mask, load_lanes<V>(p, line, m), rest);
}

template <class V>
void store_lanes(void* p, const V& v, int line, Memory& m, uint64_t partner = 0) {
  store64(p, V::count, v.defined, line, m, partner);
  memcpy(p, v.lanes, 64);
}

// The whole register moves by bits towards lane 0, or away from it.
template <class V>
V shifted_right(int bits, const V& v, const char* name, int line) {
  if (bits < 0 || bits > 512 || bits % 8) violation("register-shift", line, "%s by %d bits: the twin takes whole bytes of 512 bits", name, bits);
  const int n = bits / 8;
  V r = splat<V>(0);
  memcpy(r.lanes, reinterpret_cast<const char*>(v.lanes) + n, (size_t)(64 - n));
  if (n > 0 && n < 64) r.defined = v.defined >> n | ~(all_defined >> n);
  if (n == 0) r.defined = v.defined;
  return r;
}
template <class V>
V shifted_left(int bits, const V& v, const char* name, int line) {
  if (bits < 0 || bits > 512 || bits % 8) violation("register-shift", line, "%s by %d bits: the twin takes whole bytes of 512 bits", name, bits);
  const int n = bits / 8;
  V r = splat<V>(0);
  memcpy(reinterpret_cast<char*>(r.lanes) + n, v.lanes, (size_t)(64 - n));
  if (n > 0 && n < 64) r.defined = v.defined << n | ((1ull << n) - 1);
  if (n == 0) r.defined = v.defined;
  return r;
}

// Lanes of the low or the high half of two registers in turn.
template <class V>
V interleaved(const V& a, const V& b, bool high) {
  constexpr int half = V::count / 2, bytes = 64 / V::count;
  constexpr uint64_t one = (1ull << bytes) - 1;
  const int from = high ? half : 0;
  V r;
  for (int i = 0; i < half; i++) {
    r.lanes[2 * i] = a.lanes[from + i];
    r.lanes[2 * i + 1] = b.lanes[from + i];
    r.defined |= (a.defined >> bytes * (from + i) & one) << 2 * bytes * i | (b.defined >> bytes * (from + i) & one) << (2 * bytes * i + bytes);
  }
  return r;
}

template <class V>
V neighbours_swapped(const V& v) {
  constexpr int bytes = 64 / V::count;
  constexpr uint64_t one = (1ull << bytes) - 1;
  V r;
  for (int i = 0; i < V::count; i++) {
    r.lanes[i] = v.lanes[i ^ 1];
    r.defined |= (v.defined >> bytes * (i ^ 1) & one) << bytes * i;
  }
  return r;
}

#define PTL_MEMORY_OF(T, SPACE, MEMORY, MASK)                                                                   \
  T##_t vload_##SPACE##_##T(const void* p, int line) { return load_lanes<T##_t>(p, line, MEMORY(p, line)); }     \
  T##_t vload_##SPACE##_##T##_mz(const void* p, MASK mask, int line) {                                           \
    return load_chosen(p, (uint64_t)mask, splat<T##_t>(0), line, MEMORY(p, line));                              \
  }                                                                                                              \
  T##_t vload_##SPACE##_##T##_mh(const void* p, const T##_t& hold, MASK mask, int line) {                        \
    return load_chosen(p, (uint64_t)mask, hold, line, MEMORY(p, line));                                         \
  }                                                                                                              \
  void vstore_##SPACE##_##T(void* p, const T##_t& v, int line) { store_lanes(p, v, line, MEMORY(p, line)); }     \
  void vstore_##SPACE##_##T##_mz(void* p, const T##_t& v, MASK mask, int line) {                                 \
    store_lanes(p, pick((uint64_t)mask, v, splat<T##_t>(0)), line, MEMORY(p, line));                             \
  }                                                                                                              \
  void vstore_##SPACE##_##T##_mh(void* p, const T##_t& v, MASK mask, int line) {                                 \
    Memory& m = MEMORY(p, line);                                                                                 \
    store_lanes(p, pick((uint64_t)mask, v, load_lanes<T##_t>(p, line, m)), line, m);                             \
  }
#define PTL_MEMORY(T, MASK)                    \
  PTL_MEMORY_OF(T, lm, local_memory, MASK)     \
  PTL_MEMORY_OF(T, sm, shared_memory, MASK)    \
  PTL_MEMORY_OF(T, gsm, group_memory, MASK)

// A lane as an integer, if every reading of the documents gives the same one.
int32_t to_int(float x, float whole, bool defined, int line);
float32x16_t fix8_quarter(const int8x64_t& v, int quarter, bool is_signed);
void put_fix8_quarter(int8x64_t& r, const float32x16_t& v, int quarter, bool nearest, bool is_signed, int line);
// Bits of 16 halves (two bytes a lane) as bits of 16 words (four bytes a lane), and back.
uint64_t halves_to_words(uint32_t halves);
uint32_t words_to_halves(uint64_t words);

}  // namespace xpu
}  // namespace twin
