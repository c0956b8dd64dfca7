// SPDX-License-Identifier: MIT
#pragma once

// Waits until a file is closed: everything in flight on it has been cancelled and has ended. Cannot
// be cancelled itself. Gives what the kernel says, which on network file systems may be that what
// was written before is lost; the file is closed whatever it says. Use file::close, which makes
// this.

#include <cerrno>
#include <coroutine>

#include "file_state.hpp"
#include "result.hpp"

namespace lull::detail {

class [[nodiscard]] close_file {
 public:
  explicit close_file(file_state& file) noexcept : file_(file) {}
  close_file(const close_file&) = delete;
  close_file& operator=(const close_file&) = delete;

  bool await_ready() const noexcept { return file_.closed(); }
  void await_suspend(suspended awaiting) noexcept {
    file_.check_core("close");
    waiter_.is_for(awaiting, "close");
    file_.close(waiter_);
  }
  result<void> await_resume() const noexcept {
    const int code = file_.close_result();
    if (code < 0) return file_.failed(-code, "close");
    return {};
  }

 private:
  file_state& file_;
  ready_node waiter_;
};

}  // namespace lull::detail
