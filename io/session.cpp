// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <cstdio>
#include <new>
#include <string>
#include <utility>

namespace lull {
namespace {

std::string sentence_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

}  // namespace

void detail::service_state::threw(const peer_name& peer) noexcept {
  ++counts.exceptions;
  const std::exception_ptr error = std::current_exception();
  if (options.on_exception != nullptr) return options.on_exception(error, peer);
  if (std::exchange(told, true)) return;
  try {
    std::fprintf(stderr,
                 "lull: the connection with %s ended by an exception: %s; further ones are counted "
                 "(service_statistics::exceptions), service_options::on_exception hears of each\n",
                 peer.to_string().c_str(), sentence_of(error).c_str());
  } catch (const std::bad_alloc&) {  // none to say it
  }
}

session::session(detail::service_state& of) noexcept
    : timer_node(&session::time_is_up),
      of_(of),
      home_(detail::this_context("a session")),
      idle_(of.options.idle) {}

void session::begin_running(detail::stop_state* above) noexcept {
  stop_below::begin(above);
  of_.sessions.push_back(*this);
  begin_idling();
}

void session::end_running() noexcept {
  stop_below::end();
  detail::list_node::unlink();
  home_.timers.cancel(*this);
}

void session::begin_idling() noexcept {
  home_.timers.cancel(*this);
  if (of_.draining) {
    // What has come already is begun before the timers' turn.
    home_.timers.arm(*this, home_.now);
  } else if (idle_ != nanoseconds::zero()) {
    home_.timers.arm(*this, later(home_.now, idle_));
  }
}

void session::time_is_up(timer_node& timer) noexcept {
  auto& self = static_cast<session&>(timer);
  if (!self.requested() && !self.of_.draining) ++self.of_.counts.idle;
  self.request();
}

running_request::running_request(session& in, nanoseconds limit) noexcept
    : timer_node(&running_request::time_is_up), in_(in), stopped_before_(in.asked_to_stop()) {
  ++in.running_;
  ++in.of_.counts.requests;
  in.home_.timers.cancel(in);
  if (limit != nanoseconds::zero()) in.home_.timers.arm(*this, later(in.home_.now, limit));
}

running_request::~running_request() {
  in_.home_.timers.cancel(*this);
  if (in_.asked_to_stop() && !stopped_before_ && !in_.overdue_) ++in_.of_.counts.cancelled;
  if (--in_.running_ == 0) in_.begin_idling();
}

void running_request::time_is_up(timer_node& timer) noexcept {
  session& in = static_cast<running_request&>(timer).in_;
  if (in.requested()) return;
  in.overdue_ = true;
  ++in.of_.counts.overdue;
  in.request();
}

}  // namespace lull
