// SPDX-License-Identifier: MIT
#pragma once

// Files that are to go away by themselves, or to be given a name once they are whole.

#include <sys/types.h>

#include <string_view>

#include "../sched/task.hpp"
#include "open.hpp"

namespace lull {
namespace detail {

// A new file in `folder` under a name that nobody has (path() of the file), for the caller to
// rename or remove. `flags` as for open(2).
task<result<file>> create_unused(path_text folder, int flags, mode_t mode);
// Temporary where the file system has no files without a name.
task<result<file>> create_and_unlink(path_text folder, mode_t mode);

// Removes a name in the end unless it was kept: by a blocking call, for when all else has failed.
class name_guard {
 public:
  explicit name_guard(const path_text& path) noexcept : path_(path) {}
  ~name_guard();
  name_guard(const name_guard&) = delete;
  name_guard& operator=(const name_guard&) = delete;

  void keep() noexcept { path_ = path_text(); }
  bool holds() const noexcept { return static_cast<bool>(path_); }

 private:
  path_text path_;
};

}  // namespace detail

namespace fs {

// co_await: a file without a name in `folder`, open for reading and writing; it is gone when it is
// closed, and when the program ends, however that ends. fs::link with AT_SYMLINK_FOLLOW gives it a
// name (O_TMPFILE). Where the file system cannot do that, it is made under a name and unlinked, and
// can be given none. Of this core; suspends; ENOENT, ENOTDIR, EACCES, ENOSPC, EMFILE. Throws
// std::bad_alloc.
task<result<file>> temporary_file(path_text folder = "/tmp", mode_t mode = 0600);

}  // namespace fs
}  // namespace lull
