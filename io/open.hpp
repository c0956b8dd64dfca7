// SPDX-License-Identifier: MIT
#pragma once

// Opening a file. co_await fs::open(path, flags, mode) gives a file of this core; suspends until
// the kernel has it. Stopped or failed, nothing stays open; a file that was opened just before the
// stop is delivered. Allocates the path and the file's state, and throws std::bad_alloc before
// anything has been opened. A named pipe that nobody has open at its other end is opened for
// reading at once, and fails with ENXIO for writing, where the kernel has the path at hand (the
// ring asks without blocking first); else a thread of the kernel waits for the other end. O_RDWR
// opens it at once.

#include <fcntl.h>
#include <sys/types.h>

#include <coroutine>

#include "file.hpp"
#include "path_operation.hpp"

namespace lull {
namespace detail {

class [[nodiscard]] open_file : public path_operation<open_file> {
 public:
  static constexpr const char* name = "open";

  open_file(path_text path, int flags, mode_t mode) noexcept
      : path_operation(std::move(path)), flags_(flags), mode_(mode) {}
  ~open_file() { delete file_; }

  bool await_suspend(suspended awaiting);
  void prepare(submission entry) noexcept;
  result<file> await_resume() noexcept;

 private:
  file_state* file_ = nullptr;  // until it is delivered
  int flags_;
  mode_t mode_;
};

}  // namespace detail

namespace fs {

// `flags` as for open(2): O_RDONLY, O_WRONLY or O_RDWR, with O_CREAT, O_EXCL, O_TRUNC, O_APPEND,
// O_DIRECT (see aligned_buffer), O_DIRECTORY, O_NOFOLLOW... The descriptor is closed on exec.
// `mode` gives the rights of a new file, less the umask. ENOENT, EACCES, EEXIST, EISDIR, ENOSPC,
// EMFILE.
inline detail::open_file open(path_text path, int flags = O_RDONLY, mode_t mode = 0666) noexcept {
  return detail::open_file(std::move(path), flags, mode);
}

}  // namespace fs
}  // namespace lull
