// Lanes chosen by other lanes: compaction, masked moves, counts, tables; and several operations in one instruction.
#include <string.h>

#include <type_traits>

#include "core-state.h"
#include "include/bang.h"

using namespace twin::bang;

namespace {

template <class T>
const T* defined(const T* p, uint32_t n, int line, const char* what) {
  require_defined(compute_read(p, n * sizeof(T), alignof(T), line), n * sizeof(T), line, what);
  return p;
}

// The lanes for which chosen(i); src may be dst: lanes move to the front, never back.
template <class T, class F>
uint32_t compact_where(T* dst, const T* src, uint32_t n, int line, F chosen) {
  const size_t bytes = n * sizeof(T);
  const uint8_t* from = compute_read(src, bytes, alignof(T), line);
  uint8_t* to = compute_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, src, bytes, true, line);
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (!chosen(i)) continue;
    dst[count] = src[i];
    memmove(to + count * sizeof(T), from + i * sizeof(T), sizeof(T));
    count++;
  }
  // What lies behind them is nobody's promise.
  memset(to + count * sizeof(T), 0, bytes - count * sizeof(T));
  count_lanes(n, sizeof(T));
  return count;
}

// Lanes that choose others: all written before. Where `lenient` is asked for, those behind a row's end may have followed from lanes that
// nobody wrote, as long as they choose nothing (mlu-ops ball_query fills one of three coordinates there with infinity).
template <class T>
class Choice {
 public:
  Choice(const T* lanes, uint32_t n, int line, const char* what) : lanes_(lanes), line_(line), what_(what) {
    if (lenient())
      known_ = compute_read(lanes, n * sizeof(T), alignof(T), line);
    else
      defined(lanes, n, line, what);
  }
  bool operator()(uint32_t i) const {
    const bool chosen = lanes_[i] != (T)0;
    if (chosen && known_) require_defined(known_ + i * sizeof(T), sizeof(T), line_, what_);
    return chosen;
  }

 private:
  const T* lanes_;
  int line_;
  const char* what_;
  const uint8_t* known_ = nullptr;
};

template <class T>
uint32_t compact(T* dst, const T* src, const T* mask, uint32_t n, int line) {
  if (n == 0) return 0;
  const Choice<T> chosen(mask, n, line, "a mask");
  refuse_partial_overlap(dst, n * sizeof(T), mask, n * sizeof(T), true, line);
  return compact_where(dst, src, n, line, chosen);
}

// A bit a lane, the first lane in the lowest bit of the first byte (mlu-ops ms_deform_attn: 0x55 chooses the even lanes).
template <class T>
uint32_t compact_by_bits(T* dst, const T* src, const void* bitmask, uint32_t n, int line) {
  if (n == 0) return 0;
  if (n % 8) twin::violation("vector-rule", line, "bits choose of %u lanes, not a multiple of 8", n);
  const auto* mask = defined(static_cast<const uint8_t*>(bitmask), n / 8, line, "a mask");
  refuse_partial_overlap(dst, n * sizeof(T), mask, n / 8, false, line);
  return compact_where(dst, src, n, line, [=](uint32_t i) { return (mask[i / 8] >> i % 8 & 1) != 0; });
}

template <class T>
void select(T* dst, const T* src, const T* mask, uint32_t n, int line) {
  const uint32_t count = compact(dst + 128 / sizeof(T), src, mask, n, line);
  uint8_t* head = compute_write(dst, 128, alignof(T), line);
  memcpy(dst, &count, sizeof count);
  memset(head, 1, sizeof count);
}

template <class T>
void masked_move(T* dst, const T* src, const T* mask, uint32_t n, int line) {
  if (n == 0) return;
  const size_t bytes = n * sizeof(T);
  const uint8_t* known = vector_read(mask, bytes, alignof(T), line);
  const uint8_t* from = vector_read(src, bytes, alignof(T), line);
  uint8_t* to = vector_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, src, bytes, true, line);
  require_some_defined(known, bytes, line);
  for (uint32_t i = 0; i < n; i++) {
    const size_t at = i * sizeof(T);
    const bool decided = memchr(known + at, 0, sizeof(T)) == nullptr;
    if (decided && mask[i] == (T)0) continue;
    if (decided) dst[i] = src[i];
    if (decided)
      memcpy(to + at, from + at, sizeof(T));
    else
      memset(to + at, 0, sizeof(T));
  }
  count_lanes(n, sizeof(T));
}

template <class T>
uint32_t count_of(const T* src, uint32_t n, int line) {
  const Choice<T> counts(src, n, line, "a count");
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i++) count += counts(i);
  count_lanes(n, sizeof(T));
  return count;
}

// Of no lane that is not 0 the documents give no index: n.
template <class T>
uint32_t find(const T* src, uint32_t n, bool last, int line) {
  const Choice<T> found(src, n, line, "a search");
  count_lanes(n, sizeof(T));
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t at = last ? n - 1 - i : i;
    if (found(at)) return at;
  }
  return n;
}

