// SPDX-License-Identifier: MIT
#include "allocations.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t never = SIZE_MAX;

std::atomic<std::size_t> made_so_far{0};
std::atomic<std::size_t> left_to_pass{never};
std::atomic<bool> failed{false};

#ifndef LULL_THREAD_SANITIZER
void* get(std::size_t bytes, std::size_t alignment) noexcept {
  made_so_far.fetch_add(1, std::memory_order_relaxed);
  const std::size_t passes = left_to_pass.load(std::memory_order_relaxed);
  if (passes != never) {
    if (passes == 0) {
      failed.store(true, std::memory_order_relaxed);
      return nullptr;
    }
    left_to_pass.store(passes - 1, std::memory_order_relaxed);
  }
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

failing_allocations::failing_allocations(std::size_t passes) noexcept {
  failed.store(false, std::memory_order_relaxed);
  left_to_pass.store(passes, std::memory_order_relaxed);
}

failing_allocations::~failing_allocations() {
  left_to_pass.store(never, std::memory_order_relaxed);
}

bool failing_allocations::met() const noexcept { return failed.load(std::memory_order_relaxed); }

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

#endif
