// SPDX-License-Identifier: MIT
#pragma once

// A hash table that one core writes and any core reads.
//
// Writes (insert, insert_or_assign, try_emplace, erase, clear) belong to the table's owner: the
// participant that was current when the table was made, or that wrote first. They cost one search,
// an allocation for a new entry, and a fixed number of steps towards the next size whatever the
// size is: there is no pause in which the table grows. Reads (find, contains, scan, for_each) are
// for any online participant: no lock, no read-modify-write, no waiting. A search looks at the
// array it finds first and at those that were linked behind it since, usually none; each costs as
// many slots as probing takes.
//
// What a reader gets stays as it is until the reader's next quiescent state: entries never change,
// a new value is a new entry, and what is replaced or erased is retired. So each single key is
// linearizable; several keys are not one snapshot.
//
// Every write has the strong guarantee: where memory runs out it throws std::bad_alloc and nothing
// has changed. The hash, the equality and the values' constructors must not write to this table;
// hash and equality must not throw.
//
// It is not a cache (nothing expires), not ordered, and not for several writers: send a write to
// its owner, with run_on or an inbox of your own.
//
// variable        | written by           | read by         | pairings
// slot, next, first: see slot_array.hpp and array_chain.hpp; the readers' ends are here

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>
#include <utility>

#include "../base/assert.hpp"
#include "../reclaim/participant.hpp"
#include "../reclaim/ref.hpp"
#include "../reclaim/retire.hpp"
#include "array_chain_steps.hpp"
#include "entry.hpp"
#include "hash.hpp"
#include "search.hpp"

namespace lull {

template <class Key, class Value, class Hash = seeded_hash<Key>, class Equal = std::equal_to<>>
class hash_table {
  using entry_type = detail::table_entry<Key, Value>;

 public:
  using key_type = Key;
  using mapped_type = Value;

  // Room for `expected` entries without growing; it never shrinks below, but by clear(). Clears it
  // all at once. Throws std::bad_alloc, std::length_error.
  explicit hash_table(std::size_t expected = 0, Hash hash = {}, Equal equal = {})
      : hash_(std::move(hash)),
        equal_(std::move(equal)),
        chain_(expected),
        owner_(participant::current()) {}

  // Where the thread has a participant, entries and arrays are retired: what other cores found
  // stays good until their next quiescent state, and nothing is freed in one long go. Without one
  // they are freed at once, so nobody may be reading. Either way no search may begin any more.
  ~hash_table() { chain_.drop(participant::current(), release_array, entry_bytes()); }

  hash_table(const hash_table&) = delete;
  hash_table& operator=(const hash_table&) = delete;

  // The hash that the table uses for a key. The high bits are the place in the table, so a service
  // that spreads keys over cores chooses the core by the low ones (hash % cores). find, insert,
  // insert_or_assign and erase also take it in front of the key, so that it is computed once.
  template <class K>
  std::uint64_t hash(const K& key) const noexcept {
    if constexpr (requires { typename Hash::mixes_well; }) {
      return hash_(detail::as_key<Key>(key));
    } else {
      return detail::mix(static_cast<std::uint64_t>(hash_(detail::as_key<Key>(key))));
    }
  }

  // ---- any online participant ----

  // The value of a key, or null; good until the caller's next suspension or quiescent state, and
  // longer by a hold. The key may be anything that hashes alike and compares with a Key; a number
  // of another type is made a Key first, here as in writes, and so may lose what that cannot say.
  template <class K>
  ref<const Value> find(const K& key,
                        std::source_location at = std::source_location::current()) const noexcept {
    return find(hash(key), key, at);
  }
  template <class K>
  ref<const Value> find(std::uint64_t hash, const K& key,
                        std::source_location at = std::source_location::current()) const noexcept;

  // For many lookups at a time: asks for the memory that find(hash, ...) looks at, first the slots
  // of all keys, then their entries, so that the waits overlap. Changes nothing but the time.
  void prefetch_slot(std::uint64_t hash) const noexcept {
    detail::prefetch_slot(chain_.first(), hash);
  }
  void prefetch_entry(std::uint64_t hash) const noexcept {
    detail::prefetch_entry<entry_type>(chain_.first(), hash);
  }

  template <class K>
  bool contains(const K& key) const noexcept {
    return static_cast<bool>(find(key));
  }

