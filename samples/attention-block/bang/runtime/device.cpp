// The device interface of portolan.h on CNRT and CNNL.
#include <cnnl.h>
#include <cnrt.h>

#include "portolan.h"

namespace portolan {
namespace device {

int open(int ordinal) { return cnrtSetDevice(ordinal); }

int alloc(void** out, size_t bytes) { return cnrtMalloc(out, bytes > 0 ? bytes : 1); }

int release(void* p) { return cnrtFree(p); }

int create_stream(Stream* out) {
  cnrtQueue_t queue = nullptr;
  const int status = cnrtQueueCreate(&queue);
  *out = queue;
  return status;
}

int destroy_stream(Stream s) { return cnrtQueueDestroy(static_cast<cnrtQueue_t>(s)); }

int create_library(void** out, Stream s) {
  cnnlHandle_t handle = nullptr;
  PTL_TRY(cnnlCreate(&handle));
  *out = handle;
  return cnnlSetQueue(handle, static_cast<cnrtQueue_t>(s));
}

int destroy_library(void* library) { return cnnlDestroy(static_cast<cnnlHandle_t>(library)); }

namespace {

// Without a queue a copy must have ended when the call returns: it gets a queue of its own.
int copy_on(void* to, const void* from, size_t bytes, Stream s, cnrtMemTransDir_t dir) {
  if (bytes == 0) return 0;
  if (s) return cnrtMemcpyAsync_V2(to, const_cast<void*>(from), bytes, static_cast<cnrtQueue_t>(s), dir);
  cnrtQueue_t queue = nullptr;
  PTL_TRY(cnrtQueueCreate(&queue));
  int status = cnrtMemcpyAsync_V2(to, const_cast<void*>(from), bytes, queue, dir);
  if (status == cnrtSuccess) status = cnrtQueueSync(queue);
  cnrtQueueDestroy(queue);
  return status;
}

}  // namespace

int copy_in(void* to_device, const void* from_host, size_t bytes, Stream s) { return copy_on(to_device, from_host, bytes, s, cnrtMemcpyHostToDev); }

int copy_out(void* to_host, const void* from_device, size_t bytes, Stream s) { return copy_on(to_host, from_device, bytes, s, cnrtMemcpyDevToHost); }

int copy(void* to_device, const void* from_device, size_t bytes, Stream s) { return copy_on(to_device, from_device, bytes, s, cnrtMemcpyDevToDev); }

int synchronize(Stream s) { return cnrtQueueSync(static_cast<cnrtQueue_t>(s)); }

// CNNL's statuses are 0 to 8, CNRT's error codes lie far above.
const char* error_text(int status) {
  return status <= CNNL_STATUS_NUMERICAL_OVERFLOW ? cnnlGetErrorString(static_cast<cnnlStatus_t>(status)) : cnrtGetErrorStr(static_cast<cnrtRet_t>(status));
}

}  // namespace device
}  // namespace portolan
