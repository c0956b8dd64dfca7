// SPDX-License-Identifier: MIT
#pragma once

// Connecting to a service. co_await connect(address) gives a tcp_stream of this core, with small
// messages sent at once, and a unix_stream for the name of a Unix socket; suspends until the peer
// has answered or the kernel gives up. To a Unix socket whose listener has its queue full it waits
// with a thread of the kernel, of which a core has ring_options::workers: give it a time limit.
// Stopped or failed, its socket is closed; a connection that was made just before the stop is
// delivered.

#include <utility>

#include "../sched/operation.hpp"
#include "address.hpp"
#include "result.hpp"
#include "tcp_stream.hpp"
#include "unix_stream.hpp"

namespace lull {
namespace detail {

// The socket is made before, so that a connection is never lost for memory. Null: there is none,
// and `error` says why. Throws std::bad_alloc with nothing left behind.
stream_state* new_stream(const peer_name& to, int family, int& error);

template <class Stream, class Address>
class [[nodiscard]] connect_stream : public operation<connect_stream<Stream, Address>> {
  using base = operation<connect_stream>;

 public:
  static constexpr const char* name = "connect";

  explicit connect_stream(const Address& to) noexcept : to_(to) {
    this->complete = &connect_stream::step;
  }
  ~connect_stream() {
    if (stream_ != nullptr) stream_->abandon();
  }

  bool await_suspend(suspended awaiting) {
    stream_ = new_stream(to_, to_.family(), error_);
    return stream_ != nullptr && base::await_suspend(awaiting);
  }
  void prepare(submission entry) noexcept {
    entry.connect(stream_->descriptor(), to_.data(), to_.size());
  }
  result<Stream> await_resume() noexcept {
    if (error_ == 0) error_ = -this->answer();
    Stream stream(std::exchange(stream_, nullptr));  // closes in the background if it failed
    if (error_ != 0) return failure(error_, "connect to", to_);
    ++connected();
    return stream;
  }

 private:
  static void step(completion_target& self, completion what) noexcept {
    auto& me = static_cast<connect_stream&>(self);
    if (!base::interrupted(what.result) || !me.again(&base::fill)) base::completed(self, what);
  }
  static std::uint64_t& connected() noexcept {
    return io_core::of(*core_context::current()).statistics.connected;
  }

  Address to_;
  stream_state* stream_ = nullptr;
  int error_ = 0;
};

}  // namespace detail

inline detail::connect_stream<tcp_stream, address> connect(const address& to) noexcept {
  return detail::connect_stream<tcp_stream, address>(to);
}
inline detail::connect_stream<unix_stream, unix_address> connect(const unix_address& to) noexcept {
  return detail::connect_stream<unix_stream, unix_address>(to);
}

}  // namespace lull
