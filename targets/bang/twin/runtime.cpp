// The CNRT runtime: device memory, queues that run in order at once, copies that check which side is which.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <chrono>
#include <mutex>
#include <set>
#include <utility>

#include "core.h"
#include "include/cnrt.h"

struct cnrtQueueStruct {};

namespace {

thread_local cnrtRet_t last_error = cnrtSuccess;

// Of the process, whichever thread made them.
struct Queues {
  std::mutex mutex;
  std::set<cnrtQueue_t> live;

  bool has(cnrtQueue_t queue) {
    const std::lock_guard<std::mutex> lock(mutex);
    return live.count(queue) > 0;
  }
};

// Never destroyed: what is left is looked at when the process ends.
Queues& queues() {
  static auto* const q = new Queues;
  return *q;
}

cnrtRet_t fail(cnrtRet_t status, const char* call, const char* why) {
  last_error = status;
  return twin::reject(status, call, "%s", why);
}

// A program that ends well has given everything back. One that a call refused may leave early: its own error is the news.
void refuse_leaks() {
  if (twin::any_rejection()) return;
  if (const size_t bytes = twin::gm_live()) twin::violation("leak", 0, "%zu bytes of device memory were never released", bytes);
  if (const size_t left = queues().live.size()) twin::violation("leak", 0, "%zu queues were never destroyed", left);
}

const bool watched = (queues(), atexit(refuse_leaks), true);

}  // namespace

cnrtRet_t cnrtSetDevice(int ordinal) {
  if (ordinal < 0 || ordinal >= twin::gm_devices()) return fail(cnrtErrorDeviceInvalid, "cnrtSetDevice", "this twin has no such device");
  twin::gm_use_device(ordinal);
  return cnrtSuccess;
}

cnrtRet_t cnrtGetDevice(int* ordinal) {
  if (!ordinal) return fail(cnrtErrorArgsInvalid, "cnrtGetDevice", "no place for the ordinal");
  *ordinal = twin::gm_device();
  return cnrtSuccess;
}

// Eight clusters of four cores, as on an MLU590; PORTOLAN_MLU_CLUSTERS makes it another card.
cnrtRet_t cnrtDeviceGetAttribute(int* value, cnrtDeviceAttr_t attr, int ordinal) {
  if (!value || ordinal < 0 || ordinal >= twin::gm_devices()) return fail(cnrtErrorArgsInvalid, "cnrtDeviceGetAttribute", "no place for the value, or no such device");
  const char* clusters = getenv("PORTOLAN_MLU_CLUSTERS");
  switch (attr) {
    case cnrtAttrClusterCount:
    case cnrtAttrMaxClusterPerUnionLimitTask: *value = clusters ? atoi(clusters) : 8; return cnrtSuccess;
    case cnrtAttrISAVersion: *value = 592; return cnrtSuccess;
    case cnrtAttrMcorePerCluster: *value = 4; return cnrtSuccess;
    case cnrtAttrNramSizePerMcore: *value = 512 * 1024; return cnrtSuccess;
  }
  return fail(cnrtErrorArgsInvalid, "cnrtDeviceGetAttribute", "this twin does not know the attribute");
}

// The same card, with the memories that bang.h tells of its architecture.
cnrtRet_t cnrtGetDeviceProperties(cnrtDeviceProp_t* prop, int device) {
  if (!prop) return fail(cnrtErrorArgsInvalid, "cnrtGetDeviceProperties", "no place for the properties");
  *prop = {"MLU590 (twin)", 1, 0, 0, 0, 0, 0, 512 * 1024, 2048 * 1024};
  for (const auto& [attr, place] : {std::pair{cnrtAttrClusterCount, &prop->clusterCount}, {cnrtAttrMcorePerCluster, &prop->McorePerCluster},
                                    {cnrtAttrMaxClusterPerUnionLimitTask, &prop->maxClusterPerUnionLimitTask}, {cnrtAttrISAVersion, &prop->ISAVersion},
                                    {cnrtAttrNramSizePerMcore, &prop->NramSizePerMcore}})
    if (const cnrtRet_t status = cnrtDeviceGetAttribute(place, attr, device)) return status;
  return cnrtSuccess;
}

cnrtRet_t cnrtMalloc(void** ptr, size_t bytes) {
  if (!ptr || bytes == 0) return fail(cnrtErrorArgsInvalid, "cnrtMalloc", "no pointer or no bytes");
  *ptr = twin::gm_alloc(bytes, 256);
  return *ptr ? cnrtSuccess : fail(cnrtErrorNoMem, "cnrtMalloc", "out of memory");
}

