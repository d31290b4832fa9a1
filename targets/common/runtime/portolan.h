// What a generated model.cpp is written against. Declarations only: the model file stays quick to compile.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace portolan {

// A vendor's stream or queue (aclrtStream, cnrtQueue_t, XPUStream), passed through untouched.
using Stream = void*;

enum class Home : uint8_t { input, output, weight, state, arena, host };

// Element types, numbered as ONNX numbers them (TensorProto.DataType).
enum class Type : uint8_t { f32 = 1, u8 = 2, i8 = 3, u16 = 4, i16 = 5, i32 = 6, i64 = 7, boolean = 9, f16 = 10, f64 = 11, u32 = 12, u64 = 13, bf16 = 16 };

struct Buffer {
  const char* name;
  Type type;         // at the boundary: what the caller sees
  Type stored;       // on the device
  Home home;
  int32_t alias_of;  // -1: none
  int32_t rank;
  const int32_t* shape;  // indices into the dims table of the plan
};

// One execution as a step sees it.
struct Run {
  Stream stream;
  void** pointers;       // by buffer id, device addresses
  const int64_t* dims;   // symbols, in the order of the model's symbol table
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

// The device, one implementation a target (runtime/device.cpp). All return 0 or the vendor's status.
namespace device {
int open(int ordinal);
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
inline int64_t mod(int64_t a, int64_t b) { return a - floordiv(a, b) * b; }
inline int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int64_t b) { return a < b ? b : a; }

}  // namespace portolan

// Leaves a step with the vendor's status when it is not success (0 for all three vendors).
#define PTL_TRY(call)                              \
  do {                                             \
    if (const int ptl_status = (int)(call)) return ptl_status; \
  } while (0)
