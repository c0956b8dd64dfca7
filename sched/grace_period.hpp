// SPDX-License-Identifier: MIT
#pragma once

// Waiting for reclamation, on a core. All are core-affine, allocate nothing, and give true, or
// false when a stop was asked for before it came to that. While a task waits its core keeps the
// epoch moving.
//
//   const bool over = co_await grace_period();
//   if (!over) co_return;  // asked to stop
//
//   grace_period()  suspends until a full grace period has passed: whatever was unlinked before is
//                   seen by nobody, but through pins and holds
//   barrier()       suspends until all that this core retired before has been released, held and
//                   sent home included; what deleters retire is not waited for
//   admit(bytes)    so many bytes may be retired in this iteration, under the domain's hard budget.
//                   Where there is room it gives true at once, stop or not; else it suspends, in
//                   the order of asking. More than the budget ends the program
//
// A task that pins must not wait for any of them, for its pin holds up what it waits for: that
// stops the program.

#include <coroutine>
#include <cstddef>

#include "../reclaim/waiter.hpp"
#include "core_context.hpp"
#include "wait_node.hpp"

namespace lull {

namespace detail {

// Stops the program when the task that runs has a pin.
void check_no_pin(const char* what) noexcept;

// What the three have in common: Waiter is reclaim's node, `begin` links it.
template <class Waiter>
class [[nodiscard]] reclamation_awaiter : private Waiter, private suspension {
 public:
  bool await_ready() const noexcept {
    check_no_pin(what_);
    return false;
  }
  bool await_suspend(suspended awaiting) noexcept {
    if (!suspend(awaiting, what_)) return stepped_back();
    begin_(*participant::current(), *this, bytes_);
    return true;
  }
  [[nodiscard]] bool await_resume() const noexcept { return over_; }

 protected:
  using begin = void (*)(participant& here, Waiter& self, std::size_t bytes) noexcept;

  reclamation_awaiter(const char* what, begin how, std::size_t bytes = 0) noexcept
      : Waiter(&reclamation_awaiter::over),
        suspension(&reclamation_awaiter::stopped),
        what_(what),
        begin_(how),
        bytes_(bytes) {}

  std::size_t bytes() const noexcept { return bytes_; }

 private:
  static void over(waiter& self) noexcept {
    auto& me = static_cast<reclamation_awaiter&>(static_cast<Waiter&>(self));
    me.over_ = true;
    me.resume();
  }
  static void stopped(stop_hook& self) noexcept {
    auto& me = static_cast<reclamation_awaiter&>(self);
    me.Waiter::unlink();
    me.resume();
  }

  const char* what_;
  begin begin_;
  std::size_t bytes_;
  bool over_ = false;
};

}  // namespace detail

class [[nodiscard]] grace_period : public detail::reclamation_awaiter<detail::grace_waiter> {
 public:
  grace_period() noexcept
      : reclamation_awaiter("grace_period", [](participant& here, detail::grace_waiter& self,
                                               std::size_t) noexcept { here.await_grace(self); }) {}
};

class [[nodiscard]] barrier : public detail::reclamation_awaiter<detail::barrier_waiter> {
 public:
  barrier() noexcept
      : reclamation_awaiter("barrier", [](participant& here, detail::barrier_waiter& self,
                                          std::size_t) noexcept { here.await_barrier(self); }) {}
};

class [[nodiscard]] admit : public detail::reclamation_awaiter<detail::admission_waiter> {
 public:
  explicit admit(std::size_t bytes) noexcept
      : reclamation_awaiter(
            "admit",
            [](participant& here, detail::admission_waiter& self, std::size_t asked) noexcept {
              here.await_admission(self, asked);
            },
            bytes) {}
  // At once when nothing stands in the way.
  bool await_ready() noexcept {
    detail::check_no_pin("admit");
    admitted_ = participant::current()->try_admit(bytes());
    return admitted_;
  }
  [[nodiscard]] bool await_resume() const noexcept {
    if (admitted_) return true;
    if (!reclamation_awaiter::await_resume()) return false;
    participant::current()->take_up_admission(bytes());
    return true;
  }

 private:
  bool admitted_ = false;
};

}  // namespace lull
