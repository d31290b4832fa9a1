// y1 = exp(x0 - max(x0)) / sum(exp(x0 - max(x0)))
// From /probabilities.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace conv_net_probabilities_parts {

// Copies in one run of elements.
template <class T>
__aicore__ inline void LoadRun(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run, DataCopyPadExtParams<T>{false, 0, 0, T()});
}

__aicore__ inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }

__aicore__ inline int64_t RoundUp(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// out[r] = max of row r of x, NaN where the row has one. work holds one row: a comparison takes 64 lanes, and x may end before.
// spare (floats): 0 results of 512 rows, 512 their NaN marks, 1024 workspace of the reductions, 1536 packed bits.
__aicore__ inline void MaxOfRows(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> work, LocalTensor<float> spare, int64_t rows,
                            int64_t cols, int64_t pitch) {
  LocalTensor<float> value = spare, marks = spare[512], tmp = spare[1024];
  LocalTensor<uint8_t> bits = spare[1536].ReinterpretCast<uint8_t>();
  for (int64_t first = 0; first < rows; first += 512) {
    const int64_t n = Least(512, rows - first);
    for (int64_t r = 0; r < n; ++r) {
      LocalTensor<float> row = x[(first + r) * pitch];
      Muls(work, row, 1.0f, cols);
      PipeBarrier<PIPE_V>();
      Compare(bits, work, work, CMPMODE::NE, RoundUp(cols, 64));
      PipeBarrier<PIPE_V>();
      Select(work, bits, row, 0.0f, SELMODE::VSEL_TENSOR_SCALAR_MODE, cols);
      PipeBarrier<PIPE_V>();
      ReduceSum(marks[r], work, tmp, cols);
      PipeBarrier<PIPE_V>();
      ReduceMax(value[r], row, tmp, cols);
      PipeBarrier<PIPE_V>();
    }
    Add(out[first], value, marks, n);
  }
}

// Copies out one run of elements.
template <class T>
__aicore__ inline void StoreRun(const GlobalTensor<T>& to, const LocalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run);
}

// The event's second pipe waits here for all that its first has been given.
template <HardEvent event>
__aicore__ inline void Sync() {
  const int32_t id = static_cast<int32_t>(GetTPipePtr()->FetchEventID(event));
  SetFlag<event>(id);
  WaitFlag<event>(id);
}

}  // namespace conv_net_probabilities_parts

extern "C" __global__ __aicore__ void conv_net_probabilities(GM_ADDR x0, GM_ADDR y1) {
  using namespace conv_net_probabilities_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 23552);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 23552);
  TBuf<TPosition::VECCALC> r1TileBuffer;
  pipe.InitBuffer(r1TileBuffer, 3072);
  LocalTensor<float> r1Tile = r1TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> m2TileBuffer;
  pipe.InitBuffer(m2TileBuffer, 23552);
  LocalTensor<float> m2Tile = m2TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> r3TileBuffer;
  pipe.InitBuffer(r3TileBuffer, 3072);
  LocalTensor<float> r3Tile = r3TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch0Buffer;
  pipe.InitBuffer(scratch0Buffer, 23552);
  LocalTensor<float> scratch0 = scratch0Buffer.Get<float>();
  TBuf<TPosition::VECCALC> spareBuffer;
  pipe.InitBuffer(spareBuffer, 8192);
  LocalTensor<float> spare = spareBuffer.Get<float>();
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> y1Gm;
  y1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y1));

  if (GetBlockIdx() == 0) {
    LocalTensor<float> a0Tile = inQueue.AllocTensor<float>();
    LoadRun(a0Tile, x0Gm, 10);
    inQueue.EnQue(a0Tile);
    a0Tile = inQueue.DeQue<float>();
    LocalTensor<float> y4Tile = outQueue.AllocTensor<float>();
    MaxOfRows(r1Tile, a0Tile, scratch0, spare, 1, 10, 16);
    Sync<HardEvent::V_S>();
    const float s_1 = -r1Tile.GetValue(0);
    Adds(m2Tile, a0Tile, s_1, 10);
    PipeBarrier<PIPE_V>();
    Exp(m2Tile, m2Tile, 10);
    PipeBarrier<PIPE_V>();
    ReduceSum(r3Tile, m2Tile, spare[1024], 10);
    Sync<HardEvent::V_S>();
    const float s_2 = r3Tile.GetValue(0);
    Duplicate(scratch0, s_2, 10);
    PipeBarrier<PIPE_V>();
    Div(y4Tile, m2Tile, scratch0, 10);
    inQueue.FreeTensor(a0Tile);
    outQueue.EnQue(y4Tile);
    y4Tile = outQueue.DeQue<float>();
    StoreRun(y1Gm, y4Tile, 10);
    outQueue.FreeTensor(y4Tile);
  }
}
