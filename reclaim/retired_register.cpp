// SPDX-License-Identifier: MIT
#include "retired_register.hpp"

#ifdef LULL_CHECKED

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <new>
#include <unordered_set>

#include "../base/assert.hpp"

namespace lull::detail {
namespace {

// Memory beside operator new, whose calls a program may count or let fail.
template <class T>
struct from_malloc {
  using value_type = T;
  from_malloc() noexcept = default;
  template <class U>
  from_malloc(const from_malloc<U>&) noexcept {}
  static T* allocate(std::size_t count) {
    void* memory = std::malloc(count * sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  static void deallocate(T* memory, std::size_t) noexcept { std::free(memory); }
  friend bool operator==(from_malloc, from_malloc) noexcept { return true; }
};

struct retired_register {
  std::mutex mutex;  // guards `objects`; nothing else is locked inside
  std::unordered_set<const void*, std::hash<const void*>, std::equal_to<>, from_malloc<const void*>>
      objects;
};

// Never destroyed: threads may retire until the very end.
retired_register& everything() {
  static auto* const all = new retired_register;
  return *all;
}

}  // namespace

void note_retired(const void* object) noexcept {
  if (object == nullptr) return;  // deleting nothing is allowed, as often as one likes
  bool fresh = true;
  try {
    const std::lock_guard lock(everything().mutex);
    fresh = everything().objects.insert(object).second;
  } catch (const std::bad_alloc&) {  // then this one is not checked
  }
  LULL_ASSERT(fresh,
              "the object at %p is retired twice: it was retired before and is not released yet. "
              "Only who unlinks an object retires it",
              object);
}

void note_released(const void* object) noexcept {
  const std::lock_guard lock(everything().mutex);
  everything().objects.erase(object);
}

}  // namespace lull::detail

#endif
