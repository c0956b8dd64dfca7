// SPDX-License-Identifier: MIT
#include "accept_balance.hpp"

#include <new>

#include "../base/assert.hpp"
#include "../sched/core.hpp"
#include "limits.hpp"
#include "listener_state.hpp"

namespace lull {

using detail::balance_share;
using detail::relaxed;

struct accept_balance::handed_over : detail::message {
  handed_over(accept_balance& b, int c) noexcept
      : message(&handed_over::delivered), balance(b), connection(c) {}

  static void delivered(message& self) noexcept {
    auto& me = static_cast<handed_over&>(self);
    accept_balance& to = me.balance;
    const int came = me.connection;
    delete &me;
    to.arrived(came);
  }
  static void* operator new(std::size_t bytes) { return detail::allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    detail::deallocate_frame(memory, bytes);
  }

  accept_balance& balance;
  int connection;
};

accept_balance::~accept_balance() {
  for (unsigned i = 0; i < cores_; ++i) {
    const unsigned left = shares_[i].connections.load(relaxed);
    LULL_ASSERT(left == 0 && shares_[i].listener == nullptr,
                "an accept_balance was destroyed with %u connections on core %u, or its listener; "
                "make it before the runtime, and destroy it after",
                left, i);
  }
}

void accept_balance::make_shares() {
  std::call_once(made_, [this] {
    const unsigned cores = core_count();
    shares_ = std::make_unique<balance_share[]>(cores);
    cores_ = cores;
  });
}

balance_share& accept_balance::share_here() noexcept {
  const unsigned here = this_core();
  LULL_ASSERT(here < cores_,
              "core %u uses an accept_balance that was made for %u cores; make one a runtime", here,
              cores_);
  return shares_[here];
}

std::vector<unsigned> accept_balance::connections() {
  make_shares();
  std::vector<unsigned> all(cores_);
  for (unsigned i = 0; i < cores_; ++i) all[i] = shares_[i].connections.load(relaxed);
  return all;
}

void accept_balance::join(detail::listener_state& listener) noexcept {
  balance_share& here = share_here();
  LULL_ASSERT(here.listener == nullptr,
              "two listeners of core %u have the same accept_balance; make one for each address",
              this_core());
  here.listener = &listener;
  here.is_listening.store(true, relaxed);
}

void accept_balance::leave() noexcept {
  balance_share& here = share_here();
  here.is_listening.store(false, relaxed);
  here.takes.store(false, relaxed);
  here.listener = nullptr;
}

balance_share* accept_balance::least_loaded(bool that_takes) noexcept {
  balance_share* least = nullptr;
  unsigned fewest = 0;
  // From the next core on, so that not all give to the first of equals.
  for (unsigned i = 0, at = this_core(); i < cores_; ++i) {
    at = at + 1 == cores_ ? 0 : at + 1;
    balance_share& one = shares_[at];
    if (!one.is_listening.load(relaxed)) continue;
    if (that_takes && !one.takes.load(relaxed)) continue;
    const unsigned has = one.connections.load(relaxed);
    if (least != nullptr && has >= fewest) continue;
    least = &one;
    fewest = has;
  }
  return least;
}

bool accept_balance::give_away(int connection) noexcept {
  balance_share& here = share_here();
  const unsigned now = here.count_in();
  if (here.until_look != 0 && now <= here.share) {
    --here.until_look;
    return false;
  }
  balance_share* const least = least_loaded();
  if (least == nullptr || least == &here) return false;
  const unsigned fewest = least->connections.load(relaxed);
  here.share = fewest + limits::balance_slack + fewest / limits::balance_share;
  here.until_look = limits::balance_slack - 1;
  if (now <= here.share || !hand_over(*least, connection)) return false;
  here.count_out();
  return true;
}

// Who waits gets one, and says so again when it waits for another.
bool accept_balance::pass_on(int connection) noexcept {
  balance_share& here = share_here();
  balance_share* to = least_loaded(true);
  const bool waits = to != nullptr && to != &here && to->takes.exchange(false, relaxed);
  if (!waits) {
    to = least_loaded();
    if (to == nullptr || to == &here) return false;
    if (here.connections.load(relaxed) <= to->connections.load(relaxed) + 1) return false;
  }
  if (!hand_over(*to, connection)) {
    if (waits) to->takes.store(true, relaxed);
    return false;
  }
  here.count_out();
  return true;
}

bool accept_balance::hand_over(balance_share& to, int connection) noexcept {
  core& here = core::current();
  try {
    auto* const message = new handed_over(*this, connection);
    to.count_in();
    here.send(here.peer(static_cast<unsigned>(&to - shares_.get())), *message);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

// Its listener may have closed meanwhile: then who still listens has it, or nobody.
void accept_balance::arrived(int connection) noexcept {
  balance_share& here = share_here();
  if (here.listener != nullptr) {
    here.listener->take_over(connection);
    return;
  }
  here.count_out();
  balance_share* const other = least_loaded();
  if (other == nullptr || !hand_over(*other, connection)) {
    detail::close_unused(core::current(), connection);
  }
}

}  // namespace lull
