// y3 = (x0 - sum(x0) / 32) * (1 / sqrt(sum((... - ...) * (... - ...)) / 32 + 0.00001)) * x1 + x2
// From /norm1, /norm2.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace attention_block_norm1_parts {

__aicore__ inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }

__aicore__ inline int64_t RoundUp(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// Copies in rows that lie `stride` elements apart, to rows `pitch` apart: up to 4095 of them in one copy.
template <class T>
__aicore__ inline void LoadRows(const LocalTensor<T>& to, int64_t pitch, const GlobalTensor<T>& from, int64_t stride, int64_t rows, int64_t cols) {
  constexpr int64_t size = sizeof(T);
  const uint32_t gap = static_cast<uint32_t>((stride - cols) * size), skip = static_cast<uint32_t>((pitch * size - RoundUp(cols * size, 32)) / 32);
  for (int64_t r = 0; r < rows; r += 4095) {
    const DataCopyExtParams blocks{static_cast<uint16_t>(Least(4095, rows - r)), static_cast<uint32_t>(cols * size), gap, skip, 0};
    DataCopyPad(to[r * pitch], from[r * stride], blocks, DataCopyPadExtParams<T>{false, 0, 0, T()});
  }
}

// Copies in one run of elements.
template <class T>
__aicore__ inline void LoadRun(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run, DataCopyPadExtParams<T>{false, 0, 0, T()});
}

// out[r] = sum of row r of x. spare[1024] is the workspace of the reductions.
__aicore__ inline void SumOfRows(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> spare, int64_t rows, int64_t cols, int64_t pitch) {
  for (int64_t r = 0; r < rows; ++r) {
    ReduceSum(out[r], x[r * pitch], spare[1024], cols);
    PipeBarrier<PIPE_V>();
  }
}

// Copies out rows `pitch` elements apart to rows `stride` apart, up to 4095 of them in one copy.
template <class T>
__aicore__ inline void StoreRows(const GlobalTensor<T>& to, int64_t stride, const LocalTensor<T>& from, int64_t pitch, int64_t rows, int64_t cols) {
  constexpr int64_t size = sizeof(T);
  const uint32_t gap = static_cast<uint32_t>((stride - cols) * size), skip = static_cast<uint32_t>((pitch * size - RoundUp(cols * size, 32)) / 32);
  for (int64_t r = 0; r < rows; r += 4095) {
    const DataCopyExtParams blocks{static_cast<uint16_t>(Least(4095, rows - r)), static_cast<uint32_t>(cols * size), skip, gap, 0};
    DataCopyPad(to[r * stride], from[r * pitch], blocks);
  }
}

// The event's second pipe waits here for all that its first has been given.
template <HardEvent event>
__aicore__ inline void Sync() {
  const int32_t id = static_cast<int32_t>(GetTPipePtr()->FetchEventID(event));
  SetFlag<event>(id);
  WaitFlag<event>(id);
}

}  // namespace attention_block_norm1_parts

