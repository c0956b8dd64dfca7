// SPDX-License-Identifier: MIT
#pragma once

// A core whose sleeps a test looks at: its kernel notes how long it is to wait, and does not.

#include <lull/sched/core.hpp>

#include "../ring/noting_waits.hpp"
#include "helpers.hpp"

namespace test {

// It does not poll, and the test sets its clock.
class noting_core {
 public:
  explicit noting_core(lull::nanoseconds timer_slack = std::chrono::microseconds(50))
      : core(0, shared_, options(clock, timer_slack), kernel) {}
  ~noting_core() { core.wind_up(); }
  noting_core(const noting_core&) = delete;
  noting_core& operator=(const noting_core&) = delete;

  noting_waits kernel;
  lull::manual_clock clock;

 private:
  static lull::core_options options(const lull::manual_clock& clock, lull::nanoseconds slack) {
    lull::core_options chosen = driven_cores::small_options();
    chosen.clock = clock.source();
    chosen.poll = lull::nanoseconds::zero();
    chosen.timer_slack = slack;
    return chosen;
  }

  lull::domain shared_;

 public:
  lull::core core;
};

}  // namespace test
