// SPDX-License-Identifier: MIT
#pragma once

// Bases for objects that bring their own place in limbo: retiring one takes no memory at all and
// cannot fail. retirable<T> is released where it was retired; homed<T> on the thread that made it,
// in batches, for whoever keeps memory by core. Two words and five. Derive publicly, from one of
// them, and retire as usual: `retire(object)`.
//
// A homed object whose home has left when its time comes, or is in another domain, is released
// where it was retired. One whose home sleeps waits until that wakes; see domain_options::wake.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "../base/atomics.hpp"

namespace lull {

class participant;

namespace detail {

template <class Node>
class closable_stack;
struct slot;
class retirable_base;

// How objects of one type are released.
struct linked_kind {
  void (*release)(retirable_base& one) noexcept;
  const void* (*object)(const retirable_base& one) noexcept;  // the pointer that a hold names
  std::size_t bytes;
  bool homed;
};

class retirable_base {
 protected:
  retirable_base() noexcept = default;
  // A copy is an object of its own, and not retired.
  retirable_base(const retirable_base&) noexcept {}
  retirable_base& operator=(const retirable_base&) noexcept { return *this; }
  ~retirable_base() = default;

 private:
  friend class closable_stack<retirable_base>;
  friend class linked_queue;
  friend class lull::participant;
  friend class retiring;
  template <class, class>
  friend struct linked_kind_of;

  retirable_base* next = nullptr;
  const linked_kind* kind = nullptr;  // null: not retired
};

// Where an object was made: a slot, and who had it then.
class homed_base : public retirable_base {
 protected:
  // Of the calling thread's participant, or of nobody where there is none.
  homed_base() noexcept;
  homed_base(const homed_base&) noexcept : homed_base() {}
  homed_base& operator=(const homed_base&) noexcept { return *this; }
  ~homed_base() = default;

 private:
  friend class lull::participant;

  slot* home = nullptr;
  std::uint32_t incarnation = 0;  // of who had it then; on the way there, of who sent it
  std::uint32_t domain = 0;       // its number: what is retired in another has no home there
  atomic<std::uint64_t>* debt = nullptr;  // counted when it is released at home
};

// Whether this deleter does away with the whole object.
template <class T, class Deleter>
inline constexpr bool deletes_whole = true;
template <class T, class Base>
inline constexpr bool deletes_whole<T, std::default_delete<Base>> =
    std::is_same_v<T, Base> || std::has_virtual_destructor_v<Base>;

template <class T, class Deleter>
struct linked_kind_of {
  static_assert(deletes_whole<T, Deleter>,
                "this type has its retirable or homed from a base that would be deleted instead of "
                "it: give that base a virtual destructor, or a deleter that knows the type");

  static void release(retirable_base& one) noexcept { Deleter{}(static_cast<T*>(&one)); }
  static const void* object(const retirable_base& one) noexcept {
    return static_cast<const T*>(&one);
  }
  static constexpr linked_kind value{&release, &object, sizeof(T),
                                     std::is_base_of_v<homed_base, T>};
};

}  // namespace detail

template <class T, class Deleter = std::default_delete<T>>
class retirable : public detail::retirable_base {
 public:
  using retired_with = Deleter;

 protected:
  ~retirable() = default;
};

template <class T, class Deleter = std::default_delete<T>>
class homed : public detail::homed_base {
 public:
  using retired_with = Deleter;

 protected:
  ~homed() = default;
};

namespace detail {

template <class T>
concept links_itself = std::is_base_of_v<retirable_base, T>;

// Whether a unique_ptr with this deleter says no more than that the object is retired as usual.
template <class T, class Deleter>
inline constexpr bool is_as_retired = std::is_same_v<Deleter, std::default_delete<T>>;
template <links_itself T, class Deleter>
inline constexpr bool is_as_retired<T, Deleter> =
    std::is_same_v<Deleter, std::default_delete<T>> ||
    (std::is_same_v<Deleter, typename T::retired_with> && std::is_empty_v<Deleter>);

}  // namespace detail
}  // namespace lull
