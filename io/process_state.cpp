// SPDX-License-Identifier: MIT
#include "process_state.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "../base/assert.hpp"
#include "../ring/ring.hpp"

namespace lull::detail {

process_state::process_state(io_core& on, const path_text& program) noexcept
    : completion_target(&process_state::heard),
      io_(on),
      program_(program),
      by_poll_(!on.home.ring->has().wait_for_child) {
  ++io_.statistics.processes;
}

process_state::~process_state() { --io_.statistics.processes; }

void process_state::check_core(const char* operation) const noexcept {
  LULL_ASSERT(io_.home.is_current(),
              "%s was called on a process of core %u from elsewhere; a process is used and dropped "
              "on the core that started it: go there with run_on",
              operation, io_.home.index);
}

void process_state::begin() noexcept {
  phase_ = phase::running;
  arm();
}

void process_state::arm() noexcept {
  request(io_.home, this, by_poll_ ? &process_state::fill_poll : &process_state::fill_wait);
}

void process_state::fill_wait(submitter& self, submission entry) noexcept {
  auto& me = static_cast<process_state&>(self);
  entry.wait_for_child(me.process_.get(), &me.how_);
}

void process_state::fill_poll(submitter& self, submission entry) noexcept {
  entry.poll(static_cast<process_state&>(self).process_.get(), POLLIN);
}

void process_state::heard(completion_target& self, completion what) noexcept {
  auto& me = static_cast<process_state&>(self);
  if (me.by_poll_ && what.result >= 0) {
    me.look();
  } else if (me.by_poll_) {
    me.finish(-what.result);
  } else if (what.result == 0) {
    me.finish(0);
  } else {
    // No memory for it just now, say: the other way needs none.
    me.by_poll_ = true;
    me.arm();
  }
}

// The pidfd says that it has ended.
void process_state::look() noexcept {
  const auto which = static_cast<id_t>(process_.get());
  how_ = {};
  if (::waitid(P_PIDFD, which, &how_, WEXITED | WNOHANG) != 0) {
    finish(errno);
  } else if (how_.si_pid == 0) {
    arm();
  } else {
    finish(0);
  }
}

void process_state::finish(int error) noexcept {
  phase_ = phase::ended;
  error_ = error;
  // Nothing waits for it any more, so it must not be left running either. A killed one is gone at
  // once.
  if (error != 0 && error != ECHILD) {
    const auto which = static_cast<id_t>(process_.get());
    ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
    while (::waitid(P_PIDFD, which, nullptr, WEXITED) != 0 && errno == EINTR) {}
  }
  process_.reset();
  grant_all(waiting_);
  if (abandoned_) {
    --io_.home.background;
    delete this;
  }
}

result<exit_status> process_state::status(const char* operation) const noexcept {
  if (error_ != 0) return failure(error_, operation, program_, failure::thing::process);
  exit_status status;
  (how_.si_code == CLD_EXITED ? status.code : status.signal) = how_.si_status;
  return status;
}

int process_state::send(int signal) const noexcept {
  if (phase_ != phase::running) return ESRCH;
  return ::syscall(SYS_pidfd_send_signal, process_.get(), signal, nullptr, 0) == 0 ? 0 : errno;
}

void process_state::drop() noexcept {
  check_core("dropping it");
  LULL_ASSERT(waiters_ == 0,
              "a process was dropped while somebody waited for its end; let that end before");
  if (phase_ == phase::none && process_) begin();  // started for somebody who was stopped
  if (phase_ != phase::running) {
    delete this;
    return;
  }
  abandoned_ = true;
  ++io_.home.background;
  send(SIGKILL);
}

}  // namespace lull::detail
