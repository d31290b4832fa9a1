// The switch itself: callee-saved registers go to the old stack, the stack pointer changes, they come back from the new.
#include "fiber.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <vector>

#if !defined(__x86_64__) && !defined(__aarch64__)
#include <ucontext.h>
#endif

namespace twin {

namespace {

constexpr size_t stack_bytes = 256 * 1024;

// Of one thread: fibers never move to another.
struct Pool {
  std::vector<void*> stacks;
  ~Pool() {
    for (void* s : stacks) munmap(s, stack_bytes);
  }
};
thread_local Pool pool;

void* take_stack() {
  if (!pool.stacks.empty()) {
    void* s = pool.stacks.back();
    pool.stacks.pop_back();
    return s;
  }
  // The lowest page stays unmapped for access, so an overflow faults instead of corrupting a neighbour.
  void* s = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (s == MAP_FAILED) abort();
  mprotect(s, 4096, PROT_NONE);
  return s;
}

struct Entry {
  Fiber* fiber;
  void (*f)(void*);
  void* argument;
};

}  // namespace

#if defined(TWIN_WATCHED_BY_TSAN)
extern "C" {
void* __tsan_get_current_fiber(void);
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
}
// The tool's own record of a stack is costly to make, so it is kept as the stack is.
void Watch::created(void*, size_t) {
  if (!own) own = __tsan_create_fiber(0);
}
void Watch::entering() {
  caller = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(own, 0);
}
void Watch::back() {}
void Watch::leaving(bool) { __tsan_switch_to_fiber(caller, 0); }
void Watch::arrived() {}
void Watch::ended() {
  if (own) __tsan_destroy_fiber(own);
  own = nullptr;
}
#elif defined(TWIN_WATCHED_BY_ASAN)
extern "C" {
void __sanitizer_start_switch_fiber(void** fake_stack_save, const void* bottom, size_t size);
void __sanitizer_finish_switch_fiber(void* fake_stack_save, const void** bottom_old, size_t* size_old);
}
void Watch::created(void* stack, size_t bytes) { bottom = stack, size = bytes, own = nullptr; }
void Watch::entering() { __sanitizer_start_switch_fiber(&caller, bottom, size); }
void Watch::back() { __sanitizer_finish_switch_fiber(caller, nullptr, nullptr); }
void Watch::leaving(bool for_good) { __sanitizer_start_switch_fiber(for_good ? nullptr : &own, caller_bottom, caller_size); }
void Watch::arrived() { __sanitizer_finish_switch_fiber(own, &caller_bottom, &caller_size); }
void Watch::ended() {}
#endif

void fiber_main(Fiber* fiber, void (*f)(void*), void* argument) {
  fiber->arrived();
  f(argument);
  fiber->leave(true);
  abort();  // an ended fiber was resumed
}

bool Fiber::holds(const void* p) const {
  const auto* at = static_cast<const uint8_t*>(p);
  const auto* base = static_cast<const uint8_t*>(stack_);
  return base && at >= base && at < base + stack_bytes;
}

#if defined(__x86_64__) || defined(__aarch64__)

extern "C" void twin_switch(void** save, void* to);
extern "C" void twin_first(Entry* e) { fiber_main(e->fiber, e->f, e->argument); }

#if defined(__x86_64__)
asm(R"(
.text
.globl twin_switch
.type twin_switch, @function
twin_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size twin_switch, .-twin_switch
.globl twin_begin
.type twin_begin, @function
twin_begin:
  movq %r12, %rdi
  call twin_first
  ud2
.size twin_begin, .-twin_begin
)");
#else
asm(R"(
.text
.globl twin_switch
.type twin_switch, %function
twin_switch:
  sub sp, sp, #176
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #176
  ret
.size twin_switch, .-twin_switch
.globl twin_begin
.type twin_begin, %function
twin_begin:
  mov x0, x19
  bl twin_first
  brk #1
.size twin_begin, .-twin_begin
)");
#endif
extern "C" void twin_begin();

void Fiber::start(void (*f)(void*), void* argument) {
  if (!stack_) stack_ = take_stack();
  uint8_t* top = static_cast<uint8_t*>(stack_) + stack_bytes;
  // The entry record lives at the very top of the fiber's own stack.
  auto* entry = reinterpret_cast<Entry*>(top - 64);
  *entry = {this, f, argument};
  auto* frame = reinterpret_cast<void**>(top - 64);
#if defined(__x86_64__)
  // twin_switch pops r15 r14 r13 r12 rbx rbp, then returns into twin_begin with the stack 16-byte aligned.
  *--frame = reinterpret_cast<void*>(&twin_begin);
  *--frame = nullptr;  // rbp
  *--frame = nullptr;  // rbx
  *--frame = entry;    // r12
  *--frame = nullptr;  // r13
  *--frame = nullptr;  // r14
  *--frame = nullptr;  // r15
#else
  frame -= 22;
  for (int i = 0; i < 22; ++i) frame[i] = nullptr;
  frame[0] = entry;                                  // x19
  frame[11] = reinterpret_cast<void*>(&twin_begin);  // x30
#endif
  own_ = frame;
  watch_.created(stack_, stack_bytes);
  enter();
}

void Fiber::enter() {
  watch_.entering();
  twin_switch(&caller_, own_);
  watch_.back();
}

void Fiber::leave(bool for_good) {
  watch_.leaving(for_good);
  twin_switch(&own_, caller_);
  watch_.arrived();
}

void Fiber::recycle() {
  if (stack_) {
    watch_.ended();
    pool.stacks.push_back(stack_);
  }
  stack_ = nullptr;
}

#else

namespace {
struct Contexts {
  ucontext_t own, caller;
  Entry entry;
};
void portable_first(unsigned high, unsigned low) {
  auto* c = reinterpret_cast<Contexts*>(static_cast<uintptr_t>(high) << 32 | low);
  fiber_main(c->entry.fiber, c->entry.f, c->entry.argument);
}
}  // namespace

void Fiber::start(void (*f)(void*), void* argument) {
  if (!stack_) stack_ = take_stack();
  auto* c = new Contexts{};
  own_ = c;
  c->entry = {this, f, argument};
  getcontext(&c->own);
  c->own.uc_stack.ss_sp = static_cast<uint8_t*>(stack_) + 4096;
  c->own.uc_stack.ss_size = stack_bytes - 4096;
  c->own.uc_link = nullptr;
  const auto bits = reinterpret_cast<uint64_t>(c);
  makecontext(&c->own, reinterpret_cast<void (*)()>(portable_first), 2, (unsigned)(bits >> 32), (unsigned)bits);
  watch_.created(stack_, stack_bytes);
  enter();
}

void Fiber::enter() {
  auto* c = static_cast<Contexts*>(own_);
  watch_.entering();
  swapcontext(&c->caller, &c->own);
  watch_.back();
}

void Fiber::leave(bool for_good) {
  auto* c = static_cast<Contexts*>(own_);
  watch_.leaving(for_good);
  swapcontext(&c->own, &c->caller);
  watch_.arrived();
}

void Fiber::recycle() {
  if (stack_) {
    watch_.ended();
    pool.stacks.push_back(stack_);
  }
  stack_ = nullptr;
  delete static_cast<Contexts*>(own_);
  own_ = nullptr;
}

#endif

}  // namespace twin
