// SPDX-License-Identifier: MIT
#pragma once

// How a table is searched: by readers on any core, while the owner writes and moves entries, and by
// the owner itself. A search goes through an array from the hash's home to the first empty slot, at
// most once around, then through the arrays linked behind it: old first, then new, which is the
// order that makes a moving entry impossible to miss. Nothing here waits, writes or retries.
//
// The other ends of the orderings are in array_chain_steps.hpp. Nothing here writes:
//
// variable        | written by           | read by         | pairings
// slot            | owner                | any core        | table_publish, table_move, table_erase
// next            | owner                | any core        | table_link

#include <cstddef>
#include <cstdint>

#include "../base/cache_line.hpp"
#include "array_chain.hpp"
#include "entry.hpp"
#include "scan_cursor.hpp"
#include "slot_array.hpp"

namespace lull::detail {

// order(table_publish): acquire, pairs with the release of the slot in array_chain::replace and
// move: the entry's contents are there.
// order(table_move): acquire, pairs with the release of the tombstone in array_chain::move: what is
// missing here is in the next array, and that array is seen.
// order(table_erase): acquire, pairs with the releases in array_chain::remove: who finds a key gone
// sees what the owner did before it erased it.
inline slot_word read_slot(const slot_array& array, std::size_t index) noexcept {
  return array.slot(index).load(acquire);
}

// order(table_link): acquire, pairs with the release in array_chain::link: the slots are cleared.
inline const slot_array* next_array(const slot_array& array) noexcept {
  return array.next.load(acquire);
}

// The entry of a key; null when it is absent. Any core.
template <class Entry, class K, class Equal>
const Entry* find_entry(const slot_array* array, std::uint64_t hash, const K& key,
                        const Equal& equal) noexcept {
  const slot_word tag = tag_of(hash);
  do {
    std::size_t index = array->home(hash);
    const std::size_t last = array->before(index);
    for (;;) {
      const slot_word word = read_slot(*array, index);
      if (((word ^ tag) >> address_bits) == 0) {
        const Entry* entry = entry_of<Entry>(word);
        if (equal(entry->key, key)) [[likely]]
          return entry;
      }
      if (word == empty_slot || index == last) break;
      index = array->after(index);
    }
    array = next_array(*array);
  } while (array != nullptr);
  return nullptr;
}

// Calls visit(entry) for the entries of an array whose hashes lie in [low, high]. Any core.
template <class Entry, class Visit>
void visit_range(const slot_array& array, std::uint64_t low, std::uint64_t high, Visit& visit) {
  std::size_t index = array.home(low);
  const std::size_t homes = array.home(high) - index;
  for (std::size_t seen = 0; seen < array.capacity(); ++seen) {
    const slot_word word = read_slot(array, index);
    // Entries that belong into the range may lie behind it, up to the next empty slot.
    if (word == empty_slot && seen >= homes) return;
    if (holds_entry(word)) {
      const Entry* entry = entry_of<Entry>(word);
      if (entry->hash >= low && entry->hash <= high) visit(*entry);
    }
    index = array.after(index);
  }
}

// Asks for the slot where a search would begin, and for the entry that it holds, without waiting
// for either. Relaxed: nothing that is read here is looked into.
inline void prefetch_slot(const slot_array* array, std::uint64_t hash) noexcept {
  __builtin_prefetch(&array->slot(array->home(hash)));
}
template <class Entry>
void prefetch_entry(const slot_array* array, std::uint64_t hash) noexcept {
  const slot_word word = array->slot(array->home(hash)).load(relaxed);
  if (!holds_entry(word)) return;
  const char* const entry = reinterpret_cast<const char*>(entry_in(word));
  for (std::size_t at = 0; at < sizeof(Entry); at += cache_line) __builtin_prefetch(entry + at);
}

// Visits the entries of the next `steps` places, and returns where the next one begins, 0 at the
// end. A place is a slot of the first array: the hashes that begin with the same bits. A cursor
// says which hashes were visited, so it means the same whatever arrays there are when it comes
// back. Any core.
template <class Entry, class Visit>
std::uint64_t scan_places(const array_chain& chain, std::uint64_t cursor, std::size_t steps,
                          Visit& visit) {
  scan_cursor at(cursor, chain.first()->bits());
  do {
    const slot_array* array = chain.first();
    const hash_range range = at.take(array->bits(), steps);
    prefetch_slot(array, at.low());  // the next block's, which lies elsewhere
    do {
      visit_range<Entry>(*array, range.low, range.high, visit);
      array = next_array(*array);
    } while (array != nullptr);
  } while (steps > 0 && !at.at_end());
  return at.number();
}

// The owner's search of one array.
template <class Entry, class K, class Equal>
slot_place locate_in(slot_array& array, std::uint64_t hash, const K& key,
                     const Equal& equal) noexcept {
  const slot_word tag = tag_of(hash);
  std::size_t index = array.home(hash);
  const std::size_t last = array.before(index);
  slot_place open{&array, index, empty_slot};
  bool has_open = false;
  for (;;) {
    const slot_word word = array.slot(index).load(relaxed);
    if (((word ^ tag) >> address_bits) == 0 && equal(entry_of<Entry>(word)->key, key)) {
      return {&array, index, word};
    }
    if (!holds_entry(word) && !has_open) {
      open = {&array, index, word};
      has_open = true;
    }
    if (word == empty_slot || index == last) return open;
    index = array.after(index);
  }
}

// The owner's search: the old array first, then the one that takes new entries.
template <class Entry, class K, class Equal>
slot_place locate(const array_chain& chain, std::uint64_t hash, const K& key,
                  const Equal& equal) noexcept {
  if (chain.is_moving()) {
    const slot_place old = locate_in<Entry>(chain.oldest(), hash, key, equal);
    if (old.found()) return old;
  }
  return locate_in<Entry>(chain.destination(), hash, key, equal);
}

}  // namespace lull::detail
