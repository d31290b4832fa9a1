// Everything of a bundle that does not depend on the model: weights, arena, contexts, the loop over steps.
#include "portolan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace portolan {
inline namespace v1 {

namespace {

constexpr size_t arena_align = 512;
// Some DMA engines move whole 32-byte blocks: a tail may touch this much past a buffer's end.
constexpr size_t slack = 32;

size_t padded(size_t bytes) { return (bytes + slack + arena_align - 1) / arena_align * arena_align; }

void format_into(char* out, size_t size, const char* format, ...) __attribute__((format(printf, 3, 4)));
void format_into(char* out, size_t size, const char* format, ...) {
  if (size == 0) return;
  va_list args;
  va_start(args, format);
  vsnprintf(out, size, format, args);
  va_end(args);
}

float half_to_float(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exponent = h >> 10 & 31u, fraction = h & 1023u;
  uint32_t bits;
  if (exponent == 31) {
    bits = sign | 0x7F800000u | fraction << 13;
  } else if (exponent > 0) {
    bits = sign | (exponent + 112) << 23 | fraction << 13;
  } else {
    const float tiny = (float)fraction * 5.9604644775390625e-8f;  // 2^-24
    memcpy(&bits, &tiny, 4);
    bits |= sign;
  }
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

uint16_t float_to_half(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000u);
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return sign | 0x7E00u;
  if (magnitude >= 0x477FF000u) return sign | 0x7C00u;  // rounds past 65504
  if (magnitude < 0x38800000u) {                        // below 2^-14: subnormal, in units of 2^-24
    float m;
    memcpy(&m, &magnitude, 4);
    const float scaled = m * 16777216.0f;
    uint32_t whole = (uint32_t)scaled;
    const float rest = scaled - (float)whole;
    if (rest > 0.5f || (rest == 0.5f && (whole & 1u))) ++whole;
    return (uint16_t)(sign | whole);
  }
  const uint32_t rounded = magnitude + 0xFFFu + (magnitude >> 13 & 1u);
  return (uint16_t)(sign | (rounded - 0x38000000u) >> 13);
}

}  // namespace

size_t element_bytes(Type type) {
  switch (type) {
    case Type::u8: case Type::i8: case Type::boolean: return 1;
    case Type::u16: case Type::i16: case Type::f16: case Type::bf16: return 2;
    case Type::f32: case Type::i32: case Type::u32: return 4;
    case Type::i64: case Type::f64: case Type::u64: return 8;
  }
  return 0;
}

// ---- conversions between what the caller sees and what the device stores ----------------------------------------

namespace {

// Returns the index of the first value that does not fit, or -1.
int64_t narrow(const int64_t* from, int32_t* to, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (from[i] != (int32_t)from[i]) return (int64_t)i;
    to[i] = (int32_t)from[i];
  }
  return -1;
}


// Caller's values to stored values. Returns the index of the first value that does not fit, or -1.
int64_t to_stored(const Buffer& b, const void* from, void* to, size_t count) {
  if (b.type == Type::i64 && b.stored == Type::i32) return narrow((const int64_t*)from, (int32_t*)to, count);
  for (size_t i = 0; i < count; ++i) ((uint16_t*)to)[i] = float_to_half(((const float*)from)[i]);
  return -1;
}

void from_stored(const Buffer& b, const void* from, void* to, size_t count) {
  if (b.type == Type::i64 && b.stored == Type::i32) {
    for (size_t i = 0; i < count; ++i) ((int64_t*)to)[i] = ((const int32_t*)from)[i];
  } else {
    for (size_t i = 0; i < count; ++i) ((float*)to)[i] = half_to_float(((const uint16_t*)from)[i]);
  }
}

// One weight's bytes as the device stores them.
int64_t unpack(Pack pack, const std::vector<uint8_t>& from, std::vector<uint8_t>& to) {
  switch (pack) {
    case Pack::as_is: to = from; return -1;
    case Pack::i64_to_i32: to.resize(from.size() / 2); return narrow((const int64_t*)from.data(), (int32_t*)to.data(), from.size() / 8);
    case Pack::f32_to_f16:
      to.resize(from.size() / 2);
      for (size_t i = 0; i < from.size() / 4; ++i) ((uint16_t*)to.data())[i] = float_to_half(((const float*)from.data())[i]);
      return -1;
    case Pack::bf16_to_f32:
      to.resize(from.size() * 2);
      for (size_t i = 0; i < from.size() / 2; ++i) ((uint32_t*)to.data())[i] = (uint32_t)((const uint16_t*)from.data())[i] << 16;
      return -1;
    case Pack::f64_to_f32:
      to.resize(from.size() / 2);
      for (size_t i = 0; i < from.size() / 8; ++i) ((float*)to.data())[i] = (float)((const double*)from.data())[i];
      return -1;
  }
  return 0;
}

size_t packed_bytes(const Weight& w) {
  switch (w.pack) {
    case Pack::as_is: return w.length;
    case Pack::bf16_to_f32: return w.length * 2;
    case Pack::i64_to_i32: case Pack::f32_to_f16: case Pack::f64_to_f32: return w.length / 2;
  }
  return 0;
}

}  // namespace

