// SPDX-License-Identifier: MIT
#pragma once

// A service in a simulation that sends every peer large pieces without copying them: pieces that
// the send owns, that it keeps from being released, that it holds in a table which drops them
// meanwhile; some are given up, and some streams closed in the middle. What is released is written
// over, and the kernel looks whether that was too early. Peers read what they like when they like,
// demand that it is what was sent to them, and confirm it at once, late, or never as long as there
// is a connection; some reset it.

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "simulated_program.hpp"

namespace simulation {

class large_sends final : public simulated_program {
 public:
  large_sends(schedule& s, simulated_kernel& kernel);

  void end_cores();

  // What one run did.
  struct {
    std::uint64_t sent = 0, copied = 0, refused = 0, given_up = 0, failed = 0, kept_at_close = 0,
                  held = 0, read_whole = 0, resets = 0, never_confirmed = 0, closed_meanwhile = 0;
  } done;

 private:
  // Bytes that are written over when they are released; they stay where they are.
  struct piece {
    std::string bytes;
    bool released = false;
    large_sends* of = nullptr;
  };
  struct release_piece {
    void operator()(piece* one) const noexcept;
  };
  using owned_piece = std::unique_ptr<piece, release_piece>;
  class range_of_bytes;

  struct peer {
    connection* with = nullptr;
    std::uint64_t expected = 0;  // that the service has sent, for sure
    std::uint64_t got = 0;
    std::uint64_t rude_after;  // it resets then
    bool deaf;                 // it never confirms
    bool stuck;                // it reads no more than a part
    bool excused = false;      // the service may have sent more than it says, or less than all
    bool was_rude = false;
    bool leaving = false;  // the service closes in the middle
    bool done = false;
  };

  lull::task<> run() override;
  bool can_act() const override;
  void act() override;

  lull::task<> serve(lull::tcp_stream stream);
  lull::task<> send_all(lull::tcp_stream& stream, unsigned number);
  // False: that was the last.
  lull::task<bool> send_one(lull::tcp_stream& stream, unsigned number);
  lull::task<lull::result<void>> send(lull::tcp_stream& stream, owned_piece given);
  lull::task<lull::result<void>> send_held(lull::tcp_stream& stream, owned_piece given);
  owned_piece make(unsigned number, std::uint64_t place, std::size_t bytes);

  static bool reads(const peer& one) noexcept;
  bool can_act(const peer& one) const;
  void act(unsigned number);
  void read(unsigned number);
  void finish(peer& one);

  std::vector<peer> peers_;
  std::deque<piece> pieces_;
  std::atomic<piece*> table_{nullptr};
};

}  // namespace simulation
