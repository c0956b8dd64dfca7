// SPDX-License-Identifier: MIT
#pragma once

// Memory of its own for O_DIRECT, which moves whole blocks between the device and memory and wants
// address, offset and length to be multiples of the block. A block of 4 KiB serves every usual
// device. One allocation when it is made; zeroed; moved for a pointer. A span takes it as it is:
// `file.read(buffer, 0)`. Any thread, one at a time.

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "../base/assert.hpp"
#include "limits.hpp"

namespace lull {

class aligned_buffer {
 public:
  aligned_buffer() noexcept = default;
  // At least so many bytes: rounded up to a whole number of blocks. `alignment`, of the address
  // too, is a power of two. Throws std::bad_alloc.
  explicit aligned_buffer(std::size_t bytes, std::size_t alignment = limits::direct_alignment)
      : size_(rounded(bytes, alignment)) {
    auto* const memory =
        static_cast<std::byte*>(::operator new(size_, std::align_val_t(alignment)));
    std::memset(memory, 0, size_);
    memory_ = {memory, release(alignment)};
  }
  aligned_buffer(aligned_buffer&& other) noexcept
      : memory_(std::move(other.memory_)), size_(std::exchange(other.size_, 0)) {}
  aligned_buffer& operator=(aligned_buffer&& other) noexcept {
    memory_ = std::move(other.memory_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::byte* data() noexcept { return memory_.get(); }
  const std::byte* data() const noexcept { return memory_.get(); }
  std::size_t size() const noexcept { return size_; }
  std::byte* begin() noexcept { return data(); }
  std::byte* end() noexcept { return data() + size_; }
  const std::byte* begin() const noexcept { return data(); }
  const std::byte* end() const noexcept { return data() + size_; }

 private:
  struct release {
    release() noexcept : alignment(1) {}
    explicit release(std::size_t of) noexcept : alignment(of) {}
    void operator()(std::byte* memory) const noexcept {
      ::operator delete(memory, std::align_val_t(alignment));
    }
    std::size_t alignment;
  };

  static std::size_t rounded(std::size_t bytes, std::size_t alignment) {
    LULL_ASSERT(alignment != 0 && (alignment & (alignment - 1)) == 0,
                "an aligned_buffer was asked for with an alignment of %zu; it is a power of two",
                alignment);
    const std::size_t whole = (bytes + alignment - 1) & ~(alignment - 1);
    if (whole < bytes) throw std::bad_alloc();
    return whole;
  }

  std::unique_ptr<std::byte, release> memory_;
  std::size_t size_ = 0;
};

}  // namespace lull
