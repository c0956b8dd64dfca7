// SPDX-License-Identifier: MIT
#pragma once

// Writing the caller's bytes to a file, at an offset or at its end. The bytes stay in place while
// the operation is awaited. Use file's functions, which make these.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "file_operation.hpp"

namespace lull::detail {

// Some of the bytes: nearly always all, fewer where room or a limit ends.
class write_some : public file_transfer<write_some> {
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
class write_vectored : public file_transfer<write_vectored> {
 public:
  static constexpr const char* name = "write";

  write_vectored(file_state& file, std::span<const iovec> from, std::uint64_t offset) noexcept
      : file_transfer(file), from_(from), offset_(offset) {}

  void prepare(submission entry) noexcept;

 private:
  std::span<const iovec> from_;
  std::uint64_t offset_;
};

// All of the bytes, in one submission unless the kernel stops short. After a failure an unknown
// part has been written. `flags` are those of pwritev2.
template <class Derived>
class write_whole : public file_operation<Derived> {
 public:
  void prepare(submission entry) noexcept;
  result<void> await_resume() noexcept;

 protected:
  write_whole(file_state& file, std::span<const std::byte> from, std::uint64_t offset,
              int flags) noexcept;

 private:
  static void step(completion_target& self, completion what) noexcept;

  std::span<const std::byte> left_;
  std::uint64_t offset_;
  int flags_;
  int stopped_short_ = 0;
};

class write_at : public write_whole<write_at> {
 public:
  static constexpr const char* name = "write_all";

  write_at(file_state& file, std::span<const std::byte> from, std::uint64_t offset) noexcept;
};

class append_to : public write_whole<append_to> {
 public:
  static constexpr const char* name = "append";

  append_to(file_state& file, std::span<const std::byte> from) noexcept;
};

extern template class write_whole<write_at>;
extern template class write_whole<append_to>;

}  // namespace lull::detail
