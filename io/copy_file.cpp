// SPDX-License-Identifier: MIT
#include "copy_file.hpp"

#include <cstddef>
#include <memory>
#include <span>

#include "../sched/shield.hpp"
#include "limits.hpp"
#include "open.hpp"
#include "temporary_file.hpp"
#include "unlink.hpp"

namespace lull {
namespace {

failure of_copy(const failure& step, const path_text& both) noexcept {
  return failure(step.code, "copy_file", both);
}

task<result<std::uint64_t>> copy_content(file& from, file& to, const path_text& both) {
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(limits::copy_file_bytes);
  std::uint64_t done = 0;
  for (;;) {
    auto reading = from.read(std::span(buffer.get(), limits::copy_file_bytes), done);
    const auto got = co_await reading;
    if (!got) co_return of_copy(got.why(), both);
    if (*got == 0) break;
    auto writing = to.write_all(std::span<const std::byte>(buffer.get(), *got), done);
    const auto written = co_await writing;
    if (!written) co_return of_copy(written.why(), both);
    done += *got;
  }
  auto closing = to.close();
  const auto closed = co_await closing;
  if (!closed) co_return of_copy(closed.why(), both);
  co_return done;
}

}  // namespace

task<result<std::uint64_t>> fs::copy_file(path_text from, path_text to) {
  const path_text both(from, to);
  detail::open_file opening(from, O_RDONLY, 0);
  auto source = co_await opening;
  if (!source) co_return of_copy(source.why(), both);
  auto asking = source->stat();
  const auto status = co_await asking;
  if (!status) co_return of_copy(status.why(), both);
  detail::open_file creating(to, O_WRONLY | O_CREAT | O_EXCL, status->mode & 0777);
  auto target = co_await creating;
  if (!target) co_return of_copy(target.why(), both);

  detail::name_guard guard(to);
  auto copying = copy_content(*source, *target, both);
  auto done = co_await std::move(copying);
  if (done) {
    guard.keep();
  } else {
    detail::unlink_path removing(to);
    const auto removed = co_await shield(removing);
    if (removed) guard.keep();
  }
  co_return done;
}

}  // namespace lull
