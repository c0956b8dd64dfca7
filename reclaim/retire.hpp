// SPDX-License-Identifier: MIT
#pragma once

// Handing over what has been unlinked: the members retire, retire_to and defer of participant, and
// the same for the participant of the calling thread, for code that does not carry it along (a
// thread without one is stopped with a sentence). No new reader may be able to reach the object;
// it is released after a grace period, on this thread unless it is homed<T>. A retire is an append
// to memory that the participant owns. Where it throws std::bad_alloc, nothing has changed and the
// object still is the caller's; reserve() before the unlinking rules that out, and an object that
// derives from retirable<T> or homed<T> needs no memory at all.

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "participant.hpp"
#include "retired_register.hpp"

namespace lull {

// delete, or what the object's base retirable or homed says.
template <class T>
void participant::retire(T* object) {
  static_assert(sizeof(T) > 0, "retire needs the whole type, or the wrong destructor would run");
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  if constexpr (detail::links_itself<T>) {
    link(*object, detail::linked_kind_of<T, typename T::retired_with>::value);
  } else {
    place(detail::delete_kind<T>::value)[0] = detail::to_word(object);
    detail::note_retired(object);
  }
}

// The same, counted in limbo as so many bytes: the object's own and what it alone owns.
template <class T>
void participant::retire(T* object, std::size_t bytes) {
  static_assert(sizeof(T) > 0, "retire needs the whole type, or the wrong destructor would run");
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  static_assert(!detail::links_itself<T>, "the bytes of what links itself are those of its type");
  void** entry = place(detail::sized_delete_kind<T>::value);
  entry[0] = detail::to_word(object);
  entry[1] = detail::to_word(bytes);
  limbo_->count_bytes(bytes);
  detail::note_retired(object);
}

// Any deleter of up to limits::deleter_words words, a closure too; left as it was when this throws.
template <class T, class Deleter>
void participant::retire(std::unique_ptr<T, Deleter>&& object) {
  static_assert(!std::is_array_v<T>, "retire(array, count) takes arrays: limbo counts bytes");
  static_assert(
      !std::is_reference_v<Deleter>,
      "the deleter must be owned by the unique_ptr: a referenced one may be gone by then");
  static_assert(std::is_same_v<typename std::unique_ptr<T, Deleter>::pointer, T*>,
                "retire takes deleters of plain pointers");
  if (object == nullptr) return;
  if constexpr (std::is_same_v<Deleter, std::default_delete<T>>) {
    retire(object.get());
  } else if constexpr (std::is_empty_v<Deleter> && std::is_default_constructible_v<Deleter>) {
    place(detail::stateless_kind<T, Deleter>::value)[0] = detail::to_word(object.get());
    detail::note_retired(object.get());
  } else {
    static_assert(sizeof(Deleter) <= limits::deleter_words * sizeof(void*),
                  "the deleter is too large for limbo: put its state behind a pointer");
    static_assert(alignof(Deleter) <= alignof(void*), "the deleter is aligned too far for limbo");
    static_assert(std::is_nothrow_move_constructible_v<Deleter>, "the move must not throw");
    void** entry = place(detail::stateful_kind<T, Deleter>::value);
    entry[0] = detail::to_word(object.get());
    ::new (static_cast<void*>(entry + 1)) Deleter(std::move(object.get_deleter()));
    detail::note_retired(object.get());
  }
  static_cast<void>(object.release());
}

// The same, counted as so many bytes; for deleters without state.
template <class T, class Deleter>
void participant::retire(std::unique_ptr<T, Deleter>&& object, std::size_t bytes) {
  static_assert(std::is_empty_v<Deleter> && std::is_default_constructible_v<Deleter>);
  if (object == nullptr) return;
  void** entry = place(detail::sized_stateless_kind<T, Deleter>::value);
  detail::note_retired(object.get());
  entry[0] = detail::to_word(object.release());
  entry[1] = detail::to_word(bytes);
  limbo_->count_bytes(bytes);
}

// An array of `count` elements.
template <class T>
void participant::retire(std::unique_ptr<T[]>&& array, std::size_t count) {
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  if (array == nullptr) return;
  void** entry = place(detail::array_kind<T>::value);
  detail::note_retired(array.get());
  entry[0] = detail::to_word(array.release());
  entry[1] = detail::to_word(count * sizeof(T));
  limbo_->count_bytes(count * sizeof(T));
}

// Back to a pool, which outlives the domain: `pool.give_back(object)` is called, and is noexcept.
template <class T, class Pool>
void participant::retire_to(Pool& pool, T* object) {
  static_assert(noexcept(pool.give_back(object)), "a pool takes back without throwing");
  void** entry = place(detail::pool_kind<T, Pool>::value);
  entry[0] = detail::to_word(object);
  entry[1] = detail::to_word(&pool);
  detail::note_retired(object);
}

// Calls `function(arguments...)` after a grace period. The call must not throw. Up to
// limits::closure_words words of function and arguments lie in limbo; what is larger is allocated.
template <class F, class... Args>
void participant::defer(F&& function, Args&&... arguments) {
  auto call = [f = std::decay_t<F>(std::forward<F>(function)),
               all =
                   std::tuple<std::decay_t<Args>...>(std::forward<Args>(arguments)...)]() mutable {
    std::apply(std::move(f), std::move(all));
  };
  using closure = decltype(call);
  if constexpr (sizeof(closure) <= limits::closure_words * sizeof(void*) &&
                alignof(closure) <= alignof(void*) &&
                std::is_nothrow_move_constructible_v<closure>) {
    void** entry = place(detail::closure_kind<closure>::value);
    entry[0] = nullptr;
    ::new (static_cast<void*>(entry + 1)) closure(std::move(call));
  } else {
    auto kept = std::make_unique<closure>(std::move(call));
    place(detail::large_closure_kind<closure>::value)[0] = detail::to_word(kept.get());
    static_cast<void>(kept.release());
  }
}

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
