// The twin's xpu/runtime_ex.h: the newer runtime calls.
#pragma once
#include "xpu/runtime.h"

extern "C" int xpu_memcpy_async(void* dst, const void* src, uint64_t sz, XPUMemcpyKind kind, XPUStream stream);
