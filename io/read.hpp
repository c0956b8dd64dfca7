// SPDX-License-Identifier: MIT
#pragma once

// Reading from a file at an offset, into memory of the caller that stays in place while the
// operation is awaited. Use file's functions, which make these.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "file_operation.hpp"
#include "in_whole.hpp"

namespace lull::detail {

// Some bytes; none at the end of the file.
class [[nodiscard]] read_some : public file_reading<read_some> {
 public:
  static constexpr const char* name = "read";

  read_some(file_state& file, std::span<std::byte> into, std::uint64_t offset) noexcept
      : file_reading(file), into_(into), offset_(offset) {}

  void prepare(submission entry) noexcept;
  std::size_t asked() const noexcept;
  std::uint64_t offset() const noexcept { return offset_; }

 private:
  std::span<std::byte> into_;
  std::uint64_t offset_;
};

// The same into several places, one after the other.
class [[nodiscard]] read_vectored : public file_reading<read_vectored> {
 public:
  static constexpr const char* name = "read";

  read_vectored(file_state& file, std::span<const iovec> into, std::uint64_t offset) noexcept
      : file_reading(file), into_(into), offset_(offset) {}

  void prepare(submission entry) noexcept;
  std::size_t asked() const noexcept;
  std::uint64_t offset() const noexcept { return offset_; }

 private:
  std::span<const iovec> into_;
  std::uint64_t offset_;
};

// As many bytes as there is room for. If the file ends before, what was read until then is in
// place.
class [[nodiscard]] read_whole : public in_whole<read_whole, file_operation<read_whole>> {
 public:
  static constexpr const char* name = "read_exactly";
  static constexpr int no_progress = ENODATA;

  read_whole(file_state& file, std::span<std::byte> into, std::uint64_t offset) noexcept
      : in_whole(file), left_(into), offset_(offset) {}

  void prepare(submission entry) noexcept;
  void advance(std::size_t bytes) noexcept {
    left_ = left_.subspan(bytes);
    offset_ += bytes;
  }
  bool done() const noexcept { return left_.empty(); }

 private:
  std::span<std::byte> left_;
  std::uint64_t offset_;
};

}  // namespace lull::detail
