// Copies: their rules (block counts, 32-byte granules, gaps), and what they leave defined.
// Source: facts cann/ascendc.md section 4; asc-devkit's pages on DataCopy and DataCopyPad.
#include <string.h>

#include "device.h"

namespace twin::cann {

namespace {

constexpr size_t granule = 32;

void count_copy(size_t bytes) {
  counters().dma_bytes += bytes;
  ++counters().dma_transfers;
}

void require_pad(size_t element, int line) {
  if (chip().widest_pad == 0) violation("dma-rule", line, "DataCopyPad does not exist on %s", chip().name);
  if (element > chip().widest_pad) violation("dma-rule", line, "DataCopyPad takes no elements of %zu bytes on %s", element, chip().name);
}

void require_inside(int line) {
  if (!chip().has(copies_inside)) violation("dma-rule", line, "DataCopy inside the unified buffer does not exist on %s", chip().name);
}

void require_blocks(unsigned count, int line) {
  if (count > 4095) violation("dma-rule", line, "%u blocks in one copy; at most 4095", count);
}

size_t round_up(size_t bytes) { return (bytes + granule - 1) / granule * granule; }

View at(const View& v, size_t bytes) {
  View moved = v;
  moved.at += bytes;
  return moved;
}

// Whole granules may reach past an allocation by less than one: device buffers carry that much slack (facts host.md
// section 2), which nobody may rely on. The twin leaves the slack alone and counts only what lies inside.
size_t inside(const void* p, size_t bytes) {
  const auto* at = static_cast<const uint8_t*>(p);
  size_t n = bytes;
  while (n > 0 && bytes - n < granule - 1 && !gm_owns(at + n - 1)) --n;
  return n;
}

// The last granule may bring bytes nobody wrote yet; what is needed of it was written, the rest is never looked at.
void load_block(const View& dst, const uint8_t* src, size_t bytes, int line) {
  const size_t own = inside(src, bytes);
  global_load(src, own, MTE2, line);
  gm_touch(src, own, line, "read");
  if (bytes > granule) gm_read(src, bytes - granule, line);
  uint8_t* shadow = touch(dst, bytes, MTE2, true, granule, line);
  memset(shadow, 0, bytes);
  memcpy(dst.at, src, own);
  memset(shadow, 1, own);
}

void store_block(uint8_t* dst, const View& src, size_t bytes, int line) {
  const size_t own = inside(dst, bytes);
  require_defined(touch(src, bytes, MTE3, false, granule, line), own, "a copy to device memory", line);
  gm_write(dst, own, line);
  global_store(dst, own, MTE3, line);
  memcpy(dst, src.at, own);
}

}  // namespace

void copy_in_pad(const View& dst, const void* src, size_t element, const AscendC::DataCopyExtParams& p, bool pad, unsigned left, unsigned right,
                 const void* value, int line) {
  require_pad(element, line);
  require_blocks(p.blockCount, line);
  if (p.blockLen > 2097151 || p.blockLen % element) violation("dma-rule", line, "DataCopyPad of blocks of %u bytes", p.blockLen);
  if (left * element > granule || right * element > granule) violation("dma-rule", line, "DataCopyPad pads by at most 32 bytes a side");
  const size_t before = left * element, after = right * element, whole = round_up(before + p.blockLen + after);
  const auto* from = static_cast<const uint8_t*>(src);
  for (unsigned block = 0; block < p.blockCount; ++block) {
    if (p.blockLen == 0) continue;
    const View to = at(dst, block * (whole + p.dstStride * granule));
    global_load(from, p.blockLen, MTE2, line);
    gm_read(from, p.blockLen, line);
    uint8_t* shadow = touch(to, whole, MTE2, true, granule, line);
    memset(shadow, 0, whole);
    memset(to.at, 0xFF, whole);
    memcpy(to.at + before, from, p.blockLen);
    memset(shadow + before, 1, p.blockLen);
    if (pad) {
      for (size_t i = 0; i < whole; i += element) {
        if (i >= before && i < before + p.blockLen) continue;
        memcpy(to.at + i, value, element);
        memset(shadow + i, 1, element);
      }
    }
    from += p.blockLen + p.srcStride;
  }
  count_copy(static_cast<size_t>(p.blockCount) * p.blockLen);
}

void copy_out_pad(void* dst, const View& src, size_t element, const AscendC::DataCopyExtParams& p, int line) {
  require_pad(element, line);
  require_blocks(p.blockCount, line);
  if (p.blockLen > 2097151 || p.blockLen % element) violation("dma-rule", line, "DataCopyPad of blocks of %u bytes", p.blockLen);
  auto* to = static_cast<uint8_t*>(dst);
  const size_t whole = round_up(p.blockLen);
  for (unsigned block = 0; block < p.blockCount; ++block) {
    if (p.blockLen == 0) continue;
    const View from = at(src, block * (whole + p.srcStride * granule));
    require_defined(touch(from, p.blockLen, MTE3, false, granule, line), p.blockLen, "a copy to device memory", line);
    gm_write(to, p.blockLen, line);
    global_store(to, p.blockLen, MTE3, line);
    memcpy(to, from.at, p.blockLen);
    to += p.blockLen + p.dstStride;
  }
  count_copy(static_cast<size_t>(p.blockCount) * p.blockLen);
}

void copy_in(const View& dst, const void* src, const AscendC::DataCopyParams& p, int line) {
  require_blocks(p.blockCount, line);
  if (p.blockLen == 0 || p.blockCount == 0) return;
  for (unsigned block = 0; block < p.blockCount; ++block)
    load_block(at(dst, block * (p.blockLen + p.dstStride) * granule), static_cast<const uint8_t*>(src) + block * (p.blockLen + p.srcStride) * granule,
               p.blockLen * granule, line);
  count_copy(p.blockCount * p.blockLen * granule);
}

void copy_out(void* dst, const View& src, const AscendC::DataCopyParams& p, int line) {
  require_blocks(p.blockCount, line);
  if (p.blockLen == 0 || p.blockCount == 0) return;
  for (unsigned block = 0; block < p.blockCount; ++block)
    store_block(static_cast<uint8_t*>(dst) + block * (p.blockLen + p.dstStride) * granule, at(src, block * (p.blockLen + p.srcStride) * granule),
                p.blockLen * granule, line);
  count_copy(p.blockCount * p.blockLen * granule);
}

void copy_local(const View& dst, const View& src, const AscendC::DataCopyParams& p, int line) {
  require_inside(line);
  require_blocks(p.blockCount, line);
  for (unsigned block = 0; block < p.blockCount; ++block)
    copy_local_run(at(dst, block * (p.blockLen + p.dstStride) * granule), at(src, block * (p.blockLen + p.srcStride) * granule), p.blockLen * granule, line);
}

void copy_in_run(const View& dst, const void* src, size_t bytes, int line) {
  if (bytes % granule) violation("dma-rule", line, "DataCopy of %zu bytes; its length is a multiple of 32", bytes);
  if (bytes == 0) return;
  load_block(dst, static_cast<const uint8_t*>(src), bytes, line);
  count_copy(bytes);
}

void copy_out_run(void* dst, const View& src, size_t bytes, int line) {
  if (bytes % granule) violation("dma-rule", line, "DataCopy of %zu bytes; its length is a multiple of 32", bytes);
  if (bytes == 0) return;
  store_block(static_cast<uint8_t*>(dst), src, bytes, line);
  count_copy(bytes);
}

// Inside the unified buffer the vector unit copies.
void copy_local_run(const View& dst, const View& src, size_t bytes, int line) {
  require_inside(line);
  if (bytes % granule) violation("dma-rule", line, "DataCopy of %zu bytes; its length is a multiple of 32", bytes);
  if (bytes == 0) return;
  next_instruction();
  const Lanes source[] = {{touch(src, bytes, V, false, granule, line), 1}};
  uint8_t* shadow = touch(dst, bytes, V, true, granule, line);
  if (dst.at != src.at && dst.at < src.at + bytes && src.at < dst.at + bytes) violation("dma-rule", line, "DataCopy between overlapping ranges");
  define(shadow, 1, static_cast<int64_t>(bytes), source, 1, line);
  memmove(dst.at, src.at, bytes);
  counters().lanes_busy += bytes / 4;
}

}  // namespace twin::cann
