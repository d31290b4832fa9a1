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

enum cnrtDeviceAttr_t {
  cnrtAttrClusterCount = 0x205,
  cnrtAttrMcorePerCluster = 0x206,
  cnrtAttrMaxClusterPerUnionLimitTask = 0x209,
  cnrtAttrISAVersion = 0x20a,
  cnrtAttrNramSizePerMcore = 0x302,
};

enum cnrtMemTransDir_t { cnrtMemcpyHostToDev, cnrtMemcpyDevToDev, cnrtMemcpyDevToHost, cnrtMemcpyHostToHost, cnrtMemcpyNoDirection };

extern "C" {
#include "cnrt.gen.h"
}

// ---- what programs of others call beside it: today's names, and those of MLU2xx's days -----------------------------------------
#define CNRT_RET_SUCCESS cnrtSuccess
#define CNRT_FUNC_TYPE_BLOCK cnrtFuncTypeBlock
#define CNRT_FUNC_TYPE_UNION1 cnrtFuncTypeUnion1
#define CNRT_FUNC_TYPE_UNION2 cnrtFuncTypeUnion2
#define CNRT_FUNC_TYPE_UNION4 cnrtFuncTypeUnion4
#define CNRT_FUNC_TYPE_UNION8 cnrtFuncTypeUnion8
#define CNRT_MEM_TRANS_DIR_HOST2DEV cnrtMemcpyHostToDev
#define CNRT_MEM_TRANS_DIR_DEV2DEV cnrtMemcpyDevToDev
#define CNRT_MEM_TRANS_DIR_DEV2HOST cnrtMemcpyDevToHost
#define CNRT_MEM_TRANS_DIR_HOST2HOST cnrtMemcpyHostToHost

// Ends the program at a call that failed.
void cnrtTwinCheck(cnrtRet_t status, const char* call, const char* file, int line);
#define CNRT_CHECK(...) cnrtTwinCheck(__VA_ARGS__, #__VA_ARGS__, __FILE__, __LINE__)

// Of MLU2xx's header (CNRT 4), which operators of others name their types by.
enum cnrtDataType_t {
  CNRT_INVALID = 0,
  CNRT_FLOAT16 = 0x12,
  CNRT_FLOAT32 = 0x13,
  CNRT_FLOAT64 = 0x14,
  CNRT_INT8 = 0x21,
  CNRT_INT16 = 0x22,
  CNRT_INT32 = 0x23,
  CNRT_UINT8 = 0x31,
  CNRT_UINT32 = 0x33,
  CNRT_FIX8 = 0x41,
  CNRT_QUANT8 = 0x51,
  CNRT_BOOL = 0x61,
};

// Whether a queue's tasks are captured into a graph instead of run: never here.
typedef struct CNtaskTopo_st* cnrtTaskTopo_t;
typedef struct CNtaskTopoNode_st* cnrtTaskTopoNode_t;
typedef enum cnrtQueueCaptureStatus {
  cnrtQueueCaptureStatusNone = 0,
  cnrtQueueCaptureStatusActive = 1,
  cnrtQueueCaptureStatusInvalidated = 2,
} cnrtQueueCaptureStatus_t;

// Of what the vendor's header tells of a device, the part that this twin knows, with its names.
typedef struct cnrtDeviceProp_V3 {
  char name[256];
  int BF16ComputingSupported;
  int clusterCount;
  int McorePerCluster;
  int maxClusterPerUnionLimitTask;
  int ISAVersion;
  int NramSizePerMcore;
  int WramSizePerMcore;
  int SramSizePerMcore;
} cnrtDeviceProp_t;

struct cnrtNotifierStruct;
typedef cnrtNotifierStruct* cnrtNotifier_t;
typedef int cnrtDev_t;
typedef cnrtFunctionType_t cnrtJobType_t;

extern "C" {
cnrtRet_t cnrtInit(unsigned int flags);
void cnrtDestroy(void);
cnrtRet_t cnrtGetDeviceCount(unsigned int* count);
cnrtRet_t cnrtGetDeviceProperties(cnrtDeviceProp_t* prop, int device);
cnrtRet_t cnrtGetDeviceHandle(cnrtDev_t* device, int ordinal);
cnrtRet_t cnrtSetCurrentDevice(cnrtDev_t device);
cnrtRet_t cnrtSyncDevice(void);
cnrtRet_t cnrtMemcpy(void* dst, void* src, size_t bytes, cnrtMemTransDir_t dir);
cnrtRet_t cnrtMemset(void* ptr, int value, size_t bytes);
cnrtRet_t cnrtMemsetAsync(void* ptr, int value, size_t bytes, cnrtQueue_t queue);
cnrtRet_t cnrtHostMalloc(void** ptr, size_t bytes);
cnrtRet_t cnrtFreeHost(void* ptr);
cnrtRet_t cnrtCreateQueue(cnrtQueue_t* queue);
cnrtRet_t cnrtSyncQueue(cnrtQueue_t queue);
cnrtRet_t cnrtDestroyQueue(cnrtQueue_t queue);
cnrtRet_t cnrtQueueQuery(cnrtQueue_t queue);
cnrtRet_t cnrtQueueWaitNotifier(cnrtNotifier_t notifier, cnrtQueue_t queue, unsigned int flag);
cnrtRet_t cnrtQueueGetCaptureInfo(cnrtQueue_t queue, enum cnrtQueueCaptureStatus* status, uint64_t* id, cnrtTaskTopo_t* topo,
                                  const cnrtTaskTopoNode_t** dependencies, size_t* count);
cnrtRet_t cnrtPeekAtLastError(void);
cnrtRet_t cnrtGetLastErr(void);
const char* cnrtGetErrorName(cnrtRet_t err);
cnrtRet_t cnrtNotifierCreate(cnrtNotifier_t* notifier);
cnrtRet_t cnrtNotifierDestroy(cnrtNotifier_t notifier);
cnrtRet_t cnrtCreateNotifier(cnrtNotifier_t* notifier);
cnrtRet_t cnrtDestroyNotifier(cnrtNotifier_t* notifier);
cnrtRet_t cnrtPlaceNotifier(cnrtNotifier_t notifier, cnrtQueue_t queue);
cnrtRet_t cnrtWaitNotifier(cnrtNotifier_t notifier);
// Microseconds, and milliseconds, between two notifiers placed: of the twin's own clock.
cnrtRet_t cnrtNotifierDuration(cnrtNotifier_t start, cnrtNotifier_t end, float* us);
cnrtRet_t cnrtNotifierElapsedTime(cnrtNotifier_t start, cnrtNotifier_t end, float* ms);
}
// Both orders of the last two stand in public programs.
cnrtRet_t cnrtMemcpyAsync(void* dst, void* src, size_t bytes, cnrtQueue_t queue, cnrtMemTransDir_t dir);
cnrtRet_t cnrtMemcpyAsync(void* dst, void* src, size_t bytes, cnrtMemTransDir_t dir, cnrtQueue_t queue);
