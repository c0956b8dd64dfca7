// SPDX-License-Identifier: MIT
#pragma once

// Tasks in a simulation that wait for what happens outside their program: children that end, event
// descriptors to which others add, and signals. These are real ones: somebody outside lets a child
// end, adds and sends when the seed says so. Waits are given up, what is waited for is closed or
// dropped in the middle. How a child ended is told to all who ask, none stays behind, and what was
// added or sent is read once, whole and in order.

#include <sys/types.h>

#include <deque>
#include <memory>
#include <optional>

#include "simulated_program.hpp"

namespace simulation {

class errands final : public simulated_program {
 public:
  errands(schedule& s, simulated_kernel& kernel);

  void end_cores();

  // What one run did.
  struct {
    std::uint64_t ended = 0, given_up = 0, killed = 0, not_there = 0, dropped = 0, added = 0,
                  taken = 0, lost = 0, added_outside = 0, read = 0, one_read = 0, closed = 0,
                  refused = 0, signals = 0;
  } done;

 private:
  struct child {
    pid_t id;
    int descriptor;  // the process; somebody else's
    lull::descriptor input;
    int code;
    int signal = 0;        // that it was sent
    bool runs_on = false;  // until it is sent one
    bool taken = false;    // by somebody else: nobody knows how it ended
    bool ended = false;
    lull::time_point ended_at = {};
    bool can_end() const { return !ended && (!runs_on || signal != 0); }
  };
  struct counter {
    lull::event_descriptor event;
    bool by_one;
    std::uint64_t added = 0, read = 0;
    unsigned adding = 0;
    bool closes = false;  // in the middle
    bool closed = false;
  };

  lull::task<> run() override;
  bool can_act() const override;
  void act() override;

  // Children.
  lull::task<> start_and_wait();
  lull::task<> wait_for(lull::detail::process_state& process, const child& of, bool drops);
  child& start();
  void let_end(child& one);

  // Events.
  lull::task<> count();
  lull::task<> add(counter& to);
  lull::task<> read(counter& from);

  // Signals.
  lull::task<> listen();
  lull::task<> hear(lull::signal_stream& from);

  std::size_t open_before_;
  std::deque<child> children_;
  std::deque<counter> counters_;
  lull::detail::blocked_signals blocked_;
  int sent_ = 0;     // signals
  int to_send_ = 0;  // that many in all
  int heard_ = 0;
  bool closing_ = false;  // what they are heard by
};

}  // namespace simulation