cnrtRet_t cnrtFree(void* ptr) {
  twin::gm_free(ptr);
  return cnrtSuccess;
}

cnrtRet_t cnrtQueueCreate(cnrtQueue_t* queue) {
  *queue = new cnrtQueueStruct;
  const std::lock_guard<std::mutex> lock(queues().mutex);
  queues().live.insert(*queue);
  return cnrtSuccess;
}

cnrtRet_t cnrtQueueDestroy(cnrtQueue_t queue) {
  const std::lock_guard<std::mutex> lock(queues().mutex);
  if (!queues().live.erase(queue)) return fail(cnrtErrorInvalidResourceHandle, "cnrtQueueDestroy", "not a live queue");
  delete queue;
  return cnrtSuccess;
}

cnrtRet_t cnrtQueueSync(cnrtQueue_t queue) {
  return queues().has(queue) ? cnrtSuccess : fail(cnrtErrorInvalidResourceHandle, "cnrtQueueSync", "not a live queue");
}

namespace {

cnrtRet_t transfer(void* dst, void* src, size_t bytes, cnrtMemTransDir_t dir, const char* call) {
  const bool to_device = dir == cnrtMemcpyHostToDev || dir == cnrtMemcpyDevToDev;
  const bool from_device = dir == cnrtMemcpyDevToHost || dir == cnrtMemcpyDevToDev;
  if (twin::gm_owns(dst) != to_device || twin::gm_owns(src) != from_device) return fail(cnrtErrorArgsInvalid, call, "a pointer does not match the direction");
  if (from_device) twin::gm_touch(src, bytes, 0, "copy");
  if (to_device) twin::gm_write(dst, bytes, 0);
  memmove(dst, src, bytes);
  return cnrtSuccess;
}

cnrtRet_t transfer_on(cnrtQueue_t queue, void* dst, void* src, size_t bytes, cnrtMemTransDir_t dir, const char* call) {
  return queues().has(queue) ? transfer(dst, src, bytes, dir, call) : fail(cnrtErrorInvalidResourceHandle, call, "not a live queue");
}

}  // namespace

// The old name fits both argument orders on different SDKs; the _V2 name is the one current frameworks call.
cnrtRet_t cnrtMemcpyAsync_V2(void* dst, void* src, size_t bytes, cnrtQueue_t queue, cnrtMemTransDir_t dir) {
  return transfer_on(queue, dst, src, bytes, dir, "cnrtMemcpyAsync_V2");
}
cnrtRet_t cnrtMemcpyAsync(void* dst, void* src, size_t bytes, cnrtQueue_t queue, cnrtMemTransDir_t dir) {
  return transfer_on(queue, dst, src, bytes, dir, "cnrtMemcpyAsync");
}
cnrtRet_t cnrtMemcpyAsync(void* dst, void* src, size_t bytes, cnrtMemTransDir_t dir, cnrtQueue_t queue) {
  return transfer_on(queue, dst, src, bytes, dir, "cnrtMemcpyAsync");
}
cnrtRet_t cnrtMemcpy(void* dst, void* src, size_t bytes, cnrtMemTransDir_t dir) { return transfer(dst, src, bytes, dir, "cnrtMemcpy"); }
cnrtRet_t cnrtMemset(void* ptr, int value, size_t bytes) {
  if (!twin::gm_owns(ptr)) return fail(cnrtErrorArgsInvalid, "cnrtMemset", "not device memory");
  twin::gm_write(ptr, bytes, 0);
  memset(ptr, value, bytes);
  return cnrtSuccess;
}
cnrtRet_t cnrtMemsetAsync(void* ptr, int value, size_t bytes, cnrtQueue_t queue) {
  return queues().has(queue) ? cnrtMemset(ptr, value, bytes) : fail(cnrtErrorInvalidResourceHandle, "cnrtMemsetAsync", "not a live queue");
}
cnrtRet_t cnrtHostMalloc(void** ptr, size_t bytes) {
  *ptr = malloc(bytes);
  return *ptr ? cnrtSuccess : fail(cnrtErrorNoMem, "cnrtHostMalloc", "out of memory");
}
cnrtRet_t cnrtFreeHost(void* ptr) {
  free(ptr);
  return cnrtSuccess;
}

