// SPDX-License-Identifier: MIT
#include "list.hpp"

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "../sched/offload.hpp"
#include "io_core.hpp"

namespace lull {
namespace {

struct listing {
  int error = 0;
  std::vector<fs::directory_entry> entries;
};

struct close_directory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

fs::file_kind kind_of(unsigned char type) noexcept {
  switch (type) {
    case DT_UNKNOWN:
      return fs::file_kind::unknown;
    case DT_REG:
      return fs::file_kind::regular;
    case DT_DIR:
      return fs::file_kind::directory;
    case DT_LNK:
      return fs::file_kind::symlink;
    default:
      return fs::file_kind::other;
  }
}

listing failed(int error) {
  listing none;
  none.error = error;
  return none;
}

// Blocks: on a thread of the pool.
listing read_directory(const path_text& path, std::size_t at_most) {
  const std::unique_ptr<DIR, close_directory> directory(::opendir(path.c_str()));
  if (directory == nullptr) return failed(errno);
  listing all;
  for (;;) {
    errno = 0;
    const dirent* const next = ::readdir(directory.get());
    if (next == nullptr) break;
    const std::string_view name = next->d_name;
    if (name == "." || name == "..") continue;
    if (all.entries.size() == at_most) return failed(EOVERFLOW);
    fs::directory_entry entry;
    entry.name = name;
    entry.kind = kind_of(next->d_type);
    all.entries.push_back(std::move(entry));
  }
  return errno == 0 ? std::move(all) : failed(errno);
}

}  // namespace

task<result<std::vector<fs::directory_entry>>> fs::list(path_text path, std::size_t at_most) {
  ++detail::io_core::of(detail::this_context("list")).statistics.file_operations;
  if (path.has_zero()) co_return failure(EINVAL, "list", path);
  try {
    offload reading(&read_directory, path, at_most);
    auto all = co_await reading;
    if (all.error != 0) co_return failure(all.error, "list", path);
    co_return std::move(all.entries);
  } catch (const std::system_error& error) {  // stopped, or no thread to be had
    co_return failure(error.code().value(), "list", path);
  }
}

}  // namespace lull
