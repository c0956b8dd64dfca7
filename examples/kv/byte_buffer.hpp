// SPDX-License-Identifier: MIT
#pragma once

// A growable run of bytes: what a reply is written into and what a truncated request waits in.
// Used by one core at a time. Growing costs one realloc and never clears memory; appending within
// the capacity allocates nothing. It is not a string: there is no terminator, and what `extend`
// returns is uninitialised until the caller has written it.

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace kv {

class byte_buffer {
 public:
  byte_buffer() noexcept = default;
  byte_buffer(byte_buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  byte_buffer& operator=(byte_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~byte_buffer() { std::free(data_); }

  char* data() noexcept { return data_; }
  const char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  std::string_view view() const noexcept { return {data_, size_}; }

  // Room for `more` bytes behind the end; throws std::bad_alloc and changes nothing on failure.
  void reserve_more(std::size_t more) {
    if (capacity_ - size_ < more) [[unlikely]]
      grow(more);
  }
  // The place behind the end, `more` bytes of it usable. `commit` says how much was written.
  char* extend(std::size_t more) {
    reserve_more(more);
    return data_ + size_;
  }
  void commit(std::size_t written) noexcept { size_ += written; }

  void append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(extend(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void resize_down(std::size_t size) noexcept { size_ = size; }
  void clear() noexcept { size_ = 0; }

  // Drops the first `count` bytes; what is behind them moves to the front.
  void drop_front(std::size_t count) noexcept {
    size_ -= count;
    if (size_ != 0 && count != 0) std::memmove(data_, data_ + count, size_);
  }
  void release() noexcept {
    std::free(data_);
    data_ = nullptr;
    size_ = capacity_ = 0;
  }

 private:
  void grow(std::size_t more) {
    std::size_t wanted = capacity_ < 256 ? 512 : capacity_ * 2;
    if (wanted < size_ + more) wanted = size_ + more;
    void* larger = std::realloc(data_, wanted);
    if (larger == nullptr) throw std::bad_alloc{};
    data_ = static_cast<char*>(larger);
    capacity_ = wanted;
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace kv
