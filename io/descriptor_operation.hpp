// SPDX-License-Identifier: MIT
#pragma once

// Base of the operations that one submission on an open descriptor does: refuses one that is
// closed, and keeps the descriptor from being closed until the operation has been resumed. Derive
// as from operation<Derived>, and end await_resume with end(). `State` is a descriptor_state.

#include <cerrno>
#include <coroutine>
#include <cstdint>

#include "../sched/operation.hpp"
#include "io_core.hpp"

namespace lull::detail {

template <class Derived, class State>
class descriptor_operation : public operation<Derived> {
 public:
  bool await_suspend(suspended awaiting) noexcept {
    state_.check_core(Derived::name);
    if (!state_.open()) return false;
    state_.begin_operation();
    entered_ = true;
    others_.begin(state_.io());
    return operation<Derived>::await_suspend(awaiting);
  }

  // Whether the kernel said that nothing was done, and for no reason of ours: then it is begun
  // again. Another who has the same open file, which was passed on or duplicated, has closed it:
  // what is in flight is cancelled by what it has open.
  static constexpr bool in_vain(std::int32_t result) noexcept { return result == -ECANCELED; }

 protected:
  explicit descriptor_operation(State& state) noexcept : state_(state) {
    this->complete = &descriptor_operation::step;
  }

  static void step(completion_target& self, completion what) noexcept {
    auto& me = static_cast<descriptor_operation&>(self);
    const bool has_cause = what.result != -ECANCELED || me.others_.have_cancelled(me.state_.io());
    const bool once_more = Derived::in_vain(what.result) && has_cause && me.state_.open();
    if (!once_more || !me.again(&operation<Derived>::fill)) operation_base::completed(self, what);
  }

  State& state() const noexcept { return state_; }
  // What the kernel said; the descriptor is not used any more.
  std::int32_t end() noexcept {
    if (!entered_) return -EBADF;
    // Closing cancels by descriptor, which the operation has not heard of.
    const bool closed = !state_.open() && operation_base::ended_by_another(this->answer());
    state_.end_operation();
    return closed ? -ECANCELED : this->answer();
  }

 private:
  State& state_;
  cancels_of_others others_;
  bool entered_ = false;
};

}  // namespace lull::detail
