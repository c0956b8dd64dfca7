// SPDX-License-Identifier: MIT
#pragma once

// Which seeds the simulations run: those of the environment, or 1,000.

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/frame_pool.hpp>  // says whether AddressSanitizer is there

namespace simulation {

// Changing stacks is slow below AddressSanitizer.
#ifdef LULL_ADDRESS_SANITIZER
constexpr std::uint64_t seeds_by_default = 200;
#else
constexpr std::uint64_t seeds_by_default = 1000;
#endif

inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return otherwise;
  std::uint64_t number = 0;
  const char* const end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, number);
  if (read.ec != std::errc() || read.ptr != end || number == 0) {
    FAIL(variable << " is '" << text << "'; it takes a whole number from 1 on");
  }
  return number;
}

inline std::uint64_t first_seed() { return number_from("LULL_FIRST_SEED", 1); }
inline std::uint64_t seed_count() { return number_from("LULL_SEEDS", seeds_by_default); }

}  // namespace simulation
