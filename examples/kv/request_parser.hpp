// SPDX-License-Identifier: MIT
#pragma once

// Finds requests in the bytes of one connection: RESP2 arrays of bulk strings, and inline commands.
// One connection, one core. It reads the bytes where they lie and remembers offsets only, so a
// frame that is cut anywhere is gone on with, not read again, and the bytes may have moved
// meanwhile. A request of up to 8 arguments allocates nothing. It checks the form of a request and
// its limits; what the words mean is not its business.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kv {

struct slice {
  std::size_t offset;  // from the first byte of the frame
  std::size_t size;
};

// The words of one request, readable while the bytes behind `base` stay.
class arguments {
 public:
  arguments() noexcept = default;
  arguments(const char* base, const slice* slices, std::size_t count) noexcept
      : base_(base), slices_(slices), count_(count) {}
  std::size_t size() const noexcept { return count_; }
  std::string_view operator[](std::size_t index) const noexcept {
    return {base_ + slices_[index].offset, slices_[index].size};
  }
  const char* base() const noexcept { return base_; }
  const slice* slices() const noexcept { return slices_; }

 private:
  const char* base_ = nullptr;
  const slice* slices_ = nullptr;
  std::size_t count_ = 0;
};

struct request_limits {
  std::size_t bulk_size = std::size_t{512} << 20;  // bytes in one argument
  std::size_t bulk_count = std::size_t{1} << 20;   // arguments in one request
  std::size_t line_size = std::size_t{64} << 10;   // bytes in an inline command or a length line
};

class request_parser {
 public:
  enum class outcome : std::uint8_t {
    request,     // `words()` are complete; the frame took `consumed()` bytes
    nothing,     // an empty line or an empty array: no request, no reply, `consumed()` bytes
    incomplete,  // more bytes are needed
    refused,     // broken beyond repair: send `complaint()`, then close
  };

  explicit request_parser(const request_limits& limits) noexcept : limits_(limits) {}

  // `begin` is the first byte of the frame, in every call until the frame is complete. Bytes that
  // an earlier call has seen must be the same, though they may lie elsewhere.
  outcome parse(const char* begin, const char* end);

  std::size_t consumed() const noexcept { return next_; }
  arguments words() const noexcept { return {base_, words_.data(), words_.size()}; }
  // The words lie in the parser, not in the input: they are gone with the next parse().
  bool words_are_unquoted_copies() const noexcept { return base_ == unquoted_.data(); }
  const std::string& complaint() const noexcept { return complaint_; }
  // The next call begins a frame, whatever this one had come to.
  void restart() noexcept { fresh_ = true; }
  // Between frames, gives back what an unusual request made this parser allocate.
  void trim();

 private:
  enum class line : std::uint8_t { number, incomplete, not_a_number, too_long };

  outcome parse_array(const char* begin, const char* end);
  outcome parse_inline(const char* begin, const char* end);
  line read_number(const char* at, const char* end, std::int64_t& value, std::size_t& taken) const;
  outcome refuse(std::string_view what);
  std::size_t bulk_end() const noexcept { return static_cast<std::size_t>(pending_bulk_) + 2; }

  request_limits limits_;
  const char* base_ = nullptr;
  std::size_t next_ = 0;         // offset behind what has been understood
  std::int64_t words_left_ = 0;  // arguments that the array still owes
  std::int64_t pending_bulk_ =
      -1;              // size of the argument whose bytes come next; -1: its length does
  bool fresh_ = true;  // the next call begins a frame
  std::vector<slice> words_;
  std::string unquoted_;
  std::string complaint_;
};

// Splits an inline command at blanks, with "..." and '...' quoting, into `text` and slices of it.
// False: a quote is not closed, or not followed by a blank.
bool split_inline(std::string_view line, std::string& text, std::vector<slice>& words);

}  // namespace kv
