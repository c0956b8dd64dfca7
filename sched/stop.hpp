// SPDX-License-Identifier: MIT
#pragma once

// A request to stop, and who wants to hear of it. One stop_state belongs to a scope; every task in
// the scope, and every task that those await, carries a pointer to it. Whatever such a task awaits
// links a stop_hook while it waits. Core-local; no atomics. Asking is idempotent: hooks are called
// once, in the order in which they were linked, inside request(); they queue, and resume nothing.
// Those of a request below another are told in the place of its link, by the request() above, which
// takes them into its own list: so however deep they are nested, it takes no stack. Nobody links to
// a state that has been asked.

#include <cstddef>

#include "../base/assert.hpp"
#include "../base/intrusive_list.hpp"

namespace lull::detail {

class stop_hook;

class stop_state {
 public:
  stop_state() noexcept = default;
  ~stop_state() {
    LULL_ASSERT(hooks_.empty(),
                "a scope went away while something in it was still waiting; join it first");
  }

  bool requested() const noexcept { return requested_; }
  void request() noexcept;

 private:
  friend class stop_hook;

  intrusive_list<stop_hook, stop_state> hooks_;
  bool requested_ = false;
};

class stop_hook : private list_place<stop_state> {
 public:
  using function = void (*)(stop_hook&) noexcept;

  explicit stop_hook(function on_stop) noexcept : on_stop_(on_stop) {}
  explicit stop_hook(std::nullptr_t) = delete;

  // Null: nobody will ever ask.
  void link(stop_state* state) noexcept {
    if (state != nullptr) state->hooks_.push_back(*this);
  }
  using list_place<stop_state>::unlink;

 protected:
  // For stop_link alone, which is told by it.
  struct passes_on {};
  explicit stop_hook(passes_on) noexcept : on_stop_(nullptr) {}

 private:
  friend class stop_state;
  friend class intrusive_list<stop_hook, stop_state>;

  function on_stop_;  // null: a stop_link
};

// A hook that passes a request on to another state.
class stop_link : public stop_hook {
 public:
  explicit stop_link(stop_state& below) noexcept : stop_hook(passes_on()), below_(below) {}

 private:
  friend class stop_state;

  stop_state& below_;
};

// A request of its own below another: one made of the other is passed on, not the reverse. For what
// a coroutine starts and may stop by itself.
class stop_below : public stop_state, private stop_link {
 public:
  stop_below() noexcept : stop_link(static_cast<stop_state&>(*this)) {}

  // Null: nothing is above.
  void begin(stop_state* above) noexcept {
    if (above != nullptr && above->requested()) {
      request();
    } else {
      link(above);
    }
  }
  // What was started below has ended.
  void end() noexcept { unlink(); }
};

}  // namespace lull::detail
