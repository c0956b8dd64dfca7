// SPDX-License-Identifier: MIT
#pragma once

// The allocations of a test program, counted and made to fail. operator new of the whole program is
// replaced in allocations.cpp; a test turns failure on for its own scope, from one thread and for
// all. ThreadSanitizer brings operators of its own that cannot be replaced: there these tests are
// skipped.

#include <cstddef>

#include <catch2/catch_test_macros.hpp>

#include <lull/base/atomics.hpp>

namespace test {

// First line of a test that counts or fails allocations.
inline void need_allocations() {
#ifdef LULL_THREAD_SANITIZER
  SKIP("operator new cannot be replaced under ThreadSanitizer");
#endif
}

// Allocations made so far by any thread.
std::size_t allocations() noexcept;
std::size_t allocated_bytes() noexcept;

enum class failing { once, from_then_on };

// While it lives, the allocation after `passes` further ones fails, and all after it unless once.
class failing_allocations {
 public:
  explicit failing_allocations(std::size_t passes, failing how = failing::from_then_on) noexcept;
  ~failing_allocations();
  failing_allocations(const failing_allocations&) = delete;
  failing_allocations& operator=(const failing_allocations&) = delete;

  // Whether one has failed.
  bool met() const noexcept;
};

// While it lives, each allocation of so many bytes or more fails.
class denied_allocations {
 public:
  explicit denied_allocations(std::size_t least_bytes) noexcept;
  ~denied_allocations();
  denied_allocations(const denied_allocations&) = delete;
  denied_allocations& operator=(const denied_allocations&) = delete;
};

}  // namespace test
