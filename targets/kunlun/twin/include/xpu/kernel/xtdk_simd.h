// The twin's xpu/kernel/xtdk_simd.h: vector registers of 16 lanes as four quads the host's own vector unit computes,
// with one bit a byte that says whether it is defined. Arithmetic is as defined as its operands, lane by lane, bitwise
// operations byte by byte, so that a load that was too short shows where its garbage leaves the chip, not before.
//
// Names follow the guide's grammar: v{load|store}_{lm|sm}_TYPE, vv/sv/v OP _TYPE, with _mz (lanes whose mask bit is 0
// become 0) and _mh (they keep `hold`).
#pragma once
#include "xpu/kernel/xtdk.h"

namespace twin {
namespace xpu {
typedef float quad_f __attribute__((vector_size(16)));
typedef int32_t quad_i __attribute__((vector_size(16)));
typedef uint32_t quad_u __attribute__((vector_size(16)));

// Bits of a mask as four quads of all ones or all zeros.
inline quad_i quad_mask(int mask, int quad) {
  const quad_i bits = {1, 2, 4, 8};
  const int m = mask >> (4 * quad);
  const quad_i all = {m, m, m, m};
  return (all & bits) == bits;
}

// A lane mask as a mask of bytes: every bit four times.
inline uint64_t byte_mask(int mask) {
  uint64_t x = (uint32_t)mask & 0xffffu;
  x = (x | x << 24) & 0x000000ff000000ffull;
  x = (x | x << 12) & 0x000f000f000f000full;
  x = (x | x << 6) & 0x0303030303030303ull;
  x = (x | x << 3) & 0x1111111111111111ull;
  return x * 15;
}

// Lanes all of whose bytes are defined.
inline uint64_t whole_lanes(uint64_t bytes) {
  if (bytes == ~0ull) return bytes;
  bytes &= bytes >> 1;
  bytes &= bytes >> 2;
  return (bytes & 0x1111111111111111ull) * 15;
}

// Bits of bytes that are zero.
inline uint64_t zero_bytes(const void* lanes) {
  uint64_t out = 0;
  const unsigned char* p = (const unsigned char*)lanes;
  for (int i = 0; i < 64; i++) out |= (uint64_t)(p[i] == 0) << i;
  return out;
}

// One bit a lane from quads of all ones or all zeros.
inline int mask_bits(quad_i a, quad_i b, quad_i c, quad_i d) {
  const quad_i bits = {1, 2, 4, 8};
  const quad_i all = (a & bits) | (b & (bits << 4)) | (c & (bits << 8)) | (d & (bits << 12));
  return all[0] | all[1] | all[2] | all[3];
}

template <class V, class Q>
inline V pick(int mask, const V& a, const V& b) {
  V r;
  for (int i = 0; i < 4; i++) {
    const quad_i m = quad_mask(mask, i);
    r.q[i] = (Q)(((quad_i)a.q[i] & m) | ((quad_i)b.q[i] & ~m));
  }
  const uint64_t chosen = byte_mask(mask);
  r.defined = (a.defined & chosen) | (b.defined & ~chosen);
  return r;
}

inline quad_f abs_quad(quad_f x) { return (quad_f)((quad_i)x & quad_i{0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff}); }
}  // namespace xpu
}  // namespace twin

// The three have one layout, so that reinterpret_cast of a reference reads the same bits under another type.
#define PTL_TWIN_REGISTER(NAME, QUAD, LANE)      \
  struct __attribute__((may_alias)) NAME {       \
    using quad = twin::xpu::QUAD;                \
    using lane = LANE;                           \
    quad q[4];                                   \
    uint64_t defined; /* by byte */              \
  };
PTL_TWIN_REGISTER(float32x16_t, quad_f, float)
PTL_TWIN_REGISTER(int32x16_t, quad_i, int32_t)
PTL_TWIN_REGISTER(uint32x16_t, quad_u, uint32_t)
#undef PTL_TWIN_REGISTER
// 32 sixteen-bit lanes: halves on XPU3.
struct float16x32_t {
  uint16_t lane[32];
  uint64_t defined;
};

