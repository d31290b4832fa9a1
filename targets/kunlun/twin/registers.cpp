// What vector instructions compute: lanes, and which of their bytes are defined. See xtdk_simd.h.
#include <string.h>

#include "xpu/kernel/cluster.h"
#include "xpu/kernel/cluster_simd.h"

using namespace twin::xpu;

namespace {

constexpr uint64_t all_defined = ~0ull;

// A lane mask as a mask of bytes: every bit four times.
uint64_t byte_mask(int mask) {
  uint64_t x = (uint32_t)mask & 0xffffu;
  x = (x | x << 24) & 0x000000ff000000ffull;
  x = (x | x << 12) & 0x000f000f000f000full;
  x = (x | x << 6) & 0x0303030303030303ull;
  x = (x | x << 3) & 0x1111111111111111ull;
  return x * 15;
}

// Counts an instruction that computes in all lanes, as the twins of the memory machines count theirs.
inline void computed() {
  static thread_local uint64_t* busy = nullptr;
  if (!busy) busy = &twin::counters().lanes_busy;
  *busy += 16;
}

// Lanes all of whose bytes are defined.
inline uint64_t whole_lanes(uint64_t bytes) {
  if (bytes == all_defined) return bytes;
  bytes &= bytes >> 1;
  bytes &= bytes >> 2;
  return (bytes & 0x1111111111111111ull) * 15;
}

uint64_t zero_bytes(const void* lanes) {
  uint64_t out = 0;
  const auto* p = static_cast<const unsigned char*>(lanes);
  for (int i = 0; i < 64; i++) out |= (uint64_t)(p[i] == 0) << i;
  return out;
}

template <class V>
inline uint64_t both_lanes(const V& a, const V& b) {
  return whole_lanes(a.defined & b.defined);
}
template <class V>
inline uint64_t both_bytes(const V& a, const V& b) {
  return a.defined & b.defined;
}
// A zero that is defined makes the result so.
template <class V>
uint64_t and_bytes(const V& a, const V& b) {
  const uint64_t both = a.defined & b.defined;
  if (both == all_defined) return both;
  return both | (a.defined & zero_bytes(a.lanes)) | (b.defined & zero_bytes(b.lanes));
}

// Whole bytes move with their state; zeros come in.
uint64_t shifted_bytes(uint64_t defined, int k, bool left) {
  if (defined == all_defined) return defined;
  if (k % 8) return whole_lanes(defined);
  const int n = k / 8;
  const uint64_t low = 0x1111111111111111ull * (uint64_t)((1 << n) - 1), high = 0x1111111111111111ull * (uint64_t)(15 & ~(15 >> n));
  return left ? ((defined << n) & ~low) | low : ((defined >> n) & ~high) | high;
}

// int32 wraps: computed without sign.
template <class T>
T wrapped(T x, T y, char op) {
  return op == '+' ? x + y : op == '-' ? x - y : x * y;
}
template <>
int32_t wrapped(int32_t x, int32_t y, char op) {
  return (int32_t)wrapped((uint32_t)x, (uint32_t)y, op);
}

// Bits above the lanes mean nothing and may be anything: here they are ones.
constexpr int junk = ~0xffff;

template <class V>
V splat(typename V::lane s) {
  V r;
  for (int i = 0; i < 16; i++) r.lanes[i] = s;
  r.defined = all_defined;
  return r;
}

template <class V>
V pick(int mask, const V& a, const V& b) {
  V r;
  uint32_t x[16], y[16];
  memcpy(x, a.lanes, 64);
  memcpy(y, b.lanes, 64);
  for (int i = 0; i < 16; i++) x[i] = mask & 1 << i ? x[i] : y[i];
  memcpy(r.lanes, x, 64);
  const uint64_t chosen = byte_mask(mask);
  r.defined = (a.defined & chosen) | (b.defined & ~chosen);
  return r;
}

template <class V>
V load_lanes(const void* p, int line, Memory& m) {
  V r;
  r.defined = load64(p, 16, line, m);
  memcpy(r.lanes, p, 64);
  return r;
}

template <class V>
void store_lanes(void* p, const V& v, int line, Memory& m) {
  store64(p, 16, v.defined, line, m);
  memcpy(p, v.lanes, 64);
}

template <class V>
uint32_t word(const V& v, int i) {
  uint32_t w;
  memcpy(&w, v.lanes + i, 4);
  return w;
}

template <class V>
void set_word(V& v, int i, uint32_t w) {
  memcpy(v.lanes + i, &w, 4);
}

}  // namespace

