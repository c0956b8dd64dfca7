// SPDX-License-Identifier: MIT
#pragma once

// co_await fs::mkdir(path, mode): makes a folder. Any core; suspends; one submission.

#include <sys/types.h>

#include <utility>

#include "path_operation.hpp"

namespace lull {
namespace detail {

class [[nodiscard]] make_directory : public path_action<make_directory> {
 public:
  static constexpr const char* name = "mkdir";

  make_directory(path_text path, mode_t mode) noexcept
      : path_action(std::move(path)), mode_(mode) {}
  void prepare(submission entry) noexcept { entry.make_directory(path().c_str(), mode_); }

 private:
  mode_t mode_;
};

}  // namespace detail

namespace fs {

// `mode` less the umask. EEXIST (a file counts too), ENOENT (the folder above), EACCES, ENOSPC.
inline detail::make_directory mkdir(path_text path, mode_t mode = 0777) noexcept {
  return detail::make_directory(std::move(path), mode);
}

}  // namespace fs
}  // namespace lull
