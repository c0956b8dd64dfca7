// SPDX-License-Identifier: MIT
#pragma once

// Memory by way of which a file is sent: limits::send_file_bytes, of the heap. What is given back
// the core keeps, up to limits::kept_file_blocks of them, for whoever sends next: memory of that
// size which comes from the heap is memory that the kernel has to clear, page by page, and took
// longer than what was done with it. Core-local.

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include "../sched/frame_pool.hpp"
#include "limits.hpp"

namespace lull::detail {

class kept_file_blocks {
 public:
  using memory = std::unique_ptr<std::byte[]>;
  // AddressSanitizer is to see each come and go.
  static constexpr bool keeps = frame_pool::pools;

  // Throws std::bad_alloc.
  memory take() {
    if (count_ != 0) return std::move(kept_[--count_]);
    return std::make_unique_for_overwrite<std::byte[]>(limits::send_file_bytes);
  }
  void give_back(memory one) noexcept {
    if (keeps && count_ != kept_.size()) kept_[count_++] = std::move(one);
  }
  std::size_t count() const noexcept { return count_; }

 private:
  std::array<memory, limits::kept_file_blocks> kept_;
  std::size_t count_ = 0;
};

class file_block {
 public:
  // Throws std::bad_alloc.
  explicit file_block(kept_file_blocks& of) : of_(of), memory_(of.take()) {}
  file_block(const file_block&) = delete;
  file_block& operator=(const file_block&) = delete;
  ~file_block() { of_.give_back(std::move(memory_)); }

  std::byte* data() noexcept { return memory_.get(); }

 private:
  kept_file_blocks& of_;
  kept_file_blocks::memory memory_;
};

}  // namespace lull::detail
