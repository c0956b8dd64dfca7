// SPDX-License-Identifier: MIT
#pragma once

// Random numbers that a seed decides, one sequence for each actor. Not for several threads.

#include <cstdint>

namespace test {

class random_numbers {
 public:
  // Sequence `number` of the seed.
  random_numbers(std::uint64_t seed, std::uint64_t number) noexcept
      : state_(mixed(seed * 0x9e3779b97f4a7c15u + number) | 1) {}

  std::uint64_t next() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  // Below `limit`, which is not 0.
  unsigned below(unsigned limit) noexcept { return static_cast<unsigned>((next() >> 11) % limit); }
  // True once in so many; never for 0.
  bool one_in(unsigned many) noexcept { return many != 0 && below(many) == 0; }

 private:
  static std::uint64_t mixed(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }

  std::uint64_t state_;
};

}  // namespace test