// ---- loading --------------------------------------------------------------------------------------------------------

struct Loaded {
  const Model* model;
  void* block = nullptr;  // all weights, one allocation
  size_t bytes = 0;
  std::vector<void*> at;  // by buffer id
};

namespace {

// `folders` is one folder, or several joined by ':'.
FILE* open_weights(const char* folders, const char* file) {
  std::string rest = folders && *folders ? folders : ".";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const std::string base = rest.substr(0, colon);
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
    for (const std::string& path : {base + "/" + file, base + "/weights/" + file})
      if (FILE* f = fopen(path.c_str(), "rb")) return f;
  }
  return nullptr;
}

int load_weight(const Weight& w, FILE* f, const char* file, void* to, char* error, size_t error_bytes) {
  std::vector<uint8_t> raw(w.length), stored;
  if (fseeko(f, (off_t)w.offset, SEEK_SET) != 0 || fread(raw.data(), 1, w.length, f) != w.length) {
    format_into(error, error_bytes, "weights: \"%s\" ends before byte %llu: it is not the file this bundle was compiled from", file,
                (unsigned long long)(w.offset + w.length));
    return file_problem;
  }
  const int64_t misfit = unpack(w.pack, raw, stored);
  if (misfit >= 0) {
    format_into(error, error_bytes, "weights: element %lld of a weight in \"%s\" does not fit 32 bits", (long long)misfit, file);
    return value_out_of_range;
  }
  return device::copy_in(to, stored.data(), stored.size(), nullptr);
}

}  // namespace

int load(const Model& m, const char* folder, int ordinal, Loaded** out, char* error, size_t error_bytes) {
  *out = nullptr;
  if (const int status = device::open(ordinal)) {
    format_into(error, error_bytes, "device %d: %s", ordinal, device::error_text(status));
    return status;
  }
  std::unique_ptr<Loaded, void (*)(Loaded*)> loaded(new Loaded{&m, nullptr, 0, {}}, unload);
  loaded->at.assign(m.buffer_count, nullptr);
  std::vector<size_t> offsets;
  for (int i = 0; i < m.weight_count; ++i) {
    offsets.push_back(loaded->bytes);
    loaded->bytes += padded(packed_bytes(m.weights[i]));
  }
  if (loaded->bytes > 0) {
    if (const int status = device::alloc(&loaded->block, loaded->bytes)) {
      format_into(error, error_bytes, "weights: %zu bytes of device memory: %s", loaded->bytes, device::error_text(status));
      return status;
    }
  }
  FILE* f = nullptr;
  const char* open_file = "";
  int status = ok;
  for (int i = 0; i < m.weight_count && status == ok; ++i) {
    const Weight& w = m.weights[i];
    if (!f || strcmp(open_file, w.file) != 0) {
      if (f) fclose(f);
      f = open_weights(folder, w.file);
      open_file = w.file;
      if (!f) {
        format_into(error, error_bytes, "weights: no file \"%s\" in \"%s\" or its folder weights/", w.file, folder && *folder ? folder : ".");
        return file_problem;
      }
    }
    loaded->at[w.buffer] = static_cast<uint8_t*>(loaded->block) + offsets[i];
    status = load_weight(w, f, w.file, loaded->at[w.buffer], error, error_bytes);
  }
  if (f) fclose(f);
  if (status == ok) *out = loaded.release();
  return status;
}

