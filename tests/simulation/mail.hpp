// SPDX-License-Identifier: MIT
#pragma once

// Sockets of datagrams in a simulation that write to each other: out of the core's buffers, of
// which there are few and small ones, or into memory of their own; connected to one or open to all;
// with waits that are given up, and some closed in the middle. Each datagram says what it is, and
// whoever gets one demands that it was sent, by whom it says, and not before; what is cut off has
// to be called so. The network may lose one. lull may not: what an operation has received is told.

#include <deque>
#include <span>
#include <vector>

#include "simulated_program.hpp"

namespace simulation {

class mail final : public simulated_program {
 public:
  mail(schedule& s, simulated_kernel& kernel);

  // What one run did.
  struct {
    std::uint64_t sent = 0, received = 0, copied = 0, truncated = 0, empty = 0, given_up = 0,
                  refused = 0, no_room = 0, closed = 0;
  } done;

 private:
  enum class fate { unknown, sent, failed };
  // One that a socket sends.
  struct letter {
    unsigned to;
    std::size_t bytes;
    fate what = fate::unknown;
    bool arrived = false;
  };
  struct place {
    lull::udp_socket socket;
    unsigned number;
    unsigned peer;  // the one that it is connected to, or `nobody`
    std::deque<letter> sent = {};
    std::uint64_t received = 0;
    bool by_pieces = false;  // by way of the core's buffers, from the first of these on
    bool closed = false;
  };

  lull::task<> run() override;
  bool can_act() const override { return !kernel_.network.is_idle(); }
  void act() override { kernel_.network.move(); }

  lull::task<> send_all(place& from);
  lull::task<> send_one(place& from);
  lull::task<> receive_all(place& to);
  lull::task<bool> receive_view(place& to);
  lull::task<bool> receive_copy(place& to);
  lull::task<> close(place& one);
  bool has_all(const place& to) const;
  void check(place& to, const lull::datagram_facts& facts, std::span<const std::byte> bytes);
  bool is_refusal(const place& at);
  void not_received(place& to, const lull::failure& why, bool patient);
  // Bytes that say which letter it is.
  static std::vector<std::byte> content(unsigned from, unsigned number, std::size_t bytes);

  std::deque<place> places_;
  unsigned sending_ = 0;
};

}  // namespace simulation