// n0: rows
// n1: rows of a tile
// n2: tiles to cover the rows, tiles in all
extern "C" __global__ __aicore__ void attention_block_norm1(GM_ADDR x0, GM_ADDR x1, GM_ADDR x2, GM_ADDR y3, int32_t n0, int32_t n1, int32_t n2) {
  using namespace attention_block_norm1_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 43008);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 14336);
  TBuf<TPosition::VECCALC> r1TileBuffer;
  pipe.InitBuffer(r1TileBuffer, 1792);
  LocalTensor<float> r1Tile = r1TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> m2TileBuffer;
  pipe.InitBuffer(m2TileBuffer, 1792);
  LocalTensor<float> m2Tile = m2TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> r3TileBuffer;
  pipe.InitBuffer(r3TileBuffer, 1792);
  LocalTensor<float> r3Tile = r3TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> m4TileBuffer;
  pipe.InitBuffer(m4TileBuffer, 1792);
  LocalTensor<float> m4Tile = m4TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch0Buffer;
  pipe.InitBuffer(scratch0Buffer, 14336);
  LocalTensor<float> scratch0 = scratch0Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch1Buffer;
  pipe.InitBuffer(scratch1Buffer, 14336);
  LocalTensor<float> scratch1 = scratch1Buffer.Get<float>();
  TBuf<TPosition::VECCALC> spareBuffer;
  pipe.InitBuffer(spareBuffer, 8192);
  LocalTensor<float> spare = spareBuffer.Get<float>();
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> x1Gm;
  x1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x1));
  GlobalTensor<float> x2Gm;
  x2Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x2));
  GlobalTensor<float> y3Gm;
  y3Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y3));

  // This core's share: a contiguous block.
  const int64_t t0Count = n2;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    LocalTensor<uint8_t> inBytes = inQueue.AllocTensor<uint8_t>();
    LocalTensor<float> a0Tile = inBytes.ReinterpretCast<float>();
    LocalTensor<float> a5Tile = inBytes[14336].ReinterpretCast<float>();
    LocalTensor<float> a6Tile = inBytes[28672].ReinterpretCast<float>();
    const int64_t b1 = n1 * t0;
    const int64_t c2 = Least(-b1 + n0, n1);
    LoadRows(a0Tile, 32, x0Gm[32 * b1], 32, c2, 32);
    LoadRun(a5Tile, x1Gm, 32);
    LoadRun(a6Tile, x2Gm, 32);
    inQueue.EnQue(inBytes);
    inBytes = inQueue.DeQue<uint8_t>();
    LocalTensor<float> y7Tile = outQueue.AllocTensor<float>();
    SumOfRows(r1Tile, a0Tile, spare, c2, 32, 32);
    Duplicate(scratch0, 32.0f, c2);
    PipeBarrier<PIPE_V>();
    Sync<HardEvent::S_V>();
    Div(m2Tile, r1Tile, scratch0, c2);
    Sync<HardEvent::V_S>();
    PipeBarrier<PIPE_V>();
    for (int64_t r_2 = 0; r_2 < c2; ++r_2) {
      const float s_3 = -m2Tile.GetValue(r_2);
      Adds(scratch0[r_2 * 32], a0Tile[r_2 * 32], s_3, 32);
    }
    PipeBarrier<PIPE_V>();
    Mul(scratch0, scratch0, scratch0, 32 * c2);
    PipeBarrier<PIPE_V>();
    SumOfRows(r3Tile, scratch0, spare, c2, 32, 32);
    Duplicate(m4Tile, 32.0f, c2);
    PipeBarrier<PIPE_V>();
    Div(scratch0, r3Tile, m4Tile, c2);
    PipeBarrier<PIPE_V>();
    Adds(m4Tile, scratch0, 0.00001f, c2);
    PipeBarrier<PIPE_V>();
    Sqrt(scratch0, m4Tile, c2);
    Duplicate(scratch1, 1.0f, c2);
    PipeBarrier<PIPE_V>();
    Div(m4Tile, scratch1, scratch0, c2);
    Sync<HardEvent::V_S>();
    for (int64_t r_5 = 0; r_5 < c2; ++r_5) {
      const float s_6 = -m2Tile.GetValue(r_5);
      Adds(y7Tile[r_5 * 32], a0Tile[r_5 * 32], s_6, 32);
      const float s_7 = m4Tile.GetValue(r_5);
      PipeBarrier<PIPE_V>();
      Muls(y7Tile[r_5 * 32], y7Tile[r_5 * 32], s_7, 32);
      PipeBarrier<PIPE_V>();
      Mul(y7Tile[r_5 * 32], y7Tile[r_5 * 32], a5Tile, 32);
      PipeBarrier<PIPE_V>();
      Add(y7Tile[r_5 * 32], y7Tile[r_5 * 32], a6Tile, 32);
    }
    inQueue.FreeTensor(inBytes);
    outQueue.EnQue(y7Tile);
    y7Tile = outQueue.DeQue<float>();
    StoreRows(y3Gm[32 * b1], 32, y7Tile, 32, c2, 32);
    outQueue.FreeTensor(y7Tile);
  }
}