void unload(Loaded* loaded) {
  if (!loaded) return;
  if (loaded->block) device::release(loaded->block);
  delete loaded;
}

size_t weight_bytes(const Loaded* loaded) { return loaded->bytes; }

// ---- contexts -------------------------------------------------------------------------------------------------------

struct Workspace {
  void* block = nullptr;
  size_t bytes = 0;
  std::vector<void*> outgrown;  // still in use by the stream until the run ends
};

struct Context {
  Loaded* loaded;
  std::vector<int64_t> dims, table;
  std::vector<size_t> offsets;  // by buffer id, within the arena
  std::vector<void*> pointers;
  std::vector<const char*> ways;  // by step: "library" or "kernel" when the environment asks for it
  void* arena = nullptr;
  size_t arena_capacity = 0, arena_used = 0;
  void* staging = nullptr;  // device copies of host inputs and outputs
  size_t staging_capacity = 0;
  Workspace workspace;
  Stream own_stream = nullptr;
  void* library = nullptr;
  Stream library_stream = nullptr;
  bool planned = false;
  char error[1024] = "";
};

namespace {

size_t element_count(const Context& c, const Buffer& b) {
  size_t n = 1;
  for (int i = 0; i < b.rank; ++i) n *= (size_t)c.table[b.shape_at + i];
  return n;
}

size_t stored_bytes(const Context& c, const Buffer& b) { return element_count(c, b) * element_bytes(b.stored); }

// First fit: each buffer goes to the lowest offset where no conflicting, already placed buffer lies.
size_t place(const Model& m, Context& c) {
  std::vector<std::vector<int32_t>> rivals(m.buffer_count);
  for (int i = 0; i < m.conflict_count; ++i) {
    rivals[m.conflicts[i][0]].push_back(m.conflicts[i][1]);
    rivals[m.conflicts[i][1]].push_back(m.conflicts[i][0]);
  }
  std::vector<bool> placed(m.buffer_count, false);
  size_t total = 0;
  for (int k = 0; k < m.arena_count; ++k) {
    const int32_t id = m.arena_order[k];
    std::vector<std::pair<size_t, size_t>> taken;
    for (const int32_t rival : rivals[id])
      if (placed[rival]) taken.push_back({c.offsets[rival], c.offsets[rival] + padded(stored_bytes(c, m.buffers[rival]))});
    std::sort(taken.begin(), taken.end());
    const size_t bytes = padded(stored_bytes(c, m.buffers[id]));
    size_t at = 0;
    for (const auto& [begin, end] : taken) {
      if (at + bytes <= begin) break;
      at = std::max(at, end);
    }
    c.offsets[id] = at;
    placed[id] = true;
    total = std::max(total, at + bytes);
  }
  return total;
}

int grow(void** block, size_t* capacity, size_t bytes) {
  if (bytes <= *capacity) return ok;
  if (*block) device::release(*block);
  *block = nullptr;
  *capacity = 0;
  if (const int status = device::alloc(block, bytes)) return status;
  *capacity = bytes;
  return ok;
}

void choose_ways(const Model& m, Context& c) {
  for (int i = 0; i < m.step_count; ++i) {
    const char* asked = getenv((std::string("PORTOLAN_STEP_") + m.steps[i].id).c_str());
    c.ways.push_back(asked ? asked : m.steps[i].way);
  }
}

}  // namespace

int create_context(Loaded* loaded, Context** out) {
  const Model& m = *loaded->model;
  auto* c = new Context;
  c->loaded = loaded;
  c->dims.assign(m.symbol_count + 1, 0);
  c->table.assign(m.table_size + 1, 0);
  c->offsets.assign(m.buffer_count, 0);
  c->pointers.assign(m.buffer_count, nullptr);
  choose_ways(m, *c);
  *out = c;
  return m.symbol_count == 0 ? set_dims(c, c->dims.data()) : ok;
}

