// SPDX-License-Identifier: MIT
#pragma once

// The generations of a table's slots, and the move from one to the next. At most two are linked:
// the first, and while its entries are being moved, the one they go to. Each write of the owner
// core does one step of what is under way; a step clears, looks at and moves a fixed number of
// slots whatever the size of the table:
//
//   idle       nothing; a write that finds the array too full, too empty or worn starts the next
//   preparing  the next array is allocated and cleared, unseen by readers
//   moving     it is linked; new entries go there, and each step moves some of the old ones:
//              first into the new place, then a tombstone into the old
//
// When all have moved, the new array becomes the first and the old one is retired. Readers search
// the first array and then each next one, so an entry that moves is seen in one place or the other.
// Everything here belongs to the owner core, but for `first`. It knows nothing of keys and values.
// What the functions do is in array_chain_steps.hpp.
//
// variable        | written by           | read by         | pairings
// first           | owner                | any core        | table_first
// slot, next      | see slot_array.hpp   |                 | table_move, table_erase, table_link
// size            | owner                | any core        | none: a number by itself

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

#include "entry.hpp"
#include "slot_array.hpp"

namespace lull {

// What a table has done so far, in counts that never go back, and what it is.
struct table_statistics {
  std::size_t size = 0;          // entries
  std::size_t capacity = 0;      // slots of the array that takes new entries
  std::size_t used = 0;          // of them, slots with entries or tombstones
  std::size_t arrays = 1;        // linked: two while entries move
  std::uint64_t migrations = 0;  // arrays that were emptied and retired
  std::uint64_t moved = 0;       // entries moved from one array to the next
  std::uint64_t looked_at = 0;   // slots of old arrays looked at while moving
  std::uint64_t prepared = 0;    // slots cleared before a new array was linked
};

namespace detail {

class array_chain {
 public:
  // What one write does at most on top of its own work.
  static constexpr std::size_t prepares_per_step = 64;
  static constexpr std::size_t looks_per_step = 32;
  static constexpr std::size_t moves_per_step = 8;

  // Room for `expected` entries. Throws std::bad_alloc, std::length_error.
  explicit array_chain(std::size_t expected);
  array_chain(const array_chain&) = delete;
  array_chain& operator=(const array_chain&) = delete;

  // Any core: where a search starts; each array's `next` is where it goes on.
  const slot_array* first() const noexcept {
    // order(table_first): acquire, pairs with the release in array_chain::finish and clear.
    // Without it a reader may search an array before the entries that were moved there.
    return first_.load(acquire);
  }
  std::size_t size() const noexcept { return size_.load(relaxed); }

  // The owner's view. New entries go to the destination.
  slot_array& oldest() const noexcept { return *first_.load(relaxed); }
  slot_array& destination() const noexcept { return target_ != nullptr ? *target_ : oldest(); }
  bool is_moving() const noexcept { return target_ != nullptr; }
  // No empty slot of the destination may be used any more. Happens only when memory for the next
  // array could not be had, or at slot_array::most_bits.
  bool is_full() const noexcept { return used_ >= destination().capacity() / 8 * 7; }

  // One write's share of the work under way. Lack of memory puts it off to a later write.
  void step(participant& owner) noexcept {
    if (busy_ || used_ >= grow_at_ || size() < shrink_at_) [[unlikely]]
      do_step(owner);
  }

  // Throws std::bad_alloc when a new entry in this place of the destination would fill it up.
  void require_room(const slot_place& place) const {
    if (place.word == empty_slot && is_full()) throw std::bad_alloc();
  }
  // Puts a new entry where a search of the destination ended, after require_room.
  void add(const slot_place& place, const entry_head* entry) noexcept;
  // Puts an entry in the place of another one of the same key, and takes one out. Any array.
  void replace(const slot_place& place, const entry_head* entry) noexcept;
  void remove(const slot_place& place) noexcept;

  // Goes on with an empty array and retires the others with the entries in them by `deleter`.
  // Throws std::bad_alloc with nothing changed.
  void clear(participant& owner, release_function deleter, std::size_t entry_bytes);
  // The same for the destructor; without a participant everything is freed at once.
  void drop(participant* owner, release_function deleter, std::size_t entry_bytes) noexcept;

  table_statistics statistics() const noexcept;

 private:
  void do_step(participant& owner) noexcept;
  void plan() noexcept;
  void link(participant& owner) noexcept;
  void move_some(participant& owner) noexcept;
  void move(slot_array::slot_type& from, slot_word word) noexcept;
  void finish(participant& owner) noexcept;
  void settle() noexcept;
  void count_size(std::size_t size) noexcept { size_.store(size, relaxed); }
  std::array<slot_array*, 3> take_all(std::size_t entry_bytes) noexcept;

  // The line that readers read, and nothing else that changes.
  alignas(cache_line) atomic<slot_array*> first_;

  alignas(cache_line) atomic<std::size_t> size_;
  slot_array* target_ = nullptr;    // linked behind the first
  slot_array* upcoming_ = nullptr;  // being prepared
  std::size_t moved_to_ = 0;        // the first slot of the oldest array not looked at yet
  std::size_t used_ = 0;            // slots of the destination that are not empty
  std::size_t grow_at_ = 0;
  std::size_t shrink_at_ = 0;
  unsigned floor_bits_;
  bool busy_ = false;
  table_statistics done_;
};

}  // namespace detail
}  // namespace lull
