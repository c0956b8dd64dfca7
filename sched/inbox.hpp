// SPDX-License-Identifier: MIT
#pragma once

// Messages to a core from other cores and threads, and the flag that says whether it sleeps.
// Senders push without locks; the core takes everything at once, in the order in which it was
// pushed. A push is one compare-and-swap for any number of messages, and one full fence. The sender
// whose push finds the core asleep wakes it, and it alone: push returns true.
//
// | variable | written by            | read by | pairings                                        |
// |----------|-----------------------|---------|-------------------------------------------------|
// | newest_  | senders, and the core | both    | inbox: what a message holds is seen by the core |
// | asleep_  | the core; a waker     | senders | sleep: fence against fence, no lost wake-up     |
//
// was_called() reads both from any thread, and what it says is checked again later.

#include "../base/atomics.hpp"
#include "../base/cache_line.hpp"

namespace lull::detail {

// Something to be done on another core. Lives until its function is called there.
struct message {
  using function = void (*)(message&) noexcept;

  explicit message(function f) noexcept : deliver(f) {}

  function deliver;
  message* next = nullptr;  // the one pushed before it
};

// Messages gathered on the sender's side, newest first; pushed together.
struct message_chain {
  message* newest = nullptr;
  message* oldest = nullptr;

  bool empty() const noexcept { return newest == nullptr; }
  void add(message& one) noexcept {
    one.next = newest;
    newest = &one;
    if (oldest == nullptr) oldest = &one;
  }
};

class inbox {
 public:
  // Any thread. True: the receiver sleeps, and the caller has to wake it.
  bool push(const message_chain& chain) noexcept {
    leave(chain);
    // order(sleep): the push, then the look at the flag; pairs with the fence between the flag and
    // the look at the inbox in the receiver. Without either both may miss each other.
    full_fence();
    return asleep_.load(relaxed) && asleep_.exchange(false, relaxed);
  }

  // Any thread: for what can wait until the receiver is awake.
  void leave(const message_chain& chain) noexcept {
    message* seen = newest_.load(relaxed);
    do {
      chain.oldest->next = seen;
      // order(inbox): release, pairs with the acquire in take. Without it the receiver may run a
      // message that it does not see filled in.
    } while (!newest_.compare_exchange_weak(seen, chain.newest, release, relaxed));
  }

  // The receiver, before it blocks: from here on senders wake it. Followed by a full fence of the
  // caller's (going offline has one), and by a look at empty().
  void fall_asleep() noexcept { asleep_.store(true, relaxed); }
  void wake_up() noexcept { asleep_.store(false, relaxed); }

  // The receiver.
  bool empty() const noexcept { return newest_.load(relaxed) == nullptr; }

  // Any thread: it does not sleep, or was woken, and something is there for it.
  bool was_called() const noexcept {
    return newest_.load(relaxed) != nullptr && !asleep_.load(relaxed);
  }

  // The receiver: everything that was pushed, oldest first, linked by `next`.
  message* take() noexcept {
    // order(inbox): acquire, pairs with the release in push.
    message* from = newest_.exchange(nullptr, acquire);
    message* oldest = nullptr;
    while (from != nullptr) {
      message* const before = from->next;
      from->next = oldest;
      oldest = from;
      from = before;
    }
    return oldest;
  }

 private:
  alignas(cache_line) atomic<message*> newest_{nullptr};
  alignas(cache_line) atomic<bool> asleep_{false};
};

}  // namespace lull::detail
