// SPDX-License-Identifier: MIT
#pragma once

// Memory for coroutine frames: a stack of free blocks a size class, one pool a core. Taking and
// giving back a block of up to 2 KiB is a few loads and stores; larger ones, and those of threads
// that are no core, come from the heap. Blocks are 64-byte aligned, so frames may hold cache-line
// aligned variables. A block freed on another thread simply joins that thread's pool.

#include <array>
#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#define LULL_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LULL_ADDRESS_SANITIZER 1
#endif
#endif

namespace lull::detail {

class frame_pool {
 public:
  frame_pool() noexcept = default;
  frame_pool(const frame_pool&) = delete;
  frame_pool& operator=(const frame_pool&) = delete;
  ~frame_pool();

  static constexpr std::size_t granule = 64;
  static constexpr std::size_t largest = 2048;
  // Free blocks kept a class: what a burst leaves beyond it goes back to the heap. AddressSanitizer
  // sees every frame come and go.
#if defined(LULL_ADDRESS_SANITIZER)
  static constexpr std::uint32_t most_kept = 0;
#else
  static constexpr std::uint32_t most_kept = 4096;
#endif

  // Throws std::bad_alloc.
  void* allocate(std::size_t bytes) {
    const std::size_t index = (bytes - 1) / granule;
    if (index < classes_.size()) {
      size_class& from = classes_[index];
      if (block* free = from.free; free != nullptr) {
        from.free = free->next;
        --from.kept;
        return free;
      }
    }
    return from_heap(bytes);
  }

  void deallocate(void* memory, std::size_t bytes) noexcept {
    const std::size_t index = (bytes - 1) / granule;
    if (index < classes_.size() && classes_[index].kept < most_kept) {
      auto* free = static_cast<block*>(memory);
      free->next = classes_[index].free;
      classes_[index].free = free;
      ++classes_[index].kept;
      return;
    }
    to_heap(memory, bytes);
  }

  static void* from_heap(std::size_t bytes);
  static void to_heap(void* memory, std::size_t bytes) noexcept;

 private:
  struct block {
    block* next;
  };
  struct size_class {
    block* free = nullptr;
    std::uint32_t kept = 0;
  };

  std::array<size_class, largest / granule> classes_{};
};

}  // namespace lull::detail
