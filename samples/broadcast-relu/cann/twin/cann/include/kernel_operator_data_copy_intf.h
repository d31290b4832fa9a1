// Copies between global memory and the unified buffer, and inside the latter.
#pragma once
#include "kernel_tensor.h"

namespace AscendC {

struct DataCopyParams {
  uint16_t blockCount;  // 1..4095
  uint16_t blockLen;    // blocks of 32 bytes, as are the gaps
  uint16_t srcStride;
  uint16_t dstStride;
};
struct DataCopyExtParams {
  uint16_t blockCount;
  uint32_t blockLen;   // bytes
  uint32_t srcStride;  // gap: bytes in global memory, blocks of 32 bytes in the unified buffer
  uint32_t dstStride;
  uint32_t rsv;
};
template <class T>
struct DataCopyPadExtParams {
  bool isPad;
  uint8_t leftPadding;
  uint8_t rightPadding;
  T paddingValue;
};

}  // namespace AscendC

namespace twin::cann {

void copy_in_pad(const View& dst, const void* src, size_t element, const AscendC::DataCopyExtParams& params, bool pad, unsigned left, unsigned right,
                 const void* value, int line);
void copy_out_pad(void* dst, const View& src, size_t element, const AscendC::DataCopyExtParams& params, int line);
void copy_in(const View& dst, const void* src, const AscendC::DataCopyParams& params, int line);
void copy_out(void* dst, const View& src, const AscendC::DataCopyParams& params, int line);
void copy_local(const View& dst, const View& src, const AscendC::DataCopyParams& params, int line);
// The contiguous forms, whose length may exceed what a block count of sixteen bits holds.
void copy_in_run(const View& dst, const void* src, size_t bytes, int line);
void copy_out_run(void* dst, const View& src, size_t bytes, int line);
void copy_local_run(const View& dst, const View& src, size_t bytes, int line);

}  // namespace twin::cann

namespace AscendC {

template <class T>
void DataCopyPad(const LocalTensor<T>& dst, const GlobalTensor<T>& src, const DataCopyExtParams& params, const DataCopyPadExtParams<T>& pad,
                 int line = __builtin_LINE()) {
  twin::cann::copy_in_pad(dst.view, src.address, sizeof(T), params, pad.isPad, pad.leftPadding, pad.rightPadding, &pad.paddingValue, line);
}
template <class T>
void DataCopyPad(const GlobalTensor<T>& dst, const LocalTensor<T>& src, const DataCopyExtParams& params, int line = __builtin_LINE()) {
  twin::cann::copy_out_pad(dst.address, src.view, sizeof(T), params, line);
}
template <class T>
void DataCopy(const LocalTensor<T>& dst, const GlobalTensor<T>& src, const DataCopyParams& params, int line = __builtin_LINE()) {
  twin::cann::copy_in(dst.view, src.address, params, line);
}
template <class T>
void DataCopy(const GlobalTensor<T>& dst, const LocalTensor<T>& src, const DataCopyParams& params, int line = __builtin_LINE()) {
  twin::cann::copy_out(dst.address, src.view, params, line);
}
template <class T>
void DataCopy(const LocalTensor<T>& dst, const LocalTensor<T>& src, const DataCopyParams& params, int line = __builtin_LINE()) {
  twin::cann::copy_local(dst.view, src.view, params, line);
}
template <class T>
void DataCopy(const LocalTensor<T>& dst, const GlobalTensor<T>& src, const uint32_t count, int line = __builtin_LINE()) {
  twin::cann::copy_in_run(dst.view, src.address, count * sizeof(T), line);
}
template <class T>
void DataCopy(const GlobalTensor<T>& dst, const LocalTensor<T>& src, const uint32_t count, int line = __builtin_LINE()) {
  twin::cann::copy_out_run(dst.address, src.view, count * sizeof(T), line);
}
template <class T>
void DataCopy(const LocalTensor<T>& dst, const LocalTensor<T>& src, const uint32_t count, int line = __builtin_LINE()) {
  twin::cann::copy_local_run(dst.view, src.view, count * sizeof(T), line);
}

}  // namespace AscendC
