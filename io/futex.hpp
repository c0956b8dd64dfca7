// SPDX-License-Identifier: MIT
#pragma once

// Waiting until a word of memory is woken, and waking: with other processes that share the memory,
// and with threads and libraries that know of futexes and not of lull. Within a core use event,
// between cores shared_channel: they are cheaper, and need no loop. Any core; suspends; ends when
// its scope is asked to stop; one submission, and no allocation but for a core's first operation.
//
//   while (ready.load() == 0) {
//     auto woken = co_await futex_wait(ready, 0);
//     if (!woken) co_return woken.why();
//   }
//
// The word stays in place while it is awaited. A wake is for whoever waits then, so the word is
// changed before the wake, and looked at after it. A wake that races with a stop is either given to
// who was stopped, as a success, or wakes another; what futex_wake counts is what was woken.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>

#include "../sched/operation.hpp"
#include "io_core.hpp"
#include "result.hpp"

namespace lull {

// Who may wake, and be woken: this process, or all that have the memory mapped. Both ends say the
// same (FUTEX_PRIVATE_FLAG is that of `process`).
enum class futex_among { process, processes };

namespace detail {

template <class Derived>
class futex_operation : public operation<Derived> {
 public:
  // Throws std::bad_alloc with nothing begun.
  bool await_suspend(suspended awaiting);

 protected:
  futex_operation(const std::atomic<std::uint32_t>& word, std::uint32_t number,
                  futex_among who) noexcept
      : word_(reinterpret_cast<const std::uint32_t*>(&word)), number_(number), who_(who) {}

  const std::uint32_t* word() const noexcept { return word_; }
  std::uint32_t number() const noexcept { return number_; }
  bool shared() const noexcept { return who_ == futex_among::processes; }
  // What the kernel said.
  std::int32_t end() const noexcept { return by_ring_ ? this->answer() : without_ring_; }
  failure failed(int code) const noexcept {
    return failure(code, Derived::name, failure::thing::futex);
  }

 private:
  const std::uint32_t* word_;
  std::uint32_t number_;
  futex_among who_;
  bool by_ring_ = true;
  std::int32_t without_ring_ = 0;
};

class [[nodiscard]] wait_for_futex : public futex_operation<wait_for_futex> {
 public:
  static constexpr const char* name = "futex_wait";

  wait_for_futex(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                 futex_among who) noexcept
      : futex_operation(word, expected, who) {}

  void prepare(submission entry) noexcept { entry.futex_wait(word(), number(), shared()); }
  // What there is to do without the operation: nothing.
  std::int32_t do_without() const noexcept;
  result<bool> await_resume() const noexcept;
};

class [[nodiscard]] wake_futex : public futex_operation<wake_futex> {
 public:
  static constexpr const char* name = "futex_wake";
  // The kernel counts with a sign.
  static constexpr std::uint32_t most = std::numeric_limits<std::int32_t>::max();

  wake_futex(const std::atomic<std::uint32_t>& word, std::uint32_t waiters,
             futex_among who) noexcept
      : futex_operation(word, std::min(waiters, most), who) {}

  void prepare(submission entry) noexcept { entry.futex_wake(word(), number(), shared()); }
  // The system call, which does not block.
  std::int32_t do_without() const noexcept;
  result<std::uint32_t> await_resume() const noexcept;
};

extern template class futex_operation<wait_for_futex>;
extern template class futex_operation<wake_futex>;

}  // namespace detail

// co_await: gives true once it was woken, which may be for no reason that the word tells; false at
// once if the word is not `expected`. EOPNOTSUPP (operation_not_supported) on kernels before 6.7:
// there it takes a thread, which the program knows better how to spend: one that waits and tells
// the core by an event_descriptor.
inline detail::wait_for_futex futex_wait(const std::atomic<std::uint32_t>& word,
                                         std::uint32_t expected,
                                         futex_among who = futex_among::process) noexcept {
  return detail::wait_for_futex(word, expected, who);
}
// co_await: wakes so many of those who wait, oldest first; gives how many there were.
inline detail::wake_futex futex_wake(const std::atomic<std::uint32_t>& word,
                                     std::uint32_t waiters = 1,
                                     futex_among who = futex_among::process) noexcept {
  return detail::wake_futex(word, waiters, who);
}

}  // namespace lull
