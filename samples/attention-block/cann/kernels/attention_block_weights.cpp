// y1 = exp(x0 * 0.35355338 - max(x0 * 0.35355338)) / sum(exp(x0 * 0.35355338 - max(x0 * 0.35355338)))
// From /scores, /weights.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace attention_block_weights_parts {

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

// out[r] = max of out[r] and row r of x, NaN where one is. work holds one row: a comparison takes 64 lanes, and x may end before.
// spare (floats): 0 results of 512 rows, 512 their NaN marks, 1024 workspace of the reductions, 1536 packed bits.
__aicore__ inline void MaxOntoRows(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> work, LocalTensor<float> spare, int64_t rows,
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
    LocalTensor<float> old = out[first];
    Compare(bits, old, old, CMPMODE::NE, RoundUp(n, 64));
    PipeBarrier<PIPE_V>();
    Select(tmp, bits, old, 0.0f, SELMODE::VSEL_TENSOR_SCALAR_MODE, n);
    Max(value, value, old, n);
    PipeBarrier<PIPE_V>();
    Add(marks, marks, tmp, n);
    PipeBarrier<PIPE_V>();
    Add(out[first], value, marks, n);
  }
}

// out[r] += sum of row r of x.
// spare (floats): 0 results of 512 rows, 512 their NaN marks, 1024 workspace of the reductions, 1536 packed bits.
__aicore__ inline void SumOntoRows(LocalTensor<float> out, LocalTensor<float> x, LocalTensor<float> spare, int64_t rows, int64_t cols, int64_t pitch) {
  LocalTensor<float> value = spare, tmp = spare[1024];
  for (int64_t first = 0; first < rows; first += 512) {
    const int64_t n = Least(512, rows - first);
    PipeBarrier<PIPE_V>();
    for (int64_t r = 0; r < n; ++r) {
      ReduceSum(value[r], x[(first + r) * pitch], tmp, cols);
      PipeBarrier<PIPE_V>();
    }
    Add(out[first], out[first], value, n);
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

}  // namespace attention_block_weights_parts

// n0: columns, elements from row to row
// n1: rows
// n2: columns of a tile
// n3: pitch of a tile
// n4: rows of a tile
// n5: tiles to cover the rows, tiles in all
// n6: tiles to cover the columns
extern "C" __global__ __aicore__ void attention_block_weights(GM_ADDR x0, GM_ADDR y1, int32_t n0, int32_t n1, int32_t n2, int32_t n3, int32_t n4, int32_t n5, int32_t n6) {
  using namespace attention_block_weights_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 46080);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 15360);
  TBuf<TPosition::VECCALC> m0TileBuffer;
  pipe.InitBuffer(m0TileBuffer, 2048);
  LocalTensor<float> m0Tile = m0TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> m2TileBuffer;
  pipe.InitBuffer(m2TileBuffer, 2048);
  LocalTensor<float> m2Tile = m2TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch0Buffer;
  pipe.InitBuffer(scratch0Buffer, 15360);
  LocalTensor<float> scratch0 = scratch0Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch1Buffer;
  pipe.InitBuffer(scratch1Buffer, 15360);
  LocalTensor<float> scratch1 = scratch1Buffer.Get<float>();
  TBuf<TPosition::VECCALC> spareBuffer;
  pipe.InitBuffer(spareBuffer, 8192);
  LocalTensor<float> spare = spareBuffer.Get<float>();
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> y1Gm;
  y1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y1));

  // This core's share: a contiguous block.
  const int64_t t0Count = n5;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    const int64_t b1 = n4 * t0;
    const int64_t c2 = Least(-b1 + n1, n4);
    Sync<HardEvent::S_V>();
    Duplicate(m0Tile, -__builtin_inff(), c2);
    PipeBarrier<PIPE_V>();
    for (int64_t k3 = 0; k3 < n6; ++k3) {
      LocalTensor<uint8_t> inBytes = inQueue.AllocTensor<uint8_t>();
      LocalTensor<float> a1Tile = inBytes.ReinterpretCast<float>();
      const int64_t b4 = k3 * n2;
      const int64_t c5 = Least(-b4 + n0, n2);
      LoadRows(a1Tile, n3, x0Gm[b1 * n0 + b4], n0, c2, c5);
      inQueue.EnQue(inBytes);
      inBytes = inQueue.DeQue<uint8_t>();
      Muls(scratch0, a1Tile, 0.35355338f, c2 * n3);
      PipeBarrier<PIPE_V>();
      MaxOntoRows(m0Tile, scratch0, scratch1, spare, c2, c5, n3);
      inQueue.FreeTensor(inBytes);
    }
    Duplicate(m2Tile, 0.0f, c2);
    Sync<HardEvent::V_S>();
    for (int64_t k6 = 0; k6 < n6; ++k6) {
      LocalTensor<uint8_t> inBytes = inQueue.AllocTensor<uint8_t>();
      LocalTensor<float> a3Tile = inBytes[15360].ReinterpretCast<float>();
      const int64_t b7 = k6 * n2;
      const int64_t c8 = Least(-b7 + n0, n2);
      LoadRows(a3Tile, n3, x0Gm[b1 * n0 + b7], n0, c2, c8);
      inQueue.EnQue(inBytes);
      inBytes = inQueue.DeQue<uint8_t>();
      Muls(scratch0, a3Tile, 0.35355338f, c2 * n3);
      PipeBarrier<PIPE_V>();
      for (int64_t r_4 = 0; r_4 < c2; ++r_4) {
        const float s_5 = -m0Tile.GetValue(r_4);
        Adds(scratch0[r_4 * n3], scratch0[r_4 * n3], s_5, c8);
      }
      PipeBarrier<PIPE_V>();
      Exp(scratch0, scratch0, c2 * n3);
      SumOntoRows(m2Tile, scratch0, spare, c2, c8, n3);
      inQueue.FreeTensor(inBytes);
    }
    Sync<HardEvent::V_S>();
    for (int64_t k9 = 0; k9 < n6; ++k9) {
      LocalTensor<uint8_t> inBytes = inQueue.AllocTensor<uint8_t>();
      LocalTensor<float> a4Tile = inBytes[30720].ReinterpretCast<float>();
      const int64_t b10 = k9 * n2;
      const int64_t c11 = Least(-b10 + n0, n2);
      LoadRows(a4Tile, n3, x0Gm[b1 * n0 + b10], n0, c2, c11);
      inQueue.EnQue(inBytes);
      inBytes = inQueue.DeQue<uint8_t>();
      LocalTensor<float> y5Tile = outQueue.AllocTensor<float>();
      Muls(y5Tile, a4Tile, 0.35355338f, c2 * n3);
      PipeBarrier<PIPE_V>();
      for (int64_t r_8 = 0; r_8 < c2; ++r_8) {
        const float s_9 = -m0Tile.GetValue(r_8);
        Adds(y5Tile[r_8 * n3], y5Tile[r_8 * n3], s_9, c11);
      }
      PipeBarrier<PIPE_V>();
      Exp(scratch0, y5Tile, c2 * n3);
      for (int64_t r_11 = 0; r_11 < c2; ++r_11) {
        const float s_12 = m2Tile.GetValue(r_11);
        Duplicate(scratch1[r_11 * n3], s_12, c11);
      }
      PipeBarrier<PIPE_V>();
      Div(y5Tile, scratch0, scratch1, c2 * n3);
      inQueue.FreeTensor(inBytes);
      outQueue.EnQue(y5Tile);
      y5Tile = outQueue.DeQue<float>();
      StoreRows(y1Gm[b1 * n0 + b10], n0, y5Tile, n3, c2, c11);
      outQueue.FreeTensor(y5Tile);
    }
  }
}
