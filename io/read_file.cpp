// SPDX-License-Identifier: MIT
#include "read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <span>
#include <utility>

#include "open.hpp"

namespace lull {
namespace {

// Where a file does not tell its length, and to begin with.
constexpr std::size_t least_room = 4096;
// What files of /sys tell: a page, the largest there is, and they have less.
constexpr std::size_t told_for_nothing = 65536;

}  // namespace

task<result<std::string>> fs::read_file(path_text path, std::size_t at_most) {
  detail::open_file opening(path, O_RDONLY, 0);
  auto opened = co_await opening;
  if (!opened) co_return opened.why();
  file from = std::move(*opened);
  auto asking = from.stat();
  const auto status = co_await asking;
  if (!status) co_return status.why();

  if (status->bytes > std::max(at_most, told_for_nothing))
    co_return failure(EFBIG, "read_file", path);
  std::string content;
  std::size_t filled = 0;
  // One byte more than there should be, to meet the end of the file with the last read.
  std::size_t room = std::max(static_cast<std::size_t>(status->bytes) + 1, least_room);
  for (;;) {
    if (room > content.max_size()) throw std::bad_alloc();
    content.resize(room);
    auto reading = from.read(std::as_writable_bytes(std::span(content).subspan(filled)), filled);
    const auto got = co_await reading;
    if (!got) co_return got.why();
    if (*got == 0) break;
    filled += *got;
    if (filled > at_most) co_return failure(EFBIG, "read_file", path);
    if (filled == room) room += room;
  }
  content.resize(filled);
  co_return content;
}

}  // namespace lull
