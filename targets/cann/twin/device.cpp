// The unified buffer of a core: buffers cut from it, queues, events, and the vector clocks that order its pipes.
#include "device.h"

#include <string.h>

#include <map>
#include <memory>
#include <vector>

namespace twin::cann {

namespace {

// What differs between chips; the first stands where none is named.
constexpr ChipModel models[] = {
#define CHIP(...) {__VA_ARGS__},
#include "chips.gen.h"
#undef CHIP
};
const ChipModel* registered_chip = &models[0];           // before main, by each bundle
thread_local const ChipModel* launched_chip = nullptr;  // of the thread's last launch

constexpr size_t block_bytes = 32;
constexpr int most_buffers = 64;  // of one TPipe
constexpr int most_events = 8;    // ids of one HardEvent

// Who touched a block of 32 bytes last: one bit a 4-byte lane, one generation a pipe.
struct Stamp {
  uint32_t write_generation;
  uint32_t read_generation[pipes];
  uint32_t reader;  // the instruction that read last: it may write its own operand
  int write_line, read_line;
  uint8_t write_pipe, write_lanes;
  uint8_t read_lanes[pipes];
};

struct Flag {
  bool set;
  uint32_t known[pipes];
  int line;
};

struct GlobalStore {
  uintptr_t begin, end;
  uint32_t generation;
  Pipe pipe;
  int line;
};

struct CoreState {
  Scratch* ub = nullptr;
  ~CoreState() {
    if (ub) scratch_destroy(ub);
  }
  std::vector<Stamp> stamps;
  uint32_t generation[pipes];
  uint32_t known[pipes][pipes];
  uint32_t instruction;
  AscendC::TPipe* pipe;
  size_t used;
  std::vector<std::unique_ptr<Buffer>> buffers;
  std::map<int, int> queue_buffers;  // by position
  Flag flags[static_cast<int>(AscendC::HardEvent::MAX)][most_events];
  std::vector<GlobalStore> stores;
  int unwritten_line;  // of a scalar store still in the cache; 0: none
};

// Of the thread: a launch runs its cores there.
thread_local std::vector<std::unique_ptr<CoreState>> idle_states;
thread_local int64_t blocks_of_launch = 1;

CoreState& mine() { return *static_cast<CoreState*>(self().local); }

const char* const pipe_names[] = {"S", "V", "MTE2", "MTE3"};

constexpr Pipe event_from[] = {MTE2, V, MTE3, V, V, MTE3, MTE2, S, V, S, MTE2, S, MTE3};
constexpr Pipe event_to[] = {V, MTE2, V, MTE3, V, MTE2, MTE3, V, S, MTE2, S, MTE3, S};
const char* const event_names[] = {"MTE2_V", "V_MTE2", "MTE3_V", "V_MTE3", "V_V", "MTE3_MTE2", "MTE2_MTE3",
                                   "S_V",    "V_S",    "S_MTE2", "MTE2_S", "S_MTE3", "MTE3_S"};

void core_begin(Core& core) {
  const size_t bytes = chip().ub_bytes;
  CoreState* state = nullptr;
  if (!idle_states.empty() && idle_states.back()->ub->size == bytes) {
    state = idle_states.back().release();
    idle_states.pop_back();
  } else {
    state = new CoreState{};
    state->ub = scratch_create(bytes);
    state->stamps.resize((bytes + block_bytes - 1) / block_bytes);
  }
  // Nothing of an earlier core is in flight: its generations count as known, which spares clearing the stamps.
  for (int p = 0; p < pipes; ++p) ++state->generation[p];
  for (auto& row : state->known)
    for (int q = 0; q < pipes; ++q) row[q] = state->generation[q] - 1;
  state->pipe = nullptr;
  state->used = 0;
  state->buffers.clear();
  state->queue_buffers.clear();
  memset(state->flags, 0, sizeof state->flags);
  state->stores.clear();
  state->unwritten_line = 0;
  core.local = state;
}

void core_end(Core& core) {
  CoreState& state = *static_cast<CoreState*>(core.local);
  for (int event = 0; event < static_cast<int>(AscendC::HardEvent::MAX); ++event)
    for (const Flag& flag : state.flags[event])
      if (flag.set) violation("event", flag.line, "SetFlag<%s> without a WaitFlag before the kernel ends", event_names[event]);
  if (state.unwritten_line) violation("in-flight-read", state.unwritten_line, "a scalar store to device memory is still in the cache when the kernel ends");
  idle_states.emplace_back(&state);
}

// What an event carries: everything pipe p knows to be done, and all it was given itself.
void snapshot(CoreState& state, Pipe p, uint32_t (&into)[pipes]) {
  memcpy(into, state.known[p], sizeof into);
  into[p] = state.generation[p]++;
}

void learn(CoreState& state, Pipe p, const uint32_t (&what)[pipes]) {
  for (int q = 0; q < pipes; ++q)
    if (what[q] > state.known[p][q]) state.known[p][q] = what[q];
  if (p == S) state.known[S][S] = state.generation[S];
}

Buffer* cut(uint32_t bytes, int line) {
  CoreState& state = mine();
  if (!state.pipe) violation("wrong-space", line, "InitBuffer outside the life of a TPipe");
  const size_t rounded = (bytes + block_bytes - 1) / block_bytes * block_bytes;
  if (bytes == 0) violation("capacity", line, "a buffer of 0 bytes");
  if (state.used + rounded > state.ub->size)
    violation("capacity", line, "%zu bytes of unified buffer asked for, %zu of %zu are left on %s", rounded, state.ub->size - state.used, state.ub->size, chip().name);
  if (state.buffers.size() == most_buffers) violation("capacity", line, "more than %d buffers in one TPipe", most_buffers);
  uint8_t* base = state.ub->base + state.used;
  memset(base, 0xFF, rounded);
  memset(state.ub->shadow + state.used, 0, rounded);
  state.used += rounded;
  state.buffers.push_back(std::unique_ptr<Buffer>(new Buffer{base, (uint32_t)rounded, 1, false, {}}));
  return state.buffers.back().get();
}

// The event a queue's buffer carries from one pipe to the next.
Pipe queue_pipe(uint8_t position) {
  using P = AscendC::TPosition;
  return static_cast<P>(position) == P::GM || static_cast<P>(position) == P::VECIN ? MTE2 : V;
}

struct QueueEnds {
  Pipe producer, consumer;
};
QueueEnds ends_of(const Queue& queue) {
  using P = AscendC::TPosition;
  const P from = static_cast<P>(queue.from), to = static_cast<P>(queue.to);
  if (from == P::VECIN && to == P::VECOUT) return {MTE2, MTE3};  // a copy-only queue
  if (to == P::GM) return {V, MTE3};
  return {queue_pipe(queue.from), V};
}

void require_event_ids(const char* call, int line) {
  if (!chip().has(event_ids)) violation("event", line, "%s does not exist on %s", call, chip().name);
}

Buffer& live(const View& v, int line) {
  if (!v.buffer) violation("uninitialised-read", line, "a LocalTensor that no queue or TBuf has given");
  if (v.buffer->generation != v.generation) violation("use-after-free", line, "a LocalTensor after its FreeTensor");
  return *v.buffer;
}

}  // namespace

const ChipModel& chip_named(const char* name) {
  for (const ChipModel& model : models)
    if (strcmp(model.name, name) == 0) return model;
  violation("library-argument", 0, "the twin has no model of the chip %s", name);
}
const ChipModel& chip() { return launched_chip ? *launched_chip : *registered_chip; }
void register_model(const char* name) { registered_chip = &chip_named(name); }

uint32_t launch_kernel(const char* kernel, uint32_t blocks, void*, void (*entry)(void*), void* argument, const char* chip_name) {
  launched_chip = &chip_named(chip_name);
  Launch l{};
  l.kernel = kernel;
  // A mode for tests of loops over a core's share, which is then everything: PORTOLAN_TWIN=one-block.
  static const bool one_block = mode("one-block");
  if (one_block && blocks > 1) blocks = 1;
  l.cores = (int)blocks;
  l.per_cluster = 1;
  l.entry = entry;
  l.argument = argument;
  l.core_begin = core_begin;
  l.core_end = core_end;
  if (blocks == 0 || blocks > 65535) violation("dma-rule", 0, "a launch of %u blocks", blocks);
  blocks_of_launch = blocks;
  launch(l);
  return 0;
}

int64_t block_index() { return self().index; }
int64_t block_count() { return blocks_of_launch; }

void pipe_begin(AscendC::TPipe* pipe, int line) {
  CoreState& state = mine();
  if (state.pipe) violation("capacity", line, "a second TPipe while one is alive");
  state.pipe = pipe;
}

void pipe_end() {
  CoreState& state = mine();
  for (const auto& buffer : state.buffers)
    if (buffer->allocated) violation("leak", 0, "a queue's buffer was not given back with FreeTensor");
  state.pipe = nullptr;
}

AscendC::TPipe* pipe_current(int line) {
  require_event_ids("GetTPipePtr", line);
  if (!mine().pipe) violation("wrong-space", line, "GetTPipePtr outside the life of a TPipe");
  return mine().pipe;
}

void queue_init(Queue& queue, uint8_t buffers, uint32_t bytes, int line) {
  // Un-freed buffers of one position hold event ids, of which there are eight.
  int& taken = mine().queue_buffers[queue.from * 16 + queue.to];
  taken += buffers;
  if (buffers == 0 || taken > most_queue_buffers) violation("event", line, "%d buffers in the queues of one position; event ids allow %d", taken, most_queue_buffers);
  queue.buffers = buffers;
  for (int i = 0; i < buffers; ++i) queue.buffer[i] = cut(bytes, line);
}

void temporary_init(Temporary& temporary, uint32_t bytes, int line) {
  temporary.buffer = cut(bytes, line);
  temporary.bytes = temporary.buffer->bytes;
}

View temporary_get(const Temporary& temporary, int line) {
  if (!temporary.buffer) violation("uninitialised-read", line, "TBuf::Get before InitBuffer");
  return {temporary.buffer->base, temporary.buffer, temporary.buffer->generation};
}

// Buffers take turns, also where the first is free again: what comes after the last user of one has not waited for the other's.
View queue_alloc(Queue& queue, uint32_t& bytes, int line) {
  CoreState& state = mine();
  for (int tries = 0; tries < queue.buffers; ++tries) {
    Buffer& b = *queue.buffer[queue.next];
    queue.next = static_cast<uint8_t>((queue.next + 1) % queue.buffers);
    if (b.allocated) continue;
    b.allocated = true;
    bytes = b.bytes;
    memset(state.ub->shadow + (b.base - state.ub->base), 0, b.bytes);
    learn(state, ends_of(queue).producer, b.known);
    return {b.base, &b, b.generation};
  }
  violation("event", line, "AllocTensor with all %d buffers of the queue in use: the core would wait for ever", queue.buffers);
}

void queue_enque(Queue& queue, const View& v, int line) {
  CoreState& state = mine();
  Buffer& b = live(v, line);
  if (queue.queued >= queue.depth) violation("event", line, "EnQue of %d tensors into a queue of depth %d", queue.queued + 1, queue.depth);
  queue.order[queue.queued++] = &b;
  ++counters().syncs;
  snapshot(state, ends_of(queue).producer, b.known);
}

View queue_deque(Queue& queue, uint32_t& bytes, int line) {
  if (queue.queued == 0) violation("event", line, "DeQue from an empty queue: the core would wait for ever");
  Buffer& b = *queue.order[0];
  for (int i = 1; i < queue.queued; ++i) queue.order[i - 1] = queue.order[i];
  --queue.queued;
  bytes = b.bytes;
  learn(mine(), ends_of(queue).consumer, b.known);
  return {b.base, &b, b.generation};
}

void queue_free(Queue& queue, const View& v, int line) {
  CoreState& state = mine();
  Buffer& b = live(v, line);
  if (!b.allocated) violation("use-after-free", line, "FreeTensor of a tensor that is not allocated");
  bool own = false;
  for (int i = 0; i < queue.buffers; ++i) own = own || queue.buffer[i] == &b;
  if (!own) violation("use-after-free", line, "FreeTensor of a tensor of another queue");
  b.allocated = false;
  ++b.generation;
  snapshot(state, ends_of(queue).consumer, b.known);
}

int event_fetch(int event, int line) {
  require_event_ids("FetchEventID", line);
  const CoreState& state = mine();
  for (int id = 0; id < most_events; ++id)
    if (!state.flags[event][id].set) return id;
  violation("event", line, "no free event id of %s", event_names[event]);
}

void event_set(int event, int id, int line) {
  require_event_ids("SetFlag", line);
  CoreState& state = mine();
  if (id < 0 || id >= most_events) violation("event", line, "event id %d; there are %d", id, most_events);
  Flag& flag = state.flags[event][id];
  if (flag.set) violation("event", line, "SetFlag<%s>(%d) twice without a WaitFlag (first at line %d)", event_names[event], id, flag.line);
  flag.set = true;
  flag.line = line;
  ++counters().syncs;
  snapshot(state, event_from[event], flag.known);
}

void event_wait(int event, int id, int line) {
  require_event_ids("WaitFlag", line);
  CoreState& state = mine();
  if (id < 0 || id >= most_events) violation("event", line, "event id %d; there are %d", id, most_events);
  Flag& flag = state.flags[event][id];
  if (!flag.set) violation("event", line, "WaitFlag<%s>(%d) without a SetFlag: the core would wait for ever", event_names[event], id);
  flag.set = false;
  learn(state, event_to[event], flag.known);
}

void pass_on(Pipe from, Pipe to) {
  CoreState& state = mine();
  uint32_t known[pipes];
  snapshot(state, from, known);
  learn(state, to, known);
}

void pipe_barrier(int pipe, int line) {
  CoreState& state = mine();
  if (pipe == PIPE_S) violation("event", line, "PipeBarrier<PIPE_S> is not allowed");
  ++counters().syncs;
  if (pipe != PIPE_ALL) {
    const Pipe p = pipe == PIPE_V ? V : pipe == PIPE_MTE2 ? MTE2 : MTE3;
    state.known[p][p] = state.generation[p]++;
    return;
  }
  for (auto& row : state.known)
    for (int q = 0; q < pipes; ++q) row[q] = state.generation[q];
  for (uint32_t& generation : state.generation) ++generation;
}

namespace {

[[noreturn]] void hazard(const Stamp& stamp, Pipe pipe, bool write, Pipe other, bool other_wrote, int line) {
  violation("in-flight-read", line, "pipe %s %s unified buffer that pipe %s may still be %s (line %d): no event or barrier between them", pipe_names[pipe],
            write ? "writes" : "reads", pipe_names[other], other_wrote ? "writing" : "reading", other_wrote ? stamp.write_line : stamp.read_line);
}

void stamp_block(CoreState& state, Stamp& stamp, uint8_t lanes, Pipe pipe, bool write, int line) {
  const auto open = [&](Pipe q, uint32_t generation) { return generation > state.known[pipe][q] && !(pipe == S && q == S); };
  const Pipe writer = static_cast<Pipe>(stamp.write_pipe);
  const bool write_open = open(writer, stamp.write_generation);
  if (write_open && (stamp.write_lanes & lanes)) hazard(stamp, pipe, write, writer, true, line);
  const uint32_t now = state.generation[pipe];
  if (!write) {
    stamp.read_lanes[pipe] = stamp.read_generation[pipe] == now ? stamp.read_lanes[pipe] | lanes : lanes;
    stamp.read_generation[pipe] = now;
    stamp.reader = state.instruction;
    stamp.read_line = line;
    return;
  }
  for (int q = 0; q < pipes; ++q)
    if (!(q == pipe && stamp.reader == state.instruction) && (stamp.read_lanes[q] & lanes) && open(static_cast<Pipe>(q), stamp.read_generation[q])) hazard(stamp, pipe, write, static_cast<Pipe>(q), false, line);
  stamp.write_lanes = write_open && writer == pipe && stamp.write_generation == now ? stamp.write_lanes | lanes : lanes;
  stamp.write_pipe = pipe;
  stamp.write_generation = now;
  stamp.write_line = line;
}

}  // namespace

void next_instruction() { ++mine().instruction; }

uint8_t* touch(const View& v, size_t bytes, Pipe pipe, bool write, size_t align, int line) {
  CoreState& state = mine();
  Buffer& b = live(v, line);
  if (v.at < b.base || v.at + bytes > b.base + b.bytes)
    violation("out-of-bounds", line, "%s of %zu bytes at byte %td of a buffer of %u", write ? "write" : "read", bytes, v.at - b.base, b.bytes);
  const size_t offset = v.at - state.ub->base;
  if (offset % align) violation("misaligned", line, "%s at unified buffer offset %zu, which must be a multiple of %zu", write ? "write" : "read", offset, align);
  if (bytes == 0) return state.ub->shadow + offset;
  const size_t first = offset / block_bytes, last = (offset + bytes - 1) / block_bytes;
  for (size_t i = first; i <= last; ++i) {
    uint8_t lanes = 0xFF;
    if (i == first) lanes &= static_cast<uint8_t>(0xFFu << (offset % block_bytes / 4));
    if (i == last) lanes &= static_cast<uint8_t>(0xFFu >> (7 - (offset + bytes - 1) % block_bytes / 4));
    stamp_block(state, state.stamps[i], lanes, pipe, write, line);
  }
  return state.ub->shadow + offset;
}

void require_some_defined(const uint8_t* shadow, size_t bytes, int line) {
  if (bytes > 0 && !memchr(shadow, 1, bytes)) violation("uninitialised-read", line, "none of the %zu bytes that a vector instruction gives is defined", bytes);
}

void define(uint8_t* shadow, size_t size, int64_t count, const Lanes* sources, int how_many, int line) {
  const size_t bytes = size * count;
  bool whole = true;
  for (int s = 0; s < how_many && whole; ++s) whole = !memchr(sources[s].shadow, 0, sources[s].size * count);
  if (whole) {
    memset(shadow, 1, bytes);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    uint8_t defined = 1;
    for (int s = 0; s < how_many; ++s)
      for (size_t k = 0; k < sources[s].size; ++k) defined &= sources[s].shadow[i * sources[s].size + k];
    memset(shadow + i * size, defined, size);
  }
  require_some_defined(shadow, bytes, line);
}

void require_defined(const uint8_t* shadow, size_t bytes, const char* what, int line) {
  if (const void* hole = memchr(shadow, 0, bytes))
    violation("uninitialised-read", line, "%s reads unified buffer byte %td of %zu, which holds nothing defined", what, static_cast<const uint8_t*>(hole) - shadow, bytes);
}

void global_store(const void* p, size_t bytes, Pipe pipe, int line) {
  CoreState& state = mine();
  const auto begin = reinterpret_cast<uintptr_t>(p);
  if (!state.stores.empty()) {
    GlobalStore& last = state.stores.back();
    if (last.pipe == pipe && last.generation == state.generation[pipe] && begin <= last.end && begin + bytes >= last.begin) {
      last.begin = last.begin < begin ? last.begin : begin;
      last.end = last.end > begin + bytes ? last.end : begin + bytes;
      return;
    }
  }
  state.stores.push_back({begin, begin + bytes, state.generation[pipe], pipe, line});
}

void global_load(const void* p, size_t bytes, Pipe pipe, int line) {
  const CoreState& state = mine();
  const auto begin = reinterpret_cast<uintptr_t>(p);
  for (const GlobalStore& store : state.stores)
    if (begin < store.end && begin + bytes > store.begin && store.generation > state.known[pipe][store.pipe] && !(pipe == S && store.pipe == S))
      violation("in-flight-read", line, "pipe %s reads device memory that pipe %s may still be writing (line %d)", pipe_names[pipe], pipe_names[store.pipe], store.line);
}

void scalar_read(const View& v, size_t bytes, int line) { require_defined(touch(v, bytes, S, false, 1, line), bytes, "GetValue", line); }

void scalar_write(const View& v, size_t bytes, int line) {
  memset(touch(v, bytes, S, true, 1, line), 1, bytes);
  ++counters().lane_loop_lanes;
}

void global_scalar_read(const void* p, size_t bytes, int line) {
  global_load(p, bytes, S, line);
  gm_read(p, bytes, line);
  ++counters().scalar_global;
}

void global_scalar_write(void* p, size_t bytes, int line) {
  gm_write(p, bytes, line);
  race_log(p, bytes, true, true, line);  // through a cache of 64-byte lines
  global_store(p, bytes, S, line);
  mine().unwritten_line = line;
  ++counters().scalar_global;
}

void cache_write_back(bool named_destination, int line) {
  if (named_destination && !chip().has(flush_names_destination))
    violation("dma-rule", line, "DataCacheCleanAndInvalid names its destination; %s has the form with two template arguments only", chip().name);
  mine().unwritten_line = 0;
}

size_t size_of(Type type) {
  switch (type) {
    case Type::i8:
    case Type::u8:
      return 1;
    case Type::f16:
    case Type::bf16:
    case Type::i16:
    case Type::u16:
      return 2;
    case Type::f32:
    case Type::i32:
    case Type::u32:
      return 4;
    case Type::i64:
    case Type::u64:
      return 8;
  }
  return 0;
}

const char* name_of(Type type) {
  static const char* const names[] = {"half", "float", "bfloat16_t", "int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t"};
  return names[static_cast<int>(type)];
}

}  // namespace twin::cann
