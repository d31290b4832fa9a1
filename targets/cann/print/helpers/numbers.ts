/** Integers, and floats of the scalar unit: C++ of one core, without the vector unit. */
import { calling, plain, using } from "./helper.js";

export const numbers = {
  Least: plain(`__aicore__ inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }`),
  Most: plain(`__aicore__ inline int64_t Most(int64_t a, int64_t b) { return a < b ? b : a; }`),
  FloorDiv: plain(`__aicore__ inline int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0); }`),
  FloorMod: using(["FloorDiv"])(`__aicore__ inline int64_t FloorMod(int64_t a, int64_t b) { return a - FloorDiv(a, b) * b; }`),
  RoundUp: plain(`__aicore__ inline int64_t RoundUp(int64_t n, int64_t to) { return (n + to - 1) / to * to; }`),
  FloatOfBits: plain(`
// An integer passed where only floats are selected, bit for bit.
__aicore__ inline float FloatOfBits(int32_t bits) {
  union {
    int32_t i;
    float f;
  } word;
  word.i = bits;
  return word.f;
}`),
  RoundEven: plain(`
// Half to even; beyond 2^23 every float is whole.
__aicore__ inline float RoundEven(float x) {
  const float big = 8388608.0f, size = x < 0 ? -x : x;
  if (!(size < big)) return x;
  const float whole = (size + big) - big;
  return x < 0 ? -whole : whole;
}`),
  TruncOf: plain(`
__aicore__ inline float TruncOf(float x) {
  const float size = x < 0 ? -x : x;
  if (!(size < 8388608.0f)) return x;
  const float whole = static_cast<float>(static_cast<int32_t>(size));
  return x < 0 ? -whole : whole;
}`),
  FloorOf: using(["TruncOf"])(`
__aicore__ inline float FloorOf(float x) {
  const float whole = TruncOf(x);
  return whole > x ? whole - 1.0f : whole;
}`),
  CeilOf: using(["TruncOf"])(`
__aicore__ inline float CeilOf(float x) {
  const float whole = TruncOf(x);
  return whole < x ? whole + 1.0f : whole;
}`),
  SquareRoot: calling(["sqrt"])(`__aicore__ inline float SquareRoot(float x) { return sqrt(x); }`),
  SquareRootByDigits: using(["BitsOf"])(`
// The square root to nearest, a binary digit at a time: of the scalar unit's own no public source is known on this chip.
__aicore__ inline float SquareRootByDigits(float x) {
  const uint32_t bits = BitsOf<uint32_t>(x), infinite = 0x7F800000U;
  if (x == 0 || bits == infinite) return x;
  if (!(x > 0)) return BitsOf<float>(0x7FC00000U);
  int32_t exponent = static_cast<int32_t>(bits >> 23);
  uint32_t digits = bits & 0x7FFFFFU;
  if (exponent > 0) digits |= 0x800000U;
  else exponent = 1;
  for (; digits < 0x800000U; --exponent) digits *= 2;
  // x = square * 2^(exponent - 173 or 174), an even power; square has 47 or 48 digits, its root has 24.
  const bool even = exponent % 2 == 0;
  const uint64_t square = static_cast<uint64_t>(digits) << (even ? 24 : 23);
  uint64_t root = 0;
  for (uint64_t digit = 0x800000U; digit > 0; digit /= 2)
    if ((root + digit) * (root + digit) <= square) root += digit;
  if (square - root * root > root) ++root;
  const int32_t power = (exponent - (even ? 174 : 173)) / 2 + 150;
  return BitsOf<float>(static_cast<uint32_t>(power) << 23 | (static_cast<uint32_t>(root) & 0x7FFFFFU));
}`),
  WholeOf: plain(`
// A float as a 64-bit integer, truncated; what no such integer holds (and NaN) becomes the most negative.
__aicore__ inline int64_t WholeOf(float x) {
  return x >= -9.2233720368547758e18f && x < 9.2233720368547758e18f ? static_cast<int64_t>(x) : INT64_MIN;
}`),
  Saturated: using(["WholeOf"])(`
// A float as the nearest value the integer type holds; NaN becomes 0.
template <class T>
__aicore__ inline T Saturated(float x) {
  constexpr bool isSigned = static_cast<T>(-1) < static_cast<T>(0);
  constexpr T low = isSigned ? static_cast<T>(1ULL << (8 * sizeof(T) - 1)) : static_cast<T>(0);
  constexpr T high = static_cast<T>(~low);
  if (x != x) return 0;
  if (x <= static_cast<float>(low)) return low;
  return x >= static_cast<float>(high) ? high : static_cast<T>(WholeOf(x));
}`),
  BitsOf: plain(`
// The same bits read as another type.
template <class T, class U>
__aicore__ inline T BitsOf(U x) {
  static_assert(sizeof(T) == sizeof(U), "both types have one size");
  union {
    U from;
    T to;
  } word;
  word.from = x;
  return word.to;
}`),
  TruncDiv: plain(`
// Quotients of integers: by 0 they are 0, and the one that overflows wraps.
template <class T>
__aicore__ inline T TruncDiv(T a, T b) {
  if (b == 0) return 0;
  return static_cast<T>(b + 1) == 0 && static_cast<T>(-1) < static_cast<T>(0) ? static_cast<T>(0 - static_cast<uint64_t>(a)) : static_cast<T>(a / b);
}`),
  TruncRemainder: using(["TruncDiv"])(`
template <class T>
__aicore__ inline T TruncRemainder(T a, T b) {
  return static_cast<T>(static_cast<uint64_t>(a) - static_cast<uint64_t>(TruncDiv<T>(a, b)) * static_cast<uint64_t>(b));
}`),
  FloorDivide: using(["TruncDiv", "TruncRemainder"])(`
template <class T>
__aicore__ inline T FloorDivide(T a, T b) {
  const T rest = TruncRemainder<T>(a, b);
  return static_cast<T>(TruncDiv<T>(a, b) - (rest != 0 && (rest < 0) != (b < 0) ? 1 : 0));
}`),
  FloorRemainder: using(["TruncRemainder"])(`
template <class T>
__aicore__ inline T FloorRemainder(T a, T b) {
  const T rest = TruncRemainder<T>(a, b);
  return static_cast<T>(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
}`),
  PowerOf: plain(`
// An integer power by squaring; wraps. Negative exponents give 0, except of 1 and -1.
template <class T>
__aicore__ inline T PowerOf(T base, T exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == static_cast<T>(-1) ? (exponent % 2 ? static_cast<T>(-1) : 1) : 0;
  uint64_t out = 1, square = static_cast<uint64_t>(base);
  for (T n = exponent; n > 0; n = static_cast<T>(n / 2)) {
    if (n % 2) out *= square;
    square *= square;
  }
  return static_cast<T>(out);
}`),
};
