// SPDX-License-Identifier: MIT
#include "frame_pool.hpp"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

#include "../base/assert.hpp"
#include "core_context.hpp"

namespace lull::detail {
namespace {

constexpr std::align_val_t alignment{frame_pool::granule};
constexpr std::align_val_t slab_alignment{limits::frame_slab_bytes};

constexpr std::size_t whole_granules(std::size_t bytes) noexcept {
  return (bytes + frame_pool::granule - 1) / frame_pool::granule * frame_pool::granule;
}

// So much of a slab is cut into blocks at a time: what is not used is not touched.
constexpr std::size_t cut_bytes = 4096;

// Guards the pool of threads that are no core, and what pools that have gone left behind.
constinit std::mutex outside_lock;

frame_pool& outside() {
  static frame_pool& shared = *new frame_pool;  // for good: frames may go at the very end
  return shared;
}

}  // namespace

void* frame_pool::from_heap(std::size_t bytes) {
  return ::operator new(whole_granules(bytes), alignment);
}

void frame_pool::to_heap(void* memory, std::size_t bytes) noexcept {
  ::operator delete(memory, whole_granules(bytes), alignment);
}

frame_pool::frame_pool() : home_(new home) {
  home_->returned.open();
  classes_.fill(&none_);
}

// Under the lock from the beginning: who finds it closed takes slabs apart, too.
frame_pool::~frame_pool() {
  const std::lock_guard guard(outside_lock);
  take_returned(home_->returned.close());
  trim();
  for (slab*& first : classes_) {
    slab* one = first;
    while (one != &none_) {
      slab* const next = one->next;
      if (one->live == 0) free_slab(*one);
      one = next;
    }
  }
  if (home_->slabs == 0) delete home_;
}

void* frame_pool::allocate_outside(std::size_t bytes) {
  const std::lock_guard guard(outside_lock);
  return outside().allocate(bytes);
}

void frame_pool::deallocate_outside(void* memory, std::size_t bytes) noexcept {
  if (!pools || bytes > largest) return to_heap(memory, bytes);
  {
    const std::lock_guard guard(outside_lock);
    if (slab_of(memory).owner == outside().home_) return outside().deallocate(memory, bytes);
  }
  send_home(*static_cast<block*>(memory));
}

void frame_pool::send_home(block& one) noexcept {
  slab& from = slab_of(&one);
  home& to = *from.owner;  // there, as long as the block is
  if (to.returned.push(one, one)) return;
  const std::lock_guard guard(outside_lock);
  if (--from.live != 0) return;
  ::operator delete(&from, slab_alignment);
  if (--to.slabs == 0) delete &to;
}

void frame_pool::take_returned(block* all) noexcept {
  while (all != nullptr) {
    block* const one = std::exchange(all, all->next);
    slab& from = slab_of(one);
    one->next = from.free;
    from.free = one;
    if (--from.live == 0 || !from.listed) settle(from);
  }
}

// The class has nothing free, as far as is known.
void* frame_pool::allocate_slowly(std::size_t index) {
  if (!home_->returned.empty()) take_returned(home_->returned.take());
  while (classes_[index] != &none_) {
    slab& first = *classes_[index];
    if (first.free != nullptr || cut(first)) return allocate((index + 1) * granule);
    unlist(first);
  }
  slab& fresh = new_slab();
  fresh.index = static_cast<std::uint32_t>(index);
  list(fresh);
  cut(fresh);
  return allocate((index + 1) * granule);
}

// A block came back to one that had nothing free, or whose last block it was.
void frame_pool::settle(slab& one) noexcept {
  if (!one.listed) list(one);
  // One that may be wanted at once stays.
  if (one.live != 0 || (classes_[one.index] == &one && one.next == &none_)) return;
  unlist(one);
  one.next = std::exchange(spare_, &one);
  ++spares_;
}

frame_pool::slab& frame_pool::new_slab() {
  if (spare_ == nullptr) {
    void* const memory = ::operator new(limits::frame_slab_bytes, slab_alignment);
    ++home_->slabs;
    spare_ = new (memory) slab{};
    ++spares_;
  }
  slab& one = take_spare();
  one = slab{};
  one.owner = home_;
  one.unused = reinterpret_cast<std::byte*>(&one + 1);
  return one;
}

// False: there is nothing left to cut.
bool frame_pool::cut(slab& from) noexcept {
  const std::size_t bytes = (from.index + 1) * granule;
  const std::byte* const end = reinterpret_cast<std::byte*>(&from) + limits::frame_slab_bytes;
  std::size_t left = std::max(cut_bytes, bytes);
  block** last = &from.free;
  while (left >= bytes && static_cast<std::size_t>(end - from.unused) >= bytes) {
    *last = new (from.unused) block{nullptr};
    last = &(*last)->next;
    from.unused += bytes;
    left -= bytes;
  }
  return from.free != nullptr;
}

void frame_pool::list(slab& one) noexcept {
  one.listed = true;
  one.previous = nullptr;
  one.next = std::exchange(classes_[one.index], &one);
  one.next->previous = &one;
}

void frame_pool::unlist(slab& one) noexcept {
  one.listed = false;
  (one.previous == nullptr ? classes_[one.index] : one.previous->next) = one.next;
  one.next->previous = one.previous;
  one.next = one.previous = nullptr;
}

void frame_pool::free_slab(slab& one) noexcept {
  ::operator delete(&one, slab_alignment);
  --home_->slabs;
}

std::size_t frame_pool::slab_bytes() const noexcept {
  return home_->slabs * limits::frame_slab_bytes;
}

frame_pool::slab& frame_pool::take_spare() noexcept {
  --spares_;
  unneeded_ = std::min(unneeded_, spares_);
  return *std::exchange(spare_, spare_->next);
}

void frame_pool::trim_unneeded() noexcept {
  const std::size_t excess = unneeded_ - std::min(unneeded_, limits::spare_frame_slabs);
  for (std::size_t i = std::min(excess, limits::trimmed_frame_slabs); i != 0; --i) {
    free_slab(take_spare());
  }
  unneeded_ = spares_;
}

void frame_pool::trim() noexcept {
  while (spare_ != nullptr) free_slab(take_spare());
}

void* take_frame_of_library(std::size_t bytes) { return take_frame(bytes); }

void give_frame_to_library(void* memory, std::size_t bytes) noexcept {
  give_frame_back(memory, bytes);
}

}  // namespace lull::detail
