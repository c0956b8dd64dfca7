// SPDX-License-Identifier: MIT
#pragma once

// Tasks in a simulation that share a pool of connections to one address, each for a question and an
// answer at a time; some do not wait for it, and their connection is not kept then. The peer
// answers when it likes, and ends, resets or disturbs connections that it takes for idle; at times
// it has none to give. Nobody may get the answer to another's question, and the pool leaves nothing
// open.

#include <deque>

#include "simulated_program.hpp"

namespace simulation {

class borrowers final : public simulated_program {
 public:
  borrowers(schedule& s, simulated_kernel& kernel);

  // What one run did.
  struct {
    std::uint64_t answered = 0, given_up = 0, failed = 0, refused = 0, reused = 0, ended = 0,
                  expired = 0, discarded = 0, closed_meanwhile = 0;
  } done;

 private:
  using pool = lull::connection_pool<>;
  // What the peer does to a connection some time when it has nothing else to do with it.
  enum class whim { none, end, reset, disturb };
  struct line {
    connection* with;
    whim next;
  };

  lull::task<> run() override;
  bool can_act() const override;
  void act() override;

  lull::task<> use_a_pool(bool closes_meanwhile);
  lull::task<> borrow(pool& from);
  lull::task<> ask(pool::lease connection);
  lull::task<bool> is_answered(lull::tcp_stream& stream, unsigned number);
  static bool can_act(const line& one) noexcept;
  void act(line& one);

  std::deque<line> lines_;
  unsigned questions_ = 0;
  unsigned interfered_ = 0;  // connections that the peer has ended, reset or disturbed
  bool closing_ = false;
};

}  // namespace simulation
