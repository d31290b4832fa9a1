// What vector instructions of 32-bit lanes compute: lanes, and which of their bytes are defined. See xtdk_simd.h.
#include "registers.h"

using namespace twin::xpu;

namespace twin {
namespace xpu {

void copy_register(void* to, const void* from) {
  if (on_chip_address(from)) {
    const int line = here().last_line;
    auto& r = *static_cast<float32x16_t*>(to);
    r.defined = load64(from, 16, line, chip_memory(from, line));
    memcpy(r.lanes, from, 64);
  } else if (on_chip_address(to)) {
    const int line = here().last_line;
    store64(to, 16, static_cast<const float32x16_t*>(from)->defined, line, chip_memory(to, line));
    memcpy(to, from, 64);
  } else if (to != from) {
    memcpy(to, from, sizeof(float32x16_t));
  }
}

void refuse_offset(int offset, int line) {
  if (offset != 0) violation("undocumented", line, "a load with an offset of %d: the twin knows no code that says what it counts", offset);
}

}  // namespace xpu
}  // namespace twin

namespace {

template <class V>
inline uint64_t both_lanes(const V& a, const V& b) {
  return whole_lanes(a.defined & b.defined);
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

// Operands that lie in memory are loaded first.
#define PTL_OPERANDS(T)                  \
  const Seen<T##_t> sa(a0), sb(b0);      \
  const T##_t &a = sa.v, &b = sb.v;

// EXPR computes a lane from x and y; DEFINED the bytes of the result that are.
#define BINARY(OP, T, EXPR, DEFINED)                                                                                       \
  T##_t vv##OP##_##T(const T##_t& a0, const T##_t& b0) {                                                                   \
    PTL_OPERANDS(T)                                                                                                        \
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
  T##_t vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask) { return pick((uint64_t)mask, vv##OP##_##T(a, b), splat<T##_t>(0)); } \
  T##_t vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, const T##_t& hold, int mask) {                                   \
    return pick((uint64_t)mask, vv##OP##_##T(a, b), Seen<T##_t>(hold).v);                                                  \
  }                                                                                                                        \
  T##_t sv##OP##_##T(T##_t::lane a, const T##_t& b) { return vv##OP##_##T(splat<T##_t>(a), b); }                           \
  T##_t sv##OP##_##T##_mz(T##_t::lane a, const T##_t& b, int mask) { return vv##OP##_##T##_mz(splat<T##_t>(a), b, mask); } \
  T##_t sv##OP##_##T##_mh(T##_t::lane a, const T##_t& b, const T##_t& hold, int mask) {                                    \
    return vv##OP##_##T##_mh(splat<T##_t>(a), b, hold, mask);                                                              \
  }

// EXPR works on the bits.
#define BITWISE(OP, T, EXPR, DEFINED)                                                      \
  T##_t vv##OP##_##T(const T##_t& a0, const T##_t& b0) {                                   \
    PTL_OPERANDS(T)                                                                        \
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

#define COMPARE(OP, T, SIGN)                                                                                           \
  int vv##OP##_##T(const T##_t& a0, const T##_t& b0) {                                                                 \
    PTL_OPERANDS(T)                                                                                                    \
    int mask = 0;                                                                                                      \
    for (int i = 0; i < 16; i++) mask |= (a.lanes[i] SIGN b.lanes[i]) << i;                                            \
    computed();                                                                                                        \
    return mask | junk;                                                                                                \
  }                                                                                                                    \
  int vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask) { return (vv##OP##_##T(a, b) & mask) | junk; }       \
  int vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, int mask, int c) { return (vv##OP##_##T(a, b) & mask) | (c & ~mask) | junk; } \
  int sv##OP##_##T(T##_t::lane a, const T##_t& b) { return vv##OP##_##T(splat<T##_t>(a), b); }                         \
  int sv##OP##_##T##_mz(T##_t::lane a, const T##_t& b, int mask) { return (sv##OP##_##T(a, b) & mask) | junk; }        \
  int sv##OP##_##T##_mh(T##_t::lane a, const T##_t& b, int mask, int c) { return (sv##OP##_##T(a, b) & mask) | (c & ~mask) | junk; }

#define HALF_BINARY(...)
#define HALF_BITWISE(...)
#define HALF_COMPARE(...)
#define BFLOAT_BINARY(...)
#include "xpu/kernel/registers.gen.h"

#define PTL_TYPE(T)                                                                                                         \
  PTL_MEMORY(T, int)                                                                                                        \
  T##_t vvmac_##T(const T##_t& a, const T##_t& b, const T##_t& c) { return vvadd_##T(vvmul_##T(a, b), c); }                 \
  T##_t svmac_##T(T##_t::lane a, const T##_t& b, const T##_t& c) { return vvadd_##T(svmul_##T(a, b), c); }                  \
  T##_t vsrlp_##T(int bits, const T##_t& v, int line) { return shifted_right(bits, Seen<T##_t>(v).v, "vsrlp", line); }      \
  T##_t vsllp_##T(int bits, const T##_t& v, int line) { return shifted_left(bits, Seen<T##_t>(v).v, "vsllp", line); }       \
  T##_t::lane vextract_##T(const T##_t& v, int mask, int line) {                                                            \
    const Seen<T##_t> s(v);                                                                                                 \
    if (mask == 0) violation("register-shift", line, "vextract with no bit in its mask: no lane is taken");                 \
    const int k = __builtin_ctz((unsigned)mask);                                                                            \
    if (k > 15 || (s.v.defined >> 4 * k & 15) != 15) refuse_undefined_lane(k, line);                                        \
    return s.v.lanes[k];                                                                                                    \
  }                                                                                                                         \
  T##_t vvmerge_l_##T(const T##_t& a, const T##_t& b) { return interleaved(Seen<T##_t>(a).v, Seen<T##_t>(b).v, false); }    \
  T##_t vvmerge_h_##T(const T##_t& a, const T##_t& b) { return interleaved(Seen<T##_t>(a).v, Seen<T##_t>(b).v, true); }     \
  T##_t vshuffle2_##T(const T##_t& v) { return neighbours_swapped(Seen<T##_t>(v).v); }
using twin::violation;
PTL_TYPE(float32x16)
PTL_TYPE(int32x16)
PTL_TYPE(uint32x16)

#define PTL_SHIFT(OP, T, SIGN, LEFT)                                                                                       \
  T##_t sv##OP##_##T(int k, const T##_t& v0) {                                                                             \
    const Seen<T##_t> s(v0);                                                                                               \
    T##_t r;                                                                                                               \
    for (int i = 0; i < 16; i++) r.lanes[i] = (T##_t::lane)((uint32_t)s.v.lanes[i] SIGN k);                                \
    r.defined = shifted_bytes(s.v.defined, k, LEFT);                                                                       \
    computed();                                                                                                            \
    return r;                                                                                                              \
  }                                                                                                                        \
  T##_t sv##OP##_##T##_mz(int k, const T##_t& v, int mask) { return pick((uint64_t)mask, sv##OP##_##T(k, v), splat<T##_t>(0)); } \
  T##_t sv##OP##_##T##_mh(int k, const T##_t& v, const T##_t& hold, int mask) { return pick((uint64_t)mask, sv##OP##_##T(k, v), hold); }
PTL_SHIFT(sll, int32x16, <<, true)
PTL_SHIFT(srl, int32x16, >>, false)
PTL_SHIFT(sll, uint32x16, <<, true)
PTL_SHIFT(srl, uint32x16, >>, false)

float32x16_t vabs_float32x16(const float32x16_t& a) {
  const Seen<float32x16_t> s(a);
  float32x16_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = __builtin_fabsf(s.v.lanes[i]);
  r.defined = s.v.defined;
  computed();
  return r;
}

float vrmax_float32x16(const float32x16_t& v, int line) {
  const Seen<float32x16_t> s(v);
  if (s.v.defined != all_defined) refuse_undefined_lane(__builtin_ctzll(~s.v.defined) / 4, line);
  float m = s.v.lanes[0];
  for (int i = 1; i < 16; i++) m = s.v.lanes[i] > m ? s.v.lanes[i] : m;
  return m;
}

float32x16_t vset_zero() { return splat<float32x16_t>(0.0f); }
float32x16_t vset_one() { return splat<float32x16_t>(1.0f); }
int32x16_t vset_zero_int() { return splat<int32x16_t>(0); }

// ---- gather and scatter -----------------------------------------------------------------------------------------------

namespace {

template <class V>
V gather(const void* base, const int32x16_t& offsets, int mask, int line) {
  here().last_line = line;
  V r = splat<V>(0);
  r.defined = byte_mask<V>(~(uint64_t)(unsigned)mask);
  for (int i = 0; i < 16; i++) {
    if (!(mask >> i & 1) || (offsets.defined >> 4 * i & 15) != 15) continue;
    const uint8_t* p = static_cast<const uint8_t*>(base) + offsets.lanes[i];
    r.defined |= gather_word(p, line) << 4 * i;
    memcpy(r.lanes + i, p, 4);
  }
  twin::counters().lanes_busy += 16;
  return r;
}

template <class V>
void scatter(void* base, const V& v, const int32x16_t& byte_offsets, int mask, int line) {
  here().last_line = line;
  for (int i = 0; i < 16; i++) {
    if (!(mask >> i & 1)) continue;
    if ((byte_offsets.defined >> 4 * i & 15) != 15) refuse_undefined_lane(i, line);
    uint8_t* p = static_cast<uint8_t*>(base) + byte_offsets.lanes[i];
    vector_written(memory_of(p, "LM", line), p, 4, v.defined >> 4 * i & 15, 1, line);
    memcpy(p, v.lanes + i, 4);
  }
}

int32x16_t to_ints(const float32x16_t& v0, bool nearest, int line) {
  const Seen<float32x16_t> s(v0);
  int32x16_t r;
  for (int i = 0; i < 16; i++) {
    const float x = s.v.lanes[i];
    r.lanes[i] = to_int(x, nearest ? __builtin_rintf(x) : __builtin_truncf(x), (s.v.defined >> 4 * i & 15) == 15, line);
  }
  r.defined = whole_lanes(s.v.defined);
  return r;
}

}  // namespace

#define PTL_GATHER(T)                                                                                                                       \
  T##_t vgather_lm_##T(const void* base, const int32x16_t& offsets, int line) { return gather<T##_t>(base, offsets, -1, line); }            \
  T##_t vgather_lm_##T##_mz(const void* base, const int32x16_t& offsets, int mask, int line) { return gather<T##_t>(base, offsets, mask, line); } \
  void vscatter_lm_##T##_mh(void* base, const T##_t& v, const int32x16_t& offsets, int mask, int line) { scatter(base, v, offsets, mask, line); }
PTL_GATHER(float32x16)
PTL_GATHER(int32x16)

// ---- conversions --------------------------------------------------------------------------------------------------------

namespace twin {
namespace xpu {

int32_t to_int(float x, float whole, bool defined, int line) {
  if (!defined) return 0;
  if (x != x) violation("float-to-int", line, "a NaN is converted, and what comes of it is not documented");
  if (!(x >= -2147483648.0f && x < 2147483648.0f)) violation("float-to-int", line, "%g is beyond int, and what comes of it is not documented", (double)x);
  if (x != whole && __builtin_fabsf(x) > 4194303.875f) violation("float-to-int", line, "%.9g has a fraction above 2^22, where the rounding is not honoured", (double)x);
  return (int32_t)whole;
}

}  // namespace xpu
}  // namespace twin

float32x16_t vfix2float(const int32x16_t& v) {
  const Seen<int32x16_t> s(v);
  float32x16_t r;
  for (int i = 0; i < 16; i++) r.lanes[i] = (float)s.v.lanes[i];
  r.defined = whole_lanes(s.v.defined);
  return r;
}

int32x16_t vfloat2fix(const float32x16_t& v, int line) { return to_ints(v, true, line); }
int32x16_t vfloat2fix_rz(const float32x16_t& v, int line) { return to_ints(v, false, line); }
int float2fix(float x, int line) { return to_int(x, __builtin_rintf(x), true, line); }
int float2fix_rz(float x, int line) { return to_int(x, __builtin_truncf(x), true, line); }
