// The CNRT runtime for the twin, with the signatures and the numbers of the vendor's header (CNRT 6.14.1).
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef int cnrtRet_t;
enum {
  cnrtSuccess = 0,
  cnrtErrorNotReady = 1,
  cnrtErrorDeviceInvalid = 100005,
  cnrtErrorArgsInvalid = 100006,
  cnrtErrorInvalidResourceHandle = 100014,
  cnrtErrorNoMem = 100100,
};

struct cnrtQueueStruct;
typedef cnrtQueueStruct* cnrtQueue_t;

struct cnrtDim3_t {
  unsigned int x, y, z;
};

enum cnrtFunctionType_t {
  cnrtFuncTypeBlock = 1,
  cnrtFuncTypeUnion1 = 4,
  cnrtFuncTypeUnion2 = 8,
  cnrtFuncTypeUnion4 = 16,
  cnrtFuncTypeUnion8 = 32,
  cnrtFuncTypeUnion16 = 64,
  cnrtFuncTypeMutable = -1,
};

enum cnrtDeviceAttr_t { cnrtAttrClusterCount = 0x205, cnrtAttrMcorePerCluster = 0x206, cnrtAttrNramSizePerMcore = 0x302 };

enum cnrtMemTransDir_t { cnrtMemcpyHostToDev, cnrtMemcpyDevToDev, cnrtMemcpyDevToHost, cnrtMemcpyHostToHost, cnrtMemcpyNoDirection };

extern "C" {
#include "cnrt.gen.h"
}
