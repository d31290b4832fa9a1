// The device interface of portolan.h on AscendCL.
#include "acl/acl.h"

#include "portolan.h"

namespace portolan {
inline namespace v1 {
namespace device {

int open(int ordinal) {
  // A process may have initialised AscendCL already; that is no error of ours.
  constexpr int repeated_initialise = 100002;
  const int status = aclInit(nullptr);
  if (status != ACL_SUCCESS && status != repeated_initialise) return status;
  return aclrtSetDevice(ordinal);
}

int use(int ordinal) { return aclrtSetDevice(ordinal); }

int alloc(void** out, size_t bytes) { return aclrtMalloc(out, bytes > 0 ? bytes : 1, ACL_MEM_MALLOC_HUGE_FIRST); }

int release(void* p) { return p ? aclrtFree(p) : 0; }

int create_stream(Stream* out) {
  aclrtStream stream = nullptr;
  const int status = aclrtCreateStream(&stream);
  *out = stream;
  return status;
}

int destroy_stream(Stream s) { return aclrtDestroyStream(s); }

// aclnn needs no handle.
int create_library(void** out, Stream) {
  *out = nullptr;
  return 0;
}

int destroy_library(void*) { return 0; }

namespace {

// Without a stream a copy has ended when the call returns.
int copy_on(void* to, const void* from, size_t bytes, aclrtMemcpyKind kind, Stream s) {
  if (bytes == 0) return 0;
  return s ? aclrtMemcpyAsync(to, bytes, from, bytes, kind, s) : aclrtMemcpy(to, bytes, from, bytes, kind);
}

}  // namespace

int copy_in(void* to_device, const void* from_host, size_t bytes, Stream s) { return copy_on(to_device, from_host, bytes, ACL_MEMCPY_HOST_TO_DEVICE, s); }

int copy_out(void* to_host, const void* from_device, size_t bytes, Stream s) { return copy_on(to_host, from_device, bytes, ACL_MEMCPY_DEVICE_TO_HOST, s); }

int copy(void* to_device, const void* from_device, size_t bytes, Stream s) { return copy_on(to_device, from_device, bytes, ACL_MEMCPY_DEVICE_TO_DEVICE, s); }

int synchronize(Stream s) { return aclrtSynchronizeStream(s); }

const char* error_text(int) { return aclGetRecentErrMsg(); }

}  // namespace device
}  // namespace v1
}  // namespace portolan
