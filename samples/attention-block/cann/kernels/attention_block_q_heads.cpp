// y1 = x0
// From /q.product, /q, /q.parts, 5 others.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace attention_block_q_heads_parts {

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

}  // namespace attention_block_q_heads_parts

// n0: rows
// n1: columns of a tile
// n2: pitch of a tile
// n3: rows of a tile
// n4: tiles to cover the rows
// n5: tiles to cover the columns
// n7: elements from one outer turn to the next
// n8: tiles in all
extern "C" __global__ __aicore__ void attention_block_q_heads(GM_ADDR x0, GM_ADDR y1, int32_t n0, int32_t n1, int32_t n2, int32_t n3, int32_t n4, int32_t n5, int32_t n7, int32_t n8) {
  using namespace attention_block_q_heads_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 43008);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 43008);
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> y1Gm;
  y1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y1));

  // This core's share: a contiguous block.
  const int64_t t0Count = n8;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    LocalTensor<float> a0Tile = inQueue.AllocTensor<float>();
    const int64_t j1 = FloorMod(t0, n5);
    const int64_t q2 = FloorDiv(t0, n5);
    const int64_t i3 = FloorMod(q2, n4);
    const int64_t q4 = FloorDiv(q2, n4);
    const int64_t b5 = i3 * n3;
    const int64_t c6 = Least(-b5 + n0, n3);
    const int64_t b7 = j1 * n1;
    const int64_t c8 = Least(-b7 + 8, n1);
    LoadRows(a0Tile, n2, x0Gm[32 * b5 + b7 + 8 * q4], 32, c6, c8);
    inQueue.EnQue(a0Tile);
    a0Tile = inQueue.DeQue<float>();
    LocalTensor<float> y1Tile = outQueue.AllocTensor<float>();
    DataCopy(y1Tile, a0Tile, static_cast<uint32_t>(RoundUp(c6 * n2, 8)));
    inQueue.FreeTensor(a0Tile);
    outQueue.EnQue(y1Tile);
    y1Tile = outQueue.DeQue<float>();
    StoreRows(y1Gm[8 * b5 + b7 + n7 * q4], 8, y1Tile, n2, c6, c8);
    outQueue.FreeTensor(y1Tile);
  }
}
