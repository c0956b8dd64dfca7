// SPDX-License-Identifier: MIT
#pragma once

// What a thread does between joining a domain and leaving it, by its role: how often it does what.

#include <vector>

#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/pin.hpp>

#include "world.hpp"

namespace torture {

// In one iteration at most so many reads and writes; the others once in so many iterations, 0:
// never.
struct role {
  const char* name;
  unsigned reads, writes;
  unsigned pin, hold, sleep, wait, stall;
  unsigned stay;  // iterations until it leaves; 0: to the end
};

class life {
 public:
  life(actor& who, const role& what, lull::domain& where);
  ~life();
  life(const life&) = delete;
  life& operator=(const life&) = delete;

  // What lies between two quiescent states, and the second of these.
  void iterate();

 private:
  struct walk {
    lull::pin pin;
    std::vector<sight> seen;
    unsigned left;
  };
  struct keeping {
    lull::hold<const object> hold;
    sight seen;
    unsigned left;
  };
  struct waiting {
    object* unlinked;
    lull::grace_ticket since;
  };

  void read();
  void write();
  void begin_something();
  void look_again();
  void end_something();
  void settle(bool at_the_end);
  void be_quiescent();
  void sleep();
  void wait();
  bool may_retire();

  actor& me_;
  const role& as_;
  lull::participant here_;
  std::vector<sight> found_;  // in this iteration
  std::vector<walk> walks_;   // what pins protect
  std::vector<keeping> held_;
  std::vector<waiting> pending_;  // unlinked, to be retired after a grace period
  bool crowded_ = false;          // much is in limbo: write no more for now
  unsigned iterations_ = 0;
};

}  // namespace torture
