// SPDX-License-Identifier: MIT
#pragma once

// The values of a channel or a queue: first in, first out, in one piece of memory that is used
// round and round. Allocates when it is made and when it is told to grow, and never else.
// Core-local.

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace lull::detail {

template <class T>
class circular_buffer {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_destructible_v<T>,
                "values of channels and queues are moved without throwing; send a unique_ptr");

 public:
  // Throws std::bad_alloc. `capacity` may be 0: nothing is allocated.
  explicit circular_buffer(std::size_t capacity) : capacity_(capacity) {
    if (capacity != 0) slots_ = std::allocator<T>().allocate(capacity);
  }
  circular_buffer(const circular_buffer&) = delete;
  circular_buffer& operator=(const circular_buffer&) = delete;
  ~circular_buffer() {
    while (!empty()) pop();
    give_back();
  }

  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return size_ == capacity_; }

  // There is room.
  void push(T&& value) noexcept {
    std::construct_at(slots_ + end_, std::move(value));
    end_ = after(end_);
    ++size_;
  }
  // It is not empty.
  T pop() noexcept {
    T& slot = slots_[first_];
    T value = std::move(slot);
    std::destroy_at(&slot);
    first_ = after(first_);
    --size_;
    return value;
  }

  // Throws std::bad_alloc with nothing changed.
  void grow(std::size_t capacity) {
    T* const larger = std::allocator<T>().allocate(capacity);
    const std::size_t kept = size_;
    for (std::size_t i = 0; i < kept; ++i) std::construct_at(larger + i, pop());
    give_back();
    slots_ = larger;
    capacity_ = capacity;
    first_ = 0;
    end_ = size_ = kept;
  }

 private:
  std::size_t after(std::size_t index) const noexcept {
    return index + 1 == capacity_ ? 0 : index + 1;
  }
  void give_back() noexcept {
    if (slots_ != nullptr) std::allocator<T>().deallocate(slots_, capacity_);
  }

  T* slots_ = nullptr;
  std::size_t capacity_;
  std::size_t first_ = 0;
  std::size_t end_ = 0;
  std::size_t size_ = 0;
};

}  // namespace lull::detail
