// Registers of 16-bit and 8-bit lanes, their conversions, and loads and stores of 32 elements in two registers. See xtdk_simd.h.
#include "registers.h"

using namespace twin::xpu;
using twin::violation;

PTL_MEMORY(float16x32, int)
PTL_MEMORY(bfloat16x32, int)
PTL_MEMORY(int16x32, int)
PTL_MEMORY(int8x64, uint64_t)

namespace {

template <class V>
inline uint64_t both_lanes(const V& a, const V& b) {
  return whole_halves(a.defined & b.defined);
}
float wrapped(float x, float y, char op) { return op == '+' ? x + y : op == '-' ? x - y : x * y; }

float wide(const float16x32_t&, uint16_t h) { return half_to_float(h); }
float wide(const bfloat16x32_t&, uint16_t h) { return bfloat_to_float(h); }
uint16_t narrow(const float16x32_t&, float f) { return float_to_half(f); }
uint16_t narrow(const bfloat16x32_t&, float f) { return float_to_bfloat(f); }

float16x32_t filled(HalfScalar s) { return splat<float16x32_t>(s.bits); }

}  // namespace

#define PTL_HALVES_OF(OP, T)                                                                                                \
  T##_t vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask) { return pick((uint64_t)mask, vv##OP##_##T(a, b), splat<T##_t>(0)); } \
  T##_t vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, const T##_t& hold, int mask) {                                    \
    return pick((uint64_t)mask, vv##OP##_##T(a, b), Seen<T##_t>(hold).v);                                                   \
  }
// A half of a result rounds once: what a float holds of two halves is exact enough.
#define PTL_HALVES(OP, T, EXPR, DEFINED)                                   \
  T##_t vv##OP##_##T(const T##_t& a0, const T##_t& b0) {                   \
    const Seen<T##_t> sa(a0), sb(b0);                                      \
    T##_t r;                                                               \
    for (int i = 0; i < 32; i++) {                                         \
      const float x = wide(r, sa.v.lanes[i]), y = wide(r, sb.v.lanes[i]);  \
      r.lanes[i] = narrow(r, EXPR);                                        \
    }                                                                      \
    r.defined = DEFINED(sa.v, sb.v);                                       \
    computed();                                                            \
    return r;                                                              \
  }                                                                        \
  PTL_HALVES_OF(OP, T)
#define BFLOAT_BINARY PTL_HALVES
#define HALF_BINARY(OP, T, ...)                                                                                             \
  PTL_HALVES(OP, T, __VA_ARGS__)                                                                                            \
  T##_t sv##OP##_##T(HalfScalar a, const T##_t& b) { return vv##OP##_##T(filled(a), b); }                                   \
  T##_t sv##OP##_##T##_mz(HalfScalar a, const T##_t& b, int mask) { return vv##OP##_##T##_mz(filled(a), b, mask); }         \
  T##_t sv##OP##_##T##_mh(HalfScalar a, const T##_t& b, int mask) { return vv##OP##_##T##_mh(filled(a), b, b, mask); }      \
  T##_t sv##OP##_##T##_mh(HalfScalar a, const T##_t& b, const T##_t& hold, int mask) { return vv##OP##_##T##_mh(filled(a), b, hold, mask); }
