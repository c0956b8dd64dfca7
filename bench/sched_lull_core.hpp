// SPDX-License-Identifier: MIT
#pragma once
// A core of lull that the benchmark drives in its own thread, so that it can take turns with
// others.

#include <lull/sched/core.hpp>
#include <lull/sched/task.hpp>

#include <optional>

namespace lull::bench {

class driven_core {
 public:
  explicit driven_core(const core_options& options = {}) : core_(0, shared_, options) {}
  ~driven_core() { core_.wind_up(); }
  driven_core(const driven_core&) = delete;
  driven_core& operator=(const driven_core&) = delete;

  core& it() noexcept { return core_; }

  // A task and all that it spawns, to its end.
  template <class F, class... Args>
  void run(when_idle idle, F main, Args... arguments) {
    std::optional<scope> all;
    {
      const core::inside here(core_);
      all.emplace();
      all->spawn([this, main, arguments...]() -> task<> {
        co_await main(arguments...);
        core_.send(core_, end_);
      });
    }
    while (all->size() != 0) core_.iterate(idle);
    core_.iterate(when_idle::come_back);  // takes end_
    const core::inside here(core_);
    all.reset();
  }

 private:
  domain shared_;
  core core_;
  detail::message end_{
      [](detail::message&) noexcept {}};  // so that it does not sleep after the end
};

// The one of the rows of one thread.
driven_core& lull_core();

}  // namespace lull::bench
