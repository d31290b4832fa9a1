// y2 = 0.5 * (x0 + x1) * (1 + erf((x0 + x1) * 0.70710677))
// From /up, /gelu.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace attention_block_gelu_parts {

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

}  // namespace attention_block_gelu_parts

// n0: rows
// n1: columns of a tile
// n2: pitch of a tile
// n3: rows of a tile
// n5: tiles to cover the columns
// n7: tiles in all
extern "C" __global__ __aicore__ void attention_block_gelu(GM_ADDR x0, GM_ADDR x1, GM_ADDR y2, int32_t n0, int32_t n1, int32_t n2, int32_t n3, int32_t n5, int32_t n7) {
  using namespace attention_block_gelu_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 28672);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 14336);
  TBuf<TPosition::VECCALC> scratch0Buffer;
  pipe.InitBuffer(scratch0Buffer, 14336);
  LocalTensor<float> scratch0 = scratch0Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch1Buffer;
  pipe.InitBuffer(scratch1Buffer, 14336);
  LocalTensor<float> scratch1 = scratch1Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch2Buffer;
  pipe.InitBuffer(scratch2Buffer, 14336);
  LocalTensor<float> scratch2 = scratch2Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch3Buffer;
  pipe.InitBuffer(scratch3Buffer, 14336);
  LocalTensor<float> scratch3 = scratch3Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch4Buffer;
  pipe.InitBuffer(scratch4Buffer, 14336);
  LocalTensor<float> scratch4 = scratch4Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch5Buffer;
  pipe.InitBuffer(scratch5Buffer, 448);
  LocalTensor<uint8_t> scratch5 = scratch5Buffer.Get<uint8_t>();
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> x1Gm;
  x1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x1));
  GlobalTensor<float> y2Gm;
  y2Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y2));

  // This core's share: a contiguous block.
  const int64_t t0Count = n7;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    LocalTensor<uint8_t> inBytes = inQueue.AllocTensor<uint8_t>();
    LocalTensor<float> a0Tile = inBytes.ReinterpretCast<float>();
    LocalTensor<float> a1Tile = inBytes[14336].ReinterpretCast<float>();
    const int64_t j1 = FloorMod(t0, n5);
    const int64_t q2 = FloorDiv(t0, n5);
    const int64_t b3 = n3 * q2;
    const int64_t c4 = Least(-b3 + n0, n3);
    const int64_t b5 = j1 * n1;
    const int64_t c6 = Least(-b5 + 64, n1);
    LoadRows(a0Tile, n2, x0Gm[64 * b3 + b5], 64, c4, c6);
    LoadRun(a1Tile, x1Gm[b5], c6);
    inQueue.EnQue(inBytes);
    inBytes = inQueue.DeQue<uint8_t>();
    LocalTensor<float> y2Tile = outQueue.AllocTensor<float>();
    for (int64_t r_2 = 0; r_2 < c4; ++r_2) {
      Add(y2Tile[r_2 * n2], a0Tile[r_2 * n2], a1Tile, c6);
    }
    PipeBarrier<PIPE_V>();
    Muls(scratch0, y2Tile, 0.70710677f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Maxs(scratch1, scratch0, -4.0f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mins(scratch1, scratch1, 4.0f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch2, scratch1, scratch1, c4 * n2);
    PipeBarrier<PIPE_V>();
    Muls(scratch3, scratch2, -2.7261424e-10f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, 2.7706815e-8f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch3, scratch3, scratch2, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.000002101024f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch3, scratch3, scratch2, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.000056925062f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch3, scratch3, scratch2, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.00073499064f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch3, scratch3, scratch2, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.0029546f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch3, scratch3, scratch2, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.016096033f, c4 * n2);
    Muls(scratch4, scratch2, -0.0000145660715f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch4, scratch4, -0.00021337405f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch4, scratch4, scratch2, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch4, scratch4, -0.001682827f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch4, scratch4, scratch2, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch4, scratch4, -0.0073733293f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch4, scratch4, scratch2, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch4, scratch4, -0.014264739f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Div(scratch2, scratch3, scratch4, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch1, scratch1, scratch2, c4 * n2);
    Compare(scratch5, scratch0, scratch0, CMPMODE::NE, RoundUp(c4 * n2, 64));
    PipeBarrier<PIPE_V>();
    Select(scratch0, scratch5, scratch0, scratch1, SELMODE::VSEL_TENSOR_TENSOR_MODE, c4 * n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch0, scratch0, 1.0f, c4 * n2);
    Muls(y2Tile, y2Tile, 0.5f, c4 * n2);
    PipeBarrier<PIPE_V>();
    Mul(y2Tile, y2Tile, scratch0, c4 * n2);
    inQueue.FreeTensor(inBytes);
    outQueue.EnQue(y2Tile);
    y2Tile = outQueue.DeQue<float>();
    StoreRows(y2Gm[64 * b3 + b5], 64, y2Tile, n2, c4, c6);
    outQueue.FreeTensor(y2Tile);
  }
}
