// The CNRT runtime for the twin, with the signatures that call sites of public repositories agree on (facts: cnnl.json,
// field-notes.md for NeuWare 4.6: success is cnrtSuccess).
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef int cnrtRet_t;
enum { cnrtSuccess = 0, cnrtErrorArgsInvalid = 632, cnrtErrorNoMem = 633, cnrtErrorQueueInvalid = 634 };

struct cnrtQueueStruct;
typedef cnrtQueueStruct* cnrtQueue_t;

struct cnrtDim3_t {
  unsigned int x, y, z;
};

enum cnrtFunctionType_t {
  cnrtFuncTypeBlock = 1,
  cnrtFuncTypeUnion1 = 4,
  cnrtFuncTypeUnion2 = 5,
  cnrtFuncTypeUnion4 = 6,
  cnrtFuncTypeUnion8 = 7,
  cnrtFuncTypeMutable = 8,
};

enum cnrtMemTransDir_t { cnrtMemcpyHostToDev, cnrtMemcpyDevToDev, cnrtMemcpyDevToHost, cnrtMemcpyHostToHost, cnrtMemcpyNoDirection };

extern "C" {
cnrtRet_t cnrtSetDevice(int ordinal);
cnrtRet_t cnrtMalloc(void** ptr, size_t bytes);
cnrtRet_t cnrtFree(void* ptr);
cnrtRet_t cnrtQueueCreate(cnrtQueue_t* queue);
cnrtRet_t cnrtQueueDestroy(cnrtQueue_t queue);
cnrtRet_t cnrtQueueSync(cnrtQueue_t queue);
cnrtRet_t cnrtMemcpyAsync_V2(void* dst, void* src, size_t bytes, cnrtQueue_t queue, cnrtMemTransDir_t dir);
cnrtRet_t cnrtGetLastError(void);
const char* cnrtGetErrorStr(cnrtRet_t err);
}
