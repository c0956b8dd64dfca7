// SPDX-License-Identifier: MIT
#pragma once

// Something that wants an entry of its core's ring: it gets one at once, or waits in order until
// the kernel takes more. So a full submission queue delays and never refuses. Core-local,
// intrusive.
//
// A cancel may come in a moment when the kernel does not find what it names (it is about to try
// again what was not ready), says so, and goes on waiting. So that is repeated, as is a send that
// found no room: after a pause, four times as long each time, up to a bound. Those with the same
// pause share a timer, which nobody who comes postpones.

#include <array>
#include <cstdint>

#include "../base/intrusive_list.hpp"
#include "../base/limits.hpp"
#include "../ring/completion.hpp"
#include "../ring/submission.hpp"
#include "timer_queue.hpp"

namespace lull {

class ring;

namespace detail {

struct core_context;

class submitter_queue;

class submitter : private list_place<submitter_queue> {
 public:
  // Called with the entry, once a request.
  using function = void (*)(submitter&, submission) noexcept;

  submitter() noexcept = default;

  // Completions go to `target`, or nowhere if it is null.
  void request(core_context& on, completion_target* target, function fill) noexcept;
  // Asks for another entry in a while. `times` it was repeated before, as far as the pauses differ.
  void repeat(core_context& on, completion_target* target, function fill,
              std::uint8_t& times) noexcept;
  // Takes back what waits for an entry, or for its time.
  void withdraw() noexcept { unlink(); }
  // The same, and wakes no core for nothing.
  void end_repeat(core_context& on) noexcept;
  bool waiting() const noexcept { return is_linked(); }

 private:
  friend class submitter_queue;
  friend class intrusive_list<submitter, submitter_queue>;

  // Where the queue is full, or others wait already. Not inline: whoever finds room saves no
  // registers for it.
  [[gnu::noinline]] void request_late(core_context& on, completion_target* target,
                                      function fill) noexcept;

  completion_target* target_;  // of one that waits, as is the next
  function fill_;
};

// Those that found no room, oldest first, and those that are repeated.
class submitter_queue {
 public:
  explicit submitter_queue(core_context& home) noexcept : home_(home) {
    for (repeats& one : repeats_) one.among = this;
  }

  // Nobody waits for room.
  bool empty() const noexcept { return waiting_.empty(); }
  // Gives entries as long as there is room.
  void serve(ring& from) noexcept;

 private:
  friend class submitter;

  // Those with the same pause.
  struct repeats : timer_node {
    repeats() noexcept : timer_node(&submitter_queue::repeat_all) {}

    submitter_queue* among = nullptr;
    intrusive_list<submitter, submitter_queue> all;
  };
  static void repeat_all(timer_node& self) noexcept;

  core_context& home_;
  intrusive_list<submitter, submitter_queue> waiting_;
  std::array<repeats, limits::repeat_pauses> repeats_;
};

// Where the kernel says what it made of a cancel. The owner has answered(std::int32_t), and lives
// until then.
template <class Owner>
struct cancel_answer : completion_target {
  explicit cancel_answer(Owner& to) noexcept : completion_target(&cancel_answer::come), owner(to) {}
  static void come(completion_target& self, completion what) noexcept {
    static_cast<cancel_answer&>(self).owner.answered(what.result);
  }

  Owner& owner;
};

}  // namespace detail
}  // namespace lull
