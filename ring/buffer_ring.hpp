// SPDX-License-Identifier: MIT
#pragma once

// Memory that the kernel fills with received bytes: a ring of equal buffers, from which a receive
// takes one only when data has come, so that idle connections own none. Belongs to one ring and its
// core. Giving a buffer back is a few stores and enters nothing.
//
// Incremental (kernel 6.12): the kernel fills one buffer piece by piece, for any number of
// receives, until it is full; a completion says whether it will go on with it. Otherwise one
// receive takes one whole buffer.

#include <cstddef>
#include <cstdint>

#include "ring.hpp"

struct io_uring_buf_ring;

namespace lull {

class buffer_ring {
 public:
  // `count` a power of two up to 32,768. Throws std::system_error when the kernel refuses, and
  // std::bad_alloc without memory. Every buffer starts with the kernel. On one ring a group below
  // 64 serves once: Linux 6.1 goes on in the next of that number where it left off, and finds
  // nothing there.
  buffer_ring(ring& owner, std::uint16_t group, unsigned count, std::size_t buffer_bytes,
              bool incremental);
  ~buffer_ring();
  buffer_ring(const buffer_ring&) = delete;
  buffer_ring& operator=(const buffer_ring&) = delete;

  std::uint16_t group() const noexcept { return group_; }
  unsigned count() const noexcept { return count_; }
  std::size_t buffer_bytes() const noexcept { return buffer_bytes_; }
  bool incremental() const noexcept { return incremental_; }

  std::byte* data(std::uint16_t buffer) const noexcept {
    return buffers_ + std::size_t{buffer} * buffer_bytes_;
  }

  // The kernel may fill the buffer again. Nobody reads it any more, and it is not there already.
  void give_back(std::uint16_t buffer) noexcept;

 private:
  ring& ring_;
  io_uring_buf_ring* entries_ = nullptr;
  std::byte* buffers_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  std::size_t buffer_bytes_;
  unsigned count_;
  std::uint16_t group_;
  bool incremental_;
};

}  // namespace lull
