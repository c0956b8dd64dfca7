// SPDX-License-Identifier: MIT
#pragma once

// Who connects to a simulated service: each sends bytes that say whose they are and where they
// belong, reads what comes back, whenever the seed says so, and demands that it is what it sent, in
// order, nothing twice. Who has sent all ends, and demands all of it back; some reset the
// connection in the middle, and some do nothing any more when the service leaves them.

#include <vector>

#include "simulated_sockets.hpp"

namespace simulation {

class simulated_peers {
 public:
  static constexpr unsigned nobody = 0xffff;

  simulated_peers(schedule& by, simulated_sockets& sockets);

  // The peers' fiber: until all are done.
  void play();
  // One that can do something does it; nobody: nothing. For what happens at an awkward moment.
  void act();

  // The service has a reason to leave a peer without an answer.
  void excuse(unsigned number) noexcept { all_[number].excused = true; }
  void excuse_all() noexcept { excused_ = true; }
  // An error on its connection is its own doing.
  bool was_rude(unsigned number) const noexcept { return all_[number].was_rude; }
  bool excused(unsigned number) const noexcept { return excused_ || all_[number].excused; }
  unsigned left() const noexcept { return left_; }

  // Called when so many are left as the seed says, in the middle of their conversations; and when
  // all are done.
  std::function<void()> at_some_time;

  struct {
    std::uint64_t connected = 0, sent = 0, answered = 0, ended = 0, resets = 0, refused = 0;
  } done;

 private:
  struct peer {
    unsigned total;       // bytes that it has to send
    unsigned rude_after;  // it resets then; more than total: never
    unsigned sent = 0;
    unsigned answered = 0;
    bool lingers = false;  // left by the service, it waits until lull has closed
    connection* with = nullptr;
    bool ended = false;
    bool done = false;
    bool excused = false;
    bool was_rude = false;
  };

  bool can_act(const peer& one) const noexcept;
  bool can_act() const noexcept;
  void act(unsigned number);
  void send(unsigned number);
  void read(unsigned number);
  void finish(peer& one) noexcept;
  static char byte(unsigned number, unsigned place) noexcept;

  schedule& by_;
  simulated_sockets& sockets_;
  std::vector<peer> all_;
  unsigned left_;
  bool excused_ = false;
};

}  // namespace simulation
