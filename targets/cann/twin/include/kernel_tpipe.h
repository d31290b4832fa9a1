// TPipe, TQue, TBuf, events and barriers of Ascend C.
#pragma once
#include "kernel_tensor.h"

namespace AscendC {
class TPipe;
}

namespace twin::cann {

constexpr int most_queue_buffers = 8;

// Storage behind a TQue or TQueBind: up to eight buffers and the order in which they were queued.
struct Queue {
  uint8_t from = 0, to = 0, depth = 0;  // positions as TPosition, depth in EnQue without DeQue
  uint8_t buffers = 0, queued = 0, next = 0;  // next: to be given
  Buffer* buffer[most_queue_buffers] = {};
  Buffer* order[most_queue_buffers] = {};
};

struct Temporary {
  Buffer* buffer = nullptr;
  uint32_t bytes = 0;
};

void pipe_begin(AscendC::TPipe* pipe, int line);
void pipe_end();
AscendC::TPipe* pipe_current(int line);
void queue_init(Queue& queue, uint8_t buffers, uint32_t bytes, int line);
void temporary_init(Temporary& temporary, uint32_t bytes, int line);
View queue_alloc(Queue& queue, uint32_t& bytes, int line);
void queue_enque(Queue& queue, const View& v, int line);
View queue_deque(Queue& queue, uint32_t& bytes, int line);
void queue_free(Queue& queue, const View& v, int line);
View temporary_get(const Temporary& temporary, int line);

int event_fetch(int event, int line);
void event_set(int event, int id, int line);
void event_wait(int event, int id, int line);
void pipe_barrier(int pipe, int line);
int64_t block_index();
int64_t block_count();

}  // namespace twin::cann

namespace AscendC {

template <TPosition src, TPosition dst, int32_t depth, auto mask = 0>
class TQueBind {
 public:
  twin::cann::Queue queue;
  TQueBind() {
    queue.from = static_cast<uint8_t>(src);
    queue.to = static_cast<uint8_t>(dst);
    queue.depth = depth;
  }
  template <class T>
  LocalTensor<T> AllocTensor(int line = __builtin_LINE()) {
    LocalTensor<T> tensor;
    uint32_t bytes = 0;
    tensor.view = twin::cann::queue_alloc(queue, bytes, line);
    tensor.elements = bytes / sizeof(T);
    return tensor;
  }
  template <class T>
  bool EnQue(const LocalTensor<T>& tensor, int line = __builtin_LINE()) {
    twin::cann::queue_enque(queue, tensor.view, line);
    return true;
  }
  template <class T>
  LocalTensor<T> DeQue(int line = __builtin_LINE()) {
    LocalTensor<T> tensor;
    uint32_t bytes = 0;
    tensor.view = twin::cann::queue_deque(queue, bytes, line);
    tensor.elements = bytes / sizeof(T);
    return tensor;
  }
  template <class T>
  void FreeTensor(LocalTensor<T>& tensor, int line = __builtin_LINE()) {
    twin::cann::queue_free(queue, tensor.view, line);
  }
};

// A VECIN queue hands buffers from the copy-in pipe to the vector unit, a VECOUT queue from there to the copy-out pipe.
template <TPosition pos, int32_t depth, auto mask = 0>
class TQue : public TQueBind<pos == TPosition::VECIN ? TPosition::GM : TPosition::VECCALC, pos == TPosition::VECIN ? TPosition::VECCALC : TPosition::GM,
                             depth, mask> {};

template <TPosition pos = TPosition::VECCALC>
class TBuf {
 public:
  twin::cann::Temporary temporary;
  template <class T>
  LocalTensor<T> Get(int line = __builtin_LINE()) {
    LocalTensor<T> tensor;
    tensor.view = twin::cann::temporary_get(temporary, line);
    tensor.elements = temporary.bytes / sizeof(T);
    return tensor;
  }
};

class TPipe {
 public:
  explicit TPipe(int line = __builtin_LINE()) { twin::cann::pipe_begin(this, line); }
  ~TPipe() { twin::cann::pipe_end(); }
  TPipe(const TPipe&) = delete;
  template <TPosition src, TPosition dst, int32_t depth, auto mask>
  bool InitBuffer(TQueBind<src, dst, depth, mask>& queue, uint8_t num, uint32_t len, int line = __builtin_LINE()) {
    twin::cann::queue_init(queue.queue, num, len, line);
    return true;
  }
  template <TPosition pos>
  bool InitBuffer(TBuf<pos>& buffer, uint32_t len, int line = __builtin_LINE()) {
    twin::cann::temporary_init(buffer.temporary, len, line);
    return true;
  }
  TEventID FetchEventID(HardEvent event, int line = __builtin_LINE()) { return static_cast<TEventID>(twin::cann::event_fetch(static_cast<int>(event), line)); }
};

inline TPipe* GetTPipePtr(int line = __builtin_LINE()) { return twin::cann::pipe_current(line); }

template <HardEvent event>
void SetFlag(int32_t id, int line = __builtin_LINE()) {
  twin::cann::event_set(static_cast<int>(event), id, line);
}
template <HardEvent event>
void WaitFlag(int32_t id, int line = __builtin_LINE()) {
  twin::cann::event_wait(static_cast<int>(event), id, line);
}
template <pipe_t pipe>
void PipeBarrier(int line = __builtin_LINE()) {
  twin::cann::pipe_barrier(pipe, line);
}

inline int64_t GetBlockIdx() { return twin::cann::block_index(); }
inline int64_t GetBlockNum() { return twin::cann::block_count(); }

}  // namespace AscendC
