// SPDX-License-Identifier: MIT
#pragma once

// The order in which a scan goes through a table, and how far it has come. Any core; no memory.
//
// Entries lie in an array in the order of their hashes. A scan in that order would sweep from one
// end to the other: whoever erases what it visits would leave the rest in one heap when the array
// is halved, and whoever inserts it into another table would make a heap there, in which a search
// looks at as many slots as there are entries. So a scan divides the hashes into 2^k blocks, each
// of 32 places, and takes them in the order of their numbers' bits read backwards: the blocks at 0,
// 1/2, 1/4, 3/4, 1/8 ... of the array. Then what was visited lies evenly among what was not,
// wherever the scan is and in an array of any size.
//
// k stays while the scan goes on, for it says what was visited. When the table grows by much
// meanwhile, the blocks are as much larger, and so may heaps be. When it shrinks, blocks become
// smaller than a place, and each of them counts as one: the scan does not take fewer steps for
// that.
//
//   bits of a cursor
//   63..26  the share of all hashes that was visited: in the high k bits the blocks that were, in
//           the others what was of the next one; 0 where a scan begins, or has ended
//   21..16  k
//   15..0   the caller's

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "slot_array.hpp"

namespace lull::detail {

inline std::uint64_t bits_backwards(std::uint64_t word) noexcept {
  word = __builtin_bswap64(word);
  word = (word & 0x0f0f0f0f0f0f0f0f) << 4 | (word >> 4 & 0x0f0f0f0f0f0f0f0f);
  word = (word & 0x3333333333333333) << 2 | (word >> 2 & 0x3333333333333333);
  return (word & 0x5555555555555555) << 1 | (word >> 1 & 0x5555555555555555);
}

// Hashes that a scan looks for at once, the ends included; they lie in one block.
struct hash_range {
  std::uint64_t low;
  std::uint64_t high;
};

class scan_cursor {
 public:
  // Goes on from any number, 0 for a scan that begins in an array of 2^bits slots.
  scan_cursor(std::uint64_t number, unsigned bits) noexcept
      : visited_(number & ~(finest_place - 1)),
        block_bits_(visited_ == 0 ? std::max(bits, place_bits + least_block_bits) - place_bits
                                  : std::clamp(static_cast<unsigned>(number >> 16 & 63),
                                               least_block_bits, slot_array::most_bits)) {}

  std::uint64_t number() const noexcept {
    return at_end() ? 0 : visited_ | std::uint64_t{block_bits_} << 16;
  }
  // After the last range, as before the first.
  bool at_end() const noexcept { return visited_ == 0; }

  // The least hash of the next range.
  std::uint64_t low() const noexcept {
    const std::uint64_t in_block = visited_ & (block() - 1);
    return (bits_backwards(visited_ - in_block) << (64 - block_bits_)) + in_block;
  }

  // The next range, of `places` places or fewer in an array of 2^bits slots. Subtracts those that
  // were taken: at least one.
  hash_range take(unsigned bits, std::size_t& places) noexcept {
    const std::uint64_t place = std::uint64_t{1} << (64 - bits);
    const std::uint64_t in_block = visited_ & (block() - 1);
    const std::uint64_t first = in_block & ~(place - 1);
    const std::uint64_t left = place < block() ? (block() - first) / place : 1;
    const std::uint64_t taken = std::clamp<std::uint64_t>(places, 1, left);
    const std::uint64_t size = (taken < left ? first + taken * place : block()) - in_block;
    const std::uint64_t begin = low();
    visited_ += size;
    places -= std::min<std::size_t>(places, taken);
    return {begin, begin + (size - 1)};
  }

 private:
  static constexpr unsigned place_bits = 5;
  static constexpr unsigned least_block_bits = 4;
  // The hashes of a place of the largest array.
  static constexpr std::uint64_t finest_place = std::uint64_t{1} << (64 - slot_array::most_bits);

  // The hashes of a block.
  std::uint64_t block() const noexcept { return std::uint64_t{1} << (64 - block_bits_); }

  std::uint64_t visited_;
  unsigned block_bits_;
};

}  // namespace lull::detail
