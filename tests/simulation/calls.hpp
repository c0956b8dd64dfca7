// SPDX-License-Identifier: MIT
#pragma once

// A client in a simulation that connects to peers, each for a question and an answer: by address or
// by a name of several, for a limited time, below a scope that is asked to stop, with the
// connection closed or dropped. Peers answer when they like: with a connection, or that they have
// none; some never in the time that they are given. Each demands that a connection that was made is
// closed in the end, whoever had lost interest in it.

#include <vector>

#include "simulated_program.hpp"

namespace simulation {

class calls final : public simulated_program {
 public:
  calls(schedule& s, simulated_kernel& kernel);

  void end_cores();

  // What one run did.
  struct {
    std::uint64_t answered = 0, refused = 0, timed_out = 0, given_up = 0, by_name = 0, unused = 0,
                  in_spite_of_stop = 0, no_descriptor = 0;
  } done;

 private:
  // Each address is that of one peer.
  struct peer {
    unsigned silence;  // how often it is asked before it answers
    int code;          // its answer
    bool told = false;
    connection* with = nullptr;
    bool said = false;  // the answer to the question
    bool done = false;
  };
  class several_addresses;

  lull::task<> run() override;
  bool can_act() const override;
  void act() override;

  lull::task<> call(unsigned number);
  lull::task<> call_stopped(unsigned number);
  // One by name goes from the peer of that number to the last.
  lull::task<lull::result<lull::tcp_stream>> connect(unsigned number, unsigned last);
  unsigned choose_last(unsigned number) noexcept;
  lull::task<> talk(lull::tcp_stream stream, unsigned number, unsigned last);
  void failed(unsigned last, const lull::failure& why, bool patient);

  void answer(int descriptor);
  bool can_act(const peer& one) const;
  void act(unsigned number);

  std::vector<peer> peers_;
};

}  // namespace simulation
