// SPDX-License-Identifier: MIT
#pragma once

// Bytes in one place, appended at the end and dropped from the front. The memory grows by doubling;
// up to 2 KiB of it come from the core's frame pool, more from the heap. What bytes() has given is
// good until the next append or release. Belongs to one core.

#include <cstddef>
#include <span>
#include <utility>

namespace lull::detail {

class byte_store {
 public:
  byte_store() noexcept = default;
  ~byte_store() { release(); }
  byte_store(const byte_store&) = delete;
  byte_store& operator=(const byte_store&) = delete;

  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t capacity() const noexcept { return capacity_; }
  std::span<const std::byte> bytes() const noexcept { return {memory_ + begin_, size()}; }

  // Throws std::bad_alloc with nothing changed.
  void append(std::span<const std::byte> more);
  // There are at least so many.
  void drop(std::size_t count) noexcept { begin_ += count; }
  // Drops all, and gives the memory back.
  void release() noexcept;

  void swap(byte_store& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

 private:
  void make_room(std::size_t more);

  std::byte* memory_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace lull::detail
