// What the files of the runtime share and no model sees.
#pragma once
#include <stdarg.h>
#include <stdio.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "portolan.h"

namespace portolan {
inline namespace v1 {

// A sentence for the caller.
struct Text {
  char* at;
  size_t size;
  void operator()(const char* format, ...) const __attribute__((format(printf, 2, 3))) {
    if (size == 0) return;
    va_list args;
    va_start(args, format);
    vsnprintf(at, size, format, args);
    va_end(args);
  }
};

// The live objects that callers hold: what they pass is looked up before it is touched, and what one thread works on
// stays although another lets go of it.
template <class T>
class Handles {
 public:
  T* add(std::shared_ptr<T> object) {
    T* const handle = object.get();
    const std::lock_guard<std::mutex> lock(mutex_);
    live_[handle] = std::move(object);
    return handle;
  }
  // Null when there is none.
  std::shared_ptr<T> find(const T* handle) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = live_.find(handle);
    return found == live_.end() ? nullptr : found->second;
  }
  std::shared_ptr<T> remove(const T* handle) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = live_.find(handle);
    if (found == live_.end()) return nullptr;
    std::shared_ptr<T> object = std::move(found->second);
    live_.erase(found);
    return object;
  }

 private:
  std::mutex mutex_;
  std::map<const T*, std::shared_ptr<T>> live_;
};

struct Loaded {
  const Model* model = nullptr;
  int ordinal = 0;
  void* block = nullptr;  // all weights, one allocation
  size_t bytes = 0;
  std::vector<void*> at;  // by buffer id
  Loaded() = default;
  Loaded(const Loaded&) = delete;
  ~Loaded() {
    if (block && device::use(ordinal) == ok) device::release(block);
  }
};

// ---- contexts ---------------------------------------------------------------------------------------------------------

struct Workspace {
  void* block = nullptr;
  size_t bytes = 0;
  std::vector<void*> outgrown;  // still in use by the stream until the run ends
};

// Memory of one buffer alone.
struct Own {
  void* block = nullptr;
  size_t capacity = 0;
};

// What the values of the symbols decide.
struct Sizes {
  std::vector<int64_t> dims, table;
  std::vector<size_t> offsets;  // by buffer id, within the arena
  size_t arena_bytes = 0, staging_bytes = 0;
};

struct Context {
  std::shared_ptr<Loaded> loaded;
  Sizes sizes;
  std::vector<void*> pointers;
  std::vector<bool> other_way;  // by step: as the environment asks
  void* arena = nullptr;
  size_t arena_capacity = 0;
  std::vector<Own> own;                         // by buffer id: of states, from run to run, and of late buffers
  std::map<int32_t, std::vector<uint8_t>> host;  // buffers of the host
  std::vector<void*> kept;  // by buffer id: memory of its own, where PORTOLAN_KEEP_BUFFERS asks for it; of the last run
  void* staging = nullptr;  // device copies of host inputs and outputs
  size_t staging_capacity = 0;
  Workspace workspace;
  Stream own_stream = nullptr;
  void* library = nullptr;
  Stream library_stream = nullptr;
  bool planned = false;
  std::atomic<bool> busy{false};
  char error[1024] = "";

  Context() = default;
  Context(const Context&) = delete;
  ~Context();
};

// A block of at least so many bytes in place of `*block`, which stays as it is where that cannot be had.
int grow(void** block, size_t* capacity, size_t bytes);

// ---- what the sizes decide (sizes.cpp) ----------------------------------------------------------------------------------

// bad_sizes where a symbol leaves its range or a guard does not hold.
int refuse_symbols(const Model& m, const int64_t* dims, const Text& error);
// The extents of every buffer, none of which may overflow or leave what kernels count in, and every buffer's place.
int measure(const Model& m, const int64_t* dims, Sizes& out, const Text& error);
// The extents of all buffers again, after symbols changed; those named have memory of that size from then on.
int resize(Context& c, const std::vector<int32_t>& ids, const Text& error);
// Symbols that a caller sets and those that steps decide.
int32_t all_symbols(const Model& m);
// Of buffers that measure() has taken.
size_t element_count(const Sizes& s, const Buffer& b);
size_t room_of(const Sizes& s, const Buffer& b);

// ---- the steps (steps.cpp) ------------------------------------------------------------------------------------------------

// Which way each step goes, as the environment asks; bad_argument where it asks for what there is not.
int choose_ways(const Model& m, Context& c, const Text& error);
// What is wrong with the caller's arrays, as far as it can be told.
int refuse_arrays(const Context& c, const void* const* inputs, void* const* outputs, bool on_device, const Text& error);
// One step that computes, its way as chosen.
int run_step(Context& c, int index, const Run& r, const Text& error);
// Memory that was too small, once nothing under way uses it.
void release_outgrown(Context& c);
// Each buffer that shows another's bytes lies where that one does.
void follow_aliases(Context& c);
int run_steps(Context& c, Stream stream, const void* const* inputs, void* const* outputs, bool on_device, const Text& error);

// ---- what is between the steps (tree.cpp) ---------------------------------------------------------------------------------

// All steps, in the order that the model's tree says.
int walk(Context& c, const Run& run, const Text& error);

// Room of a buffer of so many bytes, whose tail a copy of whole 32-byte blocks may touch. False when that overflows.
bool padded(size_t bytes, size_t& out);

// ---- conversions between what the caller sees and what the device stores (convert.cpp) ----------------------------

// Caller's values to stored values, and back. Returns the index of the first value that does not fit, or -1.
int64_t to_stored(const Buffer& b, const void* from, void* to, size_t count);
int64_t from_stored(const Buffer& b, const void* from, void* to, size_t count);
// A type that only host arrays have, which may share bytes.
bool is_small(Type type);
// Bytes of one element each, its bits the lowest, to a host array and back, where signs fill the whole byte. Packing returns the
// index of the first byte that is no such element, or -1.
int64_t pack_small(Type type, const uint8_t* from, uint8_t* to, size_t count);
void unpack_small(Type type, const uint8_t* from, uint8_t* to, size_t count);
// As in ONNX: "float32".
const char* name_of(Type type);
size_t packed_bytes(Pack pack, size_t bytes);
// `bytes` of a weight as the device stores them.
int64_t unpack(Pack pack, const uint8_t* from, size_t bytes, std::vector<uint8_t>& to);

// The weights of loaded.model into loaded.block (weights.cpp).
int load_weights(Loaded& loaded, const char* folders, const Text& error);

}  // namespace v1
}  // namespace portolan
