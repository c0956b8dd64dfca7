// SPDX-License-Identifier: MIT
#include "socket_state.hpp"

#include <sys/socket.h>

#include "../base/assert.hpp"
#include "../ring/ring.hpp"

namespace lull::detail {

socket_state::socket_state(io_core& on, int descriptor) noexcept
    : io_(on), descriptor_(descriptor) {
  ++io_.statistics.sockets;
}

socket_state::~socket_state() { --io_.statistics.sockets; }

void socket_state::stop_for_core(const char* operation) const noexcept {
  detail::stop(__FILE__, __LINE__,
               "%s was called on a socket of core %u from %s; a socket is used and dropped on the "
               "core that made it",
               operation, home().index,
               core_context::current() == nullptr ? "a thread that is no core" : "another core");
}

void socket_state::close(ready_node& waiter) noexcept {
  waiter.next = waiting_to_close_;
  waiting_to_close_ = &waiter;
  if (phase_ == phase::open) begin_draining();
}

void socket_state::abandon() noexcept {
  check_core("dropping it");
  if (phase_ == phase::closed) {
    delete this;
    return;
  }
  abandoned_ = true;
  ++home().background;
  if (phase_ == phase::open) begin_draining();
}

void socket_state::begin_draining() noexcept {
  phase_ = phase::draining;
  enter();
  let_go();
  withdraw();
  if (users_ > 1) {  // more than this call: something is in flight
    enter();         // left when the cancel has completed
    request(home(), &closer_, &socket_state::fill_cancel);
  }
  leave();
}

void socket_state::begin_closing() noexcept {
  phase_ = phase::closing;
  request(home(), &closer_, &socket_state::fill_close);
}

void socket_state::fill_cancel(submitter& self, submission entry) noexcept {
  static_cast<socket_state&>(self).fill_end(entry);
}

// A kernel that cannot cancel by descriptor ends receives and sends by shutting the socket down.
void socket_state::fill_end(submission entry) noexcept {
  if (home().ring->has().cancel_descriptor) {
    entry.cancel_descriptor(descriptor_);
  } else {
    entry.shutdown(descriptor_, SHUT_RDWR);
  }
}

void socket_state::fill_close(submitter& self, submission entry) noexcept {
  entry.close(static_cast<socket_state&>(self).descriptor_);
}

void socket_state::closer::done(completion_target& self, completion) noexcept {
  socket_state& owner = static_cast<closer&>(self).owner;
  if (owner.phase_ == phase::draining) {
    owner.leave();
  } else {
    owner.finish();
  }
}

// What the close itself says is of no use: the number is free whatever it says.
void socket_state::finish() noexcept {
  phase_ = phase::closed;
  descriptor_ = -1;
  while (waiting_to_close_ != nullptr) {
    ready_node& waiter = *waiting_to_close_;
    waiting_to_close_ = waiter.next;
    home().ready.push(waiter);
  }
  if (abandoned_) {
    --home().background;
    delete this;
  }
}

void close_unused(core_context& on, int descriptor) noexcept {
  if (on.submitters.empty()) {
    if (submission entry = on.ring->try_submission(nullptr)) {
      entry.close(descriptor);
      return;
    }
  }
  on.ring->seam().close(descriptor);
}

}  // namespace lull::detail
