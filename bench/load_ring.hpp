// SPDX-License-Identifier: MIT
#pragma once
// The client's side of a load test: many connections to several servers on one ring, of which one
// server at a time is asked. Each connection has one exchange under way; when its reply is
// complete the next request goes out: at once, at a time that chance decides, or on a new
// connection. The client polls instead of sleeping, so that a server never pays for waking it. One
// thread; needs Linux 6.12, as the hand-written reference server does.

#include <liburing.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "load_protocol.hpp"

namespace lull::bench {

struct slot_result {
  std::uint64_t requests = 0;
  double seconds = 0;
  std::vector<float> round_trips;  // microseconds, one an exchange
};

struct load_shape {
  // Requests begin so long after each other, by chance (a Poisson process), on connections that are
  // free, instead of one after the other on each; zero: no.
  std::chrono::nanoseconds gap{};
  bool reconnects = false;  // the client closes a connection after each exchange
  bool datagrams = false;   // UDP: an exchange is one datagram each way, and none may be lost
};

class load_ring {
 public:
  static constexpr unsigned buffer_bytes = 32 * 1024;

  load_ring(const script& words, load_shape shape);
  ~load_ring();
  load_ring(const load_ring&) = delete;
  load_ring& operator=(const load_ring&) = delete;

  // Connects `connections` sockets to 127.0.0.1:port, plays the script's preparation, and returns
  // the number by which run_slot names this server. Retries for a few seconds while nobody listens.
  std::size_t add_server(const std::string& name, std::uint16_t port, std::size_t connections);

  // Asks one server for `length`, on all its connections or by chance, then waits for what is under
  // way.
  // With `verify` every byte is compared. Throws std::runtime_error when an answer is wrong, is
  // missing for 5 seconds, or a connection ends.
  slot_result run_slot(std::size_t server, std::chrono::nanoseconds length, bool verify);

 private:
  using clock = std::chrono::steady_clock;

  struct connection {
    int descriptor = -1;
    std::uint32_t server = 0;
    std::uint32_t place = 0;   // index into the script's exchanges
    std::size_t received = 0;  // of the present reply
    clock::time_point asked{};
  };

  io_uring_sqe* submission();
  void give_buffer(unsigned index);
  void arm_receive(std::uint32_t index);
  void ask(std::uint32_t index, clock::time_point now);
  void ask_by_chance(clock::time_point now);
  void reconnect(std::uint32_t index);
  void collect(clock::time_point now, bool go_on, bool verify, slot_result& result);
  void received(const io_uring_cqe& completion, clock::time_point now, bool go_on, bool verify,
                slot_result& result);
  void take_bytes(std::uint32_t index, const char* bytes, std::size_t count, bool verify);
  [[noreturn]] void fail(std::uint32_t index, const std::string& what) const;

  const script& words_;
  const load_shape shape_;
  io_uring ring_{};
  io_uring_buf_ring* buffers_ = nullptr;
  char* memory_ = nullptr;
  std::vector<std::uint32_t> filled_;  // by buffer: where its next bytes start
  std::vector<connection> connections_;
  std::vector<std::string> names_;  // by server
  std::vector<std::uint16_t> ports_;
  std::size_t active_ = 0;           // connections with an exchange under way
  std::vector<std::uint32_t> free_;  // of the server that is visited, the others
  clock::time_point next_{};         // when the next request begins
  std::mt19937_64 chance_;
};

}  // namespace lull::bench
