// SPDX-License-Identifier: MIT
#pragma once

// Connecting to a TCP service. co_await connect(address) gives a tcp_stream of this core, with
// small messages sent at once; suspends until the peer has answered or the kernel gives up. Stopped
// or failed, its socket is closed; a connection that was made just before the stop is delivered.

#include "../sched/operation.hpp"
#include "address.hpp"
#include "result.hpp"
#include "tcp_stream.hpp"

namespace lull {
namespace detail {

class connect_stream : public operation<connect_stream> {
 public:
  static constexpr const char* name = "connect";

  explicit connect_stream(const address& to) noexcept : to_(to) {}
  ~connect_stream();

  bool await_suspend(suspended awaiting) { return open() && operation::await_suspend(awaiting); }
  void prepare(submission entry) noexcept;
  result<tcp_stream> await_resume() noexcept;

 private:
  bool open();

  address to_;
  io_core* io_ = nullptr;
  stream_state* stream_ = nullptr;  // made before, so that a connection is never lost for memory
  int error_ = 0;
};

}  // namespace detail

inline detail::connect_stream connect(const address& to) noexcept {
  return detail::connect_stream(to);
}

}  // namespace lull