#define PTL_MEMORY(T, SPACE, MEMORY)                                                                            \
  T##_t vload_##SPACE##_##T(const void* p, int line) { return load_lanes<T##_t>(p, line, MEMORY(p, line)); }     \
  T##_t vload_##SPACE##_##T##_mz(const void* p, int mask, int line) {                                            \
    return pick(mask, load_lanes<T##_t>(p, line, MEMORY(p, line)), splat<T##_t>(0));                             \
  }                                                                                                              \
  T##_t vload_##SPACE##_##T##_mh(const void* p, const T##_t& hold, int mask, int line) {                         \
    return pick(mask, load_lanes<T##_t>(p, line, MEMORY(p, line)), hold);                                        \
  }                                                                                                              \
  void vstore_##SPACE##_##T(void* p, const T##_t& v, int line) { store_lanes(p, v, line, MEMORY(p, line)); }     \
  void vstore_##SPACE##_##T##_mz(void* p, const T##_t& v, int mask, int line) {                                  \
    store_lanes(p, pick(mask, v, splat<T##_t>(0)), line, MEMORY(p, line));                                       \
  }                                                                                                              \
  void vstore_##SPACE##_##T##_mh(void* p, const T##_t& v, int mask, int line) {                                  \
    Memory& m = MEMORY(p, line);                                                                                 \
    store_lanes(p, pick(mask, v, load_lanes<T##_t>(p, line, m)), line, m);                                       \
  }

// EXPR computes a lane from x and y; DEFINED the bytes of the result that are.
#define BINARY(OP, T, EXPR, DEFINED)                                                                                   \
  T##_t vv##OP##_##T(const T##_t& a, const T##_t& b) {                                                                     \
    using L = T##_t::lane;                                                                                                 \
    T##_t r;                                                                                                               \
    for (int i = 0; i < 16; i++) {                                                                                         \
      const L x = a.lanes[i], y = b.lanes[i];                                                                              \
      r.lanes[i] = EXPR;                                                                                                   \
    }                                                                                                                      \
    r.defined = DEFINED(a, b);                                                                                             \
    computed();                                                                                                            \
    return r;                                                                                                              \
  }                                                                                                                        \
  PTL_FORMS(OP, T)

#define PTL_FORMS(OP, T)                                                                                                   \
  T##_t vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask) { return pick(mask, vv##OP##_##T(a, b), splat<T##_t>(0)); } \
  T##_t vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, const T##_t& hold, int mask) { return pick(mask, vv##OP##_##T(a, b), hold); } \
  T##_t sv##OP##_##T(T##_t::lane a, const T##_t& b) { return vv##OP##_##T(splat<T##_t>(a), b); }                           \
  T##_t sv##OP##_##T##_mz(T##_t::lane a, const T##_t& b, int mask) { return vv##OP##_##T##_mz(splat<T##_t>(a), b, mask); } \
  T##_t sv##OP##_##T##_mh(T##_t::lane a, const T##_t& b, const T##_t& hold, int mask) {                                    \
    return vv##OP##_##T##_mh(splat<T##_t>(a), b, hold, mask);                                                              \
  }

// EXPR works on the bits.
#define BITWISE(OP, T, EXPR, DEFINED)                                                  \
  T##_t vv##OP##_##T(const T##_t& a, const T##_t& b) {                                     \
    T##_t r;                                                                               \
    for (int i = 0; i < 16; i++) {                                                         \
      const uint32_t x = word(a, i), y = word(b, i);                                       \
      set_word(r, i, EXPR);                                                                \
    }                                                                                      \
    r.defined = DEFINED(a, b);                                                             \
    computed();                                                                            \
    return r;                                                                              \
  }                                                                                        \
  PTL_FORMS(OP, T)