  // The entries at this moment, give or take the owner's present write.
  std::size_t size() const noexcept { return chain_.size(); }
  bool empty() const noexcept { return size() == 0; }

  // Calls visit(key, value) for the entries of the next `steps` places of the table, and returns
  // where to go on; begin with 0, and 0 again says that all was seen. An entry that is there from
  // the first call to the last is visited at least once, although the table grows, shrinks and is
  // written in between; one that moves meanwhile may be visited twice. A cursor keeps no memory and
  // never goes stale, any number is one, and its low 16 bits are zero, for the caller's use.
  // `visit` may write to the table when it is the owner that scans. Entries come scattered over the
  // table (scan_cursor.hpp): to erase them in this order, or to insert them elsewhere, is as good
  // as any.
  template <class Visit>
  std::uint64_t scan(std::uint64_t cursor, std::size_t steps, Visit&& visit) const {
    const auto visit_entry = [&visit](const entry_type& entry) { visit(entry.key, entry.value); };
    return detail::scan_places<entry_type>(chain_, cursor, steps, visit_entry);
  }

  // Visits all entries: each once when the owner calls it (and does not write meanwhile), else at
  // least once if it is there all the time. Takes as long as the table is large.
  template <class Visit>
  void for_each(Visit&& visit) const {
    scan(0, ~std::size_t{0}, visit);
  }

  // ---- the owner ----

  // Stores a value, new or in place of the old one, whose entry is retired. True when it is new.
  template <class K, class V>
  bool insert_or_assign(K&& key, V&& value) {
    const std::uint64_t hashed = hash(key);
    return insert_or_assign(hashed, std::forward<K>(key), std::forward<V>(value));
  }
  template <class K, class V>
  bool insert_or_assign(std::uint64_t hash, K&& key, V&& value);

  // Stores a value unless the key has one. True when it was stored.
  template <class K, class V>
  bool insert(K&& key, V&& value) {
    return try_emplace(std::forward<K>(key), std::forward<V>(value));
  }
  template <class K, class V>
  bool insert(std::uint64_t hash, K&& key, V&& value) {
    return emplace_at(hash, std::forward<K>(key), std::forward<V>(value));
  }

  // The same, with the value built from the arguments, only if it is going to be stored.
  template <class K, class... Arguments>
  bool try_emplace(K&& key, Arguments&&... arguments) {
    const std::uint64_t hashed = hash(key);
    return emplace_at(hashed, std::forward<K>(key), std::forward<Arguments>(arguments)...);
  }

  // Removes a key; its entry is retired. True when there was one.
  template <class K>
  bool erase(const K& key) {
    return erase(hash(key), key);
  }
  template <class K>
  bool erase(std::uint64_t hash, const K& key);

  // Removes all keys in one step; entries and arrays are retired, and freed in small parts.
  void clear() {
    chain_.clear(begin_write(), release_array, entry_bytes());
    outside_bytes_ = 0;
  }

  // Makes the caller's participant the owner, when a table changes hands. The old owner must have
  // stopped writing, in a way that the new one knows of.
  void adopt() noexcept { owner_ = participant::current(); }

  table_statistics statistics() const noexcept { return chain_.statistics(); }

 private:
  static constexpr auto release_array = detail::release_array<&detail::let_go_of_entry<entry_type>>;

  participant& begin_write() noexcept;
  template <class K>
  detail::slot_place locate(std::uint64_t hash, const K& key) const noexcept {
    return detail::locate<entry_type>(chain_, hash, detail::as_key<Key>(key), equal_);
  }
  template <class K, class... Arguments>
  bool emplace_at(std::uint64_t hash, K&& key, Arguments&&... arguments);
  template <class... Arguments>
  void add(const detail::slot_place& place, Arguments&&... arguments);
  void retire(participant& owner, entry_type* entry) noexcept;
  std::size_t entry_bytes() const noexcept { return outside_bytes_ + size() * sizeof(entry_type); }

