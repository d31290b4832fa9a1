// The vector unit of arch 2201, 2002 and 3002: what each instruction computes and which operands it refuses.
// Data types: facts cann/ascendc.md section 5; conversions: the castTable of asc-devkit's page on Cast.
#include <math.h>
#include <string.h>

#include <algorithm>

#include <initializer_list>
#include <limits>
#include <type_traits>

#include "device.h"

namespace twin::cann {

namespace {

constexpr size_t operand_align = 32, repeat_bytes = 256;

float widened(bfloat16_t x) {
  const uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

// One instruction of `count` lanes: a repeat works on 256 bytes, the last one may be partly idle.
void count_lanes(Type type, int64_t count) {
  const int64_t lanes = repeat_bytes / size_of(type);
  counters().lanes_busy += count;
  counters().lanes_idle += (count + lanes - 1) / lanes * lanes - count;
}

void require_type(const char* name, Type type, std::initializer_list<Type> allowed, int line) {
  for (const Type t : allowed)
    if (t == type) return;
  violation("dma-rule", line, "%s has no %s on %s", name, name_of(type), chip().name);
}

// Every instruction passes here once, before its operands are touched.
void begin_instruction(const char* name, int64_t count, int line) {
  next_instruction();
  if (count < 0 || count > (1 << 20)) violation("out-of-bounds", line, "%s over %lld lanes", name, (long long)count);
}

// Two operands may be the same bytes or disjoint; anything between reads what was just overwritten.
void require_no_partial_overlap(const View& dst, size_t dst_bytes, const View& src, size_t src_bytes, int line) {
  if (dst.at == src.at && dst_bytes == src_bytes) return;
  if (dst.at < src.at + src_bytes && src.at < dst.at + dst_bytes)
    violation("dma-rule", line, "source and destination of a vector instruction overlap partly (%td bytes apart)", dst.at - src.at);
}

template <class T>
struct Lane {
  using Wide = T;
};
template <>
struct Lane<half> {
  using Wide = float;
};

template <class T>
T number_or_zero(T x) {
  return x == x ? x : T{};
}

// Integer sums and products wrap; unsigned arithmetic says so without undefined behaviour.
template <class T>
T wrapped(T a, T b, char op) {
  if constexpr (std::is_integral_v<T>) {
    const auto x = (uint32_t)a, y = (uint32_t)b;
    return (T)(op == '+' ? x + y : op == '-' ? x - y : x * y);
  } else {
    return op == '+' ? a + b : op == '-' ? a - b : a * b;
  }
}

template <class T>
T shifted_left(T a, T b) {
  return (T)((std::make_unsigned_t<T>)a << (unsigned)b);
}

constexpr uint32_t bit(Type t) { return 1u << (unsigned)t; }

struct Rule {
  const char* name;
  int since;      // first architecture
  bool bytewise;  // defined byte by byte: masks are packed bits, of which a lane may hold more than anybody needs
  uint32_t types;
};
constexpr Rule rules[] = {
#define BINARY(Name, since, bytewise, types, ...) {#Name, since, bytewise, types},
#define BINARY_SCALAR BINARY
#define UNARY BINARY
#include "include/instructions.gen.h"
#undef BINARY
#undef BINARY_SCALAR
#undef UNARY
};

const Rule& allowed(Op op, Type type, int line) {
  const Rule& rule = rules[(int)op];
  if (chip().arch < rule.since) violation("dma-rule", line, "%s does not exist on %s", rule.name, chip().name);
  if (!(rule.types & bit(type))) violation("dma-rule", line, "%s has no %s on %s", rule.name, name_of(type), chip().name);
  return rule;
}

// d = op(x, y), lane by lane.
template <class T, class B>
void run(Op op, T* d, const T* x, B y, int64_t n) {
  using W = typename Lane<T>::Wide;
  switch (op) {
#define BINARY(Name, since, bytewise, types, ...)                     \
  case Op::Name:                                                      \
    if constexpr (((types) & bit(type_of<T>())) != 0)                 \
      for (int64_t i = 0; i < n; ++i) {                               \
        [[maybe_unused]] const W a = (W)x[i], b = (W)y(i);            \
        d[i] = (T)(__VA_ARGS__);                                      \
      }                                                               \
    return;
#define BINARY_SCALAR BINARY
#define UNARY BINARY
#include "include/instructions.gen.h"
#undef BINARY
#undef BINARY_SCALAR
#undef UNARY
  }
}

template <class F>
void by_type(Type type, F f) {
  switch (type) {
    case Type::f16:
      return f(half{});
    case Type::f32:
      return f(float{});
    case Type::i16:
      return f(int16_t{});
    case Type::u16:
      return f(uint16_t{});
    case Type::i32:
      return f(int32_t{});
    case Type::u32:
      return f(uint32_t{});
    case Type::i8:
      return f(int8_t{});
    case Type::u8:
      return f(uint8_t{});
    case Type::i64:
      return f(int64_t{});
    case Type::u64:
      return f(uint64_t{});
    case Type::bf16:
      return f(bfloat16_t{});
  }
}

template <class T>
T rounded(T x, AscendC::RoundMode mode) {
  using R = AscendC::RoundMode;
  switch (mode) {
    case R::CAST_FLOOR:
      return floor(x);
    case R::CAST_CEIL:
      return ceil(x);
    case R::CAST_ROUND:
      return round(x);
    case R::CAST_TRUNC:
      return trunc(x);
    default:
      return nearbyint(x);  // half to even
  }
}

// float to half or bfloat16 under a rounding mode, on the bits: `keep` bits of the significand stay.
uint32_t narrowed(float x, int keep_bits, AscendC::RoundMode mode) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  if ((bits & 0x7F800000u) == 0x7F800000u) return bits;
  const int drop = 23 - keep_bits;
  const uint32_t rest = bits & ((1u << drop) - 1), halfway = 1u << (drop - 1);
  const bool negative = bits >> 31, odd = (bits >> drop) & 1;
  bool up = false;
  using R = AscendC::RoundMode;
  switch (mode) {
    case R::CAST_FLOOR:
      up = negative && rest;
      break;
    case R::CAST_CEIL:
      up = !negative && rest;
      break;
    case R::CAST_ROUND:
      up = rest >= halfway;
      break;
    case R::CAST_TRUNC:
      break;
    case R::CAST_ODD:
      return rest ? ((bits >> drop) | 1) << drop : bits;
    default:
      up = rest > halfway || (rest == halfway && odd);
  }
  return ((bits >> drop) + up) << drop;
}

float float_of(uint32_t bits) {
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

template <class To, class From>
To saturated(From x) {
  if (x != x) return 0;
  constexpr double low = static_cast<double>(std::numeric_limits<To>::lowest()), high = static_cast<double>(std::numeric_limits<To>::max());
  const double v = static_cast<double>(x);
  return v <= low ? std::numeric_limits<To>::lowest() : v >= high ? std::numeric_limits<To>::max() : static_cast<To>(x);
}

template <class To, class From>
To converted(From x, AscendC::RoundMode mode) {
  if constexpr (std::is_same_v<From, bfloat16_t>) {
    if constexpr (std::is_same_v<To, float>) return widened(x);
    else return converted<To>(widened(x), mode);
  } else if constexpr (std::is_same_v<To, bfloat16_t>) {
    const float f = static_cast<float>(x);
    if (f != f) return bfloat16_t{0x7FC0};
    return bfloat16_t{static_cast<uint16_t>(narrowed(f, 7, mode) >> 16)};
  } else if constexpr (std::is_integral_v<To>) {
    if constexpr (std::is_integral_v<From>) return static_cast<To>(x);
    else return saturated<To>(rounded(static_cast<float>(x), mode));
  } else if constexpr (std::is_same_v<To, half>) {
    // Halves below the normal range keep fewer bits; the plain conversion rounds those to nearest.
    const float f = static_cast<float>(x);
    const bool nearest = mode == AscendC::RoundMode::CAST_NONE || mode == AscendC::RoundMode::CAST_RINT;
    if (nearest || f != f || fabsf(f) < 6.103515625e-05f || isinf(f)) return static_cast<half>(f);
    return static_cast<half>(float_of(narrowed(f, 10, mode)));
  } else if constexpr (std::is_same_v<To, float> && std::is_same_v<From, float>) {
    return rounded(x, mode);
  } else {
    return static_cast<To>(x);
  }
}

struct CastPair {
  Type from, to;
  const char* modes;  // N NONE, R RINT, F FLOOR, C CEIL, A ROUND, Z TRUNC, O ODD
};
constexpr CastPair casts_2201[] = {
    {Type::i8, Type::f16, "N"},       {Type::u8, Type::f16, "N"},        {Type::i16, Type::f16, "RFCAZN"}, {Type::i16, Type::f32, "N"},
    {Type::f16, Type::i8, "RFCAZN"},  {Type::f16, Type::u8, "RFCAZN"},   {Type::f16, Type::i16, "RFCAZ"},  {Type::f16, Type::i32, "RFCAZ"},
    {Type::f16, Type::f32, "N"},      {Type::bf16, Type::i32, "RFCAZ"},  {Type::bf16, Type::f32, "N"},     {Type::i32, Type::i16, "N"},
    {Type::i32, Type::f32, "RFCAZN"}, {Type::i32, Type::i64, "N"},       {Type::f32, Type::i16, "RFCAZ"},  {Type::f32, Type::f16, "RFCAZON"},
    {Type::f32, Type::bf16, "RFCAZ"}, {Type::f32, Type::i32, "RFCAZ"},   {Type::f32, Type::f32, "RFCAZ"},  {Type::f32, Type::i64, "RFCAZ"},
    {Type::i64, Type::i32, "N"},      {Type::i64, Type::f32, "RFCAZ"},
};
constexpr CastPair casts_2002[] = {
    {Type::i8, Type::f16, "N"},      {Type::u8, Type::f16, "N"},     {Type::i16, Type::f16, "N"},      {Type::f16, Type::i8, "FCAZN"},
    {Type::f16, Type::u8, "FCAZN"},  {Type::f16, Type::i16, "R"},    {Type::f16, Type::i32, "RFCAZ"},  {Type::f16, Type::f32, "N"},
    {Type::i32, Type::i16, "N"},     {Type::i32, Type::f32, "N"},    {Type::f32, Type::f16, "ON"},     {Type::f32, Type::i64, "RFCAZ"},
};

void require_cast(Type from, Type to, AscendC::RoundMode mode, int line) {
  if ((from == Type::bf16 || to == Type::bf16) && !chip().has(bfloat)) violation("dma-rule", line, "there is no bfloat16_t on %s", chip().name);
  const char letter = "NRFCAZO"[static_cast<int>(mode)];
  const auto look = [&](const CastPair* pairs, size_t how_many) {
    for (size_t i = 0; i < how_many; ++i)
      if (pairs[i].from == from && pairs[i].to == to) return strchr(pairs[i].modes, letter) != nullptr;
    return false;
  };
  const bool allowed = chip().has(casts_float_to_int32) ? look(casts_2201, sizeof casts_2201 / sizeof *casts_2201) : look(casts_2002, sizeof casts_2002 / sizeof *casts_2002);
  if (!allowed) violation("dma-rule", line, "Cast from %s to %s with rounding %c does not exist on %s", name_of(from), name_of(to), letter, chip().name);
}

}  // namespace

void binary(Op op, Type type, const View& dst, const View& a, const View& b, int64_t count, int line) {
  const Rule& rule = allowed(op, type, line);
  begin_instruction(rule.name, count, line);
  const size_t size = size_of(type), bytes = size * count, unit = rule.bytewise ? 1 : size;
  const Lanes sources[] = {{touch(a, bytes, V, false, operand_align, line), unit}, {touch(b, bytes, V, false, operand_align, line), unit}};
  require_no_partial_overlap(dst, bytes, a, bytes, line);
  require_no_partial_overlap(dst, bytes, b, bytes, line);
  define(touch(dst, bytes, V, true, operand_align, line), unit, bytes / unit, sources, 2, line);
  count_lanes(type, count);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    if constexpr (!std::is_same_v<T, bfloat16_t>) {
      const T* other = reinterpret_cast<const T*>(b.at);
      run(op, reinterpret_cast<T*>(dst.at), reinterpret_cast<const T*>(a.at), [other](int64_t i) { return other[i]; }, count);
    }
  });
}

