// SPDX-License-Identifier: MIT
#include "retired_register.hpp"

#ifdef LULL_CHECKED

#include <mutex>
#include <unordered_set>

#include "../base/assert.hpp"

namespace lull::detail {
namespace {

struct retired_register {
  std::mutex mutex;  // guards `objects`; nothing else is locked inside
  std::unordered_set<const void*> objects;
};

// Never destroyed: threads may retire until the very end.
retired_register& everything() {
  static auto* const all = new retired_register;
  return *all;
}

}  // namespace

void note_retired(const void* object) noexcept {
  bool fresh = false;
  {
    const std::lock_guard lock(everything().mutex);
    fresh = everything().objects.insert(object).second;
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
