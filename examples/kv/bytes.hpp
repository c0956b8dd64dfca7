// SPDX-License-Identifier: MIT
#pragma once

// An immutable run of bytes, a key or a value: up to 28 of them lie in the object itself (32
// bytes), more in one allocation. Written when it is made, read by any core that may read its
// owner. Moves, never copies by accident, and has no way to change what it holds.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace kv {

class bytes {
 public:
  static constexpr std::size_t held_inside = 28;

  explicit bytes(std::string_view text) : bytes(text, {}) {}
  // Both texts, one behind the other. Throws std::bad_alloc.
  bytes(std::string_view front, std::string_view back)
      : size_(static_cast<std::uint32_t>(front.size() + back.size())) {
    char* to = inside_;
    if (size_ > held_inside) {
      to = static_cast<char*>(::operator new(size_));
      std::memcpy(inside_, &to, sizeof to);
    }
    if (!front.empty()) std::memcpy(to, front.data(), front.size());
    if (!back.empty()) std::memcpy(to + front.size(), back.data(), back.size());
  }
  bytes(bytes&& other) noexcept : size_(other.size_) {
    std::memcpy(inside_, other.inside_, sizeof inside_);
    other.size_ = 0;
  }
  bytes& operator=(bytes&&) = delete;
  ~bytes() {
    if (size_ > held_inside) ::operator delete(outside(), size_);
  }

  std::size_t size() const noexcept { return size_; }
  // What lies outside the object.
  std::size_t allocated() const noexcept { return size_ > held_inside ? size_ : 0; }
  const char* data() const noexcept { return size_ > held_inside ? outside() : inside_; }
  operator std::string_view() const noexcept { return {data(), size_}; }

  friend bool operator==(const bytes& left, std::string_view right) noexcept {
    return std::string_view{left} == right;
  }
  friend bool operator==(const bytes& left, const bytes& right) noexcept {
    return std::string_view{left} == std::string_view{right};
  }

 private:
  char* outside() const noexcept {
    char* at = nullptr;
    std::memcpy(&at, inside_, sizeof at);
    return at;
  }

  std::uint32_t size_;
  alignas(4) char inside_[held_inside];
};
static_assert(sizeof(bytes) == 32);

}  // namespace kv