// One operand, and a number that is the same for all lanes or not looked at.
void one_operand(Op op, Type type, const View& dst, const View& src, const void* scalar, int64_t count, int line) {
  const Rule& rule = allowed(op, type, line);
  begin_instruction(rule.name, count, line);
  const size_t size = size_of(type), bytes = size * count, unit = rule.bytewise ? 1 : size;
  const Lanes sources[] = {{touch(src, bytes, V, false, operand_align, line), unit}};
  require_no_partial_overlap(dst, bytes, src, bytes, line);
  define(touch(dst, bytes, V, true, operand_align, line), unit, bytes / unit, sources, 1, line);
  count_lanes(type, count);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    if constexpr (!std::is_same_v<T, bfloat16_t>) {
      const T other = scalar ? *static_cast<const T*>(scalar) : T{};
      run(op, reinterpret_cast<T*>(dst.at), reinterpret_cast<const T*>(src.at), [other](int64_t) { return other; }, count);
    }
  });
}

void binary_scalar(Op op, Type type, const View& dst, const View& a, const void* scalar, int64_t count, int line) {
  one_operand(op, type, dst, a, scalar, count, line);
}

void unary(Op op, Type type, const View& dst, const View& src, int64_t count, int line) {
  one_operand(op, type, dst, src, nullptr, count, line);
}

