// SPDX-License-Identifier: MIT
#pragma once

// Answers about names, each kept for its time. There are at most so many: a further one takes the
// place of the one that was not asked for longest. Failures are kept like addresses, so that a name
// that nobody knows is not asked for again and again. Finding one takes constant time.

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "../base/clock.hpp"
#include "name_answer.hpp"

namespace lull::detail {

class name_cache {
 public:
  explicit name_cache(std::size_t most) noexcept : most_(most) {}

  // Null: not known, or not any more. Good until the next put().
  const name_answer* find(std::string_view name, time_point now) noexcept;
  // Replaces what was known of it. Throws std::bad_alloc, and keeps all it had then.
  void put(std::string_view name, name_answer answer, time_point until);
  std::size_t size() const noexcept { return by_name_.size(); }

 private:
  struct entry {
    std::string name;
    name_answer answer;
    time_point until;
  };
  using entries = std::list<entry>;

  void drop(entries::iterator old) noexcept;

  std::size_t most_;
  entries entries_;  // asked for last in front
  std::unordered_map<std::string_view, entries::iterator> by_name_;
};

}  // namespace lull::detail
