// SPDX-License-Identifier: MIT
#pragma once

// Client libraries in a simulation: each has an end of a pipe of its own, which it reads, writes
// and closes by itself, and tasks that poll it for the library, some for a limited time, one of
// them only for the end. What a poll says has to be so; what it does not say must not stay undone;
// and a library closes only what no poll names any more, at the end or in the middle.

#include <deque>
#include <string>

#include "simulated_program.hpp"

namespace simulation {

class libraries final : public simulated_program {
 public:
  libraries(schedule& s, simulated_kernel& kernel);

  // What one run did.
  struct {
    std::uint64_t read = 0, written = 0, ended = 0, given_up = 0, refused = 0, released = 0,
                  stopped = 0, hung_up = 0, told_again = 0, ready = 0;
  } done;

 private:
  struct library {
    explicit library(int end) : descriptor(end), polled(end) {}

    int descriptor;
    lull::foreign_descriptor polled;
    int world = -1;  // the other end; -1: closed
    bool reads = false;
    std::string left = {};      // what is still to be written, by either side
    std::string expected = {};  // what is still to be read
    bool done = false;
    bool closes_early = false;
    bool is_silent = false;  // the other side, as long as this one is there
    bool known = false;      // polled through the object that knows its polls
    bool over = false;       // and that has been, or will be, ended
  };

  lull::task<> run() override;
  bool can_act() const override;
  void act() override;

  lull::task<> use(library& mine);
  lull::task<> work(library& mine);
  lull::task<> watch(library& mine);
  // What a poll gave; none: it was stopped, or the descriptor was released.
  lull::task<lull::readiness> wait_for(library& mine, lull::readiness wanted);
  void read_some(library& mine);
  void write_some(library& mine);
  bool can_act(const library& one) const;
  void act(library& one);

  std::deque<library> all_;
};

}  // namespace simulation
