// `__asm__("vfloat2fix.rz %0, %1" : "=&v"(r) : "v"(v))` of a kernel, after prepare.cpp: assembly(line, "...", {out(...), in(...)}).
// assembly.cpp knows the instructions that other people's code is seen to spell so, and refuses the others by name.
#pragma once
#include <initializer_list>

#include "twin/xpu.h"

namespace twin {
namespace xpu {

struct Operand {
  enum Kind { vector, word, address } kind;
  void* place;     // of an output, or of a register that is read
  size_t size;     // of a word's place
  uint32_t bits;   // of a word that is read
  const void* to;  // an address
};


template <class T, class = void>
struct OperandOf {
  static Operand of(T& x, bool output) {
    static_assert(sizeof(T) <= 4, "an operand of inline assembly has 32 bits, or is a register or a pointer");
    Operand o = {Operand::word, output ? const_cast<typename std::remove_const<T>::type*>(&x) : nullptr, sizeof(T), 0, nullptr};
    __builtin_memcpy(&o.bits, &x, sizeof(T));
    return o;
  }
};
template <class T>
struct OperandOf<T*, void> {
  static Operand of(T* p, bool) { return {Operand::address, nullptr, 0, 0, (const void*)p}; }
};
template <class T>
struct OperandOf<T, decltype((void)T::count)> {
  static Operand of(const T& x, bool) { return {Operand::vector, const_cast<T*>(&x), 0, 0, nullptr}; }
};

template <class T>
Operand out(const char*, T& x) {
  return OperandOf<T>::of(x, true);
}
template <class T>
Operand in(const char*, const T& x) {
  T copy = x;
  Operand o = OperandOf<T>::of(copy, false);
  if (o.kind == Operand::vector) o.place = const_cast<T*>(&x);
  return o;
}
template <class T, size_t N>
Operand in(const char*, T (&x)[N]) {
  return {Operand::address, nullptr, 0, 0, x};
}

void assembly(int line, const char* text, std::initializer_list<Operand> operands);

}  // namespace xpu
}  // namespace twin
