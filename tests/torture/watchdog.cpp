// SPDX-License-Identifier: MIT
#include "watchdog.hpp"

#include <cstdio>
#include <cstdlib>

namespace torture {
namespace {

// Sanitizers and a processor quota make the end of a round slow, but not that slow.
constexpr std::chrono::seconds patience{60};

}  // namespace

watchdog::watchdog(const world& on, const cast& actors, std::chrono::milliseconds length)
    : on_(on), actors_(actors), thread_([this, length] { watch(length + patience); }) {}

watchdog::~watchdog() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void watchdog::watch(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, limit, [this] { return over_; })) return;
  std::fprintf(stderr, "FAULT: a round does not end; %llu grace periods were counted in it\n",
               static_cast<unsigned long long>(on_.graces.load()));
  for (const actor& one : actors_) {
    std::fprintf(stderr, "  %s %u: %s\n", one.role, one.number, one.doing.load());
  }
  std::fflush(nullptr);
  std::_Exit(1);
}

}  // namespace torture