#define COMPARE(OP, T, SIGN)                                                                                       \
  int vv##OP##_##T(const T##_t& a, const T##_t& b) {                                                                   \
    int mask = 0;                                                                                                      \
    for (int i = 0; i < 16; i++) mask |= (a.lanes[i] SIGN b.lanes[i]) << i;                                            \
    computed();                                                                                                        \
    return mask | junk;                                                                                                \
  }                                                                                                                    \
  int vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask) { return (vv##OP##_##T(a, b) & mask) | junk; }       \
  int vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, int mask, int c) { return (vv##OP##_##T(a, b) & mask) | (c & ~mask) | junk; } \
  int sv##OP##_##T(T##_t::lane a, const T##_t& b) { return vv##OP##_##T(splat<T##_t>(a), b); }                         \
  int sv##OP##_##T##_mz(T##_t::lane a, const T##_t& b, int mask) { return (sv##OP##_##T(a, b) & mask) | junk; }

#define PTL_ACROSS(T)                                                                               \
  T##_t vsrlp_##T(int bits, const T##_t& v, int line) {                                             \
    if (bits < 0 || bits > 512 || bits % 8)                                                         \
      twin::violation("register-shift", line, "vsrlp by %d bits: the twin takes whole bytes of 512 bits", bits); \
    const int n = bits / 8;                                                                         \
    T##_t r = splat<T##_t>(0);                                                                      \
    memcpy(r.lanes, reinterpret_cast<const char*>(v.lanes) + n, (size_t)(64 - n));                  \
    if (n > 0 && n < 64) r.defined = v.defined >> n | ~(all_defined >> n);                          \
    if (n == 0) r.defined = v.defined;                                                              \
    return r;                                                                                       \
  }                                                                                                 \
  T##_t::lane vextract_##T(const T##_t& v, int mask, int line) {                                    \
    const int k = __builtin_ctz((unsigned)mask);                                                    \
    if ((v.defined >> 4 * k & 15) != 15) refuse_undefined_lane(k, line);                            \
    return v.lanes[k];                                                                              \
  }                                                                                                 \
  static T##_t interleave(const T##_t& a, const T##_t& b, int from) {                               \
    T##_t r;                                                                                        \
    r.defined = 0;                                                                                  \
    for (int i = 0; i < 8; i++) {                                                                   \
      r.lanes[2 * i] = a.lanes[from + i];                                                           \
      r.lanes[2 * i + 1] = b.lanes[from + i];                                                       \
      r.defined |= (a.defined >> 4 * (from + i) & 15) << 8 * i | (b.defined >> 4 * (from + i) & 15) << (8 * i + 4); \
    }                                                                                               \
    return r;                                                                                       \
  }                                                                                                 \
  T##_t vvmerge_l_##T(const T##_t& a, const T##_t& b) { return interleave(a, b, 0); }               \
  T##_t vvmerge_h_##T(const T##_t& a, const T##_t& b) { return interleave(a, b, 8); }

#include "xpu/kernel/registers.gen.h"

#define PTL_TYPE(T)                                                                                         \
  PTL_MEMORY(T, lm, local_memory)                                                                           \
  PTL_MEMORY(T, sm, shared_memory)                                                                          \
  T##_t vvmac_##T(const T##_t& a, const T##_t& b, const T##_t& c) { return vvadd_##T(vvmul_##T(a, b), c); } \
  T##_t svmac_##T(T##_t::lane a, const T##_t& b, const T##_t& c) { return vvadd_##T(svmul_##T(a, b), c); }  \
  PTL_ACROSS(T)
PTL_TYPE(float32x16)
PTL_TYPE(int32x16)
PTL_TYPE(uint32x16)

#define PTL_SHIFT(OP, T, SIGN, LEFT)                                                                                       \
  T##_t sv##OP##_##T(int k, const T##_t& v) {                                                                              \
    T##_t r;                                                                                                               \
    for (int i = 0; i < 16; i++) r.lanes[i] = (T##_t::lane)((uint32_t)v.lanes[i] SIGN k);                                  \
    r.defined = shifted_bytes(v.defined, k, LEFT);                                                                         \
    computed();                                                                                                            \
    return r;                                                                                                              \
  }                                                                                                                        \
  T##_t sv##OP##_##T##_mz(int k, const T##_t& v, int mask) { return pick(mask, sv##OP##_##T(k, v), splat<T##_t>(0)); }     \
  T##_t sv##OP##_##T##_mh(int k, const T##_t& v, const T##_t& hold, int mask) { return pick(mask, sv##OP##_##T(k, v), hold); }
PTL_SHIFT(sll, int32x16, <<, true)
PTL_SHIFT(srl, int32x16, >>, false)
PTL_SHIFT(sll, uint32x16, <<, true)
PTL_SHIFT(srl, uint32x16, >>, false)

