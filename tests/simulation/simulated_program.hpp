// SPDX-License-Identifier: MIT
#pragma once

// A program of one core that runs in a simulation, and the world outside, which acts beside it
// whenever the seed says so, at the moment of a cancel too. The core's options, and what the kernel
// can do, are the seed's as well. When the program has ended, nothing of it stays open.

#include <chrono>
#include <memory>
#include <string>

#include <lull/lull.hpp>

#include "schedule.hpp"
#include "simulated_kernel.hpp"

namespace simulation {

// Options of a core, and what its kernel can do, as the seed says.
lull::core_options seeded_options(schedule& by, simulated_kernel& kernel);

class simulated_program {
 public:
  simulated_program(schedule& s, simulated_kernel& kernel);
  virtual ~simulated_program() = default;
  simulated_program(const simulated_program&) = delete;
  simulated_program& operator=(const simulated_program&) = delete;

  // Makes all that runs part of the schedule, which then runs.
  void play();
  // And ends the core.
  void end_cores();

  schedule& by;

 protected:
  // What runs on the core.
  virtual lull::task<> run() = 0;
  // The world: one that can do something does it.
  virtual bool can_act() const = 0;
  virtual void act() = 0;

  static constexpr lull::nanoseconds ever = std::chrono::hours(1);
  // How long something may take: for ever, or not long.
  struct time_limit {
    lull::nanoseconds time;
    bool patient;
  };

  lull::nanoseconds a_while() noexcept;
  time_limit some_limit();
  // Of `least` to so many `more`, but for one.
  std::string some_letters(unsigned least, unsigned more);

  simulated_kernel& kernel_;

 private:
  void be_core();
  void be_world();

  lull::domain domain_;
  std::unique_ptr<lull::core> core_;
  bool ended_ = false;
};

}  // namespace simulation
