// SPDX-License-Identifier: MIT
#pragma once

// A participant at home, and a writer that retires what was made there; both in one thread.

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

namespace test {

using releases = std::vector<const lull::participant*>;

// Writes down which participant released it.
struct at_home : lull::homed<at_home> {
  explicit at_home(releases& l) noexcept : log(&l) {}
  ~at_home() { log->push_back(lull::participant::current()); }
  releases* log;
};

// Goes back to where it was made, and may be used again.
struct pooled;
struct back_to_pool {
  inline void operator()(pooled* one) const noexcept;
};
struct pooled : lull::homed<pooled, back_to_pool> {
  const lull::participant* released_by = nullptr;
};
void back_to_pool::operator()(pooled* one) const noexcept {
  one->released_by = lull::participant::current();
}

inline at_home* made_by(lull::participant& maker, releases& log) {
  const playing as_maker(maker);
  return new at_home(log);
}

// A writer, a home for what it retires, and what was released where.
struct two_houses {
  explicit two_houses(const lull::domain_options& options = {}) : domain(options) {}

  releases log;
  lull::domain domain;
  std::optional<lull::participant> home{std::in_place, domain};
  lull::participant writer{domain};

  void retire_some(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) writer.retire(made_by(*home, log));
  }
  std::size_t released_by(const lull::participant& one) const {
    return static_cast<std::size_t>(std::count(log.begin(), log.end(), &one));
  }
  void leave_home() { home.reset(); }
};

// What the home made and the writer retired has come home, and nothing of it is released.
inline void send(two_houses& both) {
  REQUIRE(both.home->offline());
  for (int i = 0; i < 4; ++i) both.writer.quiescent(at_most(1'000'000));
  both.home->online();
}

}  // namespace test