namespace twin {
namespace xpu {
template <class V>
inline V splat(typename V::lane s) {
  using Q = typename V::quad;
  const Q q = {s, s, s, s};
  V r;
  r.q[0] = q, r.q[1] = q, r.q[2] = q, r.q[3] = q;
  r.defined = ~0ull;
  return r;
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
inline uint64_t and_bytes(const V& a, const V& b) {
  const uint64_t both = a.defined & b.defined;
  if (both == ~0ull) return both;
  return both | (a.defined & zero_bytes(a.q)) | (b.defined & zero_bytes(b.q));
}
// Whole bytes move with their state; zeros come in.
inline uint64_t shifted_bytes(uint64_t defined, int k, bool left) {
  if (defined == ~0ull) return defined;
  if (k % 8) return whole_lanes(defined);
  const int n = k / 8;
  const uint64_t low = 0x1111111111111111ull * (uint64_t)((1 << n) - 1), high = 0x1111111111111111ull * (uint64_t)(15 & ~(15 >> n));
  return left ? ((defined << n) & ~low) | low : ((defined >> n) & ~high) | high;
}

template <class V>
inline V load_lanes(const void* p, int line, Memory& m) {
  V r;
  r.defined = load64(p, 16, line, m);
  __builtin_memcpy(r.q, p, 64);
  return r;
}

template <class V>
inline void store_lanes(void* p, const V& v, int line, Memory& m) {
  store64(p, 16, v.defined, line, m);
  __builtin_memcpy(p, v.q, 64);
}
}  // namespace xpu
}  // namespace twin

// ---- loads and stores ----
#define PTL_TWIN_MEMORY(T, SPACE, MEMORY)                                                                          \
  inline T##_t vload_##SPACE##_##T(const void* p, int line = __builtin_LINE()) {                                   \
    return twin::xpu::load_lanes<T##_t>(p, line, twin::xpu::MEMORY(p, line));                                      \
  }                                                                                                                \
  inline T##_t vload_##SPACE##_##T##_mz(const void* p, int mask = -1, int line = __builtin_LINE()) {               \
    T##_t r = twin::xpu::load_lanes<T##_t>(p, line, twin::xpu::MEMORY(p, line));                                   \
    return twin::xpu::pick<T##_t, T##_t::quad>(mask, r, twin::xpu::splat<T##_t>(0));                               \
  }                                                                                                                \
  inline T##_t vload_##SPACE##_##T##_mh(const void* p, T##_t hold, int mask = -1, int line = __builtin_LINE()) {   \
    T##_t r = twin::xpu::load_lanes<T##_t>(p, line, twin::xpu::MEMORY(p, line));                                   \
    return twin::xpu::pick<T##_t, T##_t::quad>(mask, r, hold);                                                     \
  }                                                                                                                \
  inline void vstore_##SPACE##_##T(void* p, T##_t v, int line = __builtin_LINE()) {                                \
    twin::xpu::store_lanes(p, v, line, twin::xpu::MEMORY(p, line));                                                \
  }                                                                                                                \
  inline void vstore_##SPACE##_##T##_mz(void* p, T##_t v, int mask = -1, int line = __builtin_LINE()) {            \
    twin::xpu::store_lanes(p, twin::xpu::pick<T##_t, T##_t::quad>(mask, v, twin::xpu::splat<T##_t>(0)), line,      \
                           twin::xpu::MEMORY(p, line));                                                            \
  }                                                                                                                \
  inline void vstore_##SPACE##_##T##_mh(void* p, T##_t v, int mask = -1, int line = __builtin_LINE()) {            \
    twin::xpu::Memory& m = twin::xpu::MEMORY(p, line);                                                             \
    const T##_t old = twin::xpu::load_lanes<T##_t>(p, line, m);                                                    \
    twin::xpu::store_lanes(p, twin::xpu::pick<T##_t, T##_t::quad>(mask, v, old), line, m);                         \
  }
PTL_TWIN_MEMORY(float32x16, lm, local_memory)
PTL_TWIN_MEMORY(int32x16, lm, local_memory)
PTL_TWIN_MEMORY(uint32x16, lm, local_memory)
PTL_TWIN_MEMORY(float32x16, sm, shared_memory)
PTL_TWIN_MEMORY(int32x16, sm, shared_memory)
PTL_TWIN_MEMORY(uint32x16, sm, shared_memory)
#undef PTL_TWIN_MEMORY

