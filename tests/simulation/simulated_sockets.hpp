// SPDX-License-Identifier: MIT
#pragma once

// The sockets of the simulated kernel: listeners, those that ask for a connection, and connections
// to peers that are no part of lull. What lull's side does comes from its rings and through the
// seam, what a peer does from simulated_peers. Each direction of a connection holds a few bytes, so
// that both sides meet a full one. Numbers of closed sockets are given again, the lowest first, as
// the kernel does.
//
// It also looks at how it is used: a socket that is not open is not named any more, and none is
// closed twice.

#include <cerrno>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "schedule.hpp"
#include "simulated_unix.hpp"

namespace simulation {

struct connection {
  unsigned peer;
  std::string arrived;          // from the peer, and not received yet
  std::string left;             // sent by lull, and not read by the peer yet
  bool peer_ended = false;      // it sends nothing more
  bool reset = false;           // by one of both
  bool told = false;            // lull has been told of the reset
  bool lull_ended = false;      // lull sends nothing more
  bool lull_reads = true;       // until lull shuts that down
  bool lull_closed = false;     // or has never taken it
  bool confirms = true;         // the peer says at once what it has read; else when it likes
  std::uint64_t accepted = 0;   // bytes that lull's sends have brought so far
  std::uint64_t confirmed = 0;  // of them, those that the kernel need not keep any more
  // Of Unix sockets: the other end, which is lull's too, and what comes with which byte.
  struct with_byte {
    std::size_t at;  // of `arrived`
    passed_descriptors all;
  };
  connection* other = nullptr;
  std::deque<with_byte> passed = {};
};

class simulated_sockets {
 public:
  explicit simulated_sockets(schedule& by) : by_(by) {}

  // Called with the number of a socket whose operations may go on.
  std::function<void(int)> changed;
  // And with that of one that asks a peer for a connection.
  std::function<void(int)> asked = [](int) {};
  // What each direction of a connection holds, in bytes.
  std::size_t most = 96;

  static bool is_socket(int descriptor) noexcept {
    return descriptor >= first && descriptor < first + 10'000;
  }
  bool is_open(int descriptor) const noexcept;
  // Those that are open; a program that has ended leaves none.
  std::size_t open() const noexcept;

  // lull's side. A negative errno; EAGAIN: not yet.
  int make() noexcept;
  int listen(int descriptor) noexcept;
  int accept(int listener) noexcept;
  int receive(int descriptor, void* into, std::size_t bytes) noexcept;
  int send(int descriptor, const void* from, std::size_t bytes) noexcept;
  // Asks the peer of that number, the first time; then: what it has answered.
  int connect(int descriptor, unsigned peer) noexcept;
  // Of Unix sockets: both ends are lull's. Whom it concerns is told by tell_news().
  int connect_to(int descriptor, int listener) noexcept;
  bool is_linked(int descriptor) noexcept;
  // A receive with what came with its first byte.
  int receive_message(int descriptor, void* into, std::size_t bytes,
                      passed_descriptors& with) noexcept;
  // Goes with the first byte of what was just sent.
  void attach(int descriptor, passed_descriptors passed);
  void tell_news();
  int shut_down(int descriptor, bool reading) noexcept;
  int close(int descriptor) noexcept;
  // Bytes that can be received now.
  std::size_t waiting(int descriptor) noexcept { return stream(descriptor).arrived.size(); }
  // Who is connected to it; nobody: an errno.
  int peer_of(int descriptor) noexcept;
  // Ends its connection, as connecting it to nobody does.
  void disconnect(int descriptor) noexcept;
  // Bytes that sends have brought, and whether the first so many need not be kept for the peer.
  std::uint64_t accepted(int descriptor) noexcept { return stream(descriptor).accepted; }
  bool is_confirmed(int descriptor, std::uint64_t bytes) noexcept {
    return stream(descriptor).reset || stream(descriptor).confirmed >= bytes;
  }

  // A peer's side.
  bool somebody_listens() const noexcept;
  // Those that ask for a connection and have no answer yet.
  std::vector<int> asking() const;
  unsigned asked_peer(int descriptor) noexcept { return named(descriptor).asked; }
  // The answer: a connection, or none and a negative errno.
  connection* answer(int descriptor, int code);
  // To one of those that listen.
  connection* connect(unsigned peer);
  std::size_t room(const connection& to) const noexcept { return most - to.arrived.size(); }
  void deliver(connection& to, const std::string& bytes);
  std::string take(connection& from, std::size_t bytes);
  void confirm(connection& from);
  void end(connection& one);
  void reset(connection& one);

 private:
  static constexpr int first = 10'000;
  struct socket {
    bool open = true;
    bool listens = false;
    bool asks = false;
    unsigned asked = 0;      // which peer
    int answered = -EAGAIN;  // and what that said
    std::deque<connection*> backlog;
    connection* with = nullptr;
  };

  socket& named(int descriptor) noexcept;
  connection& stream(int descriptor) noexcept;
  void tell(const connection& one);
  int send_to_other(connection& from, const void* bytes, std::size_t count) noexcept;
  void took(connection& from, std::size_t bytes) noexcept;
  static void leave(connection& one) noexcept;

  schedule& by_;
  std::vector<socket> sockets_;
  std::deque<connection> connections_;  // stay where they are
  std::vector<const connection*> news_;
  std::size_t last_sent_ = 0;  // bytes, to another end
};

}  // namespace simulation
