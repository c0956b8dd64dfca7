// SPDX-License-Identifier: MIT
#include "send_file.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "../sched/when_all.hpp"
#include "io_core.hpp"
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
  detail::file_block block(detail::io_core::of(detail::this_context("send_file")).file_blocks);
  std::uint64_t done = 0;
  const auto whole_block = [&] {
    const auto left = std::min<std::uint64_t>(bytes - done, limits::send_file_bytes);
    return std::span(block.data(), static_cast<std::size_t>(left));
  };
  std::span<std::byte> room = whole_block();
  if (room.empty()) co_return done;
  auto beginning = from.read(room, offset);
  auto got = co_await beginning;
  while (got && *got != 0) {
    const std::size_t piece = *got;
    auto sending = to.send_all(std::span<const std::byte>(room.first(piece)));
    room = room.subspan(piece);
    if (room.empty()) {
      const auto sent = co_await sending;
      if (!sent) co_return of_send_file(sent.why());
      done += piece;
      room = whole_block();
      if (room.empty()) co_return done;
      auto reading = from.read(room, offset + done);
      got = co_await reading;
    } else {  // it stopped short, at the end of the file most likely
      auto reading = from.read(room, offset + done + piece);
      auto [sent, more] = co_await when_all(std::move(sending), std::move(reading));
      if (!sent) co_return of_send_file(sent.why());
      done += piece;
      got = std::move(more);
    }
  }
  if (!got) co_return of_send_file(got.why());
  co_return done;
}

}  // namespace lull