void cast(Type to, Type from, AscendC::RoundMode mode, const View& dst, const View& src, int64_t count, int line) {
  require_cast(from, to, mode, line);
  begin_instruction("Cast", count, line);
  const size_t to_size = size_of(to), from_size = size_of(from);
  const Lanes sources[] = {{touch(src, from_size * count, V, false, operand_align, line), from_size}};
  require_no_partial_overlap(dst, to_size * count, src, from_size * count, line);
  define(touch(dst, to_size * count, V, true, operand_align, line), to_size, count, sources, 1, line);
  count_lanes(to_size > from_size ? to : from, count);
  by_type(from, [&](auto f) {
    using From = decltype(f);
    by_type(to, [&](auto t) {
      using To = decltype(t);
      const From* s = reinterpret_cast<const From*>(src.at);
      To* d = reinterpret_cast<To*>(dst.at);
      for (int64_t i = 0; i < count; ++i) d[i] = converted<To>(s[i], mode);
    });
  });
}

void compare(AscendC::CMPMODE mode, Type type, const View& dst, const View& a, const View* b, const void* scalar, int64_t count, int line) {
  const bool integer = type == Type::i32 && mode == AscendC::CMPMODE::EQ && chip().has(compares_int32);
  if (!integer) require_type("Compare", type, {Type::f16, Type::f32}, line);
  begin_instruction("Compare", count, line);
  const size_t size = size_of(type), bytes = size * count;
  if (bytes % repeat_bytes) violation("dma-rule", line, "Compare over %lld lanes of %s: %zu bytes are no multiple of 256", (long long)count, name_of(type), bytes);
  const uint8_t* shadow_a = touch(a, bytes, V, false, operand_align, line);
  const uint8_t* shadow_b = b ? touch(*b, bytes, V, false, operand_align, line) : nullptr;
  uint8_t* shadow = touch(dst, count / 8, V, true, operand_align, line);
  require_no_partial_overlap(dst, count / 8, a, bytes, line);
  if (b) require_no_partial_overlap(dst, count / 8, *b, bytes, line);
  count_lanes(type, count);
  // A byte of eight bits counts as defined when any of its lanes is: which lanes matter is the reader's to know, so
  // Select looks at the lanes it stores through its own operands.
  for (int64_t i = 0; i < count / 8; ++i) {
    uint8_t any = 0;
    for (size_t k = 0; k < 8 * size; ++k) any |= shadow_a[i * 8 * size + k] & (shadow_b ? shadow_b[i * 8 * size + k] : 1);
    shadow[i] = any;
  }
  require_some_defined(shadow, count / 8, line);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    if constexpr (std::is_same_v<T, half> || std::is_same_v<T, float> || std::is_same_v<T, int32_t>) {
      const T* x = reinterpret_cast<const T*>(a.at);
      const T* y = b ? reinterpret_cast<const T*>(b->at) : nullptr;
      const T constant = scalar ? *static_cast<const T*>(scalar) : T{};
      const auto each = [&](auto test) {
        for (int64_t i = 0; i < count / 8; ++i) {
          unsigned bits = 0;
          for (int k = 0; k < 8; ++k) bits |= (unsigned)test(x[i * 8 + k], y ? y[i * 8 + k] : constant) << k;
          dst.at[i] = static_cast<uint8_t>(bits);
        }
      };
      switch (mode) {
        case AscendC::CMPMODE::LT:
          return each([](T p, T q) { return p < q; });
        case AscendC::CMPMODE::GT:
          return each([](T p, T q) { return p > q; });
        case AscendC::CMPMODE::EQ:
          return each([](T p, T q) { return p == q; });
        case AscendC::CMPMODE::LE:
          return each([](T p, T q) { return p <= q; });
        case AscendC::CMPMODE::GE:
          return each([](T p, T q) { return p >= q; });
        case AscendC::CMPMODE::NE:
          return each([](T p, T q) { return p != q; });
      }
    }
  });
}

