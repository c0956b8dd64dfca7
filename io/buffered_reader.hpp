// SPDX-License-Identifier: MIT
#pragma once

// Reads a stream of bytes by lines, by counts and up to delimiters. Does not own the stream, which
// stays where it is as long as the reader lives; what the reader has received is its own, so read
// from the stream by the reader alone. One coroutine reads at a time. Belongs to the stream's core.
//
//   buffered_reader reader(peer);
//   for (;;) {
//     const auto line = co_await reader.read_line();
//     if (!line || line->ended()) co_return;
//     answer(line->text());
//   }
//
// What is read is a view of the reader's bytes, good until its next read: of the block in which the
// bytes were received, without a copy, unless they came in several. While it waits for bytes it
// holds no block of the core's, and without a part of something to read no memory. It never keeps
// more than its limit and one block: a peer cannot make it grow.
//
// Each read is a task (a frame of the core's pool, a second one where it waits), suspends only
// where the bytes have not come yet, and throws std::bad_alloc with nothing lost. When it is
// stopped, or the stream fails, what has come stays for the next read (but for skip() and
// read_exactly() into memory of the caller's, which have taken what had come). The failure of what
// is longer than the limit is value_too_large, and nothing of it has been taken: skip or read_some
// it, or close.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include "../base/assert.hpp"
#include "../sched/task.hpp"
#include "limits.hpp"
#include "read_buffer.hpp"
#include "result.hpp"
#include "stream_concepts.hpp"

namespace lull {

// What a read has given. Without anything: the end of the stream.
class read_view {
 public:
  read_view(std::span<const std::byte> bytes, bool ended) noexcept : bytes_(bytes), ended_(ended) {}

  // The stream ended before that was whole: a line without its end, fewer bytes than were asked
  // for. What came of it is here.
  bool ended() const noexcept { return ended_; }
  bool empty() const noexcept { return bytes_.empty(); }
  std::size_t size() const noexcept { return bytes_.size(); }
  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::span<const std::byte> bytes_;
  bool ended_;
};

template <receiving_stream Stream>
class buffered_reader {
 public:
  // `limit`: the longest line, and the most that is read in one place.
  explicit buffered_reader(Stream& from, std::size_t limit = limits::read_bytes) noexcept
      : from_(from), limit_(std::min(limit, ~std::size_t{0} / 2)) {}
  ~buffered_reader() {
    LULL_ASSERT(!reading_,
                "a buffered_reader was dropped while a task reads from it; join the "
                "task's scope before");
  }
  buffered_reader(const buffered_reader&) = delete;
  buffered_reader& operator=(const buffered_reader&) = delete;

  // co_await: a line without its end, which is "\n" or "\r\n".
  task<result<read_view>> read_line();
  // co_await: what comes before `delimiter`, which is taken as well, and stays where it is
  // meanwhile.
  task<result<read_view>> read_until(std::string_view delimiter);
  // co_await: as many bytes.
  task<result<read_view>> read_exactly(std::size_t count) { return whole(count, true); }
  // co_await: as many bytes as fit, of which there may be more than the limit; gives their number,
  // which is less only at the end of the stream. After a failure an unknown part has been taken.
  task<result<std::size_t>> read_exactly(std::span<std::byte> into);
  // co_await: as many bytes, which are there for the next read too.
  task<result<read_view>> peek(std::size_t count = 1) { return whole(count, false); }
  // co_await: what has come, `most` bytes of it at most. With 0 it waits too, and takes
  // nothing.
  task<result<read_view>> read_some(std::size_t most = ~std::size_t{0});
  // co_await: passes over as many bytes, of which there may be more than the limit; gives their
  // number, which is less only at the end of the stream. After a failure an unknown part has been.
  task<result<std::size_t>> skip(std::size_t count);

  // Bytes that have come here and were not read. The stream may have received more.
  std::size_t buffered() const noexcept { return buffer_.size(); }

 private:
  // One read at a time.
  class turn {
   public:
    explicit turn(buffered_reader& of) noexcept : of_(of) {
      LULL_ASSERT(!of.reading_,
                  "a buffered_reader is read by two coroutines at a time; let one "
                  "read, and hand on what it gets");
      of.reading_ = true;
    }
    ~turn() { of_.reading_ = false; }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

   private:
    buffered_reader& of_;
  };