#define HALF_COMPARE(OP, T, SIGN)                                                                                           \
  int vv##OP##_##T(const T##_t& a0, const T##_t& b0) {                                                                      \
    const Seen<T##_t> sa(a0), sb(b0);                                                                                       \
    unsigned mask = 0;                                                                                                      \
    for (int i = 0; i < 32; i++) mask |= (unsigned)(wide(sa.v, sa.v.lanes[i]) SIGN wide(sb.v, sb.v.lanes[i])) << i;         \
    computed();                                                                                                             \
    return (int)mask;                                                                                                       \
  }                                                                                                                         \
  int vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask) { return vv##OP##_##T(a, b) & mask; }                     \
  int sv##OP##_##T(HalfScalar a, const T##_t& b) { return vv##OP##_##T(filled(a), b); }                                     \
  int sv##OP##_##T##_mz(HalfScalar a, const T##_t& b, int mask) { return sv##OP##_##T(a, b) & mask; }
#define HALF_BITWISE(OP, T, EXPR, DEFINED)                                             \
  T##_t vv##OP##_##T(const T##_t& a0, const T##_t& b0) {                               \
    const Seen<T##_t> sa(a0), sb(b0);                                                  \
    T##_t r;                                                                           \
    for (int i = 0; i < 32; i++) {                                                     \
      const auto x = (uint16_t)sa.v.lanes[i], y = (uint16_t)sb.v.lanes[i];             \
      r.lanes[i] = (T##_t::lane)(EXPR);                                                \
    }                                                                                  \
    r.defined = DEFINED(sa.v, sb.v);                                                   \
    computed();                                                                        \
    return r;                                                                          \
  }                                                                                    \
  PTL_HALVES_OF(OP, T)
#define BINARY(...)
#define BITWISE(...)
#define COMPARE(...)
#include "xpu/kernel/registers.gen.h"

float16x32_t vvmac_float16x32(const float16x32_t& a, const float16x32_t& b, const float16x32_t& c) { return vvadd_float16x32(vvmul_float16x32(a, b), c); }
float16x32_t vvmac_float16x32_mz_rn(const float16x32_t& a, const float16x32_t& b, const float16x32_t& c, int mask) {
  return pick((uint64_t)mask, vvmac_float16x32(a, b, c), splat<float16x32_t>(0));
}
float16x32_t svmac_float16x32(HalfScalar a, const float16x32_t& b, const float16x32_t& c) { return vvmac_float16x32(filled(a), b, c); }

half vrmax_float16x32(const float16x32_t& v, int line) {
  const Seen<float16x32_t> s(v);
  if (s.v.defined != all_defined) refuse_undefined_lane(__builtin_ctzll(~s.v.defined) / 2, line);
  float m = half_to_float(s.v.lanes[0]);
  for (int i = 1; i < 32; i++) m = half_to_float(s.v.lanes[i]) > m ? half_to_float(s.v.lanes[i]) : m;
  return (half)m;
}

float16x32_t vabs_float16x32(const float16x32_t& a) {
  const Seen<float16x32_t> s(a);
  float16x32_t r;
  for (int i = 0; i < 32; i++) r.lanes[i] = s.v.lanes[i] & 0x7fff;
  r.defined = s.v.defined;
  computed();
  return r;
}

float16x32_t vshuffle2_float16x32(const float16x32_t& v) { return neighbours_swapped(Seen<float16x32_t>(v).v); }
bfloat16x32_t vshuffle2_bfloat16x32(const bfloat16x32_t& v) { return neighbours_swapped(Seen<bfloat16x32_t>(v).v); }
bfloat16x32_t vvmerge_l_bfloat16x32(const bfloat16x32_t& a, const bfloat16x32_t& b) { return interleaved(a, b, false); }
bfloat16x32_t vvmerge_h_bfloat16x32(const bfloat16x32_t& a, const bfloat16x32_t& b) { return interleaved(a, b, true); }

// ---- conversions --------------------------------------------------------------------------------------------------------

namespace twin {
namespace xpu {

uint64_t halves_to_words(uint32_t halves) {
  if (halves == ~0u) return all_defined;
  uint64_t lanes = 0;
  for (int i = 0; i < 16; i++) lanes |= (uint64_t)((halves >> 2 * i & 3) == 3) << i;
  return byte_mask<float32x16_t>(lanes);
}
uint32_t words_to_halves(uint64_t words) {
  if (words == all_defined) return ~0u;
  uint32_t halves = 0;
  for (int i = 0; i < 16; i++) halves |= (uint32_t)((words >> 4 * i & 15) == 15 ? 3 : 0) << 2 * i;
  return halves;
}

float32x16_t fix8_quarter(const int8x64_t& v, int quarter, bool is_signed) {
  float32x16_t r;
  for (int i = 0; i < 16; i++) {
    const int8_t x = v.lanes[16 * quarter + i];
    r.lanes[i] = is_signed ? (float)x : (float)(uint8_t)x;
  }
  r.defined = byte_mask<float32x16_t>(v.defined >> 16 * quarter & 0xffff);
  return r;
}

// Values that fit, in the quarter's 16 bytes; what becomes of those that do not is not documented.
void put_fix8_quarter(int8x64_t& r, const float32x16_t& v, int quarter, bool nearest, bool is_signed, int line) {
  uint64_t lanes = 0;
  for (int i = 0; i < 16; i++) {
    const bool defined = (v.defined >> 4 * i & 15) == 15;
    const float x = v.lanes[i];
    const int32_t whole = to_int(x, nearest ? __builtin_rintf(x) : __builtin_truncf(x), defined, line);
    if (defined && (whole < (is_signed ? -128 : 0) || whole > (is_signed ? 127 : 255)))
      violation("float-to-int", line, "%g does not fit into 8 bits, and what comes of it is not documented", (double)x);
    r.lanes[16 * quarter + i] = (int8_t)whole;
    lanes |= (uint64_t)defined << i;
  }
  r.defined = (r.defined & ~(0xffffull << 16 * quarter)) | lanes << 16 * quarter;
}

}  // namespace xpu
}  // namespace twin

float32x16_t vfix82float_ll(const int8x64_t& v) { return fix8_quarter(v, 0, true); }
float32x16_t vfix82float_lh(const int8x64_t& v) { return fix8_quarter(v, 1, true); }
float32x16_t vfix82float_hl(const int8x64_t& v) { return fix8_quarter(v, 2, true); }
float32x16_t vfix82float_hh(const int8x64_t& v) { return fix8_quarter(v, 3, true); }

float32x16_t vfp162float_l(const float16x32_t& v0) {
  const Seen<float16x32_t> s(v0);
  float32x16_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = half_to_float(s.v.lanes[i]);
  r.defined = halves_to_words((uint32_t)s.v.defined);
  return r;
}
float32x16_t vfp162float_h(const float16x32_t& v0) {
  const Seen<float16x32_t> s(v0);
  float32x16_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = half_to_float(s.v.lanes[16 + i]);
  r.defined = halves_to_words((uint32_t)(s.v.defined >> 32));
  return r;
}
float16x32_t vfloat2fp16_lh(const float32x16_t& l0, const float32x16_t& h0) {
  const Seen<float32x16_t> l(l0), h(h0);
  float16x32_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = float_to_half(l.v.lanes[i]);
  for (int i = 0; i < 16; i++) r.lanes[16 + i] = float_to_half(h.v.lanes[i]);
  r.defined = words_to_halves(l.v.defined) | (uint64_t)words_to_halves(h.v.defined) << 32;
  return r;
}

// ---- 32 elements in two registers ------------------------------------------------------------------------------------------

namespace {

float widen(float16 h) { return half_to_float(h.bits); }
float widen(bfloat16 h) { return bfloat_to_float(h.bits); }
void narrow_to(float16& h, float f) { h.bits = float_to_half(f); }
void narrow_to(bfloat16& h, float f) {
  if (here().arch == 2) {
    h.bits = float_to_bfloat(f);
    return;
  }
  uint32_t bits;
  memcpy(&bits, &f, 4);
  h.bits = (uint16_t)(bits >> 16);
}

template <class V>
V masked(unsigned mask, const V& v) {
  return pick(mask, v, splat<V>(0));
}

template <class E, class V>
void load_words(const E* p, V& vl, V& vh, int line, Memory& m) {
  vl = load_lanes<V>(p, line, m);
  vh = load_lanes<V>(p + 16, line, m);
}
template <class E, class V>
void store_words(E* p, const V& vl, const V& vh, int line, Memory& m) {
  const uint64_t either = vl.defined | vh.defined;
  store_lanes(p, vl, line, m, either);
  store_lanes(p + 16, vh, line, m, either);
}

void load_pair(const float* p, float32x16_t& vl, float32x16_t& vh, int line, Memory& m) { load_words(p, vl, vh, line, m); }
void load_pair(const int* p, int32x16_t& vl, int32x16_t& vh, int line, Memory& m) { load_words(p, vl, vh, line, m); }
template <class H>
void load_pair(const H* p, float32x16_t& vl, float32x16_t& vh, int line, Memory& m) {
  const uint64_t defined = load64(p, 32, line, m);
  for (int i = 0; i < 16; i++) vl.lanes[i] = widen(p[i]);
  for (int i = 0; i < 16; i++) vh.lanes[i] = widen(p[16 + i]);
  vl.defined = halves_to_words((uint32_t)defined);
  vh.defined = halves_to_words((uint32_t)(defined >> 32));
}

void store_pair(float* p, const float32x16_t& vl, const float32x16_t& vh, int line, Memory& m) { store_words(p, vl, vh, line, m); }
void store_pair(int* p, const int32x16_t& vl, const int32x16_t& vh, int line, Memory& m) { store_words(p, vl, vh, line, m); }
template <class H>
void store_pair(H* p, const float32x16_t& vl, const float32x16_t& vh, int line, Memory& m) {
  H converted[32];
  for (int i = 0; i < 16; i++) narrow_to(converted[i], vl.lanes[i]);
  for (int i = 0; i < 16; i++) narrow_to(converted[16 + i], vh.lanes[i]);
  store64(p, 32, words_to_halves(vl.defined) | (uint64_t)words_to_halves(vh.defined) << 32, line, m);
  memcpy(static_cast<void*>(p), converted, 64);
}

// Even elements in one register, odd ones in the other.
void load_apart(const bfloat16* p, float32x16_t& veven, float32x16_t& vodd, unsigned mask, int line, Memory& m) {
  const uint64_t defined = load64(p, 32, line, m);
  uint64_t even = 0, odd = 0;
  for (int i = 0; i < 16; i++) {
    const auto at = [&](int k) { return mask >> k & 1 ? widen(p[k]) : 0.0f; };
    const auto known = [&](int k) { return (uint64_t)(!(mask >> k & 1) || (defined >> 2 * k & 3) == 3); };
    vodd.lanes[i] = at(2 * i);
    veven.lanes[i] = at(2 * i + 1);
    odd |= known(2 * i) << i;
    even |= known(2 * i + 1) << i;
  }
  veven.defined = byte_mask<float32x16_t>(even);
  vodd.defined = byte_mask<float32x16_t>(odd);
}
void store_apart(bfloat16* p, const float32x16_t& veven, const float32x16_t& vodd, int line, Memory& m) {
  bfloat16 converted[32];
  uint64_t defined = 0;
  for (int i = 0; i < 16; i++) {
    const auto put = [&](int k, const float32x16_t& v) {
      uint32_t bits;
      memcpy(&bits, v.lanes + i, 4);
      converted[k].bits = (uint16_t)(bits >> 16);
      defined |= (uint64_t)((v.defined >> 4 * i & 15) == 15 ? 3 : 0) << 2 * k;
    };
    put(2 * i, vodd);
    put(2 * i + 1, veven);
  }
  store64(p, 32, defined, line, m);
  memcpy(static_cast<void*>(p), converted, 64);
}

}  // namespace

#define PTL_PAIRS_OF(SPACE, MEMORY, E, V)                                                                                          \
  void vload2_##SPACE(const E* p, V& vl, V& vh, int line) { load_pair(p, vl, vh, line, MEMORY(p, line)); }                         \
  void vload2_##SPACE##_mz(const E* p, V& vl, V& vh, unsigned mask, int line) {                                                    \
    load_pair(p, vl, vh, line, MEMORY(p, line));                                                                                   \
    vl = masked(mask, vl);                                                                                                         \
    vh = masked(mask >> 16, vh);                                                                                                   \
  }                                                                                                                                \
  void vstore2_##SPACE(E* p, const V& vl, const V& vh, int line) { store_pair(p, vl, vh, line, MEMORY(p, line)); }                 \
  void vstore2_##SPACE##_mz(E* p, const V& vl, const V& vh, unsigned mask1, unsigned mask2, int line) {                            \
    store_pair(p, masked(mask1, vl), masked(mask2, vh), line, MEMORY(p, line));                                                    \
  }