// ---- lane by lane ----
// EXPR computes one quad from quads x and y; DEFINED the bytes of the result that are.
#define PTL_TWIN_BINARY(OP, T, EXPR, DEFINED)                                                                    \
  inline T##_t vv##OP##_##T(T##_t a, T##_t b) {                                                         \
    using Q = T##_t::quad;                                                                              \
    T##_t r;                                                                                            \
    for (int i = 0; i < 4; i++) {                                                                       \
      const Q x = a.q[i], y = b.q[i];                                                                   \
      r.q[i] = EXPR;                                                                                    \
    }                                                                                                   \
    r.defined = twin::xpu::DEFINED(a, b);                                                               \
    return r;                                                                                           \
  }                                                                                                     \
  inline T##_t vv##OP##_##T##_mz(T##_t a, T##_t b, int mask = -1) {                                     \
    return twin::xpu::pick<T##_t, T##_t::quad>(mask, vv##OP##_##T(a, b), twin::xpu::splat<T##_t>(0));   \
  }                                                                                                     \
  inline T##_t vv##OP##_##T##_mh(T##_t a, T##_t b, T##_t hold, int mask = -1) {                         \
    return twin::xpu::pick<T##_t, T##_t::quad>(mask, vv##OP##_##T(a, b), hold);                         \
  }                                                                                                     \
  inline T##_t sv##OP##_##T(T##_t::lane a, T##_t b) { return vv##OP##_##T(twin::xpu::splat<T##_t>(a), b); } \
  inline T##_t sv##OP##_##T##_mz(T##_t::lane a, T##_t b, int mask = -1) {                               \
    return vv##OP##_##T##_mz(twin::xpu::splat<T##_t>(a), b, mask);                                      \
  }                                                                                                     \
  inline T##_t sv##OP##_##T##_mh(T##_t::lane a, T##_t b, T##_t hold, int mask = -1) {                   \
    return vv##OP##_##T##_mh(twin::xpu::splat<T##_t>(a), b, hold, mask);                                \
  }

#define PTL_TWIN_ARITHMETIC(T)                                                                           \
  PTL_TWIN_BINARY(add, T, x + y, both_lanes)                                                                         \
  PTL_TWIN_BINARY(sub, T, x - y, both_lanes)                                                                         \
  PTL_TWIN_BINARY(mul, T, x* y, both_lanes)                                                                          \
  PTL_TWIN_BINARY(max, T, x > y ? x : y, both_lanes)                                                                 \
  PTL_TWIN_BINARY(min, T, x < y ? x : y, both_lanes)                                                                 \
  PTL_TWIN_BINARY(and, T, (Q)((twin::xpu::quad_i)x & (twin::xpu::quad_i)y), and_bytes)                              \
  PTL_TWIN_BINARY(or, T, (Q)((twin::xpu::quad_i)x | (twin::xpu::quad_i)y), both_bytes)                               \
  PTL_TWIN_BINARY(xor, T, (Q)((twin::xpu::quad_i)x ^ (twin::xpu::quad_i)y), both_bytes)                              \
  PTL_TWIN_BINARY(nor, T, (Q) ~((twin::xpu::quad_i)x | (twin::xpu::quad_i)y), both_bytes)                            \
  PTL_TWIN_BINARY(xnor, T, (Q) ~((twin::xpu::quad_i)x ^ (twin::xpu::quad_i)y), both_bytes)                           \
  inline T##_t vvmac_##T(T##_t a, T##_t b, T##_t c) { return vvadd_##T(vvmul_##T(a, b), c); }            \
  inline T##_t svmac_##T(T##_t::lane a, T##_t b, T##_t c) { return vvadd_##T(svmul_##T(a, b), c); }
PTL_TWIN_ARITHMETIC(float32x16)
// Integers wrap: computed without sign, as the machine does.
#define PTL_TWIN_U(x) ((twin::xpu::quad_u)(x))
PTL_TWIN_BINARY(add, int32x16, (Q)(PTL_TWIN_U(x) + PTL_TWIN_U(y)), both_lanes)
PTL_TWIN_BINARY(sub, int32x16, (Q)(PTL_TWIN_U(x) - PTL_TWIN_U(y)), both_lanes)
PTL_TWIN_BINARY(mul, int32x16, (Q)(PTL_TWIN_U(x) * PTL_TWIN_U(y)), both_lanes)
PTL_TWIN_BINARY(max, int32x16, x > y ? x : y, both_lanes)
PTL_TWIN_BINARY(min, int32x16, x < y ? x : y, both_lanes)
PTL_TWIN_BINARY(and, int32x16, x& y, and_bytes)
PTL_TWIN_BINARY(or, int32x16, x | y, both_bytes)
PTL_TWIN_BINARY(xor, int32x16, x ^ y, both_bytes)
PTL_TWIN_BINARY(nor, int32x16, ~(x | y), both_bytes)
PTL_TWIN_BINARY(xnor, int32x16, ~(x ^ y), both_bytes)
inline int32x16_t vvmac_int32x16(int32x16_t a, int32x16_t b, int32x16_t c) { return vvadd_int32x16(vvmul_int32x16(a, b), c); }
inline int32x16_t svmac_int32x16(int32_t a, int32x16_t b, int32x16_t c) { return vvadd_int32x16(svmul_int32x16(a, b), c); }
PTL_TWIN_ARITHMETIC(uint32x16)
#undef PTL_TWIN_ARITHMETIC

