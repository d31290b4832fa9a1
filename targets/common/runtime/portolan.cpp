// Everything of a bundle that does not depend on the model: loading, contexts, the arena, the loop over steps.
// What a caller may get wrong has a status and a sentence; nothing is thrown out of here.
#include "portolan.h"

#include <algorithm>
#include <new>

#include "internal.h"

namespace portolan {
inline namespace v1 {

int grow(void** block, size_t* capacity, size_t bytes) {
  if (bytes <= *capacity) return ok;
  void* larger = nullptr;
  int status = device::alloc(&larger, bytes);
  if (status == ok) {
    if (*block) device::release(*block);
  } else {
    if (!*block) return status;
    // Without the old one there may be room; if not, the old one comes back.
    device::release(*block);
    status = device::alloc(&larger, bytes);
    if (status != ok) {
      *block = nullptr;
      if (device::alloc(block, *capacity) != ok) *block = nullptr, *capacity = 0;
      return status;
    }
  }
  *block = larger;
  *capacity = bytes;
  return ok;
}

Context::~Context() {
  if (device::use(loaded->ordinal) != ok) return;
  if (own_stream) device::synchronize(own_stream);
  for (void* p : workspace.outgrown) device::release(p);
  for (void* p : {workspace.block, arena, staging})
    if (p) device::release(p);
  for (const Own& o : own)
    if (o.block) device::release(o.block);
  for (void* p : kept)
    if (p) device::release(p);
  if (library) device::destroy_library(library);
  if (own_stream) device::destroy_stream(own_stream);
}

namespace {

// What a call without a context has to say. Of the thread: nobody else's call replaces it.
thread_local char orphan[1024] = "";
const Text to_orphan() { return {orphan, sizeof orphan}; }

Handles<Loaded>& models() {
  static Handles<Loaded>& h = *new Handles<Loaded>;
  return h;
}
Handles<Context>& contexts() {
  static Handles<Context>& h = *new Handles<Context>;
  return h;
}

// `call` without what it may throw.
template <class Call>
int contained(const Text& error, Call call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    error("the host has no memory left");
    return no_memory;
  } catch (const std::exception& e) {
    error("%s", e.what());
    return no_memory;
  }
}

// A call on a context that is there, by one thread at a time, on its device; its last error is forgotten first.
template <class Call>
int on_context(const Context* handle, const char* what, Call call) {
  orphan[0] = 0;
  const std::shared_ptr<Context> c = contexts().find(handle);
  if (!c) return to_orphan()("%s: %s", what, handle ? "no such context: it was never created, or is destroyed" : "the context is null"), bad_argument;
  if (c->busy.exchange(true, std::memory_order_acquire)) return to_orphan()("%s: another thread is inside a call on this context", what), in_use;
  const Text error{c->error, sizeof c->error};
  c->error[0] = 0;
  int status = device::use(c->loaded->ordinal);
  if (status != ok)
    error("%s: device %d: %s", what, c->loaded->ordinal, device::error_text(status));
  else
    status = contained(error, [&] { return call(*c, error); });
  c->busy.store(false, std::memory_order_release);
  return status;
}

int plan(Context& c, const int64_t* dims, const Text& error) {
  const Model& m = *c.loaded->model;
  if (!dims && m.symbol_count > 0) return error("set_dims: the sizes are null; this model has %d", m.symbol_count), bad_argument;
  if (c.planned && (m.symbol_count == 0 || std::equal(dims, dims + m.symbol_count, c.sizes.dims.begin()))) return ok;
  PTL_TRY(refuse_symbols(m, dims, error));
  Sizes s;
  PTL_TRY(measure(m, dims, s, error));
  // A stream of the context's own may still be at work in the old arena.
  if (c.own_stream && s.arena_bytes > c.arena_capacity) PTL_TRY(device::synchronize(c.own_stream));
  if (const int status = grow(&c.arena, &c.arena_capacity, s.arena_bytes)) {
    c.planned = c.planned && c.arena_capacity >= c.sizes.arena_bytes;
    error("arena: %zu bytes of device memory: %s", s.arena_bytes, device::error_text(status));
    return status;
  }
  c.sizes = std::move(s);
  c.planned = true;
  return ok;
}

}  // namespace

// ---- loading and contexts -----------------------------------------------------------------------------------------------

int load(const Model& m, const char* folder, int ordinal, Loaded** out, char* error, size_t error_bytes) {
  const Text say{error, error ? error_bytes : 0};
  if (error && error_bytes > 0) error[0] = 0;
  orphan[0] = 0;
  if (!out) return say("load: no place for the model"), to_orphan()("load: no place for the model"), bad_argument;
  *out = nullptr;
  const int status = contained(to_orphan(), [&] {
    int opened = device::open(ordinal);
    if (opened == ok) opened = device::use(ordinal);
    if (opened != ok) return to_orphan()("device %d: %s", ordinal, device::error_text(opened)), opened;
    auto loaded = std::make_shared<Loaded>();
    loaded->model = &m;
    loaded->ordinal = ordinal;
    PTL_TRY(load_weights(*loaded, folder, to_orphan()));
    *out = models().add(std::move(loaded));
    return (int)ok;
  });
  if (status != ok) say("%s", orphan);
  return status;
}

void unload(Loaded* handle) {
  orphan[0] = 0;
  if (handle && !models().remove(handle)) to_orphan()("unload: no such model: it was never loaded, or is unloaded");
}

size_t weight_bytes(const Loaded* handle) {
  orphan[0] = 0;
  const std::shared_ptr<Loaded> loaded = models().find(handle);
  if (!loaded) to_orphan()("weight_bytes: no such model");
  return loaded ? loaded->bytes : 0;
}

int create_context(Loaded* handle, Context** out) {
  orphan[0] = 0;
  if (!out) return to_orphan()("create: no place for the context"), bad_argument;
  *out = nullptr;
  const std::shared_ptr<Loaded> loaded = models().find(handle);
  if (!loaded) return to_orphan()("create: %s", handle ? "no such model: it was never loaded, or is unloaded" : "the model is null"), bad_argument;
  return contained(to_orphan(), [&] {
    const Model& m = *loaded->model;
    if (const int status = device::use(loaded->ordinal)) return to_orphan()("create: device %d: %s", loaded->ordinal, device::error_text(status)), status;
    auto c = std::make_shared<Context>();
    c->loaded = loaded;
    c->pointers.assign(m.buffer_count, nullptr);
    PTL_TRY(choose_ways(m, *c, to_orphan()));
    if (m.symbol_count == 0) PTL_TRY(plan(*c, nullptr, to_orphan()));
    *out = contexts().add(std::move(c));
    return (int)ok;
  });
}

void destroy_context(Context* handle) {
  orphan[0] = 0;
  if (handle && !contexts().remove(handle)) to_orphan()("destroy: no such context: it was never created, or is destroyed");
}

int set_dims(Context* handle, const int64_t* dims) {
  return on_context(handle, "set_dims", [&](Context& c, const Text& error) { return plan(c, dims, error); });
}

// ---- running and asking ---------------------------------------------------------------------------------------------

int run(Context* handle, Stream stream, const void* const* inputs, void* const* outputs, bool on_device) {
  return on_context(handle, "run", [&](Context& c, const Text& error) {
    if (!c.planned) return error("run: set the sizes (%d symbols) before running", c.loaded->model->symbol_count), (int)bad_sizes;
    PTL_TRY(refuse_arrays(c, inputs, outputs, on_device, error));
    return run_steps(c, stream, inputs, outputs, on_device, error);
  });
}

const char* error(const Context* handle) {
  const std::shared_ptr<Context> c = contexts().find(handle);
  return c && !c->busy.load(std::memory_order_acquire) ? c->error : orphan;
}

namespace {

const int64_t* shape_of(const Context* handle, const char* what, int32_t index, int32_t Model::*count, const int32_t* Model::*ids) {
  const int64_t* out = nullptr;
  on_context(handle, what, [&](Context& c, const Text& error) {
    const Model& m = *c.loaded->model;
    if (index < 0 || index >= m.*count) return error("%s: there is no %d, only 0 to %d", what, index, m.*count - 1), (int)bad_argument;
    if (!c.planned) return error("%s: set the sizes (%d symbols) first", what, m.symbol_count), (int)bad_sizes;
    out = c.sizes.table.data() + m.buffers[ids ? (m.*ids)[index] : index].shape_at;
    return (int)ok;
  });
  return out;
}

}  // namespace

const int64_t* shape(const Context* handle, int32_t buffer) { return shape_of(handle, "shape", buffer, &Model::buffer_count, nullptr); }
const int64_t* output_shape(const Context* handle, int32_t index) { return shape_of(handle, "output_shape", index, &Model::output_count, &Model::outputs); }

size_t arena_bytes(const Context* handle) {
  size_t out = 0;
  on_context(handle, "device_bytes", [&](Context& c, const Text&) {
    out = c.planned ? c.sizes.arena_bytes : 0;
    return (int)ok;
  });
  return out;
}

}  // namespace v1
}  // namespace portolan
