// Probe 2: y = softmax of each row of x, 40 x 6625, one row a tile. Written by hand: what the printer should come to.
// --npu-arch=dav-2201 -DSOC_VERSION=Ascend910B2
#include "kernel_operator.h"

using namespace AscendC;

constexpr int32_t kRow = 6656;  // lanes of a row's buffer

template <HardEvent event>
static __aicore__ inline void Sync() {
  const int32_t id = GetTPipePtr()->FetchEventID(event);
  SetFlag<event>(id);
  WaitFlag<event>(id);
}

extern "C" __global__ __aicore__ void probe_softmax(GM_ADDR x, GM_ADDR y, int32_t rows, int32_t cols) {
  TPipe pipe;
  TQue<TPosition::VECIN, 1> in;
  TQue<TPosition::VECOUT, 1> out;
  TBuf<TPosition::VECCALC> workBuffer, valueBuffer;
  pipe.InitBuffer(in, 2, kRow * sizeof(float));
  pipe.InitBuffer(out, 2, kRow * sizeof(float));
  pipe.InitBuffer(workBuffer, 2048);
  pipe.InitBuffer(valueBuffer, 32);
  LocalTensor<float> work = workBuffer.Get<float>(), value = valueBuffer.Get<float>();
  GlobalTensor<float> xGm, yGm;
  xGm.SetGlobalBuffer((__gm__ float*)x);
  yGm.SetGlobalBuffer((__gm__ float*)y);

  const int64_t begin = rows * GetBlockIdx() / GetBlockNum(), end = rows * (GetBlockIdx() + 1) / GetBlockNum();
  const DataCopyExtParams run{1, static_cast<uint32_t>(cols * sizeof(float)), 0, 0, 0};
  for (int64_t r = begin; r < end; ++r) {
    LocalTensor<float> a = in.AllocTensor<float>();
    DataCopyPad(a, xGm[r * cols], run, {false, 0, 0, 0.0f});
    in.EnQue(a);
    a = in.DeQue<float>();
    LocalTensor<float> e = out.AllocTensor<float>();
    ReduceMax(value, a, work, cols);
    Sync<HardEvent::V_S>();
    const float top = value.GetValue(0);
    Adds(e, a, -top, cols);
    PipeBarrier<PIPE_V>();
    Exp(e, e, cols);
    PipeBarrier<PIPE_V>();
    Sync<HardEvent::S_V>();
    ReduceSum(value, e, work, cols);
    Sync<HardEvent::V_S>();
    const float sum = value.GetValue(0);
    Sync<HardEvent::S_V>();
    Muls(e, e, 1.0f / sum, cols);
    in.FreeTensor(a);
    out.EnQue(e);
    e = out.DeQue<float>();
    DataCopyPad(yGm[r * cols], e, run);
    out.FreeTensor(e);
  }
}
