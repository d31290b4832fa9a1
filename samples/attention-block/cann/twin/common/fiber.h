// Cores as fibers: a stack and a switch. Hand-written for x86-64 and aarch64 (about 50 ns a switch), ucontext elsewhere
// (about 800 ns). Stacks are pooled: a launch of 768 cores that never meet at a barrier uses one.
#pragma once
#include <stddef.h>

namespace twin {

class Fiber {
 public:
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber(Fiber&& other) noexcept : own_(other.own_), stack_(other.stack_) { other.stack_ = nullptr; }
  ~Fiber() { recycle(); }

  // Runs f(argument) on a stack of its own until it yields or returns.
  void start(void (*f)(void*), void* argument);
  // Goes on after the last yield.
  void resume();
  // From inside: back to whoever started or resumed it.
  void yield();
  // Whether p lies on its stack.
  bool holds(const void* p) const;
  // Gives the stack back; only once f has returned or is abandoned.
  void recycle();

 private:
  void* own_ = nullptr;     // saved stack pointer (or context) of the fiber while it is not running
  void* caller_ = nullptr;  // same for whoever resumed it
  void* stack_ = nullptr;
  friend void fiber_main(Fiber*, void (*)(void*), void*);
};

}  // namespace twin