inline float32x16_t vabs_float32x16(float32x16_t a) {
  for (int i = 0; i < 4; i++) a.q[i] = twin::xpu::abs_quad(a.q[i]);
  return a;
}

// Logical shifts of every lane by k bits: sv{sll|srl}(k, v). `k` in 0..31.
#define PTL_TWIN_SHIFT(OP, T, SIGN)                                                                          \
  inline T##_t sv##OP##_##T(int k, T##_t v) {                                                                \
    for (int i = 0; i < 4; i++) v.q[i] = (T##_t::quad)(PTL_TWIN_U(v.q[i]) SIGN k);                           \
    v.defined = twin::xpu::shifted_bytes(v.defined, k, #OP[2] == 'l' && #OP[1] == 'l');                      \
    return v;                                                                                                \
  }                                                                                                          \
  inline T##_t sv##OP##_##T##_mz(int k, T##_t v, int mask = -1) {                                            \
    return twin::xpu::pick<T##_t, T##_t::quad>(mask, sv##OP##_##T(k, v), twin::xpu::splat<T##_t>(0));        \
  }                                                                                                          \
  inline T##_t sv##OP##_##T##_mh(int k, T##_t v, T##_t hold, int mask = -1) {                                \
    return twin::xpu::pick<T##_t, T##_t::quad>(mask, sv##OP##_##T(k, v), hold);                              \
  }
PTL_TWIN_SHIFT(sll, int32x16, <<)
PTL_TWIN_SHIFT(srl, int32x16, >>)
PTL_TWIN_SHIFT(sll, uint32x16, <<)
PTL_TWIN_SHIFT(srl, uint32x16, >>)
#undef PTL_TWIN_SHIFT

// Comparisons give an int with one bit a lane. There is no gt and no ge: swap the operands.
#define PTL_TWIN_COMPARE(OP, T, SIGN)                                                                                 \
  inline int vv##OP##_##T(T##_t a, T##_t b) {                                                                         \
    return twin::xpu::mask_bits(a.q[0] SIGN b.q[0], a.q[1] SIGN b.q[1], a.q[2] SIGN b.q[2], a.q[3] SIGN b.q[3]);      \
  }                                                                                                                   \
  inline int vv##OP##_##T##_mz(T##_t a, T##_t b, int mask = -1) { return vv##OP##_##T(a, b) & mask; }                 \
  inline int vv##OP##_##T##_mh(T##_t a, T##_t b, int mask = -1, int c = -1) {                                         \
    return (vv##OP##_##T(a, b) & mask) | (c & ~mask & 0xffff);                                                        \
  }                                                                                                                   \
  inline int sv##OP##_##T(T##_t::lane a, T##_t b) { return vv##OP##_##T(twin::xpu::splat<T##_t>(a), b); }             \
  inline int sv##OP##_##T##_mz(T##_t::lane a, T##_t b, int mask = -1) { return sv##OP##_##T(a, b) & mask; }
#define PTL_TWIN_COMPARES(T)      \
  PTL_TWIN_COMPARE(eq, T, ==)     \
  PTL_TWIN_COMPARE(neq, T, !=)    \
  PTL_TWIN_COMPARE(lt, T, <)      \
  PTL_TWIN_COMPARE(le, T, <=)
PTL_TWIN_COMPARES(float32x16)
PTL_TWIN_COMPARES(int32x16)
PTL_TWIN_COMPARES(uint32x16)
#undef PTL_TWIN_COMPARES
#undef PTL_TWIN_COMPARE
#undef PTL_TWIN_BINARY
#undef PTL_TWIN_U

