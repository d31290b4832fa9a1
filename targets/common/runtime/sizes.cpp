// From the values of the symbols to extents, bytes and places in the arena. Whatever overflows is refused on the way.
#include <algorithm>

#include "internal.h"

namespace portolan {
inline namespace v1 {

namespace {

constexpr size_t arena_align = 512;
// Some DMA engines move whole 32-byte blocks: a tail may touch this much past a buffer's end.
constexpr size_t slack = 32;
// Kernels count in 32 bits, and round counts up to whole tiles.
constexpr int64_t most_elements = INT32_MAX - (1 << 20);

}  // namespace

bool padded(size_t bytes, size_t& out) {
  size_t sum = 0;
  if (__builtin_add_overflow(bytes, slack + arena_align - 1, &sum)) return false;
  out = sum / arena_align * arena_align;
  return true;
}

size_t element_count(const Sizes& s, const Buffer& b) {
  size_t n = 1;
  for (int i = 0; i < b.rank; ++i) n *= (size_t)s.table[b.shape_at + i];
  return n;
}

size_t room_of(const Sizes& s, const Buffer& b) {
  size_t room = 0;
  padded(element_count(s, b) * element_bytes(b.stored), room);
  return room;
}

int32_t all_symbols(const Model& m) { return m.symbol_count + (m.tree ? m.tree->symbol_count : 0); }

int refuse_symbols(const Model& m, const int64_t* dims, const Text& error) {
  for (int i = 0; i < m.symbol_count; ++i) {
    const Symbol& s = m.symbols[i];
    if (dims[i] >= s.lo && dims[i] <= s.hi) continue;
    error("size \"%s\" is %lld; this bundle takes %lld to %lld", s.name, (long long)dims[i], (long long)s.lo, (long long)s.hi);
    return bad_sizes;
  }
  const std::vector<Size> sizes(dims, dims + m.symbol_count);
  for (int i = 0; i < m.guard_count; ++i) {
    if (m.guards[i].holds(sizes.data())) continue;
    error("sizes do not fit the model: %s", m.guards[i].message);
    return bad_sizes;
  }
  return ok;
}

namespace {

// What is empty is counted by its other extents: they reach kernels too.
bool countable(const Sizes& s, const Buffer& b) {
  int64_t count = 1;
  for (int i = 0; i < b.rank; ++i)
    if (__builtin_mul_overflow(count, std::max<int64_t>(s.table[b.shape_at + i], 1), &count) || count > most_elements) return false;
  return true;
}

// The extents of all buffers at s.dims.
std::vector<Size> table_of(const Model& m, Sizes& s) {
  const std::vector<Size> sizes(s.dims.begin(), s.dims.end());
  std::vector<Size> table(m.table_size + 1);
  m.shapes(sizes.data(), table.data());
  s.table.clear();
  for (const Size& x : table) s.table.push_back(x.value);
  return table;
}

int refuse_extents(const Model& m, int32_t id, const Sizes& s, const std::vector<Size>& table, const Text& error) {
  const Buffer& b = m.buffers[id];
  for (int i = 0; i < b.rank; ++i) {
    const Size& x = table[b.shape_at + i];
    if (x.fits && x.value >= 0) continue;
    if (x.fits) error("\"%s\" would have the extent %lld on axis %d", b.name, (long long)x.value, i);
    else error("\"%s\": its extent on axis %d overflows 64 bits", b.name, i);
    return bad_sizes;
  }
  if (countable(s, b)) return ok;
  error("\"%s\" would have more than %lld elements, which is as far as kernels count", b.name, (long long)most_elements);
  return bad_sizes;
}

int extents_of(const Model& m, const int64_t* dims, Sizes& s, const Text& error) {
  s.dims.assign(dims, dims + m.symbol_count);
  for (int i = 0; m.tree && i < m.tree->symbol_count; ++i) s.dims.push_back(m.tree->symbols[i].lo);
  const std::vector<Size> table = table_of(m, s);
  std::vector<bool> late(m.buffer_count, false);
  for (int i = 0; m.tree && i < m.tree->late_count; ++i) late[m.tree->late[i].buffer] = true;
  for (int id = 0; id < m.buffer_count; ++id)
    if (!late[id]) PTL_TRY(refuse_extents(m, id, s, table, error));
  return ok;
}

// First fit: each buffer goes to the lowest offset where no conflicting, already placed buffer lies. False when the sum overflows.
bool place(const Model& m, Sizes& s) {
  std::vector<std::vector<int32_t>> rivals(m.buffer_count);
  for (int i = 0; i < m.conflict_count; ++i) {
    rivals[m.conflicts[i][0]].push_back(m.conflicts[i][1]);
    rivals[m.conflicts[i][1]].push_back(m.conflicts[i][0]);
  }
  s.offsets.assign(m.buffer_count, 0);
  std::vector<bool> placed(m.buffer_count, false);
  for (int k = 0; k < m.arena_count; ++k) {
    const int32_t id = m.arena_order[k];
    std::vector<std::pair<size_t, size_t>> taken;
    for (const int32_t rival : rivals[id])
      if (placed[rival]) taken.push_back({s.offsets[rival], s.offsets[rival] + room_of(s, m.buffers[rival])});
    std::sort(taken.begin(), taken.end());
    const size_t room = room_of(s, m.buffers[id]);
    size_t at = 0;
    for (const auto& [begin, end] : taken) {
      if (at + room <= begin) break;
      at = std::max(at, end);
    }
    size_t end = 0;
    if (__builtin_add_overflow(at, room, &end)) return false;
    s.offsets[id] = at;
    placed[id] = true;
    s.arena_bytes = std::max(s.arena_bytes, end);
  }
  for (int i = 0; i < m.input_count + m.output_count; ++i) {
    const Buffer& b = m.buffers[i < m.input_count ? m.inputs[i] : m.outputs[i - m.input_count]];
    if (__builtin_add_overflow(s.staging_bytes, room_of(s, b), &s.staging_bytes)) return false;
  }
  return true;
}

}  // namespace

int resize(Context& c, const std::vector<int32_t>& ids, const Text& error) {
  const Model& m = *c.loaded->model;
  const std::vector<Size> table = table_of(m, c.sizes);
  for (const int32_t id : ids) {
    PTL_TRY(refuse_extents(m, id, c.sizes, table, error));
    const Buffer& b = m.buffers[id];
    if (b.alias_of >= 0) continue;
    Own& own = c.own[id];
    const size_t room = room_of(c.sizes, b);
    if (room > own.capacity) {
      // Steps that are under way may still use the old one.
      if (own.block) c.workspace.outgrown.push_back(own.block);
      own = {};
      if (const int status = device::alloc(&own.block, room)) return error("\"%s\": %zu bytes of device memory: %s", b.name, room, device::error_text(status)), status;
      own.capacity = room;
    }
    c.pointers[id] = own.block;
  }
  follow_aliases(c);
  return ok;
}

int measure(const Model& m, const int64_t* dims, Sizes& out, const Text& error) {
  PTL_TRY(extents_of(m, dims, out, error));
  if (!place(m, out)) return error("arena: its bytes overflow"), bad_sizes;
  return ok;
}

}  // namespace v1
}  // namespace portolan
