// DMA, waits, fills, layout changes and scalar access: everything that moves data without computing with it.
#include <string.h>

#include <algorithm>

#include "core-state.h"
#include "include/bang.h"

namespace twin::bang {

namespace {

enum class Side { gdram, nram, wram, sram };

struct Copy {
  Side to, from;
};

// Memory of one core outside the chip is checked like GDRAM.
Copy sides(mluMemcpyDirection_t dir) {
  switch (dir) {
    case GDRAM2NRAM: case LDRAM2NRAM: return {Side::nram, Side::gdram};
    case NRAM2GDRAM: case NRAM2LDRAM: return {Side::gdram, Side::nram};
    case GDRAM2WRAM: case LDRAM2WRAM: return {Side::wram, Side::gdram};
    case WRAM2GDRAM: case WRAM2LDRAM: return {Side::gdram, Side::wram};
    case NRAM2NRAM: return {Side::nram, Side::nram};
    case NRAM2WRAM: return {Side::wram, Side::nram};
    case WRAM2NRAM: return {Side::nram, Side::wram};
    case GDRAM2SRAM: case LDRAM2SRAM: return {Side::sram, Side::gdram};
    case SRAM2GDRAM: case SRAM2LDRAM: return {Side::gdram, Side::sram};
    case SRAM2NRAM: return {Side::nram, Side::sram};
    case NRAM2SRAM: return {Side::sram, Side::nram};
    case SRAM2WRAM: return {Side::wram, Side::sram};
    case WRAM2SRAM: return {Side::sram, Side::wram};
    case SRAM2SRAM: return {Side::sram, Side::sram};
    case GDRAM2GDRAM: case GDRAM2LDRAM: case LDRAM2GDRAM: break;
  }
  return {Side::gdram, Side::gdram};
}

bool outside(Side side) { return side == Side::gdram; }
bool of_core(Side side) { return side == Side::nram || side == Side::wram; }

// One text runs on the cores and on their cluster's memory core: each carries out what is its own and passes over the rest. Between
// SRAM and GDRAM copies go through the memory core alone, and what touches a core's memory is the core's.
bool is_ours(const Copy& c) {
  const CoreState& s = state();
  const bool core = of_core(c.to) || of_core(c.from);
  if (!s.cluster || (outside(c.to) && outside(c.from))) return !s.memory_core;
  return core ? !s.memory_core : s.memory_core;
}

const Space& space_of(Side side, int line) {
  CoreState& s = state();
  if (side == Side::nram) return s.nram;
  if (side == Side::wram) return s.wram;
  if (!s.cluster) violation("wrong-space", line, "a Block task has no cluster and so no SRAM");
  return s.cluster->sram;
}

uintptr_t address(const Walk& w, int64_t k) {
  return w.base + (k / w.count1) * w.stride2 + (k % w.count1) * w.stride1;
}

bool touches(const Walk& w, uintptr_t begin, uintptr_t end) {
  for (int64_t k = 0; k < w.count1 * w.count2; k++)
    if (begin < address(w, k) + w.bytes && end > address(w, k)) return true;
  return false;
}

bool meet(const Walk& a, const Walk& b) {
  for (int64_t k = 0; k < a.count1 * a.count2; k++)
    if (touches(b, address(a, k), address(a, k) + a.bytes)) return true;
  return false;
}

// A segment that follows the one before it without a gap is one segment to every check.
Walk simplified(Walk w) {
  if (w.count2 == 1) w.stride2 = 0;
  if (w.count1 > 1 && w.stride1 == (int64_t)w.bytes) w = {w.base, w.bytes * w.count1, w.stride2, w.count2, 0, 1};
  if (w.count2 == 1 && w.count1 > 1 && w.stride1 == (int64_t)w.bytes) w = {w.base, w.bytes * w.count1, 0, 1, 0, 1};
  return w;
}

uintptr_t low(const Walk& w) { return w.base; }
uintptr_t high(const Walk& w) { return w.base + (w.count1 - 1) * w.stride1 + (w.count2 - 1) * w.stride2 + w.bytes; }

// Rows of a strided copy share one check when they lie in one block of memory; rows of GDRAM are checked one by one.
// `carried`: undefined bytes go along, as they do in moves; what leaves the chip must be defined.
void check_side(const Walk& w, Side side, bool write, bool async, bool carried, int line) {
  CoreState& s = state();
  if (outside(side)) {
    for (int64_t k = 0; k < w.count1 * w.count2; k++) {
      void* p = reinterpret_cast<void*>(address(w, k));
      write ? gm_write(p, w.bytes, line) : gm_read(p, w.bytes, line);
    }
    return;
  }
  // A queue takes its copies in order: a load may go where a store of the same queue still reads (mlu-ops adam_w).
  for (const Pending& copy : s.pending)
    if ((copy.write || (write && copy.move != carried)) && low(copy.walk) < high(w) && low(w) < high(copy.walk) && meet(w, copy.walk))
      violation("in-flight-read", line, "a copy %s NRAM that the copy of line %d may still %s", write ? "overwrites" : "reads", copy.line,
                copy.write ? "write" : "read");
  // Compute is a queue of its own: an asynchronous copy may overtake what it has not finished.
  if (async)
    for (const Touched& t : s.computed)
      if ((write || t.write) && t.begin < high(w) && low(w) < t.end && touches(w, t.begin, t.end))
        violation("in-flight-read", line, "an asynchronous copy %s NRAM that the compute of line %d may still %s", write ? "overwrites" : "reads", t.line,
                  t.write ? "write" : "read");
  for (int64_t k = 0; k < w.count1 * w.count2; k++) {
    void* p = reinterpret_cast<void*>(address(w, k));
    refuse_scalar(p, w.bytes, line);
    uint8_t* shadow = locate_in(space_of(side, line), p, w.bytes, 1, line, write ? "copy to" : "copy from");
    if (side == Side::sram) race_log(p, w.bytes, write, false, line);
    if (!write && !carried) require_defined(shadow, w.bytes, line, "a copy");
  }
}

uint8_t* shadow_of(const Space& space, const Walk& w, int64_t k) { return space.shadow(reinterpret_cast<void*>(address(w, k))); }

void mark_defined(const Space& space, const Walk& w) {
  for (int64_t k = 0; k < w.count1 * w.count2; k++) memset(shadow_of(space, w, k), 1, w.bytes);
}

// Lanes between rows may be garbage that is carried along. A copy of garbage alone is a mistake, and so is a row of it that is
// longer than what lies between rows.
void require_some_of(const Space& space, const Walk& from, int line) {
  constexpr size_t row = 128;
  bool any = false;
  for (int64_t k = 0; k < from.count1 * from.count2; k++) {
    const bool some = memchr(shadow_of(space, from, k), 1, from.bytes) != nullptr;
    if (!some && from.bytes >= row) violation("uninitialised-read", line, "segment %lld of a copy inside NRAM was never written", (long long)k);
    any |= some;
  }
  if (!any) violation("uninitialised-read", line, "a copy inside NRAM of bytes that were never written");
}

void carry_shadow(const Space& there, const Walk& to, const Space& here, const Walk& from) {
  for (int64_t k = 0; k < to.count1 * to.count2; k++) memmove(shadow_of(there, to, k), shadow_of(here, from, k), to.bytes);
}

// In which order a copy inside a core reads and writes stands nowhere: what it writes it may not read from, unless segment by segment it is the
// same place. `lenient` takes the segments in order, as long as none reads what one before it wrote.
void refuse_shared(const Walk& to, const Walk& from, int line) {
  const bool itself = to.base == from.base && to.stride1 == from.stride1 && to.stride2 == from.stride2;
  if (itself || low(to) >= high(from) || low(from) >= high(to)) return;
  std::vector<bool> written(high(from) - low(from));
  const auto write = [&](int64_t k) {
    for (uintptr_t at = address(to, k); at < address(to, k) + to.bytes; at++)
      if (at >= low(from) && at < high(from)) written[at - low(from)] = true;
  };
  const int64_t segments = to.count1 * to.count2;
  for (int64_t k = 0; !lenient() && k < segments; k++) write(k);
  for (int64_t k = 0; k < segments; k++) {
    for (uintptr_t at = address(from, k); at < address(from, k) + from.bytes; at++)
      if (written[at - low(from)]) violation("overlap", line, "a copy inside a core reads bytes that it writes");
    write(k);
  }
}

// Segment k of one side goes to segment k of the other, whatever their walks.
void carry_out(const Walk& to, const Walk& from) {
  for (int64_t k = 0; k < to.count1 * to.count2; k++)
    memmove(reinterpret_cast<void*>(address(to, k)), reinterpret_cast<const void*>(address(from, k)), to.bytes);
}

void copy(Walk to, Walk from, mluMemcpyDirection_t dir, bool async, int line) {
  const Copy c = sides(dir);
  if (!is_ours(c)) return;
  if (to.bytes > (size_t)INT32_MAX || to.count1 < 1 || to.count2 < 1 || from.count1 < 1 || from.count2 < 1)
    violation("dma-rule", line, "a copy with a negative size or segment count");
  if (to.count1 * to.count2 != from.count1 * from.count2)
    violation("dma-rule", line, "source and destination walk a different number of segments (%lld and %lld)", (long long)(from.count1 * from.count2),
              (long long)(to.count1 * to.count2));
  if (to.stride1 < 0 || to.stride2 < 0 || from.stride1 < 0 || from.stride2 < 0) violation("dma-rule", line, "a copy with a negative stride");
  if (to.count1 > 1 && to.stride1 < (int64_t)to.bytes) violation("dma-rule", line, "destination segments overlap: stride %lld for %zu bytes", (long long)to.stride1, to.bytes);
  // Inside NRAM a segment may repeat (mlu-ops does so); from GDRAM nobody is seen to.
  const bool repeats = (from.count1 > 1 && from.stride1 == 0) || (from.count2 > 1 && from.stride2 == 0);
  if (repeats && outside(c.from)) violation("dma-rule", line, "a source stride of 0 in GDRAM stands in no public program");
  if (to.bytes == 0) return;
  // Where an object takes all of WRAM, its rows in two lanes are neighbours and still two.
  const Walk dst = c.to == Side::wram ? to : simplified(to), src = c.from == Side::wram ? from : simplified(from);
  const bool inside = !outside(c.to) && !outside(c.from);
  check_side(src, c.from, false, async, inside, line);
  if (inside) require_some_of(space_of(c.from, line), from, line);
  if (inside) refuse_shared(to, from, line);
  check_side(dst, c.to, true, async, inside, line);
  carry_out(to, from);
  if (inside)
    carry_shadow(space_of(c.to, line), to, space_of(c.from, line), from);
  else if (!outside(c.to))
    mark_defined(space_of(c.to, line), dst);
  if (async) {
    if (!outside(c.from)) state().pending.push_back({src, false, inside, line});
    if (!outside(c.to)) state().pending.push_back({dst, true, inside, line});
  }
  if (!inside) {
    counters().dma_bytes += to.bytes * to.count1 * to.count2;
    counters().dma_transfers++;
  }
}

Walk one(const void* p, int bytes) { return {reinterpret_cast<uintptr_t>(p), (size_t)bytes, 0, 1, 0, 1}; }
Walk two(const void* p, int bytes, int stride, int segnum) { return {reinterpret_cast<uintptr_t>(p), (size_t)bytes, stride, segnum + 1, 0, 1}; }

// What goes to or from WRAM in one piece is spread over its 64 lanes evenly (bangc.md section 8); a strided copy addresses them itself.
void copy_linear(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, bool async, int line) {
  const Copy c = sides(dir);
  if (c.to != Side::wram && c.from != Side::wram) return copy(one(dst, bytes), one(src, bytes), dir, async, line);
  if (!is_ours(c) || bytes == 0) return;
  if (bytes % (64 * 64)) violation("dma-rule", line, "%d bytes do not fill rows of 64 bytes in WRAM's 64 lanes", bytes);
  const int share = bytes / (int)wram_lanes, last = (int)wram_lanes - 1;
  const auto side = [&](const void* p, Side s) { return two(p, share, s == Side::wram ? (int)state().wram.lane_bytes() : share, last); };
  if (!state().wram.scratch) violation("wrong-space", line, "a copy with WRAM in a kernel that declares no __wram__ object");
  copy(side(dst, c.to), side(src, c.from), dir, async, line);
}

Walk three(const void* p, int bytes, int stride0, int segnum1, int stride1, int segnum2) {
  return {reinterpret_cast<uintptr_t>(p), (size_t)bytes, stride0, segnum1 + 1, stride1, segnum2 + 1};
}

void wait(bool io, bool move, bool compute) {
  CoreState& s = state();
  auto& p = s.pending;
  p.erase(std::remove_if(p.begin(), p.end(), [=](const Pending& c) { return c.move ? move : io; }), p.end());
  if (compute) {
    s.computed.clear();
    s.scalar.clear();
  }
  counters().syncs++;
}

}  // namespace

}  // namespace twin::bang

