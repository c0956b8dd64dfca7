// SPDX-License-Identifier: MIT
#pragma once

// The result of a call on its way back from another core or thread: a value, or the exception that
// it ended with. Filled there, taken here; whoever carries it orders the two. Not for users.

#include <exception>
#include <optional>
#include <utility>

namespace lull::detail {

// The result of a call on its way back.
template <class T>
class returned {
 public:
  template <class F>
  void capture(F&& call) noexcept {
    try {
      value_.emplace(std::forward<F>(call)());
    } catch (...) {
      error_ = std::current_exception();
    }
  }
  template <class U>
  void set(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }
  T take() {
    if (error_) std::rethrow_exception(std::move(error_));
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
  std::exception_ptr error_;
};

template <>
class returned<void> {
 public:
  template <class F>
  void capture(F&& call) noexcept {
    try {
      std::forward<F>(call)();
    } catch (...) {
      error_ = std::current_exception();
    }
  }
  void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }
  void take() {
    if (error_) std::rethrow_exception(std::move(error_));
  }

 private:
  std::exception_ptr error_;
};

}  // namespace lull::detail
