// SPDX-License-Identifier: MIT
#pragma once

// Who comes: clients that ask and go, end their half and read on, send a byte at a time, reset in
// the middle or at once, say too much, do not read what they asked for, or say nothing at all.

#include <cstdint>
#include <string>

#include <lull/sched/task.hpp>

#include "services.hpp"

namespace soak {

enum class manner {
  polite,
  half_close,
  byte_by_byte,
  flood,
  reset,
  reset_at_once,
  too_long,
  silent
};
inline constexpr std::size_t manners = 8;

struct tally {
  std::uint64_t connected = 0;
  std::uint64_t of[manners] = {};
  std::uint64_t answers = 0;  // lines that came back, and were right
  std::uint64_t wrong = 0;    // connections on which something was not as it should be
  std::string first_wrong;

  void is_wrong(manner who, const std::string& what);
};

// Connection `number` of the seed, from its begin to its end.
lull::task<> one_connection(const ports& to, std::uint64_t seed, std::uint64_t number, tally& all);

}  // namespace soak
