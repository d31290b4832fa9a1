// What a generated model.cpp is written against. Declarations only: the model file stays quick to compile.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace portolan {
inline namespace v1 {

// A vendor's stream or queue (aclrtStream, cnrtQueue_t, XPUStream), passed through untouched.
using Stream = void*;

enum class Home : uint8_t { input, output, weight, state, arena, host };

// Element types, numbered as ONNX numbers them (TensorProto.DataType).
enum class Type : uint8_t {
  f32 = 1, u8 = 2, i8 = 3, u16 = 4, i16 = 5, i32 = 6, i64 = 7, boolean = 9, f16 = 10, f64 = 11, u32 = 12, u64 = 13, bf16 = 16,
  // Of host arrays alone; the device holds their values in a wider type. Those of 4 and 2 bits share bytes, the first in the lowest bits.
  f8e4m3fn = 17, f8e4m3fnuz = 18, f8e5m2 = 19, f8e5m2fnuz = 20, u4 = 21, i4 = 22, f4e2m1 = 23, f8e8m0 = 24, u2 = 25, i2 = 26
};

struct Buffer {
  const char* name;
  Type type;         // at the boundary: what the caller sees
  Type stored;       // on the device
  Home home;
  int32_t alias_of;  // -1: none
  int32_t rank;
  int32_t shape_at;  // where its extents begin in the table that Model::shapes fills
};

// One execution as a step sees it.
struct Run {
  Stream stream;
  void** pointers;       // by buffer id, device addresses
  const int64_t* dims;   // symbols, in the order of the model's symbol table, then the tree's
  void* library;         // cnnlHandle_t, baidu::xpu::api::Context*; null on CANN
  struct Workspace* scratch;

  void* ptr(int32_t buffer) const { return pointers[buffer]; }
  // Device memory for a library call, valid until the stream has passed it; grows, never shrinks. Null when it cannot be had.
  void* workspace(size_t bytes) const;
};

// 0 is success; anything else is the vendor's status, reported with the step and its ONNX nodes.
using StepFunction = int (*)(const Run&);

struct Step {
  const char* id;
  const char* nodes;  // ONNX nodes, joined by ", "
  const char* way;    // "library", "kernel", "scalar", "copy", "host"
  StepFunction run;
  const char* other_way;       // null: no alternate
  StepFunction run_other_way;
};

// A size that knows when it has left 64 bits: what is printed over the symbols is computed in it while sizes are set.
struct Size {
  int64_t value;
  bool fits;
  constexpr Size(int64_t v = 0, bool f = true) : value(v), fits(f) {}
};

// A symbolic extent: read from an input's shape, within [lo, hi].
struct Symbol {
  const char* name;
  int32_t input;  // position among the inputs
  int32_t axis;
  int64_t lo, hi;
};

// What must hold of the symbols for the model to mean what it says.
struct Guard {
  bool (*holds)(const Size* dims);
  const char* message;
};

// What is done between the steps that compute, in a program that branches, loops or whose sizes some step decides.
struct Item {
  enum Kind : uint8_t { step, read, write, let, bind, branch, loop } kind;
  int32_t at;   // position among the model's steps, or in the tree's table of its kind
  int32_t end;  // the item after this one and all that is within
};

// Waits for the device and makes elements of a buffer the values of symbols.
struct Read {
  const char* id;
  int32_t from, to;  // `to` lies on the host
  struct Element {
    int32_t symbol, at;
  };
  const Element* symbols;
  int32_t count;
};

// Fills a buffer with one integer.
struct Write {
  const char* id;
  int32_t to;
  Size (*value)(const Size* dims);
};

// Gives symbols values, all at once.
struct Let {
  const char* id;
  struct Value {
    int32_t symbol;
    Size (*value)(const Size* dims);
  };
  const Value* symbols;
  int32_t count;
};

// From here on each of a pair has the memory of the other.
struct Bind {
  const char* id;
  const int32_t (*pairs)[2];
  int32_t count;
};

struct Branch {
  const char* id;
  bool (*when)(const Size* dims);
  int32_t otherwise;  // the item where its other body begins
};

// Asked before each round.
struct Loop {
  const char* id;
  bool (*when)(const Size* dims);
};

// A buffer with memory of its own, as large as symbols say that steps decide.
struct Late {
  int32_t buffer;
  const int32_t* needs;  // those symbols
  int32_t need_count;
};

struct LateGuard {
  Guard guard;
  const int32_t* needs;
  int32_t need_count;
};

struct Tree {
  const Item* items;
  int32_t item_count;
  const Read* reads;
  const Write* writes;
  const Let* lets;
  const Bind* binds;
  const Branch* branches;
  const Loop* loops;
  const Symbol* symbols;  // that steps decide: their values follow those of Model::symbols
  int32_t symbol_count;
  const Late* late;
  int32_t late_count;
  const LateGuard* guards;
  int32_t guard_count;
};

enum class Pack : uint8_t { as_is, i64_to_i32, f32_to_f16, bf16_to_f32, f64_to_f32 };

// A file that holds weights, the model's own or the bundle's safetensors, and its size when the bundle was compiled.
struct WeightFile {
  const char* name;
  uint64_t bytes;
};

// Where a weight's bytes lie, and what they must be.
struct Weight {
  int32_t buffer;
  int32_t file;  // position in Model::files
  uint64_t offset, length;
  Pack pack;
  const char* sha256;  // of those bytes, in hexadecimal
};

struct Model {
  const char* name;
  const Symbol* symbols;
  int32_t symbol_count;
  const Guard* guards;
  int32_t guard_count;
  const Buffer* buffers;
  int32_t buffer_count;
  const int32_t* inputs;
  int32_t input_count;
  const int32_t* outputs;
  int32_t output_count;
  const WeightFile* files;
  int32_t file_count;
  const Weight* weights;  // those of one file stand together
  int32_t weight_count;
  const int32_t* arena_order;  // arena buffers, in the order first-fit places them
  int32_t arena_count;
  const int32_t (*conflicts)[2];  // arena buffers that live at the same time
  int32_t conflict_count;
  const Step* steps;
  int32_t step_count;
  void (*shapes)(const Size* dims, Size* table);
  int32_t table_size;
  const Tree* tree = nullptr;  // null: the steps in order
};

// Loaded once; weights are on the device and shared by every context.
struct Loaded;
// Sizes, arena and error text of one user of a loaded model.
struct Context;

// All functions below return 0, a vendor status, or one of these; each sets the device it works on, and leaves it set.
// Handles are looked up before they are touched: one that was never made, or is gone, is a bad_argument.
enum Status : int {
  ok = 0,
  bad_argument = -1,        // a null pointer, a handle or index that is none, calls out of order
  file_problem = -2,        // a weight file is missing, cannot be read, or ends early
  bad_sizes = -3,           // sizes that the model does not take, or that overflow; those set before still hold
  no_memory = -4,           // of the host
  value_out_of_range = -5,  // a value that does not fit the type it is stored in, or given out as
  wrong_weights = -6,       // a weight file that is not the one this bundle was compiled from
  in_use = -7,              // another thread is inside a call on this context
};
// `folder` holds the weight files, or has a folder weights/ that does; several may be joined by ':'. Size and sha256 of
// what is read are compared with those at compile time; PORTOLAN_SKIP_HASH=1 skips the sha256 and says so on stderr.
int load(const Model& model, const char* folder, int device, Loaded** out, char* error, size_t error_bytes);
// Contexts that are still there keep the weights until the last is destroyed.
void unload(Loaded* loaded);
// On failure there is no context, and error(nullptr) tells why.
int create_context(Loaded* loaded, Context** out);
void destroy_context(Context* context);
// Values of the symbols, in the order of Model::symbols. Plans the arena; cheap when nothing changed. What fails leaves
// the sizes as they were.
int set_dims(Context* context, const int64_t* dims);
// Runs all steps on the caller's stream (null: one of the context's own). Pointers are device memory when `on_device`,
// else host memory that is copied in and out, and the call returns when the outputs are there.
int run(Context* context, Stream stream, const void* const* inputs, void* const* outputs, bool on_device);
// What the last call on this context said; empty when it succeeded. With null, or a handle that is none: what this thread's
// last call without a context said.
const char* error(const Context* context);
// Extents of a buffer under the last set_dims; null before, and for an id that is none.
const int64_t* shape(const Context* context, int32_t buffer);
const int64_t* output_shape(const Context* context, int32_t index);
size_t arena_bytes(const Context* context);
size_t weight_bytes(const Loaded* loaded);
// A static object of each model.cpp: what PORTOLAN_STEP_<id> may name is known before anything is loaded.
struct Registered {
  explicit Registered(const Model& model);
};
// Of a type that the device stores.
size_t element_bytes(Type type);
// Bytes of a host array of so many elements: a last byte may be shared by fewer than it has room for.
size_t array_bytes(Type type, size_t count);

// The device, one implementation a target (runtime/device.cpp). All return 0 or the vendor's status.
namespace device {
int open(int ordinal);  // once a load: what the process needs, and the device is there
int use(int ordinal);   // of the calling thread, from here on
int alloc(void** out, size_t bytes);
int release(void* p);
int create_stream(Stream* out);
int destroy_stream(Stream s);
int create_library(void** out, Stream s);  // the handle library calls need, bound to the stream; null where there is none
int destroy_library(void* library);
int copy_in(void* to_device, const void* from_host, size_t bytes, Stream s);
int copy_out(void* to_host, const void* from_device, size_t bytes, Stream s);
int copy(void* to_device, const void* from_device, size_t bytes, Stream s);
int synchronize(Stream s);
const char* error_text(int status);
}  // namespace device

// Integer helpers of printed size expressions; b > 0.
inline int64_t floordiv(int64_t a, int64_t b) { return a / b - (a % b < 0); }
inline int64_t ceildiv(int64_t a, int64_t b) { return floordiv(a + b - 1, b); }
inline int64_t mod(int64_t a, int64_t b) { return a - floordiv(a, b) * b; }
inline int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int64_t b) { return a < b ? b : a; }

