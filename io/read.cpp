// SPDX-License-Identifier: MIT
#include "read.hpp"

#include <algorithm>

#include "limits.hpp"

namespace lull::detail {

void read_some::prepare(submission entry) noexcept {
  entry.read(file().descriptor(), into_.data(), std::min(into_.size(), limits::submission_bytes),
             offset_);
}

void read_vectored::prepare(submission entry) noexcept {
  entry.read_vectored(file().descriptor(), into_.data(),
                      static_cast<unsigned>(std::min(into_.size(), limits::vectors)), offset_);
}

void read_whole::prepare(submission entry) noexcept {
  entry.read(file().descriptor(), left_.data(), std::min(left_.size(), limits::submission_bytes),
             offset_);
}

}  // namespace lull::detail
