// SPDX-License-Identifier: MIT
#pragma once

// co_await fs::rename(from, to): gives a file or folder another name, at one stroke: whoever opens
// `to` meanwhile finds what was there before, or what is there now. Any core; suspends; one
// submission. It is lost in a crash until the folder has been synced.

#include <utility>

#include "path_operation.hpp"

namespace lull {
namespace detail {

class [[nodiscard]] rename_path : public path_action<rename_path> {
 public:
  static constexpr const char* name = "rename";

  rename_path(path_text paths, unsigned flags) noexcept
      : path_action(std::move(paths)), flags_(flags) {}
  void prepare(submission entry) noexcept { entry.rename(path().c_str(), path().second(), flags_); }

 private:
  unsigned flags_;
};

}  // namespace detail

namespace fs {

// `flags` as for renameat2(2): RENAME_NOREPLACE, RENAME_EXCHANGE. ENOENT, EACCES, EXDEV (another
// file system), EISDIR, ENOTEMPTY, EEXIST. Throws std::bad_alloc.
inline detail::rename_path rename(const path_text& from, const path_text& to, unsigned flags = 0) {
  return detail::rename_path(path_text(from, to), flags);
}

}  // namespace fs
}  // namespace lull
