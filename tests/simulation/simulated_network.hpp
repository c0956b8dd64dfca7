// SPDX-License-Identifier: MIT
#pragma once

// The datagrams of the simulated kernel: sockets bound to ports, all of them lull's, and what is on
// its way between them. That arrives in any order, when the network's side says so, or is lost, at
// times for lack of room; it is never changed and never comes twice. What was sent to a port that
// nobody has is told to a sender that is connected.

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "schedule.hpp"

namespace simulation {

struct sent_datagram {
  unsigned from;  // ports
  unsigned to;
  std::string bytes;
};

class simulated_network {
 public:
  explicit simulated_network(schedule& by) : by_(by) {}

  // Called with the number of a socket whose operations may go on.
  std::function<void(int)> changed;

  static bool is_socket(int descriptor) noexcept {
    return descriptor >= first && descriptor < first + 10'000;
  }
  bool is_open(int descriptor) const noexcept;
  // Those that are open; a program that has ended leaves none.
  std::size_t open() const noexcept;

  // lull's side. A negative errno; EAGAIN: not yet.
  int make() noexcept;
  int bind(int descriptor, unsigned port) noexcept;
  int connect(int descriptor, unsigned port) noexcept;
  // To whom it is connected, if the port is 0.
  int send(int descriptor, unsigned port, std::string bytes) noexcept;
  // What can be received; null: nothing.
  const sent_datagram* oldest(int descriptor) noexcept;
  // It has been.
  void received(int descriptor) noexcept;
  // That of something sent before; 0: none. Told once.
  int take_error(int descriptor) noexcept;
  int close(int descriptor) noexcept;
  unsigned port_of(int descriptor) noexcept { return named(descriptor).port; }

  // The network's side.
  bool is_idle() const noexcept { return on_their_way_.empty(); }
  // One of what is on its way arrives, or does not.
  void move();
  // Whether that port has nothing more to receive.
  bool is_idle(unsigned port) const noexcept;
  // Datagrams that this port's operations have received.
  std::uint64_t received_by(unsigned port) const noexcept;

  struct {
    std::uint64_t sent = 0, lost = 0, errors_told = 0;
  } done;

 private:
  static constexpr int first = 20'000;
  static constexpr std::size_t most = 6;  // that wait in a socket, or are on their way from it

  struct socket {
    bool open = true;
    unsigned port = 0;
    unsigned peer = 0;  // the only one that it exchanges datagrams with; 0: all
    int error = 0;
    std::deque<sent_datagram> arrived = {};
    std::uint64_t received = 0;
  };

  socket& named(int descriptor) noexcept;
  const socket* bound_to(unsigned port) const noexcept;
  void tell(const socket& one);

  schedule& by_;
  std::deque<socket> sockets_;
  std::vector<sent_datagram> on_their_way_;
};

}  // namespace simulation
