// SPDX-License-Identifier: MIT
#pragma once

// What a domain and a participant count. Each participant writes its own counters with relaxed
// stores, when it closes a batch and when it has released, never per retire; any thread may read
// them at any time. Numbers read together may be a few events apart.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <source_location>

#include "../base/atomics.hpp"
#include "../base/owner_counter.hpp"

namespace lull {

// How long grace periods took, from the close of a batch to its being due: count[i] of them took
// less than 2^i us (and not less than 2^(i-1)); the last counts all that took longer. One batch in
// limits::grace_sample is timed.
struct grace_histogram {
  static constexpr std::size_t classes = 24;
  std::array<std::uint64_t, classes> count{};
};

struct participant_statistics {
  std::uint64_t retired = 0;             // objects, as of the last quiescent state
  std::uint64_t released = 0;            // objects, adopted ones and those sent home to it included
  std::uint64_t adopted = 0;             // objects taken over from participants that left
  std::uint64_t sent_home = 0;           // objects handed to their home
  std::uint64_t came_home = 0;           // objects that others have handed to this one
  std::uint64_t limbo_objects = 0;       // waiting now
  std::uint64_t limbo_bytes = 0;         // and their bytes
  std::uint64_t limbo_objects_high = 0;  // when the bytes were the most
  std::uint64_t limbo_bytes_high = 0;    // the most that ever waited
  std::uint64_t held_objects = 0;        // past their grace period, kept by holds; not in limbo
  std::uint64_t held_bytes = 0;          // and their bytes
  std::uint64_t holds = 0;               // cells that this participant uses to hold something
  std::uint64_t pins = 0;                // that it has
  std::uint64_t epochs = 0;              // announced by this participant
  std::uint64_t advances = 0;            // moved by this participant
  std::uint64_t attempts = 0;            // calls that tried to help the epoch on
  std::chrono::nanoseconds oldest{};     // how long the oldest in limbo waits, as far as was looked
  grace_histogram grace;
};

struct domain_statistics {
  std::uint64_t epoch = 0;       // the counter
  std::uint64_t complete = 0;    // the last epoch that everybody announced or was offline for
  std::size_t participants = 0;  // joined now
  std::size_t slots = 0;         // made so far: the most that were ever joined at once
  std::size_t orphans = 0;       // limbos of participants that left, not yet adopted
  std::uint64_t retired = 0;     // by all who are or were joined
  std::uint64_t released = 0;
  std::uint64_t limbo_objects = 0;  // waiting now, what is orphaned not included
  std::uint64_t limbo_bytes = 0;
  std::uint64_t held_objects = 0;
  std::uint64_t held_bytes = 0;
  std::int64_t charged_bytes = 0;  // against the budgets, when there are any; see budget.hpp
  std::uint64_t stall_reports = 0;
};

namespace detail {

// What a participant lets others see, written by its owner; relaxed, and nothing is concluded from
// it.
struct shown_state {
  owner_counter retired, released, adopted, orphaned, sent_home, came_home;
  owner_counter limbo_bytes, limbo_objects_high, limbo_bytes_high;
  owner_counter held_objects, held_bytes, pins;
  owner_counter epochs, advances, attempts;
  owner_counter waiting_since;  // ns of the clock: the oldest in limbo was seen to wait; 0: nothing
  owner_counter pinned_since;   // ns of the clock: the oldest pin was taken
  atomic<std::source_location> pinned_at{};
  atomic<std::uint32_t> label{0};  // how its driver calls it: a core's index
  owner_counter grace[grace_histogram::classes];

  // In limbo now: what came, less what went; for others, who read one after the other, about that.
  std::uint64_t limbo_objects() const noexcept {
    const std::uint64_t came = retired.get() + adopted.get() + came_home.get();
    const std::uint64_t went =
        released.get() + orphaned.get() + sent_home.get() + held_objects.get();
    return came > went ? came - went : 0;
  }

  void clear() noexcept {
    for (owner_counter* one :
         {&retired, &released, &adopted, &orphaned, &sent_home, &came_home, &limbo_bytes,
          &limbo_objects_high, &limbo_bytes_high, &held_objects, &held_bytes, &pins, &epochs,
          &advances, &attempts, &waiting_since, &pinned_since}) {
      one->set(0);
    }
    for (owner_counter& one : grace) one.set(0);
    label.store(0, relaxed);
  }
};

}  // namespace detail
}  // namespace lull
