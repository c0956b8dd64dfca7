// SPDX-License-Identifier: MIT
#include "send_file.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

#include "limits.hpp"

namespace lull {
namespace {

// With the name of what was asked for.
failure of_send_file(const failure& step) noexcept {
  failure why = step;
  why.operation = "send_file";
  return why;
}

}  // namespace

task<result<std::uint64_t>> send_file(byte_stream& to, file& from, std::uint64_t offset,
                                      std::uint64_t bytes) {
  const auto room = static_cast<std::size_t>(
      std::min<std::uint64_t>(std::max<std::uint64_t>(bytes, 1), limits::send_file_bytes));
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(room);
  std::uint64_t done = 0;
  while (done < bytes) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes - done, std::uint64_t{room}));
    auto reading = from.read(std::span(buffer.get(), wanted), offset + done);
    const auto got = co_await reading;
    if (!got) co_return of_send_file(got.why());
    if (*got == 0) break;
    auto sending = to.send_all(std::span<const std::byte>(buffer.get(), *got));
    const auto sent = co_await sending;
    if (!sent) co_return of_send_file(sent.why());
    done += *got;
  }
  co_return done;
}

}  // namespace lull
