// Random sequences of calls on a bundle's C interface: sizes up to 2^63, null pointers, indices that are none, handles that
// are gone, calls out of order, devices, threads. Every refusal must come with its status and a sentence, a success must
// leave none, a failed set_dims must change nothing, and equal sizes and inputs must give equal bytes whatever came between.
// Built with -DPREFIX=... and sanitizers. usage: c-abi SEED SEQUENCES THREADS FOLDER
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "model.h"
#include "runtime/portolan.h"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)
#define C(name) JOIN(PREFIX, name)

namespace {

using Model = C(model);
using Context = C(context);

const portolan::Model& tables() { return *static_cast<const portolan::Model*>(C(tables)()); }

std::string folder;
std::atomic<long> calls{0}, refused{0}, runs{0};
uint64_t first_seed;

[[noreturn]] void fail(uint64_t sequence, const char* what, const char* text) {
  fprintf(stderr, "seed %llu, sequence %llu: %s (%s)\n", (unsigned long long)first_seed, (unsigned long long)sequence, what, text ? text : "no text");
  exit(1);
}

// What a run gave first, by sizes and seed of its inputs.
std::mutex results_mutex;
std::map<std::vector<int64_t>, std::vector<uint8_t>> results;

struct Held {
  Context* handle;
  bool static_sizes;
  bool planned;
  std::vector<int64_t> dims;
};

class Sequence {
 public:
  Sequence(uint64_t number) : number_(number), random_(first_seed * 1000003 + number) {}

  void play(Context* shared, const std::vector<int64_t>& shared_dims) {
    if (pick(4) > 0) load(), create(), set();
    for (int left = 4 + pick(28); left > 0; --left) {
      ++calls;
      switch (pick(shared ? 14 : 13)) {
        case 0: case 1: load(); break;
        case 2: case 3: create(); break;
        case 4: case 5: case 6: set(); break;
        case 7: case 8: run(); break;
        case 9: ask(); break;
        case 10: destroy(); break;
        case 11: unload(); break;
        case 12: nothing_there(); break;
        case 13: together(shared, shared_dims); break;
      }
    }
    // In either order: weights stay as long as a context needs them.
    const bool models_first = pick(2);
    if (models_first) drop_models();
    for (const Held& c : contexts_) C(destroy)(c.handle);
    if (!models_first) drop_models();
  }

 private:
  uint64_t number_;
  std::mt19937_64 random_;
  std::vector<Model*> models_;
  std::vector<Held> contexts_;
  // Handles that are gone. One may come to life again when memory is given out anew: those are struck off.
  std::vector<void*> gone_;

  int pick(int n) { return (int)(random_() % (uint64_t)n); }
  void check(bool good, const char* what, const char* text = nullptr) {
    if (!good) fail(number_, what, text);
  }
  // A refusal has a status and says why.
  void refusal(int status, int wanted, const char* said, const char* what) {
    ++refused;
    check(status == wanted, (std::string(what) + ": status " + std::to_string(status)).c_str(), said);
    check(said && *said, what, "without a sentence");
  }
  void drop_models() {
    for (Model* m : models_) C(unload)(m);
    models_.clear();
  }
  void* gone_handle() {
    if (gone_.empty()) return nullptr;
    void* p = gone_[(size_t)pick((int)gone_.size())];
    return p;
  }
  void alive(void* p) {
    for (void*& g : gone_)
      if (g == p) g = nullptr;
  }

  void load() {
    char error[200] = "before";
    Model* made = nullptr;
    const int how = pick(8);
    const int device = how == 0 ? (pick(2) ? -1 : 2 + pick(100)) : pick(2);
    const char* from = how == 1 ? "/nowhere" : folder.c_str();
    const size_t room = how == 2 ? (size_t)pick(4) : sizeof error;
    const int status = C(load)(from, device, how == 3 ? nullptr : &made, how == 4 ? nullptr : error, room);
    if (how == 3) return refusal(status, portolan::bad_argument, error, "load without a place");
    if (how == 0) {
      check(status != 0 && !made && *error, "load on a device that is not there", error);
      return;
    }
    if (how == 1 && tables().weight_count > 0) return refusal(status, portolan::file_problem, error, "load without weights");
    if (status != 0) {
      // Device memory is short on purpose.
      check(!made && (how == 4 || room < sizeof error || *error), "load failed without a sentence", error);
      return;
    }
    check(made && (how == 4 || room == 0 || !*error), "load succeeded with a sentence", error);
    check(C(weight_bytes)(made) > 0 || tables().weight_count == 0, "no weights");
    alive(made);
    models_.push_back(made);
  }