using namespace twin::bang;

void __memcpy(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int line) { copy_linear(dst, src, bytes, dir, false, line); }
void __memcpy(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int dst_stride, int src_stride, int segnum, int line) {
  copy(two(dst, bytes, dst_stride, segnum), two(src, bytes, src_stride, segnum), dir, false, line);
}
void __memcpy(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int d0, int dn1, int d1, int dn2, int s0, int sn1, int s1, int sn2, int line) {
  copy(three(dst, bytes, d0, dn1, d1, dn2), three(src, bytes, s0, sn1, s1, sn2), dir, false, line);
}
void __memcpy_async(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int line) {
  copy_linear(dst, src, bytes, dir, true, line);
}
void __memcpy_async(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int dst_stride, int src_stride, int segnum, int line) {
  copy(two(dst, bytes, dst_stride, segnum), two(src, bytes, src_stride, segnum), dir, true, line);
}
void __memcpy_async(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int d0, int dn1, int d1, int dn2, int s0, int sn1, int s1, int sn2,
                    int line) {
  copy(three(dst, bytes, d0, dn1, d1, dn2), three(src, bytes, s0, sn1, s1, sn2), dir, true, line);
}

void __sync(int) { wait(true, true, true); }
void __sync_io(int) { wait(true, false, false); }
void __sync_move(int) { wait(false, true, false); }
void __sync_compute(int) { wait(false, false, true); }
void __sync_io_move_compute(int) { wait(true, true, true); }
void __sync_io_move_compute(bool, bool, bool, bool, bool, bool, int) { wait(true, true, true); }

