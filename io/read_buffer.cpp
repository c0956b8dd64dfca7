// SPDX-License-Identifier: MIT
#include "read_buffer.hpp"

#include <algorithm>

namespace lull::detail {
namespace {

std::string_view text_of(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void read_buffer::keep() {
  own_.append(block_);
  block_ = {};
  if (own_.empty()) own_.release();
}

std::span<const std::byte> read_buffer::gather(std::size_t count) {
  if (front().size() < count) {
    const std::size_t missing = count - own_.size();
    own_.append(block_.first(missing));
    block_ = block_.subspan(missing);
  }
  return front().first(count);
}

std::span<const std::byte> read_buffer::take(std::size_t count) noexcept {
  const auto given = front().first(count);
  if (own_.empty()) {
    block_ = block_.subspan(count);
  } else {
    own_.drop(count);
  }
  return given;
}

// In the bytes of its own, across their end, and in the block: of that, no more than what is found
// is copied.
std::optional<std::size_t> read_buffer::find(std::string_view what, std::size_t most,
                                             std::size_t& looked) {
  const std::string_view own = text_of(own_.bytes()).substr(0, most);
  const std::string_view block = text_of(block_).substr(0, most - own.size());
  const std::size_t overlap = what.size() - 1;
  std::size_t at = own.find(what, looked);  // what was looked at before has become its own
  for (std::size_t in_own = std::min(overlap, own.size()); at == own.npos && in_own > 0; --in_own) {
    if (own.ends_with(what.substr(0, in_own)) && block.starts_with(what.substr(in_own))) {
      at = own.size() - in_own;
    }
  }
  if (at == own.npos && (at = block.find(what)) != own.npos) at += own.size();
  if (at == own.npos) {
    looked = own.size() + block.size();
    return std::nullopt;
  }
  gather(at + what.size());
  return at;
}

}  // namespace lull::detail
