// SPDX-License-Identifier: MIT
#pragma once

// Telling the kernel how a file will be read: posix_fadvise. Use file::advise, which makes this.

#include <algorithm>
#include <cstdint>
#include <limits>

#include "file_operation.hpp"

namespace lull::detail {

class [[nodiscard]] advise_range : public file_action<advise_range> {
 public:
  static constexpr const char* name = "advise";

  advise_range(file_state& file, std::uint64_t offset, std::uint64_t bytes, int advice) noexcept
      : file_action(file), offset_(offset), bytes_(bytes), advice_(advice) {}
  // An entry has 32 bits for the length on every kernel: of what is longer only the beginning is
  // advised on, and it is no more than advice.
  void prepare(submission entry) noexcept {
    constexpr std::uint64_t longest = std::numeric_limits<std::uint32_t>::max();
    entry.advise(file().descriptor(), offset_,
                 static_cast<std::uint32_t>(std::min(bytes_, longest)), advice_);
  }

 private:
  std::uint64_t offset_;
  std::uint64_t bytes_;
  int advice_;
};

}  // namespace lull::detail
