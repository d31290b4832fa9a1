// Arrays in, arrays out, percentiles of the runs between.
#include "runner.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "internal.h"

namespace portolan {
inline namespace v1 {

namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

// By name; a .npy, whose array has none, serves a model of one input.
const npz::Array* find_input(const std::vector<npz::Array>& arrays, const Model& m, const char* name) {
  for (const npz::Array& a : arrays)
    if (a.name == name || (a.name.empty() && m.input_count == 1)) return &a;
  return nullptr;
}

std::string missing(const std::vector<npz::Array>& arrays, const Model& m, const char* name) {
  if (arrays.size() == 1 && arrays[0].name.empty()) return "a .npy has no names, and this model takes " + std::to_string(m.input_count) + " inputs: save an .npz";
  std::string have;
  for (const npz::Array& a : arrays) have += (have.empty() ? "" : ", ") + quoted(a.name);
  return "no array is named " + quoted(name) + "; " + (have.empty() ? "there are none" : "there are " + have);
}

std::string spelled(const std::vector<int64_t>& shape) {
  std::string out = "[";
  for (size_t i = 0; i < shape.size(); ++i) out += (i ? "," : "") + std::to_string(shape[i]);
  return out + "]";
}

// The model's inputs among the arrays, each of the type and rank that the model takes.
int find_inputs(const Model& m, const std::vector<npz::Array>& arrays, std::vector<const npz::Array*>& inputs, std::string& error) {
  for (int i = 0; i < m.input_count; ++i) {
    const Buffer& b = m.buffers[m.inputs[i]];
    const npz::Array* a = find_input(arrays, m, b.name);
    if (!a) return error = missing(arrays, m, b.name), bad_argument;
    if (is_small(b.type) ? a->type != Type::u8 : a->is_raw || a->type != b.type) return error = "input " + quoted(b.name) + " is " + (a->is_raw ? "raw bytes" : name_of(a->type)) + ", the model takes " + name_of(b.type), bad_argument;
    if ((int)a->shape.size() != b.rank)
      return error = "input " + quoted(b.name) + " has shape " + spelled(a->shape) + ", the model takes rank " + std::to_string(b.rank), bad_sizes;
    inputs.push_back(a);
  }
  return ok;
}

// The symbols' values, read from the inputs' shapes.
std::vector<int64_t> dims_of(const Model& m, const std::vector<const npz::Array*>& inputs) {
  std::vector<int64_t> dims(m.symbol_count + 1, 0);
  for (int i = 0; i < m.symbol_count; ++i) dims[i] = inputs[m.symbols[i].input]->shape[m.symbols[i].axis];
  return dims;
}

int require_shapes(const Context* c, const Model& m, const std::vector<const npz::Array*>& inputs, std::string& error) {
  for (int i = 0; i < m.input_count; ++i) {
    const Buffer& b = m.buffers[m.inputs[i]];
    const int64_t* at = shape(c, m.inputs[i]);
    const std::vector<int64_t> wanted(at, at + b.rank);
    if (inputs[i]->shape != wanted)
      return error = "input " + quoted(b.name) + " has shape " + spelled(inputs[i]->shape) + ", the model takes " + spelled(wanted), bad_sizes;
  }
  return ok;
}

size_t count_of(const npz::Array& a) {
  size_t count = 1;
  for (const int64_t extent : a.shape) count *= (size_t)extent;
  return count;
}

// Arrays as the model takes them: elements share bytes where they are small.
int pack_inputs(const Model& m, const std::vector<const npz::Array*>& inputs, std::vector<std::vector<uint8_t>>& shared, std::string& error) {
  for (int i = 0; i < m.input_count; ++i) {
    const Buffer& b = m.buffers[m.inputs[i]];
    shared.emplace_back();
    if (!is_small(b.type)) continue;
    shared[i].resize(array_bytes(b.type, count_of(*inputs[i])));
    const int64_t misfit = pack_small(b.type, inputs[i]->bytes.data(), shared[i].data(), count_of(*inputs[i]));
    if (misfit >= 0) return error = "input " + quoted(b.name) + ": element " + std::to_string(misfit) + " is no " + name_of(b.type), value_out_of_range;
  }
  return ok;
}

void unpack(npz::Array& a) {
  std::vector<uint8_t> bytes(count_of(a));
  unpack_small(a.type, a.bytes.data(), bytes.data(), count_of(a));
  a.bytes = std::move(bytes);
}

// Arrays for the outputs, of a value no model computes: an output nobody wrote cannot pass for a result.
std::vector<npz::Array> empty_outputs(const Context* c, const Model& m) {
  std::vector<npz::Array> outputs;
  for (int i = 0; i < m.output_count; ++i) {
    const Buffer& b = m.buffers[m.outputs[i]];
    const int64_t* at = output_shape(c, i);
    npz::Array a;
    a.name = b.name;
    a.type = b.type;
    a.is_raw = is_small(b.type);
    a.shape.assign(at, at + b.rank);
    a.bytes.assign(array_bytes(b.type, count_of(a)), 0xCD);
    outputs.push_back(std::move(a));
  }
  return outputs;
}

int run_on(Context* c, const Model& m, const std::vector<const npz::Array*>& inputs, std::vector<npz::Array>& outputs, Timing& timing, std::string& error) {
  int status = set_dims(c, dims_of(m, inputs).data());
  if (status == ok) status = require_shapes(c, m, inputs, error);
  std::vector<std::vector<uint8_t>> shared;
  if (status == ok) status = pack_inputs(m, inputs, shared, error);
  if (status != ok) return status;
  outputs = empty_outputs(c, m);
  std::vector<const void*> in;
  std::vector<void*> out;
  for (int i = 0; i < m.input_count; ++i) in.push_back(is_small(m.buffers[m.inputs[i]].type) ? shared[i].data() : inputs[i]->bytes.data());
  for (npz::Array& a : outputs) out.push_back(a.bytes.data());
  for (int i = 0; status == ok && i < timing.warmup + timing.repeat; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    status = run(c, nullptr, in.data(), out.data(), false);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    if (i >= timing.warmup) timing.milliseconds.push_back(took.count());
  }
  for (npz::Array& a : outputs)
    if (a.is_raw) unpack(a);
  return status;
}

}  // namespace

int run_arrays(const Model& m, const std::string& folder, int device, const std::vector<npz::Array>& arrays, std::vector<npz::Array>& outputs, Timing& timing,
               std::string& error) {
  std::vector<const npz::Array*> inputs;
  if (const int status = find_inputs(m, arrays, inputs, error)) return status;
  char text[1024] = "";
  Loaded* loaded = nullptr;
  if (const int status = load(m, folder.c_str(), device, &loaded, text, sizeof text)) return error = text, status;
  Context* c = nullptr;
  int status = create_context(loaded, &c);
  if (status == ok) status = run_on(c, m, inputs, outputs, timing, error);
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
  fprintf(stderr, "usage: %s --inputs FILE.npz [--save FILE.npz] [--weights FOLDER] [--device N] [--repeat N] [--skip-hash]\n\nmodel %s\n", program, m.name);
  for (int i = 0; i < m.input_count; ++i) fprintf(stderr, "  input  %s\n", m.buffers[m.inputs[i]].name);
  for (int i = 0; i < m.output_count; ++i) fprintf(stderr, "  output %s\n", m.buffers[m.outputs[i]].name);
  return 2;
}

struct Options {
  std::string inputs, save, weights = ".";
  int device = 0, repeat = 0;  // 0: once, without its time
  bool good = true;
};

// A whole number from `least` on, and nothing behind it.
bool parse_whole(const char* option, const char* text, int least, int& out) {
  char* end = nullptr;
  const long value = strtol(text, &end, 10);
  if (*text && !*end && value >= least && value <= 1000000000) return out = (int)value, true;
  fprintf(stderr, "%s takes a whole number from %d on, not \"%s\"\n", option, least, text);
  return false;
}

Options parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc && o.good; ++i) {
    const std::string name = argv[i];
    if (name == "--skip-hash") {
      setenv("PORTOLAN_SKIP_HASH", "1", 1);
      continue;
    }
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    ++i;
    if (!value) o.good = false;
    else if (name == "--inputs") o.inputs = value;
    else if (name == "--save") o.save = value;
    else if (name == "--weights") o.weights = value;
    else if (name == "--device") o.good = parse_whole("--device", value, 0, o.device);
    else if (name == "--repeat") o.good = parse_whole("--repeat", value, 1, o.repeat);
    else o.good = false;
  }
  return o;
}

}  // namespace

