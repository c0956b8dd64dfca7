// SPDX-License-Identifier: MIT
#pragma once

// A connection that a pool has lent (connection_pool.hpp); moves; goes on the pool's core, before
// the pool.

#include <utility>

namespace lull {

template <class Pool>
class connection_lease {
 public:
  using stream = typename Pool::stream;

  connection_lease(connection_lease&& other) noexcept
      : from_(std::exchange(other.from_, nullptr)),
        connection_(std::move(other.connection_)),
        is_new_(other.is_new_),
        keeps_(other.keeps_) {}
  connection_lease& operator=(connection_lease&& other) noexcept {
    if (this != &other) {
      end();
      from_ = std::exchange(other.from_, nullptr);
      connection_ = std::move(other.connection_);
      is_new_ = other.is_new_;
      keeps_ = other.keeps_;
    }
    return *this;
  }
  ~connection_lease() { end(); }

  stream& operator*() noexcept { return connection_; }
  stream* operator->() noexcept { return &connection_; }
  // Made for this lease, and never lent before.
  bool is_new() const noexcept { return is_new_; }
  // It may be lent again when it goes: nothing of this one's is on its way any more.
  void keep() noexcept { keeps_ = true; }

 private:
  friend Pool;

  connection_lease(Pool& from, stream connection, bool is_new) noexcept
      : from_(&from), connection_(std::move(connection)), is_new_(is_new) {}
  void end() noexcept {
    if (from_ != nullptr) {
      std::exchange(from_, nullptr)->give_back(std::move(connection_), keeps_);
    }
  }

  Pool* from_;
  stream connection_;
  bool is_new_;
  bool keeps_ = false;
};

}  // namespace lull
