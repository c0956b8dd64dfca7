// SPDX-License-Identifier: MIT
#pragma once

// Writing the caller's bytes to a file, at an offset or at its end. The bytes stay in place while
// the operation is awaited. Use file's functions, which make these.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "file_operation.hpp"
#include "in_whole.hpp"

namespace lull::detail {

// Some of the bytes: nearly always all, fewer where room or a limit ends.
class [[nodiscard]] write_some : public file_transfer<write_some> {
 public:
  static constexpr const char* name = "write";

  write_some(file_state& file, std::span<const std::byte> from, std::uint64_t offset) noexcept
      : file_transfer(file), from_(from), offset_(offset) {}

  void prepare(submission entry) noexcept;

 private:
  std::span<const std::byte> from_;
  std::uint64_t offset_;
};

// The same from several places, one after the other.
class [[nodiscard]] write_vectored : public file_transfer<write_vectored> {
 public:
  static constexpr const char* name = "write";

  write_vectored(file_state& file, std::span<const iovec> from, std::uint64_t offset) noexcept
      : file_transfer(file), from_(from), offset_(offset) {}

  void prepare(submission entry) noexcept;

 private:
  std::span<const iovec> from_;
  std::uint64_t offset_;
};

// All of the bytes. After a failure an unknown part has been written. `flags` are those of
// pwritev2.
template <class Derived>
class write_whole : public in_whole<Derived, file_operation<Derived>> {
 public:
  static constexpr int no_progress = EIO;

  void prepare(submission entry) noexcept;
  void advance(std::size_t bytes) noexcept {
    left_ = left_.subspan(bytes);
    offset_ += bytes;
  }
  bool done() const noexcept { return left_.empty(); }

 protected:
  write_whole(file_state& file, std::span<const std::byte> from, std::uint64_t offset,
              int flags) noexcept
      : in_whole<Derived, file_operation<Derived>>(file),
        left_(from),
        offset_(offset),
        flags_(flags) {}

 private:
  std::span<const std::byte> left_;
  std::uint64_t offset_;
  int flags_;
};

class [[nodiscard]] write_at : public write_whole<write_at> {
 public:
  static constexpr const char* name = "write_all";

  write_at(file_state& file, std::span<const std::byte> from, std::uint64_t offset) noexcept;
};

class [[nodiscard]] append_to : public write_whole<append_to> {
 public:
  static constexpr const char* name = "append";

  append_to(file_state& file, std::span<const std::byte> from) noexcept;
};

// The same with what the kernel calls RWF_DSYNC: each part that it takes is on the device when it
// says so.
class [[nodiscard]] write_durable : public write_whole<write_durable> {
 public:
  static constexpr const char* name = "write_durably";

  write_durable(file_state& file, std::span<const std::byte> from, std::uint64_t offset) noexcept;
};

class [[nodiscard]] append_durable : public write_whole<append_durable> {
 public:
  static constexpr const char* name = "append_durably";

  append_durable(file_state& file, std::span<const std::byte> from) noexcept;
};

extern template class write_whole<write_at>;
extern template class write_whole<append_to>;
extern template class write_whole<write_durable>;
extern template class write_whole<append_durable>;

}  // namespace lull::detail
