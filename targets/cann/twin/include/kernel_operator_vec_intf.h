// The vector instructions in their first-n form. Each checks dtype and alignment against the chip (../vector.cpp).
#pragma once
#include "kernel_tensor.h"

namespace twin::cann {

// The rows of instructions.gen.h by name.
enum class Op : uint8_t {
#define BINARY(Name, ...) Name,
#define BINARY_SCALAR(Name, ...) Name,
#define UNARY(Name, ...) Name,
#include "instructions.gen.h"
#undef BINARY
#undef BINARY_SCALAR
#undef UNARY
};
enum class Reduction : uint8_t { sum, max, min };

void binary(Op op, Type type, const View& dst, const View& a, const View& b, int64_t count, int line);
void binary_scalar(Op op, Type type, const View& dst, const View& a, const void* scalar, int64_t count, int line);
void unary(Op op, Type type, const View& dst, const View& src, int64_t count, int line);
void cast(Type to, Type from, AscendC::RoundMode mode, const View& dst, const View& src, int64_t count, int line);
void compare(AscendC::CMPMODE mode, Type type, const View& dst, const View& a, const View* b, const void* scalar, int64_t count, int line);
void select(AscendC::SELMODE mode, Type type, const View& dst, const View& mask, const View& a, const View* b, const void* scalar, int64_t count, int line);
void duplicate(Type type, const View& dst, const void* scalar, int64_t count, int line);
void create_index(Type type, const View& dst, const void* first, int64_t count, int line);
void gather(Type type, const View& dst, const View& src, const View& byte_offsets, uint32_t base, int64_t count, int line);
void reduce(Reduction fn, Type type, const View& dst, const View& src, const View& work, int64_t count, bool index, int line);

}  // namespace twin::cann

namespace AscendC {

#define BINARY(Name, ...)                                                                                                                 \
  template <class T>                                                                                                                      \
  void Name(const LocalTensor<T>& dst, const LocalTensor<T>& src0, const LocalTensor<T>& src1, const int32_t& count, int line = __builtin_LINE()) { \
    twin::cann::binary(twin::cann::Op::Name, twin::cann::type_of<T>(), dst.view, src0.view, src1.view, count, line);                      \
  }
#define BINARY_SCALAR(Name, ...)                                                                                                  \
  template <class T>                                                                                                              \
  void Name(const LocalTensor<T>& dst, const LocalTensor<T>& src, const T& scalar, const int32_t& count, int line = __builtin_LINE()) { \
    twin::cann::binary_scalar(twin::cann::Op::Name, twin::cann::type_of<T>(), dst.view, src.view, &scalar, count, line);          \
  }
#define UNARY(Name, ...)                                                                                         \
  template <class T>                                                                                             \
  void Name(const LocalTensor<T>& dst, const LocalTensor<T>& src, const int32_t& count, int line = __builtin_LINE()) { \
    twin::cann::unary(twin::cann::Op::Name, twin::cann::type_of<T>(), dst.view, src.view, count, line);          \
  }
#include "instructions.gen.h"
#undef BINARY
#undef BINARY_SCALAR
#undef UNARY

template <class T, class U>
void Cast(const LocalTensor<T>& dst, const LocalTensor<U>& src, const RoundMode& mode, const uint32_t count, int line = __builtin_LINE()) {
  twin::cann::cast(twin::cann::type_of<T>(), twin::cann::type_of<U>(), mode, dst.view, src.view, count, line);
}

template <class T, class U>
void Compare(const LocalTensor<U>& dst, const LocalTensor<T>& src0, const LocalTensor<T>& src1, CMPMODE mode, uint32_t count, int line = __builtin_LINE()) {
  static_assert(sizeof(U) == 1, "the result of Compare is packed bits in uint8_t or int8_t");
  twin::cann::compare(mode, twin::cann::type_of<T>(), dst.view, src0.view, &src1.view, nullptr, count, line);
}
template <class T, class U>
void CompareScalar(const LocalTensor<U>& dst, const LocalTensor<T>& src0, const T src1, CMPMODE mode, uint32_t count, int line = __builtin_LINE()) {
  static_assert(sizeof(U) == 1, "the result of CompareScalar is packed bits in uint8_t or int8_t");
  twin::cann::compare(mode, twin::cann::type_of<T>(), dst.view, src0.view, nullptr, &src1, count, line);
}

template <class T, class U>
void Select(const LocalTensor<T>& dst, const LocalTensor<U>& mask, const LocalTensor<T>& src0, const LocalTensor<T>& src1, SELMODE mode, uint32_t count,
            int line = __builtin_LINE()) {
  twin::cann::select(mode, twin::cann::type_of<T>(), dst.view, mask.view, src0.view, &src1.view, nullptr, count, line);
}
template <class T, class U>
void Select(const LocalTensor<T>& dst, const LocalTensor<U>& mask, const LocalTensor<T>& src0, T src1, SELMODE mode, uint32_t count,
            int line = __builtin_LINE()) {
  twin::cann::select(mode, twin::cann::type_of<T>(), dst.view, mask.view, src0.view, nullptr, &src1, count, line);
}

template <class T>
void Duplicate(const LocalTensor<T>& dst, const T& scalar, const int32_t& count, int line = __builtin_LINE()) {
  twin::cann::duplicate(twin::cann::type_of<T>(), dst.view, &scalar, count, line);
}
template <class T>
void CreateVecIndex(LocalTensor<T> dst, const T& first, uint32_t count, int line = __builtin_LINE()) {
  twin::cann::create_index(twin::cann::type_of<T>(), dst.view, &first, count, line);
}
template <class T>
void Gather(const LocalTensor<T>& dst, const LocalTensor<T>& src, const LocalTensor<uint32_t>& byteOffsets, const uint32_t base, const uint32_t count,
            int line = __builtin_LINE()) {
  twin::cann::gather(twin::cann::type_of<T>(), dst.view, src.view, byteOffsets.view, base, count, line);
}

template <class T>
void ReduceSum(const LocalTensor<T>& dst, const LocalTensor<T>& src, const LocalTensor<T>& work, const int32_t count, int line = __builtin_LINE()) {
  twin::cann::reduce(twin::cann::Reduction::sum, twin::cann::type_of<T>(), dst.view, src.view, work.view, count, false, line);
}
template <class T>
void ReduceMax(const LocalTensor<T>& dst, const LocalTensor<T>& src, const LocalTensor<T>& work, const int32_t count, bool calIndex = false,
               int line = __builtin_LINE()) {
  twin::cann::reduce(twin::cann::Reduction::max, twin::cann::type_of<T>(), dst.view, src.view, work.view, count, calIndex, line);
}
template <class T>
void ReduceMin(const LocalTensor<T>& dst, const LocalTensor<T>& src, const LocalTensor<T>& work, const int32_t count, bool calIndex = false,
               int line = __builtin_LINE()) {
  twin::cann::reduce(twin::cann::Reduction::min, twin::cann::type_of<T>(), dst.view, src.view, work.view, count, calIndex, line);
}

}  // namespace AscendC
