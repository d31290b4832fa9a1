/** Integers of the scalar unit. */
import type { Helper } from "./helper.js";

const plain = (text: string): Helper => ({ text: () => text });

export const integers = {
  int_min: plain(`
__mlu_func__ int32_t int_min(int32_t a, int32_t b) {
  return a < b ? a : b;
}`),
  int_max: plain(`
__mlu_func__ int32_t int_max(int32_t a, int32_t b) {
  return a < b ? b : a;
}`),
  int_floordiv: plain(`
__mlu_func__ int32_t int_floordiv(int32_t a, int32_t b) {
  return a / b - (a % b < 0);
}`),
  int_mod: plain(`
__mlu_func__ int32_t int_mod(int32_t a, int32_t b) {
  return a % b + (a % b < 0 ? b : 0);
}`),
  // By squaring; a negative exponent leaves 0, or a sign for a base of 1 or -1, as truncation does.
  whole_pow: plain(`
__mlu_func__ int64_t whole_pow(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  uint64_t result = 1;
  for (uint64_t factor = (uint64_t)base; exponent > 0; exponent /= 2, factor *= factor) {
    if (exponent % 2) result *= factor;
  }
  return (int64_t)result;
}`),
} as const satisfies Readonly<Record<string, Helper>>;