  void create() {
    if (models_.empty()) return nothing_there();
    Context* made = nullptr;
    if (pick(8) == 0) return refusal(C(create)(models_[0], nullptr), portolan::bad_argument, C(error)(nullptr), "create without a place");
    const int status = C(create)(models_[(size_t)pick((int)models_.size())], &made);
    if (status != 0) {
      check(!made && *C(error)(nullptr), "create failed without a sentence");
      return;
    }
    check(made && !*C(error)(made) && !*C(error)(nullptr), "create succeeded with a sentence", C(error)(made));
    alive(made);
    const bool fixed = tables().symbol_count == 0;
    contexts_.push_back({made, fixed, fixed, {}});
  }

  Held* one() { return contexts_.empty() ? nullptr : &contexts_[(size_t)pick((int)contexts_.size())]; }

  int64_t size() {
    switch (pick(8)) {
      case 0: return (int64_t)random_();
      case 1: return (int64_t)(random_() >> pick(64));
      case 2: {
        const int64_t edges[] = {0, -1, INT64_MAX, INT64_MIN, 1ll << 62, 1ll << 31, (1ll << 31) - 1, 1ll << 32, 1ll << 40, INT64_MAX / 1000, INT64_MAX / 4};
        return edges[pick(11)];
      }
      default: return 1 + pick(9);
    }
  }

  std::vector<int64_t> output(Context* c) {
    const int64_t* at = C(output_shape)(c, 0);
    return at ? std::vector<int64_t>(at, at + tables().buffers[tables().outputs[0]].rank) : std::vector<int64_t>();
  }

  void set() {
    Held* c = one();
    if (!c) return nothing_there();
    const int count = tables().symbol_count;
    std::vector<int64_t> dims;
    for (int i = 0; i < count; ++i) dims.push_back(size());
    if (count > 0 && pick(16) == 0) return refusal(C(set_dims)(c->handle, nullptr), portolan::bad_argument, C(error)(c->handle), "null sizes");
    const std::vector<int64_t> before = output(c->handle);
    const size_t bytes = C(device_bytes)(c->handle);
    const int status = C(set_dims)(c->handle, dims.data());
    if (status == 0) {
      check(!*C(error)(c->handle), "set_dims succeeded with a sentence", C(error)(c->handle));
      c->planned = true;
      c->dims = dims;
      return;
    }
    ++refused;
    const std::string said = C(error)(c->handle);
    check(!said.empty(), "set_dims failed without a sentence");
    check(C(set_dims)(c->handle, dims.data()) == status && said == C(error)(c->handle), "set_dims failed another way the second time", C(error)(c->handle));
    check(output(c->handle) == before, "a failed set_dims changed the shapes", said.c_str());
    check(C(device_bytes)(c->handle) == bytes, "a failed set_dims changed the memory", said.c_str());
  }

  static uint64_t bytes_of(Context* c, int32_t id) {
    const portolan::Buffer& b = tables().buffers[id];
    const int64_t* at = portolan::shape(reinterpret_cast<portolan::Context*>(c), id);
    uint64_t n = 1;
    for (int i = 0; i < b.rank; ++i) n *= (uint64_t)at[i];
    return portolan::array_bytes(b.type, n);
  }

