// The vector instructions in their first-n form. Each checks dtype and alignment against the chip (../vector.cpp).
#pragma once
#include "kernel_tensor.h"

namespace twin::cann {

enum class Binary : uint8_t { add, sub, mul, div, max, min, bit_and, bit_or, shift_left, shift_right };
enum class Unary : uint8_t { abs, exp, ln, sqrt, rsqrt, reciprocal, relu, bit_not };
enum class Reduction : uint8_t { sum, max, min };

void binary(Binary fn, Type type, const View& dst, const View& a, const View& b, int64_t count, int line);
void binary_scalar(Binary fn, Type type, const View& dst, const View& a, const void* scalar, int64_t count, int line);
void unary(Unary fn, Type type, const View& dst, const View& src, int64_t count, int line);
void cast(Type to, Type from, AscendC::RoundMode mode, const View& dst, const View& src, int64_t count, int line);
void compare(AscendC::CMPMODE mode, Type type, const View& dst, const View& a, const View* b, const void* scalar, int64_t count, int line);
void select(AscendC::SELMODE mode, Type type, const View& dst, const View& mask, const View& a, const View* b, const void* scalar, int64_t count, int line);
void duplicate(Type type, const View& dst, const void* scalar, int64_t count, int line);
void create_index(Type type, const View& dst, const void* first, int64_t count, int line);
void gather(Type type, const View& dst, const View& src, const View& byte_offsets, uint32_t base, int64_t count, int line);
void reduce(Reduction fn, Type type, const View& dst, const View& src, const View& work, int64_t count, bool index, int line);

}  // namespace twin::cann

namespace AscendC {

#define TWIN_BINARY(Name, fn)                                                                                                              \
  template <class T>                                                                                                                       \
  void Name(const LocalTensor<T>& dst, const LocalTensor<T>& src0, const LocalTensor<T>& src1, const int32_t& count, int line = __builtin_LINE()) { \
    twin::cann::binary(twin::cann::Binary::fn, twin::cann::type_of<T>(), dst.view, src0.view, src1.view, count, line);                     \
  }
TWIN_BINARY(Add, add)
TWIN_BINARY(Sub, sub)
TWIN_BINARY(Mul, mul)
TWIN_BINARY(Div, div)
TWIN_BINARY(Max, max)
TWIN_BINARY(Min, min)
TWIN_BINARY(And, bit_and)
TWIN_BINARY(Or, bit_or)
#undef TWIN_BINARY

#define TWIN_BINARY_SCALAR(Name, fn)                                                                                              \
  template <class T>                                                                                                              \
  void Name(const LocalTensor<T>& dst, const LocalTensor<T>& src, const T& scalar, const int32_t& count, int line = __builtin_LINE()) { \
    twin::cann::binary_scalar(twin::cann::Binary::fn, twin::cann::type_of<T>(), dst.view, src.view, &scalar, count, line);        \
  }
TWIN_BINARY_SCALAR(Adds, add)
TWIN_BINARY_SCALAR(Muls, mul)
TWIN_BINARY_SCALAR(Maxs, max)
TWIN_BINARY_SCALAR(Mins, min)
TWIN_BINARY_SCALAR(ShiftLeft, shift_left)
TWIN_BINARY_SCALAR(ShiftRight, shift_right)
#undef TWIN_BINARY_SCALAR

#define TWIN_UNARY(Name, fn)                                                                                     \
  template <class T>                                                                                             \
  void Name(const LocalTensor<T>& dst, const LocalTensor<T>& src, const int32_t& count, int line = __builtin_LINE()) { \
    twin::cann::unary(twin::cann::Unary::fn, twin::cann::type_of<T>(), dst.view, src.view, count, line);         \
  }
TWIN_UNARY(Abs, abs)
TWIN_UNARY(Exp, exp)
TWIN_UNARY(Ln, ln)
TWIN_UNARY(Sqrt, sqrt)
TWIN_UNARY(Rsqrt, rsqrt)
TWIN_UNARY(Reciprocal, reciprocal)
TWIN_UNARY(Relu, relu)
TWIN_UNARY(Not, bit_not)
#undef TWIN_UNARY

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
