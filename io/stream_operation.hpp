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
    stream_.check_core(Derived::name);
    if (!stream_.open()) return false;
    stream_.enter();
    entered_ = true;
    return operation<Derived>::await_suspend(awaiting);
  }

 protected:
  explicit stream_operation(stream_state& stream) noexcept : stream_(stream) {}

  stream_state& stream() const noexcept { return stream_; }
  // What the kernel said; the stream is not used any more.
  std::int32_t end() noexcept {
    if (!entered_) return -EBADF;
    stream_.leave();
    return this->answer();
  }
  failure failed(int code) const noexcept { return failure(code, Derived::name, stream_.peer()); }

 private:
  stream_state& stream_;
  bool entered_ = false;
};

}  // namespace lull::detail
