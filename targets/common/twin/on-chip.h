// Scratchpad variables on a twin. A section attribute on a static inside a template is silently ignored by g++, so
// prepare.cpp turns every declaration qualified __nram__, __shared__, __local__... into a registered object, found
// again by name, line and function and placed in the running core's own memory, where capacity, bounds and poison are checked.
#pragma once
#include <stddef.h>

namespace twin {

// Defined by each target's twin: the object's place in the running core's (or cluster's) memory. `space` is the
// qualifier as it was written, without underscores. Asked again for the same object of one launch, gives the same place.
// `owner`: the function that declares it, "" at file scope. `value`: what a new object holds, of `bytes`; null: nothing yet.
void* on_chip(const char* space, const char* name, size_t bytes, size_t align, int line, const char* owner, const void* value = nullptr);

// Binds to a reference of the declared type: `float (&rows)[64] = ::twin::OnChip{"nram", "rows", 0, 12, ""};`
struct OnChip {
  const char* space;
  const char* name;
  size_t align;  // beyond the type's own; 0: none asked for
  int line;
  const char* owner;
  const void* value = nullptr;

  template <class T>
  operator T&() const {
    return *static_cast<T*>(on_chip(space, name, sizeof(T), align > alignof(T) ? align : alignof(T), line, owner, value));
  }
};

}  // namespace twin