void put(uint32_t* dst, uint32_t value, int line) {
  memset(compute_write(dst, sizeof value, alignof(uint32_t), line), 1, sizeof value);
  *dst = value;
}

template <class T, class Index>
void look_up(T* dst, const Index* index, const T* table, uint32_t n, uint32_t length, int line) {
  if (n == 0) return;
  defined(index, n, line, "an index");
  const uint8_t* from = compute_read(table, length * sizeof(T), alignof(T), line);
  uint8_t* to = compute_write(dst, n * sizeof(T), alignof(T), line);
  refuse_partial_overlap(dst, n * sizeof(T), table, length * sizeof(T), false, line);
  refuse_partial_overlap(dst, n * sizeof(T), index, n * sizeof(Index), true, line);
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t at = index[i];
    if (at >= length) twin::violation("out-of-bounds", line, "entry %u of a table of %u", at, length);
    dst[i] = table[at];
    memcpy(to + i * sizeof(T), from + at * sizeof(T), sizeof(T));
  }
  count_lanes(n, sizeof(T));
}

// A product and what is added to it round once; of the other forms no document tells, and each operation rounds.
float fused(mluFusionOp_t op, double a, double b, double c) {
  switch (op) {
    case FUSION_FMA: return (float)(a * b + c);
    case FUSION_FMS: return (float)(a * b - c);
    case FUSION_FAM: return (float)(a + b) * (float)c;
    case FUSION_FSM: return (float)(a - b) * (float)c;
    case FUSION_FAS: return (float)(a + b) - (float)c;
    case FUSION_FSA: return (float)(a - b) + (float)c;
    case FUSION_FSS: return (float)(a - b) - (float)c;
    case FUSION_FAA: return (float)(a + b) + (float)c;
  }
  return 0;
}

// Integers wrap.
int32_t fused(mluFusionOp_t op, uint32_t a, uint32_t b, uint32_t c) {
  switch (op) {
    case FUSION_FMA: return (int32_t)(a * b + c);
    case FUSION_FMS: return (int32_t)(a * b - c);
    case FUSION_FAM: return (int32_t)((a + b) * c);
    case FUSION_FSM: return (int32_t)((a - b) * c);
    case FUSION_FAS: return (int32_t)(a + b - c);
    case FUSION_FSA: return (int32_t)(a - b + c);
    case FUSION_FSS: return (int32_t)(a - b - c);
    case FUSION_FAA: return (int32_t)(a + b + c);
  }
  return 0;
}

template <class T>
struct Operand {
  using Wide = std::conditional_t<std::is_integral<T>::value, uint32_t, double>;
  const T* lanes;
  T value;
  const uint8_t* shadow;
  uint32_t length;

  Operand(T v) : lanes(nullptr), value(v), shadow(nullptr), length(1) {}
  Operand(const T* p, uint32_t n, int line) : lanes(p), value(), shadow(compute_read(p, n * sizeof(T), alignof(T), line)), length(n) {
    require_some_defined(shadow, n * sizeof(T), line);
  }
  Wide at(uint32_t i) const { return (Wide)(lanes ? lanes[i % length] : value); }
  uint8_t known(uint32_t i, size_t byte) const { return lanes ? shadow[i % length * sizeof(T) + byte] : 1; }
};

template <class T>
void fuse(mluFusionOp_t op, T* dst, const Operand<T>& a, const Operand<T>& b, const Operand<T>& c, uint32_t n, int line) {
  if (n == 0) return;
  require_arch(state().arch > 300, "__bang_fusion", line);
  for (const Operand<T>* o : {&b, &c})
    if (o->lanes && (o->length == 0 || n % o->length)) twin::violation("vector-rule", line, "%u lanes are not a whole number of %u", n, o->length);
  uint8_t* to = compute_write(dst, n * sizeof(T), alignof(T), line);
  for (const Operand<T>* o : {&a, &b, &c})
    if (o->lanes) refuse_partial_overlap(dst, n * sizeof(T), o->lanes, o->length * sizeof(T), o->length == n, line);
  for (uint32_t i = 0; i < n; i++) {
    dst[i] = (T)fused(op, a.at(i), b.at(i), c.at(i));
    for (size_t k = 0; k < sizeof(T); k++) to[i * sizeof(T) + k] = a.known(i, k) & b.known(i, k) & c.known(i, k);
  }
  count_lanes(n, sizeof(T));
}

