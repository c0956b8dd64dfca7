// SPDX-License-Identifier: MIT
#include "temporary_file.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>

#include "../sched/shield.hpp"
#include "limits.hpp"
#include "unlink.hpp"

namespace lull {
namespace {

// By chance alone, so that no core, thread or process has to know of the others.
std::string unused_name(std::string_view folder) {
  std::uint64_t number = 0;
  static_cast<void>(::getrandom(&number, sizeof(number), 0));
  char name[32];
  std::snprintf(name, sizeof(name), "/.lull-%016llx", static_cast<unsigned long long>(number));
  return std::string(folder) + name;
}

// As a file system says that it has no files without a name, or a kernel that it does not know
// them.
bool lacks_unnamed_files(int code) noexcept { return code == EOPNOTSUPP || code == EISDIR; }

}  // namespace

detail::name_guard::~name_guard() {
  if (path_) ::unlink(path_.c_str());
}

task<result<file>> detail::create_unused(path_text folder, int flags, mode_t mode) {
  for (unsigned left = limits::temporary_names;; --left) {
    const path_text name(unused_name(folder.view()));
    open_file opening(name, flags | O_CREAT | O_EXCL, mode);
    auto opened = co_await opening;
    if (opened || opened.error() != std::errc::file_exists || left == 1) {
      co_return std::move(opened);
    }
  }
}

task<result<file>> detail::create_and_unlink(path_text folder, mode_t mode) {
  auto creating = create_unused(folder, O_RDWR, mode);
  auto made = co_await std::move(creating);
  if (!made) co_return failure(made.why().code, "temporary_file", folder);
  name_guard guard(made->path());
  unlink_path removing(made->path());
  const auto removed = co_await shield(removing);
  if (!removed) co_return failure(removed.why().code, "temporary_file", folder);
  guard.keep();
  co_return std::move(made);
}

task<result<file>> fs::temporary_file(path_text folder, mode_t mode) {
  detail::open_file opening(folder, O_TMPFILE | O_RDWR, mode);
  auto opened = co_await opening;
  if (opened) co_return std::move(opened);
  if (!lacks_unnamed_files(opened.why().code)) {
    co_return failure(opened.why().code, "temporary_file", folder);
  }
  auto creating = detail::create_and_unlink(folder, mode);
  co_return co_await std::move(creating);
}

}  // namespace lull
