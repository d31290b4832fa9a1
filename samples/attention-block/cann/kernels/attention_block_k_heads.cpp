// y1 = x0
// From /k.product, /k, /k.parts, /k.heads.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace attention_block_k_heads_parts {

__aicore__ inline int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0); }

__aicore__ inline int64_t FloorMod(int64_t a, int64_t b) { return a - FloorDiv(a, b) * b; }

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

}  // namespace attention_block_k_heads_parts

// n0: columns, elements from row to row
// n1: columns of a tile
// n2: pitch of a tile
// n3: rows of a tile
// n5: tiles to cover the columns
// n7: pitch of a turned tile
// n8: tiles in all
extern "C" __global__ __aicore__ void attention_block_k_heads(GM_ADDR x0, GM_ADDR y1, int32_t n0, int32_t n1, int32_t n2, int32_t n3, int32_t n5, int32_t n7, int32_t n8) {
  using namespace attention_block_k_heads_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 43008);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 43008);
  TBuf<TPosition::VECCALC> spareBuffer;
  pipe.InitBuffer(spareBuffer, 8192);
  LocalTensor<float> spare = spareBuffer.Get<float>();
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> y1Gm;
  y1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y1));

  // This core's share: a contiguous block.
  const int64_t t0Count = n8;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    LocalTensor<float> a1Tile = inQueue.AllocTensor<float>();
    const int64_t j1 = FloorMod(t0, n5);
    const int64_t q2 = FloorDiv(t0, n5);
    const int64_t b3 = n3 * q2;
    const int64_t c4 = Least(-b3 + 32, n3);
    const int64_t b5 = j1 * n1;
    const int64_t c6 = Least(-b5 + n0, n1);
    LoadRows(a1Tile, n7, x0Gm[b3 + 32 * b5], 32, c6, c4);
    inQueue.EnQue(a1Tile);
    a1Tile = inQueue.DeQue<float>();
    LocalTensor<float> m0Tile = outQueue.AllocTensor<float>();
    MoveLanes(m0Tile, n2, a1Tile, spare, c4, c6, 0, 1, n7);
    inQueue.FreeTensor(a1Tile);
    outQueue.EnQue(m0Tile);
    m0Tile = outQueue.DeQue<float>();
    StoreRows(y1Gm[b3 * n0 + b5], n0, m0Tile, n2, c4, c6);
    outQueue.FreeTensor(m0Tile);
  }
}