// [height][width][channel] with zeros around it.
template <class T>
void pad(T* dst, const T* src, int channel, int height, int width, int top, int bottom, int left, int right, int line) {
  if (channel <= 0 || height <= 0 || width <= 0 || top < 0 || bottom < 0 || left < 0 || right < 0)
    twin::violation("vector-rule", line, "__bang_pad of %dx%dx%d by %d, %d, %d, %d", height, width, channel, top, bottom, left, right);
  const int out_h = height + top + bottom, out_w = width + left + right;
  const size_t from_bytes = sizeof(T) * channel * height * width, to_bytes = sizeof(T) * channel * out_h * out_w;
  require_defined(compute_read(src, from_bytes, alignof(T), line), from_bytes, line, "__bang_pad");
  memset(compute_write(dst, to_bytes, alignof(T), line), 1, to_bytes);
  refuse_partial_overlap(dst, to_bytes, src, from_bytes, false, line);
  memset((void*)dst, 0, to_bytes);
  for (int y = 0; y < height; y++)
    memcpy((void*)(dst + ((size_t)(y + top) * out_w + left) * channel), src + (size_t)y * width * channel, sizeof(T) * width * channel);
  count_lanes((size_t)channel * out_h * out_w, sizeof(T));
}

}  // namespace

#define CHOICES(T) \
  uint32_t __bang_filter(T* dst, const T* src, const T* mask, uint32_t n, int line) { \
    require_arch(state().arch >= 300, "__bang_filter", line); \
    return compact(dst, src, mask, n, line); \
  } \
  void __bang_collect(T* dst, const T* src, const T* mask, uint32_t n, int line) { compact(dst, src, mask, n, line); } \
  uint32_t __bang_filter_bitindex(T* dst, const T* src, const void* bitmask, uint32_t n, int line) { \
    require_arch(state().arch >= 300, "__bang_filter_bitindex", line); \
    return compact_by_bits(dst, src, bitmask, n, line); \
  } \
  void __bang_collect_bitindex(T* dst, const T* src, const void* bitmask, uint32_t n, int line) { compact_by_bits(dst, src, bitmask, n, line); } \
  void __bang_select(T* dst, const T* src, const T* mask, uint32_t n, int line) { select(dst, src, mask, n, line); } \
  void __bang_maskmove(T* dst, const T* src, const T* mask, uint32_t n, int line) { masked_move(dst, src, mask, n, line); } \
  uint32_t __bang_count(const T* src, uint32_t n, int line) { return count_of(src, n, line); } \
  void __bang_count(uint32_t* dst, const T* src, uint32_t n, int line) { put(dst, count_of(src, n, line), line); } \
  uint32_t __bang_findfirst1(const T* src, uint32_t n, int line) { return find(src, n, false, line); } \
  uint32_t __bang_findlast1(const T* src, uint32_t n, int line) { return find(src, n, true, line); } \
  void __bang_findfirst1(uint32_t* dst, const T* src, uint32_t n, int line) { put(dst, find(src, n, false, line), line); } \
  void __bang_findlast1(uint32_t* dst, const T* src, uint32_t n, int line) { put(dst, find(src, n, true, line), line); } \
  void __bang_pad(T* dst, const T* src, int channel, int height, int width, int top, int bottom, int left, int right, int line) { \
    pad(dst, src, channel, height, width, top, bottom, left, right, line); \
  }
CHOICES(float)
CHOICES(half)

#define FUSIONS(T) \
  void __bang_fusion(mluFusionOp_t op, T* dst, const T* a, const T* b, const T* c, uint32_t n, uint32_t repeated, int line) { \
    fuse<T>(op, dst, {a, n, line}, {b, repeated, line}, {c, repeated, line}, n, line); \
  } \
  void __bang_fusion(mluFusionOp_t op, T* dst, const T* a, const T* b, T c, uint32_t n, uint32_t repeated, int line) { \
    fuse<T>(op, dst, {a, n, line}, {b, repeated, line}, {c}, n, line); \
  } \
  void __bang_fusion(mluFusionOp_t op, T* dst, const T* a, T b, const T* c, uint32_t n, uint32_t repeated, int line) { \
    fuse<T>(op, dst, {a, n, line}, {b}, {c, repeated, line}, n, line); \
  } \
  void __bang_fusion(mluFusionOp_t op, T* dst, const T* a, T b, T c, uint32_t n, int line) { fuse<T>(op, dst, {a, n, line}, {b}, {c}, n, line); }
FUSIONS(float)
FUSIONS(half)
FUSIONS(int32_t)

void __bang_lut(float* dst, const uint32_t* index, const float* table, uint32_t n, uint32_t length, int line) { look_up(dst, index, table, n, length, line); }
void __bang_lut(int32_t* dst, const uint32_t* index, const int32_t* table, uint32_t n, uint32_t length, int line) { look_up(dst, index, table, n, length, line); }
void __bang_lut(half* dst, const uint16_t* index, const half* table, uint32_t n, uint32_t length, int line) { look_up(dst, index, table, n, length, line); }
void __bang_lut(int16_t* dst, const uint16_t* index, const int16_t* table, uint32_t n, uint32_t length, int line) { look_up(dst, index, table, n, length, line); }
void __bang_lut_s32(int32_t* dst, const int32_t* index, const int32_t* table, uint32_t n, uint32_t length, int line) { look_up(dst, index, table, n, length, line); }
void __bang_lut_s16(int16_t* dst, const int16_t* index, const int16_t* table, uint32_t n, uint32_t length, int line) { look_up(dst, index, table, n, length, line); }
