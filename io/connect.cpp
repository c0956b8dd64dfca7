// SPDX-License-Identifier: MIT
#include "connect.hpp"

#include <netinet/tcp.h>

#include "../ring/ring.hpp"

namespace lull::detail {

connect_stream::~connect_stream() {
  if (stream_ != nullptr) stream_->abandon();
}

// False: there is no socket; the error is kept. Throws std::bad_alloc with nothing left behind.
bool connect_stream::open() {
  io_ = &io_core::of(this_context("connect"));
  kernel& seam = io_->home.ring->seam();
  const int descriptor = seam.socket(to_.family(), SOCK_STREAM, IPPROTO_TCP);
  if (descriptor < 0) {
    error_ = -descriptor;
    return false;
  }
  const int on = 1;
  seam.set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  try {
    stream_ = new stream_state(*io_, descriptor, to_);
  } catch (const std::bad_alloc&) {
    seam.close(descriptor);
    throw;
  }
  return true;
}

void connect_stream::prepare(submission entry) noexcept {
  entry.connect(stream_->descriptor(), to_.data(), to_.size());
}

result<tcp_stream> connect_stream::await_resume() noexcept {
  if (error_ == 0) error_ = -answer();
  tcp_stream stream(std::exchange(stream_, nullptr));  // closes in the background if it failed
  if (error_ != 0) return failure(error_, "connect to", to_);
  ++io_->statistics.connected;
  return stream;
}

}  // namespace lull::detail