cnrtRet_t cnrtInit(unsigned int) { return cnrtSuccess; }
void cnrtDestroy(void) {}
cnrtRet_t cnrtGetDeviceCount(unsigned int* count) {
  *count = (unsigned)twin::gm_devices();
  return cnrtSuccess;
}
cnrtRet_t cnrtGetDeviceHandle(cnrtDev_t* device, int ordinal) {
  *device = ordinal;
  return cnrtSuccess;
}
cnrtRet_t cnrtSetCurrentDevice(cnrtDev_t device) { return cnrtSetDevice(device); }
cnrtRet_t cnrtSyncDevice(void) { return cnrtSuccess; }
cnrtRet_t cnrtCreateQueue(cnrtQueue_t* queue) { return cnrtQueueCreate(queue); }
cnrtRet_t cnrtSyncQueue(cnrtQueue_t queue) { return cnrtQueueSync(queue); }
cnrtRet_t cnrtDestroyQueue(cnrtQueue_t queue) { return cnrtQueueDestroy(queue); }

struct cnrtNotifierStruct {
  std::chrono::steady_clock::time_point at;
};

cnrtRet_t cnrtNotifierCreate(cnrtNotifier_t* notifier) {
  *notifier = new cnrtNotifierStruct;
  return cnrtSuccess;
}
cnrtRet_t cnrtNotifierDestroy(cnrtNotifier_t notifier) {
  delete notifier;
  return cnrtSuccess;
}
cnrtRet_t cnrtCreateNotifier(cnrtNotifier_t* notifier) { return cnrtNotifierCreate(notifier); }
cnrtRet_t cnrtDestroyNotifier(cnrtNotifier_t* notifier) { return cnrtNotifierDestroy(*notifier); }
cnrtRet_t cnrtPlaceNotifier(cnrtNotifier_t notifier, cnrtQueue_t queue) {
  if (!queues().has(queue)) return fail(cnrtErrorInvalidResourceHandle, "cnrtPlaceNotifier", "not a live queue");
  notifier->at = std::chrono::steady_clock::now();
  return cnrtSuccess;
}
cnrtRet_t cnrtWaitNotifier(cnrtNotifier_t) { return cnrtSuccess; }
// What was pushed to a queue has been done.
cnrtRet_t cnrtQueueQuery(cnrtQueue_t queue) { return cnrtQueueSync(queue); }
cnrtRet_t cnrtQueueWaitNotifier(cnrtNotifier_t, cnrtQueue_t queue, unsigned int) { return cnrtQueueSync(queue); }
cnrtRet_t cnrtQueueGetCaptureInfo(cnrtQueue_t queue, enum cnrtQueueCaptureStatus* status, uint64_t*, cnrtTaskTopo_t*, const cnrtTaskTopoNode_t**,
                                  size_t*) {
  if (!status || !queues().has(queue)) return fail(cnrtErrorArgsInvalid, "cnrtQueueGetCaptureInfo", "no place for the status, or not a live queue");
  *status = cnrtQueueCaptureStatusNone;
  return cnrtSuccess;
}
cnrtRet_t cnrtNotifierDuration(cnrtNotifier_t start, cnrtNotifier_t end, float* us) {
  *us = std::chrono::duration<float, std::micro>(end->at - start->at).count();
  return cnrtSuccess;
}
cnrtRet_t cnrtNotifierElapsedTime(cnrtNotifier_t start, cnrtNotifier_t end, float* ms) {
  *ms = std::chrono::duration<float, std::milli>(end->at - start->at).count();
  return cnrtSuccess;
}

void cnrtTwinCheck(cnrtRet_t status, const char* call, const char* file, int line) {
  if (status == cnrtSuccess) return;
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, call, cnrtGetErrorStr(status));
  exit(1);
}

cnrtRet_t cnrtGetLastError(void) {
  const cnrtRet_t status = last_error;
  last_error = cnrtSuccess;
  return status;
}

cnrtRet_t cnrtPeekAtLastError(void) { return last_error; }
// As MegEngine dnn/src/cambricon/utils.mlu.h calls it.
cnrtRet_t cnrtGetLastErr(void) { return cnrtGetLastError(); }

const char* cnrtGetErrorName(cnrtRet_t err) {
  switch (err) {
    case cnrtSuccess: return "cnrtSuccess";
    case cnrtErrorNotReady: return "cnrtErrorNotReady";
    case cnrtErrorDeviceInvalid: return "cnrtErrorDeviceInvalid";
    case cnrtErrorArgsInvalid: return "cnrtErrorArgsInvalid";
    case cnrtErrorInvalidResourceHandle: return "cnrtErrorInvalidResourceHandle";
    case cnrtErrorNoMem: return "cnrtErrorNoMem";
  }
  return "an error that this twin does not give";
}

const char* cnrtGetErrorStr(cnrtRet_t err) { return err == cnrtSuccess ? "success" : twin::last_rejection(); }
