// SPDX-License-Identifier: MIT
#pragma once
// A core of lull that the benchmark drives in its own thread, so that it can take turns with
// others.

#include <lull/sched/core.hpp>
#include <lull/sched/task.hpp>

#include <optional>

namespace lull::bench {

// A task and all that it spawns, to its end, in the thread of the core.
template <class F, class... Args>
void run_task(core& on, when_idle idle, F main, Args... arguments) {
  detail::message end([](detail::message&) noexcept {});  // so that it does not sleep afterwards
  std::optional<scope> all;
  {
    const core::inside here(on);
    all.emplace();
    all->spawn([&on, &end, main, arguments...]() -> task<> {
      co_await main(arguments...);
      on.send(on, end);
    });
  }
  while (all->size() != 0) on.iterate(idle);
  on.iterate(when_idle::come_back);
  const core::inside here(on);
  all.reset();
}

class driven_core {
 public:
  explicit driven_core(const core_options& options = {}) : core_(0, shared_, options) {}
  ~driven_core() { core_.wind_up(); }
  driven_core(const driven_core&) = delete;
  driven_core& operator=(const driven_core&) = delete;

  template <class F, class... Args>
  void run(when_idle idle, F main, Args... arguments) {
    run_task(core_, idle, main, arguments...);
  }

 private:
  domain shared_;
  core core_;
};

// The one of the rows of one thread.
driven_core& lull_core();

}  // namespace lull::bench
