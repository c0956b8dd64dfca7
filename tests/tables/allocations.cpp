// SPDX-License-Identifier: MIT
#include "allocations.hpp"

#include <lull/base/atomics.hpp>

#include <cstdlib>
#include <limits>
#include <new>

namespace lull::test {
namespace {

struct failure_plan {
  bool armed = false;
  bool forever = false;
  bool happened = false;
  std::size_t left = 0;
};

thread_local allocation_counts counts;
thread_local failure_plan plan;
thread_local std::size_t denied_bytes = std::numeric_limits<std::size_t>::max();

#ifndef LULL_THREAD_SANITIZER
bool fails_now() noexcept {
  if (!plan.armed) return false;
  if (plan.left > 0) {
    --plan.left;
    return false;
  }
  plan.happened = true;
  if (!plan.forever) plan.armed = false;
  return true;
}

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (fails_now() || bytes >= denied_bytes) return nullptr;
  ++counts.calls;
  counts.bytes += bytes;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes == 0 ? 1 : bytes);
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t bytes, std::size_t alignment) {
  void* memory = allocate(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
#endif

}  // namespace

allocation_counts allocations() noexcept { return counts; }

failing_allocation::failing_allocation(std::size_t at, bool forever) noexcept {
  plan = {true, forever, false, at};
}
failing_allocation::~failing_allocation() { plan = {}; }
bool failing_allocation::happened() const noexcept { return plan.happened; }

denied_allocations::denied_allocations(std::size_t least_bytes) noexcept {
  denied_bytes = least_bytes;
}
denied_allocations::~denied_allocations() {
  denied_bytes = std::numeric_limits<std::size_t>::max();
}

}  // namespace lull::test

#ifndef LULL_THREAD_SANITIZER
using lull::test::allocate;
using lull::test::allocate_or_throw;

void* operator new(std::size_t bytes) { return allocate_or_throw(bytes, 1); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes, 1); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}
#endif
