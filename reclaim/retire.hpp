// SPDX-License-Identifier: MIT
#pragma once

// retire and reserve for the participant of the calling thread: the same as its members, for code
// that does not carry the participant along. A thread without one is stopped with a sentence.

#include <cstddef>
#include <memory>
#include <utility>

#include "participant.hpp"

namespace lull {

namespace detail {

inline participant& require_current() noexcept {
  participant* current = participant::current();
  LULL_ASSERT(current != nullptr,
              "retire or reserve was called on a thread without a participant: make a "
              "lull::participant of the domain on this thread first");
  return *current;
}

}  // namespace detail

template <class T>
void retire(T* object) {
  detail::require_current().retire(object);
}

template <class T>
void retire(T* object, std::size_t bytes) {
  detail::require_current().retire(object, bytes);
}

template <class T, class Deleter>
void retire(std::unique_ptr<T, Deleter>&& object) {
  detail::require_current().retire(std::move(object));
}

template <class T>
void retire(std::unique_ptr<T[]>&& array, std::size_t count) {
  detail::require_current().retire(std::move(array), count);
}

inline void retire(void* object, std::size_t bytes, void (*release)(void*) noexcept) {
  detail::require_current().retire(object, bytes, release);
}

inline void reserve(std::size_t n) { detail::require_current().reserve(n); }

}  // namespace lull