// The same, and the operators, of sizes that may overflow.
inline Size operator+(Size a, Size b) {
  int64_t v;
  const bool over = __builtin_add_overflow(a.value, b.value, &v);
  return {v, a.fits && b.fits && !over};
}
inline Size operator-(Size a, Size b) {
  int64_t v;
  const bool over = __builtin_sub_overflow(a.value, b.value, &v);
  return {v, a.fits && b.fits && !over};
}
inline Size operator*(Size a, Size b) {
  int64_t v;
  const bool over = __builtin_mul_overflow(a.value, b.value, &v);
  return {v, a.fits && b.fits && !over};
}
inline Size operator-(Size a) { return Size(0) - a; }
inline bool operator==(Size a, Size b) { return a.value == b.value; }
inline bool operator!=(Size a, Size b) { return a.value != b.value; }
inline bool operator<(Size a, Size b) { return a.value < b.value; }
inline bool operator<=(Size a, Size b) { return a.value <= b.value; }
inline Size floordiv(Size a, Size b) { return b.value > 0 ? Size(floordiv(a.value, b.value), a.fits && b.fits) : Size(0, false); }
inline Size ceildiv(Size a, Size b) { return floordiv(a + b - 1, b); }
inline Size mod(Size a, Size b) { return b.value > 0 ? Size(mod(a.value, b.value), a.fits && b.fits) : Size(0, false); }
inline Size min(Size a, Size b) { return {min(a.value, b.value), a.fits && b.fits}; }
inline Size max(Size a, Size b) { return {max(a.value, b.value), a.fits && b.fits}; }

}  // namespace v1
}  // namespace portolan

// Leaves a step with the vendor's status when it is not success (0 for all three vendors).
#define PTL_TRY(...)                                                  \
  do {                                                                \
    if (const int ptl_status = (int)(__VA_ARGS__)) return ptl_status; \
  } while (0)