void __sync_copy_nram_to_dram(int) { wait(true, false, false); }
void __sync_copy_dram_to_nram(int) { wait(true, false, false); }
void __sync_copy_wram_to_dram(int) { wait(true, false, false); }
void __sync_copy_dram_to_wram(int) { wait(true, false, false); }
void __sync_copy_sram_to_dram(int) { wait(true, false, false); }
void __sync_copy_dram_to_sram(int) { wait(true, false, false); }
void __sync_copy_nram_to_sram(int) { wait(false, true, false); }
void __sync_copy_sram_to_nram(int) { wait(false, true, false); }
void __sync_copy_wram_to_sram(int) { wait(false, true, false); }
void __sync_copy_sram_to_wram(int) { wait(false, true, false); }
void __sync_copy_nram_to_nram(int) { wait(false, false, true); }
void __sync_copy_sram_to_sram(int line) {
  wait(false, true, false);
  __sync_all(line);
}
void __bang_lock(int, int, int) {}
void __bang_unlock(int, int, int) {}

namespace {

// In a Block task there is nobody to meet: a wait of this core (bangc.md section 6).
void meet(int key, bool cores, bool memory_cores, bool one_cluster, int line) {
  wait(true, true, true);
  if (!state().cluster || !(__is_mpu() ? memory_cores : cores)) return;
  const int each = (cores ? coreDim : 0) + (memory_cores && !memory_cores_idle());
  if (one_cluster) return twin::barrier(key + 16 * clusterId, each, line);
  twin::barrier(key, each * clusterDim, line);
}

}  // namespace

