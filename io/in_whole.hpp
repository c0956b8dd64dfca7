// SPDX-License-Identifier: MIT
#pragma once

// Base of the operations that move all of something, in one submission unless the kernel stops
// short: then they are submitted again with what is left. `Base` is the base of one submission.
// Derive with `void advance(std::size_t bytes)`, `bool done() const`, and `static constexpr int
// no_progress`: the error where the kernel has moved nothing, and asking again could go on for
// ever. After a failure an unknown part has been moved.

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "../ring/completion.hpp"
#include "result.hpp"

namespace lull::detail {

template <class Derived, class Base>
class in_whole : public Base {
 public:
  result<void> await_resume() noexcept {
    const std::int32_t last = this->end();
    if (last < 0) return this->failed(-last);
    if (!derived().done()) return this->failed(stopped_short_);
    return {};
  }

 protected:
  template <class State>
  explicit in_whole(State& of) noexcept : Base(of) {
    this->complete = &in_whole::step;
  }

 private:
  static void step(completion_target& self, completion what) noexcept {
    auto& me = static_cast<in_whole&>(self);
    if (what.result > 0) {
      me.derived().advance(static_cast<std::size_t>(what.result));
      if (!me.derived().done()) [[unlikely]]
        return me.go_on(what);
    } else if (what.result == 0) {
      me.stopped_short_ = Derived::no_progress;
    }
    Base::step(self, what);
  }

  // The kernel has stopped short. Not inline: most is moved at once, and saves no registers for it.
  [[gnu::noinline]] void go_on(completion what) noexcept {
    if (this->state().open() && this->again(&Base::fill)) return;
    stopped_short_ = ECANCELED;
    Base::step(*this, what);
  }

  Derived& derived() noexcept { return static_cast<Derived&>(*this); }

  int stopped_short_ = 0;
};

}  // namespace lull::detail
