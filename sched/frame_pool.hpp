// SPDX-License-Identifier: MIT
#pragma once

// Memory for coroutine frames: blocks of a size class, cut from slabs of 32 KiB, one pool a core.
// Taking a block of up to 2 KiB and giving it back is a dozen instructions each; a slab that is
// free again serves other classes. What is free beyond some spares, and stays so for a while, goes
// back to the heap step by step: see frame_trim.hpp. Larger frames come from the heap. Blocks are
// 64-byte aligned, so frames may hold cache-line aligned variables.
//
// A pool is its core's own. A block that is given back on another thread goes home by one
// compare-exchange; when the pool has gone meanwhile, the last block of a slab frees it. Threads
// that are no core share a pool behind a lock. In a library that is built with AddressSanitizer
// that sees every frame come and go, instead; a program that is built with it asks the library.
//
// | variable | written by                                 | read by  | pairings               |
// |----------|--------------------------------------------|----------|------------------------|
// | returned | who gives a block back elsewhere, the pool | the pool | box_push with box_take |

#include <array>
#include <cstddef>
#include <cstdint>

#include "../base/atomics.hpp"
#include "../base/closable_stack.hpp"
#include "../base/limits.hpp"

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
  static constexpr std::size_t granule = 64;
  static constexpr std::size_t largest = 2048;
#if defined(LULL_ADDRESS_SANITIZER)
  static constexpr bool pools = false;
#else
  static constexpr bool pools = true;
#endif

  // Throws std::bad_alloc.
  frame_pool();
  frame_pool(const frame_pool&) = delete;
  frame_pool& operator=(const frame_pool&) = delete;
  // Blocks may be left, with whoever gives them back later.
  ~frame_pool();

  // Throws std::bad_alloc.
  void* allocate(std::size_t bytes) {
    const std::size_t index = (bytes - 1) / granule;
    if (!pools || index >= classes_.size()) return from_heap(bytes);
    slab& from = *classes_[index];
    block* const taken = from.free;
    if (taken == nullptr) return allocate_slowly(index);
    from.free = taken->next;
    ++from.live;
    return taken;
  }

  // What any pool's allocate, or allocate_outside, gave for as many bytes.
  void deallocate(void* memory, std::size_t bytes) noexcept {
    const std::size_t index = (bytes - 1) / granule;
    if (!pools || index >= classes_.size()) return to_heap(memory, bytes);
    slab& from = slab_of(memory);
    auto* const given = static_cast<block*>(memory);
    if (from.owner != home_) return send_home(*given);
    given->next = from.free;
    from.free = given;
    if (--from.live == 0 || !from.listed) settle(from);
  }

  // On threads that are no core.
  static void* allocate_outside(std::size_t bytes);
  static void deallocate_outside(void* memory, std::size_t bytes) noexcept;

  // What it has of the heap, in slabs. Blocks that are in use, or may be used next.
  std::size_t slab_bytes() const noexcept;
  // There are slabs that go back to the heap if nobody needs them soon.
  bool has_excess() const noexcept { return spares_ > limits::spare_frame_slabs; }
  // Gives back what has not been needed since the last call, so many slabs at most, but for some.
  void trim_unneeded() noexcept;
  // Gives all spare slabs back to the heap.
  void trim() noexcept;

 private:
  struct block {
    block* next;
  };
  // What outlives the pool while blocks of it are in use.
  struct home {
    closable_stack<block> returned;
    std::size_t slabs = 0;  // the pool's; once it has gone, guarded by the lock of those outside
  };
  struct alignas(granule) slab {
    home* owner = nullptr;
    block* free = nullptr;
    std::byte* unused = nullptr;  // from here on nothing has been handed out yet
    slab* next = nullptr;         // of those in its class that have something free, or none_
    slab* previous = nullptr;
    std::uint32_t live = 0;
    std::uint32_t index = 0;  // of its class
    bool listed = false;
  };
  static_assert(sizeof(slab) == granule);

  static slab& slab_of(void* memory) noexcept {
    return *reinterpret_cast<slab*>(reinterpret_cast<std::uintptr_t>(memory) &
                                    ~std::uintptr_t{limits::frame_slab_bytes - 1});
  }
  static void send_home(block& one) noexcept;
  static void* from_heap(std::size_t bytes);
  static void to_heap(void* memory, std::size_t bytes) noexcept;

  void* allocate_slowly(std::size_t index);
  void settle(slab& one) noexcept;
  slab& new_slab();
  slab& take_spare() noexcept;
  bool cut(slab& from) noexcept;
  void take_returned(block* all) noexcept;
  void list(slab& one) noexcept;
  void unlist(slab& one) noexcept;
  void free_slab(slab& one) noexcept;

  home* home_;
  std::array<slab*, largest / granule> classes_;
  slab* spare_ = nullptr;
  std::size_t spares_ = 0;
  std::size_t unneeded_ = 0;  // the least that spares_ was since trim_unneeded
  slab none_;                 // the end of each class, with nothing free
};

}  // namespace lull::detail
