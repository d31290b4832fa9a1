// Probe 6: layer normalisation of 13 x 120 halves, computed in float, scale and shift kept in the unified buffer. Written by hand.
// --npu-arch=dav-2201 -DSOC_VERSION=Ascend910B2
#include "kernel_operator.h"

using namespace AscendC;

constexpr int32_t kRow = 128;

template <HardEvent event>
static __aicore__ inline void Sync() {
  const int32_t id = GetTPipePtr()->FetchEventID(event);
  SetFlag<event>(id);
  WaitFlag<event>(id);
}

extern "C" __global__ __aicore__ void probe_layernorm(GM_ADDR x, GM_ADDR scale, GM_ADDR shift, GM_ADDR y, int32_t rows, int32_t cols) {
  TPipe pipe;
  TQue<TPosition::VECIN, 1> in;
  TQue<TPosition::VECOUT, 1> out;
  TBuf<TPosition::VECCALC> halfBuffer, scaleBuffer, shiftBuffer, aBuffer, bBuffer, workBuffer;
  pipe.InitBuffer(in, 2, kRow * sizeof(half));
  pipe.InitBuffer(out, 2, kRow * sizeof(half));
  pipe.InitBuffer(halfBuffer, 2 * kRow * sizeof(half));
  pipe.InitBuffer(scaleBuffer, kRow * sizeof(float));
  pipe.InitBuffer(shiftBuffer, kRow * sizeof(float));
  pipe.InitBuffer(aBuffer, kRow * sizeof(float));
  pipe.InitBuffer(bBuffer, kRow * sizeof(float));
  pipe.InitBuffer(workBuffer, 64);
  LocalTensor<half> halves = halfBuffer.Get<half>();
  LocalTensor<float> g = scaleBuffer.Get<float>(), b = shiftBuffer.Get<float>(), a = aBuffer.Get<float>(), t = bBuffer.Get<float>();
  LocalTensor<float> work = workBuffer.Get<float>(), value = work[8];
  GlobalTensor<half> xGm, gGm, bGm, yGm;
  xGm.SetGlobalBuffer((__gm__ half*)x);
  gGm.SetGlobalBuffer((__gm__ half*)scale);
  bGm.SetGlobalBuffer((__gm__ half*)shift);
  yGm.SetGlobalBuffer((__gm__ half*)y);

  const DataCopyExtParams run{1, static_cast<uint32_t>(cols * sizeof(half)), 0, 0, 0};
  const DataCopyPadExtParams<half> plain{false, 0, 0, static_cast<half>(0)};
  DataCopyPad(halves, gGm[0], run, plain);
  DataCopyPad(halves[kRow], bGm[0], run, plain);
  Sync<HardEvent::MTE2_V>();
  Cast(g, halves, RoundMode::CAST_NONE, cols);
  Cast(b, halves[kRow], RoundMode::CAST_NONE, cols);

  const int64_t begin = rows * GetBlockIdx() / GetBlockNum(), end = rows * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t r = begin; r < end; ++r) {
    LocalTensor<half> loaded = in.AllocTensor<half>();
    DataCopyPad(loaded, xGm[r * cols], run, plain);
    in.EnQue(loaded);
    loaded = in.DeQue<half>();
    PipeBarrier<PIPE_V>();
    Cast(a, loaded, RoundMode::CAST_NONE, cols);
    PipeBarrier<PIPE_V>();
    ReduceSum(value, a, work, cols);
    Sync<HardEvent::V_S>();
    const float mean = value.GetValue(0) / cols;
    Sync<HardEvent::S_V>();
    Adds(a, a, -mean, cols);
    PipeBarrier<PIPE_V>();
    Mul(t, a, a, cols);
    PipeBarrier<PIPE_V>();
    ReduceSum(value, t, work, cols);
    PipeBarrier<PIPE_V>();
    Muls(value, value, 1.0f / cols, 1);
    PipeBarrier<PIPE_V>();
    Adds(value, value, 1e-5f, 1);
    PipeBarrier<PIPE_V>();
    Sqrt(value, value, 1);
    Sync<HardEvent::V_S>();
    const float deviation = value.GetValue(0);
    Sync<HardEvent::S_V>();
    PipeBarrier<PIPE_V>();
    Muls(a, a, 1.0f / deviation, cols);
    PipeBarrier<PIPE_V>();
    Mul(a, a, g, cols);
    PipeBarrier<PIPE_V>();
    Add(a, a, b, cols);
    LocalTensor<half> done = out.AllocTensor<half>();
    PipeBarrier<PIPE_V>();
    Cast(done, a, RoundMode::CAST_RINT, cols);
    in.FreeTensor(loaded);
    out.EnQue(done);
    done = out.DeQue<half>();
    DataCopyPad(yGm[r * cols], done, run);
    out.FreeTensor(done);
  }
}
