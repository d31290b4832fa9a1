// y1 = max(x0)
// From /pool.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace conv_net_alt_c569ba_pool_parts {

__aicore__ inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }

__aicore__ inline int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0); }

__aicore__ inline int64_t FloorMod(int64_t a, int64_t b) { return a - FloorDiv(a, b) * b; }

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

// The event's second pipe waits here for all that its first has been given.
template <HardEvent event>
__aicore__ inline void Sync() {
  const int32_t id = static_cast<int32_t>(GetTPipePtr()->FetchEventID(event));
  SetFlag<event>(id);
  WaitFlag<event>(id);
}

// to[r][c] = from[offset + r * rowStride + c * colStride]: a Gather a row, by byte offsets counted once for all rows.
template <class T>
__aicore__ inline void MoveLanes(LocalTensor<T> to, int64_t pitch, LocalTensor<T> from, LocalTensor<float> spare, int64_t rows, int64_t cols,
                                 int64_t offset, int64_t rowStride, int64_t colStride) {
  constexpr int64_t size = sizeof(T);
  LocalTensor<int32_t> steps = spare.ReinterpretCast<int32_t>();
  for (int64_t c = 0; c < cols; c += 1024) {
    const int64_t n = Least(1024, cols - c);
    Sync<HardEvent::V_S>();  // the scalar unit writes the first of them
    CreateVecIndex(steps, static_cast<int32_t>(0), static_cast<uint32_t>(n));
    PipeBarrier<PIPE_V>();
    Muls(steps, steps, static_cast<int32_t>(colStride * size), n);
    PipeBarrier<PIPE_V>();
    for (int64_t r = 0; r < rows; ++r) {
      const uint32_t base = static_cast<uint32_t>((offset + r * rowStride + c * colStride) * size);
      Gather(to[r * pitch + c], from, steps.ReinterpretCast<uint32_t>(), base, static_cast<uint32_t>(n));
    }
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

}  // namespace conv_net_alt_c569ba_pool_parts

extern "C" __global__ __aicore__ void conv_net_alt_c569ba_pool(GM_ADDR x0, GM_ADDR y1) {
  using namespace conv_net_alt_c569ba_pool_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 43008);
  TBuf<TPosition::VECCALC> m0TileBuffer;
  pipe.InitBuffer(m0TileBuffer, 21504);
  LocalTensor<float> m0Tile = m0TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> m1TileBuffer;
  pipe.InitBuffer(m1TileBuffer, 21504);
  LocalTensor<float> m1Tile = m1TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> m3TileBuffer;
  pipe.InitBuffer(m3TileBuffer, 21504);
  LocalTensor<float> m3Tile = m3TileBuffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch0Buffer;
  pipe.InitBuffer(scratch0Buffer, 672);
  LocalTensor<uint8_t> scratch0 = scratch0Buffer.Get<uint8_t>();
  TBuf<TPosition::VECCALC> scratch1Buffer;
  pipe.InitBuffer(scratch1Buffer, 21504);
  LocalTensor<float> scratch1 = scratch1Buffer.Get<float>();
  TBuf<TPosition::VECCALC> spareBuffer;
  pipe.InitBuffer(spareBuffer, 8192);
  LocalTensor<float> spare = spareBuffer.Get<float>();
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> y1Gm;
  y1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y1));

  // This core's share: a contiguous block.
  const int64_t t0Count = 2;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    const int64_t b1 = 32 * t0;
    const int64_t c2 = Least(-b1 + 64, 32);
    PipeBarrier<PIPE_V>();
    Duplicate(m0Tile, -__builtin_inff(), 8 * c2);
    for (int64_t k3 = 0; k3 < 4; ++k3) {
      LocalTensor<float> a2Tile = inQueue.AllocTensor<float>();
      const int64_t s4 = FloorMod(k3, 2);
      const int64_t q5 = FloorDiv(k3, 2);
      LoadRows(a2Tile, 16, x0Gm[32 * b1 + 16 * q5 + s4], 32, c2, 15);
      inQueue.EnQue(a2Tile);
      a2Tile = inQueue.DeQue<float>();
      MoveLanes(m1Tile, 8, a2Tile, spare, c2, 8, 0, 16, 2);
      PipeBarrier<PIPE_V>();
      Compare(scratch0, m1Tile, m1Tile, CMPMODE::NE, RoundUp(8 * c2, 64));
      Max(scratch1, m0Tile, m1Tile, 8 * c2);
      PipeBarrier<PIPE_V>();
      Select(scratch1, scratch0, m1Tile, scratch1, SELMODE::VSEL_TENSOR_TENSOR_MODE, 8 * c2);
      PipeBarrier<PIPE_V>();
      Compare(scratch0, m0Tile, m0Tile, CMPMODE::NE, RoundUp(8 * c2, 64));
      PipeBarrier<PIPE_V>();
      Select(m0Tile, scratch0, m0Tile, scratch1, SELMODE::VSEL_TENSOR_TENSOR_MODE, 8 * c2);
      inQueue.FreeTensor(a2Tile);
    }
    PipeBarrier<PIPE_V>();
    Sync<HardEvent::MTE3_V>();
    DataCopy(m3Tile, m0Tile, static_cast<uint32_t>(RoundUp(8 * c2, 8)));
    Sync<HardEvent::V_MTE3>();
    StoreRows(y1Gm[8 * b1], 8, m3Tile, 8, c2, 8);
  }
}