void __sync_all(int line) { meet(0, true, true, false, line); }
void __sync_all_ipu(int line) { meet(1, true, false, false, line); }
void __sync_all_mpu(int line) { meet(2, false, true, false, line); }
void __sync_cluster(int line) { meet(3, true, true, true, line); }
void __sync_cluster_ipu(int line) { meet(4, true, false, true, line); }
void __sync_all_ipu_within_cluster(int line) { meet(4, true, false, true, line); }

void __memcpy_nram_to_nram(void* dst, const void* src, int bytes, int dst_stride, int src_stride, int segnum, int line) {
  copy(two(dst, bytes, dst_stride, segnum), two(src, bytes, src_stride, segnum), NRAM2NRAM, false, line);
}

namespace {

// Segments whose places in one side are offsets that lie in NRAM; all of them, or those whose bit of a mask is 1.
void copy_by(void* dst, const void* src, const uint32_t* offsets, int bytes, mluMemcpyDirection_t dir, int stride, int num, bool gathers, bool async, int line,
             const void* bitmask = nullptr) {
  const char* name = gathers ? "__gather" : "__scatter";
  require_arch(state().arch >= 592, name, line);
  if (!is_ours(sides(dir))) return;
  if (num < 0) twin::violation("dma-rule", line, "%s of a negative number of segments", name);
  if (num == 0) return;
  require_defined(compute_read(offsets, (size_t)num * sizeof(uint32_t), alignof(uint32_t), line), (size_t)num * sizeof(uint32_t), line, name);
  const auto* mask = static_cast<const uint8_t*>(bitmask);
  if (mask) require_bits(mask, (uint32_t)num, line, name);
  for (int i = 0; i < num; i++) {
    if (mask && !(mask[i / 8] >> i % 8 & 1)) continue;
    const size_t there = offsets[i], here = (size_t)i * stride;
    copy(one(static_cast<uint8_t*>(dst) + (gathers ? here : there), bytes), one(static_cast<const uint8_t*>(src) + (gathers ? there : here), bytes), dir, async,
         line);
  }
}

}  // namespace

