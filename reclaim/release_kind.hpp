// SPDX-License-Identifier: MIT
#pragma once

// How what was retired is released, one constant for each form and type. A run of retires with the
// same kind lies in limbo as bare entries, so that releasing it is one loop with a deleter that the
// compiler knows. Not for users: participant::retire chooses the kind.

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../base/limits.hpp"

namespace lull::detail {

// An entry is `words` words; the first is the object, or null. With `bytes` 0 the second says its
// bytes. `relocate` moves an entry that is not mere words.
struct release_kind {
  void (*release)(void** entries, std::size_t count) noexcept;
  std::size_t words;
  std::size_t bytes;
  void (*relocate)(void** from, void** to) noexcept = nullptr;
};

// A size kept in a word of an entry.
inline void* to_word(std::size_t number) noexcept { return reinterpret_cast<void*>(number); }
inline std::size_t to_number(const void* word) noexcept {
  return reinterpret_cast<std::size_t>(word);
}

template <class T>
inline void* to_word(T* object) noexcept {
  return const_cast<void*>(static_cast<const volatile void*>(object));
}

// {object}: delete.
template <class T>
struct delete_kind {
  static void release(void** entries, std::size_t count) noexcept {
    while (count-- != 0) delete static_cast<T*>(entries[count]);
  }
  static constexpr release_kind value{&release, 1, sizeof(T)};
};

// {object, bytes}: delete, where the object counts for more bytes than its own.
template <class T>
struct sized_delete_kind {
  static void release(void** entries, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) delete static_cast<T*>(entries[2 * i]);
  }
  static constexpr release_kind value{&release, 2, 0};
};

// {array, bytes}: delete[].
template <class T>
struct array_kind {
  static void release(void** entries, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) delete[] static_cast<T*>(entries[2 * i]);
  }
  static constexpr release_kind value{&release, 2, 0};
};

// {object, bytes, function}: whatever the function does.
struct function_kind {
  using function = void (*)(void*) noexcept;
  static void release(void** entries, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      reinterpret_cast<function>(entries[3 * i + 2])(entries[3 * i]);
    }
  }
  static constexpr release_kind value{&release, 3, 0};
};

// {object}: a deleter without state is made where it is needed.
template <class T, class Deleter>
struct stateless_kind {
  static void release(void** entries, std::size_t count) noexcept {
    while (count-- != 0) Deleter{}(static_cast<T*>(entries[count]));
  }
  static constexpr release_kind value{&release, 1, sizeof(T)};
};

// {object, bytes}: the same, where the object counts for other bytes than its own.
template <class T, class Deleter>
struct sized_stateless_kind {
  static void release(void** entries, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) Deleter{}(static_cast<T*>(entries[2 * i]));
  }
  static constexpr release_kind value{&release, 2, 0};
};

// {object, deleter...}: a deleter with state lives in the entry.
template <class T, class Deleter>
struct stateful_kind {
  static constexpr std::size_t words = 1 + (sizeof(Deleter) + sizeof(void*) - 1) / sizeof(void*);

  static void release(void** entries, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i, entries += words) {
      Deleter& deleter = *std::launder(reinterpret_cast<Deleter*>(entries + 1));
      deleter(static_cast<T*>(entries[0]));
      deleter.~Deleter();
    }
  }
  static void relocate(void** from, void** to) noexcept {
    Deleter& deleter = *std::launder(reinterpret_cast<Deleter*>(from + 1));
    to[0] = from[0];
    ::new (static_cast<void*>(to + 1)) Deleter(std::move(deleter));
    deleter.~Deleter();
  }
  static constexpr release_kind value{&release, words, sizeof(T), &relocate};
};

// {object, pool}: given back to the pool it came from.
template <class T, class Pool>
struct pool_kind {
  static void release(void** entries, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      static_cast<Pool*>(entries[2 * i + 1])->give_back(static_cast<T*>(entries[2 * i]));
    }
  }
  static constexpr release_kind value{&release, 2, sizeof(T)};
};

// A function and its arguments, to be called once. What is empty takes no room.
template <class F, class... Args>
class deferred_call {
 public:
  template <class G, class... Given>
  explicit deferred_call(std::in_place_t, G&& function, Given&&... arguments) noexcept(
      std::is_nothrow_constructible_v<F, G> &&
      (std::is_nothrow_constructible_v<Args, Given> && ...))
      : function_(std::forward<G>(function)), arguments_(std::forward<Given>(arguments)...) {}

  void operator()() { std::apply(std::move(function_), std::move(arguments_)); }

 private:
  [[no_unique_address]] F function_;
  [[no_unique_address]] std::tuple<Args...> arguments_;
};

// {null, closure...}: called once. It lies in the entry.
template <class Closure>
struct closure_kind {
  static constexpr std::size_t words = 1 + (sizeof(Closure) + sizeof(void*) - 1) / sizeof(void*);

  static void release(void** entries, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i, entries += words) {
      Closure& closure = *std::launder(reinterpret_cast<Closure*>(entries + 1));
      closure();
      closure.~Closure();
    }
  }
  static void relocate(void** from, void** to) noexcept {
    Closure& closure = *std::launder(reinterpret_cast<Closure*>(from + 1));
    to[0] = from[0];
    ::new (static_cast<void*>(to + 1)) Closure(std::move(closure));
    closure.~Closure();
  }
  static constexpr release_kind value{&release, words, sizeof(Closure), &relocate};
};

// {closure on the heap, or null}: called once and deleted, for what is too large for limbo.
template <class Closure>
struct large_closure_kind {
  static void release(void** entries, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      const std::unique_ptr<std::optional<Closure>> closure(
          static_cast<std::optional<Closure>*>(entries[i]));
      if (closure != nullptr) (**closure)();
    }
  }
  static constexpr release_kind value{&release, 1, sizeof(Closure)};
};

// The words of the largest entry and of what precedes a run: what one retire takes at most.
inline constexpr std::size_t run_header_words = 2;
inline constexpr std::size_t largest_entry_words = 1 + limits::deleter_words;
inline constexpr std::size_t largest_retire_words = run_header_words + largest_entry_words;
static_assert(limits::limbo_block_words >= largest_retire_words);

}  // namespace lull::detail
