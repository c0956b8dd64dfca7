// SPDX-License-Identifier: MIT
#pragma once

// Asking what is known of a file, by path or of an open one. Any core; suspends; one submission.

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "file_operation.hpp"
#include "file_status.hpp"
#include "path_operation.hpp"

namespace lull {
namespace detail {

class [[nodiscard]] stat_path : public path_operation<stat_path> {
 public:
  static constexpr const char* name = "stat";

  stat_path(path_text path, int flags) noexcept : path_operation(std::move(path)), flags_(flags) {}
  void prepare(submission entry) noexcept;
  result<fs::file_status> await_resume() const noexcept;

 private:
  struct statx raw_ = {};
  int flags_;
};

class [[nodiscard]] stat_file : public file_operation<stat_file> {
 public:
  static constexpr const char* name = "stat";

  explicit stat_file(file_state& file) noexcept : file_operation(file) {}
  void prepare(submission entry) noexcept;
  result<fs::file_status> await_resume() noexcept;

 private:
  struct statx raw_ = {};
};

}  // namespace detail

namespace fs {

// co_await: of the file that a path leads to, symbolic links followed. ENOENT, EACCES, ENOTDIR,
// ELOOP.
inline detail::stat_path stat(path_text path) noexcept {
  return detail::stat_path(std::move(path), 0);
}
// co_await: of a symbolic link itself.
inline detail::stat_path lstat(path_text path) noexcept {
  return detail::stat_path(std::move(path), AT_SYMLINK_NOFOLLOW);
}

}  // namespace fs
}  // namespace lull