void __gather(void* dst, const void* src, const uint32_t* offsets, int bytes, mluMemcpyDirection_t dir, int dst_stride, int num, int line) {
  copy_by(dst, src, offsets, bytes, dir, dst_stride, num, true, false, line);
}
void __gather_async(void* dst, const void* src, const uint32_t* offsets, int bytes, mluMemcpyDirection_t dir, int dst_stride, int num, int line) {
  copy_by(dst, src, offsets, bytes, dir, dst_stride, num, true, true, line);
}
void __scatter(void* dst, const void* src, const uint32_t* offsets, int bytes, mluMemcpyDirection_t dir, int src_stride, int num, int line) {
  copy_by(dst, src, offsets, bytes, dir, src_stride, num, false, false, line);
}
void __scatter_async(void* dst, const void* src, const uint32_t* offsets, int bytes, mluMemcpyDirection_t dir, int src_stride, int num, int line) {
  copy_by(dst, src, offsets, bytes, dir, src_stride, num, false, true, line);
}
void __gather(void* dst, const void* src, const uint32_t* offsets, const void* bitmask, int bytes, mluMemcpyDirection_t dir, int dst_stride, int num, int line) {
  copy_by(dst, src, offsets, bytes, dir, dst_stride, num, true, false, line, bitmask);
}
void __scatter(void* dst, const void* src, const uint32_t* offsets, const void* bitmask, int bytes, mluMemcpyDirection_t dir, int src_stride, int num, int line) {
  copy_by(dst, src, offsets, bytes, dir, src_stride, num, false, false, line, bitmask);
}
bool __is_nram(const void* p) { return in_nram(p); }
bool __is_wram(const void* p) { return in_wram(p); }
bool __is_sram(const void* p) { return in_sram(p); }

