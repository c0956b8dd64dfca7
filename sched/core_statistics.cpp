// SPDX-License-Identifier: MIT
#include "core_statistics.hpp"

#include "core.hpp"

namespace lull {

nanoseconds core::running_for() const noexcept {
  const std::uint64_t began = counters_.began.get();
  if (began == 0) return nanoseconds::zero();
  return options_.clock.now().time_since_epoch() - nanoseconds(began);
}

bool core::oversleeps() const noexcept {
  if (counters_.began.get() != 0) return false;
  const nanoseconds time = options_.clock.now().time_since_epoch();
  return inbox_.was_called() || time > nanoseconds(counters_.wakes.get());
}

core_statistics core::statistics() const noexcept {
  core_statistics all{.iterations = counters_.iterations.get(),
                      .resumes = counters_.resumes.get(),
                      .enters = counters_.enters.get(),
                      .completions = counters_.completions.get(),
                      .polls = counters_.polls.get(),
                      .polls_paid = counters_.polls_paid.get(),
                      .sleeps = counters_.sleeps.get(),
                      .messages = counters_.messages.get(),
                      .wakeups_sent = counters_.wakeups_sent.get()};
  for (std::size_t i = 0; i < all.group_time.size(); ++i) {
    all.group_time[i] = nanoseconds(counters_.group_time[i].get());
  }
  return all;
}

}  // namespace lull
