// SPDX-License-Identifier: MIT
#pragma once

// Bases of the operations that one submission on paths does. Derive as from operation<Derived>; of
// path_operation, end await_resume with end(). The paths are the operation's own.

#include <cerrno>
#include <coroutine>
#include <cstdint>
#include <utility>

#include "../sched/operation.hpp"
#include "io_core.hpp"
#include "path_text.hpp"
#include "result.hpp"

namespace lull::detail {

template <class Derived>
class path_operation : public operation<Derived> {
 public:
  // Throws std::bad_alloc with nothing begun.
  bool await_suspend(suspended awaiting) {
    ++io_core::of(this_context(Derived::name)).statistics.file_operations;
    refused_ = path_.has_zero();
    return !refused_ && operation<Derived>::await_suspend(awaiting);
  }

 protected:
  explicit path_operation(path_text path) noexcept : path_(std::move(path)) {}

  const path_text& path() const noexcept { return path_; }
  // What the kernel said.
  std::int32_t end() const noexcept { return refused_ ? -EINVAL : this->answer(); }
  failure failed(int code) const noexcept { return failure(code, Derived::name, path_); }

 private:
  path_text path_;
  bool refused_ = false;
};

// One that gives nothing but its success.
template <class Derived>
class path_action : public path_operation<Derived> {
 public:
  result<void> await_resume() const noexcept {
    const std::int32_t code = this->end();
    if (code < 0) return this->failed(-code);
    return {};
  }

 protected:
  using path_operation<Derived>::path_operation;
};

}  // namespace lull::detail
