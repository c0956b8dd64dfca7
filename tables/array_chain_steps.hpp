// SPDX-License-Identifier: MIT
#pragma once

// The steps of array_chain: how slots are filled and emptied, how the next array is planned,
// prepared, linked, filled from the old one and made the first. All of it runs on the owner core.
// The bounds that keep an array from filling up while its entries move are argued at plan().
// The table of variables and orderings is in array_chain.hpp and slot_array.hpp.

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "array_chain.hpp"

namespace lull::detail {

// Entries that an array takes before the next one is begun: five eighths, where an unsuccessful
// search looks at about four slots, half a cache line.
inline std::size_t fill_limit(std::size_t capacity) noexcept { return capacity / 8 * 5; }

inline unsigned bits_for(std::size_t expected) {
  if (expected >= fill_limit(std::size_t{1} << slot_array::most_bits)) {
    throw std::length_error("hash_table: room for " + std::to_string(expected) +
                            " entries was asked for, more than one table holds: spread them over "
                            "tables, or expect fewer");
  }
  unsigned bits = slot_array::least_bits;
  while (fill_limit(std::size_t{1} << bits) <= expected) ++bits;
  return bits;
}

// A whole array at once. Throws std::bad_alloc.
inline slot_array* make_prepared(unsigned bits) {
  slot_array* array = slot_array::make(bits);
  if (array == nullptr) throw std::bad_alloc();
  if (array->prepare(array->capacity())) return array;
  while (!array->release_part(1, destroy_nothing)) continue;
  throw std::bad_alloc();
}

inline array_chain::array_chain(std::size_t expected)
    : first_(nullptr), size_(0), floor_bits_(bits_for(expected)) {
  first_.store(make_prepared(floor_bits_), relaxed);  // nobody else has the table yet
  settle();
}

inline void array_chain::add(const slot_place& place, const entry_head* entry) noexcept {
  if (place.word == empty_slot) ++used_;
  replace(place, entry);
  count_size(size() + 1);
}

inline void array_chain::replace(const slot_place& place, const entry_head* entry) noexcept {
  // order(table_publish): release, pairs with the acquire in read_slot. Without it a reader may
  // follow the address before the entry's contents are there.
  place.array->slot(place.index).store(pack(entry), release);
}

inline void array_chain::remove(const slot_place& place) noexcept {
  const slot_array& array = *place.array;
  std::size_t index = place.index;
  // order(table_erase): release, pairs with the acquire in read_slot. Without it a reader that
  // misses the key may miss what the owner did before as well, another key's insert or writes to
  // memory of its own.
  array.slot(index).store(tombstone, release);
  count_size(size() - 1);
  if (&array != &destination()) return;
  // A tombstone in front of an empty slot keeps no search going: it becomes empty itself, and so do
  // those before it. Slots of an array that is being emptied stay as they are.
  for (std::size_t i = 0; i < moves_per_step; ++i, index = array.before(index)) {
    if (array.slot(array.after(index)).load(relaxed) != empty_slot) return;
    if (array.slot(index).load(relaxed) != tombstone) return;
    // order(table_erase): release, as above: readers see either word.
    array.slot(index).store(empty_slot, release);
    --used_;
  }
}

inline void array_chain::do_step(participant& owner) noexcept {
  if (target_ != nullptr) return move_some(owner);
  if (upcoming_ == nullptr) plan();
  if (upcoming_ == nullptr) return;
  busy_ = true;
  const std::size_t before = upcoming_->prepared();
  const bool has_memory = upcoming_->prepare(prepares_per_step);
  done_.prepared += upcoming_->prepared() - before;
  if (has_memory && upcoming_->is_prepared()) link(owner);
}

// Chooses the size of the next array, or none. With C slots now, moving takes at most C/32 writes
// of looks and a write for each 8 entries, and preparing 2C slots another C/32:
//   double     begun at 5C/8 used, more than 3C/8 of them entries: ends below 7C/8 of 2C
//   same size  begun at 5C/8 used, mostly tombstones: ends below 5C/8, and C/8 writes are won
//   half       begun below C/8: ends below C/4, half of what the smaller array takes
inline void array_chain::plan() noexcept {
  const unsigned bits = oldest().bits();
  const std::size_t capacity = oldest().capacity();
  unsigned next = bits;
  if (used_ >= grow_at_) {
    if (size() > capacity / 8 * 3) ++next;
  } else if (size() < shrink_at_) {
    --next;
  } else {
    return;
  }
  if (next <= slot_array::most_bits) upcoming_ = slot_array::make(next);
}

// The new array is cleared: readers may see it.
inline void array_chain::link(participant& owner) noexcept {
  // While memory was short the table may have outgrown the plan: then another one is made.
  if (size() + oldest().capacity() / 8 > upcoming_->capacity() / 4 * 3) {
    upcoming_->limbo_bytes = upcoming_->bytes();
    if (!try_retire(&owner, upcoming_, release_empty_array)) return;
    upcoming_ = nullptr;
    return settle();
  }
  target_ = upcoming_;
  upcoming_ = nullptr;
  moved_to_ = 0;
  used_ = 0;
  // order(table_link): release, pairs with the acquire in next_array. Without it a reader may
  // search slots that are not cleared yet.
  oldest().next.store(target_, release);
}

inline void array_chain::move(slot_array::slot_type& from, slot_word word) noexcept {
  entry_head* entry = entry_in(word);
  std::size_t index = target_->home(entry->hash);
  slot_word there = target_->slot(index).load(relaxed);
  while (holds_entry(there)) {
    index = target_->after(index);
    there = target_->slot(index).load(relaxed);
  }
  if (there == empty_slot) ++used_;
  // order(table_publish): release, as in replace: a reader may find the entry here first.
  target_->slot(index).store(word, release);
  // order(table_move): release, pairs with the acquire in read_slot. Without it a reader may find
  // the old place cleared and the new one still empty.
  from.store(tombstone, release);
  ++done_.moved;
}

inline void array_chain::move_some(participant& owner) noexcept {
  const slot_array& old = oldest();
  std::size_t moves = 0;
  const std::size_t begin = moved_to_;
  const std::size_t stop = std::min(begin + looks_per_step, old.capacity());
  while (moved_to_ < stop && moves < moves_per_step) {
    slot_array::slot_type& from = old.slot(moved_to_++);
    const slot_word word = from.load(relaxed);
    if (!holds_entry(word)) continue;
    move(from, word);
    ++moves;
  }
  done_.looked_at += moved_to_ - begin;
  if (moved_to_ == old.capacity()) return finish(owner);
  // The next step's entries are on their way while the caller works.
  const std::size_t ahead = std::min(moved_to_ + 2 * moves_per_step, old.capacity());
  for (std::size_t index = moved_to_; index < ahead; ++index) {
    const slot_word word = old.slot(index).load(relaxed);
    if (holds_entry(word)) __builtin_prefetch(entry_in(word));
  }
}

inline void array_chain::finish(participant& owner) noexcept {
  slot_array* old = &oldest();
  try {
    owner.reserve(1);
  } catch (...) {
    return;  // stays as it is, and the next write tries again
  }
  // order(table_first): release, pairs with the acquire in array_chain::first. Without it a reader
  // that starts at the new array may miss what was moved there.
  first_.store(target_, release);
  target_ = nullptr;
  ++done_.migrations;
  old->limbo_bytes = old->bytes();
  owner.retire(old, old->limbo_bytes, release_empty_array);
  settle();
}

// The first array is the only one: when is the next one begun?
inline void array_chain::settle() noexcept {
  const std::size_t capacity = oldest().capacity();
  busy_ = false;
  grow_at_ = fill_limit(capacity);
  shrink_at_ = oldest().bits() > floor_bits_ ? capacity / 8 : 0;
}

// Forgets all arrays and returns them, the first with the bytes of all entries.
inline std::array<slot_array*, 3> array_chain::take_all(std::size_t entry_bytes) noexcept {
  const std::array<slot_array*, 3> arrays{&oldest(), target_, upcoming_};
  for (slot_array* array : arrays) {
    if (array != nullptr) array->limbo_bytes = array->bytes() + std::exchange(entry_bytes, 0);
  }
  target_ = nullptr;
  upcoming_ = nullptr;
  used_ = 0;
  count_size(0);
  return arrays;
}

inline void array_chain::clear(participant& owner, release_function deleter,
                               std::size_t entry_bytes) {
  owner.reserve(3);
  slot_array* fresh = make_prepared(slot_array::least_bits);
  const auto arrays = take_all(entry_bytes);
  // order(table_first): release, pairs with the acquire in array_chain::first. Without it a reader
  // may search slots that are not cleared yet.
  first_.store(fresh, release);
  for (slot_array* array : arrays) {
    if (array != nullptr) owner.retire(array, array->limbo_bytes, deleter);
  }
  settle();
}

inline void array_chain::drop(participant* owner, release_function deleter,
                              std::size_t entry_bytes) noexcept {
  const auto arrays = take_all(entry_bytes);
  for (slot_array* array : arrays) {
    if (array == nullptr) continue;
    // A reader may be looking at an entry: without memory for the limbo it is lost, not freed.
    if (owner == nullptr) {
      deleter(array);
    } else {
      try_retire(owner, array, deleter);
    }
  }
}

inline table_statistics array_chain::statistics() const noexcept {
  table_statistics now = done_;
  now.size = size();
  now.capacity = destination().capacity();
  now.used = used_;
  now.arrays = is_moving() ? 2 : 1;
  return now;
}

}  // namespace lull::detail
