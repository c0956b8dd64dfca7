// SPDX-License-Identifier: MIT
#pragma once

// A further name for a file (co_await fs::link), or a symbolic link (co_await fs::symlink). Neither
// replaces what is there: EEXIST. Any core; suspends; one submission.

#include <utility>

#include "path_operation.hpp"

namespace lull {
namespace detail {

class [[nodiscard]] link_path : public path_action<link_path> {
 public:
  static constexpr const char* name = "link";

  link_path(path_text paths, int flags) noexcept : path_action(std::move(paths)), flags_(flags) {}
  void prepare(submission entry) noexcept { entry.link(path().c_str(), path().second(), flags_); }

 private:
  int flags_;
};

class [[nodiscard]] symlink_path : public path_action<symlink_path> {
 public:
  static constexpr const char* name = "symlink";

  explicit symlink_path(path_text paths) noexcept : path_action(std::move(paths)) {}
  void prepare(submission entry) noexcept { entry.symlink(path().c_str(), path().second()); }
};

}  // namespace detail

namespace fs {

// `flags` as for linkat(2): AT_SYMLINK_FOLLOW. With it, "/proc/self/fd/N" as `existing` gives a
// name to a temporary_file. ENOENT, EEXIST, EXDEV, EPERM (a folder). Throws std::bad_alloc.
inline detail::link_path link(const path_text& existing, const path_text& created, int flags = 0) {
  return detail::link_path(path_text(existing, created), flags);
}
// `target` is stored as it is, and need not exist. ENOENT, EEXIST, ENOSPC. Throws std::bad_alloc.
inline detail::symlink_path symlink(const path_text& target, const path_text& created) {
  return detail::symlink_path(path_text(target, created));
}

}  // namespace fs
}  // namespace lull
