// The loop over steps: which way each goes, where its buffers are, and what comes in and goes out.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <string>

#include "internal.h"

extern char** environ;

namespace portolan {
inline namespace v1 {

namespace {

// ---- the two ways of a step -------------------------------------------------------------------------------------------

struct Known {
  std::mutex mutex;
  std::vector<const Model*> models;
};
Known& known() {
  static Known& k = *new Known;
  return k;
}

constexpr char step_variable[] = "PORTOLAN_STEP_";

// PORTOLAN_STEP_<id> must name a step of one of the program's models: a mistyped one would change nothing.
int refuse_unknown_steps(const Text& error) {
  const std::lock_guard<std::mutex> lock(known().mutex);
  for (char** entry = environ; entry && *entry; ++entry) {
    if (strncmp(*entry, step_variable, sizeof step_variable - 1) != 0) continue;
    const char* id = *entry + sizeof step_variable - 1;
    const size_t length = strcspn(id, "=");
    bool found = false;
    for (const Model* m : known().models)
      for (int i = 0; i < m->step_count; ++i) found = found || (strlen(m->steps[i].id) == length && strncmp(m->steps[i].id, id, length) == 0);
    if (!found) return error("%s%.*s: no step has the id \"%.*s\"; manifest.json lists them", step_variable, (int)length, id, (int)length, id), bad_argument;
  }
  return ok;
}

}  // namespace

int choose_ways(const Model& m, Context& c, const Text& error) {
  PTL_TRY(refuse_unknown_steps(error));
  for (int i = 0; i < m.step_count; ++i) {
    const Step& step = m.steps[i];
    const char* asked = getenv((step_variable + std::string(step.id)).c_str());
    const char* own = strcmp(step.way, "library") == 0 ? "library" : "kernel";
    const bool other = asked && step.other_way && strcmp(asked, step.other_way) == 0;
    if (asked && !other && strcmp(asked, own) != 0 && strcmp(asked, step.way) != 0) {
      error("%s%s is \"%s\"; the step goes by \"%s\"%s%s%s", step_variable, step.id, asked, own, step.other_way ? " or \"" : " alone",
            step.other_way ? step.other_way : "", step.other_way ? "\"" : "");
      return bad_argument;
    }
    c.other_way.push_back(other);
  }
  return ok;
}

Registered::Registered(const Model& model) {
  const std::lock_guard<std::mutex> lock(known().mutex);
  known().models.push_back(&model);
}

void* Run::workspace(size_t bytes) const {
  Workspace& w = *scratch;
  if (bytes > w.bytes) {
    if (w.block) w.outgrown.push_back(w.block);
    w.block = nullptr;
    w.bytes = 0;
    if (device::alloc(&w.block, bytes) != 0) return w.block = nullptr;
    w.bytes = bytes;
  }
  return w.block;
}

// ---- running --------------------------------------------------------------------------------------------------------

namespace {

int prepare_stream(Context& c, Stream& stream) {
  if (!stream) {
    if (!c.own_stream) PTL_TRY(device::create_stream(&c.own_stream));
    stream = c.own_stream;
  }
  if (c.library && c.library_stream != stream) {
    PTL_TRY(device::destroy_library(c.library));
    c.library = nullptr;
  }
  if (!c.library) PTL_TRY(device::create_library(&c.library, stream));
  c.library_stream = stream;
  return ok;
}

int copy_input(Context& c, const Buffer& b, void* to, const void* from, Stream stream, const Text& error) {
  const size_t count = element_count(c.sizes, b);
  if (count == 0) return ok;
  if (b.type == b.stored) return device::copy_in(to, from, count * element_bytes(b.stored), stream);
  std::vector<uint8_t> stored(count * element_bytes(b.stored));
  const int64_t misfit = to_stored(b, from, stored.data(), count);
  if (misfit >= 0) {
    error("input \"%s\": element %lld does not fit %s, which is how this bundle stores it", b.name, (long long)misfit, name_of(b.stored));
    return value_out_of_range;
  }
  PTL_TRY(device::copy_in(to, stored.data(), stored.size(), stream));
  return device::synchronize(stream);
}

int copy_output(Context& c, const Buffer& b, void* to, const void* from, Stream stream, const Text& error) {
  const size_t count = element_count(c.sizes, b);
  if (count == 0) return ok;
  if (b.type == b.stored) return device::copy_out(to, from, count * element_bytes(b.stored), stream);
  std::vector<uint8_t> stored(count * element_bytes(b.stored));
  PTL_TRY(device::copy_out(stored.data(), from, stored.size(), stream));
  PTL_TRY(device::synchronize(stream));
  const int64_t misfit = from_stored(b, stored.data(), to, count);
  if (misfit < 0) return ok;
  error("output \"%s\": element %lld is no %s, which is what it is given out as", b.name, (long long)misfit, name_of(b.type));
  return value_out_of_range;
}

// PORTOLAN_KEEP_BUFFERS names a folder: in runs on host arrays no two buffers share memory, so that a memory checker (or
// the twin) sees each one's end, and what each holds at the end goes to FOLDER/<buffer id>.bin. Null when it is not set.
const char* kept_folder() {
  const char* folder = getenv("PORTOLAN_KEEP_BUFFERS");
  return folder && *folder ? folder : nullptr;
}

void release_kept(Context& c) {
  for (void* p : c.kept)
    if (p) device::release(p);
  c.kept.clear();
}

// By buffer id: those that have memory of their own anyhow, as large as steps say.
std::vector<bool> late_buffers(const Model& m) {
  std::vector<bool> late(m.buffer_count, false);
  for (int i = 0; m.tree && i < m.tree->late_count; ++i) late[m.tree->late[i].buffer] = true;
  return late;
}

// Memory for every buffer that would lie in the arena or among the staged inputs and outputs.
int separate(Context& c) {
  const Model& m = *c.loaded->model;
  release_kept(c);
  c.kept.assign(m.buffer_count, nullptr);
  const std::vector<bool> late = late_buffers(m);
  for (int id = 0; id < m.buffer_count; ++id) {
    const Buffer& b = m.buffers[id];
    if (late[id] || b.alias_of >= 0 || (b.home != Home::input && b.home != Home::output && b.home != Home::arena)) continue;
    const size_t bytes = element_count(c.sizes, b) * element_bytes(b.stored);
    PTL_TRY(device::alloc(&c.kept[id], bytes > 0 ? bytes : 1));
  }
  return ok;
}

// Buffers lie where they lie now: some have changed hands.
int write_kept(const Context& c, Stream stream, const Text& error) {
  const Model& m = *c.loaded->model;
  const std::vector<bool> late = late_buffers(m);
  for (size_t id = 0; id < c.kept.size(); ++id) {
    const Buffer& b = m.buffers[id];
    if (!c.kept[id] && !(late[id] && b.alias_of < 0 && c.own[id].block)) continue;
    std::vector<uint8_t> bytes(element_count(c.sizes, b) * element_bytes(b.stored));
    if (!bytes.empty()) PTL_TRY(device::copy_out(bytes.data(), c.pointers[id], bytes.size(), stream));
    PTL_TRY(device::synchronize(stream));
    const std::string path = std::string(kept_folder()) + "/" + std::to_string(id) + ".bin";
    FILE* file = fopen(path.c_str(), "wb");
    const bool whole = file && fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    if ((file && fclose(file) != 0) || !whole) return error("%s: cannot be written", path.c_str()), file_problem;
  }
  return ok;
}

// States have their memory from the first run on, and are zero then.
int make_states(Context& c, Stream stream) {
  const Model& m = *c.loaded->model;
  c.own.resize(m.buffer_count);
  for (int id = 0; id < m.buffer_count; ++id) {
    const Buffer& b = m.buffers[id];
    if (b.home != Home::state || b.alias_of >= 0 || c.own[id].block) continue;
    const std::vector<uint8_t> zeros(room_of(c.sizes, b), 0);
    Own made;
    PTL_TRY(device::alloc(&made.block, zeros.size()));
    made.capacity = zeros.size();
    int status = device::copy_in(made.block, zeros.data(), zeros.size(), stream);
    if (status == ok) status = device::synchronize(stream);
    // A state that is not zero is none.
    if (status != ok) return device::release(made.block), status;
    c.own[id] = made;
  }
  return ok;
}

// Addresses of all buffers for this run; host callers get device copies of their inputs and outputs.
int bind(Context& c, const void* const* inputs, void* const* outputs, bool on_device) {
  const Model& m = *c.loaded->model;
  const bool apart = !on_device && kept_folder();
  if (!apart) release_kept(c);
  if (apart) PTL_TRY(separate(c));
  else if (!on_device) PTL_TRY(grow(&c.staging, &c.staging_capacity, c.sizes.staging_bytes));
  auto* next = static_cast<uint8_t*>(c.staging);
  const auto stage = [&](int32_t id) -> void* {
    if (apart) return c.kept[id];
    uint8_t* at = next;
    next += room_of(c.sizes, m.buffers[id]);
    return at;
  };
  for (int id = 0; id < m.buffer_count; ++id) {
    const Buffer& b = m.buffers[id];
    if (b.home == Home::weight) c.pointers[id] = c.loaded->at[id];
    if (b.home == Home::state) c.pointers[id] = c.own[id].block;
    if (b.home != Home::arena || c.own[id].block) continue;
    c.pointers[id] = apart ? c.kept[id] : static_cast<uint8_t*>(c.arena) + c.sizes.offsets[id];
  }
  for (int i = 0; i < m.input_count; ++i) c.pointers[m.inputs[i]] = on_device ? const_cast<void*>(inputs[i]) : stage(m.inputs[i]);
  for (int i = 0; i < m.output_count; ++i) c.pointers[m.outputs[i]] = on_device ? outputs[i] : stage(m.outputs[i]);
  follow_aliases(c);
  return ok;
}

}  // namespace

void release_outgrown(Context& c) {
  for (void* p : c.workspace.outgrown) device::release(p);
  c.workspace.outgrown.clear();
}

void follow_aliases(Context& c) {
  const Model& m = *c.loaded->model;
  for (int id = 0; id < m.buffer_count; ++id) {
    int32_t root = id;
    while (m.buffers[root].alias_of >= 0) root = m.buffers[root].alias_of;
    c.pointers[id] = c.pointers[root];
  }
}

int run_step(Context& c, int index, const Run& r, const Text& error) {
  const Step& step = c.loaded->model->steps[index];
  const bool other = c.other_way[index];
  const int status = other ? step.run_other_way(r) : step.run(r);
  if (status != 0) error("step %s (%s), from %s: status %d, %s", step.id, other ? step.other_way : step.way, step.nodes, status, device::error_text(status));
  return status;
}

int refuse_arrays(const Context& c, const void* const* inputs, void* const* outputs, bool on_device, const Text& error) {
  const Model& m = *c.loaded->model;
  for (int i = 0; i < m.input_count + m.output_count; ++i) {
    const bool input = i < m.input_count;
    const int at = input ? i : i - m.input_count;
    const Buffer& b = m.buffers[input ? m.inputs[at] : m.outputs[at]];
    const char* kind = input ? "input" : "output";
    if (input ? !inputs : !outputs) return error("run: the array of %ss is null", kind), bad_argument;
    if (!(input ? inputs[at] : outputs[at]) && element_count(c.sizes, b) > 0) return error("run: the pointer to %s \"%s\" is null", kind, b.name), bad_argument;
    if (!on_device || b.type == b.stored) continue;
    error("\"%s\" is %s, and %s on the device: pass host pointers, or make that its type in the model", b.name, name_of(b.type), name_of(b.stored));
    return bad_argument;
  }
  return ok;
}

int run_steps(Context& c, Stream stream, const void* const* inputs, void* const* outputs, bool on_device, const Text& error) {
  const Model& m = *c.loaded->model;
  int status = prepare_stream(c, stream);
  if (status == ok) status = make_states(c, stream);
  if (status == ok) status = bind(c, inputs, outputs, on_device);
  if (status != ok) return error("preparing the run: %s", device::error_text(status)), status;
  for (int i = 0; !on_device && status == ok && i < m.input_count; ++i)
    status = copy_input(c, m.buffers[m.inputs[i]], c.pointers[m.inputs[i]], inputs[i], stream, error);
  const Run r = {stream, c.pointers.data(), c.sizes.dims.data(), c.library, &c.workspace};
  if (status == ok) status = walk(c, r, error);
  for (int i = 0; !on_device && status == ok && i < m.output_count; ++i)
    status = copy_output(c, m.buffers[m.outputs[i]], outputs[i], c.pointers[m.outputs[i]], stream, error);
  if (on_device) return status;
  const int waited = device::synchronize(stream);
  release_outgrown(c);
  if (status == ok && waited == 0 && !c.kept.empty()) status = write_kept(c, stream, error);
  if (status == ok && waited != 0) return error("waiting for the stream: %s", device::error_text(waited)), waited;
  if (status != ok && !*error.at) error("copying inputs or outputs: %s", device::error_text(status));
  return status;
}

}  // namespace v1
}  // namespace portolan
