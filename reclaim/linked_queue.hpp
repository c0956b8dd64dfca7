// SPDX-License-Identifier: MIT
#pragma once

// Objects that link themselves, first in first out. Those since the last close are the open ones.
// One owner; no memory of its own.

#include <cstddef>
#include <utility>

#include "../base/assert.hpp"
#include "retirable.hpp"

namespace lull::detail {

class linked_queue {
 public:
  void push(retirable_base& one) noexcept {
    one.next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = &one;
    last_ = &one;
    ++open_;
    open_bytes_ += one.kind->bytes;
  }

  bool empty() const noexcept { return first_ == nullptr; }
  retirable_base& front() noexcept { return *first_; }
  static const linked_kind& kind_of(const retirable_base& one) noexcept { return *one.kind; }

  // Takes the first one out; it is not retired any more.
  retirable_base& pop() noexcept {
    retirable_base& one = *first_;
    first_ = one.next;
    if (first_ == nullptr) last_ = nullptr;
    return one;
  }

  // Objects pushed since the last close, and their bytes.
  std::size_t open() const noexcept { return open_; }
  std::size_t open_bytes() const noexcept { return open_bytes_; }
  void close() noexcept { open_ = open_bytes_ = 0; }

 private:
  retirable_base* first_ = nullptr;
  retirable_base* last_ = nullptr;
  std::size_t open_ = 0;
  std::size_t open_bytes_ = 0;
};

}  // namespace lull::detail