float32x16_t vabs_float32x16(const float32x16_t& a) {
  float32x16_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = __builtin_fabsf(a.lanes[i]);
  r.defined = a.defined;
  computed();
  return r;
}

float vrmax_float32x16(const float32x16_t& a, int line) {
  if (a.defined != all_defined) refuse_undefined_lane(__builtin_ctzll(~a.defined) / 4, line);
  float m = a.lanes[0];
  for (int i = 1; i < 16; i++) m = a.lanes[i] > m ? a.lanes[i] : m;
  return m;
}

float32x16_t vset_zero() { return splat<float32x16_t>(0.0f); }
float32x16_t vset_one() { return splat<float32x16_t>(1.0f); }
int32x16_t vset_zero_int() { return splat<int32x16_t>(0); }

// ---- gather and scatter -----------------------------------------------------------------------------------------------

namespace {

template <class V>
V gather(const void* base, const int32x16_t& offsets, int line) {
  V r = splat<V>(0);
  r.defined = 0;
  for (int i = 0; i < 16; i++) {
    if ((offsets.defined >> 4 * i & 15) != 15) continue;
    const uint8_t* p = static_cast<const uint8_t*>(base) + offsets.lanes[i];
    r.defined |= gather_word(p, line) << 4 * i;
    memcpy(r.lanes + i, p, 4);
  }
  twin::counters().lanes_busy += 16;
  return r;
}

// A lane as an integer, if every reading of the documents gives the same one.
int32_t to_int(float x, float whole, bool defined, int line) {
  if (!defined) return 0;
  if (x != x) twin::violation("float-to-int", line, "a NaN is converted, and what comes of it is not documented");
  if (!(x >= -2147483648.0f && x < 2147483648.0f)) twin::violation("float-to-int", line, "%g is beyond int, and what comes of it is not documented", (double)x);
  if (x != whole && __builtin_fabsf(x) > 4194303.875f) twin::violation("float-to-int", line, "%.9g has a fraction above 2^22, where the rounding is not honoured", (double)x);
  return (int32_t)whole;
}

int32x16_t to_ints(const float32x16_t& v, bool nearest, int line) {
  int32x16_t r;
  for (int i = 0; i < 16; i++) {
    const float x = v.lanes[i];
    r.lanes[i] = to_int(x, nearest ? __builtin_rintf(x) : __builtin_truncf(x), (v.defined >> 4 * i & 15) == 15, line);
  }
  r.defined = whole_lanes(v.defined);
  return r;
}

}  // namespace

float32x16_t vgather_lm_float32x16(const void* base, const int32x16_t& byte_offsets, int line) { return gather<float32x16_t>(base, byte_offsets, line); }
int32x16_t vgather_lm_int32x16(const void* base, const int32x16_t& byte_offsets, int line) { return gather<int32x16_t>(base, byte_offsets, line); }

void vscatter_lm_int32x16_mh(void* base, const int32x16_t& v, const int32x16_t& byte_offsets, int mask, int line) {
  for (int i = 0; i < 16; i++) {
    if (!(mask >> i & 1)) continue;
    if ((byte_offsets.defined >> 4 * i & 15) != 15) refuse_undefined_lane(i, line);
    uint8_t* p = static_cast<uint8_t*>(base) + byte_offsets.lanes[i];
    vector_written(memory_of(p, "LM", line), p, 4, v.defined >> 4 * i & 15, 1, line);
    memcpy(p, v.lanes + i, 4);
  }
}

// ---- conversions --------------------------------------------------------------------------------------------------------

float32x16_t vfix2float(const int32x16_t& v) {
  float32x16_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = (float)v.lanes[i];
  r.defined = whole_lanes(v.defined);
  return r;
}

int32x16_t vfloat2fix(const float32x16_t& v, int line) { return to_ints(v, true, line); }
int32x16_t vfloat2fix_rz(const float32x16_t& v, int line) { return to_ints(v, false, line); }

