// Probe 4: y = where(c and x > 0, x, z), and the mask as bools; c is bool, z holds infinities. Written by hand.
// --npu-arch=dav-2201 -DSOC_VERSION=Ascend910B2
#include "kernel_operator.h"

using namespace AscendC;

constexpr int32_t kTile = 2048;

extern "C" __global__ __aicore__ void probe_where(GM_ADDR c, GM_ADDR x, GM_ADDR z, GM_ADDR y, GM_ADDR m, int32_t n) {
  TPipe pipe;
  TQue<TPosition::VECIN, 1> in;
  TQue<TPosition::VECOUT, 1> out;
  TBuf<TPosition::VECCALC> bitsBuffer, otherBuffer, halfBuffer, wideBuffer;
  pipe.InitBuffer(in, 2, kTile * (1 + 4 + 4));
  pipe.InitBuffer(out, 2, kTile * (4 + 1));
  pipe.InitBuffer(bitsBuffer, kTile / 8);
  pipe.InitBuffer(otherBuffer, kTile / 8);
  pipe.InitBuffer(halfBuffer, kTile * sizeof(half));
  pipe.InitBuffer(wideBuffer, kTile * sizeof(half));
  LocalTensor<uint8_t> bits = bitsBuffer.Get<uint8_t>(), other = otherBuffer.Get<uint8_t>();
  LocalTensor<half> halves = halfBuffer.Get<half>(), ones = wideBuffer.Get<half>();
  GlobalTensor<uint8_t> cGm, mGm;
  GlobalTensor<float> xGm, zGm, yGm;
  cGm.SetGlobalBuffer((__gm__ uint8_t*)c);
  mGm.SetGlobalBuffer((__gm__ uint8_t*)m);
  xGm.SetGlobalBuffer((__gm__ float*)x);
  zGm.SetGlobalBuffer((__gm__ float*)z);
  yGm.SetGlobalBuffer((__gm__ float*)y);

  const int64_t tiles = (n + kTile - 1) / kTile;
  const int64_t begin = tiles * GetBlockIdx() / GetBlockNum(), end = tiles * (GetBlockIdx() + 1) / GetBlockNum();
  for (int64_t t = begin; t < end; ++t) {
    const int64_t at = t * kTile, count = n - at < kTile ? n - at : kTile;
    const DataCopyExtParams floats{1, static_cast<uint32_t>(count * 4), 0, 0, 0}, bytes{1, static_cast<uint32_t>(count), 0, 0, 0};
    LocalTensor<uint8_t> loaded = in.AllocTensor<uint8_t>();
    LocalTensor<float> xs = loaded.ReinterpretCast<float>(), zs = loaded[kTile * 4].ReinterpretCast<float>();
    LocalTensor<uint8_t> cs = loaded[kTile * 8];
    DataCopyPad(xs, xGm[at], floats, {false, 0, 0, 0.0f});
    DataCopyPad(zs, zGm[at], floats, {false, 0, 0, 0.0f});
    DataCopyPad(cs, cGm[at], bytes, {false, 0, 0, 0});
    in.EnQue(loaded);
    loaded = in.DeQue<uint8_t>();
    LocalTensor<float> ys = out.AllocTensor<float>();
    LocalTensor<uint8_t> ms = ys.ReinterpretCast<uint8_t>()[kTile * 4];
    // A bool is a byte: it becomes a half, and a half becomes a bit.
    PipeBarrier<PIPE_V>();  // halves and bits of the tile before
    Cast(halves, cs, RoundMode::CAST_NONE, kTile);
    PipeBarrier<PIPE_V>();
    CompareScalar(bits, halves, static_cast<half>(0), CMPMODE::NE, kTile);
    CompareScalar(other, xs, 0.0f, CMPMODE::GT, kTile);
    PipeBarrier<PIPE_V>();
    And(bits.ReinterpretCast<uint16_t>(), bits.ReinterpretCast<uint16_t>(), other.ReinterpretCast<uint16_t>(), kTile / 16);
    Duplicate(ones, static_cast<half>(1), kTile);
    PipeBarrier<PIPE_V>();
    Select(ys, bits, xs, zs, SELMODE::VSEL_TENSOR_TENSOR_MODE, kTile);
    Select(halves, bits, ones, static_cast<half>(0), SELMODE::VSEL_TENSOR_SCALAR_MODE, kTile);
    PipeBarrier<PIPE_V>();
    Cast(ms, halves, RoundMode::CAST_RINT, kTile);
    in.FreeTensor(loaded);
    out.EnQue(ys);
    ys = out.DeQue<float>();
    DataCopyPad(yGm[at], ys, floats);
    DataCopyPad(mGm[at], ms, bytes);
    out.FreeTensor(ys);
  }
}
