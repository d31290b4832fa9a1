// Weights come from the files they were in when the bundle was compiled, piece by piece, and each is proven on the way.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <string>

#include "internal.h"
#include "sha256.h"

namespace portolan {
inline namespace v1 {

namespace {

constexpr size_t piece_bytes = 4 << 20;  // a multiple of every element's size

bool skips_hash() {
  const char* text = getenv("PORTOLAN_SKIP_HASH");
  return text && *text && strcmp(text, "0") != 0;
}

struct Open {
  FILE* file = nullptr;
  std::string path;
  Open() = default;
  Open(const Open&) = delete;
  ~Open() { close(); }
  void close() {
    if (file) fclose(file);
    file = nullptr;
  }
};

// `folders` is one folder, or several joined by ':'.
bool open_file(const char* folders, const char* name, Open& out) {
  std::string rest = folders && *folders ? folders : ".";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const std::string base = rest.substr(0, colon);
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
    for (const std::string& path : {base + "/" + name, base + "/weights/" + name}) {
      out.file = fopen(path.c_str(), "rb");
      out.path = path;
      if (out.file) return true;
    }
  }
  return false;
}

// Opens the file of the weights from `first` on, and compares its size, which costs nothing.
int open_weights(const Model& m, const Weight& first, const char* folders, Open& open, const Text& error) {
  const WeightFile& wanted = m.files[first.file];
  open.close();
  if (!open_file(folders, wanted.name, open)) {
    error("weights: no file \"%s\" in \"%s\" or its folder weights/", wanted.name, folders && *folders ? folders : ".");
    return file_problem;
  }
  if (fseeko(open.file, 0, SEEK_END) != 0) return error("weights: \"%s\" cannot be read", open.path.c_str()), file_problem;
  const auto bytes = (unsigned long long)ftello(open.file);
  if (bytes == wanted.bytes) return ok;
  error("weights: \"%s\" has %llu bytes and had %llu when this bundle was compiled: it is another file (wanted for \"%s\"%s)", open.path.c_str(), bytes,
        (unsigned long long)wanted.bytes, m.buffers[first.buffer].name, first.offset + first.length > bytes ? ", before whose end it stops" : "");
  return wrong_weights;
}

// One weight to the device. `hash` is null where the sha256 is not asked for.
int load_weight(const Model& m, const Weight& w, const Open& from, void* to, Sha256* hash, const Text& error) {
  const char* name = m.buffers[w.buffer].name;
  std::vector<uint8_t> raw(std::min<uint64_t>(w.length, piece_bytes)), stored;
  if (fseeko(from.file, (off_t)w.offset, SEEK_SET) != 0) return error("weights: \"%s\" cannot be read", from.path.c_str()), file_problem;
  for (uint64_t done = 0; done < w.length;) {
    const size_t count = (size_t)std::min<uint64_t>(w.length - done, raw.size());
    if (fread(raw.data(), 1, count, from.file) != count) {
      error("weights: \"%s\" ends within \"%s\", whose bytes are %llu to %llu", from.path.c_str(), name, (unsigned long long)w.offset,
            (unsigned long long)(w.offset + w.length));
      return file_problem;
    }
    if (hash) hash->update(raw.data(), count);
    const int64_t misfit = unpack(w.pack, raw.data(), count, stored);
    if (misfit >= 0) {
      error("weights: an element of \"%s\" in \"%s\" does not fit 32 bits", name, from.path.c_str());
      return value_out_of_range;
    }
    if (const int status = device::copy_in(static_cast<uint8_t*>(to) + packed_bytes(w.pack, done), stored.data(), stored.size(), nullptr)) {
      error("weights: copying \"%s\" to the device: %s", name, device::error_text(status));
      return status;
    }
    done += count;
  }
  if (!hash || hash->hex() == w.sha256) return ok;
  error("weights: \"%s\" holds other bytes for \"%s\" (%llu at %llu) than when this bundle was compiled: their sha256 differs from %s", from.path.c_str(), name,
        (unsigned long long)w.length, (unsigned long long)w.offset, w.sha256);
  return wrong_weights;
}

}  // namespace

int load_weights(Loaded& loaded, const char* folders, const Text& error) {
  const Model& m = *loaded.model;
  loaded.at.assign(m.buffer_count, nullptr);
  std::vector<size_t> offsets;
  for (int i = 0; i < m.weight_count; ++i) {
    size_t room = 0;
    offsets.push_back(loaded.bytes);
    if (!padded(packed_bytes(m.weights[i].pack, m.weights[i].length), room) || __builtin_add_overflow(loaded.bytes, room, &loaded.bytes))
      return error("weights: their sizes overflow"), bad_sizes;
  }
  if (loaded.bytes > 0) {
    if (const int status = device::alloc(&loaded.block, loaded.bytes)) {
      loaded.block = nullptr;
      error("weights: %zu bytes of device memory: %s", loaded.bytes, device::error_text(status));
      return status;
    }
  }
  const bool skip = skips_hash();
  if (skip && m.weight_count > 0) fprintf(stderr, "weights of \"%s\": their sha256 is not compared, for PORTOLAN_SKIP_HASH is set\n", m.name);
  Open open;
  for (int i = 0; i < m.weight_count; ++i) {
    const Weight& w = m.weights[i];
    if (i == 0 || w.file != m.weights[i - 1].file) PTL_TRY(open_weights(m, w, folders, open, error));
    loaded.at[w.buffer] = static_cast<uint8_t*>(loaded.block) + offsets[i];
    Sha256 hash;
    PTL_TRY(load_weight(m, w, open, loaded.at[w.buffer], skip ? nullptr : &hash, error));
  }
  return ok;
}

}  // namespace v1
}  // namespace portolan