#define PTL_PAIRS(SPACE, MEMORY)                                                                                                   \
  PTL_PAIRS_OF(SPACE, MEMORY, float, float32x16_t)                                                                                 \
  PTL_PAIRS_OF(SPACE, MEMORY, int, int32x16_t)                                                                                     \
  PTL_PAIRS_OF(SPACE, MEMORY, float16, float32x16_t)                                                                               \
  PTL_PAIRS_OF(SPACE, MEMORY, bfloat16, float32x16_t)                                                                              \
  void vload2_##SPACE##_unordered(const bfloat16* p, float32x16_t& veven, float32x16_t& vodd, int line) {                          \
    load_apart(p, veven, vodd, ~0u, line, MEMORY(p, line));                                                                        \
  }                                                                                                                                \
  void vload2_##SPACE##_unordered_mz(const bfloat16* p, float32x16_t& veven, float32x16_t& vodd, unsigned mask, int line) {        \
    load_apart(p, veven, vodd, mask, line, MEMORY(p, line));                                                                       \
  }                                                                                                                                \
  void vstore2_##SPACE##_unordered(bfloat16* p, const float32x16_t& veven, const float32x16_t& vodd, int line) {                   \
    store_apart(p, veven, vodd, line, MEMORY(p, line));                                                                            \
  }
PTL_PAIRS(lm, local_memory)
PTL_PAIRS(sm, shared_memory)
PTL_PAIRS(gsm, group_memory)
