// AscendCL on the twin. Device memory is poisoned, guarded and tracked by the shared core; an error is the vendor's
// number, a broken rule (use after free, a copy past an allocation) is a violation.
#include "include/acl/acl.h"

#include <stdlib.h>
#include <string.h>

#include <mutex>
#include <set>

#include "device.h"

namespace {

constexpr aclError invalid_parameter = 100000, uninitialised = 100001, repeated_initialise = 100002, no_context = 107002;

struct Process {
  std::mutex mutex;
  bool initialised = false;
  std::set<void*> streams;
};

// AscendCL's device is a thread's own: one that has set none can do nothing with device memory.
thread_local bool device_set = false;

Process& process() {
  static Process p;
  return p;
}

bool is_stream(aclrtStream stream) {
  const std::lock_guard<std::mutex> lock(process().mutex);
  return stream == nullptr || process().streams.count(stream);
}

aclError without_device(const char* call) { return twin::reject(no_context, call, "no device was set on this thread"); }

}  // namespace

namespace twin::cann {

int register_chip(const char* name) {
  register_model(name);
  return 0;
}

}  // namespace twin::cann

using namespace twin;

extern "C" {

aclError aclInit(const char*) {
  const std::lock_guard<std::mutex> lock(process().mutex);
  if (process().initialised) return reject(repeated_initialise, "aclInit", "called twice in one process");
  process().initialised = true;
  return ACL_SUCCESS;
}

aclError aclFinalize() {
  const std::lock_guard<std::mutex> lock(process().mutex);
  if (!process().initialised) return reject(uninitialised, "aclFinalize", "before aclInit");
  process().initialised = false;
  return ACL_SUCCESS;
}

const char* aclGetRecentErrMsg() { return last_rejection(); }
const char* aclrtGetSocName() { return cann::chip().name; }

aclError aclrtSetDevice(int32_t deviceId) {
  if (deviceId < 0 || deviceId >= gm_devices()) return reject(invalid_parameter, "aclrtSetDevice", "device %d of %d", deviceId, gm_devices());
  gm_use_device(deviceId);
  device_set = true;
  return ACL_SUCCESS;
}
aclError aclrtResetDevice(int32_t) {
  device_set = false;
  return ACL_SUCCESS;
}
aclError aclrtGetDevice(int32_t* deviceId) {
  if (!device_set) return without_device("aclrtGetDevice");
  *deviceId = gm_device();
  return ACL_SUCCESS;
}

aclError aclrtCreateStream(aclrtStream* stream) {
  if (!device_set) return without_device("aclrtCreateStream");
  *stream = malloc(1);
  const std::lock_guard<std::mutex> lock(process().mutex);
  process().streams.insert(*stream);
  return ACL_SUCCESS;
}
aclError aclrtDestroyStream(aclrtStream stream) {
  const std::lock_guard<std::mutex> lock(process().mutex);
  if (!process().streams.erase(stream)) return reject(invalid_parameter, "aclrtDestroyStream", "not a stream");
  free(stream);
  return ACL_SUCCESS;
}
aclError aclrtSynchronizeStream(aclrtStream stream) {
  return is_stream(stream) ? ACL_SUCCESS : reject(invalid_parameter, "aclrtSynchronizeStream", "not a stream");
}

aclError aclrtMalloc(void** devPtr, size_t size, aclrtMemMallocPolicy) {
  if (!device_set) return without_device("aclrtMalloc");
  if (!devPtr || size == 0) return reject(invalid_parameter, "aclrtMalloc", "%zu bytes", size);
  *devPtr = gm_alloc(size, 512);
  return *devPtr ? ACL_SUCCESS : reject(207001, "aclrtMalloc", "%zu bytes of device memory cannot be had", size);
}
aclError aclrtFree(void* devPtr) {
  if (!device_set) return without_device("aclrtFree");
  gm_free(devPtr);
  return ACL_SUCCESS;
}

static aclError copy_bytes(const char* call, void* dst, size_t room, const void* src, size_t count, aclrtMemcpyKind kind) {
  if (count > room) return reject(invalid_parameter, call, "%zu bytes into a destination of %zu", count, room);
  const bool to_device = kind == ACL_MEMCPY_HOST_TO_DEVICE || kind == ACL_MEMCPY_DEVICE_TO_DEVICE;
  const bool from_device = kind == ACL_MEMCPY_DEVICE_TO_HOST || kind == ACL_MEMCPY_DEVICE_TO_DEVICE;
  if (!device_set) return without_device(call);
  if (count == 0) return ACL_SUCCESS;
  if (gm_owns(dst) != to_device) return reject(invalid_parameter, call, "the destination lies in %s memory, the copy kind says otherwise", to_device ? "host" : "device");
  if (gm_owns(src) != from_device) return reject(invalid_parameter, call, "the source lies in %s memory, the copy kind says otherwise", from_device ? "host" : "device");
  if (from_device) gm_touch(src, count, 0, "copy");
  if (to_device) gm_write(dst, count, 0);
  memmove(dst, src, count);
  return ACL_SUCCESS;
}

aclError aclrtMemcpy(void* dst, size_t destMax, const void* src, size_t count, aclrtMemcpyKind kind) {
  return copy_bytes("aclrtMemcpy", dst, destMax, src, count, kind);
}
aclError aclrtMemcpyAsync(void* dst, size_t destMax, const void* src, size_t count, aclrtMemcpyKind kind, aclrtStream stream) {
  if (!is_stream(stream)) return reject(invalid_parameter, "aclrtMemcpyAsync", "not a stream");
  return copy_bytes("aclrtMemcpyAsync", dst, destMax, src, count, kind);
}
aclError aclrtMemset(void* devPtr, size_t maxCount, int32_t value, size_t count) {
  if (!device_set) return without_device("aclrtMemset");
  if (count > maxCount) return reject(invalid_parameter, "aclrtMemset", "%zu bytes of %zu", count, maxCount);
  gm_write(devPtr, count, 0);
  memset(devPtr, value, count);
  return ACL_SUCCESS;
}

}  // extern "C"
