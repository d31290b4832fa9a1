// Probe 3: y[c][r] = x[r][c] for 67 x 131, f32 and f16: rows in by copy, turned by Gather, rows out. Written by hand.
// --npu-arch=dav-2201 -DSOC_VERSION=Ascend910B2
#include "kernel_operator.h"

using namespace AscendC;

// A tile is rows x width: the core takes `width` columns of x and writes as many rows of y.
constexpr int32_t kWidth = 16, kRows = 80;

template <class T>
static __aicore__ inline void Transpose2D(GM_ADDR x, GM_ADDR y, int32_t rows, int32_t cols) {
  constexpr int32_t pitch = 32 / sizeof(T) > kWidth ? 32 / sizeof(T) : kWidth;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> in;
  TQue<TPosition::VECOUT, 1> out;
  TBuf<TPosition::VECCALC> stepBuffer;
  pipe.InitBuffer(in, 2, kRows * pitch * sizeof(T));
  pipe.InitBuffer(out, 2, kWidth * kRows * sizeof(T));
  pipe.InitBuffer(stepBuffer, kRows * sizeof(int32_t));
  LocalTensor<int32_t> steps = stepBuffer.Get<int32_t>();
  GlobalTensor<T> xGm, yGm;
  xGm.SetGlobalBuffer((__gm__ T*)x);
  yGm.SetGlobalBuffer((__gm__ T*)y);
  CreateVecIndex(steps, static_cast<int32_t>(0), static_cast<uint32_t>(rows));
  PipeBarrier<PIPE_V>();
  Muls(steps, steps, static_cast<int32_t>(pitch * sizeof(T)), rows);
  PipeBarrier<PIPE_V>();

  const int64_t tiles = (cols + kWidth - 1) / kWidth;
  const int64_t begin = tiles * GetBlockIdx() / GetBlockNum(), end = tiles * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t = begin; t < end; ++t) {
    const int64_t first = t * kWidth, width = cols - first < kWidth ? cols - first : kWidth;
    const uint32_t skipIn = static_cast<uint32_t>((pitch * sizeof(T) - (width * sizeof(T) + 31) / 32 * 32) / 32);
    LocalTensor<T> a = in.AllocTensor<T>();
    const DataCopyExtParams load{static_cast<uint16_t>(rows), static_cast<uint32_t>(width * sizeof(T)), static_cast<uint32_t>((cols - width) * sizeof(T)), skipIn, 0};
    DataCopyPad(a, xGm[first], load, DataCopyPadExtParams<T>{false, 0, 0, T()});
    in.EnQue(a);
    a = in.DeQue<T>();
    LocalTensor<T> b = out.AllocTensor<T>();
    for (int64_t c = 0; c < width; ++c)
      Gather(b[c * kRows], a, steps.template ReinterpretCast<uint32_t>(), static_cast<uint32_t>(c * sizeof(T)), static_cast<uint32_t>(rows));
    in.FreeTensor(a);
    out.EnQue(b);
    b = out.DeQue<T>();
    const uint32_t skipOut = static_cast<uint32_t>((kRows * sizeof(T) - (rows * sizeof(T) + 31) / 32 * 32) / 32);
    const DataCopyExtParams store{static_cast<uint16_t>(width), static_cast<uint32_t>(rows * sizeof(T)), skipOut, 0, 0};
    DataCopyPad(yGm[first * rows], b, store);
    out.FreeTensor(b);
  }
}

extern "C" __global__ __aicore__ void probe_transpose_f16(GM_ADDR x, GM_ADDR y, int32_t rows, int32_t cols) { Transpose2D<half>(x, y, rows, cols); }