// ---- across lanes ----
// The whole register moves k lanes towards lane 0 (vsrlp) or away from it (vsllp); `shift` is 1 << k. Zeros come in.
#define PTL_TWIN_ACROSS(T)                                                                            \
  inline T##_t vsrlp_##T(int shift, T##_t v) {                                                        \
    const int k = __builtin_ctz((unsigned)shift);                                                     \
    T##_t r = twin::xpu::splat<T##_t>(0);                                                             \
    __builtin_memcpy(r.q, (const char*)v.q + 4 * k, 64 - 4 * (size_t)k);                              \
    r.defined = k == 0 ? v.defined : v.defined >> 4 * k | ~(~0ull >> 4 * k);                          \
    return r;                                                                                         \
  }                                                                                                   \
  inline T##_t::lane vextract_##T(T##_t v, int mask = 1, int line = __builtin_LINE()) {               \
    const int k = __builtin_ctz((unsigned)mask);                                                      \
    if ((v.defined >> 4 * k & 15) != 15) twin::xpu::refuse_undefined_lane(k, line);                            \
    return v.q[k / 4][k % 4];                                                                         \
  }                                                                                                   \
  inline T##_t vvmerge_l_##T(T##_t a, T##_t b) {                                                      \
    T##_t r;                                                                                          \
    r.defined = 0;                                                                                    \
    for (int i = 0; i < 8; i++) {                                                                     \
      r.defined |= (a.defined >> 4 * i & 15) << 8 * i | (b.defined >> 4 * i & 15) << (8 * i + 4);                                                                     \
      r.q[i / 2][i % 2 * 2] = a.q[i / 4][i % 4];                                                      \
      r.q[i / 2][i % 2 * 2 + 1] = b.q[i / 4][i % 4];                                                  \
    }                                                                                                 \
    return r;                                                                                         \
  }                                                                                                   \
  inline T##_t vvmerge_h_##T(T##_t a, T##_t b) {                                                      \
    T##_t r;                                                                                          \
    r.defined = 0;                                                                                    \
    for (int i = 8; i < 16; i++) {                                                                    \
      r.defined |= (a.defined >> 4 * i & 15) << 8 * (i - 8) | (b.defined >> 4 * i & 15) << (8 * (i - 8) + 4);                                                                    \
      r.q[(i - 8) / 2][i % 2 * 2] = a.q[i / 4][i % 4];                                                \
      r.q[(i - 8) / 2][i % 2 * 2 + 1] = b.q[i / 4][i % 4];                                            \
    }                                                                                                 \
    return r;                                                                                         \
  }
PTL_TWIN_ACROSS(float32x16)
PTL_TWIN_ACROSS(int32x16)
PTL_TWIN_ACROSS(uint32x16)
#undef PTL_TWIN_ACROSS

inline float vrmax_float32x16(float32x16_t a, int line = __builtin_LINE()) {
  if (a.defined != ~0ull) twin::xpu::refuse_undefined_lane(__builtin_ctzll(~a.defined) / 4, line);
  float m = a.q[0][0];
  for (int i = 1; i < 16; i++) m = a.q[i / 4][i % 4] > m ? a.q[i / 4][i % 4] : m;
  return m;
}

// Lanes from base + a byte offset each; the base needs no alignment. Slow on the chip as here.
float32x16_t vgather_lm_float32x16(const void* base, int32x16_t byte_offsets, int line = __builtin_LINE());
int32x16_t vgather_lm_int32x16(const void* base, int32x16_t byte_offsets, int line = __builtin_LINE());
// Lanes whose mask bit is 1 go to base + a byte offset each.
void vscatter_lm_int32x16_mh(void* base, int32x16_t v, int32x16_t byte_offsets, int mask = -1, int line = __builtin_LINE());

// ---- conversions ----
inline float32x16_t vfix2float(int32x16_t v) {
  float32x16_t r;
  for (int i = 0; i < 4; i++) r.q[i] = __builtin_convertvector(v.q[i], twin::xpu::quad_f);
  r.defined = twin::xpu::whole_lanes(v.defined);
  return r;
}
// To the nearest, ties to even, and towards zero; beyond the int range the nearest int, NaN gives 0.
int32x16_t vfloat2fix(float32x16_t v);
int32x16_t vfloat2fix_rz(float32x16_t v);

float16x32_t vload_lm_float16x32(const float16* p, int line = __builtin_LINE());
void vstore_lm_float16x32(float16* p, float16x32_t v, int line = __builtin_LINE());
float32x16_t vfp162float_l(float16x32_t v);
float32x16_t vfp162float_h(float16x32_t v);
float16x32_t vfloat2fp16_lh(float32x16_t l, float32x16_t h);