  [[no_unique_address]] Hash hash_;
  [[no_unique_address]] Equal equal_;
  detail::array_chain chain_;
  participant* owner_;
  std::size_t outside_bytes_ = 0;  // what all entries own outside themselves
};

template <class Key, class Value, class Hash, class Equal>
template <class K>
ref<const Value> hash_table<Key, Value, Hash, Equal>::find(std::uint64_t hash, const K& key,
                                                           std::source_location at) const noexcept {
  LULL_DEBUG_ASSERT(participant::current() != nullptr && participant::current()->is_online(),
                    "hash_table: read on a thread whose participant is missing or offline: what "
                    "it finds could be released under it; come online first");
  LULL_DEBUG_ASSERT(hash == this->hash(key),
                    "hash_table: a search was given hash %#llx, but the key's hash is %#llx: take "
                    "it from hash() of this table, or of one with the same seed",
                    static_cast<unsigned long long>(hash),
                    static_cast<unsigned long long>(this->hash(key)));
  const entry_type* entry =
      detail::find_entry<entry_type>(chain_.first(), hash, detail::as_key<Key>(key), equal_);
  return entry == nullptr ? ref<const Value>() : ref<const Value>(std::addressof(entry->value), at);
}

// Every write begins here: the owner, and one step towards the next array.
template <class Key, class Value, class Hash, class Equal>
participant& hash_table<Key, Value, Hash, Equal>::begin_write() noexcept {
  participant* here = participant::current();
  LULL_ASSERT(here != nullptr,
              "hash_table: written on a thread that has no participant: make a "
              "lull::participant there first, or send the write to the table's owner");
  if (owner_ == nullptr) [[unlikely]]
    owner_ = here;
  LULL_ASSERT(owner_ == here,
              "hash_table: written by participant %p, but it belongs to %p: send the write to the "
              "owner, or call adopt() when the table changes hands",
              static_cast<void*>(here), static_cast<void*>(owner_));
  chain_.step(*here);
  return *here;
}

// What can fail comes first, so that a write that throws has not moved from its arguments either,
// unless a constructor of theirs threw, or retired more than there was room for.
template <class Key, class Value, class Hash, class Equal>
template <class K, class V>
bool hash_table<Key, Value, Hash, Equal>::insert_or_assign(std::uint64_t hash, K&& key, V&& value) {
  participant& owner = begin_write();
  const detail::slot_place place = locate(hash, key);
  if (!place.found()) {
    add(place, hash, std::forward<K>(key), std::forward<V>(value));
    return true;
  }
  owner.reserve(1);
  auto entry = std::make_unique<entry_type>(hash, std::forward<K>(key), std::forward<V>(value));
  owner.reserve(1);  // once more: its constructors may have retired something
  outside_bytes_ += entry->bytes() - sizeof(entry_type);
  chain_.replace(place, entry.release());
  retire(owner, detail::entry_of<entry_type>(place.word));
  return false;
}

template <class Key, class Value, class Hash, class Equal>
template <class K, class... Arguments>
bool hash_table<Key, Value, Hash, Equal>::emplace_at(std::uint64_t hash, K&& key,
                                                     Arguments&&... arguments) {
  begin_write();
  const detail::slot_place place = locate(hash, key);
  if (place.found()) return false;
  add(place, hash, std::forward<K>(key), std::forward<Arguments>(arguments)...);
  return true;
}

template <class Key, class Value, class Hash, class Equal>
template <class K>
bool hash_table<Key, Value, Hash, Equal>::erase(std::uint64_t hash, const K& key) {
  participant& owner = begin_write();
  const detail::slot_place place = locate(hash, key);
  if (!place.found()) return false;
  owner.reserve(1);
  chain_.remove(place);
  retire(owner, detail::entry_of<entry_type>(place.word));
  return true;
}

template <class Key, class Value, class Hash, class Equal>
template <class... Arguments>
void hash_table<Key, Value, Hash, Equal>::add(const detail::slot_place& place,
                                              Arguments&&... arguments) {
  chain_.require_room(place);
  auto entry = std::make_unique<entry_type>(std::forward<Arguments>(arguments)...);
  outside_bytes_ += entry->bytes() - sizeof(entry_type);
  chain_.add(place, entry.release());
}

// After the slot has let go of it.
template <class Key, class Value, class Hash, class Equal>
void hash_table<Key, Value, Hash, Equal>::retire(participant& owner, entry_type* entry) noexcept {
  outside_bytes_ -= entry->bytes() - sizeof(entry_type);
  detail::retire_entry(owner, entry);
}

}  // namespace lull