  // Arrays of a planned context's inputs and outputs, filled by `seed`.
  struct Arrays {
    std::vector<std::vector<float>> data;
    std::vector<const void*> in;
    std::vector<void*> out;
  };
  static Arrays arrays(Context* c, int seed, bool tiny) {
    const portolan::Model& m = tables();
    Arrays a;
    for (int i = 0; i < m.input_count + m.output_count; ++i) {
      const uint64_t bytes = tiny ? 4 : bytes_of(c, i < m.input_count ? m.inputs[i] : m.outputs[i - m.input_count]);
      std::vector<float> values(bytes / 4 + 1);
      for (size_t k = 0; k < values.size(); ++k) values[k] = (float)((int)((k * 37 + (size_t)seed * 11 + (size_t)i) % 101) - 50) / 32.0f;
      a.data.push_back(std::move(values));
    }
    for (int i = 0; i < m.input_count + m.output_count; ++i) {
      if (i < m.input_count) a.in.push_back(a.data[(size_t)i].data());
      else a.out.push_back(a.data[(size_t)i].data());
    }
    return a;
  }

  void compare(const std::vector<int64_t>& dims, int seed, Context* c, const Arrays& a) {
    std::vector<int64_t> key = dims;
    key.push_back(seed);
    std::vector<uint8_t> bytes;
    const portolan::Model& m = tables();
    for (int i = 0; i < m.output_count; ++i) {
      const auto* p = static_cast<const uint8_t*>(a.out[(size_t)i]);
      bytes.insert(bytes.end(), p, p + bytes_of(c, m.outputs[i]));
    }
    const std::lock_guard<std::mutex> lock(results_mutex);
    const auto found = results.emplace(key, bytes);
    check(found.first->second == bytes, "the same sizes and inputs gave other outputs");
  }

  void run() {
    Held* c = one();
    if (!c) return nothing_there();
    if (!c->planned) {
      const void* in[16] = {};
      void* out[16] = {};
      return refusal(C(run)(c->handle, nullptr, in, out, 0), portolan::bad_sizes, C(error)(c->handle), "run before the sizes are set");
    }
    const portolan::Model& m = tables();
    unsigned __int128 total = 0;
    for (int i = 0; i < m.input_count + m.output_count; ++i) total += bytes_of(c->handle, i < m.input_count ? m.inputs[i] : m.outputs[i - m.input_count]);
    if (total > (8u << 20) && total < (512u << 20)) return;  // takes too long
    const bool tiny = total >= (512u << 20);                    // never reached: there is no device memory for it
    const int seed = pick(3);
    Arrays a = arrays(c->handle, seed, tiny);
    if (pick(8) == 0) {
      const bool input = m.input_count > 0 && pick(2);
      if (pick(2)) {
        if (input) a.in[(size_t)pick(m.input_count)] = nullptr;
        else a.out[(size_t)pick(m.output_count)] = nullptr;
        if (total == 0 || tiny) return;
        const int status = C(run)(c->handle, nullptr, a.in.data(), a.out.data(), pick(2));
        if (status == 0) return;  // the array was empty
        return refusal(status, portolan::bad_argument, C(error)(c->handle), "a null pointer to run");
      }
      const int status = C(run)(c->handle, nullptr, input ? nullptr : a.in.data(), input ? a.out.data() : nullptr, 0);
      return refusal(status, portolan::bad_argument, C(error)(c->handle), "null arrays to run");
    }
    const int status = C(run)(c->handle, nullptr, a.in.data(), a.out.data(), 0);
    if (status != 0) {
      ++refused;
      check(*C(error)(c->handle), "run failed without a sentence");
      return;
    }
    check(!tiny, "ran on more memory than there is");
    check(!*C(error)(c->handle), "run succeeded with a sentence", C(error)(c->handle));
    ++runs;
    compare(c->dims, seed, c->handle, a);
  }

  void ask() {
    Held* c = one();
    if (!c) return nothing_there();
    const int index = pick(2) ? tables().output_count + pick(3) : pick(2) ? -1 - pick(100) : INT32_MAX - pick(2);
    ++refused;
    check(!C(output_shape)(c->handle, index) && *C(error)(c->handle), "an index that is none");
    const int64_t* shape = C(output_shape)(c->handle, 0);
    check((shape != nullptr) == c->planned, "output_shape and set_dims disagree");
    check((*C(error)(c->handle) == 0) == c->planned, "output_shape's sentence", C(error)(c->handle));
    (void)C(device_bytes)(c->handle);
  }

  void destroy() {
    if (contexts_.empty()) return nothing_there();
    const size_t at = (size_t)pick((int)contexts_.size());
    C(destroy)(contexts_[at].handle);
    gone_.push_back(contexts_[at].handle);
    contexts_.erase(contexts_.begin() + (long)at);
  }

