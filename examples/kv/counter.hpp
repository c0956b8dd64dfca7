// SPDX-License-Identifier: MIT
#pragma once

// A figure that one core counts and any core reads; an increment needs no read-modify-write.
//
// variable | written by | read by  | pairings
// value_   | one core   | any core | none: relaxed, a count that need not agree with others

#include <atomic>
#include <cstdint>

namespace kv {

class counter {
 public:
  void add(std::uint64_t amount = 1) noexcept { set(value() + amount); }
  void subtract(std::uint64_t amount) noexcept { set(value() - amount); }
  void set(std::uint64_t now) noexcept { value_.store(now, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace kv
