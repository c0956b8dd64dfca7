// SPDX-License-Identifier: MIT
#pragma once

// Counts the calling thread's allocations, and makes one of them fail. The global operators new and
// delete of this test program are replaced in allocations.cpp, but not under ThreadSanitizer, which
// brings its own: there nothing is counted and nothing fails.

#include <lull/base/atomics.hpp>

#include <cstddef>

namespace lull::test {

#ifdef LULL_THREAD_SANITIZER
inline constexpr bool allocations_can_fail = false;
#else
inline constexpr bool allocations_can_fail = true;
#endif

struct allocation_counts {
  std::size_t calls = 0;
  std::size_t bytes = 0;
};

// The calling thread's allocations so far.
allocation_counts allocations() noexcept;

// While it lives, the thread's allocation number `at` (0 is the next one) fails, and when `forever`
// is set all that follow too.
class failing_allocation {
 public:
  explicit failing_allocation(std::size_t at, bool forever = false) noexcept;
  ~failing_allocation();
  failing_allocation(const failing_allocation&) = delete;
  failing_allocation& operator=(const failing_allocation&) = delete;

  // Whether one has failed.
  bool happened() const noexcept;
};

// While it lives, each of the thread's allocations of so many bytes or more fails.
class denied_allocations {
 public:
  explicit denied_allocations(std::size_t least_bytes) noexcept;
  ~denied_allocations();
  denied_allocations(const denied_allocations&) = delete;
  denied_allocations& operator=(const denied_allocations&) = delete;
};

}  // namespace lull::test
