// SPDX-License-Identifier: MIT
#include "name_cache.hpp"

#include <iterator>
#include <utility>

namespace lull::detail {

const name_answer* name_cache::find(std::string_view name, time_point now) noexcept {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  const entries::iterator known = found->second;
  if (known->until <= now) {
    drop(known);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, known);
  return &known->answer;
}

void name_cache::put(std::string_view name, name_answer answer, time_point until) {
  if (const auto known = by_name_.find(name); known != by_name_.end()) {
    entry& old = *known->second;
    old.answer = std::move(answer);
    old.until = until;
    entries_.splice(entries_.begin(), entries_, known->second);
    return;
  }
  entries fresh;
  fresh.push_back({std::string(name), std::move(answer), until});
  by_name_.emplace(fresh.front().name, fresh.begin());
  entries_.splice(entries_.begin(), fresh);
  if (by_name_.size() > most_) drop(std::prev(entries_.end()));
}

void name_cache::drop(entries::iterator old) noexcept {
  by_name_.erase(old->name);
  entries_.erase(old);
}

}  // namespace lull::detail
