// SPDX-License-Identifier: MIT
#pragma once

// A core driven by hand, in this thread, with a clock that the test sets.

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <lull/sched/core.hpp>

namespace test {

// Cores of one domain, connected to each other and driven in turn.
class driven_cores {
 public:
  explicit driven_cores(unsigned count, lull::core_options options = small_options(),
                        const lull::domain_options& reclamation = {},
                        lull::kernel& through = lull::real_kernel())
      : shared(reclamation) {
    options.clock = clock.source();
    options.ring.allowed = options.ring.allowed & lull::detected_capabilities();
    std::vector<lull::core*> all;
    for (unsigned i = 0; i < count; ++i) {
      cores.push_back(std::make_unique<lull::core>(i, shared, options, through));
      all.push_back(cores.back().get());
    }
    for (auto& one : cores) one->connect(all);
  }
  ~driven_cores() {
    for (auto& one : cores) one->wind_up();
  }

  static lull::core_options small_options() {
    lull::core_options options;
    options.ring.submissions = 64;
    options.ring.completions = 256;
    return options;
  }

  // One iteration of each core, none of which sleeps.
  void turn() {
    for (auto& one : cores) one->iterate(lull::when_idle::come_back);
  }

  // Turns until `done`; fails the test if that takes too many.
  template <class Done>
  void turn_until(Done done) {
    for (int i = 0; i < 100'000; ++i) {
      if (done()) return;
      turn();
    }
    FAIL("100,000 iterations were not enough");
  }

  // Runs a task on a core to its end; throws what it throws.
  template <class F, class... Args>
  void run_on_core(unsigned index, F&& f, Args&&... args) {
    lull::core& where = *cores[index];
    std::optional<lull::scope> all;
    {
      const lull::core::inside here(where);
      all.emplace();
      all->spawn(std::forward<F>(f), std::forward<Args>(args)...);
    }
    run_to_its_end(where, all);
  }

  lull::manual_clock clock;
  lull::domain shared;
  std::vector<std::unique_ptr<lull::core>> cores;

 private:
  // Not a template, and not inlined: it is compiled once, and not once a test.
  [[gnu::noinline]] void run_to_its_end(lull::core& where, std::optional<lull::scope>& all) {
    all->on_error(
        [](void* into, std::exception_ptr error) noexcept {
          *static_cast<std::exception_ptr*>(into) = std::move(error);
        },
        &failure_);
    turn_until([&] { return all->size() == 0; });
    {
      const lull::core::inside here(where);
      all.reset();
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  std::exception_ptr failure_;
};

// Runs a task on a core of its own.
template <class F, class... Args>
void run_alone(F&& f, Args&&... args) {
  driven_cores one(1);
  one.run_on_core(0, std::forward<F>(f), std::forward<Args>(args)...);
}

}  // namespace test
