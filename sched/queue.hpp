// SPDX-License-Identifier: MIT
#pragma once

// An unbounded first-in first-out of values between tasks of one core: pushing never waits.
// Core-affine: used on one core. Popping what is there suspends nobody; else the task waits in
// order, and is handed its value. Allocates only to grow, doubling, and keeps its memory. What has
// no bound can take all memory: where whoever produces can wait, a channel is better.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "circular_buffer.hpp"
#include "wait_node.hpp"

namespace lull {

template <class T>
class queue {
 public:
  using value_type = T;

  queue() noexcept : values_(0) {}
  queue(const queue&) = delete;
  queue& operator=(const queue&) = delete;
  ~queue() {
    LULL_ASSERT(waiting_.empty(),
                "a queue was destroyed while tasks wait for it; join their scope first");
  }

  class [[nodiscard]] pop_awaiter : private detail::wait_node {
   public:
    explicit pop_awaiter(queue& from) noexcept : queue_(from) {}
    bool await_ready() noexcept {
      value_ = queue_.try_pop();
      return value_.has_value();
    }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "queue::pop")) return stepped_back();
      queue_.waiting_.push_back(*this);
      return true;
    }
    std::optional<T> await_resume() noexcept { return std::move(value_); }

   private:
    friend class queue;
    friend class detail::intrusive_list<pop_awaiter>;

    queue& queue_;
    std::optional<T> value_;
  };

  // Throws std::bad_alloc with nothing changed, `value` neither. If somebody waits, the oldest is
  // handed the value and resumes in its turn of the run queue.
  void push(const T& value) { push(T(value)); }
  void push(T&& value) {
    if (!waiting_.empty()) {
      pop_awaiter& first = waiting_.pop_front();
      first.value_.emplace(std::move(value));
      first.resume();
      return;
    }
    if (values_.full()) values_.grow(std::max(smallest, values_.capacity() * 2));
    values_.push(std::move(value));
  }

  // co_await: the oldest value; nothing if a stop was asked for before there was one. A value that
  // is there is popped, stop or not.
  pop_awaiter pop() noexcept { return pop_awaiter(*this); }
  // Nothing if there is none.
  std::optional<T> try_pop() noexcept {
    std::optional<T> value;
    if (!values_.empty()) value.emplace(values_.pop());
    return value;
  }

  std::size_t size() const noexcept { return values_.size(); }
  bool empty() const noexcept { return values_.empty(); }

 private:
  static constexpr std::size_t smallest = 16;

  // Nobody waits where there is a value.
  detail::circular_buffer<T> values_;
  detail::intrusive_list<pop_awaiter> waiting_;
};

}  // namespace lull
