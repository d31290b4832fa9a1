// Cores as fibers: a stack and a switch. Hand-written for x86-64 and aarch64 (about 50 ns a switch), ucontext elsewhere
// (about 800 ns). Stacks are pooled by the thread: a launch of 768 cores that never meet at a barrier uses one.
#pragma once
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TWIN_WATCHED_BY_TSAN
#elif __has_feature(address_sanitizer)
#define TWIN_WATCHED_BY_ASAN
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define TWIN_WATCHED_BY_TSAN
#elif defined(__SANITIZE_ADDRESS__)
#define TWIN_WATCHED_BY_ASAN
#endif

namespace twin {

// Tells a sanitizer which stack is in use; nothing where none is built in.
struct Watch {
#if defined(TWIN_WATCHED_BY_TSAN) || defined(TWIN_WATCHED_BY_ASAN)
  void* own = nullptr;
  void* caller = nullptr;
  const void* bottom = nullptr;
  size_t size = 0;
  const void* caller_bottom = nullptr;
  size_t caller_size = 0;
  void created(void* stack, size_t bytes);
  void entering();              // the caller is about to switch to the fiber
  void back();                  // and is back
  void leaving(bool for_good);  // the fiber is about to switch to the caller
  void arrived();               // and is back, or runs for the first time
  void ended();
#else
  void created(void*, size_t) {}
  void entering() {}
  void back() {}
  void leaving(bool) {}
  void arrived() {}
  void ended() {}
#endif
};

class Fiber {
 public:
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber(Fiber&& other) noexcept : own_(other.own_), stack_(other.stack_), watch_(other.watch_) { other.stack_ = nullptr; }
  ~Fiber() { recycle(); }

  // Runs f(argument) on a stack of its own until it yields or returns.
  void start(void (*f)(void*), void* argument);
  // Goes on after the last yield.
  void resume() { enter(); }
  // From inside: back to whoever started or resumed it.
  void yield() { leave(false); }
  // Whether p lies on its stack.
  bool holds(const void* p) const;
  // Gives the stack back; only once f has returned or is abandoned.
  void recycle();

 private:
  void* own_ = nullptr;     // saved stack pointer (or context) of the fiber while it is not running
  void* caller_ = nullptr;  // same for whoever resumed it
  void* stack_ = nullptr;
  Watch watch_;
  void enter();
  void leave(bool for_good);
  void arrived() { watch_.arrived(); }
  friend void fiber_main(Fiber*, void (*)(void*), void*);
};

}  // namespace twin
