// SPDX-License-Identifier: MIT
#include "frame_pool.hpp"

#include <new>

namespace lull::detail {
namespace {

constexpr std::align_val_t alignment{frame_pool::granule};

constexpr std::size_t whole_granules(std::size_t bytes) noexcept {
  return (bytes + frame_pool::granule - 1) / frame_pool::granule * frame_pool::granule;
}

}  // namespace

void* frame_pool::from_heap(std::size_t bytes) {
  return ::operator new(whole_granules(bytes), alignment);
}

void frame_pool::to_heap(void* memory, std::size_t bytes) noexcept {
  ::operator delete(memory, whole_granules(bytes), alignment);
}

frame_pool::~frame_pool() {
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    while (block* free = classes_[i].free) {
      classes_[i].free = free->next;
      to_heap(free, (i + 1) * granule);
    }
  }
}

}  // namespace lull::detail
