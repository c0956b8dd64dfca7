// SPDX-License-Identifier: MIT
#pragma once

// A reclamation domain: the epoch that its participants share. Threads that read and write the same
// lock-free structures join the same domain; several domains do not know of each other. Any thread
// may make one and read its statistics. It must outlive its participants, and has released
// everything when it is destroyed. It starts no thread and costs four cache lines and some more for
// each participant. It is not the place to retire: see participant.hpp.

#include "budget.hpp"
#include "epoch.hpp"
#include "orphans.hpp"
#include "stall.hpp"
#include "statistics.hpp"

namespace lull {

namespace detail {
class limbo;
}

struct domain_options {
  limbo_budget budget = {};
  stall_watch stalls = {};

  // Asked to wake the participant with this label, which sleeps while objects have come home to it.
  // Any thread calls it, at any time. Null: they wait until it wakes by itself.
  void (*wake)(void* context, std::uint32_t label) noexcept = nullptr;
  void* wake_context = nullptr;
};

class domain {
 public:
  // Stops the program when a hard budget below the soft one is asked for.
  explicit domain(const domain_options& options = {});

  // Stops the program when a participant is still joined.
  ~domain();

  domain(const domain&) = delete;
  domain& operator=(const domain&) = delete;

  // A snapshot; walks over the slots.
  domain_statistics statistics() const noexcept;

  // Any thread: the participant with this place() has stood still for so long. Reports that, unless
  // it has been reported within the interval.
  void report_stall(void* place, nanoseconds lasted) noexcept;

  // Before the first participant joins, for who makes a domain as a member.
  void set_wake(void (*wake)(void* context, std::uint32_t label) noexcept, void* context) noexcept {
    options_.wake = wake;
    options_.wake_context = context;
  }
  void set_describe(void (*describe)(void* context, stall_report& report) noexcept,
                    void* context) noexcept {
    options_.stalls.describe = describe;
    options_.stalls.describe_context = context;
  }

 private:
  friend class participant;
  friend class detail::homed_base;

  void count_departed(detail::shown_state& shown) noexcept;
  // stall.cpp; without a reporter: the one that stands still.
  void report_stall(detail::slot& in_the_way, nanoseconds lasted, const detail::slot* reporter,
                    time_point now) noexcept;

  detail::epoch_state epochs_;
  alignas(cache_line) detail::orphan_stack<detail::limbo> orphans_;
  detail::charge_account charges_;
  domain_options options_;
  const std::uint32_t number_;  // no other domain of the process has it
  detail::atomic<std::uint64_t> stall_reports_{0};
  detail::atomic<std::uint64_t> departed_retired_{0};  // by participants that have left
  detail::atomic<std::uint64_t> departed_released_{0};
};

}  // namespace lull
