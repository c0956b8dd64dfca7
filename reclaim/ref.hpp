// SPDX-License-Identifier: MIT
#pragma once

// What a lookup in a shared structure gives: a pointer that is good until the next suspension (the
// next quiescent state, for threads without coroutines), and null when nothing was found. In
// release builds it is a pointer and nothing else. In checked builds it carries the place of the
// lookup and the count of resumptions then, and any use after a suspension stops the program and
// names the lookup and the use. To keep the object longer make a hold of it; to keep everything,
// pin before the lookup (which this check does not know: get() the pointer under the pin).

#include <cstddef>
#include <cstdint>
#include <source_location>

namespace lull {

namespace detail {

#ifdef LULL_CHECKED
// The count of the calling thread's participant; 0 without one.
std::uint64_t resumptions_now() noexcept;
// Stops the program if the count has changed. `use` is an address in the code that uses the ref.
void check_ref(std::uint64_t resumptions, const std::source_location& found_at,
               const void* use) noexcept;
#endif

}  // namespace detail

template <class T>
class ref {
 public:
  ref() noexcept = default;
  ref(std::nullptr_t) noexcept {}  // NOLINT: like a pointer's

#ifdef LULL_CHECKED
  ref(T* object,
      std::source_location found_at = std::source_location::current()) noexcept  // NOLINT
      : object_(object), resumptions_(detail::resumptions_now()), found_at_(found_at) {}

  [[gnu::noinline]] T* get() const noexcept { return checked(__builtin_return_address(0)); }
  [[gnu::noinline]] T& operator*() const noexcept { return *checked(__builtin_return_address(0)); }
  [[gnu::noinline]] T* operator->() const noexcept { return checked(__builtin_return_address(0)); }
  // The pointer, for code that takes one; from here on nothing is checked.
  [[gnu::noinline]] operator T*() const noexcept {  // NOLINT: a ref is a pointer, but for the check
    return checked(__builtin_return_address(0));
  }
#else
  ref(T* object, std::source_location = {}) noexcept : object_(object) {}  // NOLINT

  T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  operator T*() const noexcept { return object_; }  // NOLINT
#endif

  // Whether something was found: may be asked at any time.
  explicit operator bool() const noexcept { return object_ != nullptr; }
  friend bool operator==(const ref& one, std::nullptr_t) noexcept { return one.object_ == nullptr; }

 private:
  T* object_ = nullptr;
#ifdef LULL_CHECKED
  T* checked(const void* use) const noexcept {
    if (object_ != nullptr) detail::check_ref(resumptions_, found_at_, use);
    return object_;
  }

  std::uint64_t resumptions_ = 0;
  std::source_location found_at_;
#endif
};

}  // namespace lull
