// SPDX-License-Identifier: MIT
#pragma once

// A service that runs in a simulation: each core listens, with lull::serve or by itself, and sends
// every peer back what it sent, in one of the ways that lull's streams offer: out of the core's
// buffers or through memory of its own, in one piece or several, with both directions at once, with
// waits that are given up and begun again, and leaving in the middle. It is asked to stop when all
// peers are done, or at some time before. It says so at once when something fails that neither a
// peer nor a stop explains.

#include <memory>
#include <span>
#include <vector>

#include <lull/lull.hpp>

#include "schedule.hpp"
#include "simulated_kernel.hpp"
#include "simulated_peers.hpp"

namespace simulation {

class echo_service {
 public:
  echo_service(schedule& by, simulated_kernel& kernel);

  // Makes all that runs part of the schedule, which then runs.
  void play();
  // And ends the cores. Nothing is left open.
  void end_cores();

  schedule& by;
  simulated_peers peers;

  // What one run did.
  struct {
    std::uint64_t accepted = 0, given_up = 0, failed = 0, left_early = 0, stopped = 0, starved = 0,
                  paused = 0, spares = 0, accept_pauses = 0;
  } done;

 private:
  struct stop_message;
  // A connection, and what decides how it is served.
  struct conversation {
    conversation(echo_service& of, lull::tcp_stream s);

    lull::tcp_stream stream;
    unsigned peer;
    test::random_numbers random;
  };

  void run(unsigned core);
  void stop();

  lull::task<> serve(unsigned core);
  lull::task<> accept_all(lull::tcp_listener& listener);
  lull::task<> converse(lull::tcp_stream stream);
  lull::task<> echo(conversation& with);
  lull::task<> echo_views(conversation& with);
  // False: the connection has ended.
  lull::task<bool> echo_one_view(conversation& with);
  lull::task<> echo_copies(conversation& with);
  lull::task<> echo_both_ways(conversation& with);
  lull::task<> echo_gathered(conversation& with);
  lull::task<> leave_early(conversation& with);
  // False: the connection has failed, for a reason.
  lull::task<bool> send_in_parts(conversation& with, std::span<const std::byte> bytes);
  lull::task<> end(conversation& with);
  void failed(conversation& with, const lull::failure& why);
  lull::nanoseconds a_while(conversation& with) noexcept;

  simulated_kernel& kernel_;
  unsigned count_;
  std::uint64_t seed_;
  lull::domain domain_;
  lull::accept_balance balance_;
  bool balanced_;
  std::vector<std::unique_ptr<lull::core>> cores_;
  std::vector<std::unique_ptr<stop_message>> messages_;
  std::vector<lull::buffer_options> buffers_;  // one a core
  bool stops_early_;
  bool stopping_ = false;
  unsigned running_ = 0;  // cores in their loops, and who stops them
};

}  // namespace simulation
