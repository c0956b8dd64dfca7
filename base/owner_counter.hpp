// SPDX-License-Identifier: MIT
#pragma once

// A figure that one thread writes and any thread reads: an increment needs no read-modify-write.
// Nothing is concluded from it, so it is relaxed.

#include <cstdint>

#include "atomics.hpp"
#include "clock.hpp"

namespace lull::detail {

class owner_counter {
 public:
  void add(std::uint64_t by) noexcept { set(get() + by); }
  void subtract(std::uint64_t by) noexcept { set(get() - by); }
  void set(std::uint64_t now) noexcept { value_.store(now, relaxed); }
  void set(time_point now) noexcept {
    set(static_cast<std::uint64_t>(now.time_since_epoch().count()));
  }
  void raise(std::uint64_t now) noexcept {
    if (now > get()) set(now);
  }
  std::uint64_t get() const noexcept { return value_.load(relaxed); }

 private:
  atomic<std::uint64_t> value_{0};
};

}  // namespace lull::detail
