// SPDX-License-Identifier: MIT
#pragma once

// Tasks in a simulation that share a lock made of a word of memory, which they wait for with
// futex_wait and pass on with futex_wake; some give up, for lack of time or because they are asked
// to stop. A thread that is none of lull's takes the lock as well, and wakes somebody for nothing
// at times. Two must never have it, and nobody may sleep while it is free: a wake that races with a
// stop is not lost. What wakes say is what was woken.

#include <atomic>
#include <cstdint>

#include "simulated_program.hpp"

namespace simulation {

class sleepers final : public simulated_program {
 public:
  sleepers(schedule& s, simulated_kernel& kernel);

  // What one run did.
  struct {
    std::uint64_t taken = 0, slept = 0, changed = 0, given_up = 0, stopped = 0, woke = 0,
                  woke_nobody = 0, not_known = 0, taken_outside = 0, for_nothing = 0;
  } done;

 private:
  // What the word says.
  static constexpr std::uint32_t is_free = 0, is_taken = 1, is_awaited = 2;

  lull::task<> run() override;
  bool can_act() const override { return wants_ != 0 || has_; }
  void act() override;

  lull::task<> work();
  lull::task<> work_stopped();
  // False: given up.
  lull::task<bool> take(bool patient);
  lull::task<> give();

  std::atomic<std::uint32_t> word_{is_free};
  bool inside_ = false;
  std::uint64_t woken_ = 0;  // as the wakes have said
  // The thread outside.
  unsigned wants_;
  bool has_ = false;
};

}  // namespace simulation
