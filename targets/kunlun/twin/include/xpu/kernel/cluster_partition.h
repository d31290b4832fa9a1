// The twin's xpu/kernel/cluster_partition.h (XDNN): who works on what.
#pragma once
#include "xpu/kernel/cluster.h"

// Blocks of `align` elements, those left over one each to the first threads.
template <class N>
inline void partition(int tid, int nthreads, N len, int align, N* start, N* end) {
  const N blocks = (len + align - 1) / align, each = blocks / nthreads, extra = blocks % nthreads;
  const N first = each * (N)tid + ((N)tid < extra ? (N)tid : extra), last = first + each + ((N)tid < extra ? 1 : 0);
  *start = first * align < len ? first * align : len;
  *end = last * align < len ? last * align : len;
}

// The same where no block may cross a multiple of `boundary`: each boundary's last block may be shorter.
template <class N>
inline void partition(int tid, int nthreads, N len, int align, N* start, N* end, int boundary) {
  const N small = (boundary + align - 1) / align, blocks = small * ((len + boundary - 1) / boundary);
  const N each = blocks / nthreads, extra = blocks % nthreads;
  const N first = each * (N)tid + ((N)tid < extra ? (N)tid : extra), last = first + each + ((N)tid < extra ? 1 : 0);
  const N from = first / small * boundary + first % small * align, to = last / small * boundary + last % small * align;
  *start = from < len ? from : len;
  *end = to < len ? to : len;
}

// Rows and columns: whole rows, or rows cut into columns by how evenly that shares the work and how long its copies are.
template <class N>
inline void partition2d(int tid, int nthreads, N m, N n, N* mstart, N* mend, N* nstart, N* nend, float reuse_factor = 0.0f, float dmaburst = 512.0f) {
  if (m == 1) {
    *mstart = 0;
    *mend = 1;
    partition(tid, nthreads, n, 16, nstart, nend);
    return;
  }
  partition(tid, nthreads, m, 1, mstart, mend);
  *nstart = 0;
  *nend = n;
  const N fewest = (m + nthreads - 1) / nthreads, most = m < 8 ? m : 8;
  if (fewest >= most) return;
  const auto score = [&](N rows) {
    const N cols = (N)nthreads / ((m + rows - 1) / rows), width = (n + cols - 1) / cols;
    const float fair = (float)(rows * width) * (float)nthreads / (float)(m * n);
    const float burst = dmaburst / ((float)width < dmaburst ? (float)width : dmaburst);
    return fair * burst * (((float)rows + reuse_factor) / ((float)rows * (1.0f + reuse_factor)));
  };
  N best = fewest;
  for (N rows = fewest + 1; rows <= most; rows++)
    if (score(rows) < score(best)) best = rows;
  const N tall = (m + best - 1) / best, wide = (N)nthreads / tall, width = (n + wide - 1) / wide;
  if ((N)tid >= tall * wide) {
    *mstart = *mend = m;
    *nstart = *nend = n;
    return;
  }
  const N row = (N)tid / wide, column = (N)tid % wide;
  const auto within = [](N at, N end) { return at < end ? at : end; };
  *mstart = within(row * best, m);
  *mend = within((row + 1) * best, m);
  *nstart = within(column * width, n);
  *nend = within((column + 1) * width, n);
}

// How much a thread takes at a time: its share in blocks of `align`, no more than a buffer holds.
inline int64_t get_1d_buflen(int64_t len, int64_t nthreads, int64_t most, int64_t align) {
  const int64_t share = (len + nthreads - 1) / nthreads, blocks = (share + align - 1) / align * align;
  return blocks < most ? blocks : most;
}

// Cores of one software group have the same id modulo the number of groups.
inline void soft_grouping(int cid, int ncores, int ncores_per_group, int* gid, int* ngroups, int* lane) {
  *ngroups = ncores / ncores_per_group;
  *gid = cid % *ngroups;
  *lane = cid / *ngroups;
}
inline void soft_group_sync(int gid, int ngroups, int line = __builtin_LINE()) {
  if (ngroups == 64) return;
  sync_local(line);
  if (ngroups >= 16) return;
  const int mask = ngroups == 8 ? 0x0101 : ngroups == 4 ? 0x1111 : ngroups == 2 ? 0x5555 : 0xFFFF;
  sync_group(mask << gid, line);
}
