// Beside beside.mlu: an object, a helper, a macro with a launch, one with an object and a wait, and assembly that nobody comes to.
#pragma once
#define LANES 256
#define DIM1 \
  { 2, 1, 1 }
#define ENQUEUE(kernel, ...) kernel<<<dim, cnrtFuncTypeBlock, queue>>>(__VA_ARGS__)
#define WITH_ROW(name, from)                                \
  __nram__ float name[LANES];                               \
  __memcpy_async(name, from, sizeof(name), GDRAM2NRAM);     \
  asm volatile("sync;\n\t");

__nram__ float shared_row[LANES];

template <typename T>
__mlu_func__ void scale(T* dst, const T* src, T by) {
  __bang_mul_scalar(dst, src, by, LANES);
}

__mlu_func__ inline void never(int* p) {
  __asm__ volatile("fuse.nram.u32 [%[to]], %[n];" ::[to] "r"(p), [n] "r"(1));
}