int command_line(const Model& m, int argc, char** argv) {
  const Options o = parse(argc, argv);
  if (!o.good || (m.input_count > 0 && o.inputs.empty())) return usage(argv[0], m);
  std::string error;
  std::vector<npz::Array> inputs, outputs;
  if (!o.inputs.empty() && !npz::read(o.inputs, inputs, error)) return fprintf(stderr, "%s: %s\n", o.inputs.c_str(), error.c_str()), 3;
  Timing timing;
  if (o.repeat > 0) timing.repeat = o.repeat, timing.warmup = 1;
  if (const int status = run_arrays(m, o.weights, o.device, inputs, outputs, timing, error)) return fprintf(stderr, "%s (status %d)\n", error.c_str(), status), 1;
  for (const npz::Array& a : outputs) {
    std::string shape;
    for (const int64_t extent : a.shape) shape += (shape.empty() ? "" : "x") + std::to_string(extent);
    printf("%s %s\n", a.name.c_str(), shape.c_str());
  }
  if (timing.repeat > 1) print_timing(timing);
  if (!o.save.empty() && !npz::write(o.save, outputs, error)) return fprintf(stderr, "%s: %s\n", o.save.c_str(), error.c_str()), 1;
  return 0;
}

}  // namespace v1
}  // namespace portolan
