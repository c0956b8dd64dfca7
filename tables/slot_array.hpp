// SPDX-License-Identifier: MIT
#pragma once

// One generation of a table's slots: a power of two of words, each empty, a tombstone, or an
// entry's address with 15 bits of its hash. The high bits of a hash say where probing starts, so
// every generation holds its entries in the order of their hashes.
//
// The owner core writes slots; any core reads them, without waiting. Memory comes in segments of a
// fixed size that are allocated and cleared a few slots at a time before the array is linked, and
// it is freed a part at a time: no call costs more for a larger table. It knows nothing of keys.
//
// variable        | written by           | read by         | pairings
// slot            | owner                | owner, any core | table_publish, table_move, table_erase
// next            | owner, once          | any core        | table_link
// all else        | owner, before next or the table's first names the array; after the array was
//                 | retired, whoever releases it

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "../base/assert.hpp"
#include "../base/atomics.hpp"
#include "../base/cache_line.hpp"
#include "../base/limits.hpp"

namespace lull::detail {

// What the arrays know of an entry.
struct entry_head {
  std::uint64_t hash;
};

// A slot's word:
//   0                        empty: no entry's probing has gone past here; ends every search
//   1                        tombstone: erased, or moved to the next array
//   1 | 15 bits | 48 bits    low bits of the hash, address of the entry
using slot_word = std::uint64_t;
inline constexpr slot_word empty_slot = 0;
inline constexpr slot_word tombstone = 1;
inline constexpr unsigned address_bits = 48;
inline constexpr slot_word address_mask = (slot_word{1} << address_bits) - 1;

inline slot_word tag_of(std::uint64_t hash) noexcept { return (hash | 0x8000) << address_bits; }

inline bool holds_entry(slot_word word) noexcept { return word > tombstone; }

inline entry_head* entry_in(slot_word word) noexcept {
  return reinterpret_cast<entry_head*>(static_cast<std::uintptr_t>(word & address_mask));
}

inline slot_word pack(const entry_head* entry) noexcept {
  const slot_word address = reinterpret_cast<std::uintptr_t>(entry);
  LULL_ASSERT((address & ~address_mask) == 0,
              "hash_table: an entry lies at %p, beyond the 48 bits of address that a slot has room "
              "for: use an allocator that stays below (the kernel does unless asked for more)",
              static_cast<const void*>(entry));
  return tag_of(entry->hash) | address;
}

class slot_array {
 public:
  using slot_type = atomic<slot_word>;

  // 256 KiB, so that clearing and freeing go in steps and a directory stays small.
  static constexpr unsigned segment_bits = limits::small ? 5 : 15;
  static constexpr std::size_t segment_slots = std::size_t{1} << segment_bits;
  static constexpr unsigned least_bits = 4;
  static constexpr unsigned most_bits = 38;

  // An array of 2^bits slots, none of them prepared; null without memory. Touches one cache line.
  static slot_array* make(unsigned bits) noexcept;

  // Allocates and clears up to `count` more slots. False when memory ran out: call it again later.
  bool prepare(std::size_t count) noexcept;
  std::size_t prepared() const noexcept { return prepared_; }
  bool is_prepared() const noexcept { return prepared_ == capacity(); }

  std::size_t capacity() const noexcept { return mask_ + 1; }
  unsigned bits() const noexcept { return 64 - shift_; }
  std::size_t bytes() const noexcept { return footprint(bits()) + capacity() * sizeof(slot_type); }

  // Where probing for a hash starts, and where it goes on.
  std::size_t home(std::uint64_t hash) const noexcept { return hash >> shift_; }
  std::size_t after(std::size_t index) const noexcept { return (index + 1) & mask_; }
  std::size_t before(std::size_t index) const noexcept { return (index - 1) & mask_; }
  slot_type& slot(std::size_t index) const noexcept {
    return directory()[index >> segment_bits][index & (segment_slots - 1)];
  }

