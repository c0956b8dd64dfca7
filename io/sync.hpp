// SPDX-License-Identifier: MIT
#pragma once

// Waiting until what was written to a file is on its device. Use file's functions, which make
// these.

#include <cstdint>
#include <limits>

#include "file_operation.hpp"

namespace lull::detail {

class [[nodiscard]] sync_file : public file_action<sync_file> {
 public:
  static constexpr const char* name = "fsync";

  explicit sync_file(file_state& file) noexcept : file_action(file) {}
  void prepare(submission entry) noexcept { entry.sync(file().descriptor(), false); }
};

class [[nodiscard]] sync_data : public file_action<sync_data> {
 public:
  static constexpr const char* name = "fdatasync";

  explicit sync_data(file_state& file) noexcept : file_action(file) {}
  void prepare(submission entry) noexcept { entry.sync(file().descriptor(), true); }
};

class [[nodiscard]] sync_range : public file_action<sync_range> {
 public:
  static constexpr const char* name = "sync_range";

  sync_range(file_state& file, std::uint64_t offset, std::uint64_t bytes, unsigned flags) noexcept
      : file_action(file), offset_(offset), bytes_(bytes), flags_(flags) {}
  // An entry has 32 bits for the length: of what is longer all to the end is synced.
  void prepare(submission entry) noexcept {
    const bool fits = bytes_ <= std::numeric_limits<std::uint32_t>::max();
    entry.sync_range(file().descriptor(), offset_, fits ? static_cast<std::uint32_t>(bytes_) : 0,
                     flags_);
  }

 private:
  std::uint64_t offset_;
  std::uint64_t bytes_;
  unsigned flags_;
};

}  // namespace lull::detail
