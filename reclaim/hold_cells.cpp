// SPDX-License-Identifier: MIT
#include "hold_cells.hpp"

#include <memory>

namespace lull::detail {

hold_cells::~hold_cells() {
  // The slot is destroyed with its domain, when nobody else is left to read it.
  hold_chunk* at = first_.load(relaxed);
  while (at != nullptr) {
    const std::unique_ptr<hold_chunk> owner(at);
    at = at->next.load(relaxed);
  }
}

std::source_location hold_cells::any_in_use() const noexcept {
  for (const hold_chunk* at = first_.load(relaxed); at != nullptr; at = at->next.load(relaxed)) {
    for (const hold_cell& cell : at->cells) {
      if (cell.holders != 0) return cell.taken_at;
    }
  }
  return {};
}

hold_cell& hold_cells::grow_and_take(const void* object, std::source_location where) {
  grow();
  return take(object, where);
}

void hold_cells::grow() {
  hold_chunk* fresh = new hold_chunk;
  for (hold_cell& cell : fresh->cells) {
    cell.next_free = free_;
    free_ = &cell;
  }
  // order(hold_chunk): release, pairs with the acquire in first() and in held_gather::step.
  (last_ == nullptr ? first_ : last_->next).store(fresh, release);
  last_ = fresh;
}

}  // namespace lull::detail