void destroy_context(Context* c) {
  if (!c) return;
  for (void* p : c->workspace.outgrown) device::release(p);
  for (void* p : {c->workspace.block, c->arena, c->staging})
    if (p) device::release(p);
  if (c->library) device::destroy_library(c->library);
  if (c->own_stream) device::destroy_stream(c->own_stream);
  delete c;
}

int set_dims(Context* c, const int64_t* dims) {
  const Model& m = *c->loaded->model;
  if (c->planned && std::equal(dims, dims + m.symbol_count, c->dims.begin())) return ok;
  for (int i = 0; i < m.symbol_count; ++i) {
    const Symbol& s = m.symbols[i];
    if (dims[i] < s.lo || dims[i] > s.hi) {
      format_into(c->error, sizeof c->error, "size \"%s\" is %lld; this bundle takes %lld to %lld", s.name, (long long)dims[i], (long long)s.lo, (long long)s.hi);
      return bad_sizes;
    }
  }
  for (int i = 0; i < m.guard_count; ++i) {
    if (m.guards[i].holds(dims)) continue;
    format_into(c->error, sizeof c->error, "sizes do not fit the model: %s", m.guards[i].message);
    return bad_sizes;
  }
  std::copy(dims, dims + m.symbol_count, c->dims.begin());
  m.shapes(c->dims.data(), c->table.data());
  c->arena_used = place(m, *c);
  if (const int status = grow(&c->arena, &c->arena_capacity, c->arena_used)) {
    format_into(c->error, sizeof c->error, "arena: %zu bytes of device memory: %s", c->arena_used, device::error_text(status));
    return status;
  }
  c->planned = true;
  return ok;
}

void* Run::workspace(size_t bytes) const {
  Workspace& w = *scratch;
  if (bytes > w.bytes) {
    if (w.block) w.outgrown.push_back(w.block);
    w.block = nullptr;
    w.bytes = 0;
    if (device::alloc(&w.block, bytes) != 0) return nullptr;
    w.bytes = bytes;
  }
  return w.block;
}

// ---- running --------------------------------------------------------------------------------------------------------

namespace {

int prepare_stream(Context& c, Stream& stream) {
  if (!stream) {
    if (!c.own_stream) PTL_TRY(device::create_stream(&c.own_stream));
    stream = c.own_stream;
  }
  if (c.library && c.library_stream != stream) {
    PTL_TRY(device::destroy_library(c.library));
    c.library = nullptr;
  }
  if (!c.library) PTL_TRY(device::create_library(&c.library, stream));
  c.library_stream = stream;
  return ok;
}

int copy_input(Context& c, const Buffer& b, void* to, const void* from, Stream stream) {
  const size_t count = element_count(c, b);
  if (count == 0) return ok;
  if (b.type == b.stored) return device::copy_in(to, from, count * element_bytes(b.stored), stream);
  std::vector<uint8_t> stored(count * element_bytes(b.stored));
  const int64_t misfit = to_stored(b, from, stored.data(), count);
  if (misfit >= 0) {
    format_into(c.error, sizeof c.error, "input \"%s\": element %lld does not fit 32 bits, which is how this bundle stores it", b.name, (long long)misfit);
    return value_out_of_range;
  }
  PTL_TRY(device::copy_in(to, stored.data(), stored.size(), stream));
  return device::synchronize(stream);
}

int copy_output(Context& c, const Buffer& b, void* to, const void* from, Stream stream) {
  const size_t count = element_count(c, b);
  if (count == 0) return ok;
  if (b.type == b.stored) return device::copy_out(to, from, count * element_bytes(b.stored), stream);
  std::vector<uint8_t> stored(count * element_bytes(b.stored));
  PTL_TRY(device::copy_out(stored.data(), from, stored.size(), stream));
  PTL_TRY(device::synchronize(stream));
  from_stored(b, stored.data(), to, count);
  return ok;
}

// Addresses of all buffers for this run; host callers get device copies of their inputs and outputs.
int bind(Context& c, const void* const* inputs, void* const* outputs, bool on_device) {
  const Model& m = *c.loaded->model;
  if (!on_device) {
    size_t bytes = 0;
    for (int i = 0; i < m.input_count; ++i) bytes += padded(stored_bytes(c, m.buffers[m.inputs[i]]));
    for (int i = 0; i < m.output_count; ++i) bytes += padded(stored_bytes(c, m.buffers[m.outputs[i]]));
    PTL_TRY(grow(&c.staging, &c.staging_capacity, bytes));
  }
  auto* next = static_cast<uint8_t*>(c.staging);
  const auto stage = [&](const Buffer& b) {
    uint8_t* at = next;
    next += padded(stored_bytes(c, b));
    return at;
  };
  for (int id = 0; id < m.buffer_count; ++id) {
    const Buffer& b = m.buffers[id];
    if (b.home == Home::weight) c.pointers[id] = c.loaded->at[id];
    if (b.home == Home::arena) c.pointers[id] = static_cast<uint8_t*>(c.arena) + c.offsets[id];
  }
  for (int i = 0; i < m.input_count; ++i) c.pointers[m.inputs[i]] = on_device ? const_cast<void*>(inputs[i]) : stage(m.buffers[m.inputs[i]]);
  for (int i = 0; i < m.output_count; ++i) c.pointers[m.outputs[i]] = on_device ? outputs[i] : stage(m.buffers[m.outputs[i]]);
  for (int id = 0; id < m.buffer_count; ++id) {
    int32_t root = id;
    while (m.buffers[root].alias_of >= 0) root = m.buffers[root].alias_of;
    c.pointers[id] = c.pointers[root];
  }
  return ok;
}

int run_step(Context& c, int index, const Run& r) {
  const Step& step = c.loaded->model->steps[index];
  const bool other = step.run_other_way && strcmp(c.ways[index], step.other_way) == 0;
  const int status = other ? step.run_other_way(r) : step.run(r);
  if (status != 0)
    format_into(c.error, sizeof c.error, "step %s (%s), from %s: status %d, %s", step.id, other ? step.other_way : step.way, step.nodes, status,
                device::error_text(status));
  return status;
}

}  // namespace

