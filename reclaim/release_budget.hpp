// SPDX-License-Identifier: MIT
#pragma once

// How much one quiescent state may release: a bound on objects and on time, and the pace, which is
// how many objects are released between two looks at the clock. The pace follows the deleters:
// halved when a chunk took long, doubled when it was quick; so that cheap objects do not pay for
// the clock one by one, and dear ones are stopped in time. What fits into one chunk of a kind that
// was timed before is timed every eighth time only: the clock would cost as much as releasing some
// dozen small objects. One budget serves all that a quiescent state releases, and is at its end for
// all of that together.

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "../base/clock.hpp"
#include "../base/limits.hpp"

namespace lull {

// What one quiescent state releases at most, whichever is met first. A time of nanoseconds::max()
// means that the clock is not read. Both grow with what is due: see participant.
struct release_bound {
  std::size_t objects = limits::release_objects;
  time_span time = limits::release_time;
};

}  // namespace lull

namespace lull::detail {

// Kept by a participant from one quiescent state to the next.
struct release_pace {
  std::size_t chunk = 1;
  unsigned untimed = 0;        // releases since the last that was timed
  const void* kind = nullptr;  // of what was timed last

  // Whether a release of `due` objects goes by the clock.
  bool asks_for_clock(std::size_t due) noexcept {
    if (due <= chunk && ++untimed < limits::untimed_releases) return false;
    untimed = 0;
    return true;
  }
};

class release_budget {
 public:
  // For a release of `due` objects.
  release_budget(release_bound bound, std::size_t due, release_pace& pace,
                 const time_source& clock) noexcept
      : left_(bound.objects), time_(bound.time), pace_(pace), clock_(clock) {
    if (may_be_timed() && pace.asks_for_clock(due)) start_clock();
  }

  // How many of `due` objects of a kind may be released before spend() is asked.
  std::size_t next(std::size_t due, const void* kind) noexcept {
    if (kind != pace_.kind && may_be_timed()) {
      if (!timed_) start_clock();
      pace_.kind = kind;
      pace_.chunk = 1;
    } else if (!timed_ && untimed_ >= pace_.chunk && may_be_timed()) {
      start_clock();  // more than was said to be due: what was held has been dropped
    }
    const std::size_t most = std::min(left_, due);
    return timed_ ? std::min(most, pace_.chunk) : most;
  }

  bool is_over() const noexcept { return left_ == 0; }

  // Whether there is more to spend after `count` objects were released.
  bool spend(std::size_t count) noexcept {
    left_ -= count;
    if (!timed_) {
      untimed_ += count;
      return left_ != 0;
    }
    const time_point now = clock_.now();
    const auto took = now - last_;
    last_ = now;
    if (took > slow) {
      pace_.chunk = std::max<std::size_t>(pace_.chunk / 2, 1);
    } else if (took < quick && count == pace_.chunk) {
      pace_.chunk = std::min(pace_.chunk * 2, limits::release_chunk);
    }
    if (now >= end_) left_ = 0;
    return left_ != 0;
  }

 private:
  static constexpr std::chrono::nanoseconds quick{2000};
  static constexpr std::chrono::nanoseconds slow{5000};

  bool may_be_timed() const noexcept { return time_ != std::chrono::nanoseconds::max(); }
  void start_clock() noexcept {
    timed_ = true;
    last_ = clock_.now();
    end_ = later(last_, time_);
  }

  std::size_t left_;
  std::chrono::nanoseconds time_;
  release_pace& pace_;
  const time_source& clock_;
  bool timed_ = false;
  std::size_t untimed_ = 0;  // objects released before the clock was asked
  time_point last_{};
  time_point end_{};
};

}  // namespace lull::detail
