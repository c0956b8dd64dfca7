// SPDX-License-Identifier: MIT
#pragma once

// retire, retire_to, defer and reserve for the participant of the calling thread, for code that
// does not carry it along: the same as its members (retiring.hpp). A thread without one is stopped
// with a sentence.

#include <cstddef>
#include <memory>
#include <utility>

#include "participant.hpp"

namespace lull {

namespace detail {

// Stops the program on a thread without a participant; `call` says what was called.
participant& require_current(const char* call) noexcept;

}  // namespace detail

template <class T>
void retire(T* object) {
  detail::require_current("retire").retire(object);
}

template <class T>
void retire(T* object, std::size_t bytes) {
  detail::require_current("retire").retire(object, bytes);
}

template <class T, class Deleter>
void retire(std::unique_ptr<T, Deleter>&& object) {
  detail::require_current("retire").retire(std::move(object));
}

template <class T, class Deleter>
void retire(std::unique_ptr<T, Deleter>&& object, std::size_t bytes) {
  detail::require_current("retire").retire(std::move(object), bytes);
}

template <class T>
void retire(std::unique_ptr<T[]>&& array, std::size_t count) {
  detail::require_current("retire").retire(std::move(array), count);
}

// Anything: `function(object)` is called after the grace period; `bytes` is what limbo counts.
inline void retire(void* object, std::size_t bytes, void (*function)(void*) noexcept) {
  detail::require_current("retire").retire(object, bytes, function);
}

template <class T, class Pool>
void retire_to(Pool& pool, T* object) {
  detail::require_current("retire_to").retire_to(pool, object);
}

template <class F, class... Args>
void defer(F&& function, Args&&... arguments) {
  detail::require_current("defer").defer(std::forward<F>(function),
                                         std::forward<Args>(arguments)...);
}

inline void reserve(std::size_t n) { detail::require_current("reserve").reserve(n); }

}  // namespace lull
