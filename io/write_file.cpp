// SPDX-License-Identifier: MIT
#include "write_file.hpp"

#include <string>

#include "../sched/shield.hpp"
#include "rename.hpp"
#include "temporary_file.hpp"
#include "unlink.hpp"

namespace lull {
namespace {

std::string_view folder_of(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return path.substr(0, slash == 0 ? 1 : slash);
}

failure failed(const failure& step, const char* name, const path_text& path) noexcept {
  return failure(step.code, name, path);
}

// Until the temporary file may take the other's place.
task<result<void>> fill(file& temporary, std::span<const std::byte> bytes, const path_text& path) {
  auto writing = temporary.write_all(bytes, 0);
  const auto written = co_await writing;
  if (!written) co_return failed(written.why(), "write_file (write)", path);
  auto syncing = temporary.fsync();
  const auto synced = co_await syncing;
  if (!synced) co_return failed(synced.why(), "write_file (fsync)", path);
  auto closing = temporary.close();
  const auto closed = co_await closing;
  if (!closed) co_return failed(closed.why(), "write_file (close)", path);
  co_return result<void>();
}

task<result<void>> replace(detail::name_guard& guard, const path_text& from, const path_text& path,
                           file& folder) {
  auto renaming = fs::rename(from, path);
  const auto renamed = co_await renaming;
  if (!renamed) co_return failed(renamed.why(), "write_file (rename)", path);
  guard.keep();
  auto syncing = folder.fsync();
  const auto synced = co_await syncing;
  if (!synced) co_return failed(synced.why(), "write_file (fsync of the folder)", path);
  co_return result<void>();
}

}  // namespace

task<result<void>> fs::write_file(path_text path, std::span<const std::byte> bytes, mode_t mode) {
  if (path.has_zero()) co_return failure(EINVAL, "write_file", path);
  const path_text folder_path(folder_of(path.view()));
  detail::open_file opening(folder_path, O_RDONLY | O_DIRECTORY, 0);
  auto folder = co_await opening;
  if (!folder) co_return failed(folder.why(), "write_file (open of the folder)", path);
  auto creating = detail::create_unused(folder_path, O_WRONLY, mode);
  auto temporary = co_await std::move(creating);
  if (!temporary) co_return failed(temporary.why(), "write_file (open)", path);

  const path_text name = temporary->path();
  detail::name_guard guard(name);
  auto filling = fill(*temporary, bytes, path);
  auto done = co_await std::move(filling);
  if (done) {
    auto replacing = replace(guard, name, path, *folder);
    done = co_await shield(std::move(replacing));
  }
  if (!done && guard.holds()) {
    detail::unlink_path removing(name);
    const auto removed = co_await shield(removing);
    if (removed) guard.keep();
  }
  co_return done;
}

}  // namespace lull
