// SPDX-License-Identifier: MIT
#pragma once

// A task that waits on its core, in a queue that a mutex guards, for what tasks of other cores and
// threads that are no core do. It lives in the awaiter. Whoever releases it takes it out of its
// queue and hands over under the lock, and it resumes on its own core, by a message; from then on a
// stop does not reach it, so nothing is lost. A stop takes it out of its queue. Not for users.

#include <mutex>

#include "../base/intrusive_list.hpp"
#include "inbox.hpp"
#include "stop.hpp"
#include "wait_node.hpp"

namespace lull::detail {

class remote_wait : public list_node, private message, protected suspension {
 public:
  // Under the lock, on any thread: it is in no queue any more, and has what it waited for, or never
  // will.
  void release() noexcept;

 protected:
  explicit remote_wait(std::mutex& guard) noexcept
      : message(&remote_wait::arrived), suspension(&remote_wait::stopped), guard_(guard) {}

  // On its core, to begin with; then it looks, under the lock, whether it has to wait, and if so
  // links itself into a queue.
  bool suspend(suspended awaiting, const char* what) noexcept;
  // It has not: what await_suspend gives then.
  bool goes_on() noexcept {
    stop_hook::unlink();
    return false;
  }

 private:
  static void arrived(message& self) noexcept;
  static void stopped(stop_hook& self) noexcept;

  std::mutex& guard_;
  core* waits_on_ = nullptr;
  bool by_outsider_ = false;  // released by a thread that is none of the cores that mine knows
};

}  // namespace lull::detail
