// SPDX-License-Identifier: MIT
#pragma once

// The allocations of this test program, counted and made to fail. operator new of the whole program
// is replaced in allocations.cpp; a test turns failure on for its own scope, in one thread.
// ThreadSanitizer brings operators of its own that cannot be replaced: there these tests are
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

// While it lives, the allocation after `passes` further ones fails, and all after it.
class failing_allocations {
 public:
  explicit failing_allocations(std::size_t passes) noexcept;
  ~failing_allocations();
  failing_allocations(const failing_allocations&) = delete;
  failing_allocations& operator=(const failing_allocations&) = delete;

  // Whether one has failed.
  bool met() const noexcept;
};

}  // namespace test
