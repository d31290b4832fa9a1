// y2 = x0 + x1
// From /out.product, /out, /residual, 3 others.
// Ascend C for Ascend910B2: --npu-arch=dav-2201, -DSOC_VERSION=Ascend910B2.
#include "kernel_operator.h"

using namespace AscendC;

namespace attention_block_residual_parts {

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

}  // namespace attention_block_residual_parts

// n0: columns, elements of x0, elements of x1, elements of y2
// n1: columns of a tile
// n2: pitch of a tile
// n4: tiles to cover the columns, tiles in all
extern "C" __global__ __aicore__ void attention_block_residual(GM_ADDR x0, GM_ADDR x1, GM_ADDR y2, int32_t n0, int32_t n1, int32_t n2, int32_t n4) {
  using namespace attention_block_residual_parts;
  TPipe pipe;
  TQue<TPosition::VECIN, 1> inQueue;
  pipe.InitBuffer(inQueue, 2, 57344);
  TQue<TPosition::VECOUT, 1> outQueue;
  pipe.InitBuffer(outQueue, 2, 28672);
  GlobalTensor<float> x0Gm;
  x0Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x0));
  GlobalTensor<float> x1Gm;
  x1Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(x1));
  GlobalTensor<float> y2Gm;
  y2Gm.SetGlobalBuffer(reinterpret_cast<__gm__ float*>(y2));

  // This core's share: a contiguous block.
  const int64_t t0Count = n4;
  const int64_t t0Begin = t0Count * GetBlockIdx() / GetBlockNum();
  const int64_t t0End = t0Count * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t0 = t0Begin; t0 < t0End; ++t0) {
    LocalTensor<uint8_t> inBytes = inQueue.AllocTensor<uint8_t>();
    LocalTensor<float> a0Tile = inBytes.ReinterpretCast<float>();
    LocalTensor<float> a1Tile = inBytes[28672].ReinterpretCast<float>();
    const int64_t b1 = n1 * t0;
    const int64_t c2 = Least(-b1 + n0, n1);
    LoadRun(a0Tile, x0Gm[b1], c2);
    LoadRun(a1Tile, x1Gm[b1], c2);
    inQueue.EnQue(inBytes);
    inBytes = inQueue.DeQue<uint8_t>();
    LocalTensor<float> y2Tile = outQueue.AllocTensor<float>();
    Add(y2Tile, a0Tile, a1Tile, n2);
    inQueue.FreeTensor(inBytes);
    outQueue.EnQue(y2Tile);
    y2Tile = outQueue.DeQue<float>();
    StoreRun(y2Gm[b1], y2Tile, c2);
    outQueue.FreeTensor(y2Tile);
  }
}
