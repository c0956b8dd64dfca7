// SPDX-License-Identifier: MIT
#pragma once

// Bases of the operations that one submission on an open file does. Derive as from
// operation<Derived>; of file_operation, end await_resume with end(). Where the kernel cannot
// cancel by descriptor, closing the file tells each to cancel itself.

#include "../ring/ring.hpp"
#include "descriptor_operation.hpp"
#include "file_state.hpp"
#include "result.hpp"
#include "worker_operation.hpp"

namespace lull::detail {

template <class Derived>
class file_operation : public descriptor_operation<Derived, file_state>, private worker_operation {
  using base = descriptor_operation<Derived, file_state>;

 public:
  bool await_suspend(suspended awaiting) noexcept {
    io_core& here = file().io();
    ++here.statistics.file_operations;
    const bool waits = base::await_suspend(awaiting);
    if (waits && !here.home.ring->has().cancel_descriptor) here.by_workers.push_back(*this);
    return waits;
  }

 protected:
  explicit file_operation(file_state& file) noexcept
      : base(file), worker_operation(file, file, &file_operation::end_closed) {}

  // What the kernel said; the file is not used any more.
  std::int32_t end() noexcept {
    worker_operation::unlink();
    return base::end();
  }

  file_state& file() const noexcept { return this->state(); }
  failure failed(int code) const noexcept { return file().failed(code, Derived::name); }

 private:
  static void end_closed(worker_operation& self) noexcept {
    static_cast<file_operation&>(self).cancel();
  }
};

// One that gives nothing but its success.
template <class Derived>
class file_action : public file_operation<Derived> {
 public:
  result<void> await_resume() noexcept {
    const std::int32_t code = this->end();
    if (code < 0) return this->failed(-code);
    return {};
  }

 protected:
  using file_operation<Derived>::file_operation;
};

// One that gives how many bytes it moved.
template <class Derived>
class file_transfer : public file_operation<Derived> {
 public:
  result<std::size_t> await_resume() noexcept {
    const std::int32_t bytes = this->end();
    if (bytes < 0) return this->failed(-bytes);
    return static_cast<std::size_t>(bytes);
  }

 protected:
  using file_operation<Derived>::file_operation;
};

}  // namespace lull::detail
