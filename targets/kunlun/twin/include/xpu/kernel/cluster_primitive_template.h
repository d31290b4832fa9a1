// The twin's xpu/kernel/cluster_primitive_template.h (XDNN): pointers that know their memory, buffers in turn, and sums over the
// cores of a group or a cluster.
#pragma once
#include "xpu/kernel/cluster_primitive.h"

namespace twin {
namespace xpu {
// The register of an element type; none for those that are only moved.
template <class T>
struct RegisterOf {
  struct VT {};
};
template <>
struct RegisterOf<float> {
  typedef float32x16_t VT;
};
template <>
struct RegisterOf<float16> {
  typedef float16x32_t VT;
};
template <>
struct RegisterOf<bfloat16> {
  typedef bfloat16x32_t VT;
};
}  // namespace xpu
}  // namespace twin

#define PTL_TWIN_LINE int line = __builtin_LINE()
#define PTL_TWIN_POINTER(NAME, SPACE, FROM, TO, FENCE)                                                                            \
  template <class Type>                                                                                                           \
  struct NAME {                                                                                                                   \
    using T = Type;                                                                                                               \
    using VT = typename twin::xpu::RegisterOf<Type>::VT;                                                                          \
    T* ptr;                                                                                                                       \
    NAME(T* p) : ptr(p) {}                                                                                                        \
    VT vload(int offset = 0, PTL_TWIN_LINE) { return load(ptr + offset, line); }                                                  \
    void vstore(int offset, VT v, PTL_TWIN_LINE) { store(ptr + offset, v, line); }                                                \
    void gm_load_async(const T* gm, uint32_t len, PTL_TWIN_LINE) { FROM##_ASYNC(gm, ptr, (int)(len * sizeof(T)), line); }         \
    void gm_load(const T* gm, uint32_t len, PTL_TWIN_LINE) { FROM(gm, ptr, (int)(len * sizeof(T)), line); }                       \
    void gm_store_async(T* gm, uint32_t len, PTL_TWIN_LINE) { TO##_ASYNC(ptr, gm, (int)(len * sizeof(T)), line); }                \
    void gm_store(T* gm, uint32_t len, PTL_TWIN_LINE) { TO(ptr, gm, (int)(len * sizeof(T)), line); }                              \
    void mfence(PTL_TWIN_LINE) { FENCE(line); }                                                                                   \
                                                                                                                                  \
   private:                                                                                                                       \
    static float32x16_t load(const float* p, int line) { return vload_##SPACE##_float32x16(p, line); }                            \
    static float16x32_t load(const float16* p, int line) { return vload_##SPACE##_float16x32(p, line); }                          \
    static bfloat16x32_t load(const bfloat16* p, int line) { return vload_##SPACE##_bfloat16x32(p, line); }                       \
    static void store(float* p, const float32x16_t& v, int line) { vstore_##SPACE##_float32x16(p, v, line); }                     \
    static void store(float16* p, const float16x32_t& v, int line) { vstore_##SPACE##_float16x32(p, v, line); }                   \
    static void store(bfloat16* p, const bfloat16x32_t& v, int line) { vstore_##SPACE##_bfloat16x32(p, v, line); }                \
  };                                                                                                                              \
  template <class T>                                                                                                              \
  NAME<T> operator+(NAME<T> p, int n) {                                                                                           \
    return NAME<T>(p.ptr + n);                                                                                                    \
  }
PTL_TWIN_POINTER(LmPtr, lm, GM2LM, LM2GM, mfence_lm)
PTL_TWIN_POINTER(SmPtr, sm, GM2SM, SM2GM, mfence_sm)
PTL_TWIN_POINTER(GsmPtr, gsm, GM2GSM, GSM2GM, mfence_lm)
#undef PTL_TWIN_POINTER

// Two or three buffers, one behind the other unless they are given: the pointer is the first one's until it is toggled.
template <int BUFSIZE, class Ptr>
struct DoublePtr : Ptr {
  using T = typename Ptr::T;
  DoublePtr(Ptr p) : DoublePtr(p, p + BUFSIZE) {}
  DoublePtr(Ptr first, Ptr second) : Ptr(first), ptr_arr_{first, second} {}
  void toggle() {
    bufidx ^= 1;
    Ptr::ptr = ptr_arr_[bufidx].ptr;
  }
  Ptr next() const { return ptr_arr_[bufidx ^ 1]; }
  int bufidx{0};
  Ptr ptr_arr_[2];
};
template <int BUFSIZE, class Ptr>
struct TriplePtr : Ptr {
  using T = typename Ptr::T;
  TriplePtr(Ptr p) : TriplePtr(p, p + BUFSIZE, p + 2 * BUFSIZE) {}
  TriplePtr(Ptr first, Ptr second, Ptr third) : Ptr(first), ptr_arr_{first, second, third} {}
  void toggle() {
    bufidx = (bufidx + 1) % 3;
    Ptr::ptr = ptr_arr_[bufidx].ptr;
  }
  Ptr next() const { return ptr_arr_[(bufidx + 1) % 3]; }
  int bufidx{0};
  Ptr ptr_arr_[3];
};

#define PTL_TWIN_BY_TYPE(OP, V, S, NAME)                                                                 \
  inline V __vv##OP(const V& a, const V& b) { return vv##OP##_##NAME(a, b); }                            \
  inline V __sv##OP(S a, const V& b) { return sv##OP##_##NAME(a, b); }
PTL_TWIN_BY_TYPE(add, float32x16_t, float, float32x16)
PTL_TWIN_BY_TYPE(add, int32x16_t, int, int32x16)
PTL_TWIN_BY_TYPE(add, uint32x16_t, uint32_t, uint32x16)
PTL_TWIN_BY_TYPE(mul, float32x16_t, float, float32x16)
PTL_TWIN_BY_TYPE(mul, int32x16_t, int, int32x16)
PTL_TWIN_BY_TYPE(mul, uint32x16_t, uint32_t, uint32x16)
#if !defined(__XPU2__)
PTL_TWIN_BY_TYPE(add, float16x32_t, float16, float16x32)
PTL_TWIN_BY_TYPE(mul, float16x32_t, float16, float16x32)
inline float16x32_t __vvxor(const float16x32_t& a, const float16x32_t& b) { return vvxor_float16x32(a, b); }
#endif
#undef PTL_TWIN_BY_TYPE
inline float32x16_t __vvxor(const float32x16_t& a, const float32x16_t& b) { return vvxor_float32x16(a, b); }
inline int32x16_t __vvxor(const int32x16_t& a, const int32x16_t& b) { return vvxor_int32x16(a, b); }
inline uint32x16_t __vvxor(const uint32x16_t& a, const uint32x16_t& b) { return vvxor_uint32x16(a, b); }

// A register at a time; whole registers, whatever `len` leaves of the last one.
template <class Ptr1, class Ptr2, class Fn>
void for_each(Ptr1 dst, Ptr2 src, int len, Fn fn) {
  constexpr int step = Ptr1::VT::count;
  for (int at = 0; at < len; at += step) {
    typename Ptr1::VT v = src.vload(at);
    fn(v);
    dst.vstore(at, v);
  }
}
template <class Ptr1, class Ptr2, class Fn>
void for_each2(Ptr1 x, Ptr2 y, int len, Fn fn) {
  constexpr int step = Ptr1::VT::count;
  for (int at = 0; at < len; at += step) {
    typename Ptr1::VT a = x.vload(at);
    const typename Ptr1::VT b = y.vload(at);
    fn(a, b);
    x.vstore(at, a);
  }
}
template <class Ptr1, class Ptr2>
void add_all(Ptr1 x, Ptr2 y, int len) {
  for_each2(x, y, len, [](typename Ptr1::VT& a, const typename Ptr1::VT& b) { a = __vvadd(a, b); });
}
template <class Ptr1, class Ptr2>
void mul_all(Ptr1 x, Ptr2 y, int len) {
  for_each2(x, y, len, [](typename Ptr1::VT& a, const typename Ptr1::VT& b) { a = __vvmul(a, b); });
}
template <class Ptr1, class Ptr2>
void __memcpy(Ptr1 dst, Ptr2 src, int len) {
  for_each(dst, src, len, [](typename Ptr1::VT&) {});
}
template <class Ptr>
void __zero(Ptr dst, int len) {
  using V = typename Ptr::VT;
  V zero;
  zero = __vvxor(zero, zero);
  for (int at = 0; at < len; at += V::count) dst.vstore(at, zero);
}

// Each of 64 cores gives `readlen` elements; their sum is at sm_buf, which has room for 32 times STRIDE.
template <int STRIDE, class Ptr>
void cluster_reduce_sum(Ptr mine, typename Ptr::T* sm_buf, int readlen, int cid, PTL_TWIN_LINE) {
  SmPtr<typename Ptr::T> sm(sm_buf);
  const int lane = cid >> 4, group = cid & 15;
  if (lane >= 2) {
    __memcpy(sm + ((lane - 2) * 16 + group) * STRIDE, mine, readlen);
    sm.mfence(line);
  }
  sync_local(line);
  if (lane < 2) {
    add_all(mine, sm + (lane * 16 + group) * STRIDE, readlen);
    mine.mfence(line);
  }
  sync_local(line);
  if (lane == 1) {
    __memcpy(sm + group * STRIDE, mine, readlen);
    sm.mfence(line);
  }
  sync_local(line);
  if (lane == 0) {
    add_all(sm + group * STRIDE, mine, readlen);
    sm.mfence(line);
  }
  sync_all(line);
  for (int half = 8; half > 0; half /= 2) {
    if (lane == 0 && group < half) {
      add_all(sm + group * STRIDE, sm + (group + half) * STRIDE, readlen);
      sm.mfence(line);
    }
    sync_all(line);
  }
}

// Four buffers of a group; the sum is in the first.
template <int STRIDE, class Ptr>
void group_reduce_sum_inplace(Ptr gsm_sum, int readlen, int lane, PTL_TWIN_LINE) {
  if (lane < 2) {
    add_all(gsm_sum + lane * STRIDE, gsm_sum + (lane + 2) * STRIDE, readlen);
    gsm_sum.mfence(line);
  }
  sync_local(line);
  if (lane == 0) {
    add_all(gsm_sum, gsm_sum + STRIDE, readlen);
    gsm_sum.mfence(line);
  }
  sync_local(line);
}

inline uint32x16_t range16_u32() {
  uint32x16_t r(0u);
  for (int i = 0; i < 16; i++) r.lanes[i] = (uint32_t)i;
  return r;
}
inline int32x16_t range16_i32() {
  int32x16_t r(0);
  for (int i = 0; i < 16; i++) r.lanes[i] = i;
  return r;
}
#undef PTL_TWIN_LINE
