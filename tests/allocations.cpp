// SPDX-License-Identifier: MIT
#include "allocations.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t all_of_them = SIZE_MAX;

std::atomic<std::size_t> made_so_far{0};
std::atomic<std::size_t> bytes_so_far{0};
std::atomic<std::size_t> left_to_pass{all_of_them};
std::atomic<std::size_t> least_denied{SIZE_MAX};
std::atomic<bool> goes_on{false};
std::atomic<bool> one_failed{false};

#ifndef LULL_THREAD_SANITIZER
bool fails_now() noexcept {
  const std::size_t passes = left_to_pass.load(std::memory_order_relaxed);
  if (passes == all_of_them) return false;
  if (passes != 0) {
    left_to_pass.store(passes - 1, std::memory_order_relaxed);
    return false;
  }
  one_failed.store(true, std::memory_order_relaxed);
  if (!goes_on.load(std::memory_order_relaxed)) {
    left_to_pass.store(all_of_them, std::memory_order_relaxed);
  }
  return true;
}

void* get(std::size_t bytes, std::size_t alignment) noexcept {
  made_so_far.fetch_add(1, std::memory_order_relaxed);
  bytes_so_far.fetch_add(bytes, std::memory_order_relaxed);
  if (fails_now() || bytes >= least_denied.load(std::memory_order_relaxed)) return nullptr;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes == 0 ? 1 : bytes);
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* get_or_throw(std::size_t bytes, std::size_t alignment) {
  void* memory = get(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
#endif

}  // namespace

namespace test {

std::size_t allocations() noexcept { return made_so_far.load(std::memory_order_relaxed); }
std::size_t allocated_bytes() noexcept { return bytes_so_far.load(std::memory_order_relaxed); }

failing_allocations::failing_allocations(std::size_t passes, failing how) noexcept {
  one_failed.store(false, std::memory_order_relaxed);
  goes_on.store(how == failing::from_then_on, std::memory_order_relaxed);
  left_to_pass.store(passes, std::memory_order_relaxed);
}

failing_allocations::~failing_allocations() {
  left_to_pass.store(all_of_them, std::memory_order_relaxed);
}

bool failing_allocations::met() const noexcept {
  return one_failed.load(std::memory_order_relaxed);
}

denied_allocations::denied_allocations(std::size_t least_bytes) noexcept {
  least_denied.store(least_bytes, std::memory_order_relaxed);
}
denied_allocations::~denied_allocations() {
  least_denied.store(SIZE_MAX, std::memory_order_relaxed);
}

}  // namespace test

#ifndef LULL_THREAD_SANITIZER

void* operator new(std::size_t bytes) { return get_or_throw(bytes, 1); }
void* operator new[](std::size_t bytes) { return get_or_throw(bytes, 1); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return get(bytes, 1); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return get(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return get_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return get_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return get(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}

#endif
