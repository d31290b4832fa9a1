// The device behind portolan.h, by the XPU runtime (libxpurt) and an XDNN context bound to the caller's stream.
#include "portolan.h"
#include "xpu/runtime.h"
#include "xpu/runtime_ex.h"
#include "xpu/xdnn.h"

namespace portolan {
inline namespace v1 {
namespace device {

namespace {
// Beside the numbers of XDNN (below 700) and of the runtime (from 700 on).
constexpr int allocation_too_large = 9001;
}  // namespace

int open(int ordinal) { return xpu_set_device(ordinal); }

int use(int ordinal) { return xpu_set_device(ordinal); }

// A block that may cross a 4 GB boundary wants a memory of its own kind on KL2, which nothing here asks for.
int alloc(void** out, size_t bytes) {
#if defined(PORTOLAN_LARGEST_ALLOCATION)
  if (bytes > PORTOLAN_LARGEST_ALLOCATION) return allocation_too_large;
#endif
  return xpu_malloc(out, bytes, XPU_MEM_MAIN);
}

int release(void* p) { return p ? xpu_free(p) : XPU_SUCCESS; }

int create_stream(Stream* out) {
  XPUStream stream = nullptr;
  const int status = xpu_stream_create(&stream);
  *out = stream;
  return status;
}

int destroy_stream(Stream s) { return s ? xpu_stream_destroy(static_cast<XPUStream>(s)) : XPU_SUCCESS; }

int create_library(void** out, Stream s) {
  baidu::xpu::api::Context* ctx = baidu::xpu::api::create_context();
  *out = ctx;
  if (!ctx) return baidu::xpu::api::RUNTIME_ERROR;
  ctx->set_stream(static_cast<XPUStream>(s));
  return XPU_SUCCESS;
}

int destroy_library(void* library) {
  if (library) baidu::xpu::api::destroy_context(static_cast<baidu::xpu::api::Context*>(library));
  return XPU_SUCCESS;
}

// Without a stream a copy has ended when the call returns.
int copy_in(void* to_device, const void* from_host, size_t bytes, Stream s) {
  return s ? xpu_memcpy_async(to_device, from_host, bytes, XPU_HOST_TO_DEVICE, static_cast<XPUStream>(s))
           : xpu_memcpy(to_device, from_host, bytes, XPU_HOST_TO_DEVICE);
}

int copy_out(void* to_host, const void* from_device, size_t bytes, Stream s) {
  return xpu_memcpy_async(to_host, from_device, bytes, XPU_DEVICE_TO_HOST, static_cast<XPUStream>(s));
}

int copy(void* to_device, const void* from_device, size_t bytes, Stream s) {
  return xpu_memcpy_async(to_device, from_device, bytes, XPU_DEVICE_TO_DEVICE, static_cast<XPUStream>(s));
}

int synchronize(Stream s) { return xpu_wait(static_cast<XPUStream>(s)); }

// XDNN's own errors lie below the runtime's (700 and up).
const char* error_text(int status) {
  switch (status) {
    case baidu::xpu::api::INVALID_PARAM:
      return "XDNN: invalid parameter";
    case baidu::xpu::api::RUNTIME_ERROR:
      return "XDNN: runtime error";
    case baidu::xpu::api::NO_ENOUGH_WORKSPACE:
      return "XDNN: not enough workspace";
    case baidu::xpu::api::NOT_IMPLEMENT:
      return "XDNN: no such function for these arguments";
    case allocation_too_large:
      return "one allocation of more than 4 GB, which this chip takes in another kind of memory";
    default:
      return xpu_strerror(status);
  }
}

}  // namespace device
}  // namespace v1
}  // namespace portolan
