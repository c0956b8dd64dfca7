// SPDX-License-Identifier: MIT
#include "send_file.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <tuple>
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

// Thrown, so that a read beside it ends: it may wait for more of a pipe.
struct failed_send {
  failure why;
};

task<> send_or_throw(byte_stream& to, std::span<const std::byte> piece) {
  auto sending = to.send_all(piece);
  const auto sent = co_await sending;
  if (!sent) throw failed_send{sent.why()};
}

// Sends, and reads meanwhile. Fails as the send does, or as the read.
task<result<std::size_t>> send_and_read(byte_stream& to, std::span<const std::byte> piece,
                                        file& from, std::span<std::byte> into,
                                        std::uint64_t offset) {
  try {
    auto sending = send_or_throw(to, piece);
    auto reading = from.read(into, offset);
    auto both = co_await when_all(std::move(sending), std::move(reading));
    co_return std::move(std::get<1>(both));
  } catch (const failed_send& failed) {
    co_return failed.why;
  }
}

}  // namespace

task<result<std::uint64_t>> send_file(byte_stream& to, file& from, std::uint64_t offset,
                                      std::uint64_t bytes) {
  std::uint64_t done = 0;
  if (bytes == 0) co_return done;
  detail::file_block block(detail::io_core::of(detail::this_context("send_file")).file_blocks);
  const auto whole_block = [&] {
    const auto left = std::min<std::uint64_t>(bytes - done, limits::send_file_bytes);
    return std::span(block.data(), static_cast<std::size_t>(left));
  };
  std::span<std::byte> room = whole_block();
  auto beginning = from.read(room, offset);
  auto got = co_await beginning;
  while (got && *got != 0) {
    const std::size_t piece = *got;
    const std::span<const std::byte> unsent = room.first(piece);
    room = room.subspan(piece);
    if (room.empty()) {
      auto sending = to.send_all(unsent);
      const auto sent = co_await sending;
      if (!sent) co_return of_send_file(sent.why());
      done += piece;
      room = whole_block();
      if (room.empty()) co_return done;
      auto reading = from.read(room, offset + done);
      got = co_await reading;
    } else {  // it stopped short, at the end of the file most likely
      auto both = send_and_read(to, unsent, from, room, offset + done + piece);
      got = co_await std::move(both);
      done += piece;
    }
  }
  if (!got) co_return of_send_file(got.why());
  co_return done;
}

}  // namespace lull