void select(AscendC::SELMODE mode, Type type, const View& dst, const View& mask, const View& a, const View* b, const void* scalar, int64_t count, int line) {
  require_type("Select", type, {Type::f16, Type::f32}, line);
  begin_instruction("Select", count, line);
  const bool wants_scalar = mode == AscendC::SELMODE::VSEL_TENSOR_SCALAR_MODE;
  if (mode == AscendC::SELMODE::VSEL_CMPMASK_SPR || wants_scalar != (scalar != nullptr)) violation("dma-rule", line, "Select in a mode that does not fit its operands");
  const size_t size = size_of(type), bytes = size * count;
  const uint8_t* shadow_mask = touch(mask, (count + 7) / 8, V, false, operand_align, line);
  const uint8_t* shadow_a = touch(a, bytes, V, false, operand_align, line);
  const uint8_t* shadow_b = b ? touch(*b, bytes, V, false, operand_align, line) : nullptr;
  uint8_t* shadow = touch(dst, bytes, V, true, operand_align, line);
  require_no_partial_overlap(dst, bytes, a, bytes, line);
  if (b) require_no_partial_overlap(dst, bytes, *b, bytes, line);
  require_no_partial_overlap(dst, bytes, mask, (count + 7) / 8, line);
  count_lanes(type, count);
  const auto each = [&](auto t) {
    using T = decltype(t);
    T* d = reinterpret_cast<T*>(dst.at);
    const T* x = reinterpret_cast<const T*>(a.at);
    const T* y = b ? reinterpret_cast<const T*>(b->at) : nullptr;
    const T constant = scalar ? *static_cast<const T*>(scalar) : T{};
    for (int64_t i = 0; i < count; ++i) {
      const bool first = mask.at[i / 8] >> (i % 8) & 1;
      const uint8_t* chosen = first ? shadow_a : shadow_b;
      uint8_t defined = shadow_mask[i / 8];
      if (chosen)
        for (size_t k = 0; k < size; ++k) defined &= chosen[i * size + k];
      d[i] = first ? x[i] : y ? y[i] : constant;
      memset(shadow + i * size, defined, size);
    }
  };
  if (type == Type::f16) each(uint16_t{});
  else each(uint32_t{});
  require_some_defined(shadow, bytes, line);
}

