// Probe 5: the sum of a million elements on one core: tiles are added lane by lane, lanes once at the end. Written by hand.
// --npu-arch=dav-2201 -DSOC_VERSION=Ascend910B2
#include "kernel_operator.h"

using namespace AscendC;

constexpr int32_t kTile = 8192;

extern "C" __global__ __aicore__ void probe_sum(GM_ADDR x, GM_ADDR y, int32_t n) {
  TPipe pipe;
  TQue<TPosition::VECIN, 1> in;
  TBuf<TPosition::VECCALC> sumBuffer, workBuffer, valueBuffer;
  pipe.InitBuffer(in, 2, kTile * sizeof(float));
  pipe.InitBuffer(sumBuffer, kTile * sizeof(float));
  pipe.InitBuffer(workBuffer, kTile / 64 * sizeof(float));
  pipe.InitBuffer(valueBuffer, 32);
  LocalTensor<float> sums = sumBuffer.Get<float>(), work = workBuffer.Get<float>(), value = valueBuffer.Get<float>();
  GlobalTensor<float> xGm, yGm;
  xGm.SetGlobalBuffer((__gm__ float*)x);
  yGm.SetGlobalBuffer((__gm__ float*)y);
  Duplicate(sums, 0.0f, kTile);
  for (int64_t at = 0; at < n; at += kTile) {
    const int64_t count = n - at < kTile ? n - at : kTile;
    LocalTensor<float> a = in.AllocTensor<float>();
    DataCopyPad(a, xGm[at], {1, static_cast<uint32_t>(count * sizeof(float)), 0, 0, 0}, {false, 0, 0, 0.0f});
    in.EnQue(a);
    a = in.DeQue<float>();
    PipeBarrier<PIPE_V>();
    Add(sums, sums, a, count);
    in.FreeTensor(a);
  }
  PipeBarrier<PIPE_V>();
  ReduceSum(value, sums, work, kTile);
  SetFlag<HardEvent::V_MTE3>(0);
  WaitFlag<HardEvent::V_MTE3>(0);
  DataCopyPad(yGm[0], value, {1, sizeof(float), 0, 0, 0});
}
