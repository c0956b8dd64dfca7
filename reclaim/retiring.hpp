// SPDX-License-Identifier: MIT
#pragma once

// Handing over what has been unlinked: the part of a participant that appends to its limbo. No new
// reader may be able to reach the object; it is released after a grace period, on this thread
// unless it is homed<T>. A retire is an append to memory that the participant owns. Where it throws
// std::bad_alloc, nothing has changed and the object still is the caller's; reserve() before the
// unlinking rules that out, and an object that derives from retirable<T> or homed<T> needs no
// memory at all. Used through participant, or by the functions of retire.hpp.

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "limbo.hpp"
#include "release_kind.hpp"
#include "retirable.hpp"
#include "retired_register.hpp"

namespace lull::detail {

class retiring {
 public:
  // delete, or what the object's base retirable or homed says; of null nothing, as delete.
  template <class T>
  void retire(T* object);
  // The same, counted in limbo as so many bytes: the object's own and what it alone owns.
  template <class T>
  void retire(T* object, std::size_t bytes);
  // Any deleter of up to limits::deleter_words words, a closure too; left as it was when this
  // throws.
  template <class T, class Deleter>
  void retire(std::unique_ptr<T, Deleter>&& object);
  // The same, counted as so many bytes; for deleters without state.
  template <class T, class Deleter>
  void retire(std::unique_ptr<T, Deleter>&& object, std::size_t bytes);
  // An array of `count` elements.
  template <class T>
  void retire(std::unique_ptr<T[]>&& array, std::size_t count);
  // Anything: `function(object)` is called after the grace period; `bytes` is what limbo counts.
  void retire(void* object, std::size_t bytes, void (*function)(void*) noexcept);
  // Back to a pool, which outlives the domain: `pool.give_back(object)` is called, and is noexcept.
  template <class T, class Pool>
  void retire_to(Pool& pool, T* object);
  // Calls `function(arguments...)` after a grace period. The call must not throw. Up to
  // limits::closure_words words of function and arguments lie in limbo, where taking them cannot
  // throw; others are allocated. They are taken once there is room for them.
  template <class F, class... Args>
  void defer(F&& function, Args&&... arguments);

  // Makes the next n retires unable to fail. Throws std::bad_alloc with nothing changed.
  void reserve(std::size_t n);

 protected:
  retiring() : limbo_(std::make_unique<limbo>()) {}
  ~retiring() = default;

  std::unique_ptr<limbo> limbo_;
  bool work_ = false;  // there is more to do at a quiescent state than to look at the epoch

 private:
  void** place(const release_kind& kind) {
    if (!limbo_->fits(kind)) [[unlikely]]
      begin_run(kind);
    return limbo_->place(kind);
  }
  void begin_run(const release_kind& kind);
  void link(retirable_base& one, const linked_kind& kind) noexcept;
};

template <class T>
void retiring::retire(T* object) {
  static_assert(sizeof(T) > 0, "retire needs the whole type, or the wrong destructor would run");
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  if constexpr (links_itself<T>) {
    if (object == nullptr) return;
    link(*object, linked_kind_of<T, typename T::retired_with>::value);
  } else {
    place(delete_kind<T>::value)[0] = to_word(object);
    note_retired(object);
  }
}

template <class T>
void retiring::retire(T* object, std::size_t bytes) {
  static_assert(sizeof(T) > 0, "retire needs the whole type, or the wrong destructor would run");
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  static_assert(!links_itself<T>, "the bytes of what links itself are those of its type");
  void** entry = place(sized_delete_kind<T>::value);
  entry[0] = to_word(object);
  entry[1] = to_word(bytes);
  limbo_->count_bytes(bytes);
  note_retired(object);
}

template <class T, class Deleter>
void retiring::retire(std::unique_ptr<T, Deleter>&& object) {
  static_assert(!std::is_array_v<T>, "retire(array, count) takes arrays: limbo counts bytes");
  static_assert(
      !std::is_reference_v<Deleter>,
      "the deleter must be owned by the unique_ptr: a referenced one may be gone by then");
  static_assert(std::is_same_v<typename std::unique_ptr<T, Deleter>::pointer, T*>,
                "retire takes deleters of plain pointers");
  if (object == nullptr) return;
  if constexpr (is_as_retired<T, Deleter>) {
    retire(object.get());
  } else if constexpr (std::is_empty_v<Deleter> && std::is_default_constructible_v<Deleter>) {
    place(stateless_kind<T, Deleter>::value)[0] = to_word(object.get());
    note_retired(object.get());
  } else {
    static_assert(sizeof(Deleter) <= limits::deleter_words * sizeof(void*),
                  "the deleter is too large for limbo: put its state behind a pointer");
    static_assert(alignof(Deleter) <= alignof(void*), "the deleter is aligned too far for limbo");
    static_assert(std::is_nothrow_move_constructible_v<Deleter>, "the move must not throw");
    void** entry = place(stateful_kind<T, Deleter>::value);
    entry[0] = to_word(object.get());
    ::new (static_cast<void*>(entry + 1)) Deleter(std::move(object.get_deleter()));
    note_retired(object.get());
  }
  static_cast<void>(object.release());
}

template <class T, class Deleter>
void retiring::retire(std::unique_ptr<T, Deleter>&& object, std::size_t bytes) {
  static_assert(std::is_empty_v<Deleter> && std::is_default_constructible_v<Deleter>);
  if (object == nullptr) return;
  void** entry = place(sized_stateless_kind<T, Deleter>::value);
  note_retired(object.get());
  entry[0] = to_word(object.release());
  entry[1] = to_word(bytes);
  limbo_->count_bytes(bytes);
}

template <class T>
void retiring::retire(std::unique_ptr<T[]>&& array, std::size_t count) {
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  if (array == nullptr) return;
  void** entry = place(array_kind<T>::value);
  note_retired(array.get());
  entry[0] = to_word(array.release());
  entry[1] = to_word(count * sizeof(T));
  limbo_->count_bytes(count * sizeof(T));
}

template <class T, class Pool>
void retiring::retire_to(Pool& pool, T* object) {
  static_assert(noexcept(pool.give_back(object)), "a pool takes back without throwing");
  void** entry = place(pool_kind<T, Pool>::value);
  entry[0] = to_word(object);
  entry[1] = to_word(&pool);
  note_retired(object);
}

template <class F, class... Args>
void retiring::defer(F&& function, Args&&... arguments) {
  using call = deferred_call<std::decay_t<F>, std::decay_t<Args>...>;
  if constexpr (sizeof(call) <= limits::closure_words * sizeof(void*) &&
                alignof(call) <= alignof(void*) && std::is_nothrow_move_constructible_v<call> &&
                std::is_nothrow_constructible_v<call, std::in_place_t, F, Args...>) {
    void** entry = place(closure_kind<call>::value);
    entry[0] = nullptr;
    ::new (static_cast<void*>(entry + 1))
        call(std::in_place, std::forward<F>(function), std::forward<Args>(arguments)...);
  } else {
    auto kept = std::make_unique<std::optional<call>>();
    void** entry = place(large_closure_kind<call>::value);
    entry[0] = nullptr;  // does nothing, if a copy throws
    kept->emplace(std::in_place, std::forward<F>(function), std::forward<Args>(arguments)...);
    entry[0] = to_word(kept.release());
  }
}

}  // namespace lull::detail