  // Frees a part: one segment at most, and at most `entries` entries by `destroy(entry_head*)`,
  // which returns their bytes. True once nothing is left, the array itself included.
  template <class Destroy>
  bool release_part(std::size_t entries, Destroy destroy) noexcept;

  // The next generation; null until it is linked.
  atomic<slot_array*> next;
  // What is counted to the limbo when the array is retired with the entries it holds.
  std::size_t limbo_bytes = 0;

 private:
  explicit slot_array(unsigned bits) noexcept
      : next(nullptr), mask_((std::size_t{1} << bits) - 1), shift_(64 - bits) {}

  static std::size_t segments(unsigned bits) noexcept {
    return bits <= segment_bits ? 1 : std::size_t{1} << (bits - segment_bits);
  }
  static std::size_t footprint(unsigned bits) noexcept {
    return sizeof(slot_array) + segments(bits) * sizeof(slot_type*);
  }
  // The segments' addresses lie behind the array, the first one in its cache line.
  slot_type** directory() noexcept { return reinterpret_cast<slot_type**>(this + 1); }
  slot_type* const* directory() const noexcept {
    return reinterpret_cast<slot_type* const*>(this + 1);
  }

  std::size_t mask_;
  std::size_t prepared_ = 0;
  std::size_t released_ = 0;
  unsigned shift_;
};

static_assert(sizeof(atomic<slot_word>) > sizeof(slot_word) ||
              sizeof(slot_array) + sizeof(void*) <= cache_line);

// Where a key is in an array (`word` holds its entry), or the slot that a new entry would take.
struct slot_place {
  slot_array* array;
  std::size_t index;
  slot_word word;

  bool found() const noexcept { return holds_entry(word); }
};

inline slot_array* slot_array::make(unsigned bits) noexcept {
  void* memory = ::operator new(footprint(bits), std::align_val_t{cache_line}, std::nothrow);
  return memory == nullptr ? nullptr : new (memory) slot_array(bits);
}

inline bool slot_array::prepare(std::size_t count) noexcept {
  const std::size_t end = std::min(prepared_ + count, capacity());
  while (prepared_ < end) {
    const std::size_t segment = prepared_ >> segment_bits;
    const std::size_t begin = segment << segment_bits;
    if (prepared_ == begin) {
      const std::size_t bytes = std::min(capacity(), segment_slots) * sizeof(slot_type);
      void* memory = ::operator new(bytes, std::align_val_t{cache_line}, std::nothrow);
      if (memory == nullptr) return false;
      directory()[segment] = static_cast<slot_type*>(memory);
    }
    for (const std::size_t stop = std::min(end, begin + segment_slots); prepared_ < stop;) {
      new (&directory()[segment][prepared_ - begin]) slot_type(empty_slot);
      ++prepared_;
    }
  }
  return true;
}

template <class Destroy>
bool slot_array::release_part(std::size_t entries, Destroy destroy) noexcept {
  const std::size_t segment = released_ >> segment_bits;
  const std::size_t stop = std::min(prepared_, (segment + 1) << segment_bits);
  while (released_ < stop && entries > 0) {
    const slot_word word = slot(released_++).load(relaxed);
    if (!holds_entry(word)) continue;
    limbo_bytes -= std::min(limbo_bytes, static_cast<std::size_t>(destroy(entry_in(word))));
    --entries;
  }
  if (released_ < stop) return false;
  if (const std::size_t begin = segment << segment_bits; begin < stop) {
    std::destroy_n(directory()[segment], stop - begin);
    ::operator delete(directory()[segment], std::align_val_t{cache_line});
    limbo_bytes -= std::min(limbo_bytes, std::min(capacity(), segment_slots) * sizeof(slot_type));
  }
  if (stop < prepared_) return false;
  this->~slot_array();
  ::operator delete(this, std::align_val_t{cache_line});
  return true;
}

}  // namespace lull::detail
