// SPDX-License-Identifier: MIT
#pragma once

// Received bytes, where the kernel put them: a view of a piece of the core's receive buffers, which
// stays as long as this object. Moves; gives the piece back when it goes, on the core that received
// it. Keep it only for as long as the bytes are needed: a kept view keeps a buffer from the kernel.
// Empty: the stream has ended.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "../base/assert.hpp"
#include "buffers.hpp"

namespace lull {

class received {
 public:
  // Nothing, as at the end of a stream.
  received() noexcept = default;
  received(detail::buffer_pool& from, const detail::piece& what) noexcept
      : data_(what.data), pool_(&from), bytes_(what.bytes), buffer_(what.buffer) {}
  received(received&& other) noexcept
      : data_(other.data_),
        pool_(std::exchange(other.pool_, nullptr)),
        bytes_(std::exchange(other.bytes_, 0)),
        buffer_(other.buffer_) {}
  received& operator=(received&& other) noexcept {
    if (this != &other) {
      give_back();
      data_ = other.data_;
      pool_ = std::exchange(other.pool_, nullptr);
      bytes_ = std::exchange(other.bytes_, 0);
      buffer_ = other.buffer_;
    }
    return *this;
  }
  ~received() { give_back(); }

  bool empty() const noexcept { return bytes_ == 0; }
  std::size_t size() const noexcept { return bytes_; }
  const std::byte* data() const noexcept { return data_; }
  std::span<const std::byte> bytes() const noexcept { return {data_, bytes_}; }
  operator std::span<const std::byte>() const noexcept { return bytes(); }
  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), bytes_}; }

  // Ends the view now; empty afterwards.
  void reset() noexcept {
    give_back();
    bytes_ = 0;
  }

 private:
  void give_back() noexcept {
    if (pool_ == nullptr) return;
    LULL_ASSERT(pool_->home().is_current(),
                "received bytes of core %u were dropped on another thread; drop them where they "
                "were received, and copy what another core needs",
                pool_->home().index);
    std::exchange(pool_, nullptr)->give_back(buffer_);
  }

  const std::byte* data_ = nullptr;
  detail::buffer_pool* pool_ = nullptr;
  std::uint32_t bytes_ = 0;
  std::uint32_t buffer_ = 0;
};

}  // namespace lull