namespace {

float widen(const float16& h) { return half_to_float(h.bits); }
float widen(const bfloat16& h) { return bfloat_to_float(h.bits); }
void narrow(float16& h, float f) { h.bits = float_to_half(f); }
void narrow(bfloat16& h, float f) {
  uint32_t wide;
  memcpy(&wide, &f, 4);
  h.bits = (uint16_t)(wide >> 16);
}

// Bits of 16 halves (two bytes a lane) as bits of 16 words (four bytes a lane), and back.
uint64_t halves_to_words(uint32_t halves) {
  if (halves == ~0u) return all_defined;
  int lanes = 0;
  for (int i = 0; i < 16; i++) lanes |= ((halves >> 2 * i & 3) == 3) << i;
  return byte_mask(lanes);
}
uint32_t words_to_halves(uint64_t words) {
  if (words == all_defined) return ~0u;
  uint32_t halves = 0;
  for (int i = 0; i < 16; i++) halves |= (uint32_t)((words >> 4 * i & 15) == 15 ? 3 : 0) << 2 * i;
  return halves;
}

template <class H>
void load32(const H* p, float32x16_t& vl, float32x16_t& vh, int line) {
  const uint64_t defined = load64(p, 32, line, here().lm);
  for (int i = 0; i < 16; i++) vl.lanes[i] = widen(p[i]);
  for (int i = 0; i < 16; i++) vh.lanes[i] = widen(p[16 + i]);
  vl.defined = halves_to_words((uint32_t)defined);
  vh.defined = halves_to_words((uint32_t)(defined >> 32));
}

template <class H>
void store32(H* p, const float32x16_t& vl, const float32x16_t& vh, int line) {
  store64(p, 32, words_to_halves(vl.defined) | (uint64_t)words_to_halves(vh.defined) << 32, line, here().lm);
  for (int i = 0; i < 16; i++) narrow(p[i], vl.lanes[i]);
  for (int i = 0; i < 16; i++) narrow(p[16 + i], vh.lanes[i]);
}

}  // namespace

void vload2_lm(const float* p, float32x16_t& vl, float32x16_t& vh, int line) {
  vl = vload_lm_float32x16(p, line);
  vh = vload_lm_float32x16(p + 16, line);
}
void vload2_lm(const int* p, int32x16_t& vl, int32x16_t& vh, int line) {
  vl = vload_lm_int32x16(p, line);
  vh = vload_lm_int32x16(p + 16, line);
}
void vload2_lm(const float16* p, float32x16_t& vl, float32x16_t& vh, int line) { load32(p, vl, vh, line); }
void vload2_lm(const bfloat16* p, float32x16_t& vl, float32x16_t& vh, int line) { load32(p, vl, vh, line); }
void vstore2_lm(float* p, float32x16_t& vl, float32x16_t& vh, int line) {
  vstore_lm_float32x16(p, vl, line);
  vstore_lm_float32x16(p + 16, vh, line);
}
void vstore2_lm(int* p, int32x16_t& vl, int32x16_t& vh, int line) {
  vstore_lm_int32x16(p, vl, line);
  vstore_lm_int32x16(p + 16, vh, line);
}
void vstore2_lm(float16* p, float32x16_t& vl, float32x16_t& vh, int line) { store32(p, vl, vh, line); }
void vstore2_lm(bfloat16* p, float32x16_t& vl, float32x16_t& vh, int line) { store32(p, vl, vh, line); }

float16x32_t vload_lm_float16x32(const void* p, int line) {
  float16x32_t r;
  r.defined = load64(p, 32, line, here().lm);
  memcpy(r.lane, p, 64);
  return r;
}
void vstore_lm_float16x32(void* p, const float16x32_t& v, int line) {
  store64(p, 32, v.defined, line, here().lm);
  memcpy(p, v.lane, 64);
}
float32x16_t vfp162float_l(const float16x32_t& v) {
  float32x16_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = half_to_float(v.lane[i]);
  r.defined = halves_to_words((uint32_t)v.defined);
  return r;
}
float32x16_t vfp162float_h(const float16x32_t& v) {
  float32x16_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = half_to_float(v.lane[16 + i]);
  r.defined = halves_to_words((uint32_t)(v.defined >> 32));
  return r;
}
float16x32_t vfloat2fp16_lh(const float32x16_t& l, const float32x16_t& h) {
  float16x32_t r;
  for (int i = 0; i < 16; i++) r.lane[i] = float_to_half(l.lanes[i]);
  for (int i = 0; i < 16; i++) r.lane[16 + i] = float_to_half(h.lanes[i]);
  r.defined = words_to_halves(l.defined) | (uint64_t)words_to_halves(h.defined) << 32;
  return r;
}
