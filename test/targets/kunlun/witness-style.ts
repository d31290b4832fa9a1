/**
 * Kernels in the style of those who know the chip, written by hand after what witnesses say and after no printer of ours:
 * a twin that reads an instruction otherwise than they do gives them wrong results.
 */

/** What every kernel here includes, in the order of FastDeploy's and InfiniCore's. */
const includes = `#include "xpu/runtime.h"
#include "xpu/kernel/cluster.h"
#include "xpu/kernel/cluster_simd.h"
#include "xpu/kernel/xtdk_math.h"
`;

const rowSum = (fold: string): string => `${includes}
static __device__ float sum16(float32x16_t v) {
  ${fold}
  return vextract_float32x16(v, 1);
}

__global__ void row_sum(const float* x, float* y, int rows, int cols) {
  int cid = core_id();
  int ncores = core_num();
  if (cid >= ncores) return;
  int tid = cid * cluster_num() + cluster_id();
  int nthreads = ncores * cluster_num();
  __simd__ float row[512];
  float total[1];
  for (int r = tid; r < rows; r += nthreads) {
    GM2LM(x + r * cols, row, cols * (int)sizeof(float));
    float32x16_t acc = vset_zero();
    for (int c = 0; c < cols; c += 16) acc = vvadd_float32x16(acc, vload_lm_float32x16(row + c));
    total[0] = sum16(acc);
    mfence_lm();
    LM2GM(total, y + r, (int)sizeof(float));
  }
}

extern "C" int row_sum_launch(void* stream, void* x, void* y, int rows, int cols) {
  return row_sum<<<12, 64, (XPUStream)stream>>>((const float*)x, (float*)y, rows, cols);
}
`;

const folding = (amounts: readonly (number | string)[]): string =>
  amounts.map((a) => `v = vvadd_float32x16(v, vsrlp_float32x16(${a}, v));`).join("\n  ");

/** Paddle's v_reduce folds with 256, 128, 64, 32; FastDeploy's get_padding_offset writes the same as powers. */
export const witnessFold = rowSum(folding(["1 << 8", "1 << 7", "1 << 6", "1 << 5"]));
/** What this project's header held before: 1 << lanes. */
export const formerFold = rowSum(folding(["1 << 8", "1 << 4", "1 << 2", "1 << 1"]));
/** The same mistake by whole bytes, which no rule forbids: only the number tells. */
export const byteFold = rowSum(folding(["8 * 8", "8 * 4", "8 * 2", "8 * 1"]));

/** A twin with the former reading, for any kernel: \`shift\` is 1 << lanes. */
export const formerReading = `
#define vsrlp_float32x16(shift, v) vsrlp_float32x16(32 * __builtin_ctz((unsigned)(shift)), v)
`;

/** NaNs are counted by a comparison's mask taken for a number; FlagTree and the P800 kernels of FlagGems mask it first. */
export const nanCount = (masked: boolean): string => `${includes}
__global__ void has_nan(const float* x, int* y, int n) {
  if (core_id() != 0 || cluster_id() != 0) return;
  __simd__ float part[256];
  int found[1];
  GM2LM(x, part, n * (int)sizeof(float));
  int any = 0;
  for (int c = 0; c < n; c += 16) {
    float32x16_t v = vload_lm_float32x16(part + c);
    any |= vvneq_float32x16(v, v)${masked ? " & 0xFFFF" : ""};
  }
  found[0] = any != 0;
  mfence_lm();
  LM2GM(found, y, (int)sizeof(int));
}

extern "C" int has_nan_launch(void* stream, void* x, void* y, int n) {
  return has_nan<<<1, 64, (XPUStream)stream>>>((const float*)x, (int*)y, n);
}
`;

/** One element of global memory by a helper; a pointer without a qualifier is one into local memory. */
export const pickOne = (qualifier: string): string => `${includes}
static __device__ float element(${qualifier}const float* p) {
  float v;
  GM2LM(p, &v, (int)sizeof(float));
  return v;
}

__global__ void pick(const float* x, const int* at, float* y, int n) {
  for (int i = core_id() * cluster_num() + cluster_id(); i < n; i += core_num() * cluster_num()) {
    int k;
    GM2LM(at + i, &k, (int)sizeof(int));
    float v = element(x + k);
    mfence_lm();
    LM2GM(&v, y + i, (int)sizeof(float));
  }
}

extern "C" int pick_launch(void* stream, void* x, void* at, void* y, int n) {
  return pick<<<8, 64, (XPUStream)stream>>>((const float*)x, (const int*)at, (float*)y, n);
}
`;

/** Arrays decay to pointers, pointers walk, and an array of an inner scope is gone after it. */
export const decaying = `${includes}
static __device__ void doubled(float* row, int n) {
  for (int c = 0; c < n; c += 16) {
    float32x16_t v = vload_lm_float32x16(row + c);
    vstore_lm_float32x16(row + c, vvadd_float32x16(v, v));
  }
  mfence_lm();
}

__global__ void decays(const float* x, float* y, int n) {
  if (core_id() != 0 || cluster_id() != 0) return;
  __simd__ float row[1024];
  for (int round = 0; round < 3; round++) {
    float scratch[512];
    GM2LM(x, scratch, n * (int)sizeof(float));
    auto p = row;
    for (int i = 0; i < n; i++) p[i] = scratch[i];
    row[0] += 1.0f;
    *(row + 1) -= 1.0f;
  }
  mfence_lm();
  doubled(row, n);
  LM2GM(&row[0], y, n * (int)sizeof(float));
}

extern "C" int decays_launch(void* stream, void* x, void* y, int n) {
  return decays<<<1, 64, (XPUStream)stream>>>((const float*)x, (float*)y, n);
}
`;

/** Converts what it is given, without a look at it. */
export const converting = `${includes}
__global__ void converts(const float* x, int* y, int n) {
  if (core_id() != 0 || cluster_id() != 0) return;
  __simd__ float in[16];
  __simd__ int out[16];
  GM2LM(x, in, n * (int)sizeof(float));
  vstore_lm_int32x16(out, vfloat2fix_rz(vload_lm_float32x16(in)));
  mfence_lm();
  LM2GM(out, y, n * (int)sizeof(int));
}

extern "C" int converts_launch(void* stream, void* x, void* y, int n) {
  return converts<<<1, 64, (XPUStream)stream>>>((const float*)x, (int*)y, n);
}
`;
