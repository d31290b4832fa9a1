// Tensors, enumerations and qualifiers of Ascend C as the twin knows them. Kernels include kernel_operator.h.
// Declarations only: the work is done by out-of-line functions that take a type tag (../device.h).
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "half.h"

#define __aicore__
#define __global__
#define __gm__
#define __ubuf__
typedef uint8_t* GM_ADDR;

struct bfloat16_t {
  uint16_t bits;
};

enum pipe_t { PIPE_S, PIPE_V, PIPE_MTE2, PIPE_MTE3, PIPE_ALL };

namespace twin::cann {

enum class Type : uint8_t { f16, f32, bf16, i8, u8, i16, u16, i32, u32, i64, u64 };

template <class T>
constexpr Type type_of();
template <>
constexpr Type type_of<half>() { return Type::f16; }
template <>
constexpr Type type_of<float>() { return Type::f32; }
template <>
constexpr Type type_of<bfloat16_t>() { return Type::bf16; }
template <>
constexpr Type type_of<int8_t>() { return Type::i8; }
template <>
constexpr Type type_of<uint8_t>() { return Type::u8; }
template <>
constexpr Type type_of<int16_t>() { return Type::i16; }
template <>
constexpr Type type_of<uint16_t>() { return Type::u16; }
template <>
constexpr Type type_of<int32_t>() { return Type::i32; }
template <>
constexpr Type type_of<uint32_t>() { return Type::u32; }
template <>
constexpr Type type_of<int64_t>() { return Type::i64; }
template <>
constexpr Type type_of<uint64_t>() { return Type::u64; }

struct Buffer;

// Where a tensor lies: an address in the unified buffer, the buffer it was cut from, and which use of that buffer.
struct View {
  uint8_t* at = nullptr;
  Buffer* buffer = nullptr;
  uint32_t generation = 0;
};

void scalar_read(const View& v, size_t bytes, int line);
void scalar_write(const View& v, size_t bytes, int line);
void global_scalar_read(const void* p, size_t bytes, int line);
void global_scalar_write(void* p, size_t bytes, int line);
void cache_write_back(bool named_destination, int line);

}  // namespace twin::cann

namespace AscendC {

enum class TPosition : uint8_t { GM, A1, A2, B1, B2, C1, C2, CO1, CO2, VECIN, VECOUT, VECCALC };
using QuePosition = TPosition;

enum class HardEvent : uint8_t { MTE2_V, V_MTE2, MTE3_V, V_MTE3, V_V, MTE3_MTE2, MTE2_MTE3, S_V, V_S, S_MTE2, MTE2_S, S_MTE3, MTE3_S, MAX };

enum class RoundMode { CAST_NONE, CAST_RINT, CAST_FLOOR, CAST_CEIL, CAST_ROUND, CAST_TRUNC, CAST_ODD };
enum class CMPMODE : uint8_t { LT, GT, EQ, LE, GE, NE };
enum class SELMODE : uint8_t { VSEL_CMPMASK_SPR, VSEL_TENSOR_SCALAR_MODE, VSEL_TENSOR_TENSOR_MODE };

enum class CacheLine { SINGLE_CACHE_LINE, ENTIRE_DATA_CACHE };
enum class DcciDst { CACHELINE_ALL, CACHELINE_UB, CACHELINE_OUT, CACHELINE_ATOMIC };

using TEventID = int8_t;

template <class T>
class LocalTensor {
 public:
  using PrimType = T;
  twin::cann::View view;
  uint32_t elements = 0;

  LocalTensor operator[](uint32_t offset) const {
    LocalTensor part = *this;
    part.view.at += offset * sizeof(T);
    part.elements = offset < elements ? elements - offset : 0;
    return part;
  }
  template <class U>
  LocalTensor<U> ReinterpretCast() const {
    LocalTensor<U> same;
    same.view = view;
    same.elements = static_cast<uint32_t>(elements * sizeof(T) / sizeof(U));
    return same;
  }
  uint32_t GetSize() const { return elements; }
  T GetValue(uint32_t index, int line = __builtin_LINE()) const {
    const twin::cann::View element = (*this)[index].view;
    twin::cann::scalar_read(element, sizeof(T), line);
    return *reinterpret_cast<const T*>(element.at);
  }
  template <class U>
  void SetValue(uint32_t index, U value, int line = __builtin_LINE()) const {
    const twin::cann::View element = (*this)[index].view;
    twin::cann::scalar_write(element, sizeof(T), line);
    *reinterpret_cast<T*>(element.at) = static_cast<T>(value);
  }
};

template <class T>
class GlobalTensor {
 public:
  using PrimType = T;
  T* address = nullptr;

  void SetGlobalBuffer(T* buffer, uint64_t = 0) { address = buffer; }
  GlobalTensor operator[](uint64_t offset) const {
    GlobalTensor part;
    part.address = address + offset;
    return part;
  }
  T GetValue(uint64_t index, int line = __builtin_LINE()) const {
    twin::cann::global_scalar_read(address + index, sizeof(T), line);
    return address[index];
  }
  void SetValue(uint64_t index, T value, int line = __builtin_LINE()) const {
    twin::cann::global_scalar_write(address + index, sizeof(T), line);
    address[index] = value;
  }
};

// Scalar stores go through a cache of the core's own; other cores and the copy pipes see them once it is written back.
template <class T, CacheLine entire, DcciDst destination>
void DataCacheCleanAndInvalid(const GlobalTensor<T>&, int line = __builtin_LINE()) {
  static_assert(entire == CacheLine::ENTIRE_DATA_CACHE && destination == DcciDst::CACHELINE_OUT, "the twin writes back the whole cache");
  twin::cann::cache_write_back(true, line);
}
// The form without a destination: the only one that 310P chips have.
template <class T, CacheLine entire>
void DataCacheCleanAndInvalid(const GlobalTensor<T>&, int line = __builtin_LINE()) {
  static_assert(entire == CacheLine::ENTIRE_DATA_CACHE, "the twin writes back the whole cache");
  twin::cann::cache_write_back(false, line);
}

// Scalar conversions of bfloat16_t.
inline float Cast(const bfloat16_t& x) {
  const uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  float f;
  __builtin_memcpy(&f, &bits, 4);
  return f;
}
inline bfloat16_t Cast(const float& x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, 4);
  if (x != x) return bfloat16_t{0x7FC0};
  return bfloat16_t{static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

}  // namespace AscendC
