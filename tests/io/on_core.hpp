// SPDX-License-Identifier: MIT
#pragma once

// Runs a test's coroutine on a real core in the calling thread, over the real kernel, until
// everything it started has ended; then looks that no descriptor was left behind. A test that hangs
// is ended after half a minute, with a sentence.

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <lull/base/clock.hpp>
#include <lull/ring/capabilities.hpp>
#include <lull/sched/core.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/task.hpp>
#include <utility>

#include "../open_descriptors.hpp"
#include "../ring/fault_watch.hpp"

namespace io_test {

using test::open_descriptors;

// Ends a test that does not come to its end.
class watchdog : public lull::detail::timer_node {
 public:
  explicit watchdog(lull::core& on) : timer_node(&watchdog::bark), on_(on) {
    on_.timers.arm(*this, on_.now + std::chrono::seconds(30));  // by its own clock
  }
  ~watchdog() { on_.timers.cancel(*this); }

  // The last task has ended in this iteration, which shall not go to sleep.
  void finish() {
    on_.timers.cancel(*this);
    expired = [](timer_node&) noexcept {};
    on_.timers.arm(*this, on_.now + lull::nanoseconds(1));
  }

 private:
  static void bark(timer_node&) noexcept {
    std::fprintf(stderr, "the test hangs: its tasks have not ended after 30 s\n");
    std::abort();
  }

  lull::core& on_;
};

inline lull::core_options small_ring(unsigned submissions, unsigned completions) {
  lull::core_options options;
  options.ring.submissions = submissions;
  options.ring.completions = completions;
  return options;
}

// Linux 6.1 reads and writes pipes on threads of its own, and not while they are submitted; none
// does that since 6.4, so none that can wait for futexes (6.7).
inline bool pipes_take_threads() { return !lull::detect_capabilities(lull::real_kernel()).futex; }

inline lull::core_options without(bool lull::capabilities::* one) {
  lull::core_options options;
  options.ring.allowed.*one = false;
  return options;
}

// What a test runs: of one type, so that all here is compiled once and not once a test.
using main_call = std::function<lull::task<>()>;

inline lull::task<> run_main(watchdog* hang, main_call main) {
  std::exception_ptr error;
  try {
    co_await main();
  } catch (...) {
    error = std::current_exception();
  }
  hang->finish();
  if (error) std::rethrow_exception(error);
}

// `main()` gives a task<>; a failed REQUIRE in it ends the test like any other.
inline void on_core(const lull::core_options& options, main_call main, lull::kernel& through) {
  lull::core_options limited = options;
  limited.ring.allowed = limited.ring.allowed & lull::detected_capabilities();
  const std::size_t before = open_descriptors();
  {
    lull::domain domain;
    lull::core core(0, domain, limited, through);
    {
      watchdog hang(core);
      core.root().spawn(&run_main, &hang, std::move(main));
      while (core.root().size() != 0) core.iterate();
    }
    core.wind_up();
    lull::participant* const outside = lull::participant::set_current(&core.reclamation());
    std::exception_ptr error;
    try {
      core.root().join().await_resume();
    } catch (...) {
      error = std::current_exception();
    }
    lull::participant::set_current(outside);
    if (error) std::rethrow_exception(error);
  }
  CHECK(open_descriptors() == before);
}

// Over a kernel of which no completion may say that memory is not there.
inline void on_core(const lull::core_options& options, main_call main) {
  test::fault_watch kernel;
  on_core(options, std::move(main), kernel);
  CHECK(kernel.faults == 0);
}

inline void on_core(main_call main) { on_core(lull::core_options(), std::move(main)); }

// With a clock that stands still until pass() gives the core a later time.
inline lull::core_options with(const lull::manual_clock& clock) {
  lull::core_options options;
  options.clock = clock.source();
  options.poll = lull::nanoseconds(0);
  return options;
}

inline lull::task<> pass(lull::manual_clock& clock, lull::nanoseconds time) {
  clock.advance(time);
  const std::uint64_t before = lull::core::current().iteration();
  while (lull::core::current().iteration() == before) co_await lull::yield();
}

}  // namespace io_test
