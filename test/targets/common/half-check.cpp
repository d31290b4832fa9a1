// Prints one hash a line of what `half` makes: of every float near a rounding, of sums, products and quotients of many
// pairs, of doubles and of integers. Built with the compiler's own type and with ours, it must print the same.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <initializer_list>

#include "half.h"

static uint64_t hash = 1469598103934665603ull;
static void mix(uint64_t x) { hash = (hash ^ x) * 1099511628211ull; }
static void mix(half h) {
  uint16_t bits;
  memcpy(&bits, &h, 2);
  // The payload of a NaN is nobody's promise.
  mix((uint64_t)((bits & 0x7fff) > 0x7c00 ? 0x7e00 : bits));
}
static void mix(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  mix((uint64_t)(f != f ? 0x7fc00000u : bits));
}
static half half_of(uint32_t bits) {
  const auto b = (uint16_t)bits;
  half h;
  memcpy(&h, &b, 2);
  return h;
}
static float float_of(uint32_t bits) {
  float f;
  memcpy(&f, &bits, 4);
  return f;
}
static void line(const char* what) {
  printf("%s %016llx\n", what, (unsigned long long)hash);
  hash = 1469598103934665603ull;
}

int main() {
#if defined(__FLT16_MAX__) && !defined(PORTOLAN_OWN_HALF)
  puts("theirs");
#else
  puts("own");
#endif
  for (uint32_t i = 0; i < 65536; ++i) mix((float)half_of(i));
  line("to float");
  for (uint64_t i = 0; i < 1ull << 32; i += 4093) mix((half)float_of((uint32_t)i));
  for (uint32_t i = 0; i < 65536; ++i)
    for (uint32_t step : {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x1fffu}) mix((half)float_of((i << 13) + step + 0x38000000u));
  line("from float");
  for (uint32_t i = 0; i < 65536; i += 7)
    for (int k = -2; k <= 2; ++k) {
      const double mid = (double)(float)half_of(i) * (1.0 + k * 0x1p-12);
      mix((half)mid);
      mix((half)(mid * (1.0 + 0x1p-40)));
      mix((half)(mid * (1.0 - 0x1p-40)));
    }
  line("from double");
  for (int64_t i = -70000; i <= 70000; ++i) mix((half)i), mix((half)(int)i);
  line("from integers");
  for (uint32_t i = 0; i < 65536; i += 61)
    for (uint32_t j = 0; j < 65536; j += 127) {
      const half a = half_of(i), b = half_of(j);
      mix((half)(a + b)), mix((half)(a - b)), mix((half)(a * b)), mix((half)(a / b)), mix((half)-a);
      mix((uint64_t)((a < b) + 2 * (a == b) + 4 * (a >= b)));
      half c = a;
      c += b;
      mix(c);
      mix((float)(a + 1.5f));
      mix((uint64_t)(int64_t)(b != b || b * (half)0.0f != (half)0.0f ? 0 : (int)b));
    }
  line("arithmetic");
  return 0;
}
