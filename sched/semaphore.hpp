// SPDX-License-Identifier: MIT
#pragma once

// So many tokens, shared by the tasks of one core: a limit on what runs at a time, or on bytes in
// flight. Core-affine: used on one core. Taking tokens that are there suspends nobody and costs a
// few loads and stores; else the task waits in order, and tokens that come back are kept for the
// oldest, also when it asks for many and others for few. Tokens belong to nobody: whoever has them
// gives them back.

#include <cstddef>
#include <limits>

#include "wait_node.hpp"

namespace lull {

class semaphore {
 public:
  explicit semaphore(std::size_t tokens) noexcept : available_(tokens) {}
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;
  ~semaphore() {
    LULL_ASSERT(waiting_.empty(),
                "a semaphore was destroyed while tasks wait for it; join their scope first");
  }

  class [[nodiscard]] acquire_awaiter : private detail::wait_node {
   public:
    acquire_awaiter(semaphore& from, std::size_t tokens) noexcept
        : wait_node(&acquire_awaiter::stopped), semaphore_(from), tokens_(tokens) {}
    bool await_ready() noexcept { return granted_ = semaphore_.try_acquire(tokens_); }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "semaphore::acquire")) return stepped_back();
      semaphore_.waiting_.push_back(*this);
      return true;
    }
    [[nodiscard]] bool await_resume() const noexcept { return granted_; }

   private:
    friend class semaphore;
    friend class detail::intrusive_list<acquire_awaiter>;

    // Those behind it may ask for less.
    static void stopped(stop_hook& hook) noexcept {
      leave(hook);
      static_cast<acquire_awaiter&>(hook).semaphore_.serve();
    }

    semaphore& semaphore_;
    std::size_t tokens_;
  };

  // co_await: true, with the tokens taken; false, with none, if a stop was asked for before it was
  // our turn. Tokens that are there are taken, stop or not.
  acquire_awaiter acquire(std::size_t tokens = 1) noexcept {
    return acquire_awaiter(*this, tokens);
  }
  // False, with none taken, if they are not there or somebody waits.
  [[nodiscard]] bool try_acquire(std::size_t tokens = 1) noexcept {
    if (tokens > available_ || !waiting_.empty()) return false;
    available_ -= tokens;
    return true;
  }
  // Whoever is served by it resumes in its turn of the run queue.
  void release(std::size_t tokens = 1) noexcept {
    LULL_ASSERT(tokens <= std::numeric_limits<std::size_t>::max() - available_,
                "a semaphore with %zu tokens was given %zu more than can be counted; release what "
                "was acquired",
                available_, tokens);
    available_ += tokens;
    serve();
  }
  // Tokens that are there.
  std::size_t available() const noexcept { return available_; }

 private:
  void serve() noexcept {
    while (!waiting_.empty() && waiting_.front().tokens_ <= available_) {
      available_ -= waiting_.front().tokens_;
      waiting_.pop_front().grant();
    }
  }

  detail::intrusive_list<acquire_awaiter> waiting_;
  std::size_t available_;
};

}  // namespace lull
