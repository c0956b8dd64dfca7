// SPDX-License-Identifier: MIT
#include "unconfirmed.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "receiving_socket.hpp"

namespace lull::detail {
namespace {

// Connecting to nobody drops the connection and all that is left to send.
constexpr sockaddr nobody{AF_UNSPEC, {}};

}  // namespace

unconfirmed::~unconfirmed() {
  LULL_ASSERT(sends_ == 0 && !armed,
              "a socket went while the kernel may still read what it sent without copying");
}

void unconfirmed::begin() noexcept {
  ++sends_;
  ++socket_.io().statistics.unconfirmed;
  socket_.enter();
}

void unconfirmed::end() noexcept {
  --socket_.io().statistics.unconfirmed;
  if (--sends_ == 0) {
    withdraw();
    list_node::unlink();
    if (armed) socket_.home().timers.cancel(*this);
  }
  socket_.leave();
}

void unconfirmed::close(std::chrono::milliseconds patience) noexcept {
  patience_ = patience;
  left_ = left_to_confirm();
  if (sends_ == 0) return;
  socket_.io().closing.push_back(*this);
  wait(patience);
  if (socket_.home().ends) hurry();
}

void unconfirmed::hurry() noexcept {
  core_context& home = socket_.home();
  if (!armed) return;  // it is being reset
  const time_point end = std::min(when, later(home.now, home.end_limit));
  home.timers.cancel(*this);
  home.timers.arm(*this, end);
}

// Negative where that is not known.
int unconfirmed::left_to_confirm() const noexcept {
  return socket_.home().ring->seam().unconfirmed_bytes(socket_.descriptor());
}

bool unconfirmed::confirms() noexcept {
  const int before = std::exchange(left_, left_to_confirm());
  return left_ >= 0 && left_ < before;
}

void unconfirmed::wait(std::chrono::milliseconds time) noexcept {
  core_context& home = socket_.home();
  home.timers.arm(*this, later(home.now, time));
}

void unconfirmed::patience_ended(timer_node& self) noexcept {
  auto& me = static_cast<unconfirmed&>(self);
  if (me.confirms() && !me.socket_.home().ends) return me.wait(me.patience_);
  if (!std::exchange(me.resets_, true)) ++me.socket_.io().statistics.zero_copy_resets;
  me.request(me.socket_.home(), &me, &unconfirmed::fill_reset);
}

void unconfirmed::fill_reset(submitter& self, submission entry) noexcept {
  auto& me = static_cast<unconfirmed&>(self);
  me.socket_.enter();
  entry.connect(me.socket_.descriptor(), &nobody, sizeof(nobody));
}

void unconfirmed::was_reset(completion_target& self, completion what) noexcept {
  auto& me = static_cast<unconfirmed&>(self);
  // Some kernels refuse it while a thread of theirs is busy with the socket.
  if (what.result < 0 && me.sends_ != 0) me.wait(limits::reset_pause);
  me.socket_.leave();
}

}  // namespace lull::detail
