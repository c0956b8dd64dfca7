// SPDX-License-Identifier: MIT
#pragma once

// Short words for tests that hold something.

#include <lull/reclaim/hold.hpp>

#include "helpers.hpp"

namespace test {

template <class T>
lull::hold<T> hold_of(T* object) {
  return lull::hold<T>(lull::ref<T>(object));
}

// The same by another participant of this thread.
template <class T>
lull::hold<T> hold_of(T* object, lull::participant& by) {
  const playing as_it(by);
  return hold_of(object);
}

// Drops it as that participant.
template <class T>
void drop_by(lull::participant& by, lull::hold<T>& held) noexcept {
  const playing as_it(by);
  held.drop();
}

// One participant that holds an object and retires it.
struct holder {
  lull::domain domain;
  lull::participant me{domain};
  bool gone = false;
  tracked* object = new tracked(gone);
};

}  // namespace test
