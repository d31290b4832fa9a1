// y3 = x0 + (x1 + x2)
// From /out, /residual, /down, /y.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace attention_block_residual_parts {

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

// Copies in one run of elements.
template <class T>
__aicore__ inline void LoadRun(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run, DataCopyPadExtParams<T>{false, 0, 0, T()});
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

}  // namespace attention_block_residual_parts

// n0: rows
// n1: columns of a tile
// n2: pitch of a tile
// n3: rows of a tile
// n5: tiles to cover the columns
// n7: tiles in all
extern "C" __global__ __aicore__ void attention_block_residual(GM_ADDR x0, GM_ADDR x1, GM_ADDR x2, GM_ADDR y3, int32_t n0, int32_t n1, int32_t n2, int32_t n3, int32_t n5, int32_t n7) {
  using namespace attention_block_residual_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 58368);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 19456);
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> x1Gm;
  x1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x1));
  GlobalTensor<float> x2Gm;
  x2Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x2));
  GlobalTensor<float> y3Gm;
  y3Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y3));

  // This core's share: a contiguous block.
  const int64_t t0Count = n7;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    LocalTensor<uint8_t> inBytes = inQueue.AllocTensor<uint8_t>();
    LocalTensor<float> a0Tile = inBytes.ReinterpretCast<float>();
    LocalTensor<float> a1Tile = inBytes[19456].ReinterpretCast<float>();
    LocalTensor<float> a2Tile = inBytes[38912].ReinterpretCast<float>();
    const int64_t j1 = FloorMod(t0, n5);
    const int64_t q2 = FloorDiv(t0, n5);
    const int64_t b3 = n3 * q2;
    const int64_t c4 = Least(-b3 + n0, n3);
    const int64_t b5 = j1 * n1;
    const int64_t c6 = Least(-b5 + 32, n1);
    LoadRows(a0Tile, n2, x0Gm[32 * b3 + b5], 32, c4, c6);
    LoadRows(a1Tile, n2, x1Gm[32 * b3 + b5], 32, c4, c6);
    LoadRun(a2Tile, x2Gm[b5], c6);
    inQueue.EnQue(inBytes);
    inBytes = inQueue.DeQue<uint8_t>();
    LocalTensor<float> y3Tile = outQueue.AllocTensor<float>();
    for (int64_t r_2 = 0; r_2 < c4; ++r_2) {
      Add(y3Tile[r_2 * n2], a1Tile[r_2 * n2], a2Tile, c6);
    }
    PipeBarrier<PIPE_V>();
    Add(y3Tile, a0Tile, y3Tile, c4 * n2);
    inQueue.FreeTensor(inBytes);
    outQueue.EnQue(y3Tile);
    y3Tile = outQueue.DeQue<float>();
    StoreRows(y3Gm[32 * b3 + b5], 32, y3Tile, n2, c4, c6);
    outQueue.FreeTensor(y3Tile);
  }
}
