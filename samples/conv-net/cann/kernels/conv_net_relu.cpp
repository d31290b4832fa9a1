// y1 = max(x0, 0)
// From /relu.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace conv_net_relu_parts {

__aicore__ inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }

// Copies in one run of elements.
template <class T>
__aicore__ inline void LoadRun(const LocalTensor<T>& to, const GlobalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run, DataCopyPadExtParams<T>{false, 0, 0, T()});
}

// Copies out one run of elements.
template <class T>
__aicore__ inline void StoreRun(const GlobalTensor<T>& to, const LocalTensor<T>& from, int64_t count) {
  const DataCopyExtParams run{1, static_cast<uint32_t>(count * sizeof(T)), 0, 0, 0};
  DataCopyPad(to, from, run);
}

}  // namespace conv_net_relu_parts

extern "C" __global__ __aicore__ void conv_net_relu(GM_ADDR x0, GM_ADDR y1) {
  using namespace conv_net_relu_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 34816);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 34816);
  TBuf<TPosition::VECCALC> scratch0Buffer;
  pipe.InitBuffer(scratch0Buffer, 1088);
  LocalTensor<uint8_t> scratch0 = scratch0Buffer.Get<uint8_t>();
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> y1Gm;
  y1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y1));

  // This core's share: a contiguous block.
  const int64_t t0Count = 8;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    LocalTensor<float> a0Tile = inQueue.AllocTensor<float>();
    const int64_t b1 = 256 * t0;
    const int64_t c2 = Least(-b1 + 2048, 256);
    LoadRun(a0Tile, x0Gm[b1], c2);
    inQueue.EnQue(a0Tile);
    a0Tile = inQueue.DeQue<float>();
    LocalTensor<float> y1Tile = outQueue.AllocTensor<float>();
    PipeBarrier<PIPE_V>();
    Compare(scratch0, a0Tile, a0Tile, CMPMODE::NE, 256);
    Maxs(y1Tile, a0Tile, 0.0f, 256);
    PipeBarrier<PIPE_V>();
    Select(y1Tile, scratch0, a0Tile, y1Tile, SELMODE::VSEL_TENSOR_TENSOR_MODE, 256);
    inQueue.FreeTensor(a0Tile);
    outQueue.EnQue(y1Tile);
    y1Tile = outQueue.DeQue<float>();
    StoreRun(y1Gm[b1], y1Tile, c2);
    outQueue.FreeTensor(y1Tile);
  }
}
