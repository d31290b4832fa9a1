// The walk over a program that branches, loops, or whose sizes some step decides. Values stay on the device; what the
// host gets to know are integers that steps read back, and what follows from them.
#include <string.h>

#include "internal.h"

namespace portolan {
inline namespace v1 {

namespace {

int64_t integer_at(Type type, const uint8_t* bytes, int32_t at) {
  const uint8_t* p = bytes + at * element_bytes(type);
  const auto as = [p](auto sample) {
    memcpy(&sample, p, sizeof sample);
    return (int64_t)sample;
  };
  switch (type) {
    case Type::i64: return as(int64_t{});
    case Type::i32: return as(int32_t{});
    case Type::u32: return as(uint32_t{});
    case Type::i16: return as(int16_t{});
    case Type::u16: return as(uint16_t{});
    case Type::i8: return as(int8_t{});
    default: return as(uint8_t{});
  }
}

// `value` as `count` elements of an integer type; false when it does not fit.
bool spread(Type type, int64_t value, size_t count, std::vector<uint8_t>& out) {
  const size_t each = element_bytes(type);
  out.resize(count * each);
  for (size_t i = 0; i < count; ++i) memcpy(out.data() + i * each, &value, each);
  return count == 0 || integer_at(type, out.data(), 0) == value;
}

class Walk {
 public:
  Walk(Context& c, const Run& run, const Text& error) : c_(c), m_(*c.loaded->model), tree_(*m_.tree), run_(run), error_(error), known_(all_symbols(m_)) {
    for (int i = 0; i < m_.symbol_count; ++i) known_[i] = true;
  }

  int items(int32_t from, int32_t to) {
    for (int32_t at = from; at < to; at = tree_.items[at].end) PTL_TRY(item(at));
    return ok;
  }

 private:
  int item(int32_t at) {
    const Item& i = tree_.items[at];
    switch (i.kind) {
      case Item::step: return run_step(c_, i.at, run_, error_);
      case Item::read: return read(tree_.reads[i.at]);
      case Item::write: return write(tree_.writes[i.at]);
      case Item::let: return let(tree_.lets[i.at]);
      case Item::bind: return bind(tree_.binds[i.at]);
      case Item::branch: {
        const Branch& b = tree_.branches[i.at];
        return b.when(sizes().data()) ? items(at + 1, b.otherwise) : items(b.otherwise, i.end);
      }
      case Item::loop:
        while (tree_.loops[i.at].when(sizes().data())) PTL_TRY(items(at + 1, i.end));
        return ok;
    }
    return ok;
  }

  std::vector<Size> sizes() const { return std::vector<Size>(c_.sizes.dims.begin(), c_.sizes.dims.end()); }

  int read(const Read& r) {
    const Buffer& b = m_.buffers[r.from];
    std::vector<uint8_t>& host = c_.host[r.to];
    host.resize(element_count(c_.sizes, b) * element_bytes(b.stored));
    if (!host.empty()) PTL_TRY(said(r.id, device::copy_out(host.data(), run_.pointers[r.from], host.size(), run_.stream)));
    PTL_TRY(said(r.id, device::synchronize(run_.stream)));
    release_outgrown(c_);
    std::vector<Assigned> values;
    for (int i = 0; i < r.count; ++i) values.push_back({r.symbols[i].symbol, Size(integer_at(b.stored, host.data(), r.symbols[i].at))});
    return assign(r.id, values);
  }

  int write(const Write& w) {
    const Buffer& b = m_.buffers[w.to];
    std::vector<uint8_t> host;
    const Size value = w.value(sizes().data());
    if (!value.fits || !spread(b.stored, value.value, element_count(c_.sizes, b), host)) return error_("step %s: its integer leaves its type", w.id), bad_sizes;
    PTL_TRY(said(w.id, device::copy_in(run_.pointers[w.to], host.data(), host.size(), run_.stream)));
    // The host's bytes go away with this call.
    return said(w.id, device::synchronize(run_.stream));
  }

  int let(const Let& l) {
    const std::vector<Size> now = sizes();
    std::vector<Assigned> values;
    for (int i = 0; i < l.count; ++i) values.push_back({l.symbols[i].symbol, l.symbols[i].value(now.data())});
    return assign(l.id, values);
  }

  int bind(const Bind& b) {
    for (int i = 0; i < b.count; ++i) {
      const auto [x, y] = b.pairs[i];
      std::swap(c_.own[x], c_.own[y]);
      std::swap(c_.pointers[x], c_.pointers[y]);
    }
    follow_aliases(c_);
    // The first of a pair holds a value; the second is written anew, and the memory it got may be too small for it.
    std::vector<int32_t> second;
    for (int i = 0; i < b.count; ++i)
      for (int k = 0; k < tree_.late_count; ++k)
        if (tree_.late[k].buffer == b.pairs[i][1] && known(tree_.late[k].needs, tree_.late[k].need_count)) second.push_back(b.pairs[i][1]);
    return resize(c_, second, error_);
  }

  struct Assigned {
    int32_t symbol;
    Size value;
  };

  // Symbols become known, and with them the sizes of buffers and whether the model takes these sizes at all.
  int assign(const char* id, const std::vector<Assigned>& values) {
    for (const auto& [symbol, value] : values) {
      const Symbol& s = tree_.symbols[symbol - m_.symbol_count];
      if (!value.fits || value.value < s.lo || value.value > s.hi) {
        error_("step %s: size \"%s\" is %lld; this bundle takes %lld to %lld", id, s.name, (long long)value.value, (long long)s.lo, (long long)s.hi);
        return bad_sizes;
      }
      c_.sizes.dims[symbol] = value.value;
      known_[symbol] = true;
    }
    for (int i = 0; i < tree_.guard_count; ++i) {
      const LateGuard& g = tree_.guards[i];
      if (concerned(g.needs, g.need_count, values) && !g.guard.holds(sizes().data())) return error_("step %s: sizes do not fit the model: %s", id, g.guard.message), bad_sizes;
    }
    std::vector<int32_t> resized;
    for (int i = 0; i < tree_.late_count; ++i)
      if (concerned(tree_.late[i].needs, tree_.late[i].need_count, values)) resized.push_back(tree_.late[i].buffer);
    return resize(c_, resized, error_);
  }

  bool known(const int32_t* needs, int32_t count) const {
    for (int i = 0; i < count; ++i)
      if (!known_[needs[i]]) return false;
    return true;
  }

  // Whether it depends on one of these, and on nothing that is still to come.
  bool concerned(const int32_t* needs, int32_t count, const std::vector<Assigned>& values) const {
    bool touched = false;
    for (int i = 0; i < count; ++i)
      for (const Assigned& a : values) touched = touched || a.symbol == needs[i];
    return touched && known(needs, count);
  }

  int said(const char* id, int status) const {
    if (status != ok) error_("step %s: status %d, %s", id, status, device::error_text(status));
    return status;
  }

  Context& c_;
  const Model& m_;
  const Tree& tree_;
  const Run& run_;
  const Text& error_;
  std::vector<bool> known_;
};

}  // namespace

int walk(Context& c, const Run& run, const Text& error) {
  const Model& m = *c.loaded->model;
  if (m.tree) return Walk(c, run, error).items(0, m.tree->item_count);
  for (int i = 0; i < m.step_count; ++i) PTL_TRY(run_step(c, i, run, error));
  return ok;
}

}  // namespace v1
}  // namespace portolan
