// SPDX-License-Identifier: MIT
#include "listener_state.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <utility>

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "failure.hpp"

namespace lull::detail {
namespace {

enum class verdict : std::uint8_t { go_on, pause, end };

// What a failed accept means for the listener.
verdict judge(int code) noexcept {
  switch (code) {
    case EMFILE:  // no descriptor or memory: some may come free
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return verdict::pause;
    case EBADF:  // the socket itself is wrong: it will not get better
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
    case EFAULT:
      return verdict::end;
    default:  // one connection failed before it was taken
      return verdict::go_on;
  }
}

}  // namespace

listener_state::listener_state(io_core& on, int descriptor, const peer_name& local,
                               accept_balance* balance) noexcept
    : socket_state(on, descriptor),
      completion_target(&listener_state::accepted),
      timer_node(&listener_state::pause_over),
      local_(local),
      balance_(balance) {
  if (balance != nullptr) balance->join(*this);
}

listener_state::~listener_state() = default;

void listener_state::wait(suspension& waiter) noexcept {
  LULL_ASSERT(waiter_ == nullptr,
              "a listener is accepted from by two coroutines at a time; let one accept and spawn a "
              "task for each connection");
  waiter_ = &waiter;
  accepts_ = true;
  if (balance_ != nullptr) balance_->takes(true);
  if (accepting_ == accepting::idle) begin();
}

void listener_state::stop_waiting() noexcept {
  waiter_ = nullptr;
  if (balance_ != nullptr) balance_->takes(false);
}

void listener_state::wake() noexcept {
  woken_ = true;
  suspension& waiter = *waiter_;
  stop_waiting();
  waiter.resume();
}

int listener_state::take() noexcept {
  woken_ = false;
  if (next_ == untaken_.size()) return -1;
  const int connection = untaken_[next_++];
  if (next_ == untaken_.size() || next_ >= limits::untaken_connections) {
    untaken_.erase(untaken_.begin(), untaken_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }
  return connection;
}

void listener_state::begin() noexcept {
  accepting_ = accepting::armed;
  enter();
  request(home(), this, &listener_state::fill_accept);
}

void listener_state::fill_accept(submitter& self, submission entry) noexcept {
  auto& me = static_cast<listener_state&>(self);
  if (me.home().ring->has().multishot_accept) {
    entry.accept_multishot(me.descriptor());
  } else {
    entry.accept(me.descriptor());
  }
}

void listener_state::accepted(completion_target& self, completion what) noexcept {
  auto& me = static_cast<listener_state&>(self);
  if (what.result >= 0) {
    me.failures_ = 0;
    me.pause_ = limits::accept_pause_first;
    me.arrived(what.result);
  }
  if (!what.more()) {
    me.over(what.result);
  } else if (me.waiter_ != nullptr && me.has_news()) {
    me.wake();
  }
}

// Where nobody takes them, the oldest goes first.
void listener_state::arrived(int connection) noexcept {
  if (balance_ == nullptr) return add(connection);
  if (is_taken() || !open()) {
    if (balance_->give_away(connection)) return;
    add(connection);
    if (untaken_.size() - next_ > 1) look_later();  // who takes one may take no more
    return;
  }
  balance_->count_in();
  add(connection);
  pass_on();
}

// A connection that came while the listener closes is closed as well: nobody will take it.
void listener_state::add(int connection) noexcept {
  if (!open()) return drop(connection);
  try {
    untaken_.push_back(connection);
  } catch (const std::bad_alloc&) {
    return drop(connection);
  }
  // One that the kernel has not heard of yet brings none.
  const bool brings_more = accepting_ == accepting::armed && !waiting();
  if (untaken_.size() - next_ > limits::untaken_connections && brings_more) {
    accepting_ = accepting::stopping;
    end_what_runs();
  }
}

void listener_state::take_over(int connection) noexcept {
  add(connection);
  if (waiter_ == nullptr) return look_later();
  if (has_news()) {
    wake();
  } else {  // there was no memory for it
    balance_->takes(true);
  }
}

void listener_state::pass_on() noexcept {
  while (!is_taken() && next_ != untaken_.size() && balance_->pass_on(untaken_[next_])) take();
  if (next_ != untaken_.size()) return look_later();
  // Nobody waits here, and accepting has ended: others wait in the kernel, perhaps.
  if (accepting_ != accepting::idle || !accepts_ || error_ != 0) return;
  if (is_taken() || !balance_->others_take()) return look_later();
  begin();
}

void listener_state::look_later() noexcept {
  if (balance_ == nullptr || look_again_.armed || !open()) return;
  home().timers.arm(look_again_, home().now + limits::untaken_look);
}

void listener_state::drop(int connection) noexcept {
  close_unused(home(), connection);
  if (balance_share* const counted = counted_in()) counted->count_out();
}

// The last completion of an accept.
void listener_state::over(std::int32_t result) noexcept {
  accepting_ = accepting::idle;
  if (open()) {
    what_ran_has_ended();
    if (result < 0 && result != -ECANCELED) {
      const verdict what_now = judge(-result);
      if (what_now == verdict::end) {
        error_ = -result;
      } else if (what_now == verdict::pause || ++failures_ >= limits::accept_failures) {
        tell(-result);
        pause();
      }
    }
    if (waiter_ != nullptr) {
      if (has_news()) {
        wake();
      } else if (accepting_ == accepting::idle) {
        begin();
      }
    } else {
      look_later();
    }
  }
  leave();
}

// Once. It may be memory that is short, and then there is none for the sentence either.
void listener_state::tell(int code) noexcept {
  if (told_) return;
  try {
    std::fprintf(stderr, "lull: %s; accepting goes on when it can\n",
                 failure(code, "accept on", local_).message().c_str());
    told_ = true;
  } catch (const std::bad_alloc&) {}
}

void listener_state::pause() noexcept {
  ++io().statistics.accept_pauses;
  accepting_ = accepting::pausing;
  home().timers.arm(*this, home().now + pause_);
  pause_ = std::min<nanoseconds>(2 * pause_, limits::accept_pause_longest);
}

void listener_state::pause_over(timer_node& timer) noexcept {
  auto& me = static_cast<listener_state&>(timer);
  me.accepting_ = accepting::idle;
  if (me.waiter_ != nullptr) {
    me.begin();
  } else {
    me.look_later();
  }
}

void listener_state::let_go() noexcept {
  home().timers.cancel(*this);
  home().timers.cancel(look_again_);
  if (waiting() && accepting_ == accepting::armed) {
    withdraw();  // the kernel never heard of the accept
    accepting_ = accepting::idle;
    leave();
  }
  for (int connection; (connection = take()) >= 0;) drop(connection);
  if (balance_ != nullptr) balance_->leave();
  if (waiter_ != nullptr) wake();
}

}  // namespace lull::detail
