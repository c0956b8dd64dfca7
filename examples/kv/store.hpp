// SPDX-License-Identifier: MIT
#pragma once

// The keys of one core. The owner core alone changes them; any core looks them up without a lock,
// and what it finds is good until that core's next co_await. An expired entry is absent to every
// reader from the moment its time has passed; its memory goes when the owner meets it, in a write
// or in `expire_some`. It speaks no protocol.

#include <lull/tables/hash_table.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bytes.hpp"
#include "counter.hpp"
#include "entry.hpp"

template <>
struct lull::outside_bytes<kv::bytes> {
  static std::size_t of(const kv::bytes& text) noexcept { return text.allocated(); }
};

template <>
struct lull::outside_bytes<kv::entry> {
  static std::size_t of(const kv::entry& value) noexcept { return value.allocated(); }
};

namespace kv {

using key_hash = lull::seeded_hash<bytes>;

// A key with its hash, which is computed once for choosing the owner and for the lookup.
struct hashed_key {
  std::string_view text;
  std::uint64_t hash;
};

class store {
 public:
  using table = lull::hash_table<bytes, entry, key_hash>;

  store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  // Any core. Null where the key is absent or expired.
  const entry* find(hashed_key key, std::int64_t now_ms) const noexcept {
    const entry* const found = keys_.find(key.hash, key.text);
    return found == nullptr || found->expired(now_ms) ? nullptr : found;
  }
  // Ahead of find(), for several keys: first the one for all, then the other.
  void prefetch_slot(std::uint64_t hash) const noexcept { keys_.prefetch_slot(hash); }
  void prefetch_entry(std::uint64_t hash) const noexcept { keys_.prefetch_entry(hash); }
  std::size_t size() const noexcept { return keys_.size(); }
  std::size_t used_bytes() const noexcept { return used_bytes_.value(); }
  std::size_t volatile_keys() const noexcept { return volatile_.value(); }
  std::uint64_t expired_keys() const noexcept { return expired_.value(); }
  // Looks at a bounded number of slots and calls visit(key, entry) for what is alive in them.
  // Returns the cursor to go on with, 0 at the end.
  template <class Visit>
  std::uint64_t scan(std::uint64_t cursor, std::size_t steps, std::int64_t now_ms,
                     Visit visit) const {
    return keys_.scan(cursor, steps, [&](const bytes& key, const entry& value) {
      if (!value.expired(now_ms)) visit(std::string_view{key}, value);
    });
  }

  // Owner core, from here on. Each throws std::bad_alloc with nothing changed.

  // As find(), and an expired entry is removed.
  const entry* find_own(hashed_key key, std::int64_t now_ms);
  // Sets the key whether or not it is there.
  void put(hashed_key key, bytes value, std::int64_t expire_at_ms);
  bool remove(hashed_key key, std::int64_t now_ms);
  // Moves the expiry of an entry of this store; `never` takes it away.
  void expire_at(const entry& value, std::int64_t at_ms) noexcept;
  struct portion {
    std::size_t keys = 0;  // that were met
    std::size_t expired = 0;
  };
  // Removes what has expired among the next `steps` slots. Where it throws, some may have gone; the
  // next call begins where this one did.
  portion expire_some(std::size_t steps, std::int64_t now_ms);
  void clear();

 private:
  static std::size_t cost(std::string_view key, std::size_t value_allocated) noexcept;
  void erase(hashed_key key, const entry& value);

  table keys_;
  counter used_bytes_;
  counter volatile_;
  counter expired_;
  std::uint64_t expiry_cursor_ = 0;
};

}  // namespace kv