namespace {

// Moves run on the compute queue and carry undefined bytes along.
void move(void* dst, const void* src, int bytes, int line) {
  if (bytes < 0) twin::violation("dma-rule", line, "a move of a negative size");
  if (bytes == 0) return;
  const uint8_t* from_shadow = vector_read(src, bytes, 1, line);
  uint8_t* to_shadow = vector_write(dst, bytes, 1, line);
  refuse_partial_overlap(dst, bytes, src, bytes, true, line);
  require_some_defined(from_shadow, bytes, line);
  memmove(dst, src, bytes);
  memmove(to_shadow, from_shadow, bytes);
  count_lanes(bytes, 1);
}

// Wherever dst is: of a fill over void* its value need not have the width of what lies there (InfiniTensor bangTopK.mlu fills halves' bits with
// floats), and from mtp_300 on a vector operand begins at any byte.
template <class T>
void write_value(void* dst, int n, T value, int line) {
  if (n <= 0) return;
  memset(vector_write(dst, n * sizeof(T), 1, line), 1, n * sizeof(T));
  for (int i = 0; i < n; i++) memcpy(static_cast<char*>(dst) + i * sizeof(T), &value, sizeof(T));
  count_lanes(n, sizeof(T));
}

// place(h, w): where lane [h][w] of src goes.
template <class T, class F>
void rearrange(T* dst, const T* src, int height, int width, int line, F place) {
  if (height <= 0 || width <= 0) return;
  const size_t bytes = sizeof(T) * height * width;
  const uint8_t* from = compute_read(src, bytes, alignof(T), line);
  uint8_t* to = compute_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, src, bytes, false, line);
  require_some_defined(from, bytes, line);
  for (int h = 0; h < height; h++)
    for (int w = 0; w < width; w++) {
      const size_t at = place(h, w), origin = (size_t)h * width + w;
      dst[at] = src[origin];
      memcpy(to + at * sizeof(T), from + origin * sizeof(T), sizeof(T));
    }
  count_lanes((size_t)height * width, sizeof(T));
}

template <class T>
void transpose(T* dst, const T* src, int height, int width, int line) {
  rearrange(dst, src, height, width, line, [=](int h, int w) { return (size_t)w * height + h; });
}

// Quarters of a circle, clockwise: read from mlu-ops active_rotated_filter, whose other half turns lanes by tables.
template <class T>
void rotate(T* dst, const T* src, int height, int width, int quarters, int line) {
  rearrange(dst, src, height, width, line, [=](int h, int w) {
    return quarters == 1   ? (size_t)w * height + (height - 1 - h)
           : quarters == 2 ? (size_t)(height - 1 - h) * width + (width - 1 - w)
                           : (size_t)(width - 1 - w) * height + h;
  });
}

// Each row from its end, "along w axis" (the header of 2018); mlu-ops' fft turns the order of its frequencies by it.
template <class T>
void mirror(T* dst, const T* src, int height, int width, int line) {
  rearrange(dst, src, height, width, line, [=](int h, int w) { return (size_t)h * width + (width - 1 - w); });
}

template <class T>
T load_nram(const T* p, int line) {
  scalar_read(p, sizeof(T), alignof(T), line);
  return *p;
}

template <class T>
void store_nram(T* p, T value, int line) {
  scalar_write(p, sizeof(T), alignof(T), line);
  twin::counters().lane_loop_lanes++;
  *p = value;
}

template <class T>
T load_gdram(const T* p, int line) {
  twin::gm_read(p, sizeof(T), line);
  twin::counters().scalar_global++;
  return *p;
}

template <class T>
void store_gdram(T* p, T value, int line) {
  twin::gm_write(p, sizeof(T), line);
  twin::counters().scalar_global++;
  *p = value;
}

template <class T>
T load_sram(const T* p, int line) {
  require_defined(locate_in(space_of(Side::sram, line), p, sizeof(T), alignof(T), line, "read"), sizeof(T), line, "a scalar read");
  twin::race_log(p, sizeof(T), false, false, line);
  return *p;
}

