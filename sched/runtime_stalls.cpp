// SPDX-License-Identifier: MIT
#include "runtime_state.hpp"

namespace lull {
namespace {

// So long a report waits for the thread of a core that stands still to say what it does.
constexpr nanoseconds stall_patience = std::chrono::milliseconds(5);

}  // namespace

void runtime::state::describe_stall(void* self, stall_report& report) noexcept {
  auto& me = *static_cast<state*>(self);
  const std::lock_guard lock(me.mutex);
  if (me.now != phase::running) return;
  for (core_thread& one : me.threads) {
    if (one.running->reclamation().place() != report.place) continue;
    report.running = one.running->running_for();
    if (report.running == nanoseconds::zero() || !me.signal) continue;
    one.probe->ask(me.signal->number(), stall_patience, report);
  }
}

// Its own thread.
void runtime::state::watch_for_stalls() noexcept {
  std::unique_lock lock(mutex);
  while (
      !changed.wait_for(lock, options.stall_threshold / 4, [&] { return now != phase::running; })) {
    for (core_thread& one : threads) {
      const nanoseconds running = one.running->running_for();
      if (running < options.stall_threshold) continue;
      void* const place = one.running->reclamation().place();
      lock.unlock();
      shared.report_stall(place, running);
      lock.lock();
      if (now != phase::running) return;
    }
  }
}

}  // namespace lull
