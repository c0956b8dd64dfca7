// SPDX-License-Identifier: MIT
#pragma once

// Received bytes, decrypted, in memory of their own. Moves; any thread may keep it and drop it.
// Empty: the stream has ended.

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "../sched/core_context.hpp"

namespace lull {

class tls_received {
 public:
  // Nothing, as at the end of a stream.
  tls_received() noexcept = default;
  // Room for so many bytes. Throws std::bad_alloc.
  explicit tls_received(std::size_t room)
      : data_(static_cast<std::byte*>(detail::allocate_frame(room))), bytes_(room), room_(room) {}
  tls_received(tls_received&& other) noexcept { swap(other); }
  tls_received& operator=(tls_received&& other) noexcept {
    tls_received taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~tls_received() { reset(); }

  bool empty() const noexcept { return bytes_ == 0; }
  std::size_t size() const noexcept { return bytes_; }
  const std::byte* data() const noexcept { return data_; }
  std::span<const std::byte> bytes() const noexcept { return {data_, bytes_}; }
  operator std::span<const std::byte>() const noexcept { return bytes(); }
  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), bytes_}; }

  // Gives the memory up now; empty afterwards.
  void reset() noexcept {
    if (data_ != nullptr) detail::deallocate_frame(std::exchange(data_, nullptr), room_);
    bytes_ = 0;
  }

  // For who fills it.
  std::span<std::byte> room() noexcept { return {data_, room_}; }
  void filled(std::size_t bytes) noexcept { bytes_ = bytes; }

 private:
  void swap(tls_received& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(room_, other.room_);
  }

  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t room_ = 0;
};

}  // namespace lull
