// SPDX-License-Identifier: MIT
#pragma once

// What is unlinked, retired and released under torture: an object that knows how far it is, in each
// form in which something can be retired.
//
//   linked    -> unlinked: by whoever takes it out of its cell, with the count of grace periods
//   then unlinked  -> expired: a grace period has been waited for, and only a hold may still read
//   it any       -> released: its destructor has run; the memory stays readable (memory.hpp)
//
// A reader remembers the serial that it found. One that changes under it, or says that it is
// released, is a fault, and so is a payload that does not fit: it is not atomic, so that
// ThreadSanitizer judges the order of the last read and the release.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace torture {

enum class form : std::uint8_t {
  plain,      // retire(T*)
  sized,      // retire(T*, bytes)
  owned,      // retire(unique_ptr<T>)
  stateless,  // retire(unique_ptr<T, D>), a deleter without state
  stateful,   // and one with state, which has to arrive
  array,      // retire(unique_ptr<T[]>, count)
  linked,     // retirable<T>
  homed,      // homed<T>: released by who made it
  pool,       // retire_to(pool, T*)
  function,   // retire(object, bytes, function)
  deferred,   // defer(closure), small and large: holds do not protect what a closure frees
};
inline constexpr unsigned forms = 11;
const char* name_of(form how) noexcept;

// What somebody retired, and what of it is released: what a barrier must find equal.
struct account {
  std::uint64_t retired = 0;  // the owner's
  std::atomic<std::uint64_t> released{0};
};

class object {
 public:
  static constexpr std::uint64_t released_bit = std::uint64_t(1) << 63;

  explicit object(form f) noexcept;
  ~object() { mark_released(); }
  object(const object&) = delete;
  object& operator=(const object&) = delete;

  static void* operator new(std::size_t bytes);
  static void* operator new[](std::size_t bytes);
  static void operator delete(void* memory) noexcept;
  static void operator delete[](void* memory) noexcept;

  std::atomic<std::uint64_t> serial;       // never the same twice
  std::atomic<std::uint64_t> unlinked{0};  // 1 and the grace periods at that time; 0: linked
  std::atomic<bool> expired{false};
  std::uint64_t payload;          // ~serial, until it is released
  account* retired_by = nullptr;  // of who retired it
  const form how;

 private:
  void mark_released() noexcept;
};

// Objects made and destroyed so far, and what their deleters found wrong: destroyed twice, a
// payload that does not fit, a deleter whose state did not arrive.
std::uint64_t objects_made() noexcept;
std::uint64_t objects_destroyed() noexcept;
std::uint64_t faulty_deletes() noexcept;

// A new one; homed ones are at home with the calling thread's participant.
object* make(form how);
// Retires it with the calling thread's participant.
void retire(object& one);

// What one retire counts in limbo, at most.
inline constexpr std::size_t most_bytes = 512;

}  // namespace torture
