// SPDX-License-Identifier: MIT
#pragma once

// What an operation gives: a T, or why there is none. Test it like a pointer and use * and ->, or
// call value(), which throws a std::system_error that names the operation and its peer or path.
// Making one of a success stores the value and a flag. Using the value of a failure stops the
// program.
//
//   if (auto got = co_await stream.receive()) use(*got); else log(got.message());

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "../base/assert.hpp"
#include "failure.hpp"

namespace lull {

template <class T = void>
class [[nodiscard]] result {
  static_assert(std::is_nothrow_move_constructible_v<T>, "a result's value moves without throwing");

 public:
  using value_type = T;

  result(T value) noexcept : good_(true) { std::construct_at(&value_, std::move(value)); }
  result(const failure& why) noexcept : good_(false) { std::construct_at(&failure_, why); }
  result(result&& other) noexcept : good_(other.good_) {
    if (good_) {
      std::construct_at(&value_, std::move(other.value_));
    } else {
      detail::move_to(failure_, other.failure_);
    }
  }
  result& operator=(result&& other) noexcept {
    if (this != &other) {
      std::destroy_at(this);
      std::construct_at(this, std::move(other));
    }
    return *this;
  }
  ~result() {
    if (good_) {
      std::destroy_at(&value_);
    } else {
      detail::destroy(failure_);
    }
  }

  explicit operator bool() const noexcept { return good_; }

  T& operator*() & noexcept { return checked(); }
  const T& operator*() const& noexcept { return const_cast<result*>(this)->checked(); }
  T&& operator*() && noexcept { return std::move(checked()); }
  T* operator->() noexcept { return &checked(); }
  const T* operator->() const noexcept { return &const_cast<result*>(this)->checked(); }

  T& value() & {
    if (!good_) detail::throw_failure(failure_);
    return value_;
  }
  const T& value() const& { return const_cast<result*>(this)->value(); }
  T value() && {
    if (!good_) detail::throw_failure(failure_);
    return std::move(value_);
  }

  // No error for a success.
  std::error_code error() const noexcept { return good_ ? std::error_code() : failure_.error(); }
  // Empty for a success.
  std::string message() const { return good_ ? std::string() : failure_.message(); }
  // Passes a failure on as that of another result: `if (!got) return got.why();`
  const failure& why() const noexcept {
    LULL_ASSERT(!good_, "a successful result was asked why it failed; test it before");
    return failure_;
  }

 private:
  T& checked() noexcept {
    if (!good_) [[unlikely]]
      detail::stop_for_failure(failure_);
    return value_;
  }

  union {
    T value_;
    failure failure_;
  };
  bool good_;
};

template <>
class [[nodiscard]] result<void> {
 public:
  using value_type = void;

  result() noexcept = default;
  result(const failure& why) noexcept : failure_(why) {}

  explicit operator bool() const noexcept { return !failure_; }
  void value() const {
    if (failure_) detail::throw_failure(*failure_);
  }
  std::error_code error() const noexcept {
    return failure_ ? failure_->error() : std::error_code();
  }
  std::string message() const { return failure_ ? failure_->message() : std::string(); }
  const failure& why() const noexcept {
    LULL_ASSERT(failure_.has_value(),
                "a successful result was asked why it failed; test it before");
    return *failure_;
  }

 private:
  std::optional<failure> failure_;
};

namespace detail {

template <class Result>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<result<T>> = true;

}  // namespace detail
}  // namespace lull
