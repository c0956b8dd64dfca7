// SPDX-License-Identifier: MIT
#pragma once

// Reading from a file at an offset, into memory of the caller that stays in place while the
// operation is awaited. Use file's functions, which make these.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "file_operation.hpp"

namespace lull::detail {

// Some bytes; none at the end of the file.
class read_some : public file_transfer<read_some> {
 public:
  static constexpr const char* name = "read";

  read_some(file_state& file, std::span<std::byte> into, std::uint64_t offset) noexcept
      : file_transfer(file), into_(into), offset_(offset) {}

  void prepare(submission entry) noexcept;

 private:
  std::span<std::byte> into_;
  std::uint64_t offset_;
};

// The same into several places, one after the other.
class read_vectored : public file_transfer<read_vectored> {
 public:
  static constexpr const char* name = "read";

  read_vectored(file_state& file, std::span<const iovec> into, std::uint64_t offset) noexcept
      : file_transfer(file), into_(into), offset_(offset) {}

  void prepare(submission entry) noexcept;

 private:
  std::span<const iovec> into_;
  std::uint64_t offset_;
};

// As many bytes as there is room for, in one submission unless the kernel stops short. Fails with
// ENODATA if the file ends before; what was read until then is in place.
class read_whole : public file_operation<read_whole> {
 public:
  static constexpr const char* name = "read_exactly";

  read_whole(file_state& file, std::span<std::byte> into, std::uint64_t offset) noexcept
      : file_operation(file), left_(into), offset_(offset) {
    complete = &read_whole::step;
  }

  void prepare(submission entry) noexcept;
  result<void> await_resume() noexcept;

 private:
  static void step(completion_target& self, completion what) noexcept;

  std::span<std::byte> left_;
  std::uint64_t offset_;
  int stopped_short_ = 0;
};

}  // namespace lull::detail