void duplicate(Type type, const View& dst, const void* scalar, int64_t count, int line) {
  require_type("Duplicate", type, {Type::i16, Type::u16, Type::f16, Type::bf16, Type::i32, Type::u32, Type::f32}, line);
  if (type == Type::bf16 && !chip().has(bfloat)) violation("dma-rule", line, "there is no bfloat16_t on %s", chip().name);
  begin_instruction("Duplicate", count, line);
  const size_t size = size_of(type);
  memset(touch(dst, size * count, V, true, operand_align, line), 1, size * count);
  count_lanes(type, count);
  for (int64_t i = 0; i < count; ++i) memcpy(dst.at + i * size, scalar, size);
}

// The scalar unit writes the first block and the vector unit waits for it by itself; nobody waits for what the vector
// unit was given before (the vendor's header declares it __in_pipe__(S) __out_pipe__(V)).
void create_index(Type type, const View& dst, const void* first, int64_t count, int line) {
  require_type("CreateVecIndex", type, {Type::i16, Type::f16, Type::i32, Type::f32}, line);
  begin_instruction("CreateVecIndex", count, line);
  const size_t size = size_of(type);
  touch(dst, std::min<size_t>(size * count, 32), S, true, operand_align, line);
  pass_on(S, V);
  memset(touch(dst, size * count, V, true, operand_align, line), 1, size * count);
  count_lanes(type, count);
  by_type(type, [&](auto t) {
    using T = decltype(t);
    if constexpr (!std::is_same_v<T, bfloat16_t>) {
      const T start = *static_cast<const T*>(first);
      for (int64_t i = 0; i < count; ++i) reinterpret_cast<T*>(dst.at)[i] = static_cast<T>(start + static_cast<T>(i));
    }
  });
}

