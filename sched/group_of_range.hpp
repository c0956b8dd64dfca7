// SPDX-License-Identifier: MIT
#pragma once

// What when_all and when_any make of a range of awaitables: the members of a group, in a vector,
// whose memory is all that a range costs beyond its tasks. Not for users.

#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "branch.hpp"
#include "branch_group.hpp"

namespace lull::detail {

// Members of one type, as many as there are.
template <class T>
using members_of_range = std::vector<member_of_group<T>>;

template <class Range>
auto members_from(Range&& from) {
  static_assert(!std::is_lvalue_reference_v<Range> || std::ranges::view<std::remove_cvref_t<Range>>,
                "the awaitables are moved out of the range: pass it with std::move");
  using element =
      std::conditional_t<std::is_lvalue_reference_v<std::ranges::range_reference_t<Range>>,
                         std::ranges::range_value_t<Range>, std::ranges::range_reference_t<Range>>;
  using plain = std::remove_cvref_t<element>;
  static_assert(std::is_move_constructible_v<plain>,
                "a range of awaitables that cannot be moved; make a task of each");
  members_of_range<branch_result<plain>> members;
  if constexpr (std::ranges::sized_range<Range>) members.reserve(std::ranges::size(from));
  for (auto&& each : from) members.emplace_back(as_task(plain(std::move(each))));
  return members;
}

}  // namespace lull::detail
