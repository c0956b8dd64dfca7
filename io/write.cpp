// SPDX-License-Identifier: MIT
#include "write.hpp"

#include <algorithm>

#include "limits.hpp"

namespace lull::detail {

void write_some::prepare(submission entry) noexcept {
  entry.write(file().descriptor(), from_.data(), std::min(from_.size(), limits::submission_bytes),
              offset_, 0);
}

void write_vectored::prepare(submission entry) noexcept {
  entry.write_vectored(file().descriptor(), from_.data(),
                       static_cast<unsigned>(std::min(from_.size(), limits::vectors)), offset_);
}

template <class Derived>
void write_whole<Derived>::prepare(submission entry) noexcept {
  entry.write(this->file().descriptor(), left_.data(),
              std::min(left_.size(), limits::submission_bytes), offset_, flags_);
}

template class write_whole<write_at>;
template class write_whole<append_to>;
template class write_whole<write_durable>;
template class write_whole<append_durable>;

write_at::write_at(file_state& file, std::span<const std::byte> from, std::uint64_t offset) noexcept
    : write_whole(file, from, offset, 0) {}

// The offset means nothing then.
append_to::append_to(file_state& file, std::span<const std::byte> from) noexcept
    : write_whole(file, from, 0, RWF_APPEND) {}

write_durable::write_durable(file_state& file, std::span<const std::byte> from,
                             std::uint64_t offset) noexcept
    : write_whole(file, from, offset, RWF_DSYNC) {}

append_durable::append_durable(file_state& file, std::span<const std::byte> from) noexcept
    : write_whole(file, from, 0, RWF_APPEND | RWF_DSYNC) {}

}  // namespace lull::detail
