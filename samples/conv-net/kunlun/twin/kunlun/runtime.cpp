// The runtime's side of the twin: allocations are the twins' device memory, streams are tokens (everything runs at once,
// in the order it was issued), and copies check both sides.
#include "xpu/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mutex>
#include <set>

#include "core.h"
#include "xpu/runtime_ex.h"

namespace {

// Error numbers of the runtime's header, from 700 on.
enum { no_device_memory = 705, invalid_device = 701, invalid_parameter = 707 };

struct Streams {
  std::mutex mutex;
  std::set<void*> live;
  uintptr_t next = 0x1000;
};

Streams& streams() {
  static auto* const s = new Streams;
  return *s;
}

// Every allocation must be gone when the program ends well.
void refuse_leaks() {
  if (const size_t bytes = twin::gm_live()) twin::violation("leak", 0, "%zu bytes of device memory were never released", bytes);
}

bool known(XPUStream s) {
  const std::lock_guard<std::mutex> lock(streams().mutex);
  return s == nullptr || streams().live.count(s) > 0;
}

void* make_token() {
  Streams& s = streams();
  const std::lock_guard<std::mutex> lock(s.mutex);
  void* token = reinterpret_cast<void*>(s.next += 16);
  s.live.insert(token);
  return token;
}

int drop_token(void* token, const char* call) {
  const std::lock_guard<std::mutex> lock(streams().mutex);
  return streams().live.erase(token) ? 0 : twin::reject(invalid_parameter, call, "%p was never created or already destroyed", token);
}

bool watched = (atexit(refuse_leaks), true);

}  // namespace

extern "C" {

int xpu_set_device(int devid) {
  if (devid < 0 || devid >= twin::gm_devices()) return twin::reject(invalid_device, "xpu_set_device", "device %d of %d", devid, twin::gm_devices());
  twin::gm_use_device(devid);
  return 0;
}
int xpu_current_device(int* devid) { return devid ? (*devid = twin::gm_device(), 0) : invalid_parameter; }
int xpu_device_count(int* count) { return count ? (*count = twin::gm_devices(), 0) : invalid_parameter; }

int xpu_malloc(void** pdevptr, uint64_t sz, XPUMemoryKind) {
  (void)watched;
  if (!pdevptr || sz == 0) return twin::reject(invalid_parameter, "xpu_malloc", "%llu bytes", (unsigned long long)sz);
  *pdevptr = twin::gm_alloc(sz, 64);
  return *pdevptr ? 0 : no_device_memory;
}

int xpu_free(void* devptr) {
  twin::gm_free(devptr);
  return 0;
}

int xpu_memcpy(void* dst, const void* src, uint64_t sz, XPUMemcpyKind kind) {
  if (sz == 0) return 0;
  if (kind != XPU_DEVICE_TO_HOST) twin::gm_write(dst, sz, 0);
  if (kind != XPU_HOST_TO_DEVICE) twin::gm_touch(src, sz, 0, "copy from");
  if (kind == XPU_DEVICE_TO_HOST && twin::gm_owns(dst)) twin::violation("wrong-space", 0, "xpu_memcpy to the host was given a device address");
  if (kind == XPU_HOST_TO_DEVICE && twin::gm_owns(src)) twin::violation("wrong-space", 0, "xpu_memcpy to the device was given a device address as its source");
  memmove(dst, src, sz);
  return 0;
}

int xpu_memcpy_async(void* dst, const void* src, uint64_t sz, XPUMemcpyKind kind, XPUStream stream) {
  if (!known(stream)) return twin::reject(invalid_parameter, "xpu_memcpy_async", "unknown stream %p", stream);
  return xpu_memcpy(dst, src, sz, kind);
}

int xpu_stream_create(XPUStream* pstream) { return pstream ? (*pstream = make_token(), 0) : invalid_parameter; }
int xpu_stream_destroy(XPUStream stream) { return drop_token(stream, "xpu_stream_destroy"); }
int xpu_wait(XPUStream stream) { return known(stream) ? 0 : twin::reject(invalid_parameter, "xpu_wait", "unknown stream %p", stream); }
int xpu_event_create(XPUEvent* pevent) { return pevent ? (*pevent = make_token(), 0) : invalid_parameter; }
int xpu_event_destroy(XPUEvent event) { return drop_token(event, "xpu_event_destroy"); }
int xpu_event_record(XPUEvent event, XPUStream stream) { return event && known(event) && known(stream) ? 0 : invalid_parameter; }
int xpu_event_wait(XPUEvent event) { return event && known(event) ? 0 : invalid_parameter; }
int xpu_stream_wait_event(XPUStream stream, XPUEvent event) { return event && known(event) && known(stream) ? 0 : invalid_parameter; }

const char* xpu_strerror(int err) {
  switch (err < 0 ? -err : err) {
    case 0:
      return "success";
    case invalid_device:
      return "invalid device";
    case no_device_memory:
      return "no device memory";
    case invalid_parameter:
      return *twin::last_rejection() ? twin::last_rejection() : "invalid parameter";
    default:
      return "XPU error";
  }
}
}
