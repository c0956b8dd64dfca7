// SPDX-License-Identifier: MIT
#pragma once

// What a buffered_reader has received and not given out: bytes of its own, and after them the rest
// of the block that came last, which stays where it was received. What is asked for is looked for
// in the block, and copied only where it began in an earlier one. Core-local.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "byte_store.hpp"

namespace lull::detail {

class read_buffer {
 public:
  std::size_t size() const noexcept { return own_.size() + block_.size(); }
  bool empty() const noexcept { return size() == 0; }
  // Those at the front that lie in one place: some, if there are any.
  std::span<const std::byte> front() const noexcept { return own_.empty() ? block_ : own_.bytes(); }

  // Before the block goes: keeps the rest of it. Without any, the memory of its own goes as well,
  // so that who waits for bytes has no buffer. Throws std::bad_alloc with nothing changed.
  void keep();
  // A block that stays in place until keep(), which was called before.
  void add(std::span<const std::byte> block) noexcept { block_ = block; }

  // The first `count` in one place; there are as many. Throws std::bad_alloc with nothing lost.
  std::span<const std::byte> gather(std::size_t count);
  // Takes the first `count` out; there are as many in front(). They stay in place until the next
  // gather, find or keep.
  std::span<const std::byte> take(std::size_t count) noexcept;

  // Where `what` begins, in front(), if it ends within the first `most` bytes. `looked` begins as 0
  // and tells how many of the bytes were looked at, for the call after the next block.
  std::optional<std::size_t> find(std::string_view what, std::size_t most, std::size_t& looked);

 private:
  byte_store own_;
  std::span<const std::byte> block_;
};

}  // namespace lull::detail
