// SPDX-License-Identifier: MIT
#include "signal_reader.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace lull::detail {
namespace {

sigset_t stopping_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

signal_reader::signal_reader(core_context& on, function call, void* state)
    : completion_target(&signal_reader::arrived), home_(on), call_(call), state_(state) {
  const sigset_t set = stopping_signals();
  descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  if (descriptor_ < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "no descriptor to read signals from; raise the limit with 'ulimit -n'");
  }
  ++home_.background;
  arm();
}

signal_reader::~signal_reader() { ::close(descriptor_); }

void signal_reader::arm() noexcept { request(home_, this, &signal_reader::fill); }

void signal_reader::close() noexcept {
  closing_ = true;
  if (waiting()) {
    withdraw();
    --home_.background;
  } else {
    request(home_, nullptr, &signal_reader::fill_cancel);
  }
}

void signal_reader::fill(submitter& self, submission entry) noexcept {
  auto& me = static_cast<signal_reader&>(self);
  entry.read(me.descriptor_, &me.what_, sizeof(me.what_));
}

void signal_reader::fill_cancel(submitter& self, submission entry) noexcept {
  entry.cancel(static_cast<signal_reader&>(self));
}

void signal_reader::arrived(completion_target& self, completion what) noexcept {
  auto& me = static_cast<signal_reader&>(self);
  if (what.result == static_cast<int>(sizeof(me.what_))) {
    me.call_(me.state_, static_cast<int>(me.what_.ssi_signo));
  }
  if (me.closing_) {
    me.withdraw();
    --me.home_.background;
  } else {
    me.arm();
  }
}

blocked_signals::blocked_signals(bool block) noexcept : blocked_(block) {
  if (!block) return;
  const sigset_t set = stopping_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, &before_);
}

blocked_signals::~blocked_signals() {
  if (blocked_) ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace lull::detail
