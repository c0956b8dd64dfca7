// SPDX-License-Identifier: MIT
#include "frame_report.hpp"

#include <algorithm>
#include <new>

#include "core_context.hpp"

namespace lull {

void detail::frame_report::belongs_to(const std::source_location& coroutine) noexcept {
  try {
    frame_size& its = by_coroutine_[coroutine.function_name()];
    its.coroutine = coroutine.function_name();
    its.bytes = std::max(its.bytes, latest_);
    ++its.made;
  } catch (const std::bad_alloc&) {}
}

std::vector<frame_size> detail::frame_report::list() const {
  std::vector<frame_size> all;
  for (const auto& [name, one] : by_coroutine_) all.push_back(one);
  std::sort(all.begin(), all.end(), [](const frame_size& a, const frame_size& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.coroutine < b.coroutine;
  });
  return all;
}

std::vector<frame_size> frame_sizes() {
  return detail::this_context("frame_sizes()").frame_sizes.list();
}

}  // namespace lull
