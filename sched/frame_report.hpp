// SPDX-License-Identifier: MIT
#pragma once

// How large the frames of coroutines are, by coroutine: what a suspended task costs, and which
// variable to move out of a loop that awaits. Counted in builds with LULL_CHECKED alone, for it
// costs a search at every call of a coroutine; elsewhere the list is empty. For the core's own
// thread; counts what was called on it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <source_location>
#include <string_view>
#include <vector>

namespace lull {

struct frame_size {
  std::string_view coroutine;  // its function, in the compiler's words
  std::size_t bytes = 0;       // of one frame, before the pool rounds it up to 64
  std::uint64_t made = 0;
};

// Of this core, the largest first. Throws std::bad_alloc.
std::vector<frame_size> frame_sizes();

namespace detail {

class frame_report {
 public:
  // A frame was allocated, and then it became known whose it is. Without memory it goes uncounted.
  void allocated(std::size_t bytes) noexcept { latest_ = bytes; }
  void belongs_to(const std::source_location& coroutine) noexcept;

  std::vector<frame_size> list() const;

 private:
  std::map<std::string_view, frame_size> by_coroutine_;
  std::size_t latest_ = 0;
};

}  // namespace detail
}  // namespace lull
