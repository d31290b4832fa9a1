// Exercises the shared half of the twins; each case name on the command line must end as the test expects.
#include <stdio.h>
#include <string.h>

#include <thread>

#include "core.h"

static thread_local int shared_sum[8];
static char* buffer;

static void meet(void*) {
  twin::Core& me = twin::self();
  shared_sum[me.in_cluster] = me.index + 1;
  twin::barrier(0, 8, __builtin_LINE());
  int sum = 0;
  for (int x : shared_sum) sum += x;
  twin::barrier(0, 8, __builtin_LINE());
  if (sum != 36 + 64 * me.cluster) twin::violation("race", __builtin_LINE(), "sum %d", sum);
}
static void diverge(void*) {
  if (twin::self().in_cluster > 0) twin::barrier(0, 8, __builtin_LINE());
}
static void disjoint(void*) { twin::gm_write(buffer + 8 * twin::self().index, 8, __builtin_LINE()); }
static void overlap(void*) { twin::gm_write(buffer + 8 * twin::self().index, 9, __builtin_LINE()); }
static void early_read(void*) { twin::gm_read(buffer, 4, __builtin_LINE()); }

static void run(twin::Entry entry, int cores, int per_cluster) { twin::launch({"check", cores, per_cluster, 0, entry, nullptr, nullptr, nullptr}); }

// Each thread launches cores that meet at barriers, on memory of its own and on some that both read.
static void launches(char* own) {
  for (int i = 0; i < 20; ++i) {
    run(meet, 16, 8);
    struct Pair { char* own; } pair{own};
    twin::launch({"both", 8, 1, 0, [](void* p) {
      const int at = 8 * twin::self().index;
      twin::gm_read(buffer + at, 8, __builtin_LINE());
      twin::gm_write(static_cast<Pair*>(p)->own + at, 8, __builtin_LINE());
      twin::counters().dma_bytes += 8;
    }, &pair, nullptr, nullptr});
    twin::gm_free(twin::gm_alloc(64, 64));
    if (twin::reject(i, "call", "thread %p", static_cast<void*>(own)) != i || !strstr(twin::last_rejection(), "call: thread")) twin::violation("race", 0, "rejection");
  }
}

static void two_threads() {
  twin::gm_write(buffer, 128, 1);
  char* own[] = {static_cast<char*>(twin::gm_alloc(128, 64)), static_cast<char*>(twin::gm_alloc(128, 64))};
  std::thread other(launches, own[0]);
  launches(own[1]);
  other.join();
  for (char* p : own) twin::gm_free(p);
}

int main(int, char** argv) {
  const char* name = argv[1];
  buffer = static_cast<char*>(twin::gm_alloc(128, 64));
  twin::Scratch* s = twin::scratch_create(1024);
  if (!strcmp(name, "threads")) {
    two_threads();
    puts("ok");
    return 0;
  }
  if (!strcmp(name, "full")) return puts(twin::gm_alloc(1 << 20, 64) ? "room" : "full"), 0;
  if (!strcmp(name, "wrong-device")) {
    twin::gm_use_device(1);
    twin::gm_write(buffer, 8, 1);
  }
  if (!strcmp(name, "ok")) {
    run(meet, 16, 8);
    run(disjoint, 16, 1);
    twin::gm_read(buffer, 128, 1);
    twin::scratch_write(*s, s->base, 64, 32, 1);
    twin::scratch_read(*s, s->base, 64, 32, 1);
    twin::gm_free(buffer);
    if (twin::gm_live() != 0) return 1;
    puts("ok");
    return 0;
  }
  if (!strcmp(name, "divergent-barrier")) run(diverge, 8, 8);
  if (!strcmp(name, "race")) run(overlap, 8, 1);
  if (!strcmp(name, "uninitialised-read")) run(early_read, 1, 1);
  if (!strcmp(name, "out-of-bounds")) twin::gm_write(buffer + 124, 8, 1);
  if (!strcmp(name, "use-after-free")) {
    twin::gm_free(buffer);
    twin::gm_free(buffer);
  }
  if (!strcmp(name, "misaligned")) twin::scratch_write(*s, s->base + 4, 4, 32, 1);
  if (!strcmp(name, "in-flight-read")) {
    twin::scratch_write(*s, s->base, 64, 1, 1);
    twin::scratch_in_flight(*s, s->base, 64, true, 2, 7);
    twin::scratch_wait(*s, 1u << 1);
    twin::scratch_read(*s, s->base, 4, 1, 8);
  }
  return 0;
}