template <class T>
void store_sram(void* dst, int n, T value, int line) {
  if (n <= 0) return;
  auto* p = static_cast<T*>(dst);
  memset(locate_in(space_of(Side::sram, line), p, n * sizeof(T), alignof(T), line, "write"), 1, n * sizeof(T));
  twin::race_log(p, n * sizeof(T), true, false, line);
  std::fill(p, p + n, value);
}

template <class T>
void set_gdram(T* p, int n, T value, int line) {
  if (n <= 0 || state().memory_core) return;
  twin::gm_write(p, n * sizeof(T), line);
  std::fill(p, p + n, value);
}

// segnum + 1 segments of n elements, their starts stride bytes apart.
template <class T, class Fill>
void fill_segments(void* dst, int n, T value, int stride, int segnum, int line, Fill fill) {
  for (int i = 0; i <= segnum; i++) fill(static_cast<char*>(dst) + static_cast<ptrdiff_t>(i) * stride, n, value, line);
}

}  // namespace

void __bang_move(void* dst, const void* src, int bytes, int line) { move(dst, src, bytes, line); }

#define STORAGE(T) \
  void __bang_write_value(void* dst, int n, T value, int line) { write_value(dst, n, value, line); } \
  void __bang_transpose(T* dst, const T* src, int height, int width, int line) { transpose(dst, src, height, width, line); } \
  void __bang_mirror(T* dst, const T* src, int height, int width, int line) { mirror(dst, src, height, width, line); } \
  void __bang_rotate90(T* dst, const T* src, int height, int width, int line) { rotate(dst, src, height, width, 1, line); } \
  void __bang_rotate180(T* dst, const T* src, int height, int width, int line) { rotate(dst, src, height, width, 2, line); } \
  void __bang_rotate270(T* dst, const T* src, int height, int width, int line) { rotate(dst, src, height, width, 3, line); } \
  T __load_nram(const T* p, int line) { return load_nram(p, line); } \
  void __store_nram(T* p, T value, int line) { store_nram(p, value, line); } \
  T __load_gdram(const T* p, int line) { return load_gdram(p, line); } \
  void __store_gdram(T* p, T value, int line) { store_gdram(p, value, line); } \
  T __load_sram(const T* p, int line) { return load_sram(p, line); } \
  void __store_sram(T* p, T value, int line) { store_sram(p, 1, value, line); } \
  void __bang_write_zero(T* dst, int n, int line) { write_value(dst, n, T{}, line); } \
  void __nramset(void* dst, int n, T value, int line) { write_value(dst, n, value, line); } \
  void __memset_nram(void* dst, int n, T value, int line) { write_value(dst, n, value, line); } \
  void __nramset_async(void* dst, int n, T value, int line) { write_value(dst, n, value, line); } \
  void __sramset(void* dst, int n, T value, int line) { store_sram(dst, n, value, line); } \
  void __gdramset(void* dst, int n, T value, int line) { set_gdram(static_cast<T*>(dst), n, value, line); } \
  void __ldramset(void* dst, int n, T value, int line) { set_gdram(static_cast<T*>(dst), n, value, line); } \
  void __nramset(void* dst, int n, T value, int stride, int segnum, int line) { \
    fill_segments(dst, n, value, stride, segnum, line, write_value<T>); \
  } \
  void __nramset_async(void* dst, int n, T value, int stride, int segnum, int line) { \
    fill_segments(dst, n, value, stride, segnum, line, write_value<T>); \
  } \
  void __sramset(void* dst, int n, T value, int stride, int segnum, int line) { \
    fill_segments(dst, n, value, stride, segnum, line, store_sram<T>); \
  }
STORAGE(float)
STORAGE(half)
STORAGE(bfloat16_t)
STORAGE(int8_t)
STORAGE(uint8_t)
STORAGE(int16_t)
STORAGE(uint16_t)
STORAGE(int32_t)
STORAGE(uint32_t)
STORAGE(int64_t)
STORAGE(uint64_t)
STORAGE(char)
