// The twin's xpu/runtime.h: device memory, copies and streams of the XPU runtime (C linkage, 0 is success).
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef void* XPUStream;
typedef void* XPUEvent;

enum XPUMemoryKind { XPU_MEM_MAIN = 0, XPU_MEM_HBM = 0, XPU_MEM_L3 = 1 };
enum XPUMemcpyKind { XPU_DEVICE_TO_HOST = 0, XPU_HOST_TO_DEVICE = 1, XPU_DEVICE_TO_DEVICE = 2 };
enum { XPU_SUCCESS = 0 };

extern "C" {
int xpu_set_device(int devid);
int xpu_current_device(int* devid);
int xpu_device_count(int* count);
int xpu_malloc(void** pdevptr, uint64_t sz, XPUMemoryKind kind = XPU_MEM_MAIN);
int xpu_free(void* devptr);
int xpu_memcpy(void* dst, const void* src, uint64_t sz, XPUMemcpyKind kind);
int xpu_stream_create(XPUStream* pstream);
int xpu_stream_destroy(XPUStream stream);
int xpu_wait(XPUStream stream = nullptr);
int xpu_event_create(XPUEvent* pevent);
int xpu_event_destroy(XPUEvent event);
int xpu_event_record(XPUEvent event, XPUStream stream);
int xpu_event_wait(XPUEvent event);
int xpu_stream_wait_event(XPUStream stream, XPUEvent event);
const char* xpu_strerror(int err);
}
