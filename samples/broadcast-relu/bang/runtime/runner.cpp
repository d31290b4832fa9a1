// Arrays in, arrays out, percentiles of the runs between.
#include "runner.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace portolan {
inline namespace v1 {

namespace {

const npz::Array* find_input(const std::vector<npz::Array>& arrays, const char* name, int position) {
  for (const npz::Array& a : arrays)
    if (a.name == name) return &a;
  return position < (int)arrays.size() ? &arrays[position] : nullptr;
}

std::string spelled(const std::vector<int64_t>& shape) {
  std::string out = "[";
  for (size_t i = 0; i < shape.size(); ++i) out += (i ? "," : "") + std::to_string(shape[i]);
  return out + "]";
}

// The symbols' values, read from the inputs' shapes.
std::vector<int64_t> dims_of(const Model& m, const std::vector<const npz::Array*>& inputs) {
  std::vector<int64_t> dims(m.symbol_count + 1, 0);
  for (int i = 0; i < m.symbol_count; ++i) {
    const npz::Array& a = *inputs[m.symbols[i].input];
    if (m.symbols[i].axis < (int)a.shape.size()) dims[i] = a.shape[m.symbols[i].axis];
  }
  return dims;
}

bool matches(const Context* c, const Buffer& b, int32_t id, const npz::Array& a, std::string& error) {
  const std::vector<int64_t> wanted(shape(c, id), shape(c, id) + b.rank);
  if (a.type != b.type) return error = std::string("input \"") + b.name + "\" has another element type than the model takes", false;
  if (a.shape != wanted) return error = std::string("input \"") + b.name + "\" has shape " + spelled(a.shape) + ", the model takes " + spelled(wanted), false;
  return true;
}

}  // namespace

int run_arrays(const Model& m, const std::string& folder, int device, const std::vector<npz::Array>& arrays, std::vector<npz::Array>& outputs, Timing& timing,
               std::string& error) {
  std::vector<const npz::Array*> inputs;
  for (int i = 0; i < m.input_count; ++i) {
    inputs.push_back(find_input(arrays, m.buffers[m.inputs[i]].name, i));
    if (!inputs.back()) return error = std::string("no array for input \"") + m.buffers[m.inputs[i]].name + "\"", bad_argument;
  }
  char text[1024] = "";
  Loaded* loaded = nullptr;
  if (const int status = load(m, folder.c_str(), device, &loaded, text, sizeof text)) return error = text, status;
  Context* c = nullptr;
  int status = create_context(loaded, &c);
  if (status == ok) status = set_dims(c, dims_of(m, inputs).data());
  std::vector<const void*> in;
  for (int i = 0; status == ok && i < m.input_count; ++i) {
    if (!matches(c, m.buffers[m.inputs[i]], m.inputs[i], *inputs[i], error)) status = bad_sizes;
    in.push_back(inputs[i]->bytes.data());
  }
  std::vector<void*> out;
  for (int i = 0; status == ok && i < m.output_count; ++i) {
    const Buffer& b = m.buffers[m.outputs[i]];
    npz::Array a;
    a.name = b.name;
    a.type = b.type;
    a.shape.assign(shape(c, m.outputs[i]), shape(c, m.outputs[i]) + b.rank);
    size_t count = 1;
    for (const int64_t extent : a.shape) count *= (size_t)extent;
    // A value no model computes, so that an output nobody wrote cannot pass for a result.
    a.bytes.assign(count * element_bytes(b.type), 0xCD);
    outputs.push_back(std::move(a));
  }
  for (npz::Array& a : outputs) out.push_back(a.bytes.data());
  for (int i = 0; status == ok && i < timing.warmup + timing.repeat; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    status = run(c, nullptr, in.data(), out.data(), false);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    if (i >= timing.warmup) timing.milliseconds.push_back(took.count());
  }
  if (status != ok && error.empty()) error = portolan::error(c);
  destroy_context(c);
  unload(loaded);
  return status;
}

namespace {

void print_timing(Timing& t) {
  std::sort(t.milliseconds.begin(), t.milliseconds.end());
  const auto at = [&](double p) { return t.milliseconds[std::min(t.milliseconds.size() - 1, (size_t)(p * (double)t.milliseconds.size()))]; };
  double sum = 0;
  for (const double ms : t.milliseconds) sum += ms;
  const double mean = sum / (double)t.milliseconds.size();
  printf("latency ms: min %.3f max %.3f mean %.3f median %.3f p90 %.3f p95 %.3f p99 %.3f; throughput %.2f runs/s\n", t.milliseconds.front(),
         t.milliseconds.back(), mean, at(0.5), at(0.9), at(0.95), at(0.99), 1000.0 / mean);
}

int usage(const char* program, const Model& m) {
  fprintf(stderr, "usage: %s --inputs FILE.npz [--save FILE.npz] [--weights FOLDER] [--device N] [--repeat N]\n\nmodel %s\n", program, m.name);
  for (int i = 0; i < m.input_count; ++i) fprintf(stderr, "  input  %s\n", m.buffers[m.inputs[i]].name);
  for (int i = 0; i < m.output_count; ++i) fprintf(stderr, "  output %s\n", m.buffers[m.outputs[i]].name);
  return 2;
}

}  // namespace

int command_line(const Model& m, int argc, char** argv) {
  std::string save, weights = ".", error;
  std::vector<npz::Array> inputs, outputs;
  int device = 0;
  Timing timing;
  for (int i = 1; i < argc; ++i) {
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (!value) return usage(argv[0], m);
    if (!strcmp(argv[i], "--inputs")) {
      if (!npz::read(value, inputs, error)) return fprintf(stderr, "%s: %s\n", value, error.c_str()), 3;
    } else if (!strcmp(argv[i], "--save")) {
      save = value;
    } else if (!strcmp(argv[i], "--weights")) {
      weights = value;
    } else if (!strcmp(argv[i], "--device")) {
      device = atoi(value);
    } else if (!strcmp(argv[i], "--repeat")) {
      timing.repeat = std::max(1, atoi(value));
      timing.warmup = 1;
    } else {
      return usage(argv[0], m);
    }
    ++i;
  }
  if (m.input_count > 0 && inputs.empty()) return usage(argv[0], m);
  if (const int status = run_arrays(m, weights, device, inputs, outputs, timing, error)) return fprintf(stderr, "%s (status %d)\n", error.c_str(), status), 1;
  for (const npz::Array& a : outputs) {
    std::string shape;
    for (const int64_t extent : a.shape) shape += (shape.empty() ? "" : "x") + std::to_string(extent);
    printf("%s %s\n", a.name.c_str(), shape.c_str());
  }
  if (timing.repeat > 1) print_timing(timing);
  if (!save.empty() && !npz::write(save, outputs, error)) return fprintf(stderr, "%s: %s\n", save.c_str(), error.c_str()), 1;
  return 0;
}

}  // namespace v1
}  // namespace portolan
