// SPDX-License-Identifier: MIT
#pragma once

// What a table's slots point to: one entry a key, never changed once readers can see it. A new
// value is a new entry, and the old one is retired with its bytes. Entries are made and retired by
// the table's owner core and released by whoever holds its limbo.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "../reclaim/participant.hpp"
#include "../reclaim/retire.hpp"
#include "slot_array.hpp"

namespace lull {

// The bytes that a value owns outside itself, so that the limbo counts them. Specialise it for
// types that own memory: `static std::size_t of(const T&) noexcept`. Types without it count as
// themselves.
template <class T>
struct outside_bytes;

template <class Character, class Traits, class Allocator>
struct outside_bytes<std::basic_string<Character, Traits, Allocator>> {
  static std::size_t of(const std::basic_string<Character, Traits, Allocator>& text) noexcept {
    const std::size_t size = (text.capacity() + 1) * sizeof(Character);
    return size <= sizeof text ? 0 : size;  // short ones live inside
  }
};

namespace detail {

template <class T>
concept owns_bytes = requires(const T& value) { outside_bytes<T>::of(value); };

template <class T>
std::size_t bytes_outside(const T& value) noexcept {
  if constexpr (owns_bytes<T>) {
    return outside_bytes<T>::of(value);
  } else {
    return 0;
  }
}

// A T in its place, as `T made(arguments...)` makes it; numbers are converted, nothing else is
// cast.
template <class T, class... Arguments>
T build(Arguments&&... arguments) {
  constexpr bool converts = std::is_arithmetic_v<T> && sizeof...(Arguments) == 1;
  static_assert(
      converts || std::is_constructible_v<T, Arguments...>,
      "hash_table: a key or a value cannot be made of what was given for it: convert that "
      "first, with the cast that says how");
  if constexpr (std::is_class_v<T> || std::is_union_v<T> || sizeof...(Arguments) != 1) {
    return T(std::forward<Arguments>(arguments)...);
  } else if constexpr (converts) {
    return static_cast<T>((std::forward<Arguments>(arguments), ...));
  } else {
    T made(std::forward<Arguments>(arguments)...);  // T(...) would be a cast
    return made;
  }
}

// What an entry for `key` has as its own: numbers are compared as such, not as they were given.
template <class Key, class K>
decltype(auto) as_key(const K& key) noexcept {
  if constexpr (std::is_arithmetic_v<Key> && std::is_arithmetic_v<K> && !std::is_same_v<Key, K>) {
    return static_cast<Key>(key);
  } else {
    return (key);
  }
}

template <class Key, class Value>
struct table_entry : entry_head {
  using value_type = Value;

  template <class K, class... Arguments>
  explicit table_entry(std::uint64_t with_hash, K&& with_key, Arguments&&... arguments)
      : entry_head{with_hash},
        key(build<Key>(std::forward<K>(with_key))),
        value(build<Value>(std::forward<Arguments>(arguments)...)) {}

  std::size_t bytes() const noexcept {
    return sizeof *this + bytes_outside(key) + bytes_outside(value);
  }

  const Key key;
  const Value value;
};

template <class Entry>
Entry* entry_of(slot_word word) noexcept {
  return static_cast<Entry*>(entry_in(word));
}

// Readers are given the address of the value, and hold that; so it is what is retired. This deletes
// the entry around it.
template <class Entry>
struct entry_deleter {
  void operator()(const typename Entry::value_type* value) const noexcept {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"  // fine without virtual bases
    constexpr std::size_t offset = offsetof(Entry, value);
#pragma GCC diagnostic pop
    const char* const begin = reinterpret_cast<const char*>(value) - offset;
    delete reinterpret_cast<const Entry*>(begin);
  }
};

// Hands an entry that no slot names any more to the owner's limbo. The room was reserved before, or
// this throws std::bad_alloc with nothing changed.
template <class Entry>
void retire_entry(participant& owner, Entry* entry) {
  std::unique_ptr<const typename Entry::value_type, entry_deleter<Entry>> value(
      std::addressof(entry->value));
  try {
    owner.retire(std::move(value), entry->bytes());
  } catch (...) {
    static_cast<void>(value.release());
    throw;
  }
}

// What becomes of the entries of an array that is released: each is retired by itself, for somebody
// may hold it. Where nobody can (there is no participant) it is freed. Returns its bytes. Without
// memory for the limbo it is lost, not freed.
template <class Entry>
std::size_t let_go_of_entry(entry_head* head) noexcept {
  auto* entry = static_cast<Entry*>(head);
  const std::size_t bytes = entry->bytes();
  if (participant* here = participant::current(); here == nullptr) {
    delete entry;
  } else {
    try {
      retire_entry(*here, entry);
    } catch (const std::bad_alloc&) {}
  }
  return bytes;
}

using release_function = void (*)(void*) noexcept;

// Entries let go of in one call of a deleter, so that a cleared table does not stop the loop.
inline constexpr std::size_t entries_per_release = limits::small ? 4 : 128;

// Retires an array that no slot of a reader's leads to any more. False without a participant (the
// domain is being destroyed) or without memory.
inline bool try_retire(participant* owner, slot_array* array, release_function deleter) noexcept {
  if (owner == nullptr) return false;
  try {
    owner->retire(array, array->limbo_bytes, deleter);
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

// The deleter of an array: frees a part of it, lets go of the entries in it, and puts the rest
// behind everything else that waits.
template <std::size_t (*Destroy)(entry_head*) noexcept>
void release_array(void* object) noexcept {
  auto* array = static_cast<slot_array*>(object);
  while (!array->release_part(entries_per_release, Destroy)) {
    if (try_retire(participant::current(), array, &release_array<Destroy>)) return;
  }
}

// For arrays that hold no entry.
inline std::size_t destroy_nothing(entry_head*) noexcept { return 0; }
inline constexpr release_function release_empty_array = &release_array<&destroy_nothing>;

}  // namespace detail
}  // namespace lull
