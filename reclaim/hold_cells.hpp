// SPDX-License-Identifier: MIT
#pragma once

// Where a participant publishes what it holds: cells of one pointer each, in chunks that never move
// and stay with the slot. Taking, sharing and dropping are for the slot's owner and take neither a
// fence nor a read-modify-write; a cell keeps its object from the take to the last drop, so copies
// of a hold share it. Anybody who releases may look through the cells (held.hpp).
//
// | variable       | written by | read by            | pairings                       |
// |----------------|------------|--------------------|--------------------------------|
// | cell::object   | the owner  | who gathers        | hold_publish, hold_drop        |
// | in_use_        | the owner  | who holds the walk | hold_count                     |
// | next, first_   | the owner  | who gathers        | hold_chunk                     |
//
// Publishing needs no fence: it comes before the owner's next announcement, and nobody releases the
// object before having seen that one.

#include <cstddef>
#include <source_location>

#include "../base/atomics.hpp"
#include "../base/limits.hpp"

namespace lull::detail {

struct hold_cell {
  atomic<const void*> object{nullptr};  // null: free
  std::size_t holders = 0;              // copies of the hold; the owner's
  hold_cell* next_free = nullptr;       // the owner's
  std::source_location taken_at;        // the owner's
};

struct hold_chunk {
  hold_cell cells[limits::hold_cells];
  atomic<hold_chunk*> next{nullptr};
};

class hold_cells {
 public:
  hold_cells() = default;
  ~hold_cells();
  hold_cells(const hold_cells&) = delete;
  hold_cells& operator=(const hold_cells&) = delete;

  // A cell that names `object`, with one holder. Throws std::bad_alloc with nothing changed.
  hold_cell& take(const void* object, std::source_location where) {
    if (free_ == nullptr) [[unlikely]]
      return grow_and_take(object, where);
    hold_cell& cell = *free_;
    free_ = cell.next_free;
    cell.holders = 1;
    cell.taken_at = where;
    // order(hold_publish): release, pairs with the acquire in held_gather::step: whoever finds the
    // pointer of a cell that was used before also sees the last use of what was in it.
    cell.object.store(object, release);
    // order(hold_count): release, after the pointer; pairs with the acquire in epoch_state::visit.
    in_use_.store(in_use_.load(relaxed) + 1, release);
    return cell;
  }

  void drop(hold_cell& cell) noexcept {
    if (--cell.holders != 0) return;
    // order(hold_drop): release, pairs with the acquire in held_gather::step and in still_held:
    // what the holder did with the object is ordered before its release.
    cell.object.store(nullptr, release);
    // order(hold_count): release, pairs with the acquire in epoch_state::visit: the same for who
    // does not look at the cells because the count is 0.
    in_use_.store(in_use_.load(relaxed) - 1, release);
    cell.next_free = free_;
    free_ = &cell;
  }

  // Where one of those in use was taken; the owner asks, when there is one.
  std::source_location any_in_use() const noexcept;

  // Cells in use. Read with acquire, after the slot's announcement, it tells whether a look at the
  // cells can be spared.
  const atomic<std::size_t>& in_use() const noexcept { return in_use_; }

  // Any thread: the first chunk, null when there never was a hold.
  const hold_chunk* first() const noexcept {
    // order(hold_chunk): acquire, pairs with the release in grow: cells are read after they were
    // made.
    return first_.load(acquire);
  }

 private:
  void grow();
  [[gnu::noinline]] hold_cell& grow_and_take(const void* object, std::source_location where);

  atomic<std::size_t> in_use_{0};
  hold_cell* free_ = nullptr;
  atomic<hold_chunk*> first_{nullptr};
  hold_chunk* last_ = nullptr;
};

}  // namespace lull::detail