  // Waits for more bytes, or the end.
  task<result<void>> more();
  task<result<read_view>> whole(std::size_t count, bool take);
  failure too_long(const char* operation) const noexcept {
    return failure(EOVERFLOW, operation, detail::name_of(from_));
  }
  // Everything that is left, at the end of the stream.
  result<read_view> rest(const char* operation) {
    if (buffer_.size() > limit_) return too_long(operation);
    buffer_.gather(buffer_.size());
    return read_view(buffer_.take(buffer_.size()), true);
  }

  Stream& from_;
  const std::size_t limit_;
  detail::received_by<Stream> block_{};
  detail::read_buffer buffer_;
  bool ended_ = false;
  bool reading_ = false;
};

template <receiving_stream Stream>
task<result<void>> buffered_reader<Stream>::more() {
  buffer_.keep();
  block_ = {};
  auto got = co_await from_.receive();
  if (!got) co_return got.why();
  block_ = *std::move(got);
  const std::span<const std::byte> bytes = block_.bytes();
  ended_ = bytes.empty();
  buffer_.add(bytes);
  co_return result<void>();
}

template <receiving_stream Stream>
task<result<read_view>> buffered_reader<Stream>::read_line() {
  const turn mine(*this);
  std::size_t looked = 0;
  for (;;) {
    // A line of the longest length may end in two bytes.
    if (const auto at = buffer_.find("\n", limit_ + 2, looked)) {
      const bool two = *at != 0 && buffer_.front()[*at - 1] == std::byte{'\r'};
      const std::size_t length = *at - (two ? 1 : 0);
      if (length > limit_) co_return too_long("read_line");
      co_return read_view(buffer_.take(*at + 1).first(length), false);
    }
    const bool full = looked > limit_;
    if (full && (looked > limit_ + 1 || buffer_.gather(looked).back() != std::byte{'\r'})) {
      co_return too_long("read_line");
    }
    if (ended_) co_return rest("read_line");
    auto came = co_await more();
    if (!came) co_return came.why();
  }
}

template <receiving_stream Stream>
task<result<read_view>> buffered_reader<Stream>::read_until(std::string_view delimiter) {
  LULL_ASSERT(!delimiter.empty(), "read_until was asked to read until nothing; give a delimiter");
  const turn mine(*this);
  std::size_t looked = 0;
  for (;;) {
    if (const auto at = buffer_.find(delimiter, limit_ + delimiter.size(), looked)) {
      co_return read_view(buffer_.take(*at + delimiter.size()).first(*at), false);
    }
    if (looked >= limit_ + delimiter.size()) co_return too_long("read_until");
    if (ended_) co_return rest("read_until");
    auto came = co_await more();
    if (!came) co_return came.why();
  }
}

template <receiving_stream Stream>
task<result<read_view>> buffered_reader<Stream>::whole(std::size_t count, bool take) {
  const turn mine(*this);
  if (count > limit_) co_return too_long(take ? "read_exactly" : "peek");
  while (buffer_.size() < count && !ended_) {
    auto came = co_await more();
    if (!came) co_return came.why();
  }
  const bool ended = buffer_.size() < count;
  const auto bytes = buffer_.gather(std::min(count, buffer_.size()));
  if (take) buffer_.take(bytes.size());
  co_return read_view(bytes, ended);
}

template <receiving_stream Stream>
task<result<std::size_t>> buffered_reader<Stream>::read_exactly(std::span<std::byte> into) {
  const turn mine(*this);
  std::size_t filled = 0;
  while (filled < into.size()) {
    while (buffer_.empty() && !ended_) {
      auto came = co_await more();
      if (!came) co_return came.why();
    }
    if (buffer_.empty()) break;
    const auto some = buffer_.take(std::min(buffer_.front().size(), into.size() - filled));
    std::memcpy(into.data() + filled, some.data(), some.size());
    filled += some.size();
  }
  co_return filled;
}

template <receiving_stream Stream>
task<result<read_view>> buffered_reader<Stream>::read_some(std::size_t most) {
  const turn mine(*this);
  while (buffer_.empty() && !ended_) {
    auto came = co_await more();
    if (!came) co_return came.why();
  }
  const bool ended = buffer_.empty();
  co_return read_view(buffer_.take(std::min(buffer_.front().size(), most)), ended);
}

template <receiving_stream Stream>
task<result<std::size_t>> buffered_reader<Stream>::skip(std::size_t count) {
  const turn mine(*this);
  std::size_t skipped = 0;
  while (skipped < count) {
    while (buffer_.empty() && !ended_) {
      auto came = co_await more();
      if (!came) co_return came.why();
    }
    if (buffer_.empty()) break;
    skipped += buffer_.take(std::min(buffer_.front().size(), count - skipped)).size();
  }
  co_return skipped;
}

}  // namespace lull
