// y1 = 0.5 * x0 * (1 + erf(x0 * 0.70710677))
// From /up.product, /up, /gelu.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace attention_block_gelu_parts {

__aicore__ inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }

// Copies in one run of elements.
template <class T>
__aicore__ inline void LoadRun(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run, DataCopyPadExtParams<T>{false, 0, 0, T()});
}

__aicore__ inline int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0); }

__aicore__ inline int64_t RoundUp(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// Copies out one run of elements.
template <class T>
__aicore__ inline void StoreRun(const GlobalTensor<T>& to, const LocalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run);
}

}  // namespace attention_block_gelu_parts

// n0: columns, elements of x0, elements of y1
// n1: columns of a tile
// n2: pitch of a tile
// n4: tiles to cover the columns, tiles in all
extern "C" __global__ __aicore__ void attention_block_gelu(GM_ADDR x0, GM_ADDR y1, int32_t n0, int32_t n1, int32_t n2, int32_t n4) {
  using namespace attention_block_gelu_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 18432);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 18432);
  TBuf<TPosition::VECCALC> scratch0Buffer;
  pipe.InitBuffer(scratch0Buffer, 18432);
  LocalTensor<float> scratch0 = scratch0Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch1Buffer;
  pipe.InitBuffer(scratch1Buffer, 18432);
  LocalTensor<float> scratch1 = scratch1Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch2Buffer;
  pipe.InitBuffer(scratch2Buffer, 18432);
  LocalTensor<float> scratch2 = scratch2Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch3Buffer;
  pipe.InitBuffer(scratch3Buffer, 18432);
  LocalTensor<float> scratch3 = scratch3Buffer.Get<float>();
  TBuf<TPosition::VECCALC> scratch4Buffer;
  pipe.InitBuffer(scratch4Buffer, 576);
  LocalTensor<uint8_t> scratch4 = scratch4Buffer.Get<uint8_t>();
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> y1Gm;
  y1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y1));

  // This core's share: a contiguous block.
  const int64_t t0Count = n4;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    LocalTensor<float> a0Tile = inQueue.AllocTensor<float>();
    const int64_t b1 = n1 * t0;
    const int64_t c2 = Least(-b1 + n0, n1);
    LoadRun(a0Tile, x0Gm[b1], c2);
    inQueue.EnQue(a0Tile);
    a0Tile = inQueue.DeQue<float>();
    LocalTensor<float> y1Tile = outQueue.AllocTensor<float>();
    Muls(y1Tile, a0Tile, 0.70710677f, n2);
    PipeBarrier<PIPE_V>();
    Maxs(scratch0, y1Tile, -4.0f, n2);
    PipeBarrier<PIPE_V>();
    Mins(scratch0, scratch0, 4.0f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch1, scratch0, scratch0, n2);
    PipeBarrier<PIPE_V>();
    Muls(scratch2, scratch1, -2.7261424e-10f, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch2, scratch2, 2.7706815e-8f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch2, scratch2, scratch1, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch2, scratch2, -0.000002101024f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch2, scratch2, scratch1, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch2, scratch2, -0.000056925062f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch2, scratch2, scratch1, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch2, scratch2, -0.00073499064f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch2, scratch2, scratch1, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch2, scratch2, -0.0029546f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch2, scratch2, scratch1, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch2, scratch2, -0.016096033f, n2);
    Muls(scratch3, scratch1, -0.0000145660715f, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.00021337405f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch3, scratch3, scratch1, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.001682827f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch3, scratch3, scratch1, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.0073733293f, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch3, scratch3, scratch1, n2);
    PipeBarrier<PIPE_V>();
    Adds(scratch3, scratch3, -0.014264739f, n2);
    PipeBarrier<PIPE_V>();
    Div(scratch1, scratch2, scratch3, n2);
    PipeBarrier<PIPE_V>();
    Mul(scratch0, scratch0, scratch1, n2);
    Compare(scratch4, y1Tile, y1Tile, CMPMODE::NE, RoundUp(n2, 64));
    PipeBarrier<PIPE_V>();
    Select(y1Tile, scratch4, y1Tile, scratch0, SELMODE::VSEL_TENSOR_TENSOR_MODE, n2);
    PipeBarrier<PIPE_V>();
    Adds(y1Tile, y1Tile, 1.0f, n2);
    Muls(scratch0, a0Tile, 0.5f, n2);
    PipeBarrier<PIPE_V>();
    Mul(y1Tile, scratch0, y1Tile, n2);
    inQueue.FreeTensor(a0Tile);
    outQueue.EnQue(y1Tile);
    y1Tile = outQueue.DeQue<float>();
    StoreRun(y1Gm[b1], y1Tile, c2);
    outQueue.FreeTensor(y1Tile);
  }
}