  void unload() {
    if (models_.empty()) return nothing_there();
    const size_t at = (size_t)pick((int)models_.size());
    C(unload)(models_[at]);
    models_.erase(models_.begin() + (long)at);
  }

  // Calls with null, and with contexts that are destroyed; only where no other thread may have got the address anew.
  void nothing_there() {
    auto* c = static_cast<Context*>(alone ? gone_handle() : nullptr);
    const int64_t dims[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const void* in[16] = {};
    void* out[16] = {};
    Context* made = nullptr;
    switch (pick(7)) {
      case 0: return refusal(C(set_dims)(c, dims), portolan::bad_argument, C(error)(c), "set_dims without a context");
      case 1: return refusal(C(run)(c, nullptr, in, out, pick(2)), portolan::bad_argument, C(error)(c), "run without a context");
      case 2: return refusal(C(create)(nullptr, &made), portolan::bad_argument, C(error)(nullptr), "create without a model");
      case 3: check(!C(output_shape)(c, 0) && *C(error)(c), "output_shape without a context"); break;
      case 4: check(C(device_bytes)(c) == 0 && *C(error)(c), "device_bytes without a context"); break;
      case 5: check(C(weight_bytes)(nullptr) == 0 && *C(error)(nullptr), "weight_bytes without a model"); break;
      case 6: C(destroy)(c), C(unload)(nullptr); break;
    }
  }

  // A context that all threads use: each call is carried out whole, or refused. Gives the status.
  int together(Context* shared, const std::vector<int64_t>& dims) {
    const int seed = pick(3);
    const portolan::Model& m = tables();
    Arrays a;
    for (int i = 0; i < m.input_count + m.output_count; ++i) a.data.emplace_back(4096, (float)seed);
    for (int i = 0; i < m.input_count; ++i) a.in.push_back(a.data[(size_t)i].data());
    for (int i = m.input_count; i < m.input_count + m.output_count; ++i) a.out.push_back(a.data[(size_t)i].data());
    const int status = pick(2) ? C(set_dims)(shared, dims.data()) : C(run)(shared, nullptr, a.in.data(), a.out.data(), 0);
    check(status == 0 || status == portolan::in_use || status == portolan::bad_argument || status > 0, "a shared context", std::to_string(status).c_str());
    return status;
  }

 public:
  void to_the_end(Context* shared, const std::vector<int64_t>& dims) {
    while (together(shared, dims) != portolan::bad_argument) {
    }
  }
  static bool alone;
};
bool Sequence::alone = true;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return fprintf(stderr, "usage: %s SEED SEQUENCES THREADS FOLDER\n", argv[0]), 2;
  first_seed = strtoull(argv[1], nullptr, 10);
  const long sequences = atol(argv[2]);
  const int threads = atoi(argv[3]);
  folder = argv[4];
  Sequence::alone = threads == 1;
  // One model and context that all threads share, of sizes whose arrays are small.
  Model* model = nullptr;
  Context* shared = nullptr;
  char error[200];
  const std::vector<int64_t> ones((size_t)tables().symbol_count + 1, 2);
  if (threads > 1 && (C(load)(folder.c_str(), 1, &model, error, sizeof error) != 0 || C(create)(model, &shared) != 0 || C(set_dims)(shared, ones.data()) != 0))
    return fprintf(stderr, "the shared context: %s\n", error), 1;
  std::atomic<long> next{0};
  const auto work = [&] {
    for (long i; (i = next++) < sequences;) Sequence((uint64_t)i).play(shared, ones);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads; ++t) others.emplace_back(work);
  work();
  for (std::thread& t : others) t.join();
  others.clear();
  // The last context goes while the others are still at work on it: they end, and are told that it is gone.
  for (int t = 1; t < threads; ++t) others.emplace_back([&] { Sequence(0).to_the_end(shared, ones); });
  C(unload)(model);
  C(destroy)(shared);
  for (std::thread& t : others) t.join();
  printf("%ld sequences, %ld calls, %ld refused, %ld runs\n", sequences, calls.load(), refused.load(), runs.load());
  return 0;
}
