// SPDX-License-Identifier: MIT
#pragma once

// Base of the operations that one submission on a stream does: refuses a closed stream, and keeps
// the stream's descriptor from being closed until the operation has been resumed. Derive as from
// operation<Derived>, and end await_resume with end().

#include <cerrno>
#include <coroutine>
#include <cstdint>

#include "../sched/operation.hpp"
#include "result.hpp"
#include "stream_state.hpp"

namespace lull::detail {

template <class Derived>
class stream_operation : public operation<Derived> {
 public:
  bool await_suspend(suspended awaiting) noexcept {
    stream_.check_core(name_);
    if (!stream_.open()) return false;
    stream_.enter();
    entered_ = true;
    return operation<Derived>::await_suspend(awaiting);
  }

 protected:
  // `name` is a literal, for messages.
  stream_operation(stream_state& stream, const char* name) noexcept
      : stream_(stream), name_(name) {}

  stream_state& stream() const noexcept { return stream_; }
  // What the kernel said; the stream is not used any more.
  std::int32_t end() noexcept {
    if (!entered_) return -EBADF;
    stream_.leave();
    return this->answer();
  }
  failure failed(int code) const noexcept { return failure(code, name_, stream_.peer()); }

 private:
  stream_state& stream_;
  const char* name_;
  bool entered_ = false;
};

}  // namespace lull::detail
