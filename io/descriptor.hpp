// SPDX-License-Identifier: MIT
#pragma once

// An open descriptor that somebody owns: closed when its owner goes, a system call. Moves. Used and
// dropped on any thread.

#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace lull {

class descriptor {
 public:
  // None.
  descriptor() noexcept = default;
  // Owns `number` from here on.
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~descriptor() { reset(); }

  explicit operator bool() const noexcept { return number_ >= 0; }
  // It stays owned; -1: none.
  int get() const noexcept { return number_; }
  // The caller owns it from here on.
  int release() noexcept { return std::exchange(number_, -1); }
  // Closes it now.
  void reset() noexcept;

 private:
  int number_ = -1;
};

// Those that came with one message.
class descriptor_list {
 public:
  // The most that a message is received with.
  static constexpr std::size_t most = 16;

  descriptor_list() noexcept = default;
  descriptor_list(descriptor_list&& other) noexcept
      : all_(std::move(other.all_)), size_(std::exchange(other.size_, 0)) {}
  descriptor_list& operator=(descriptor_list&& other) noexcept {
    all_ = std::move(other.all_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  // Move out of it what is kept.
  descriptor& operator[](std::size_t i) noexcept { return all_[i]; }
  descriptor* begin() noexcept { return all_.data(); }
  descriptor* end() noexcept { return all_.data() + size_; }

  // One more; closes it when the list is full.
  void add(descriptor one) noexcept {
    if (size_ < most) all_[size_++] = std::move(one);
  }

 private:
  std::array<descriptor, most> all_;
  std::size_t size_ = 0;
};

}  // namespace lull