void gather(Type type, const View& dst, const View& src, const View& byte_offsets, uint32_t base, int64_t count, int line) {
  require_type("Gather", type, {Type::i16, Type::u16, Type::f16, Type::i32, Type::u32, Type::f32}, line);
  begin_instruction("Gather", count, line);
  const size_t size = size_of(type);
  const uint8_t* shadow_offsets = touch(byte_offsets, 4 * count, V, false, operand_align, line);
  const auto* offsets = reinterpret_cast<const uint32_t*>(byte_offsets.at);
  const size_t room = src.buffer ? src.buffer->base + src.buffer->bytes - src.at : 0;
  // Lanes whose offset is undefined read nothing and give nothing; the rest are checked one by one.
  size_t reach = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (!shadow_offsets[4 * i]) continue;
    const size_t end = static_cast<size_t>(base) + offsets[i] + size;
    if ((base + offsets[i]) % size) violation("misaligned", line, "Gather of %s at byte offset %u", name_of(type), base + offsets[i]);
    if (end > room) violation("out-of-bounds", line, "Gather at byte offset %u of a tensor with %zu bytes", offsets[i], room);
    if (end > reach) reach = end;
  }
  const uint8_t* shadow_src = touch(src, reach, V, false, operand_align, line);
  uint8_t* shadow = touch(dst, size * count, V, true, operand_align, line);
  require_no_partial_overlap(dst, size * count, src, reach, line);
  require_no_partial_overlap(dst, size * count, byte_offsets, 4 * count, line);
  count_lanes(type, count);
  for (int64_t i = 0; i < count; ++i) {
    const bool known = shadow_offsets[4 * i];
    const size_t at = known ? base + offsets[i] : 0;
    for (size_t k = 0; k < size; ++k) {
      shadow[i * size + k] = known && shadow_src[at + k];
      if (known) dst.at[i * size + k] = src.at[at + k];
    }
  }
  require_some_defined(shadow, size * count, line);
}

namespace {

// Sums inside a repeat go up a binary tree, then the repeats' sums in turn, as the page on ReduceDataBlock draws it.
template <class T>
T tree_sum(const T* x, int64_t n) {
  constexpr int64_t lanes = repeat_bytes / sizeof(T);
  float total = 0;
  for (int64_t first = 0; first < n; first += lanes) {
    float part[lanes];
    for (int64_t i = 0; i < lanes; ++i) part[i] = first + i < n ? (float)x[first + i] : 0.0f;
    for (int64_t width = lanes / 2; width > 0; width /= 2)
      for (int64_t i = 0; i < width; ++i) part[i] = (float)(T)(part[2 * i] + part[2 * i + 1]);
    total = (float)(T)(total + part[0]);
  }
  return (T)total;
}

}  // namespace

void reduce(Reduction fn, Type type, const View& dst, const View& src, const View& work, int64_t count, bool index, int line) {
  static const char* const names[] = {"ReduceSum", "ReduceMax", "ReduceMin"};
  const char* name = names[(int)fn];
  require_type(name, type, {Type::f16, Type::f32}, line);
  begin_instruction(name, count, line);
  if (count == 0) return;  // does nothing and writes nothing
  const size_t size = size_of(type);
  const int64_t lanes = repeat_bytes / size, repeats = (count + lanes - 1) / lanes;
  const int64_t per_repeat = fn == Reduction::sum ? 1 : 2;
  const size_t work_bytes = ((repeats * per_repeat * size + 31) / 32) * 32;
  require_defined(touch(src, size * count, V, false, operand_align, line), size * count, name, line);
  uint8_t* shadow_work = touch(work, work_bytes, V, true, operand_align, line);
  memset(shadow_work, 0, work_bytes);
  // 2002 has no form that writes the value alone: its destination takes a pair, whose other half is undefined where no index was asked for.
  // What 3002 writes stands in no page.
  const bool pair = index || (fn != Reduction::sum && !chip().has(extremes_alone));
  const size_t written = pair ? 2 * size : size;
  uint8_t* shadow = touch(dst, written, V, true, written, line);
  memset(shadow, 1, size);
  if (pair) memset(shadow + size, index, size);
  count_lanes(type, count);
  const auto each = [&](auto t) {
    using T = decltype(t);
    const T* x = reinterpret_cast<const T*>(src.at);
    T value;
    int64_t at = 0;
    if (fn == Reduction::sum) {
      value = tree_sum(x, count);
    } else {
      // NaN is passed over, and lanes of nothing else give 0: what they give is not documented.
      for (int64_t i = 1; i < count; ++i)
        if (x[at] != x[at] || (fn == Reduction::max ? x[i] > x[at] : x[i] < x[at])) at = i;
      value = number_or_zero(x[at]);
    }
    memset(work.at, 0xFF, work_bytes);
    memcpy(dst.at, &value, size);
    if (pair) memset(dst.at + size, 0xFF, size);
    if (index) memcpy(dst.at + size, &at, size);
  };
  if (type == Type::f16) each(half{});
  else each(float{});
}

}  // namespace twin::cann