int run(Context* c, Stream stream, const void* const* inputs, void* const* outputs, bool on_device) {
  const Model& m = *c->loaded->model;
  if (!c->planned) {
    format_into(c->error, sizeof c->error, "set the sizes (%d symbols) before running", m.symbol_count);
    return bad_sizes;
  }
  for (int i = 0; on_device && i < m.input_count + m.output_count; ++i) {
    const Buffer& b = m.buffers[i < m.input_count ? m.inputs[i] : m.outputs[i - m.input_count]];
    if (b.type == b.stored) continue;
    format_into(c->error, sizeof c->error, "\"%s\" is stored in another type on the device: pass host pointers, or compile with that type", b.name);
    return bad_argument;
  }
  int status = prepare_stream(*c, stream);
  if (status == ok) status = bind(*c, inputs, outputs, on_device);
  if (status != ok) {
    format_into(c->error, sizeof c->error, "preparing the run: %s", device::error_text(status));
    return status;
  }
  for (int i = 0; !on_device && status == ok && i < m.input_count; ++i)
    status = copy_input(*c, m.buffers[m.inputs[i]], c->pointers[m.inputs[i]], inputs[i], stream);
  const Run r = {stream, c->pointers.data(), c->dims.data(), c->library, &c->workspace};
  for (int i = 0; status == ok && i < m.step_count; ++i) status = run_step(*c, i, r);
  for (int i = 0; !on_device && status == ok && i < m.output_count; ++i)
    status = copy_output(*c, m.buffers[m.outputs[i]], outputs[i], c->pointers[m.outputs[i]], stream);
  if (!on_device) {
    const int waited = device::synchronize(stream);
    if (status == ok && waited != 0) {
      format_into(c->error, sizeof c->error, "waiting for the stream: %s", device::error_text(waited));
      status = waited;
    }
    for (void* p : c->workspace.outgrown) device::release(p);
    c->workspace.outgrown.clear();
  }
  return status;
}

const char* error(const Context* c) { return c->error; }
const Model& model(const Context* c) { return *c->loaded->model; }
const int64_t* shape(const Context* c, int32_t buffer) { return c->table.data() + c->loaded->model->buffers[buffer].shape_at; }
size_t arena_bytes(const Context* c) { return c->arena_used; }

}  // namespace v1
}  // namespace portolan
