// SPDX-License-Identifier: MIT
#pragma once

// Removing a name (co_await fs::unlink) or an empty folder (co_await fs::rmdir). A file goes with
// its last name and its last open descriptor. Any core; suspends; one submission.

#include <fcntl.h>

#include <utility>

#include "path_operation.hpp"

namespace lull {
namespace detail {

class [[nodiscard]] unlink_path : public path_action<unlink_path> {
 public:
  static constexpr const char* name = "unlink";

  explicit unlink_path(path_text path) noexcept : path_action(std::move(path)) {}
  void prepare(submission entry) noexcept { entry.unlink(path().c_str(), 0); }
};

class [[nodiscard]] remove_directory : public path_action<remove_directory> {
 public:
  static constexpr const char* name = "rmdir";

  explicit remove_directory(path_text path) noexcept : path_action(std::move(path)) {}
  void prepare(submission entry) noexcept { entry.unlink(path().c_str(), AT_REMOVEDIR); }
};

}  // namespace detail

namespace fs {

// ENOENT, EACCES, EISDIR.
inline detail::unlink_path unlink(path_text path) noexcept {
  return detail::unlink_path(std::move(path));
}
// ENOENT, EACCES, ENOTDIR, ENOTEMPTY, EBUSY.
inline detail::remove_directory rmdir(path_text path) noexcept {
  return detail::remove_directory(std::move(path));
}

}  // namespace fs
}  // namespace lull
