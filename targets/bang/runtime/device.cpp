// The device interface of portolan.h on CNRT and CNNL.
#include <cnnl.h>
#include <cnrt.h>
#include <stdio.h>

#include "portolan.h"
#include "portolan_cnnl.h"
#include "portolan_mlu.h"

namespace portolan {
inline namespace v1 {

namespace {

// The cores of the device this thread works on, asked of it once.
struct Cores {
  int ordinal = -1, count = 0;
};
thread_local Cores cores;

int ask_cores(int ordinal) {
  if (cores.ordinal == ordinal) return ok;
  int clusters = 0, each = 0;
  PTL_TRY(cnrtDeviceGetAttribute(&clusters, cnrtAttrClusterCount, ordinal));
  PTL_TRY(cnrtDeviceGetAttribute(&each, cnrtAttrMcorePerCluster, ordinal));
  cores = {ordinal, clusters * each};
  return ok;
}

}  // namespace

// Loading asked the device and reported what it said, so that here it answers; if it has failed since, one task is launched,
// and that launch's own status is the report.
int32_t bang::tasks(int64_t work) {
  int ordinal = 0;
  const bool known = cnrtGetDevice(&ordinal) == cnrtSuccess && ask_cores(ordinal) == ok;
  return static_cast<int32_t>(min(work, known ? cores.count : 1));
}

namespace device {

int open(int ordinal) {
  PTL_TRY(cnrtSetDevice(ordinal));
  return ask_cores(ordinal);
}

int use(int ordinal) { return cnrtSetDevice(ordinal); }

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
  PTL_CNNL(cnnlCreate(&handle));
  *out = handle;
  PTL_CNNL(cnnlSetQueue(handle, static_cast<cnrtQueue_t>(s)));
  return ok;
}

int destroy_library(void* library) {
  PTL_CNNL(cnnlDestroy(static_cast<cnnlHandle_t>(library)));
  return ok;
}

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

// Valid until the thread's next call.
const char* error_text(int status) {
  thread_local char text[512];
  if (status < 0)
    snprintf(text, sizeof text, "%s", status == no_memory ? "no device memory for a library's workspace" : "a failure of the program itself");
  else if (status >= bang::cnnl_failure)
    snprintf(text, sizeof text, "CNNL status %d: %s", status - bang::cnnl_failure, cnnlGetErrorString(static_cast<cnnlStatus_t>(status - bang::cnnl_failure)));
  else
    snprintf(text, sizeof text, "CNRT error %d: %s", status, cnrtGetErrorStr(static_cast<cnrtRet_t>(status)));
  return text;
}

}  // namespace device
}  // namespace v1
}  // namespace portolan
