// SPDX-License-Identifier: MIT
#pragma once

// Reserving room in a file, or giving it back: fallocate. Use file::allocate, which makes this.

#include <cstdint>

#include "file_operation.hpp"

namespace lull::detail {

class [[nodiscard]] allocate_range : public file_action<allocate_range> {
 public:
  static constexpr const char* name = "allocate";

  allocate_range(file_state& file, std::uint64_t offset, std::uint64_t bytes, int mode) noexcept
      : file_action(file), offset_(offset), bytes_(bytes), mode_(mode) {}
  void prepare(submission entry) noexcept {
    entry.allocate(file().descriptor(), mode_, offset_, bytes_);
  }

 private:
  std::uint64_t offset_;
  std::uint64_t bytes_;
  int mode_;
};

}  // namespace lull::detail
