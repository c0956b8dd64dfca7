// SPDX-License-Identifier: MIT
#pragma once

// Reading shared tables on a thread that is offline otherwise: as long as a section lives, its
// thread is online, so what it finds there stays, and it may retire. For threads of the offload
// pool, and for others that joined the domain with a participant of their own and are offline while
// they do something else. Any number in each other; the outermost counts. On a core, which is
// online while coroutines run, it does nothing.
//
//   co_await offload([&users, name] {
//     online_section reading;
//     const auto user = users.find(name);  // `users` outlives the pool
//     return user ? user->age : -1;
//   });
//
// Costs a store and a full fence at both ends. Its end is a quiescent state: what is due is
// released there, and no reference found in it may be used after it. Keep it short, and do not
// block in it: whoever is online and stands still holds up the memory of all.

#include "../base/assert.hpp"
#include "../reclaim/participant.hpp"

namespace lull {

class online_section {
 public:
  online_section() noexcept : self_(participant::current()) {
    LULL_ASSERT(self_ != nullptr,
                "an online_section was opened on a thread without a participant: make a "
                "lull::participant of the domain on this thread first");
    if (self_->is_online()) {
      self_ = nullptr;
    } else {
      self_->online();
    }
  }
  ~online_section() {
    if (self_ != nullptr) end(*self_);
  }
  online_section(const online_section&) = delete;
  online_section& operator=(const online_section&) = delete;

  // Releases what is due and goes offline.
  static void end(participant& self) noexcept {
    // Not at once where somebody has left something behind, which is this thread's then.
    do self.drive();
    while (!self.offline());
  }

 private:
  participant* self_;  // null: it was online before
};

}  // namespace lull
