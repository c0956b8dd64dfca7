// SPDX-License-Identifier: MIT
#pragma once

// What the service and the clients of network_test.py have in common: where it listens, the bytes
// that are sent, and what a program has used at its end.

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "../open_descriptors.hpp"

namespace faults {

inline constexpr std::uint16_t port = 7000;
inline constexpr std::size_t piece_bytes = 8 * 1024;  // no line is longer

// Byte `at` of what is fed: a place that is left out or comes twice shifts all that follow.
constexpr char fed_byte(std::size_t at) {
  return static_cast<char>('a' + (at + at / 26 + at / 4096) % 26);
}

inline std::string fed(std::size_t from, std::size_t count) {
  std::string text(count, ' ');
  for (std::size_t i = 0; i < count; ++i) text[i] = fed_byte(from + i);
  return text;
}

inline bool is_fed(std::size_t from, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != fed_byte(from + i)) return false;
  }
  return true;
}

using test::open_descriptors;

// The most memory that this program has had at a time.
inline std::size_t most_memory_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

// For network_test.py to read.
inline void say(const char* what, unsigned long long number) {
  std::printf("%s %llu\n", what, number);
  std::fflush(stdout);
}

}  // namespace faults
