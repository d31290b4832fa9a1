// Probe 1: y = relu(a + b), b one row for all rows, an odd tail. Written by hand: what the printer should come to.
// --npu-arch=dav-2201 -DSOC_VERSION=Ascend910B2
#include "kernel_operator.h"

using namespace AscendC;

constexpr int32_t kTile = 2048;  // lanes of a tile

extern "C" __global__ __aicore__ void probe_add(GM_ADDR a, GM_ADDR b, GM_ADDR y, int32_t rows, int32_t cols) {
  TPipe pipe;
  TQue<TPosition::VECIN, 1> in;
  TQue<TPosition::VECOUT, 1> out;
  TBuf<TPosition::VECCALC> rowBuffer;
  pipe.InitBuffer(in, 2, kTile * sizeof(float));
  pipe.InitBuffer(out, 2, kTile * sizeof(float));
  pipe.InitBuffer(rowBuffer, kTile * sizeof(float));
  GlobalTensor<float> aGm, bGm, yGm;
  aGm.SetGlobalBuffer((__gm__ float*)a);
  bGm.SetGlobalBuffer((__gm__ float*)b);
  yGm.SetGlobalBuffer((__gm__ float*)y);

  // This core's rows: a contiguous block.
  const int32_t perCore = (rows + GetBlockNum() - 1) / GetBlockNum();
  const int32_t begin = GetBlockIdx() * perCore;
  const int32_t end = begin + perCore < rows ? begin + perCore : rows;
  if (begin >= end) return;

  const uint32_t bytes = cols * sizeof(float);
  LocalTensor<float> row = rowBuffer.Get<float>();
  DataCopyPad(row, bGm[0], {1, bytes, 0, 0, 0}, {false, 0, 0, 0.0f});
  SetFlag<HardEvent::MTE2_V>(0);
  WaitFlag<HardEvent::MTE2_V>(0);
  for (int32_t r = begin; r < end; ++r) {
    LocalTensor<float> x = in.AllocTensor<float>();
    DataCopyPad(x, aGm[r * cols], {1, bytes, 0, 0, 0}, {false, 0, 0, 0.0f});
    in.EnQue(x);
    x = in.DeQue<float>();
    LocalTensor<float> z = out.AllocTensor<float>();
    Add(z, x, row, cols);
    PipeBarrier<PIPE_V>();
    Relu(z, z, cols);
    in.FreeTensor(x);
    out.EnQue(z);
    z = out.DeQue<float>();
    DataCopyPad(yGm[r * cols], z, {1, bytes, 0, 0, 0});
    out.FreeTensor(z);
  }
}
